"""The map coloured by the exposure of a stress test: the darker, the more profit an outage loses."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.network.grouping import Grouping
from esc_sim.views.page.exposure import Exposures
from esc_sim.views.page.states import NORMAL
from esc_sim.views.palette import LIGHT_GREY

UNTESTED: Final = LIGHT_GREY
_CLASSES: Final = (
    (0.0, "#FFFFFF", "no loss"),
    (0.05, "#FFF3C4", "up to 0.05"),
    (0.2, "#FEC44F", "up to 0.2"),
    (0.5, "#EC7014", "up to 0.5"),
    (1.0, "#7F2704", "up to 1"),
)
"""Upper end, colour and words of each class of the exposure index; lightness falls from class to class."""


def node_exposures(exposures: Exposures, node_ids: tuple[str, ...]) -> NDArray[np.float64]:
    """float64[N], exposure index of each node; 0 where its outage loses nothing, nan where it was not put out alone."""
    found = np.full(len(node_ids), np.nan)
    for place, name in enumerate(node_ids):
        label = exposures.of_node.get(name)
        if label is not None:
            found[place] = max(0.0, np.nan_to_num(exposures.found[label].index))
    return found


def coloured(option: dict[str, Any], index: NDArray[np.float64], grouping: Grouping | None) -> dict[str, Any]:
    """A map with its nodes coloured by exposure index, its groups by that of their most exposed member.

    Args:
        option: the map's; its nodes are changed.
        index: float64[N], exposure index of each node; nan for those without one.
        grouping: groups that the map may show.
    """
    for datum in option["series"][0]["data"]:
        if "node" in datum:
            value, whose = float(index[datum["node"]]), "exposure index"
        else:
            assert grouping is not None
            members = index[grouping.of_node == datum["group"]]
            value, whose = float(np.max(members[np.isfinite(members)], initial=-1.0)), "highest exposure index"
            value = float("nan") if value < 0.0 else value
        style = datum["itemStyle"]
        style["borderColor" if "borderColor" in style else "color"] = colour_of(value)  # the rim of a hollow marker
        words = "not put out alone" if np.isnan(value) else f"{whose} {value:.2f}"
        datum["tooltip"] = {"formatter": f"{datum['tooltip']['formatter']}\n{words}"}
    return option


def colour_of(index: float) -> str:
    """Colour of an exposure index; nan is grey."""
    if np.isnan(index):
        return UNTESTED
    return next((colour for high, colour, _ in _CLASSES if index <= high), _CLASSES[-1][1])


def exposure_legend() -> list[dict[str, str]]:
    """Colours of the classes, for the legend."""
    classes = [(f"exposure index {words}" if high else words, colour) for high, colour, words in _CLASSES]
    return [
        {"name": name, "colour": colour, "path": NORMAL.path} for name, colour in [*classes, ("not tested", UNTESTED)]
    ]

"""Land and borders under the page's map, as paths of SVG; they are sent once, so that a frame stays small."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.geography.mercator import ROUND
from esc_sim.geography.outline import Window, outline
from esc_sim.views.earth import EMPTY, scale_bar
from esc_sim.views.page.map_plan import BOX, MARGIN, MapPlan

Floats = NDArray[np.float64]

_FINE: Final = 1.25
"""Whole numbers of the paths in a unit of the box; of points at one place the first is kept."""


def earth_layer(plan: MapPlan) -> dict[str, str]:
    """What is drawn under a map of the world: the ``box`` that is seen, and the paths ``land`` and ``borders``.

    Args:
        plan: of a network whose nodes have degrees.
    """
    edge = np.array(BOX) * MARGIN / (1.0 - 2.0 * MARGIN)
    low, high = plan.on_map(-1.1 * edge), plan.on_map(np.array(BOX) + 1.1 * edge)  # coasts along the cut are not seen
    west, east = float(low[0]), float(high[0])
    if plan.whole_world:  # nothing of it is shown twice
        west, east = plan.window.west, plan.window.west + ROUND
    found = outline().within(Window(west, east, float(low[1]), float(high[1])))
    bar = scale_bar(plan.window)
    degrees = float(plan.on_map(np.array(BOX) + edge)[0] - plan.on_map(-edge)[0])
    seen = _FINE * np.concatenate([-edge, np.array(BOX) + 2.0 * edge])
    return {
        "box": " ".join(f"{value:g}" for value in np.round(seen)),
        "land": _path(plan, found.land, "z"),
        "borders": _path(plan, found.borders, ""),
        "bar": "" if bar is None else f"{100.0 * bar[1] / degrees:.2f}%",
        "km": "" if bar is None else f"{bar[0]:,} km",
        "note": "" if found.coasts or found.borders else EMPTY,
    }


def _path(plan: MapPlan, lines: Iterable[Floats], end: str) -> str:
    """Lines as steps in whole numbers, from the upper left of the box."""
    parts = []
    for line in lines:
        points = plan.in_box(line)
        whole = np.round(_FINE * np.column_stack([points[:, 0], BOX[1] - points[:, 1]])).astype(np.int64)
        steps = np.diff(whole, axis=0)
        steps = steps[(steps != 0).any(axis=1)]
        if len(steps) > (1 if end else 0):
            x, y = whole[0].tolist()
            parts.append(f"M{x} {y}l" + " ".join(map(str, steps.ravel().tolist())) + end)
    return "".join(parts)

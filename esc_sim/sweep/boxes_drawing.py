"""Figure of where a sweep breaks: the boxes over the two most telling parameters, and how they trade off."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from numpy.typing import NDArray

from esc_sim.scenario.path_words import path_words
from esc_sim.sweep.parameters import Parameter
from esc_sim.views.style import (
    BLACK,
    GREEN,
    GREY,
    PURPLE,
    VERMILION,
    WIDTH,
    finish_with,
    new_figure,
    percent_axis,
    styled,
)

_COLOURS = (BLACK, PURPLE, GREEN)
_DASHES: Any = ("solid", (0, (4, 2)), (0, (1, 1.5)))


@dataclass(frozen=True)
class BoxPicture:
    """What was discovered, as its figure draws it.

    Attributes:
        title: of the scenario.
        condition: what makes a point one of interest.
        parameters: what was varied.
        table: one row a point: the parameters, and the key figure of the condition as ``value``.
        label: of the key figure.
        hits: int64[n], 1 where the condition holds.
        boxes, trade_off: as of :class:`esc_sim.sweep.discovery.Discovery`.
        footer: where the numbers come from.
    """

    title: str
    condition: str
    parameters: tuple[Parameter, ...]
    table: pd.DataFrame
    label: str
    hits: NDArray[np.int64]
    boxes: pd.DataFrame
    trade_off: pd.DataFrame
    footer: str


@styled
def box_figure(found: BoxPicture) -> Figure:
    """Points of the sweep, the boxes, and density against coverage along the peeling of each box.

    The plane is that of the two parameters whose limits chance explains least in the first box; a box is drawn as its
    limits of these two, so points beside it in other parameters may lie in its rectangle.
    """
    figure = new_figure(WIDTH, 3.5)
    plane, curve = figure.subplots(1, 2, width_ratios=(1.25, 1.0))
    across, up = _telling(found)
    x, y = _places(plane.xaxis, found, across), _places(plane.yaxis, found, up)
    struck = found.hits > 0
    plane.scatter(x[~struck], y[~struck], s=11, marker="o", facecolors="none", edgecolors=GREY, linewidths=0.6)
    plane.scatter(x[struck], y[struck], s=13, marker="X", color=VERMILION, linewidths=0.0)
    for axis, path, which in ((plane.xaxis, across, "x"), (plane.yaxis, up, "y")):
        worded = any(one.path == path and not one.is_number for one in found.parameters)
        plane.margins(**{which: 0.5 / max(1, len(axis.get_ticklocs()) - 1) if worded else 0.04})
    for place, (_, box) in enumerate(found.boxes.groupby("box")):
        _rectangle(plane, found, box, (across, up), place)
    plane.set_xlabel(_named(found, across), fontsize=7.5)
    plane.set_ylabel(_named(found, up), fontsize=7.5)
    _trade_off(curve, found)
    legend: dict[str, Artist] = {
        found.condition: Line2D([], [], linestyle="none", marker="X", color=VERMILION, markersize=4.5),
        "other points": Line2D(
            [], [], linestyle="none", marker="o", color=GREY, markerfacecolor="none", markersize=4.0
        ),
    }
    for place, k in enumerate(found.boxes["box"].unique()):
        legend[f"box {k}"] = Patch(fill=False, edgecolor=_COLOURS[place], linestyle=_DASHES[place])
    return finish_with(figure, f"Where {found.condition}: {found.title}", found.footer, legend)


def _telling(found: BoxPicture) -> tuple[str, str]:
    """The two parameters of the plane; "" for the key figure where only one was varied."""
    first = found.boxes[found.boxes["box"] == 1]["parameter"].tolist()
    others = [*found.boxes["parameter"], *(parameter.path for parameter in found.parameters), ""]
    both = list(dict.fromkeys([*first, *others]))
    return both[0], both[1]


def _named(found: BoxPicture, path: str) -> str:
    return textwrap.fill(path_words(path) if path else found.label, 40)


def _places(axis: Axis, found: BoxPicture, path: str) -> NDArray[np.float64]:
    """Places of the points on an axis, whose ticks name values that are no numbers."""
    parameter = next((one for one in found.parameters if one.path == path), None)
    values = found.table[path or "value"]
    if parameter is None or parameter.is_number:
        return values.to_numpy(np.float64)
    names = [str(value) for value in parameter.shown_values]
    axis.set_ticks(range(len(names)), names)
    return np.array([names.index(str(value)) for value in values], np.float64)


def _rectangle(axis: Axes, found: BoxPicture, box: pd.DataFrame, paths: tuple[str, str], place: int) -> None:
    """A box as the limits that it sets to the two parameters; open sides reach beyond the points."""
    ends = []
    for path, (first, last) in zip(paths, (axis.get_xlim(), axis.get_ylim()), strict=True):
        inset = 0.008 * (place + 1) * (last - first)
        rows = box[box["parameter"] == path]
        low, high = first + inset, last - inset
        if len(rows) and rows.iloc[0]["values"]:
            parameter = next(one for one in found.parameters if one.path == path)
            names = [str(value) for value in parameter.shown_values]
            said = rows.iloc[0]["values"].split(" or ")
            among = [k for k, name in enumerate(names) if name in said] or [0, len(names) - 1]
            low, high = min(among) - 0.3, max(among) + 0.3
        elif len(rows):
            low = low if np.isnan(rows.iloc[0]["low"]) else rows.iloc[0]["low"]
            high = high if np.isnan(rows.iloc[0]["high"]) else rows.iloc[0]["high"]
        ends.append((low, high - low))
    (x, width), (y, height) = ends
    axis.add_patch(
        Rectangle((x, y), width, height, fill=False, edgecolor=_COLOURS[place], linewidth=1.3, linestyle=_DASHES[place])
    )


def _trade_off(axis: Axes, found: BoxPicture) -> None:
    """Density against coverage of the boxes on the way, and of those that were chosen."""
    for place, (k, steps) in enumerate(found.trade_off.groupby("box")):
        way, last = steps[~steps["chosen"].astype(bool)], steps[steps["chosen"].astype(bool)].iloc[0]
        axis.plot(
            way["coverage"], way["density"], color=_COLOURS[place], linestyle=_DASHES[place], marker=".", markersize=4.0
        )
        axis.plot(
            last["coverage"], last["density"], color=_COLOURS[place], marker="D", markersize=6.0, linestyle="none"
        )
        where = (last["coverage"], last["density"])
        axis.annotate(f"box {k}", where, (-6, -10), textcoords="offset points", fontsize=7.5, ha="right")
    axis.set_xlim(-0.03, 1.06)
    axis.set_ylim(0.0, 1.05)
    percent_axis(axis, "x")
    percent_axis(axis, "y")
    axis.grid()
    axis.set_xlabel("coverage: share of all such points", fontsize=7.5)
    axis.set_ylabel("density: share of the points of the box", fontsize=7.5)

"""What features show of themselves over time: soils of fields, buses of microgrids and the like."""

from __future__ import annotations

import textwrap
from itertools import chain, cycle
from typing import Any, Final

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from esc_sim.results.observed import Observed, in_words
from esc_sim.results.run import Floats, Result
from esc_sim.views.state_groups import COLOURS, Group, groups_of, panel_title
from esc_sim.views.style import WIDTH, finish, new_figure, refuse_empty, styled, thousands, time_axis

_MARKERS = ("o", "s", "^", "D", "X", "v", "P", "_")
_DASHES: Final[Any] = ("-", (0, (5, 2.5)), (0, (1.5, 1.5)), (0, (6, 1.5, 1.5, 1.5)))
"""Of the lines, one after the other: through the gaps of one that lies on another, the other shows."""
_BAND = (5.0, 95.0)
_COLUMNS = 3
_ROW, _HEAD = 1.3, 0.3
_LETTERS = 22
"""Most in a line of a panel's heading."""
_MARKED = 6
"""Markers on a line."""


def why_empty(run: Result) -> str:
    """Why there is nothing to draw; empty where there is."""
    if run.observations is None or not run.observed:
        return "the scenario has no feature that shows anything of itself, such as fields or buses"
    if run.period_count == 1:
        return "one period is no line"
    return "" if _moving(run) else "all that features show of themselves is zero throughout"


def _moving(run: Result) -> list[Observed]:
    """What is observed of the kinds of which anything is not zero."""
    assert run.observations is not None
    there = (run.observations != 0.0).any(axis=(0, 1))
    kinds = {(each.kind, each.unit) for each, moves in zip(run.observed, there, strict=True) if moves}
    return [each for each in run.observed if (each.kind, each.unit) in kinds]


@styled
def states(run: Result) -> Figure:
    """A panel a kind and a line an entity: mean over replications, with a band that holds 90 % of them.

    Kinds that are zero throughout are left out.

    Kinds of the same entities stand together under their names. Where there are more entities than colours, the lines
    are their mean, the highest and the lowest.

    Raises:
        InputError: the run has no feature that shows anything.
    """
    refuse_empty("states", why_empty(run))
    groups = groups_of(_moving(run))
    heights = [_HEAD + _ROW * group.shape(_COLUMNS)[0] for group in groups]
    figure = new_figure(WIDTH, 0.75 + sum(heights))
    places = {(number.kind, number.entity): x for x, number in enumerate(run.observed)}
    parts = figure.subfigures(len(groups), 1, height_ratios=heights, squeeze=False)[:, 0]
    for part, group in zip(parts, groups, strict=True):
        _group(part, run, group, places, last=group is groups[-1])
    return finish(figure, run, f"States, mean and 90 % of {run.replications} replications" if run.replications > 1
                  else "States")  # fmt: skip


def _group(part: SubFigure, run: Result, group: Group, places: dict[tuple[str, str], int], last: bool) -> None:
    """Panels of a group, and the names of its lines above them."""
    assert run.observations is not None
    rows, columns = group.shape(_COLUMNS)
    grid = part.subplots(rows, columns, squeeze=False, sharex=True)
    axes = list(chain.from_iterable(grid))
    legend: dict[str, Artist] = {}
    for axis, (kind, unit) in zip(axes, group.kinds, strict=False):
        values = run.observations[:, :, [places[kind, entity] for entity in group.entities]]
        looks = zip(COLOURS, _MARKERS, cycle(_DASHES), strict=False)
        for name, rows_of, look in zip(*_lines(group, values), looks, strict=False):
            legend[name] = _line(axis, rows_of, *look)
        axis.set_title(textwrap.fill(panel_title(kind, unit), _LETTERS), fontsize=8.0)
        axis.grid(axis="y")
        axis.margins(x=0.01)
        axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axis.yaxis.set_major_locator(MaxNLocator(4))
        thousands(axis, "y")
    for axis in axes[len(group.kinds) :]:
        axis.remove()
    if last:
        for column in range(columns):
            lowest = [axis for axis in axes[: len(group.kinds)] if axis in grid[:, column]][-1]
            time_axis(lowest, run)
            lowest.tick_params(labelbottom=True)
    part.legend(list(legend.values()), list(legend), loc="outside upper left", ncols=4, fontsize=7.5)


def _lines(group: Group, values: Floats) -> tuple[list[str], list[Floats]]:
    """Names of the lines, and values [R, T] of each."""
    if not group.many:
        return [*map(in_words, group.entities)], list(values.transpose(2, 0, 1))
    count = len(group.entities)
    return [f"mean of {count}", "highest", "lowest"], [values.mean(axis=2), values.max(axis=2), values.min(axis=2)]


def _line(axis: Axes, rows: Floats, colour: str, marker: str, dash: Any) -> Line2D:
    """Mean of the rows [R, T] with its band; what the legend shows of it."""
    times = np.arange(rows.shape[1])
    if len(rows) > 1:
        low, high = np.percentile(rows, _BAND, axis=0)
        axis.fill_between(times, low, high, color=colour, alpha=0.2, linewidth=0)
    step = max(1, len(times) // _MARKED)
    begin = (COLOURS.index(colour) * step // len(COLOURS)) % step
    (line,) = axis.plot(
        times, rows.mean(axis=0), color=colour, marker=marker, markersize=3.2, markevery=(begin, step), linewidth=1.1,
        linestyle=dash,
    )  # fmt: skip
    return line

"""The reverse front: how far things must deviate until a key figure is what it is, and where it breaks the limit."""

from __future__ import annotations

import math
import textwrap
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from esc_sim.measures.terms import Terms
from esc_sim.results.knowledge import time_words
from esc_sim.stress.deviations import factor_words
from esc_sim.stress.least_deviation import Deviation
from esc_sim.stress.limits import Limit, limit_of
from esc_sim.views.labels import name_points
from esc_sim.views.style import (
    BLUE,
    GREY,
    ORANGE,
    VERMILION,
    data_status,
    finish_with,
    legend_of,
    new_figure,
    percent_axis,
    shortened,
    styled,
    thousands,
)

if TYPE_CHECKING:
    from esc_sim.stress.stored import StoredStress

Floats = NDArray[np.float64]

_BEYOND: Final = 1.6
"""Part of the distance at which the limit breaks, up to which the front is drawn."""
_MOST_SCALES: Final = 8
_ALONG: Final = 100
"""Points of the line that names must not cover."""


@styled
def reverse_front(test: StoredStress, deviation: Deviation) -> Figure:
    """Distance against key figure, the limit, the nearest deviation that breaks it, and what each factor takes alone.

    Args:
        test: what was tested, and how.
        deviation: what was found.
    """
    limit = limit_of(deviation.limit)
    figure = new_figure(height=3.8)
    axis = figure.subplots()
    reach, front = _draw_front(axis, deviation, limit)
    alone = _draw_alone(axis, deviation, limit, reach)
    if deviation.moved:
        _draw_nearest(axis, deviation)
    axis.set_xlim(0.0, reach)
    axis.set_xlabel("Scaled distance of the deviation")
    axis.set_ylabel(_label(limit, test.terms))
    (percent_axis if limit.measure.is_share else lambda of: thousands(of, "y"))(axis)
    axis.margins(y=0.1)
    axis.grid()
    title = f"What would it take? {test.title}"
    order = ("front", "limit", "breaks", "one factor")
    finished = finish_with(figure, title, _footer(deviation, test), legend_of(axis, order))
    name_points(axis, np.array(list(alone.values())).reshape(-1, 2), list(alone), front)
    return finished


def _draw_front(axis: Axes, deviation: Deviation, limit: Limit) -> tuple[float, Floats]:
    """The front as far as it is of interest, and the limit; gives the distance drawn, and points all along it."""
    distances = np.array([point.distance for point in deviation.front])
    values = np.array([point.value for point in deviation.front])
    furthest = float(distances.max()) or 1.0
    reach = furthest if math.isnan(deviation.distance) else min(furthest, _BEYOND * deviation.distance)
    inside = distances <= reach
    axis.plot(
        [*distances[inside], reach], [*values[inside], values[inside][-1]], color=BLUE, marker="o", markersize=2.5,
        markevery=slice(None, int(inside.sum())), drawstyle="steps-post", label="front",
    )  # fmt: skip
    sign, bound = "<" if limit.below else ">", f"{limit.bound:,.6g}"
    if limit.measure.is_share:
        bound = f"{100.0 * limit.bound:g} %"
    axis.axhline(limit.bound, color=GREY, linestyle="--", linewidth=0.9, label=f"limit {sign} {bound}")
    across = np.linspace(0.0, reach, _ALONG)
    at = values[np.searchsorted(distances, across, side="right") - 1]
    steps = [np.linspace(a, b, _ALONG // 5) for a, b in pairwise(values[inside].tolist())]
    down = np.column_stack([np.repeat(distances[inside][1:], _ALONG // 5), np.concatenate([*steps, []])])
    return 1.02 * reach, np.concatenate([np.column_stack([across, at]), down])


def _draw_alone(axis: Axes, deviation: Deviation, limit: Limit, reach: float) -> dict[str, tuple[float, float]]:
    """Factors that break the limit alone, where the front is drawn; gives their places by words."""
    names: defaultdict[float, list[str]] = defaultdict(list)
    for name, factor in deviation.alone.items():
        distance = abs(factor - 1.0) / deviation.scales[name]
        if distance <= reach:  # not where none does
            names[round(distance, 9)].append(factor_words(name, factor))
    places = {shortened(", ".join(of), 34): (distance, limit.bound) for distance, of in names.items()}
    if places:
        across = [x for x, _ in places.values()]
        axis.plot(
            across, [limit.bound] * len(across), linestyle="none", marker="^", markersize=5, color=ORANGE,
            markeredgecolor="black", markeredgewidth=0.5, label="one factor alone",
        )  # fmt: skip
    return places


def _draw_nearest(axis: Axes, deviation: Deviation) -> None:
    """The nearest deviation, with the intervals of its distance and of the key figure."""
    low, high = deviation.distance_low, deviation.distance_high
    across = np.array([[deviation.distance - low], [(high if math.isfinite(high) else math.nan) - deviation.distance]])
    up = np.array([[deviation.value - deviation.value_low], [deviation.value_high - deviation.value]])
    axis.errorbar(
        [deviation.distance], [deviation.value], xerr=np.nan_to_num(np.maximum(across, 0.0)),
        yerr=np.nan_to_num(np.maximum(up, 0.0)), color=VERMILION, marker="*", markersize=11, markeredgecolor="black",
        markeredgewidth=0.5, ecolor=VERMILION, elinewidth=1.0, capsize=2.5, label="breaks the limit, 95 % intervals",
        zorder=5,
    )  # fmt: skip


def _label(limit: Limit, terms: Terms) -> str:
    measure = limit.measure
    return measure.words(terms) if measure.is_share else f"{measure.words(terms)} [{measure.unit_words(terms)}]"


def _footer(deviation: Deviation, test: StoredStress) -> str:
    scales = [f"{name.replace('_', ' ')} {scale:g}" for name, scale in deviation.scales.items()]
    more = f" and {len(scales) - _MOST_SCALES} more" if len(scales) > _MOST_SCALES else ""
    terms, moved = deviation.terms, [factor_words(name, factor) for name, factor in deviation.moved.items()]
    where = f", from period {deviation.start} on" if moved else ""
    parts = [
        f"breaks: {', '.join(moved[:_MOST_SCALES])}{where}" if moved else "no deviation found breaks the limit",
        f"distance 1 is a change by: {', '.join(scales[:_MOST_SCALES])}{more}",
        f"deviations of {time_words(float(terms['duration']), test.terms.period)}, the worst of "
        f"{_count(len(terms['starts']), 'start date')}",
        f"mean over {_count(test.replications, 'replication')}, seed {terms['seed']}; {deviation.tried:,} tried, "
        "not proved",
        data_status(test.data.status),
    ]
    return textwrap.fill("  |  ".join(part for part in parts if part), 118)


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"

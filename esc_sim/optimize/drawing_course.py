"""The course of a search with one objective: the best value by replications spent, and what it is worth held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from esc_sim.views.style import (
    BLACK,
    BLUE,
    ORANGE,
    VERMILION,
    WIDTH,
    finish_with,
    legend_of,
    new_figure,
    styled,
    thousands,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Course:
    """A search with one objective; G generations.

    Attributes:
        label: of the objective, with its unit.
        maximize: whether more is better.
        spent: int64[G], replications spent by the end of each generation.
        best: float64[G], the best value so far, as the search sees it; nan where no design keeps all limits.
        held_out: value of the best plan on numbers that the search has not seen.
        low, high: ends of its 95 % interval.
        base: value of the scenario's own plan there.
        there_is_one: whether there is a best plan; else the design that comes nearest to the limits is a cross.
        title: what was optimized.
        footer: where the numbers come from.
    """

    label: str
    maximize: bool
    spent: NDArray[np.int64]
    best: Floats
    held_out: float
    low: float
    high: float
    base: float
    there_is_one: bool = True
    title: str = ""
    footer: str = ""


@styled
def best_by_replications(course: Course) -> Figure:
    """The best value by replications spent, as a staircase; the best plan held out with its interval, at the end."""
    figure = new_figure(WIDTH, 3.9)
    axis = figure.subplots()
    axis.step(course.spent, course.best, where="post", color=BLUE, label="best plan, as the search sees it")
    axis.axhline(course.base, color=ORANGE, linestyle="--", label="base plan, held out")
    ends = [[max(course.held_out - course.low, 0.0)], [max(course.high - course.held_out, 0.0)]]
    axis.errorbar(
        [float(course.spent[-1])],
        [course.held_out],
        yerr=None if np.isnan(ends).any() else ends,
        fmt="*" if course.there_is_one else "X",
        markersize=11,
        color=VERMILION,
        markeredgecolor=BLACK,
        markeredgewidth=0.7,
        capsize=4,
        label=f"{'best plan' if course.there_is_one else 'nearest to the limits'}, held out (95 %)",
        zorder=3,
    )
    axis.set_xlabel("Replications spent")
    axis.set_ylabel(f"{course.label}\n{'more' if course.maximize else 'less'} is better")
    axis.grid()
    axis.margins(0.04, 0.08)
    for which in ("x", "y"):
        thousands(axis, which)
    return finish_with(
        figure,
        f"{'Best plan' if course.there_is_one else 'No plan keeps the limits'}: {course.title}",
        course.footer,
        legend_of(axis),
    )

"""The figure of levers: cost against impact avoided, the best portfolios by budget, the chosen one."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter
from numpy.typing import NDArray

from esc_sim.stress.lever_study import LeverStudy
from esc_sim.stress.portfolio import value_of
from esc_sim.views.labels import name_points
from esc_sim.views.style import BLUE, GREY, ORANGE, VERMILION, new_figure, shortened

_STEPS: Final = 100
"""Most portfolios that are drawn."""


def draw_portfolio(study: LeverStudy, money: str) -> Figure:
    """The figure without title.

    Args:
        study: what levers do.
        money: the currency.
    """
    figure = new_figure(height=3.8)
    axis: Axes = figure.subplots()
    steps = np.array(best_by_budget(study))
    axis.step(
        steps[:, 0],
        steps[:, 1],
        where="post",
        color=GREY,
        linewidth=1.0,
        alpha=0.6,
        label="best by budget, no outage beyond its impact",
    )
    points, taken = _points(study), np.zeros(len(study.costs), np.bool_)
    taken[list(() if study.chosen is None else study.chosen.levers)] = True
    for which, colour, marker, label in ((~taken, BLUE, "o", "lever"), (taken, ORANGE, "s", "chosen lever")):
        if which.any():
            axis.scatter(points[which, 0], points[which, 1], s=20, c=colour, marker=marker, label=label, zorder=3)
    if study.chosen is not None and study.names:
        cost = study.yearly_cost
        axis.scatter(
            [cost], [study.sum_of_single_effects], s=42, facecolors="none", edgecolors=VERMILION, marker="D",
            label="chosen: sum of single effects", zorder=4,
        )  # fmt: skip
        axis.scatter(
            [cost], [study.joint_effect], s=42, c=VERMILION, marker="D", label="chosen: measured together", zorder=4
        )
        axis.axvline(float(study.toolbox.budget or 0.0), color=GREY, linewidth=0.8, linestyle=":", label="budget")
    axis.set_xlim(right=1.15 * max(*steps[-2:-1, 0], *study.costs, float(study.toolbox.budget or 0.0)))
    for along in (axis.xaxis, axis.yaxis):
        along.set_major_formatter(EngFormatter(sep=" "))
    axis.set_xlabel(f"Cost [{money} a year]")
    axis.set_ylabel(f"Impact avoided [{money} {study.basis}]")
    axis.grid()
    return figure


def name_levers(axis: Axes, study: LeverStudy) -> None:
    """Name the levers on the finished figure; the chosen ones first, then those that avoid most."""
    points = _points(study)
    taken = () if study.chosen is None else study.chosen.levers
    order = sorted(range(len(points)), key=lambda lever: (lever not in taken, -points[lever, 1]))
    names = [shortened(study.toolbox.levers[lever].name, 30) for lever in order]
    name_points(axis, points[order], names)


def best_by_budget(study: LeverStudy) -> list[tuple[float, float]]:
    """What some best portfolios cost, and what each avoids, single effects added up; the cheapest first."""
    avoided, limits, costs = study.avoided, study.limits, study.costs
    budget = math.fsum(costs)
    least = budget / _STEPS
    found = [(budget, 0.0)]
    while budget > 0.0:
        best = study.best(budget)
        cost = math.fsum(costs[lever] for lever in best)
        found.append((cost, value_of(best, avoided, limits)))
        budget = cost - least
    found[0] = (found[0][0], found[1][1])
    return [*([(0.0, 0.0)] if found[-1][0] > 0.0 else []), *reversed(found)]


def _points(study: LeverStudy) -> NDArray[np.float64]:
    return np.stack([np.array(study.costs), study.avoided.sum(axis=0)], axis=1)

"""The figure of levers: cost against impact avoided, the best portfolios by budget, the chosen one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter
from numpy.typing import NDArray

from esc_sim.stress.lever_study import BASIS_WORDS, LeverStudy
from esc_sim.stress.portfolio import value_of
from esc_sim.views.labels import name_points
from esc_sim.views.style import BLUE, GREY, ORANGE, VERMILION, new_figure, shortened

_STEPS: Final = 100
"""Most portfolios that are drawn."""


@dataclass(frozen=True)
class LeverPicture:
    """What levers do, as their figure needs it.

    Attributes:
        names, costs, avoided: of each lever: name, cost a year, impact avoided of all exposures.
        chosen: whether each is in the portfolio.
        steps: what best portfolios cost and avoid, see :func:`best_by_budget`.
        basis: whether impacts are added up a year or per outage.
        status: where costs and chances come from.
        budget, yearly_cost, single, joint: money for the portfolio, what it costs, what its levers avoid alone, added
            up, and together; nan where there was no budget.
    """

    names: tuple[str, ...]
    costs: tuple[float, ...]
    avoided: tuple[float, ...]
    chosen: tuple[bool, ...]
    steps: tuple[tuple[float, float], ...]
    basis: str
    status: str
    budget: float = math.nan
    yearly_cost: float = math.nan
    single: float = math.nan
    joint: float = math.nan


def lever_picture(study: LeverStudy) -> LeverPicture:
    """A finished study as its figure needs it."""
    taken = () if study.chosen is None else study.chosen.levers
    told: list[float] = []
    if study.chosen is not None and study.toolbox.budget is not None:
        told = [study.toolbox.budget, study.yearly_cost, study.sum_of_single_effects, study.joint_effect]
    return LeverPicture(
        tuple(lever.name for lever in study.toolbox.levers),
        tuple(study.costs),
        tuple(study.avoided.sum(axis=0).tolist()),
        tuple(lever in taken for lever in range(len(study.costs))),
        tuple(best_by_budget(study)),
        study.basis,
        study.toolbox.data.status,
        *told,
    )


def draw_portfolio(picture: LeverPicture, money: str) -> Figure:
    """The figure without title.

    Args:
        picture: what levers do.
        money: the currency.
    """
    figure = new_figure(height=3.8)
    axis: Axes = figure.subplots()
    steps = np.array(picture.steps)
    axis.step(
        steps[:, 0],
        steps[:, 1],
        where="post",
        color=GREY,
        linewidth=1.0,
        alpha=0.6,
        label="best by budget, no outage beyond its impact",
    )
    points, taken = _points(picture), np.array(picture.chosen)
    for which, colour, marker, label in ((~taken, BLUE, "o", "lever"), (taken, ORANGE, "s", "chosen lever")):
        if which.any():
            axis.scatter(points[which, 0], points[which, 1], s=20, c=colour, marker=marker, label=label, zorder=3)
    if taken.any():
        cost = picture.yearly_cost
        axis.scatter(
            [cost], [picture.single], s=42, facecolors="none", edgecolors=VERMILION, marker="D",
            label="chosen: sum of single effects", zorder=4,
        )  # fmt: skip
        axis.scatter(
            [cost], [picture.joint], s=42, c=VERMILION, marker="D", label="chosen: measured together", zorder=4
        )
        axis.axvline(picture.budget, color=GREY, linewidth=0.8, linestyle=":", label="budget")
    axis.set_xlim(right=1.15 * max(*steps[-2:-1, 0], *picture.costs, np.nan_to_num(picture.budget)))
    for along in (axis.xaxis, axis.yaxis):
        along.set_major_formatter(EngFormatter(sep=" "))
    axis.set_xlabel(f"Cost [{money} a year]")
    axis.set_ylabel(f"Impact avoided [{money}{BASIS_WORDS[picture.basis]}]")
    axis.grid()
    return figure


def name_levers(axis: Axes, picture: LeverPicture) -> None:
    """Name the levers on the finished figure; the chosen ones first, then those that avoid most."""
    points = _points(picture)
    order = sorted(range(len(points)), key=lambda lever: (not picture.chosen[lever], -points[lever, 1]))
    names = [shortened(picture.names[lever], 30) for lever in order]
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


def _points(picture: LeverPicture) -> NDArray[np.float64]:
    return np.column_stack([picture.costs, picture.avoided])

"""The best portfolio of levers for a budget: a small integer program on what each does alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from esc_sim.lp import BlockModel

Floats = NDArray[np.float64]

_NEAR = 1e-7
"""Part of the largest effect by which the cheapest of the best portfolios may fall short of the best."""


def best_portfolio(
    avoided: Floats, limits: Floats, costs: Sequence[float], groups: Sequence[str | None], budget: float
) -> tuple[int, ...]:
    """Numbers of the levers that together avoid most, single effects added up, within the budget.

    maximise sum over e of y_e subject to y_e <= sum over l of a_el x_l, y_e <= b_e, sum of c_l x_l <= budget,
    at most one x_l of a group, x_l 0 or 1. Of several that avoid as much, the cheapest.

    Args:
        avoided: float64[E, L], what lever l alone avoids of exposure e (a_el).
        limits: float64[E], all that can be avoided of an exposure (b_e): none counts for more than it does.
        costs: of the levers (c_l).
        groups: of the levers; of one group at most one is taken.
        budget: what all may cost together.
    """
    largest = float(np.abs(avoided).max(initial=0.0))
    affordable = [cost <= budget for cost in costs]
    if largest == 0.0 or not any(affordable):
        return ()
    spent = np.array([cost if can else 0.0 for cost, can in zip(costs, affordable, strict=True)])
    unit = float(spent.max()) or 1.0
    model = BlockModel("portfolio of levers")
    model.index("exposure", len(limits))
    model.index("lever", len(costs))
    take = model.variables("take", "lever", upper=np.array(affordable, float), integer=True)
    gain = model.variables("gain", "exposure", lower=-np.inf, upper=limits / largest, cost=-1.0)
    model.rows("effect", "exposure", upper=0.0).add(gain).add(take, -avoided / largest, over="exposure lever")
    model.rows("budget", upper=min(budget, float(spent.sum())) / unit).add(take, spent / unit, over="lever")
    for group in sorted({name for name in groups if name is not None}):
        mine = np.array([name == group for name in groups], float)
        model.rows(f"group {group}", upper=1.0).add(take, mine, over="lever")
    best = value_of(_chosen(model), avoided, limits)
    model.rows("best", lower=best / largest - _NEAR).add(gain)
    # A lever that costs nothing and avoids nothing is not taken either.
    model.set_objective({"take": spent / unit + _NEAR})
    return _chosen(model)


def _chosen(model: BlockModel) -> tuple[int, ...]:
    return tuple(int(lever) for lever in np.flatnonzero(model.solve(gap=0.0)["take"] > 0.5))


def value_of(chosen: Sequence[int], avoided: Floats, limits: Floats) -> float:
    """What some levers avoid together, single effects added up, no exposure for more than it does.

    Args:
        chosen: numbers of the levers.
        avoided, limits: see :func:`best_portfolio`.
    """
    return math.fsum(np.minimum(limits, avoided[:, list(chosen)].sum(axis=1)).tolist())

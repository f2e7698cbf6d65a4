"""Choice of one solution from a front: Pareto dominance, the ideal point and the min-max compromise.

Sources:
    Chen, Wang, Zio, "Energy Supply Chains Planning: Risk-based Optimization", eqs 18 to 20.
    Marseguerra, Zio, Podofillini (2005), "Multiobjective spare part allocation by means of genetic algorithms and Monte
    Carlo simulation", Reliability Engineering & System Safety 87(3), 325-335 (the min-max method that the paper cites).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Reading = Literal["corrected", "printed"]


def non_dominated(objectives: ArrayLike, maximize: Sequence[bool]) -> NDArray[np.bool_]:
    """Which solutions no other one dominates (is as good in all objectives and better in one).

    Args:
        objectives: float[P, M], one row a solution.
        maximize: M flags, True where more is better.

    Returns:
        bool[P]; of equal solutions all are kept.

    Raises:
        ValueError: shapes do not fit, or a value is not finite.
    """
    costs = _as_costs(objectives, maximize)
    kept = np.ones(len(costs), dtype=bool)
    for i, row in enumerate(costs):
        kept[i] = not ((costs <= row).all(axis=1) & (costs < row).any(axis=1)).any()
    return kept


def ideal_point(objectives: ArrayLike, maximize: Sequence[bool]) -> Floats:
    """Best value of each objective over the solutions, float64[M]; in general no solution attains it.

    Raises:
        ValueError: as :func:`non_dominated`.
    """
    costs = _as_costs(objectives, maximize)
    best: Floats = np.where(np.asarray(maximize, dtype=bool), -costs.min(axis=0), costs.min(axis=0))
    return best


def relative_deviations(objectives: ArrayLike, maximize: Sequence[bool], reading: Reading = "corrected") -> Floats:
    """Deviation z of each solution in each objective, scaled to the solutions' range.

    Args:
        objectives: float[P, M].
        maximize: M flags, True where more is better.
        reading: "corrected" measures each objective from its best value: z_P = (P_max - P) / (P_max - P_min) and
            z_C = (C - C_min) / (C_max - C_min). "printed" follows eqs 18 and 19 as they stand, which measure profit,
            too, from its minimum: on a rising front, where profit grows with risk, that makes the end of least profit
            look perfect in both.

    Returns:
        float64[P, M] within [0, 1]; 0 in an objective in which all solutions are equal.

    Raises:
        ValueError: as :func:`non_dominated`, or an unknown reading.
    """
    if reading not in ("corrected", "printed"):
        raise ValueError(f"unknown reading {reading!r}: take 'corrected' or 'printed'")
    flags = maximize if reading == "corrected" else [False] * len(maximize)
    costs = _as_costs(objectives, flags)
    lowest = costs.min(axis=0)
    extent = costs.max(axis=0) - lowest
    return np.divide(costs - lowest, extent, out=np.zeros_like(costs), where=extent > 0)


def min_max_compromise(objectives: ArrayLike, maximize: Sequence[bool], reading: Reading = "corrected") -> int:
    """The solution whose largest relative deviation is smallest (eq. 20), among those that no other dominates.

    Ranges are taken over the solutions that are not dominated, which is what the paper's minima and maxima are.

    Args:
        objectives: float[P, M], for example columns profit and CVaR.
        maximize: M flags, True where more is better: (True, False) for profit and CVaR.
        reading: see :func:`relative_deviations`.

    Returns:
        Row of the compromise; of equally good ones the one with the smaller sum of deviations, then the first.

    Raises:
        ValueError: as :func:`relative_deviations`.
    """
    rows = np.flatnonzero(non_dominated(objectives, maximize))
    z = relative_deviations(np.asarray(objectives, dtype=np.float64)[rows], maximize, reading)
    return int(rows[np.lexsort((rows, z.sum(axis=1), z.max(axis=1)))[0]])


def _as_costs(objectives: ArrayLike, maximize: Sequence[bool]) -> Floats:
    """Objectives with signs such that less is better."""
    table = np.asarray(objectives, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] == 0 or table.shape[1] != len(maximize):
        raise ValueError(f"objectives of shape {table.shape} do not fit {len(maximize)} objectives")
    if not np.isfinite(table).all():
        raise ValueError("an objective is not a finite number")
    return np.where(np.asarray(maximize, dtype=bool), -table, table)

"""Risk of a second-stage cost that takes finitely many values."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

ROUNDING = 1e-9
"""Relative slack when a cost is compared with a budget, so that a cost met exactly does not count as exceeding it."""


def excess_probability(costs: ArrayLike, probability: ArrayLike, budget: float) -> float:
    """EPF, P(Cost > budget) (Wang, Chen, Liu, eq. 2a; Schultz, Tiedemann, 2003).

    Args:
        costs: shape (K,).
        probability: shape (K,).
        budget: C0.
    """
    above = np.asarray(costs) > budget + ROUNDING * max(abs(budget), 1.0)
    return float(np.asarray(probability)[above].sum())


def value_at_risk(costs: ArrayLike, probability: ArrayLike, confidence: float) -> float:
    """Smallest cost x with P(Cost <= x) >= confidence.

    Args:
        costs: (K,) cost of each scenario, money.
        probability: (K,) their probabilities.
        confidence: level, between 0 and 1.
    """
    cost, share = _sorted(costs, probability)
    return float(cost[min(int(np.searchsorted(np.cumsum(share), confidence - 1e-12)), cost.size - 1)])


def conditional_value_at_risk(costs: ArrayLike, probability: ArrayLike, confidence: float) -> float:
    """CVaR as min over t of t + E[(Cost - t)+] / (1 - confidence) (Rockafellar, Uryasev, 2002), exact for atoms.

    Args:
        costs: (K,) cost of each scenario, money.
        probability: (K,) their probabilities.
        confidence: level, at least 0 and below 1.
    """
    t = value_at_risk(costs, probability, confidence)
    excess = np.maximum(np.asarray(costs, dtype=float) - t, 0.0)
    return t + float(np.asarray(probability) @ excess) / (1.0 - confidence)


def binding_value(values: ArrayLike, probability: ArrayLike, epsilon: float) -> float | None:
    """Smallest of the values x with P(value > x) <= epsilon; None when nothing is limited (epsilon 1).

    Args:
        values: (K,) the values.
        probability: (K,) their probabilities.
        epsilon: most that may lie above, as a probability.
    """
    if epsilon >= 1.0:
        return None
    value, share = _sorted(values, probability)
    above = share.sum() - np.cumsum(share)
    last = np.append(value[1:] > value[:-1], True)  # ties: P(value > x) is read at the last of equal values
    return float(value[last & (above <= epsilon + 1e-12)][0])


def _sorted(values: ArrayLike, probability: ArrayLike) -> tuple[FloatArray, FloatArray]:
    value = np.asarray(values, dtype=float)
    order = np.argsort(value, kind="stable")
    return value[order], np.asarray(probability, dtype=float)[order]

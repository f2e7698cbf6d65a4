"""Value at risk, conditional value at risk and exceedance probability of a sample of costs.

Costs are losses: large is bad, and the tail of interest is the right one.

Sources:
    Chen, Wang, Zio, "Energy Supply Chains Planning: Risk-based Optimization", eqs 6, 7, 15.
    Rockafellar, Uryasev (2000), "Optimization of conditional value-at-risk", Journal of Risk 2(3), 21-41.
    Rockafellar, Uryasev (2002), "Conditional value-at-risk for general loss distributions",
    Journal of Banking & Finance 26(7), 1443-1471.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.risk.parts import Parts, Table, by_parts, order_statistic, parts_of

Estimator = Literal["tail_mean", "rockafellar_uryasev"]
Pooling = Literal["pooled", "per_replication", "horizon"]
Floats = NDArray[np.float64]

_RANK_SLACK = 1e-9  # 0.95 * 20 and its like must not fall to the next rank by a rounding error


def value_at_risk(samples: ArrayLike | Parts, level: float = 0.95, *, strict: bool = True) -> float:
    """Value at risk of a sample.

    Args:
        samples: costs, any shape, at least one, finite; in parts where they are many.
        level: confidence level a, 0 < a < 1.
        strict: True takes the smallest z with F(z) > a (Chen, Wang, Zio, eq. 6: the sorted sample at 0-based rank
            floor(a n)). False takes the smallest z with F(z) >= a (Rockafellar, Uryasev 2000, eq. 2: rank
            ceil(a n) - 1). F is the sample's distribution function. The two differ only where a n is a whole number:
            at n = 20 and a = 0.95 the first is the largest cost and the second the second largest.

    Returns:
        The value at risk, in the samples' unit.

    Raises:
        ValueError: level outside (0, 1), no samples, or a sample that is not finite.
    """
    parts = _parts(samples)
    count = _checked(parts, level)
    return order_statistic(parts, count, _rank(count, level, strict))


def conditional_value_at_risk(
    samples: ArrayLike | Parts, level: float = 0.95, *, estimator: Estimator = "tail_mean", strict: bool = True
) -> float:
    """Conditional value at risk: what a cost is on average, given that it is in the tail.

    Args:
        samples: costs, any shape, at least one, finite; in parts where they are many.
        level: confidence level a, 0 < a < 1.
        estimator: "tail_mean" is the mean of all samples at or above the value at risk, ties included
            (Chen, Wang, Zio, eq. 7). "rockafellar_uryasev" is the minimum over z of
            z + E[max(0, X - z)] / (1 - a) (Rockafellar, Uryasev 2000, eqs 4 and 5, Theorem 1), which gives a tie at
            the value at risk only the weight that fills the tail up to 1 - a. They agree where a n is a whole number
            and no samples are tied at the value at risk.
        strict: reading of the value at risk in "tail_mean", see :func:`value_at_risk`.

    Returns:
        The conditional value at risk, in the samples' unit; never below the value at risk of the same reading.

    Raises:
        ValueError: as :func:`value_at_risk`, or an unknown estimator.
    """
    if estimator not in ("tail_mean", "rockafellar_uryasev"):
        raise ValueError(f"unknown estimator {estimator!r}: take 'tail_mean' or 'rockafellar_uryasev'")
    parts = _parts(samples)
    count = _checked(parts, level)
    z = order_statistic(parts, count, _rank(count, level, strict and estimator == "tail_mean"))
    excess = np.concatenate([part[part >= z] - z for part in parts])
    if estimator == "rockafellar_uryasev":
        return z + float(excess.sum()) / ((1.0 - level) * count)
    # The mean of the excess instead of the mean: no rounding can put it below z.
    return z + float(excess.mean())


def exceedance_probability(samples: ArrayLike | Parts, budget: float) -> float:
    """Share of the samples above a budget (the excess probability functional, EPF).

    Source: the risk measure of the resilient sourcing model, EPF(C0) = P(cost > C0).

    Args:
        samples: costs, any shape, at least one, finite; in parts where they are many.
        budget: cost that should not be exceeded, in the samples' unit; a cost equal to it does not exceed it.

    Raises:
        ValueError: no samples, or a sample that is not finite.
    """
    parts = _parts(samples)
    return sum(int((part > budget).sum()) for part in parts) / _checked(parts, 0.5)


def over_replications(
    costs: ArrayLike | Parts, measure: Callable[[Table], float], pooling: Pooling = "pooled"
) -> float:
    """Apply a measure of a sample to the costs of many replications.

    Args:
        costs: cost per period, shape [replications, periods].
        measure: function of a sample of costs.
        pooling: "pooled" measures all costs per period as one sample; "per_replication" measures each replication's
            costs per period and averages; "horizon" measures the sample of the replications' totals over the horizon.

    Raises:
        ValueError: costs of another shape, or an unknown pooling.
    """
    table = costs if isinstance(costs, Parts) else np.asarray(costs, dtype=np.float64)
    if len(table.shape) != 2:
        raise ValueError(f"costs have shape {table.shape}; they need [replications, periods]")
    if pooling == "pooled":
        return measure(table)
    if pooling == "per_replication":
        return float(np.mean([measure(row) for part in parts_of(table) for row in part]))
    if pooling == "horizon":
        return measure(by_parts(_total, table))
    raise ValueError(f"unknown pooling {pooling!r}: take 'pooled', 'per_replication' or 'horizon'")


@dataclass(frozen=True)
class RiskSetting:
    """How a cost risk is measured (the scenario's ``risk`` part); callables over [replications, periods].

    Attributes:
        level: confidence level of VaR and CVaR, between 0 and 1.
        estimator: of CVaR (see :func:`conditional_value_at_risk`).
        pooling: what is one sample (see :func:`over_replications`).
    """

    level: float = 0.95
    estimator: Estimator = "tail_mean"
    pooling: Pooling = "pooled"

    def var(self, costs: Table) -> float:
        """Value at risk of costs [replications, periods]."""
        return over_replications(costs, lambda sample: value_at_risk(sample, self.level), self.pooling)

    def cvar(self, costs: Table) -> float:
        """Conditional value at risk of costs [replications, periods]."""
        return over_replications(
            costs,
            lambda sample: conditional_value_at_risk(sample, self.level, estimator=self.estimator),
            self.pooling,
        )

    def cvar_by_replication(self, costs: Table) -> Floats:
        """What each replication adds to the CVaR, float64[R]: independent values whose mean is the CVaR.

        Under "pooled" and "horizon" they are z + mean of max(0, X - z) / (1 - a) over the replication's samples, with z
        the value at risk of all replications. Their mean is the Rockafellar-Uryasev estimate exactly, and as that z
        minimises it, the error in z is of second order: Student's t interval of them is an interval of the CVaR
        (Hong, Hu, Liu 2014, "Monte Carlo methods for value-at-risk and conditional value-at-risk: a review", ACM
        TOMACS 24(4), article 22, section 4). Unlike the CVaR of a section they do not suffer from small sections.
        """
        if self.pooling == "per_replication":
            return by_parts(self._cvar_of_rows, costs)
        samples = by_parts(_total, costs)[:, None] if self.pooling == "horizon" else costs
        z = value_at_risk(samples, self.level, strict=False)
        return by_parts(lambda part: z + np.maximum(part - z, 0.0).mean(axis=1) / (1.0 - self.level), samples)

    def _cvar_of_rows(self, costs: Floats) -> Floats:
        return np.array([conditional_value_at_risk(row, self.level, estimator=self.estimator) for row in costs])

    def epf_by_replication(self, costs: Table, budget: float) -> Floats:
        """Share of each replication's costs above the budget, float64[R]; their mean is the EPF.

        Under pooling "horizon" the budget is one for the whole horizon.
        """
        samples = by_parts(_total, costs)[:, None] if self.pooling == "horizon" else costs
        return by_parts(lambda part: np.array([exceedance_probability(row, budget) for row in part]), samples)


def _rank(n: int, level: float, strict: bool) -> int:
    """0-based rank of the value at risk in the sorted sample."""
    if strict:
        return min(n - 1, math.floor(level * n + _RANK_SLACK))
    return max(0, math.ceil(level * n - _RANK_SLACK) - 1)


def _total(costs: Floats) -> Floats:
    """Of each replication, [R]."""
    total: Floats = costs.sum(axis=1)
    return total


def _parts(samples: ArrayLike | Parts) -> Iterable[Floats]:
    """Samples in parts; an array is one, as float64 in a row."""
    return samples if isinstance(samples, Parts) else (np.asarray(samples, dtype=np.float64).ravel(),)


def _checked(parts: Iterable[Floats], level: float) -> int:
    """How many samples there are."""
    if not 0.0 < level < 1.0:
        raise ValueError(f"level is {level}; it must lie between 0 and 1")
    count = finite = 0
    for part in parts:
        count += part.size
        finite += int(np.count_nonzero(np.isfinite(part)))
    if count == 0:
        raise ValueError("no samples to measure")
    if finite < count:
        raise ValueError("a sample is not a finite number")
    return count

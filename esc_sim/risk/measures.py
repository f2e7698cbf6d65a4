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
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Estimator = Literal["tail_mean", "rockafellar_uryasev"]
Pooling = Literal["pooled", "per_replication", "horizon"]
Floats = NDArray[np.float64]

_RANK_SLACK = 1e-9  # 0.95 * 20 and its like must not fall to the next rank by a rounding error


def value_at_risk(samples: ArrayLike, level: float = 0.95, *, strict: bool = True) -> float:
    """Value at risk of a sample.

    Args:
        samples: costs, any shape, at least one, finite.
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
    flat = _checked(samples, level)
    rank = _rank(flat.size, level, strict)
    return float(np.partition(flat, rank)[rank])


def conditional_value_at_risk(
    samples: ArrayLike, level: float = 0.95, *, estimator: Estimator = "tail_mean", strict: bool = True
) -> float:
    """Conditional value at risk: what a cost is on average, given that it is in the tail.

    Args:
        samples: costs, any shape, at least one, finite.
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
    flat = _checked(samples, level)
    if estimator == "rockafellar_uryasev":
        z = value_at_risk(flat, level, strict=False)
        return z + float(np.maximum(flat - z, 0.0).sum()) / ((1.0 - level) * flat.size)
    if estimator != "tail_mean":
        raise ValueError(f"unknown estimator {estimator!r}: take 'tail_mean' or 'rockafellar_uryasev'")
    z = value_at_risk(flat, level, strict=strict)
    # The mean of the excess instead of the mean: no rounding can put it below z.
    return z + float((flat[flat >= z] - z).mean())


def exceedance_probability(samples: ArrayLike, budget: float) -> float:
    """Share of the samples above a budget (the excess probability functional, EPF).

    Source: the risk measure of the resilient sourcing model, EPF(C0) = P(cost > C0).

    Args:
        samples: costs, any shape, at least one, finite.
        budget: cost that should not be exceeded, in the samples' unit; a cost equal to it does not exceed it.

    Raises:
        ValueError: no samples, or a sample that is not finite.
    """
    return float((_checked(samples, 0.5) > budget).mean())


def over_replications(costs: ArrayLike, measure: Callable[[Floats], float], pooling: Pooling = "pooled") -> float:
    """Apply a measure of a sample to the costs of many replications.

    Args:
        costs: cost per period, shape [replications, periods].
        measure: function of a sample of costs.
        pooling: "pooled" measures all costs per period as one sample; "per_replication" measures each replication's
            costs per period and averages; "horizon" measures the sample of the replications' totals over the horizon.

    Raises:
        ValueError: costs of another shape, or an unknown pooling.
    """
    table = np.asarray(costs, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError(f"costs have shape {table.shape}; they need [replications, periods]")
    if pooling == "pooled":
        return measure(table.ravel())
    if pooling == "per_replication":
        return float(np.mean([measure(row) for row in table]))
    if pooling == "horizon":
        return measure(table.sum(axis=1))
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

    def var(self, costs: Floats) -> float:
        """Value at risk of costs [replications, periods]."""
        return over_replications(costs, lambda sample: value_at_risk(sample, self.level), self.pooling)

    def cvar(self, costs: Floats) -> float:
        """Conditional value at risk of costs [replications, periods]."""
        return over_replications(
            costs,
            lambda sample: conditional_value_at_risk(sample, self.level, estimator=self.estimator),
            self.pooling,
        )

    def cvar_by_replication(self, costs: Floats) -> Floats:
        """What each replication adds to the CVaR, float64[R]: independent values whose mean is the CVaR.

        Under "pooled" and "horizon" they are z + mean of max(0, X - z) / (1 - a) over the replication's samples, with z
        the value at risk of all replications. Their mean is the Rockafellar-Uryasev estimate exactly, and as that z
        minimises it, the error in z is of second order: Student's t interval of them is an interval of the CVaR
        (Hong, Hu, Liu 2014, "Monte Carlo methods for value-at-risk and conditional value-at-risk: a review", ACM
        TOMACS 24(4), article 22, section 4). Unlike the CVaR of a section they do not suffer from small sections.
        """
        table = np.asarray(costs, dtype=np.float64)
        if self.pooling == "per_replication":
            return np.array([conditional_value_at_risk(row, self.level, estimator=self.estimator) for row in table])
        samples = table.sum(axis=1, keepdims=True) if self.pooling == "horizon" else table
        z = value_at_risk(samples, self.level, strict=False)
        share: Floats = z + np.maximum(samples - z, 0.0).mean(axis=1) / (1.0 - self.level)
        return share

    def epf_by_replication(self, costs: Floats, budget: float) -> Floats:
        """Share of each replication's costs above the budget, float64[R]; their mean is the EPF.

        Under pooling "horizon" the budget is one for the whole horizon.
        """
        samples = costs.sum(axis=1, keepdims=True) if self.pooling == "horizon" else costs
        return np.array([exceedance_probability(row, budget) for row in samples])


def _rank(n: int, level: float, strict: bool) -> int:
    """0-based rank of the value at risk in the sorted sample."""
    if strict:
        return min(n - 1, math.floor(level * n + _RANK_SLACK))
    return max(0, math.ceil(level * n - _RANK_SLACK) - 1)


def _checked(samples: ArrayLike, level: float) -> Floats:
    if not 0.0 < level < 1.0:
        raise ValueError(f"level is {level}; it must lie between 0 and 1")
    flat = np.asarray(samples, dtype=np.float64).ravel()
    if flat.size == 0:
        raise ValueError("no samples to measure")
    if not np.isfinite(flat).all():
        raise ValueError("a sample is not a finite number")
    return flat

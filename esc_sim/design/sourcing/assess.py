"""What a returned plan is worth: price of robustness, violations out of sample, second-stage costs and their risk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.design.sourcing.instance import SourcingInstance
from esc_sim.design.sourcing.options import SourcingOptions
from esc_sim.design.sourcing.plan import SourcingPlan
from esc_sim.design.sourcing.risk import conditional_value_at_risk, excess_probability, value_at_risk

FloatArray = NDArray[np.float64]

_BATCH = 2_000_000
"""Comparisons per batch of the violation count: some 20 MB."""


@dataclass(frozen=True)
class Assessment:
    """Second-stage costs of a plan over the design's scenarios.

    Attributes:
        expected: sum_k p_k Cost_k.
        least, most: range of Cost_k.
        epf: P(Cost_k > budget) at each budget level asked for.
        var, cvar: value at risk and CVaR at `confidence`.
        confidence: eta.
    """

    expected: float
    least: float
    most: float
    epf: dict[float, float]
    var: float
    cvar: float
    confidence: float


def assess(
    instance: SourcingInstance, plan: SourcingPlan, budgets: ArrayLike = (), confidence: float = 0.95
) -> Assessment:
    """Recompute Cost_k of a plan and its risk at any budget levels.

    Args:
        instance: data.
        plan: decisions.
        budgets: budget levels for the excess probability.
        confidence: eta of VaR and CVaR.
    """
    costs, p = plan.scenario_costs(instance), instance.probability
    return Assessment(
        expected=float(p @ costs),
        least=float(costs.min()),
        most=float(costs.max()),
        epf={float(b): excess_probability(costs, p, float(b)) for b in np.atleast_1d(np.asarray(budgets, dtype=float))},
        var=value_at_risk(costs, p, confidence),
        cvar=conditional_value_at_risk(costs, p, confidence),
        confidence=confidence,
    )


def plan_cost(instance: SourcingInstance, options: SourcingOptions, plan: SourcingPlan) -> float:
    """The objective at a plan: first-stage cost plus the expectation (1a) or the CVaR of the second-stage cost.

    Args:
        instance: the data.
        options: objective and confidence.
        plan: the plan.
    """
    costs, p = plan.scenario_costs(instance), instance.probability
    expected = options.objective == "expected"
    second = float(p @ costs) if expected else conditional_value_at_risk(costs, p, options.confidence)
    return plan.first_stage_cost(instance) + second


def price_of_robustness(robust: float, deterministic: float) -> float:
    """RP = (robust cost - deterministic cost) / deterministic cost (Wang, Chen, Liu, sec. 6.2)."""
    return (robust - deterministic) / deterministic


def violation_share(plan: SourcingPlan, samples: ArrayLike) -> float:
    """Share of (sample, scenario, buyer) whose demand the plan does not meet (VP, as a share).

    Args:
        plan: decisions.
        samples: demand, shape (N, A).
    """
    d = np.asarray(samples, dtype=float)
    return float(np.mean([v for part in _violations(plan, d[None]) for v in part]))


def violation_shares(plan: SourcingPlan, experiments: ArrayLike) -> FloatArray:
    """VP of several experiments, as for a density (Wang, Chen, Liu, fig. 5).

    Args:
        plan: decisions.
        experiments: demand, shape (experiments, N, A).

    Returns:
        Shape (experiments,).
    """
    return np.concatenate(list(_violations(plan, np.asarray(experiments, dtype=float))))


def _violations(plan: SourcingPlan, experiments: FloatArray) -> Iterator[FloatArray]:
    supply = plan.supply()
    levels, count = np.unique(supply, axis=0, return_counts=True)  # most scenarios supply the same
    slack = 1e-9 * np.maximum(levels, 1.0)
    step = max(1, _BATCH // max(experiments[0].size * levels.shape[0], 1))
    for start in range(0, experiments.shape[0], step):
        part = experiments[start : start + step]
        short = part[:, :, None, :] > (levels + slack)[None, None]
        yield (short.mean(axis=(1, 3)) * count).sum(axis=1) / count.sum()

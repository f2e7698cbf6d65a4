"""Every constraint of the original, unreduced model evaluated at a returned plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.sourcing.assess import plan_cost
from esc_sim.design.sourcing.demand import DesignDemand
from esc_sim.design.sourcing.instance import SourcingInstance
from esc_sim.design.sourcing.options import SourcingOptions
from esc_sim.design.sourcing.plan import SourcingPlan
from esc_sim.design.sourcing.risk import conditional_value_at_risk, excess_probability

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Violation:
    """One constraint that a plan breaks.

    Attributes:
        constraint: what is broken, with the paper's number.
        where: labels of supplier, buyer, scenario.
        left, right: the two sides as they stand.
    """

    constraint: str
    where: str
    left: float
    right: float

    def __str__(self) -> str:
        place = f" at {self.where}" if self.where else ""
        return f"{self.constraint}{place}: {self.left:.9g} against {self.right:.9g}"


def recheck(
    instance: SourcingInstance,
    demand: DesignDemand,
    options: SourcingOptions,
    plan: SourcingPlan,
    objective: float | None = None,
    tolerance: float = 1e-6,
) -> list[Violation]:
    """Violations of the original model (1a)-(3g), (24c) at a plan; empty when it keeps all.

    Capacity is evaluated scenario by scenario with the recovery time T_mk = t_max / (1 - h_ml) of the chosen level,
    and the worst case of demand is taken from the set again, by its support function in each buyer's direction.

    Args:
        instance: data.
        demand: what was to be covered.
        options: the limits that were set.
        plan: decisions.
        objective: the cost that the solver reported; compared with (1a) at the plan.
        tolerance: relative to the larger side of each constraint.
    """
    check = _Checker(tolerance)
    k, a = len(instance.scenarios), len(instance.buyers)
    x, z = plan.effort.sum(axis=1), plan.effort
    check.equal("whole decisions (3f)", np.rint(z), z, (instance.primaries, instance.levels))
    check.at_most("one level of a signed supplier (3e)", x, np.ones_like(x), (instance.primaries,))
    for name, array in (
        ("contract", plan.contract),
        ("reserve", plan.reserve),
        ("backup", plan.backup),
        ("spot", plan.spot),
    ):
        low = float(array.min(initial=0.0))
        check.at_most(f"{name} not negative (3g)", np.array([-low]), np.zeros(1), (("",),))
    time = (instance.recovery_time * z).sum(axis=1)
    check.at_most(
        "recovery time (3d)", time * (1.0 - (instance.warning * z).sum(axis=1)),
        np.full_like(time, instance.max_recovery_time), (instance.primaries,),
    )  # fmt: skip
    regained = instance.residual * x + time * (instance.recovery_rate * z).sum(axis=1)
    capacity = np.where(instance.disrupted, instance.capacity * regained, instance.capacity * x)
    ordered = np.broadcast_to(plan.contract.sum(axis=1), capacity.shape)
    check.at_most("capacity of primary (3b)", ordered, capacity, (instance.scenarios, instance.primaries))
    reserve = np.broadcast_to(plan.reserve, (k, len(instance.backups)))
    check.at_most("reserved capacity (3c)", plan.backup.sum(axis=2), reserve, (instance.scenarios, instance.backups))
    check.at_most("demand (3a, 24c)", _worst(demand, k, a), plan.supply(), (instance.scenarios, instance.buyers))
    _check_options(check, instance, options, plan)
    if objective is not None:
        check.equal("cost (1a)", np.array([objective]), np.array([plan_cost(instance, options, plan)]), (("",),))
    return check.found


def broken_limits(
    instance: SourcingInstance, options: SourcingOptions, plan: SourcingPlan, tolerance: float = 1e-6
) -> list[Violation]:
    """The options' limits that a plan breaks: excess probability, CVaR, closed sources.

    Args:
        instance: the data.
        options: the limits.
        plan: the plan.
        tolerance: how far a limit may be passed, relative to the larger side.
    """
    check = _Checker(tolerance)
    _check_options(check, instance, options, plan)
    return check.found


def _check_options(check: _Checker, instance: SourcingInstance, options: SourcingOptions, plan: SourcingPlan) -> None:
    costs, p = plan.scenario_costs(instance), instance.probability
    if options.budget is not None:
        budget = options.budget * (1.0 + check.tolerance)
        share = np.array([excess_probability(costs, p, budget)])
        check.at_most("excess probability (2a, 23)", share, np.array([options.epsilon]), (("",),))
    if options.cvar_limit is not None:
        tail = np.array([conditional_value_at_risk(costs, p, options.confidence)])
        check.at_most("CVaR", tail, np.array([options.cvar_limit]), (("",),))
    if options.sole_sourcing:
        check.equal("one primary supplier", np.array([plan.effort.sum()]), np.ones(1), (("",),))
    if not options.has_backup:
        check.at_most("no backup supplier", plan.reserve, np.zeros_like(plan.reserve), (instance.backups,))
    if not options.spot:
        check.at_most("no spot purchase", plan.spot, np.zeros_like(plan.spot), (instance.scenarios, instance.buyers))
    if options.levels is not None:
        allowed = np.array([level in options.levels for level in instance.levels], dtype=float)
        top = np.broadcast_to(allowed, plan.effort.shape)
        check.at_most("allowed effort levels", plan.effort, top, (instance.primaries, instance.levels))


def _worst(demand: DesignDemand, scenarios: int, buyers: int) -> FloatArray:
    """max d_a over the sets, one support function per buyer and scenario."""
    sets = demand.uncertainty
    if sets is None:
        return np.broadcast_to(demand.worst, (scenarios, buyers))
    eye = np.eye(buyers)
    parts = [[max(s.support(c), 0.0) for c in eye] for s in (sets if isinstance(sets, tuple) else (sets,))]
    return np.broadcast_to(np.array(parts), (scenarios, buyers))


class _Checker:
    """Collects the entries at which left <= right or left = right fails."""

    def __init__(self, tolerance: float) -> None:
        self.tolerance = tolerance
        self.found: list[Violation] = []

    def at_most(self, name: str, left: FloatArray, right: FloatArray, labels: tuple[tuple[str, ...], ...]) -> None:
        """Demand left <= right, entry by entry."""
        self._collect(name, left, right, left - right, labels)

    def equal(self, name: str, left: FloatArray, right: FloatArray, labels: tuple[tuple[str, ...], ...]) -> None:
        """Demand left = right, entry by entry."""
        self._collect(name, left, right, np.abs(left - right), labels)

    def _collect(
        self, name: str, left: FloatArray, right: FloatArray, over: FloatArray, labels: tuple[tuple[str, ...], ...]
    ) -> None:
        scale = np.maximum(np.maximum(np.abs(left), np.abs(right)), 1.0)
        for place in np.argwhere(over > self.tolerance * scale):
            at = tuple(int(i) for i in place)
            where = ", ".join(names[i] for names, i in zip(labels, at, strict=True))
            self.found.append(Violation(name, where, float(left[at]), float(right[at])))

"""What a sourcing plan promises, beside what its simulation gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from esc_sim.results.columns import NODE_COLUMNS, TALLY_COLUMNS
from esc_sim.results.promise import Promise
from esc_sim.results.run import Floats, RunResult, column
from esc_sim.risk.measures import value_at_risk
from esc_sim.written import number

if TYPE_CHECKING:
    from esc_sim.plans.sourcing import SourcingContractPlan

_ALL_MET = 1.0 - 1e-9
"""Share of buyers whose demand was met from which on it is all of them."""
_INCOME = NODE_COLUMNS.index("income")
_SHORT = TALLY_COLUMNS.index("short")
ROUNDING = 1e-9
"""Relative slack when a cost is compared with a budget: sums of money in another order differ so much."""


def second_stage_cost(plan: SourcingContractPlan, result: RunResult) -> Floats:
    """What backups and the spot market earned in each counted period, money, [R, T].

    Raises:
        ValueError: the run kept no traces.
    """
    if result.traces is None:
        raise ValueError("the run kept no traces, so what each supplier earned is not known")
    index = {name: n for n, name in enumerate(result.network.node_ids)}
    names = [reserve.supplier for reserve in plan.reserves]
    if plan.spot_market is not None:
        names.append(plan.spot_market)
    earned = result.traces.nodes[:, result.scenario.run.warm_up :, [index[name] for name in names], _INCOME]
    return np.asarray(earned.sum(axis=2))


def sourcing_promises(plan: SourcingContractPlan, result: RunResult) -> list[Promise]:
    """Cost, second-stage cost, excess probability, CVaR and unmet demand of a run that carried the plan out.

    Costs may pass what was promised by what rounding to the quantum of goods can cost. The CVaR is a mean over
    replications of t + (cost - t)+ / (1 - confidence) at the sample's VaR t (Rockafellar, Uryasev 2002). A demand is
    one buyer's in one contract period; a period is short when some buyer's demand is.
    """
    if plan.promise is None or result.traces is None or result.tally is None:
        return []
    promise, first = plan.promise, result.scenario.run.warm_up
    second = second_stage_cost(plan, result)
    slack = _money_of_a_quantum(plan, result)
    paid = (column(result.values, "procurement") + column(result.values, "fixed_cost"))[:, first:]
    found = [
        Promise("cost", "Cost of a contract period", "{money}/{period}", promise.cost, paid.mean(axis=1), slack),
        Promise("second_stage", "  second stage", "{money}/{period}", promise.second_stage, second.mean(axis=1), slack),
    ]
    if promise.budget is not None:
        above = second > promise.budget + max(slack, ROUNDING * promise.budget)
        label = f"Second stage above {number(promise.budget)}"
        found.append(Promise("epf", label, "share", promise.epf, above.mean(axis=1)))
    at_risk = value_at_risk(second.ravel(), promise.confidence)
    tail = at_risk + np.maximum(second - at_risk, 0.0) / (1.0 - promise.confidence)
    label = f"CVaR {100 * promise.confidence:g} % of the second stage"
    found.append(Promise("cvar", label, "{money}/{period}", promise.cvar, tail.mean(axis=1), slack))
    sure = "" if promise.violation is None else f" ({100 * promise.violation_confidence:g} % sure)"
    label, note = f"Demands not met in full{sure}", promise.note
    found.append(Promise("violation", label, "share", promise.violation, _violation(plan, result), note=note))
    label = "  periods with some buyer short"
    short = (column(result.values, "met")[:, first:] < _ALL_MET).mean(axis=1)
    found.append(Promise("short_periods", label, "share", promise.short_periods, short))
    return found


def _money_of_a_quantum(plan: SourcingContractPlan, result: RunResult) -> float:
    """What one quantum of goods more on every arc that the plan uses costs, at the dearest case's prices."""
    scenario = result.scenario
    dearest: dict[str, float] = {}
    for case in (case for law in scenario.joint_disruptions for case in law.cases):
        for node, factor in case.price.items():
            dearest[node] = max(dearest.get(node, 1.0), factor)
    used = {(use.buyer, use.supplier) for use in plan.uses} | {(use.buyer, plan.spot_market) for use in plan.uses}
    arcs = [arc for arc in scenario.arcs if (arc.buyer, arc.supplier) in used]
    cost = sum(arc.price * dearest.get(arc.supplier, 1.0) + arc.other_cost for arc in arcs)
    return float(cost * 2.0**-scenario.rules.goods_quantum)


def _violation(plan: SourcingContractPlan, result: RunResult) -> Floats:
    """Share of (contract period, buyer) in which not all demand was met, [R]."""
    assert result.tally is not None
    index = {name: n for n, name in enumerate(result.network.node_ids)}
    buyers = {index[use.buyer] for use in plan.uses}
    items = [item for item, node in enumerate(result.network.item_node.tolist()) if node in buyers]
    counted = result.period_count - result.scenario.run.warm_up
    return np.asarray(result.tally[:, items, _SHORT].mean(axis=1) / counted)

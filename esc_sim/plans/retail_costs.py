"""What a retail plan costs beside its flows, and what it promises to cost, beside what its simulation cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from esc_sim.instance.settlement import Settlement
from esc_sim.results.promise import Promise
from esc_sim.results.run import Floats, RunResult, column
from esc_sim.sampling.timetable import JointLaw

if TYPE_CHECKING:
    from esc_sim.network.model import Network
    from esc_sim.plans.retail import RetailNetworkPlan

SHORT = 1e-7
"""Share of the demand below which what is missing is rounding of the solver and on the grid of goods."""
LABELS = {
    "fixed": "  sites, links and stock",
    "destruction": "  destruction",
    "flows": "  transport and handling",
    "purchases": "  purchases",
    "leftovers": "  unused stock",
    "penalty": "  penalty for shortage",
}


def settlement_of(plan: RetailNetworkPlan, network: Network, law: JointLaw) -> Settlement | None:
    """The costs of sites, links, stock and shortage that a plan states; None where it states none.

    Args:
        plan: the plan; what opening a link costs is paid by its buyer.
        network: whose nodes and links it names, a product at each node.
        law: the joint law whose cases are the plan's.
    """
    prices = ("stock_price", "fixed_cost", "destruction", "holding_cost", "loss", "penalty")
    stated = [getattr(use, price) for use in plan.nodes for price in prices]
    if all(cost is None for cost in (*stated, *(link.fixed_cost for link in plan.links))):
        return None
    index, count = network.node_index, network.node_count
    fixed, damage = np.zeros(count), np.zeros((count, len(plan.cases)))
    stock_price, holding, loss, penalty = (np.zeros(count) for _ in range(4))
    for use in plan.nodes:
        node = index[use.node]
        fixed[node] += use.fixed_cost or 0.0
        damage[node] = use.destruction or 0.0
        stock_price[node], holding[node] = use.stock_price or 0.0, use.holding_cost or 0.0
        loss[node], penalty[node] = use.loss or 0.0, use.penalty or 0.0
    for link in plan.links:
        fixed[index[link.buyer]] += link.fixed_cost or 0.0
    places = network.item_node
    return Settlement(law, fixed, damage, stock_price[places], holding[places], loss[places], penalty[places])


def retail_promises(plan: RetailNetworkPlan, result: RunResult) -> list[Promise]:
    """The expected cost of a disaster and its pieces, beside what each replication cost.

    Args:
        plan: with costs that it promises.
        result: of a run that carried it out.
    """
    promised = plan.promised_costs
    if promised is None:
        return []
    paid, slack = _paid(result), _money_of_rounding(plan, result)
    total = sum(getattr(promised, name) for name in LABELS)
    whole = column(result.values, "cost").sum(axis=1)
    found = [Promise("cost", "Cost of a disaster", "{money}", total, whole, slack)]
    return found + [
        Promise(name, label, "{money}", getattr(promised, name), paid[name], slack) for name, label in LABELS.items()
    ]


def _money_of_rounding(plan: RetailNetworkPlan, result: RunResult) -> float:
    """What the share of the demand that counts as rounding costs, at the dearest price of a unit."""
    prices = [arc.price + arc.other_cost for arc in result.scenario.arcs]
    prices += [use.penalty or 0.0 for use in plan.nodes]
    return SHORT * float(column(result.values, "demand").sum(axis=1).mean()) * max(prices)


def _paid(result: RunResult) -> dict[str, Floats]:
    """What each replication paid, by piece, float64[R]."""

    def over_periods(name: str) -> Floats:
        return column(result.values, name).sum(axis=1)

    purchases = over_periods("internal_income")
    return {
        "fixed": column(result.values, "fixed_cost")[:, 0],
        "destruction": column(result.values, "fixed_cost")[:, 1:].sum(axis=1),
        "flows": over_periods("procurement") - purchases,
        "purchases": purchases,
        "leftovers": over_periods("storage") + over_periods("disposal_cost"),
        "penalty": over_periods("shortage_cost"),
    }

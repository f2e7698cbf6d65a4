"""Rolling plans of an instance: whose orders each plan decides, and what its program knows of the network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np

from esc_sim.errors import InputError
from esc_sim.instance.model import Instance, IntArray
from esc_sim.instance.plugins import PLANNED
from esc_sim.policies.code import CodeOrder
from esc_sim.results.observed import Observed
from esc_sim.scenario.items import items_of
from esc_sim.scenario.rolling import RollingPlan
from esc_sim.scenario.schema import Scenario, StockLine

SHOWN: Final = ("profit promised", "profit realised")
"""What a plan shows of itself in every period: the profit of its nodes over its horizon, and that of the period."""


@dataclass(frozen=True)
class PlanScope:
    """Whose orders a plan decides, and what its program holds; arcs in the order of lines.

    Attributes:
        plan: as the scenario states it.
        bought: int64 items that order as the plan says.
        items: int64 all items of the program: those, the others of the same nodes, and those of sources that only these
            nodes buy from.
        arcs: int64 arcs by which ``bought`` are supplied; suppliers that are not among ``items`` deliver what is
            ordered.
        nodes: int64 nodes of the items.
    """

    plan: RollingPlan
    bought: IntArray
    items: IntArray
    arcs: IntArray
    nodes: IntArray


@dataclass(frozen=True)
class PlannedInstance(Instance):
    """An instance with rolling plans.

    Attributes:
        rolling: the plans.
    """

    rolling: tuple[PlanScope, ...] = ()

    @property
    def agent_features(self) -> tuple[str, ...]:
        """What of this instance only the agent engine can run, in words."""
        found = (f"'{scope.plan.name}' ({', '.join(names_of(self, scope.bought))})" for scope in self.rolling)
        return (*super().agent_features, f"orders follow the rolling plan {' and '.join(found)}")


def names_of(instance: Instance, items: IntArray) -> list[str]:
    """Names of items."""
    return [instance.network.item_name(item) for item in items.tolist()]


def planned_nodes(plan: RollingPlan, scenario: Scenario) -> set[str]:
    """Ids of the nodes whose orders a plan decides."""
    buyers = {arc.buyer for arc in scenario.arcs}
    return buyers & set(plan.nodes) if plan.nodes else buyers


def left_to_plans(scenario: Scenario) -> Scenario:
    """The scenario with the orders of planned nodes left to their plans."""
    default = scenario.products[0].id
    nodes = set().union(*(planned_nodes(plan, scenario) for plan in scenario.rolling_plans))
    wanted = {(arc.buyer, arc.product or default) for arc in scenario.arcs if arc.buyer in nodes}
    entries: dict[str, list[Any]] = {"nodes": list(scenario.nodes), "stocks": list(scenario.stocks)}
    order = CodeOrder.model_construct(code=PLANNED)
    for item, ((key, number), entry) in items_of(scenario).items():
        if item in wanted:
            entries[str(key)][int(number)] = entry.model_copy(update={"order": order})
            wanted.remove(item)
    entries["stocks"] += [StockLine(node=node, product=product, order=order) for node, product in sorted(wanted)]
    return scenario.model_copy(update=entries)


def with_rolling_plans(instance: Instance, scenario: Scenario) -> PlannedInstance:
    """The instance with the rolling plans of its scenario.

    Args:
        instance: made of what :func:`left_to_plans` gave.
        scenario: with the orders that the plans take the place of.

    Raises:
        InputError: a plan cannot plan what it is to.
    """
    scopes = [_scope(plan, instance, scenario) for plan in scenario.rolling_plans]
    wrong = [*_overlaps(scopes, instance), *(text for scope in scopes for text in _unknown(scope, instance, scenario))]
    if wrong:
        raise InputError(list(dict.fromkeys(wrong)))
    made: dict[str, Any] = {part.name: getattr(instance, part.name) for part in fields(Instance)}
    shown = [Observed(kind, scope.plan.name, scenario.units.money) for scope in scopes for kind in SHOWN]
    made["observed"] = (*instance.observed, *shown)
    return PlannedInstance(**made, rolling=tuple(scopes))


def _scope(plan: RollingPlan, instance: Instance, scenario: Scenario) -> PlanScope:
    network, lines = instance.network, instance.lines
    nodes = {network.node_index[name] for name in planned_nodes(plan, scenario)}
    node_of = network.item_node.tolist()
    bought = [item for item in np.unique(lines.buyer).tolist() if node_of[item] in nodes]
    arcs = np.flatnonzero(np.isin(lines.buyer, bought))
    others = {node_of[item] for item in lines.buyer.tolist()} - nodes
    mine = set(lines.supplier[arcs].tolist())
    elsewhere = set(lines.supplier.tolist()) - mine | set(np.delete(lines.supplier, arcs).tolist())
    sources = {i for i in mine - elsewhere if node_of[i] not in nodes | others}
    items = [i for i, node in enumerate(node_of) if node in nodes or i in sources]
    return PlanScope(
        plan=plan,
        bought=np.array(bought, np.int64),
        items=np.array(items, np.int64),
        arcs=arcs.astype(np.int64),
        nodes=np.unique(network.item_node[items]).astype(np.int64),
    )


def _overlaps(scopes: Sequence[PlanScope], instance: Instance) -> Iterator[str]:
    """Nodes in several plans, and plans without a node."""
    count = Counter(node for scope in scopes for node in scope.nodes.tolist())
    for node, often in count.items():
        if often > 1:
            plans = [scope.plan.name for scope in scopes if node in scope.nodes]
            yield f"rolling_plans: '{instance.network.node_ids[node]}' is in several plans: {', '.join(plans)}"
    for scope in scopes:
        for name in scope.plan.nodes:
            if instance.network.node_index[name] not in instance.network.item_node[scope.bought]:
                yield f"rolling_plans.{scope.plan.name}: '{name}' buys nothing, so that it has no orders to plan"
        if not len(scope.bought):
            yield f"rolling_plans.{scope.plan.name}: no node buys anything, so that there is nothing to plan"


def _unknown(scope: PlanScope, instance: Instance, scenario: Scenario) -> Iterator[str]:
    """What of the network the program of a plan does not know, and would get wrong."""
    place, making = f"rolling_plans.{scope.plan.name}", instance.making
    program, network = set(scope.items.tolist()), instance.network
    orders = {item: entry.order for item, (_, entry) in items_of(scenario).items()}
    for item in scope.bought.tolist():
        name = network.item_name(item)
        order = orders.get((network.node_ids[network.item_node[item]], network.products[network.item_product[item]]))
        terms = [key for key in ("fixed_cost", "minimum", "order_multiple") if getattr(order, key, 0.0)]
        if terms:
            yield f"{place}: a linear program knows no {' or '.join(terms)} of orders, which '{name}' has"
        if np.count_nonzero(instance.lines.line_item == item) > 1:
            yield f"{place}: '{name}' buys in several markets, and a plan orders in one"
    recipes, back = making.recipes, making.leftovers
    for what, items in (
        ("goods that perish", making.perishable),
        ("recipes", np.r_[recipes.input_item, recipes.output_item]),
        ("room and takers", np.r_[making.offers.giver, making.offers.taker]),
        ("what customers leave", np.r_[back.bought, back.left]),
        ("fields", np.array(sorted(instance.farming.items), np.int64)),
        ("customers and orders at any time", np.array(sorted(instance.live.items if instance.live else ()), np.int64)),
    ):
        found = sorted(program.intersection(items.tolist()))
        if found:
            yield f"{place}: the program does not know {what}, which there are at '{network.item_name(found[0])}'"
    lines = instance.lines
    for arc in np.flatnonzero(np.isin(lines.supplier, scope.items) & ~np.isin(lines.buyer, scope.items))[:1].tolist():
        buyer, supplier = network.item_name(int(lines.buyer[arc])), network.item_name(int(lines.supplier[arc]))
        yield f"{place}: the program does not know the orders of '{buyer}' at '{supplier}': plan '{buyer}' as well"
    if not instance.switches.partial_demand:
        yield f"{place}: the program serves demand in part: leave rules.partial_demand at true"
    if instance.negotiation is not None:
        yield f"{place}: a plan says itself whom its nodes ask: leave rules.negotiation out"
    if instance.spreading is not None and instance.spreading.links_trade:
        yield f"{place}: the program does not know new links: leave cascade.links_trade at false"

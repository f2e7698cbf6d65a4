"""Rolling plans of an instance: whose orders each plan decides, and what its program knows of the network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from esc_sim.errors import InputError
from esc_sim.instance.model import Instance, IntArray
from esc_sim.instance.plugins import GIVEN, PLANNED
from esc_sim.policies.code import CodeOrder
from esc_sim.results.observed import Observed
from esc_sim.results.rolling import PROMISED, REALISED
from esc_sim.scenario.items import items_of
from esc_sim.scenario.rolling import RollingPlan, planned_nodes
from esc_sim.scenario.schema import Scenario, StockLine


@dataclass(frozen=True)
class PlanScope:
    """Whose orders a plan decides, and what its program holds; arcs in the order of lines.

    Attributes:
        plan: as the scenario states it.
        bought: int64 items that order as the plan says.
        items: int64 all items of the plan's nodes, without air and water.
        arcs: int64 arcs by which ``bought`` are supplied; suppliers that are not among ``items`` deliver what is
            ordered.
        outside: int64 arcs by which other nodes buy from ``items``.
        nodes: int64 nodes of the plan.
    """

    plan: RollingPlan
    bought: IntArray
    items: IntArray
    arcs: IntArray
    outside: IntArray
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


def left_to_plans(scenario: Scenario) -> Scenario:
    """The scenario with the orders of planned nodes left to their plans."""
    default = scenario.products[0].id
    ids = [node.id for node in scenario.nodes]
    nodes = {name for plan in scenario.rolling_plans for name in planned_nodes(plan, ids)}
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
    scopes = [_scope(plan, instance) for plan in scenario.rolling_plans]
    wrong = [*_overlaps(scopes, instance), *(text for scope in scopes for text in _unknown(scope, instance, scenario))]
    if wrong:
        raise InputError(list(dict.fromkeys(wrong)))
    made: dict[str, Any] = {part.name: getattr(instance, part.name) for part in fields(Instance)}
    shown = [Observed(kind, scope.plan.name, scenario.units.money) for scope in scopes for kind in (PROMISED, REALISED)]
    made["observed"] = (*instance.observed, *shown)
    return PlannedInstance(**made, rolling=tuple(scopes))


def _scope(plan: RollingPlan, instance: Instance) -> PlanScope:
    network, lines = instance.network, instance.lines
    nodes = sorted(network.node_index[name] for name in planned_nodes(plan, network.node_ids))
    mine = np.isin(network.item_node[lines.buyer], nodes)
    stocked = ~instance.making.environment
    items = np.flatnonzero(np.isin(network.item_node, nodes) & stocked)
    return PlanScope(
        plan=plan,
        bought=np.unique(lines.buyer[mine]).astype(np.int64),
        items=items,
        arcs=np.flatnonzero(mine),
        outside=np.flatnonzero(np.isin(lines.supplier, items) & ~mine),
        nodes=np.array(nodes, np.int64),
    )


def _overlaps(scopes: Sequence[PlanScope], instance: Instance) -> Iterator[str]:
    """Nodes in several plans, and plans without a node."""
    count = Counter(node for scope in scopes for node in scope.nodes.tolist())
    for node in [node for node, often in count.items() if often > 1][:1]:
        plans = [scope.plan.name for scope in scopes if node in scope.nodes]
        yield f"rolling_plans: '{instance.network.node_ids[node]}' is in several plans: {', '.join(plans)}"
    for scope in scopes:
        if not len(scope.bought):
            yield f"rolling_plans.{scope.plan.name}: none of its nodes buys anything, so that there is nothing to plan"


def _unknown(scope: PlanScope, instance: Instance, scenario: Scenario) -> Iterator[str]:
    """What of the network the program of a plan does not know, and would get wrong."""
    place, making = f"rolling_plans.{scope.plan.name}", instance.making
    program, network = set(scope.items.tolist()), instance.network
    orders = {item: entry.order for item, (_, entry) in items_of(scenario).items()}
    for item in scope.bought.tolist():
        name = network.item_name(item)
        order = orders.get((network.node_ids[network.item_node[item]], network.products[network.item_product[item]]))
        terms = [key for key in ("fixed_cost", "minimum", "order_multiple") if getattr(order, key, 0.0)]
        if isinstance(order, CodeOrder) and order.code == GIVEN:
            yield f"{place}: '{name}' orders as the plan says, and its policy from Python is never asked: leave one out"
        if terms:
            yield f"{place}: a linear program knows no {' or '.join(terms)} of orders, which '{name}' has"
        if np.count_nonzero(instance.lines.line_item == item) > 1:
            yield f"{place}: '{name}' buys in several markets, and a plan orders in one"
    back, recipes = making.leftovers, making.recipes[np.isin(making.recipes["node"], scope.nodes)]
    for what, items in (
        ("goods that perish", making.perishables["item"]),
        ("room and takers", np.r_[making.givers["item"], making.takers["item"]]),
        ("what customers leave", np.r_[back["bought"], back["item"]]),
        ("fields", np.array(sorted(instance.farming.items), np.int64)),
        ("customers and orders at any time", np.array(sorted(instance.live.items if instance.live else ()), np.int64)),
    ):
        found = sorted(program.intersection(items.tolist()))
        if found:
            yield f"{place}: the program does not know {what}, which there are at '{network.item_name(found[0])}'"
    using = recipes["node"][recipes["energy"] > 0.0]
    short = using[np.isfinite(making.energy[using]) | (instance.power is not None)]
    if len(short):
        name = network.node_ids[short[0]]
        yield f"{place}: the program does not know limits of energy, which recipes of '{name}' have"
    if not instance.switches.partial_demand:
        yield f"{place}: the program serves demand in part: leave rules.partial_demand at true"
    if instance.negotiation is not None:
        yield f"{place}: a plan says itself whom its nodes ask: leave rules.negotiation out"
    if instance.spreading is not None and instance.spreading.links_trade:
        yield f"{place}: the program does not know new links: leave cascade.links_trade at false"

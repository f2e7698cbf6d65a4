"""The decision variables that a scenario's section ``optimize`` names, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from esc_sim.fields.parts import arc_path
from esc_sim.measures.measure import Need
from esc_sim.measures.registry import SEARCHED
from esc_sim.policies.policy import Order
from esc_sim.policies.registry import decidable
from esc_sim.scenario.items import items_of
from esc_sim.scenario.messages import Path, Problem
from esc_sim.scenario.optimization import Variable
from esc_sim.scenario.schema import Arc, Scenario


@dataclass(frozen=True)
class Decision:
    """One decision variable.

    Attributes:
        kind: "order" (a parameter of the order of a node's product), "price" (unit price of an arc) or "stock".
        parameter: "mean" for mean orders, "order_up_to" and so on for other policies; "price"; "initial_stock" and so
            on for stocks.
        name: "order/retailer_1" (its mean order), "order.order_up_to/shop", "price/retailer_1/terminal_1",
            "stock.initial_stock/shop"; with the product where there are several, and the mode of a route that has one.
        target: (node, product) of an order or a stock, (buyer, supplier, product) of a price.
        arc: number of the arc in the scenario, -1 for an order or a stock.
        value: what the scenario says.
        low, high: bounds.
        path: entry of ``optimize.variables`` that names it.
    """

    kind: Literal["order", "price", "stock"]
    parameter: str
    name: str
    target: tuple[str, ...]
    arc: int
    value: float
    low: float
    high: float
    path: Path


def reviews_continuously(scenario: Scenario) -> list[bool]:
    """Of each item that has an order, whether it is placed at any time."""
    orders = [item.order for _, item in items_of(scenario).values()]
    return [getattr(order, "review", "periodic") == "continuous" for order in orders if order is not None]


def decisions_of(scenario: Scenario) -> list[Decision]:
    """All decision variables, in the order of the entries, and within an entry in that of nodes or arcs."""
    if scenario.optimize is None:
        return []
    return [
        decision
        for number, variable in enumerate(scenario.optimize.variables)
        for decision in _named_by(scenario, number, variable)
    ]


def _named_by(scenario: Scenario, number: int, variable: Variable) -> Iterator[Decision]:
    path: Path = ("optimize", "variables", number)
    several = len(scenario.products) > 1
    if variable.kind != "price":
        for (node, product), (_, data) in items_of(scenario).items():
            of_order = variable.kind == "order"
            value = decidable(data.order).get(variable.parameter) if of_order else getattr(data, variable.parameter)
            if value is None or not _wanted(variable, product) or (variable.nodes and node not in variable.nodes):
                continue
            what = variable.kind if variable.parameter == "mean" else f"{variable.kind}.{variable.parameter}"
            name = f"{what}/{node}/{product}" if several else f"{what}/{node}"
            low, high = bounds(variable, value)
            yield Decision(variable.kind, variable.parameter, name, (node, product), -1, value, low, high, path)
        return
    for index, arc in enumerate(scenario.arcs):
        product = arc.product or scenario.products[0].id
        if _wanted(variable, product) and _names(variable, arc, product):
            name = f"price/{arc_path(arc.buyer, arc.supplier, product if several else None, arc.mode)}"
            low, high = bounds(variable, arc.price)
            yield Decision(
                "price", "price", name, (arc.buyer, arc.supplier, product), index, arc.price, low, high, path
            )


def _wanted(variable: Variable, product: str) -> bool:
    return variable.product is None or variable.product == product


def _names(variable: Variable, arc: Arc, product: str) -> bool:
    return not variable.arcs or any(named.means(arc.buyer, arc.supplier, product, arc.mode) for named in variable.arcs)


def bounds(variable: Variable, value: float) -> tuple[float, float]:
    """Within which bounds a variable is decided.

    Args:
        variable: entry of ``optimize.variables``.
        value: what relative bounds are relative to.
    """
    if variable.absolute is not None:
        return variable.absolute[0], variable.absolute[1]
    assert variable.relative is not None
    return value * (1.0 + variable.relative[0]), value * (1.0 + variable.relative[1])


def decision_problems(scenario: Scenario) -> Iterator[Problem]:
    """What cannot mean anything in the section ``optimize`` of a scenario whose references are in order."""
    section = scenario.optimize
    if section is None:
        return
    decisions = decisions_of(scenario)
    for number, variable in enumerate(section.variables):
        mine = [d for d in decisions if d.path == ("optimize", "variables", number)]
        yield from _variable_problems(number, variable, mine, scenario)
    first: dict[str, Path] = {}
    for decision in decisions:
        if first.setdefault(decision.name, decision.path) != decision.path:
            before = first[decision.name][-1]
            yield Problem(decision.path, f"{decision.name} is a variable already (variables.{before})", "part")
    measured = [("objectives", i, name) for i, name in enumerate(section.objectives)]
    measured += [("constraints", i, c.measure) for i, c in enumerate(section.constraints)]
    for key, place, name in measured:
        reason = why_unmoved(name, scenario)
        if reason:
            yield Problem(("optimize", key, place), reason)


def without_budget(scenario: Scenario) -> str | None:
    """Why the chance of exceeding a budget (epf) cannot be told."""
    return None if scenario.risk.budget is not None else "it is the chance of exceeding a budget: set risk.budget"


def why_unmoved(measure: str, scenario: Scenario) -> str:
    """Why no plan can change a measure of a search under the scenario's rules; empty where plans may change it.

    What a scenario cannot give at all is told by ``results.estimable``.
    """
    measured = scenario.measures[measure] if measure in scenario.measures else SEARCHED[measure]
    needs, lines = measured.needs, [line for _, line in items_of(scenario).values()]
    if Need.BUDGET in needs:
        reason = without_budget(scenario)
        return f"{measure}: {reason}" if reason else ""
    if Need.WAITING in needs and scenario.rules.unmet != "backorder":
        return (
            f"{measure} is 0 for every plan, since unmet demand is lost and nobody waits: take unmet_per_period, or "
            "set rules.unmet to backorder"
        )
    emitting: list[Any] = [*lines, *scenario.arcs, *scenario.recipes, *scenario.takers, *scenario.amendments]
    if Need.EMISSIONS in needs and not any(part.emissions for part in emitting):
        return "emissions are 0 for every plan, since nothing in this scenario emits anything: give 'emissions'"
    return ""


def _variable_problems(number: int, variable: Variable, mine: list[Decision], scenario: Scenario) -> Iterator[Problem]:
    path: Path = ("optimize", "variables", number)
    for place, node in enumerate(variable.nodes):
        if not any(d.target[0] == node for d in mine):
            yield Problem((*path, "nodes", place), _without(node, variable, scenario))
    if not mine and not variable.nodes:
        what = "there is no such arc"
        if variable.kind == "stock":
            what = f"no node has a '{variable.parameter}'"
        if variable.kind == "order":
            what = "no node has a mean order"
            if variable.parameter != "mean":
                what = f"no node's order policy has a parameter '{variable.parameter}'"
        yield Problem(path, f"{what}: nothing to decide", "part")


def _without(node: str, variable: Variable, scenario: Scenario) -> str:
    """Why a node has no order with the parameter that a variable names."""
    orders: list[Order] = [
        data.order
        for (name, product), (_, data) in items_of(scenario).items()
        if name == node and data.order is not None and _wanted(variable, product)
    ]
    if variable.kind == "stock":
        return f"'{node}' has no '{variable.parameter}' to decide"
    if variable.parameter == "mean":
        others = sorted({name for order in orders for name in decidable(order)})
        hint = f"; its policy has {' and '.join(others)}: give it as 'parameter'" if others else ""
        return f"'{node}' has no mean order that could be decided{hint}"
    if not orders:
        return f"'{node}' orders nothing, so it has no '{variable.parameter}' to decide"
    policies = sorted({order.policy for order in orders})
    known = sorted({name for order in orders for name in decidable(order)})
    has = f"; it has {' and '.join(known)}" if known else ""
    return f"'{node}' orders by policy {' and '.join(policies)}, which has no parameter '{variable.parameter}'{has}"

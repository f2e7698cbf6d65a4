"""The decision variables that a scenario's section ``optimize`` names, one by one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import BaseModel

from esc_sim.fields.parts import arc_path
from esc_sim.measures.measure import Measure, Need
from esc_sim.measures.registry import SEARCHED
from esc_sim.policies.policy import Order
from esc_sim.policies.registry import decidable
from esc_sim.scenario.items import items_of
from esc_sim.scenario.messages import Path, Problem, shown
from esc_sim.scenario.optimization import Constraint, Variable, is_same
from esc_sim.scenario.schema import Arc, Scenario
from esc_sim.scenario.standing import choice_that_stands, standing
from esc_sim.scenario.worth import CannotError


@dataclass(frozen=True)
class Decision:
    """One decision variable.

    Attributes:
        kind: "order" (a parameter of the order of a node's product), "price" (unit price of an arc), "stock" or
            "setting" (any value of the scenario).
        parameter: "mean" for mean orders, "order_up_to" and so on for other policies; "price"; "initial_stock" and so
            on for stocks; the path of a setting.
        name: "order/retailer_1" (its mean order), "order.order_up_to/shop", "price/retailer_1/terminal_1",
            "stock.initial_stock/shop"; with the product where there are several, and the mode of a route that has one;
            the path of a setting.
        target: (node, product) of an order or a stock, (buyer, supplier, product) of a price, () of a setting.
        arc: number of the arc in the scenario, -1 for all but prices.
        value: what the scenario says; the number of its choice where there are choices.
        low, high: bounds.
        path: entry of ``optimize.variables`` that names it.
        mode: of a price's arc, where it has one.
        whole: whether it takes whole numbers only.
        choices, labels: what is chosen from, and what that is called in tables; empty for numbers.
        group: settings of one group are divided by their sum.
    """

    kind: Literal["order", "price", "stock", "setting"]
    parameter: str
    name: str
    target: tuple[str, ...]
    arc: int
    value: float
    low: float
    high: float
    path: Path
    mode: str | None = None
    whole: bool = False
    choices: tuple[Any, ...] = ()
    labels: tuple[str, ...] = ()
    group: str | None = None

    def decided(self, number: float) -> Any:
        """What a number of a design stands for: a choice, a whole number, or the number itself."""
        if self.choices:
            return self.choices[int(number)]
        return int(number) if self.whole and number.is_integer() else number

    def shown(self, number: float) -> Any:
        """The same as tables have it."""
        return self.labels[int(number)] if self.choices else self.decided(number)


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
    if variable.kind == "setting":
        if not why_not_set(scenario, variable):
            found = decision_of(variable, path, variable.path or "", (), _present(scenario, variable))
            yield replace(found, parameter=found.name)
        return
    if variable.kind != "price":
        for (node, product), (_, data) in items_of(scenario).items():
            of_order = variable.kind == "order"
            value = decidable(data.order).get(variable.parameter) if of_order else getattr(data, variable.parameter)
            if value is None or not _wanted(variable, product) or (variable.nodes and node not in variable.nodes):
                continue
            what = variable.kind if variable.parameter == "mean" else f"{variable.kind}.{variable.parameter}"
            name = f"{what}/{node}/{product}" if several else f"{what}/{node}"
            yield decision_of(variable, path, name, (node, product), start_of(variable, value))
        return
    for index, arc in enumerate(scenario.arcs):
        product = arc.product or scenario.products[0].id
        if _wanted(variable, product) and _names(variable, arc, product):
            name = f"price/{arc_path(arc.buyer, arc.supplier, product if several else None, arc.mode)}"
            found = decision_of(variable, path, name, (arc.buyer, arc.supplier, product), start_of(variable, arc.price))
            yield replace(found, parameter="price", arc=index, mode=arc.mode)


def _wanted(variable: Variable, product: str) -> bool:
    return variable.product is None or variable.product == product


def _names(variable: Variable, arc: Arc, product: str) -> bool:
    return not variable.arcs or any(named.means(arc.buyer, arc.supplier, product, arc.mode) for named in variable.arcs)


def decision_of(variable: Variable, path: Path, name: str, target: tuple[str, ...], start: float) -> Decision:
    """A decision of an entry.

    Args:
        variable: entry of ``optimize.variables``.
        path: of the entry.
        name, target: of the decision.
        start: its number, see :func:`start_of`.
    """
    low, high = bounds(variable, start)
    return Decision(
        variable.kind,
        variable.parameter,
        name,
        target,
        -1,
        start,
        low,
        high,
        path,
        whole=variable.whole,
        choices=variable.values,
        labels=variable.labels,
        group=variable.group,
    )


def start_of(variable: Variable, value: float) -> float:
    """The number that stands for a value: its choice's, nan where it is not among the choices; without them itself."""
    if variable.choices is None:
        return float(value)
    return next((float(k) for k, choice in enumerate(variable.values) if is_same(value, choice)), math.nan)


def bounds(variable: Variable, value: float) -> tuple[float, float]:
    """Within which bounds a variable is decided.

    Args:
        variable: entry of ``optimize.variables``.
        value: what relative bounds are relative to.
    """
    if variable.choices is not None:
        return 0.0, len(variable.values) - 1.0
    if variable.absolute is not None:
        low, high = variable.absolute
    else:
        assert variable.relative is not None
        low, high = (value * (1.0 + share) for share in variable.relative)
    return (float(math.ceil(low)), float(math.floor(high))) if variable.whole else (low, high)


def _present(scenario: Scenario, variable: Variable) -> float:
    """The number that a setting has in the scenario as it stands; nan where it is none of the choices."""
    assert variable.path is not None
    if variable.choices is None:
        return float(standing(scenario, variable.path))
    found = choice_that_stands(scenario, variable.path, variable.values)
    return math.nan if found is None else float(found)


def why_not_set(scenario: Scenario, variable: Variable) -> str:
    """Why a setting cannot be decided in a scenario as it stands; empty where it can."""
    assert variable.path is not None
    try:
        present = standing(scenario, variable.path)
    except CannotError as reason:
        return str(reason)
    if variable.choices is not None:
        return ""
    if isinstance(present, bool) or not isinstance(present, int | float) or math.isinf(present):
        what = "is not given" if present is None else f"is {shown({} if isinstance(present, BaseModel) else present)}"
        return f"'{variable.path}' {what}: write a number there to start from, or give choices"
    if isinstance(present, int) and not variable.whole:
        return f"'{variable.path}' takes whole numbers: add whole: true"
    return ""


def decision_problems(scenario: Scenario) -> Iterator[Problem]:
    """What cannot mean anything in the section ``optimize`` of a scenario whose references are in order."""
    section = scenario.optimize
    if section is None:
        return
    decisions = decisions_of(scenario)
    for number, variable in enumerate(section.variables):
        mine = [d for d in decisions if d.path == ("optimize", "variables", number)]
        if variable.kind == "setting":
            reason = why_not_set(scenario, variable)
            if reason:
                yield Problem(("optimize", "variables", number, "path"), reason)
        else:
            yield from _variable_problems(number, variable, mine, scenario)
        yield from _room_problems(variable, mine)
    yield from _group_problems(section.variables)
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
    for place, limit in enumerate(section.constraints):
        yield from _limit_problems(place, limit, scenario)


def _measure_of(name: str, scenario: Scenario) -> Measure:
    return scenario.measures[name] if name in scenario.measures else SEARCHED[name]


def _limit_problems(place: int, limit: Constraint, scenario: Scenario) -> Iterator[Problem]:
    """A limit that no value of its measure can keep."""
    least, most = _measure_of(limit.measure, scenario).range
    where = "optimize", "constraints", place
    if most is not None and limit.at_least is not None and limit.at_least > most:
        text = f"{limit.measure} is never above {most:g}: no plan can keep {limit.at_least:g}"
        yield Problem((*where, "at_least"), text)
    if least is not None and limit.at_most is not None and limit.at_most < least:
        text = f"{limit.measure} is never below {least:g}: no plan can keep {limit.at_most:g}"
        yield Problem((*where, "at_most"), text)


def _room_problems(variable: Variable, mine: list[Decision]) -> Iterator[Problem]:
    """Bounds without two whole numbers."""
    for decision in mine:
        if variable.whole and variable.absolute is not None and not decision.low < decision.high:
            yield Problem((*decision.path, "absolute"), "there are no two whole numbers within these bounds")
            return


def _group_problems(variables: Sequence[Variable]) -> Iterator[Problem]:
    groups = [variable.group for variable in variables]
    for number, group in enumerate(groups):
        if group is not None and groups.count(group) == 1:
            text = f"no other setting is of the group '{group}', so it would always be 1: name all that share"
            yield Problem(("optimize", "variables", number, "group"), text)


def without_budget(scenario: Scenario) -> str | None:
    """Why the chance of exceeding a budget (epf) cannot be told."""
    return None if scenario.risk.budget is not None else "it is the chance of exceeding a budget: set risk.budget"


def why_unmoved(measure: str, scenario: Scenario) -> str:
    """Why no plan can change a measure of a search under the scenario's rules; empty where plans may change it.

    What a scenario cannot give at all is told by ``results.estimable``.
    """
    measured = _measure_of(measure, scenario)
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

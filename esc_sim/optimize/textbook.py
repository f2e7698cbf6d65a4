"""Starts from textbooks: levels that inventory models give for the nodes of a scenario that they fit.

A *row* is a node that sells to customers with what stands behind it, as long as each has one supplier, who delivers to
it alone, and orders by base stock. One stage of base stock is a newsvendor, several a serial system, one stage of
(s, S) with a fixed cost has exact levels of its own. Where the scenario has more than the model (lost sales over longer
lead times, outages, random lead times, demand that is neither normal nor Poisson), the levels are near the best ones
only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.safety_stock.read import lead_of, moments_of, why_no_moments
from esc_sim.policies.base_stock import BaseStockOrder
from esc_sim.policies.reorder_up_to import ReorderUpToOrder
from esc_sim.scenario.given import ScenarioLike, given_scenario
from esc_sim.scenario.laws import Poisson
from esc_sim.scenario.overrides import Overrides
from esc_sim.textbook.newsvendor import Demand, newsvendor
from esc_sim.textbook.reorder import reorder_up_to
from esc_sim.textbook.serial import local_levels, serial_levels

if TYPE_CHECKING:
    import pandas as pd

    from esc_sim.optimize.settings import Settings
    from esc_sim.optimize.space import DecisionSpace
    from esc_sim.scenario.schema import Arc, Node, Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Level:
    """A level that a model gives.

    Attributes:
        node, parameter: of whose order, "order_up_to" or "reorder_point".
        value: units.
        model: "newsvendor", "Clark-Scarf" or "(s, S)".
        exact: the scenario has nothing that the model leaves aside.
        row: node that sells to the customers.
    """

    node: str
    parameter: str
    value: float
    model: str
    exact: bool
    row: str


@dataclass(frozen=True)
class Textbook:
    """What models give for a scenario.

    Attributes:
        levels: of all nodes that a model fits.
        without: why no model fits the other nodes that order.
    """

    levels: tuple[Level, ...]
    without: Mapping[str, str]

    @property
    def table(self) -> pd.DataFrame:
        """One row a level: node, parameter, value, model, exact; nodes without one have none, and say why."""
        import pandas as pd

        rows = [(one.node, one.parameter, one.value, one.model, one.exact, "") for one in self.levels]
        rows += [(node, "", np.nan, "", False, why) for node, why in self.without.items()]
        return pd.DataFrame(rows, columns=["node", "parameter", "value", "model", "exact", "why_none"])

    def notices(self) -> list[str]:
        """What the user should know."""
        found = [
            f"start: {one.node}, {one.parameter} {one.value:.6g} ({one.model}, {'exact' if one.exact else 'near'})"
            for one in self.levels
        ]
        return [*found, *(f"start: no textbook model for {node}: {why}" for node, why in self.without.items())]


def textbook_levels(scenario: ScenarioLike, overrides: Overrides = ()) -> Textbook:
    """Levels that models give for the nodes of a scenario, and why others have none.

    Args:
        scenario: a scenario, the path of one, or its content as a dict; with one product.
        overrides: changes of values, as for ``--set``.

    Raises:
        InputError: the scenario or a change cannot be used.

    Examples:
        >>> import esc_sim as esc
        >>> book = esc.textbook_levels("scenarios/stock_levels")
        >>> [(level.node, level.parameter, round(level.value, 1)) for level in book.levels]
        [('shop', 'order_up_to', 56.6), ('depot', 'order_up_to', 68.0)]
    """
    scenario = given_scenario(scenario, overrides)
    ordering = {node.id: node for node in scenario.nodes if node.order is not None}
    if len(scenario.products) > 1:
        return Textbook((), dict.fromkeys(ordering, "the scenario has several products"))
    suppliers: dict[str, list[Arc]] = {}
    buyers: dict[str, list[str]] = {}
    for arc in scenario.arcs:
        suppliers.setdefault(arc.buyer, []).append(arc)
        buyers.setdefault(arc.supplier, []).append(arc.buyer)
    levels: list[Level] = []
    without = dict.fromkeys(ordering, "it is not in a row of base stocks that ends at one customer")
    for node in ordering.values():
        if node.demand is None:
            continue
        row = _row(node, ordering, suppliers, buyers)
        found = _levels(scenario, row, [suppliers.get(one.id, []) for one in row])
        if isinstance(found, str):
            without |= {one.id: found for one in row}
            continue
        levels += found
        for one in row:
            del without[one.id]
    return Textbook(tuple(levels), without)


def textbook_designs(scenario: Scenario, space: DecisionSpace) -> tuple[Floats, Textbook]:
    """Designs with the levels of models, float64[k, D]: all of them together, then those of each row alone.

    Args:
        scenario: what is searched.
        space: what may be decided; the rest of a design is the scenario's own plan, and all is within the bounds.
    """
    book = textbook_levels(scenario)
    places = {
        (decision.target[0], decision.parameter): k
        for k, decision in enumerate(space.decisions)
        if decision.kind == "order"
    }
    known = [one for one in book.levels if (one.node, one.parameter) in places]
    rows = list(dict.fromkeys(one.row for one in known))
    designs = []
    for chosen in ([rows] if len(rows) == 1 else [rows, *([row] for row in rows)]) if rows else []:
        design = space.base.copy()
        for one in known:
            if one.row in chosen:
                design[places[one.node, one.parameter]] = one.value
        designs.append(design)
    found = np.array(designs).reshape(-1, len(space))
    return space.snapped(np.clip(found, space.lower, space.upper)), book


def first_designs(scenario: Scenario, settings: Settings, space: DecisionSpace) -> tuple[list[Floats], list[str]]:
    """Designs float64[D] that a search begins with beside its own, and what to say of them.

    Args:
        scenario: what is searched.
        settings: say whether there are any.
        space: what may be decided.
    """
    if settings.start != "textbook":
        return [], []
    designs, book = textbook_designs(scenario, space)
    return list(designs), book.notices()


def _row(
    first: Node, ordering: Mapping[str, Node], suppliers: Mapping[str, list[Arc]], buyers: Mapping[str, list[str]]
) -> list[Node]:
    """A node and the stages behind it, as far as they are a row of base stocks."""
    row = [first]
    while isinstance(row[-1].order, BaseStockOrder) and len(suppliers.get(row[-1].id, [])) == 1:
        behind = ordering.get(suppliers[row[-1].id][0].supplier)
        if behind is None or behind.demand is not None or buyers[behind.id] != [row[-1].id]:
            break
        if not isinstance(behind.order, BaseStockOrder):
            break
        row.append(behind)
    return row


def _levels(scenario: Scenario, row: Sequence[Node], arcs: Sequence[Sequence[Arc]]) -> list[Level] | str:
    """Levels of a row, or why there are none."""
    first = row[0]
    assert first.demand is not None
    if not isinstance(first.order, (BaseStockOrder, ReorderUpToOrder)):
        return f"there is none for the policy {getattr(first.order, 'policy', 'mean')}"
    if any(getattr(node.order, "review", "periodic") != "periodic" for node in row):
        return "it is not reviewed once a period"
    if any(len(some) != 1 for some in arcs):
        return "it has several suppliers"
    why = why_no_moments(first.demand)
    if why is not None:
        return f"demand: {why}"
    mean, sd = moments_of(first.demand)
    if sd <= 0.0:
        return "demand does not vary"
    demand = Demand(mean, sd, isinstance(first.demand.law, Poisson))
    shortage = first.demand.shortage_cost
    if scenario.rules.unmet == "lost":
        shortage += max(0.0, first.demand.price - arcs[0][0].price)
    held = [node.holding_cost for node in row]
    if shortage <= 0.0 or held[0] <= 0.0:
        return "a unit that is missing, or one that is held, costs nothing"
    leads = [lead_of(some[0]) for some in arcs]
    exact = _is_exact(scenario, row, [some[0] for some in arcs])
    if isinstance(first.order, ReorderUpToOrder):
        return _reordered(first, first.order, demand, leads[0], shortage, exact)
    if len(row) == 1:
        level = newsvendor(demand, leads[0], held[0], shortage)
        return [Level(first.id, "order_up_to", level, "newsvendor", exact, first.id)]
    added = [own - behind for own, behind in zip(held, [*held[1:], 0.0], strict=True)]
    if min(added) <= 0.0:
        return "holding a unit costs no more than at the supplier"
    echelon, _ = serial_levels(leads, added, shortage, demand)
    return [
        Level(node.id, "order_up_to", level if _is_echelon(node) else local, "Clark-Scarf", exact, first.id)
        for node, level, local in zip(row, echelon, local_levels(echelon), strict=True)
    ]


def _is_echelon(node: Node) -> bool:
    return isinstance(node.order, BaseStockOrder) and node.order.echelon


def _is_exact(scenario: Scenario, row: Sequence[Node], arcs: Sequence[Arc]) -> bool:
    """Whether a scenario has nothing that the model of a row leaves aside."""
    rules, demand = scenario.rules, row[0].demand
    assert demand is not None
    lost = rules.unmet == "lost" and (len(row) > 1 or lead_of(arcs[0]) > 1)
    usual = demand.law is None or isinstance(demand.law, Poisson)
    fixed = all(isinstance(arc.lead_time, (int, float)) for arc in arcs)
    waits = rules.unmet_orders == "backorder" and rules.holding_cost_timing == "end"
    return not lost and usual and fixed and waits and not scenario.is_disrupted


def _reordered(
    node: Node, order: ReorderUpToOrder, demand: Demand, lead: int, shortage: float, exact: bool
) -> list[Level] | str:
    """Levels of a stage of (s, S)."""
    fixed = order.fixed_cost
    if fixed <= 0.0:
        return "an order costs nothing, so that a base stock is best"
    reorder, up_to, _ = reorder_up_to(demand, lead, node.holding_cost, shortage, fixed)
    found = (("reorder_point", reorder), ("order_up_to", up_to))
    return [Level(node.id, parameter, value, "(s, S)", exact, node.id) for parameter, value in found]

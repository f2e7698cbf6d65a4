"""Base stocks by the critical ratio of the newsvendor, as a kind of design.

With backorders, a lead time of L periods and normal demand of mean mu and standard deviation sd a period, the level
L mu + z sqrt(L) sd costs least, z being the quantile of the critical ratio b / (b + h) of shortage and holding cost
(Snyder and Shen, Fundamentals of Supply Chain Theory, chapter 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from statistics import NormalDist
from typing import Any, Final

from esc_sim.crews.crew import Crew
from esc_sim.design.result import DesignResult, OutTable, Report
from esc_sim.errors import InputError
from esc_sim.network.model import network_of
from esc_sim.plans.decisions import DecisionsPlan, OrderDecision
from esc_sim.plans.plan import Origin
from esc_sim.results.manifest import scenario_hash
from esc_sim.scenario.schema import Node, Scenario
from esc_sim_newsvendor.section import BaseStockSection

OPTIONS: Final[frozenset[str]] = frozenset()


def run_design(scenario: Scenario, options: Mapping[str, Any], report: Report, crew: Crew) -> DesignResult:
    """The level of each shop; see ``esc_sim.design.result.DesignKind``."""
    section: BaseStockSection = scenario.design.base_stock
    shops = [_shop(scenario, name) for name in section.nodes]
    levels = {shop.id: _level(scenario, shop) for shop in shops}
    plan = DecisionsPlan(
        version=1,
        name="critical ratio",
        structure_hash=network_of(scenario).structure_hash,
        origin=Origin(scenario=scenario.name, scenario_hash=scenario_hash(scenario), command="esc-sim design"),
        orders=[OrderDecision(node=name, parameter="order_up_to", value=level) for name, level in levels.items()],
    )
    return DesignResult(
        kind="base_stock",
        plan=plan,
        summary={"scenario": scenario.name, "data": scenario.data.model_dump(), "order_up_to": levels},
        settings=section.model_dump(mode="json"),
        tables={"levels": OutTable(("node", "order_up_to"), list(levels.items()))},
        lines=[f"{name:12} order up to {level:.2f}" for name, level in levels.items()],
    )


def _shop(scenario: Scenario, name: str) -> Node:
    for node in scenario.nodes:
        if node.id == name:
            if node.demand is None or node.demand.mean is None or not node.holding_cost:
                raise InputError(f"design.base_stock.nodes: '{name}' needs a normal demand and a holding cost")
            return node
    raise InputError(f"design.base_stock.nodes: there is no node '{name}'")


def _level(scenario: Scenario, shop: Node) -> float:
    demand = shop.demand
    ratio = demand.shortage_cost / (demand.shortage_cost + shop.holding_cost)
    if ratio == 0.0:
        raise InputError(f"design.base_stock.nodes: '{shop.id}' needs a shortage cost above 0")
    lead_time = max(arc.lead_time for arc in scenario.arcs if arc.buyer == shop.id)
    return lead_time * demand.mean + NormalDist().inv_cdf(ratio) * sqrt(lead_time) * demand.sd

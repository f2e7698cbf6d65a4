"""Placement of safety stock, as `esc-sim design --kind safety-stock` makes it."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

from esc_sim.counted import counted
from esc_sim.crews.crew import Crew
from esc_sim.design.result import DesignResult, OutTable, Report, unproven
from esc_sim.design.safety_stock.read import Chain, chain_of
from esc_sim.design.safety_stock.solve import Search, by_program, on_tree
from esc_sim.design.safety_stock.stages import Placement
from esc_sim.errors import InputError
from esc_sim.findings.drawings import Drawing
from esc_sim.network.model import network_of
from esc_sim.plans.decisions import DecisionsPlan, OrderDecision, StockDecision
from esc_sim.plans.plan import Origin
from esc_sim.scenario.design_safety_stock import SafetyStockSection
from esc_sim.scenario.schema import Scenario
from esc_sim.written import number, percent

OPTIONS: frozenset[str] = frozenset({"gap", "time_limit"})
MOST_DRAWN = 40
"""Stages in the figure: those that cost most."""
COLUMNS = (
    "stage", "product", "processing_time", "service_time_in", "service_time_out", "net_replenishment_time",
    "mean_demand", "sd_demand", "safety_stock", "base_stock", "order_up_to", "holding_cost", "cost",
)  # fmt: skip


def run_design(scenario: Scenario, options: Mapping[str, Any], report: Report, crew: Crew) -> DesignResult:
    """Place safety stock at least holding cost.

    Args:
        scenario: with a section `design.safety_stock`.
        options: gap and time limit of the search.
        report: told about progress.
        crew: has nothing to do, there is one program.

    Raises:
        InputError: a network that guaranteed service does not know, an option out of range.
    """
    assert scenario.design is not None
    assert scenario.design.safety_stock is not None
    section = scenario.design.safety_stock
    chain = chain_of(scenario, section)
    report(f"placing safety stock at {counted(chain.stages.count, 'stage')}")
    found = placed(
        chain, section, Search(options.get("gap", section.gap), options.get("time_limit", section.time_limit))
    )
    table = _table(chain, found)
    ready = _ready(chain, section)
    return DesignResult(
        kind="safety_stock",
        plan=_plan(scenario, chain, found, ready),
        summary=_summary(scenario, section, chain, found, ready),
        settings=section.model_dump(mode="json") | {"safety_factor": section.factor} | dict(options),
        tables={"stages": table},
        figures={"safety_stock": _figure(scenario, found)},
        lines=_lines(scenario, section, chain, found, ready),
    )


def placed(chain: Chain, section: SafetyStockSection, search: Search) -> Placement:
    """The optimum, by the method that the section asks for.

    Args:
        chain: what is placed.
        section: method.
        search: how long a program is searched.

    Raises:
        InputError: `method: tree` on a network that is none.
    """
    if section.method == "tree" and not chain.stages.is_forest:
        raise InputError(
            "design.safety_stock.method: the stages form no tree when directions are left aside; take auto or program"
        )
    if section.method != "program" and chain.stages.is_forest:
        return on_tree(chain.stages)
    return by_program(chain.stages, search)


def _ready(chain: Chain, section: SafetyStockSection) -> float | None:
    """Share of periods in which nobody waits, while suppliers keep their times; None where customers accept to wait."""
    if any(chain.customers.values()) or not chain.customers:
        return None
    return NormalDist().cdf(section.factor)


def _table(chain: Chain, found: Placement) -> OutTable:
    stages = chain.stages
    by_stage = zip(
        stages.names, chain.product, stages.processing.tolist(), found.inbound.tolist(), found.quoted.tolist(),
        found.covered.tolist(), stages.mean.tolist(), stages.sd.tolist(), found.safety_stock.tolist(),
        found.base_stock.tolist(), chain.order_up_to(found.base_stock).tolist(), stages.holding.tolist(),
        found.cost.tolist(), strict=True,
    )  # fmt: skip
    return OutTable(COLUMNS, [tuple(row) for row in by_stage])


def _plan(scenario: Scenario, chain: Chain, found: Placement, ready: float | None) -> DecisionsPlan:
    """Base stocks to order up to, and full shelves at the start."""
    from esc_sim.results.manifest import scenario_hash

    up_to, several = chain.order_up_to(found.base_stock), len(scenario.products) > 1
    return DecisionsPlan(
        version=1,
        kind="decisions",
        name="safety_stock",
        structure_hash=network_of(scenario).structure_hash,
        origin=Origin(scenario=scenario.name, scenario_hash=scenario_hash(scenario), command="esc-sim design"),
        orders=[
            OrderDecision(
                node=name, product=product if several else None, parameter="order_up_to", value=float(up_to[n])
            )
            for n, name in enumerate(chain.stages.names)
            for product in chain.bought[n]
        ],
        stocks=[
            StockDecision(
                node=name,
                product=chain.product[n] if several else None,
                parameter="initial_stock",
                value=float(found.base_stock[n]),
            )
            for n, name in enumerate(chain.stages.names)
        ],
        ready=ready,
    )


def _summary(
    scenario: Scenario, section: SafetyStockSection, chain: Chain, found: Placement, ready: float | None
) -> dict[str, Any]:
    return {
        "scenario": scenario.name,
        "data": scenario.data.model_dump(),
        "stages": chain.stages.count,
        "stages_with_stock": int((found.safety_stock > 0).sum()),
        "safety_factor": section.factor,
        "cost_per_period": float(found.cost.sum()),
        "method": found.method,
        "proven_gap": found.proven,
        "status": found.status,
        "ready": ready,
    }


def _lines(
    scenario: Scenario, section: SafetyStockSection, chain: Chain, found: Placement, ready: float | None
) -> list[str]:
    """What to print: cost, and what is held where."""
    units, count = scenario.units, chain.stages.count
    how = "dynamic program on a tree" if found.method == "tree" else f"mixed-integer program, gap {found.proven:.1e}"
    held = [n for n in (-found.cost).argsort(kind="stable").tolist() if found.safety_stock[n] > 0]
    customers = sorted(chain.customers.values())
    promised = f"{customers[0]}" if customers[0] == customers[-1] else f"{customers[0]} to {customers[-1]}"
    lines = [
        f"Safety stock of {scenario.title or scenario.name}, {counted(count, 'stage')}: guaranteed service, {how}",
        f"  holding cost         {number(found.cost.sum())} {units.money}/{units.period} for safety stock",
        f"  promised             service time {promised}, safety factor {section.factor:.4g}"
        + ("" if ready is None else f": no shortage in {percent(ready)} of periods"),
        f"  held at              {len(held)} of {count} stages",
    ]
    width = max((len(chain.stages.names[n]) for n in held), default=0)
    for n in held:
        covers = f"covers {found.covered[n]} of {found.inbound[n] + chain.stages.processing[n]} {units.period}s"
        lines.append(
            f"    {chain.stages.names[n]:<{width}}  {number(found.safety_stock[n]):>8} {units.goods}, {covers}, quotes "
            f"{found.quoted[n]}, {number(found.cost[n])} {units.money}/{units.period}"
        )
    return lines + unproven(found.status)


def _figure(scenario: Scenario, found: Placement) -> Drawing:
    stages = found.stages
    shown = sorted((-found.cost).argsort(kind="stable")[:MOST_DRAWN].tolist())
    names = {node.id: node.name or node.id for node in scenario.nodes}
    footer = f"Data: {scenario.data.status}" + (f" ({scenario.data.note})" if scenario.data.note else "")
    title = f"Where safety stock is held: {scenario.title or scenario.name}"
    parts = [found.inbound, stages.processing, found.quoted, found.cost]
    given = ([names[stages.names[n]] for n in shown], *(part[shown] for part in parts), title, footer)
    return Drawing(
        "esc_sim.design.safety_stock.drawing:safety_stock_figure", (*given, scenario.units.money, scenario.units.period)
    )

"""The agent engine and the compiled engine agree bit for bit: every item, node and period, for every switch.

Counts cases of (network, switches, disruptions, seed): 220 generated ones, every shipped scenario under every switch,
and networks with hubs, on which the compiled engine sorts in another way.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esc_sim.allocations.registry import ALLOCATIONS
from esc_sim.policies.registry import POLICIES
from esc_sim.results.columns import ITEM_COLUMNS, PERIOD_COLUMNS
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from tests.helpers.networks import (
    FEEDBACK,
    KNOWN,
    STORAGE_TIMING,
    UNMET,
    Content,
    chain_content,
    scenario_of,
    scenarios,
)
from tests.helpers.runs import SCENARIOS, SHIPPED, agents, compiled, differences, item, node, period

GENERATED = 220
LARGE = {"network_1000", "cascade_1000", "retail_wuhan"}  # which tests of their own look at
SMALL = [name for name in SHIPPED if name not in LARGE]
OF_MAKING = {
    "expired", "consumed", "given", "taken", "disposed", "in_process", "energy", "recipe_cost", "disposal_cost"
}  # fmt: skip
"""Columns that move only where goods perish, or are made by recipes, or given away."""
SWITCHES = list(product(FEEDBACK, STORAGE_TIMING, UNMET, [True, False], KNOWN))


def test_generated_networks_and_that_they_are_not_all_alike() -> None:
    seen: set[str] = set()
    cases = 0

    @settings(max_examples=GENERATED)
    @given(scenarios(), st.booleans())
    def bit_for_bit(scenario: Scenario, stratified: bool) -> None:
        nonlocal cases
        runs = [run(scenario, range(2), stratified=stratified) for run in (agents, compiled)]
        assert differences(*runs) == []
        cases += 1
        seen.update(features(scenario, runs[0]))

    bit_for_bit()
    assert cases >= 200
    wanted = {f"{column} moves" for column in {*ITEM_COLUMNS, *PERIOD_COLUMNS} - OF_MAKING}
    wanted |= {"cycle", "several products", "part accepted", "order refused", "part received"}
    policies = set(POLICIES) - {"code", "fields"}  # which tests of their own look at
    wanted |= {f"policy {name}" for name in (*policies, "of an echelon")} | {"goods are owed"}
    wanted |= {"a case of several", "a price moves", "a price shock"}
    wanted |= {"part of the health", "demand shock", "an arc fails", "a node fails", "goods are late"}
    wanted |= {"a capacity binds", "slow suppliers", "slow arcs", "a slow case"}
    assert wanted - seen == set()


def test_every_allocation_and_split_orders() -> None:
    seen: set[str] = set()

    @settings(max_examples=120)
    @given(scenarios(trading=True))
    def bit_for_bit(scenario: Scenario) -> None:
        runs = [run(scenario, range(2)) for run in (agents, compiled)]
        assert differences(*runs) == []
        shares: dict[Any, int] = {}
        for arc in scenario.arcs:
            shares[arc.buyer, arc.product, arc.market] = shares.get((arc.buyer, arc.product, arc.market), 0) + bool(
                arc.share
            )
        seen.add(scenario.rules.allocation)
        if max(shares.values()) > 1 and runs[0].periods[..., PERIOD_COLUMNS.index("shipped")].any():
            seen.add(f"split, orders {scenario.rules.unmet_orders}")
        if scenario.rules.allocation == "first_come" and scenario.rules.unmet_orders == "backorder":
            seen.add("first come, first owed")

    bit_for_bit()
    assert set(ALLOCATIONS) | {"split, orders lost", "split, orders backorder", "first come, first owed"} <= seen


def test_several_routes_and_lanes_that_they_share() -> None:
    seen: set[str] = set()

    @settings(max_examples=160)
    @given(scenarios(trading=True, routing=True))
    def bit_for_bit(scenario: Scenario) -> None:
        runs = [run(scenario, range(2)) for run in (agents, compiled)]
        assert differences(*runs) == []
        free = run_without_lanes(scenario)
        if not np.array_equal(runs[0].periods, free.periods):
            rules = scenario.rules
            seen.update({f"a full lane, {rules.sourcing}", f"a full lane, {rules.allocation}"})
            seen.add(f"a full lane, orders {rules.unmet_orders}, {'part' if rules.partial else 'whole'}")
            seen.update("a full lane, split orders" for arc in scenario.arcs if arc.share)
        seen.update(f"an outage of {'a mode' if d.modes else 'a lane'}" for d in scenario.disruptions if not d.arcs)

    bit_for_bit()
    full = {"cheapest", "quickest", *ALLOCATIONS, "split orders"}
    full |= {f"orders {unmet}, {size}" for unmet, size in product(UNMET, ("part", "whole"))}
    assert {f"a full lane, {how}" for how in full} - seen == set()
    assert {"an outage of a mode", "an outage of a lane"} <= seen


def run_without_lanes(scenario: Scenario) -> Any:
    """The agents' run of the scenario as if no lane had a capacity."""
    open_lanes = [lane.model_copy(update={"capacity": None}) for lane in scenario.lanes]
    return agents(scenario.model_copy(update={"lanes": open_lanes}), range(2))


def test_recipes_perishables_and_byproducts() -> None:
    seen: set[str] = set()

    @settings(max_examples=160)
    @given(scenarios(making=True))
    def bit_for_bit(scenario: Scenario) -> None:
        runs = [run(scenario, range(2)) for run in (agents, compiled)]
        assert differences(*runs) == []
        seen.update(features(scenario, runs[0]))

    bit_for_bit()
    assert {f"{column} moves" for column in OF_MAKING} <= seen


def features(scenario: Scenario, block: Any) -> set[str]:
    """What a run shows, for the count of what the generated cases exercise."""
    found = {f"{c} moves" for c in ITEM_COLUMNS if item(block, c).any()}
    found |= {f"{c} moves" for c in PERIOD_COLUMNS if period(block, c).any()}
    health = node(block, "health")
    pairs = {(a.buyer, a.supplier) for a in scenario.arcs}
    wanted, got = period(block, "ordered"), period(block, "contracted")
    lines = [*scenario.nodes, *scenario.stocks]
    orders = [item.order for item in (*scenario.nodes, *scenario.stocks) if item.order is not None]
    found |= {f"policy {order.policy}" for order in orders}
    left = (item(block, "shipped") + item(block, "served")).max(axis=(0, 1))
    checks = {
        "a capacity binds": any(line.capacity in left for line in lines if line.capacity),
        "policy of an echelon": any(getattr(order, "echelon", False) for order in orders),
        "goods are owed": scenario.rules.unmet_orders == "backorder" and (got > wanted).any(),
        "cycle": any((s, b) in pairs for b, s in pairs),
        "several products": len({a.product for a in scenario.arcs}) > 1,
        "part accepted": ((got > 0) & (got < wanted)).any(),
        "order refused": ((got == 0) & (wanted > 0)).any(),
        "part of the health": ((health > 0) & (health < 1)).any(),
        "a node fails": (health == 0).any(),
        "an arc fails": any(d.arcs and d.lead_time_factor is None for d in scenario.disruptions),
        "a case of several": any(len(d.cases) > 1 for d in scenario.joint_disruptions),
        "a price moves": any(case.price for d in scenario.joint_disruptions for case in d.cases),
        "a price shock": any(d.price_factor is not None for d in scenario.disruptions),
        "part received": any("receive" in d.stops for d in scenario.disruptions),
        "slow suppliers": any(d.lead_time_factor is not None and d.nodes for d in scenario.disruptions),
        "slow arcs": any(d.lead_time_factor is not None and d.arcs for d in scenario.disruptions),
        "a slow case": any(case.lead_time for d in scenario.joint_disruptions for case in d.cases),
        "demand shock": any(d.demand_factor is not None for d in scenario.disruptions),
        "goods are late": (item(block, "in_transit")[:, 2:] > item(block, "shipped").max()).any(),
    }
    return found | {name for name, is_so in checks.items() if is_so}


@pytest.mark.smoke
@pytest.mark.parametrize("seed", [1, 2**64 - 1])
@pytest.mark.parametrize("name", SMALL)
def test_shipped_scenarios(name: str, seed: int) -> None:
    scenario = load_scenario(SCENARIOS / name, {"run.periods": 200, "run.seed": seed})
    for disrupted in (True, False):
        assert differences(*(run(scenario, [0], disrupted=disrupted) for run in (agents, compiled))) == []


@pytest.mark.parametrize("switches", SWITCHES, ids=lambda s: "-".join(map(str, s)))
@pytest.mark.parametrize("name", SMALL)
def test_shipped_scenarios_under_every_switch(name: str, switches: tuple[Any, ...]) -> None:
    keys = ("feedback", "holding_cost_timing", "unmet", "partial", "known_after")
    rules = {f"rules.{key}": value for key, value in zip(keys, switches, strict=True)}
    if not rules["rules.partial"]:
        rules["rules.allocation"] = "first_come"  # orders that are owed need an age
    scenario = load_scenario(SCENARIOS / name, rules | {"run.periods": 40, "run.seed": 5})
    assert differences(*(run(scenario, [1]) for run in (agents, compiled))) == []


def hub(buyers: int, suppliers: int, every: int) -> Content:
    """Buyers in crowds: each may turn to every ``every``-th supplier; a few suppliers serve hundreds."""
    rng = np.random.default_rng(buyers)
    made = 4.5 * buyers / suppliers
    nodes: list[Content] = [
        {"id": f"b{k}", "initial_stock": 5, "order": {"mean": 6, "sd": 2}, "demand": {"mean": 5, "sd": 2, "price": 9}}
        for k in range(buyers)
    ]
    nodes += [
        {"id": f"s{k}", "initial_stock": 10, "target_stock": 500, "penalty": 2, "production": {"mean": made, "sd": 9}}
        for k in range(suppliers)
    ]
    arcs = [
        {
            "buyer": f"b{k}",
            "supplier": f"s{j}",
            "price": float(rng.integers(1, 9)),
            "lead_time": {"law": "uniform", "low": 0.0, "high": 3.0},
        }
        for k in range(buyers)
        for j in range(k % every, suppliers, every)
    ]
    outage = {"name": "outage", "nodes": ["s0", "s1"], "probability": 0.3, "health": 0.5, "together": False}
    return {"nodes": nodes, "arcs": arcs, "disruptions": [outage], "run": {"periods": 8, "seed": 3}}


@pytest.mark.parametrize(("buyers", "suppliers", "every"), [(40, 2, 1), (300, 4, 2), (600, 8, 1)])
def test_hubs(buyers: int, suppliers: int, every: int) -> None:
    """More bids in a round than are sorted by insertion, and more arcs than one pass of the radix sort takes."""
    scenario = scenario_of(hub(buyers, suppliers, every))
    runs = [run(scenario, [0]) for run in (agents, compiled)]
    assert differences(*runs) == []
    assert period(runs[0], "penalty").any()
    assert (period(runs[0], "contracted") < period(runs[0], "ordered")).any()


def test_an_echelon_that_is_looked_at_before_demand_is_known() -> None:
    """The middle's position counts the shop's stock before the shop has served its customers, in both engines."""
    content = chain_content(rules={"sequence": "order_before_demand", "unmet": "backorder"})
    content["nodes"][0]["demand"] = {"mean": 10, "sd": 4, "price": 20}
    content["nodes"][1]["order"] = {"policy": "base_stock", "order_up_to": 70, "echelon": True}
    scenario = scenario_of(content)
    runs = [run(scenario, [0]) for run in (agents, compiled)]
    assert differences(*runs) == []
    # 70 - (30 in the shop + 30 in the middle) at the first review.
    assert item(runs[0], "ordered")[0, 0, 1] == 10

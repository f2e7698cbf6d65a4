"""Runs worked out from the specification, number by number, without the code under test.

First the oil and gas case without chance and with one forced outage, in plain arithmetic written out here; then every
node and period of it, and of generated networks, against :class:`tests.helpers.by_hand.ByHand`.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from esc_sim.engine.block import Block
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from tests.helpers.by_hand import ByHand
from tests.helpers.comparison import assert_same
from tests.helpers.networks import scenarios
from tests.helpers.runs import SCENARIOS, agents, compiled, item, node, period

OUTAGE = 5
NAMES = [
    "retailer_1", "retailer_2", "retailer_3", "terminal_1", "terminal_2", "terminal_3", "refinery_1", "refinery_2",
    "refinery_3", "storage_1", "storage_2", "producer_1", "producer_2",
]  # fmt: skip
MARKET_PRICES = {"terminal": 62.53816, "refinery": 56.48608, "storage": 44.38192, "producer": 40.3472}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """oil_gas with all sigmas 0 and refinery 3 out in period 5."""
    read = load_scenario(SCENARIOS / "oil_gas", {"run.periods": 60})
    nodes = []
    for n in read.nodes:
        parts = {name: getattr(n, name) for name in ("demand", "order", "production")}
        still = {name: part.model_copy(update={"sd": 0.0}) for name, part in parts.items() if part is not None}
        nodes.append(n.model_copy(update=still))
    outage = read.disruptions[0].model_dump() | {
        "probability": None,
        "duration": 1.0,
        "dates": [{"start": OUTAGE, "duration": 1}],
    }
    return Scenario.model_validate(read.model_dump(by_alias=True) | {
        "nodes": [n.model_dump(by_alias=True) for n in nodes], "disruptions": [outage]
    })  # fmt: skip


@pytest.fixture(scope="module", params=["agents", "compiled"])
def block(scenario: Scenario, request: pytest.FixtureRequest) -> Block:
    """Its run in either engine."""
    assert [n.id for n in scenario.nodes] == NAMES
    return (agents if request.param == "agents" else compiled)(scenario)


def stock_after(block: Block, time: int) -> dict[str, float]:
    return dict(zip(NAMES, item(block, "stock")[0, time].tolist(), strict=True))


def test_before_the_outage_every_period_is_the_same(block: Block) -> None:
    # Everybody on the first three layers holds 203, 3 above the target of 200, and so orders 103 - 3 = 100, which the
    # supplier in the same position has (203 - 20 = 183 above its safety stock) and sells. Refineries 2 and 3 both turn
    # to storage 2 (7 and 7.5 against 8 and 7.6), which can sell 184.5 - 30 = 154.5: at the same price refinery 2, the
    # lower index, gets its 100, refinery 3 only 54.5, and the other 45.5 from storage 1. The storages order 154.5,
    # less 309 - 300 = 9 for storage 1, so the chain gives away 300 in a period at every layer and comes back to its
    # start. Producers make 160, up to their target of 300.
    for time in range(OUTAGE):
        assert stock_after(block, time) == dict.fromkeys(NAMES[:9], 103.0) | {
            "storage_1": 309 - 145.5,
            "storage_2": 30.0,
            "producer_1": 300 - 145.5,
            "producer_2": 300 - 154.5,
        }
    holding_cost = 9 * 203 + 309 + 184.5 + 300 + 300
    shops = 300 * (MARKET_PRICES["terminal"] + 7)
    terminals = 300 * (MARKET_PRICES["refinery"] + 7)
    crude = 200 * (MARKET_PRICES["storage"] + 7) + 54.5 * (MARKET_PRICES["storage"] + 7.5)
    refineries = crude + 45.5 * (MARKET_PRICES["storage"] + 7.6)
    storages = 300 * (MARKET_PRICES["producer"] + 7)
    cost = holding_cost + shops + terminals + refineries + storages
    income = 300 * (77.6 + sum(MARKET_PRICES.values()))
    np.testing.assert_allclose(period(block, "cost")[0, :OUTAGE], cost, rtol=1e-14)
    np.testing.assert_allclose(period(block, "profit")[0, :OUTAGE], income - cost, rtol=1e-12)
    assert cost == pytest.approx(72_501.058, abs=1e-6)


def test_in_the_outage_refinery_3_ships_nothing_and_pays_for_it(block: Block) -> None:
    # It had sold 100 to terminal 3, and still gets its crude, which is under way.
    stock = stock_after(block, OUTAGE)
    assert stock == stock_after(block, OUTAGE - 1) | {"refinery_3": 203.0}
    penalty, cost = node(block, "penalty")[0], node(block, "cost")[0]
    assert penalty[OUTAGE].tolist() == [0.0] * 8 + [100 * 207.2] + [0.0] * 4
    saved = (cost[OUTAGE - 1] - cost[OUTAGE])[NAMES.index("terminal_3")]
    assert saved == pytest.approx(100 * (MARKET_PRICES["refinery"] + 7), rel=1e-12)
    assert np.delete(penalty, OUTAGE, axis=0).max() == 0.0


def test_one_period_later_terminal_3_runs_short(block: Block) -> None:
    # Terminal 3 holds 103 and can sell 83 of the 100 that retailer 3 wants; the other 17 come from terminal 1 (at 8 as
    # from terminal 2, but of lower index), which has sold 100 of its 183. Being below its target, terminal 3 orders
    # 103. Refinery 3 holds 203 + 100: it orders 103 - 103 = 0, so the storages sell 100 each.
    stock = stock_after(block, OUTAGE + 1)
    assert stock == {
        "retailer_1": 103.0,
        "retailer_2": 103.0,
        "retailer_3": 103.0,
        "terminal_1": 203.0 - 100 - 17,
        "terminal_2": 103.0,
        "terminal_3": 103.0 - 83,
        "refinery_1": 103.0,
        "refinery_2": 103.0,
        "refinery_3": 203.0 + 100 - 103,
        "storage_1": 309.0 - 100,
        "storage_2": 184.5 - 100,
        "producer_1": 300 - 145.5,
        "producer_2": 300 - 154.5,
    }


def test_two_periods_later_orders_refill_the_chain(block: Block) -> None:
    # Terminal 1 holds 86 + 100 and orders 103; terminal 3 20 + 103 and orders 103; retailers hold 203 again. Refinery 3
    # holds 200 and orders 103: storage 2 holds 84.5 + 154.5 = 239, can sell 209, to refinery 2 100 and to refinery 3
    # 103. Storage 1 holds 209 + 145.5 = 354.5 and orders 154.5 - 54.5 = 100, storage 2 154.5.
    stock = stock_after(block, OUTAGE + 2)
    assert stock == {
        "retailer_1": 103.0,
        "retailer_2": 103.0,
        "retailer_3": 103.0,
        "terminal_1": 186.0 - 100,
        "terminal_2": 103.0,
        "terminal_3": 123.0 - 100,
        "refinery_1": 203.0 - 103,
        "refinery_2": 103.0,
        "refinery_3": 200.0 - 103,
        "storage_1": 354.5 - 100,
        "storage_2": 239.0 - 100 - 103,
        "producer_1": 300.0 - 100,
        "producer_2": 300 - 154.5,
    }
    ordered = dict(zip(NAMES, item(block, "ordered")[0, OUTAGE + 2].tolist(), strict=True))
    assert (ordered["terminal_1"], ordered["terminal_3"], ordered["storage_1"]) == (103.0, 103.0, 100.0)


def test_every_node_and_period_of_it(scenario: Scenario, block: Block) -> None:
    assert_same(ByHand(scenario, scenario.run.seed), block)


def test_its_undisrupted_twin(scenario: Scenario) -> None:
    twin = compiled(scenario, disrupted=False)
    assert_same(ByHand(scenario, scenario.run.seed, disrupted=False), twin)
    assert len(np.unique(period(twin, "cost")[0])) == 1


@pytest.mark.parametrize("replication", [0, 3])
def test_the_oil_and_gas_case_with_all_its_chance(replication: int) -> None:
    scenario = load_scenario(SCENARIOS / "oil_gas", {"run.periods": 100})
    hand = ByHand(scenario, scenario.run.seed, replication)
    assert sum(float(sum(p.penalty.values())) for p in hand.periods) > 0
    assert_same(hand, compiled(scenario, [replication]))


def test_quickstart_with_lead_times_and_recovery() -> None:
    scenario = load_scenario(SCENARIOS / "quickstart")
    assert_same(ByHand(scenario, scenario.run.seed, 1), compiled(scenario, [1]))


def known_by_hand(scenario: Scenario) -> bool:
    """The model by hand knows every policy but forecasts, and no age of what is owed; parity covers those."""
    return scenario.rules.allocation != "first_come" and all(
        node.order is None or node.order.policy != "forecast" for node in [*scenario.nodes, *scenario.stocks]
    )


@settings(max_examples=60)
@given(scenarios().filter(known_by_hand))
def test_generated_networks(scenario: Scenario) -> None:
    assert_same(ByHand(scenario, scenario.run.seed, 1), compiled(scenario, [1]))


@settings(max_examples=15)
@given(scenarios().filter(known_by_hand))
def test_generated_networks_without_disruptions(scenario: Scenario) -> None:
    twin = compiled(scenario, [0], disrupted=False)
    assert_same(ByHand(scenario, scenario.run.seed, 0, disrupted=False), twin)


@settings(max_examples=80)
@given(scenarios(making=True).filter(known_by_hand))
def test_generated_networks_with_recipes_perishables_and_byproducts(scenario: Scenario) -> None:
    assert_same(ByHand(scenario, scenario.run.seed, 1), compiled(scenario, [1]))

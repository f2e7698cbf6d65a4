"""Facts of the transaction model that hold whatever the numbers are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given

from esc_sim.instance.build import instance_of
from esc_sim.network.model import network_of
from esc_sim.risk.measures import conditional_value_at_risk
from esc_sim.sampling.clock import clock_of
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from tests.helpers.chances import Chances
from tests.helpers.events import events_of
from tests.helpers.networks import scenarios
from tests.helpers.runs import SCENARIOS, compiled, item, node, period


def with_prices(scenario: Scenario, constant: float) -> Scenario:
    """The scenario with a constant added to every internal price."""
    arcs = [a.model_copy(update={"price": a.price + constant}) for a in scenario.arcs]
    return scenario.model_copy(update={"arcs": arcs})


def with_markets_reversed(scenario: Scenario) -> Scenario:
    """The scenario with its markets named and negotiated in reverse order."""
    network = network_of(scenario)
    arcs = [
        a.model_copy(update={"market": network.markets[m]})
        for a, m in zip(scenario.arcs, network.arc_market, strict=True)
    ]
    markets = [{"id": name} for name in reversed(network.markets)]
    content = scenario.model_dump(by_alias=True) | {"markets": markets, "arcs": [a.model_dump() for a in arcs]}
    return Scenario.model_validate(content)


@pytest.mark.parametrize("constant", [0.5, 10.0, 123.25])
def test_dearer_internal_prices_move_money_within_the_network_and_raise_cvar(constant: float) -> None:
    scenario = load_scenario(SCENARIOS / "oil_gas")
    base, dear = compiled(scenario, range(4)), compiled(with_prices(scenario, constant), range(4))
    np.testing.assert_array_equal(item(base, "stock"), item(dear, "stock"))
    assert period(dear, "profit").sum() == pytest.approx(period(base, "profit").sum(), rel=1e-12)
    rise = conditional_value_at_risk(period(dear, "cost"), 0.95) - conditional_value_at_risk(period(base, "cost"), 0.95)
    # Around 300 units change hands in each of four markets.
    assert 900 * constant < rise < 1300 * constant


@given(scenarios())
def test_dearer_internal_prices_in_generated_networks(scenario: Scenario) -> None:
    dearer = with_prices(scenario, 32.0)
    one, other = instance_of(scenario).lines, instance_of(dearer).lines
    # Rounding may break a tie of p + o, or make one; then buyers turn elsewhere.
    assume((one.arc_order == other.arc_order).all())
    assume((one.by_pos == other.by_pos).all())
    base, dear = compiled(scenario, range(2)), compiled(dearer, range(2))
    np.testing.assert_array_equal(base.items, dear.items)
    turnover = period(dear, "internal_income").sum() + np.abs(period(base, "profit")).sum()
    assert period(dear, "profit").sum() == pytest.approx(period(base, "profit").sum(), abs=1e-12 * (1 + turnover))
    assert (period(dear, "cost") >= period(base, "cost")).all()
    costs = [conditional_value_at_risk(period(b, "cost"), 0.9) for b in (base, dear)]
    assert costs[1] >= costs[0]


def test_the_order_of_the_oil_and_gas_markets_is_all_the_same() -> None:
    scenario = load_scenario(SCENARIOS / "oil_gas")
    turned = with_markets_reversed(scenario)
    assert [m.id for m in turned.markets] == [m.id for m in reversed(scenario.markets)]
    base, other = compiled(scenario, range(3)), compiled(turned, range(3))
    np.testing.assert_array_equal(base.items, other.items)
    np.testing.assert_array_equal(base.nodes, other.nodes)
    np.testing.assert_array_equal(base.periods, other.periods)


@given(scenarios())
def test_the_order_of_markets_is_all_the_same_where_no_stock_serves_two(scenario: Scenario) -> None:
    network = network_of(scenario)
    for ends in (network.arc_supplier, network.arc_buyer):
        pairs = {(int(i), int(m)) for i, m in zip(ends, network.arc_market, strict=True)}
        assume(len(pairs) == len({i for i, _ in pairs}))
    # Orders planned as their market opens look at what other markets have taken.
    assume(instance_of(scenario).orders.late_items.size == 0)
    base, other = compiled(scenario, range(2)), compiled(with_markets_reversed(scenario), range(2))
    np.testing.assert_array_equal(base.items, other.items)
    # A node that trades several products adds up its money in another order.
    np.testing.assert_allclose(base.nodes, other.nodes, rtol=1e-12, atol=1e-9)


def test_the_order_of_markets_matters_where_a_stock_serves_two() -> None:
    """Otherwise the tests above could not fail."""
    content = {
        "version": 1,
        "name": "two_markets",
        "nodes": [
            {"id": "a", "order": {"mean": 8}},
            {"id": "b", "order": {"mean": 8}},
            {"id": "maker", "initial_stock": 10},
        ],
        "markets": [{"id": "first"}, {"id": "second"}],
        "arcs": [
            {"buyer": "a", "supplier": "maker", "market": "first"},
            {"buyer": "b", "supplier": "maker", "market": "second"},
        ],
        "run": {"periods": 1},
    }
    scenario = Scenario.model_validate(content)
    assert compiled(scenario).arc_shipped.tolist() == [8.0, 2.0]
    assert compiled(with_markets_reversed(scenario)).arc_shipped.tolist() == [2.0, 8.0]


@given(scenarios())
def test_the_twin_shares_its_random_numbers(scenario: Scenario) -> None:
    """The twin is the scenario without its disruptions, and until the first disruption the run is its twin."""
    run, twin = compiled(scenario, range(2)), compiled(scenario, range(2), disrupted=False)
    alone = compiled(scenario.model_copy(update={"disruptions": [], "joint_disruptions": []}), range(2))
    np.testing.assert_array_equal(twin.items, alone.items)
    np.testing.assert_array_equal(twin.periods, alone.periods)
    for r in range(2):
        same = (run.items[r] == twin.items[r]).all(axis=(1, 2)) & (run.nodes[r] == twin.nodes[r]).all(axis=(1, 2))
        if scenario.joint_disruptions:  # one of their cases holds from the first period on
            continue
        starts = [event.start for event in events_of(scenario, Chances(scenario.run.seed, r, clock_of(scenario).ticks))]
        assert same[: int(min(starts, default=scenario.run.periods))].all()


def test_sellable_stock_is_never_sold_twice_where_buyers_crowd() -> None:
    """Thirty buyers want all that one supplier has: it sells exactly what lies above its safety stock."""
    content = {
        "version": 1,
        "name": "crowd",
        "nodes": [{"id": f"b{k}", "order": {"mean": 7}} for k in range(30)]
        + [{"id": "maker", "initial_stock": 100, "safety_stock": 20}],
        "arcs": [{"buyer": f"b{k}", "supplier": "maker", "price": 1 + k % 3} for k in range(30)],
        "run": {"periods": 2},
    }
    block = compiled(Scenario.model_validate(content))
    assert item(block, "stock")[0, :, 30].tolist() == [20.0, 20.0]
    shipped = block.arc_shipped
    # Highest bids first: the ten at price 3 take 70, then the first at price 2 takes 7 and the next 3.
    assert shipped[2::3].tolist() == [7.0] * 10
    assert shipped[1::3].tolist() == [7.0, 3.0] + [0.0] * 8
    assert not shipped[0::3].any()
    assert node(block, "cost")[0, 0, 30] == 0.0

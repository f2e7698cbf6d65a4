"""Several routes between two places, and lanes that they share: cases worked out by hand, in both engines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim.engine.block import Block
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.plans.decisions import DecisionsPlan, PriceDecision
from esc_sim.results.manifest import scenario_hash
from esc_sim.scenario.given import given_scenario
from esc_sim.scenario.meaning import oddities
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.writing import write_scenario
from esc_sim.simulation import simulate
from tests.helpers.networks import Content, scenario_of
from tests.helpers.runs import agents, compiled, item, period

ENGINES = pytest.mark.parametrize("run", [agents, compiled], ids=["agents", "compiled"])


HASH_WITHOUT_ROUTES = "9685ae4b5f9b10322aed7aaa4dda8280"
"""Hash of a scenario of one arc, from before arcs had modes and lanes."""


def two_modes(**changes: Any) -> Content:
    """A shop that orders 20 a period from a depot that always has them, by sea (15 at most) and by air."""
    content: Content = {
        "nodes": [
            {"id": "shop", "initial_stock": 100, "demand": {"mean": 10, "price": 9}, "order": {"mean": 20}},
            {"id": "depot", "initial_stock": 1000, "penalty": 2},
        ],
        "arcs": [
            {"buyer": "shop", "supplier": "depot", "mode": "sea", "price": 2, "other_cost": 1, "lead_time": 4,
             "cap": 15, "emissions": 0.1},
            {"buyer": "shop", "supplier": "depot", "mode": "air", "price": 2, "other_cost": 6, "lead_time": 1,
             "emissions": 2},
        ],
        "run": {"periods": 8, "seed": 1},
    }  # fmt: skip
    return content | changes


def shipped(block: Block, scenario: Scenario) -> dict[str, float]:
    """Units that left on the arcs of each mode, or of each buyer where there is no mode, over the run."""
    amounts = (block.arc_shipped * 1.0).tolist()
    return {arc.mode or arc.buyer: amount for arc, amount in zip(scenario.arcs, amounts, strict=True)}


@ENGINES
def test_the_cheapest_route_first_and_the_other_for_the_rest(run: Any) -> None:
    scenario = scenario_of(two_modes())
    block = run(scenario, [0])
    # Sea at 2 + 1 before air at 2 + 6; its cap of 15 leaves 5 of the 20 for air, in each of the 8 periods.
    assert shipped(block, scenario) == {"sea": 8 * 15.0, "air": 8 * 5.0}
    assert period(block, "procurement")[0].tolist() == [15 * 3 + 5 * 8] * 8
    assert np.allclose(period(block, "emissions")[0], 15 * 0.1 + 5 * 2)
    # What left by air in period t is there in t + 1, by sea in t + 4: 5 arrive from period 1 on, 20 from period 4 on.
    assert item(block, "received")[0, :, 0].tolist() == [0, 5, 5, 5, 20, 20, 20, 20]


@ENGINES
def test_the_quickest_route_first(run: Any) -> None:
    scenario = scenario_of(two_modes(rules={"sourcing": "quickest"}))
    # Air has no cap, so it takes all of every order.
    assert shipped(run(scenario, [0]), scenario) == {"sea": 0.0, "air": 8 * 20.0}


@ENGINES
def test_quickest_counts_the_mean_of_what_is_drawn_and_preference_goes_before_it(run: Any) -> None:
    content = two_modes(rules={"sourcing": "quickest"})
    # Air takes 0 to 4 periods, 2 on average, less than 3 by sea; where sea is preferred, its 15 come first.
    content["arcs"][0]["lead_time"] = 3
    content["arcs"][1]["lead_time"] = {"law": "uniform", "low": 0, "high": 4}
    scenario = scenario_of(content)
    assert shipped(run(scenario, [0]), scenario) == {"sea": 0.0, "air": 8 * 20.0}
    content["arcs"][1]["preference"] = 1
    scenario = scenario_of(content)
    assert shipped(run(scenario, [0]), scenario) == {"sea": 8 * 15.0, "air": 8 * 5.0}


@ENGINES
def test_shares_split_an_order_between_routes(run: Any) -> None:
    content = two_modes()
    content["arcs"][0]["share"], content["arcs"][1]["share"] = 1, 3
    scenario = scenario_of(content)
    assert shipped(run(scenario, [0]), scenario) == {"sea": 8 * 5.0, "air": 8 * 15.0}


@ENGINES
@pytest.mark.parametrize("hit", [{"modes": ["sea"]}, {"arcs": [{"buyer": "shop", "supplier": "depot", "mode": "sea"}]}])
def test_an_outage_of_one_mode_leaves_the_other(run: Any, hit: Content) -> None:
    storm = {"name": "storm", "dates": [{"start": 2, "duration": 3}]} | hit
    scenario = scenario_of(two_modes(disruptions=[storm]))
    block = run(scenario, [0])
    # In period 2 nobody knows: the 15 by sea are contracted, stay, and cost a penalty of 2 each. In 3 and 4 the buyer
    # knows and sends all 20 by air. In 5 the sea is open again, and news of that has come by then (a period later):
    # the outage ends at 5, so it is known to be closed until 6, and 5 goes by air too.
    assert period(block, "contracted")[0].tolist() == [20.0] * 8
    assert period(block, "shipped")[0].tolist() == [20, 20, 5, 20, 20, 20, 20, 20]
    assert period(block, "penalty")[0].tolist() == [0, 0, 15 * 2, 0, 0, 0, 0, 0]
    assert shipped(block, scenario) == {"sea": 4 * 15.0, "air": 5 * 5.0 + 3 * 20.0}


def shared_port(**changes: Any) -> Content:
    """Two shops that order 20 each from one depot through a port that takes 25; one of them can also fly goods in."""
    shop = {"initial_stock": 100, "demand": {"mean": 10, "price": 9}, "order": {"mean": 20}}
    content: Content = {
        "nodes": [{"id": "shop"} | shop, {"id": "kiosk"} | shop, {"id": "depot", "initial_stock": 1000, "penalty": 2}],
        "lanes": [{"id": "port", "capacity": 25}],
        "arcs": [
            {"buyer": "shop", "supplier": "depot", "mode": "sea", "price": 2, "lane": "port"},
            {"buyer": "shop", "supplier": "depot", "mode": "air", "price": 2, "other_cost": 5},
            {"buyer": "kiosk", "supplier": "depot", "price": 3, "lane": "port"},
        ],
        "run": {"periods": 8, "seed": 1},
    }  # fmt: skip
    return content | changes


@ENGINES
def test_a_port_serves_bids_in_the_suppliers_order_until_it_is_full(run: Any) -> None:
    scenario = scenario_of(shared_port())
    # The kiosk bids 3 and gets its 20; 5 are left for the shop, which flies in the other 15.
    assert shipped(run(scenario, [0]), scenario) == {"sea": 8 * 5.0, "air": 8 * 15.0, "kiosk": 8 * 20.0}


@ENGINES
def test_what_a_full_port_refuses_is_lost_where_there_is_no_other_way(run: Any) -> None:
    content = shared_port()
    del content["arcs"][1]
    scenario = scenario_of(content)
    block = run(scenario, [0])
    assert period(block, "ordered")[0].tolist() == [40.0] * 8
    assert period(block, "contracted")[0].tolist() == [25.0] * 8


@ENGINES
def test_what_is_owed_goes_through_the_port_before_new_orders(run: Any) -> None:
    content = shared_port(rules={"unmet_orders": "backorder"}, run={"periods": 3, "seed": 1})
    del content["arcs"][1]
    content["nodes"][0]["order"] = {"policy": "periodic", "every": 10, "order_up_to": 130}
    scenario = scenario_of(content)
    block = run(scenario, [0])
    # The shop has 100, less 10 of demand, and orders 40 once; the kiosk orders 20 a period and bids more. Period 0:
    # kiosk 20, shop 5, and 35 are owed. Period 1: of these 25 go through, the kiosk's 20 wait. Period 2: the port takes
    # what is owed first, of the highest bid first: the kiosk's 20, 5 of the shop's 10; the kiosk's new 20 wait.
    assert item(block, "shipped")[0, :, 2].tolist() == [25, 25, 25]
    assert shipped(block, scenario) == {"sea": 5 + 25 + 5.0, "kiosk": 20 + 0 + 20.0}


@ENGINES
def test_half_a_port_carries_half(run: Any) -> None:
    storm = {"name": "storm", "lanes": ["port"], "health": 0.5, "dates": [{"start": 2, "duration": 2}]}
    scenario = scenario_of(shared_port(disruptions=[storm]))
    block = run(scenario, [0])
    # Period 2, nobody knows: 25 through the port are contracted, and each arc carries half of what is contracted on it;
    # 15 fly. Periods 3 and 4, known: the port takes 12.5, all of it the kiosk's, and the shop flies in its 20. In 4 the
    # port is whole again, which is known a period later. The kiosk loses 7.5 of its order in both.
    assert period(block, "contracted")[0].tolist() == [40, 40, 40, 32.5, 32.5, 40, 40, 40]
    assert period(block, "shipped")[0].tolist() == [40, 40, 27.5, 32.5, 32.5, 40, 40, 40]
    assert period(block, "penalty")[0].tolist() == [0, 0, 12.5 * 2, 0, 0, 0, 0, 0]


@ENGINES
def test_markets_share_a_lane_in_their_order(run: Any) -> None:
    content = shared_port(markets=[{"id": "first"}, {"id": "second"}])
    del content["arcs"][1]
    content["arcs"][0]["market"], content["arcs"][1]["market"] = "first", "second"
    scenario = scenario_of(content)
    # The shop's market is held first, so that its lower bid gets all 20 and the kiosk 5.
    assert shipped(run(scenario, [0]), scenario) == {"sea": 8 * 20.0, "kiosk": 8 * 5.0}


@ENGINES
def test_shares_of_what_is_short_count_what_the_lane_lets_through(run: Any) -> None:
    content = shared_port(rules={"allocation": "proportional"})
    content["nodes"][2] |= {"initial_stock": 0, "production": {"mean": 30}}
    content["lanes"][0]["capacity"] = 10
    scenario = scenario_of(content)
    # 30 are made in a period. Round 1: both ask by sea, each for the 10 that the port would take; there is enough for
    # both, but after the kiosk's 10 the port is full. Round 2: the shop asks for its 20 by air and gets the 20 left.
    assert shipped(run(scenario, [0]), scenario) == {"sea": 0.0, "air": 8 * 20.0, "kiosk": 8 * 10.0}


def test_orders_placed_at_any_time_share_a_lane() -> None:
    content = shared_port(run={"periods": 2, "seed": 1})
    for node in content["nodes"][:2]:
        node |= {"order": {"policy": "base_stock", "order_up_to": 120, "review": "continuous"}, "demand": None}
    scenario = scenario_of(content)
    block = agents(scenario, [0])
    # Both look at their position at time 0, the shop first: 20 each to get from 100 to 120. The shop takes 20 of the
    # port's 25, the kiosk 5; the next period's capacity is not asked for, since what was refused is lost until a
    # position changes.
    assert shipped(block, scenario) == {"sea": 20.0, "air": 0.0, "kiosk": 5.0}


@pytest.mark.parametrize("limit", [{"lane": "port"}, {"cap": 12}], ids=["lane", "cap"])
@pytest.mark.parametrize("unmet", ["lost", "backorder"])
def test_health_lowers_what_a_route_carries_once_at_any_time_as_at_reviews(limit: Content, unmet: str) -> None:
    content = two_modes(
        lanes=[{"id": "port", "capacity": 12}],
        rules={"unmet": "backorder", "unmet_orders": unmet},
        disruptions=[{"name": "low_water", "modes": ["sea"], "known_after": 0, "health": 0.75,
                      "dates": [{"start": 2, "duration": 4}]}],
        nodes=[
            {"id": "shop", "initial_stock": 100, "demand": {"arrivals": [{"between": 1, "first": 0.5, "size": 20}]},
             "order": {"policy": "base_stock", "order_up_to": 100, "review": "continuous"}},
            {"id": "depot", "initial_stock": 1000},
        ],
    )  # fmt: skip
    del content["arcs"][0]["cap"]
    content["arcs"][0] |= limit
    # 20 a period are ordered: 4 periods at 12 by sea, 4 at 12 * 0.75 = 9.
    assert shipped(agents(scenario_of(content), [0]), scenario_of(content)) == {"sea": 4 * 12 + 4 * 9.0, "air": 76.0}
    # Without air, the 8 to 11 that do not fit are lost, or owed; what is owed may fill a later period's 12 or 9.
    del content["arcs"][1]
    scenario = scenario_of(content)
    assert shipped(agents(scenario, [0]), scenario) == {"sea": 4 * 12 + 4 * 9.0}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"known_after": 0, "modes": ["air"]}, True),
        ({"known_after": 0, "arcs": [{"buyer": "shop", "supplier": "depot", "mode": "air"}]}, True),
        ({"known_after": 0, "modes": ["sea"]}, False),
        ({"modes": ["air"]}, False),
        ({"known_after": 0, "modes": ["air"], "health": 0}, False),
    ],
)
def test_a_partial_outage_that_lowers_nothing_is_told(changes: Content, told: bool) -> None:
    low = {"name": "low", "health": 0.5, "dates": [{"start": 2, "duration": 3}]} | changes
    # Air has no cap: half of nothing in particular, if buyers know of it before they order.
    warnings = [problem.text for problem in oddities(scenario_of(two_modes(disruptions=[low])))]
    assert any("'low' leaves 1 arc as before" in text for text in warnings) is told


def test_many_small_orders_of_a_period_share_what_health_leaves_of_a_lane() -> None:
    content = shared_port(
        disruptions=[{"name": "strike", "lanes": ["port"], "known_after": 0, "health": 0.5,
                      "dates": [{"start": 0, "duration": 9}]}],
        lanes=[{"id": "port", "capacity": 6}],
    )  # fmt: skip
    for node in content["nodes"][:2]:
        node["demand"] = {"arrivals": [{"between": 0.25, "first": 0.125, "size": 2}]}
        node["order"] = {"policy": "base_stock", "order_up_to": 100, "review": "continuous"}
    scenario = scenario_of(content)
    amounts = shipped(agents(scenario, [0]), scenario)
    # Each asks 4 times a period for more than the port takes of it.
    assert amounts["sea"] + amounts["kiosk"] == 8 * 6 * 0.5


def test_a_scenario_with_routes_and_lanes_is_written_and_read_again(tmp_path: Path) -> None:
    scenario = given_scenario({"version": 1, "name": "test"} | shared_port(rules={"sourcing": "quickest"}))
    write_scenario(scenario, tmp_path)
    assert (tmp_path / "lanes.csv").read_text().splitlines() == ["id,capacity", "port,25"]
    assert load_scenario(tmp_path) == scenario


def test_a_plan_names_the_route_whose_price_it_decides() -> None:
    scenario = scenario_of(two_modes())
    instance = instance_of(scenario)
    ends = {"buyer": "shop", "supplier": "depot"}
    # By sea a unit costs 2 + 1; at 9 + 1 air, at 2 + 6, goes first and takes all.
    plan = DecisionsPlan(version=1, name="dear", prices=[PriceDecision(**ends, mode="sea", price=9)])
    assert list(plan.problems(instance)) == []
    assert plan.applied(instance).arcs.price.tolist() == [9, 2]
    (problem,) = DecisionsPlan(version=1, name="any", prices=[PriceDecision(**ends, price=9)]).problems(instance)
    assert problem.text == "the arc from 'depot' to 'shop' stands for 2 arcs: add 'product', or 'mode'"


def test_tables_of_arcs_have_the_mode() -> None:
    frame = simulate(scenario_of(two_modes()), engine="agents").arcs
    assert frame["shipped"].droplevel(["run", "product"]).to_dict() == {
        ("shop", "depot", "sea"): 15.0,
        ("shop", "depot", "air"): 5.0,
    }


def test_unused_keys_leave_the_hash_of_a_scenario() -> None:
    plain = {"version": 1, "name": "test"} | two_modes()
    plain["arcs"] = [{"buyer": "shop", "supplier": "depot", "price": 2}]
    given = plain | {"lanes": [], "rules": {"sourcing": "cheapest"}}
    assert scenario_hash(given_scenario(plain)) == scenario_hash(given_scenario(given)) == HASH_WITHOUT_ROUTES
    routed = plain | {"arcs": [plain["arcs"][0] | {"mode": "sea"}]}
    assert scenario_hash(given_scenario(routed)) != HASH_WITHOUT_ROUTES


def test_routes_are_told_apart_by_their_names() -> None:
    content = {"version": 1, "name": "test"} | two_modes()
    changed = given_scenario(content, ["arcs.shop/depot/air.price=3"])
    assert [arc.price for arc in changed.arcs] == [2, 3]
    with pytest.raises(InputError, match="'shop/depot' names 2 entries of 'arcs'; add /mode"):
        given_scenario(content, ["arcs.shop/depot.price=3"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"arcs": [{"mode": "sea"}, {"mode": "sea"}]}, "a second arc of 'goods' from 'depot' to 'shop' by 'sea'"),
        ({"arcs": [{"mode": "sea"}, {}]}, "several routes are told apart by 'mode': give each its own"),
        ({"arcs": [{"lane": "suez"}]}, "there is no lane 'suez'; list it under 'lanes', with its capacity"),
        ({"lanes": [{"id": "port"}, {"id": "port"}]}, "'port' is given twice"),
        ({"disruptions": [{"modes": ["sae"]}]}, "there is no mode 'sae'"),
        ({"disruptions": [{"lanes": ["suez"]}]}, "there is no lane 'suez'"),
        ({"disruptions": [{"arcs": [{"buyer": "shop", "supplier": "depot", "mode": "road"}]}]},
         "there is no arc by 'road' from 'depot' to 'shop'"),
        ({"rules": {"sourcing": "quickest", "negotiation": "contract_net"}}, "leave sourcing out"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(change: Content, message: str) -> None:
    content = {"version": 1, "name": "test"} | two_modes()
    ends = {"buyer": "shop", "supplier": "depot"}
    if "arcs" in change:
        change = {"arcs": [ends | arc for arc in change["arcs"]]}
    if "disruptions" in change:
        change = {"disruptions": [{"name": "d", "probability": 0.1} | hit for hit in change["disruptions"]]}
    with pytest.raises(InputError) as refused:
        given_scenario(content | change)
    assert message in str(refused.value)

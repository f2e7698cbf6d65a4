"""Disruptions of every kind on a chain of three, where the effect can be written down.

The chain moves 10 units a period: the shop buys 10 from the middle, the middle 10 from the source.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from esc_sim.engine.block import Block
from esc_sim.scenario.schema import Scenario
from tests.helpers.networks import chain, chain_content, scenario_of
from tests.helpers.runs import agents, compiled, item, node, period

SHOP, MIDDLE, SOURCE = 0, 1, 2
SHOP_ARC = [{"buyer": "shop", "supplier": "middle"}]
Run = Callable[[Scenario], Block]


@pytest.fixture(params=["agents", "compiled"])
def run(request: pytest.FixtureRequest) -> Run:
    """Either engine."""
    return agents if request.param == "agents" else compiled


def dated(start: float, duration: float, **event: Any) -> dict[str, Any]:
    return {"name": f"event_{start:g}", "dates": [{"start": start, "duration": duration}]} | event


def disturbed(*disruptions: dict[str, Any], lead: float | dict[str, Any] = 0.0, **changes: Any) -> Scenario:
    """The chain under disruptions of which nobody learns, with a lead time on its last arc and stock enough."""
    changes["rules"] = {"known_after": 1000} | changes.get("rules", {})
    content = chain_content(**changes)
    for member in content["nodes"]:
        member["initial_stock"] = 100
    content["nodes"][SOURCE]["target_stock"] = 100
    content["arcs"][0]["lead_time"] = lead
    return scenario_of(content | {"disruptions": list(disruptions)})


def received(block: Block, who: int = SHOP) -> list[float]:
    return item(block, "received")[0, :, who].tolist()


def shipped(block: Block, who: int = MIDDLE) -> list[float]:
    return item(block, "shipped")[0, :, who].tolist()


# An arc that is out


def test_goods_on_an_arc_that_is_out_wait_until_it_ends(run: Run) -> None:
    # Lead time 3. Shipped in 0 and 1, due in 3 and 4, but held from 2 to 4; nothing leaves in 2 and 3.
    block = run(disturbed(dated(2, 2, arcs=SHOP_ARC), lead=3))
    assert shipped(block) == [10, 10, 0, 0] + [10] * 8
    assert received(block) == [0, 0, 0, 0, 0, 10, 10] + [10] * 5
    assert item(block, "in_transit")[0, 4, SHOP] == 30
    assert node(block, "penalty")[0, :, MIDDLE].tolist() == [0, 0, 50, 50] + [0] * 8
    assert period(block, "lost").sum() == 0


def test_goods_on_an_arc_that_is_out_go_another_way(run: Run) -> None:
    block = run(disturbed(dated(2, 2, arcs=SHOP_ARC, in_transit="reroute", detour=1), lead=3))
    assert received(block) == [0, 0, 0, 0, 10, 10, 0] + [10] * 5


def test_goods_on_an_arc_that_is_out_are_lost(run: Run) -> None:
    block = run(disturbed(dated(2, 2, arcs=SHOP_ARC, in_transit="lose"), lead=3))
    assert period(block, "lost")[0].tolist() == [0, 0, 20] + [0] * 9
    assert received(block) == [0] * 7 + [10] * 5
    assert item(block, "in_transit")[0, :, SHOP].tolist() == [10, 20, 0, 0, 10, 20] + [30] * 6


def test_lost_goods_were_paid_for(run: Run) -> None:
    """Payment on shipment: the shop bears the loss, and the network keeps the money of the price."""
    lost = run(disturbed(dated(2, 2, arcs=SHOP_ARC, in_transit="lose"), lead=3))
    held = run(disturbed(dated(2, 2, arcs=SHOP_ARC), lead=3))
    np.testing.assert_array_equal(node(lost, "procurement"), node(held, "procurement"))
    np.testing.assert_array_equal(node(lost, "income"), node(held, "income"))


def test_an_outage_between_two_reviews_holds_what_is_under_way(run: Run) -> None:
    # From 2.25 to 2.75: no review falls into it, so everything is shipped, but what is on the road loses half a period.
    block = run(disturbed(dated(2.25, 0.5, arcs=SHOP_ARC), lead=3))
    assert shipped(block) == [10] * 12
    assert received(block) == [0, 0, 0, 0, 10, 10, 20] + [10] * 5


def test_goods_that_arrive_as_an_outage_begins_have_arrived(run: Run) -> None:
    block = run(disturbed(dated(2, 2, arcs=SHOP_ARC, in_transit="lose"), lead=2))
    assert received(block)[2] == 10  # shipped in 0; what left in 1 is lost
    assert period(block, "lost")[0].tolist() == [0, 0, 10] + [0] * 9


def test_overlapping_outages_hold_goods_once(run: Run) -> None:
    # From 2 to 4 and from 3 to 6. What left in 0 has one period to go when it is stopped, and arrives in 7.
    block = run(disturbed(dated(2, 2, arcs=SHOP_ARC), dated(3, 3, arcs=SHOP_ARC), lead=3))
    assert shipped(block) == [10, 10, 0, 0, 0, 0] + [10] * 6
    assert received(block) == [0] * 7 + [10, 10, 10, 10, 10]


def test_two_outages_hold_goods_twice(run: Run) -> None:
    block = run(disturbed(dated(1, 1, arcs=SHOP_ARC), dated(3, 2, arcs=SHOP_ARC), lead=3))
    # Left in 0: moves 0-1, stands 1-2, moves 2-3, stands 3-5, moves 5-6. Left in 2: moves 2-3, stands 3-5, moves 5-7.
    assert shipped(block) == [10, 0, 10, 0, 0] + [10] * 7
    assert received(block) == [0] * 6 + [10, 10, 10, 10, 10, 10]


def test_an_arc_of_half_capacity_ships_half_and_holds_nothing(run: Run) -> None:
    block = run(disturbed(dated(2, 2, arcs=SHOP_ARC, health=0.5), lead=3))
    assert shipped(block) == [10, 10, 5, 5] + [10] * 8
    assert received(block) == [0, 0, 0, 10, 10, 5, 5] + [10] * 5
    assert node(block, "penalty")[0, 2, MIDDLE] == 25


def test_an_arc_that_is_out_leaves_its_neighbours_alone(run: Run) -> None:
    block = run(disturbed(dated(2, 2, arcs=SHOP_ARC)))
    assert shipped(block, SOURCE) == [10] * 12
    assert not node(block, "penalty")[0, :, SOURCE].any()


# A node that is out


def test_a_node_that_cannot_ship_pays_a_penalty_and_goes_on_buying(run: Run) -> None:
    block = run(disturbed(dated(3, 1, nodes=["middle"])))
    assert shipped(block) == [10, 10, 10, 0] + [10] * 8
    assert received(block, MIDDLE) == [0] + [10] * 11
    assert node(block, "penalty")[0, 3].tolist() == [0, 50, 0]
    assert node(block, "health")[0, :, MIDDLE].tolist() == [1, 1, 1, 0] + [1] * 8
    assert item(block, "contracted")[0, 3, MIDDLE] == 10


def test_a_node_of_part_capacity_ships_that_part(run: Run) -> None:
    block = run(disturbed(dated(3, 2, nodes=["middle"], health=0.3)))
    assert shipped(block)[2:6] == [10, 3, 3, 10]
    assert node(block, "penalty")[0, 2:6, MIDDLE].tolist() == [0, 35, 35, 0]


def test_gradual_recovery_ships_more_from_period_to_period(run: Run) -> None:
    block = run(disturbed(dated(2, 1, nodes=["middle"], health=0.5, recovery={"duration": 4})))
    assert shipped(block) == [10, 10, 5, 5, 6.25, 7.5, 8.75] + [10] * 5


def test_part_of_the_capacity_goes_to_the_highest_price(run: Run) -> None:
    content = {
        "nodes": [
            {"id": "poor", "order": {"mean": 10}},
            {"id": "rich", "order": {"mean": 10}},
            {"id": "also_rich", "order": {"mean": 10}},
            {"id": "maker", "initial_stock": 100, "penalty": 1},
        ],
        "arcs": [
            {"buyer": b, "supplier": "maker", "price": p} for b, p in (("poor", 1), ("rich", 2), ("also_rich", 2))
        ],
        "disruptions": [dated(0, 1, nodes=["maker"], health=0.5)],
        "run": {"periods": 1},
    }
    block = run(scenario_of(content))
    assert block.arc_shipped.tolist() == [0, 10, 5]
    assert node(block, "penalty")[0, 0, 3] == 15


def test_a_disruption_known_before_contracting_costs_no_penalty(run: Run) -> None:
    rules = {"known_after": 0}
    block = run(disturbed(dated(3, 1, nodes=["middle"]), rules=rules))
    assert item(block, "contracted")[0, 2:5, MIDDLE].tolist() == [10, 0, 10]
    assert not node(block, "penalty").any()
    # With half its health the middle offers half of what lies above its safety stock, 100 / 2, which is enough.
    half = run(disturbed(dated(3, 1, nodes=["middle"], health=0.5), rules=rules))
    assert shipped(half) == [10] * 12
    tenth = run(disturbed(dated(3, 1, nodes=["middle"], health=0.0625), rules=rules))
    assert shipped(tenth)[2:5] == [10, 6.25, 10]


def test_an_outage_known_before_contracting_turns_buyers_elsewhere(run: Run) -> None:
    content = {
        "nodes": [
            {"id": "buyer", "order": {"mean": 10}},
            {"id": "near", "initial_stock": 100},
            {"id": "far", "initial_stock": 100},
        ],
        "arcs": [
            {"buyer": "buyer", "supplier": "near", "price": 5},
            {"buyer": "buyer", "supplier": "far", "price": 6, "cap": 8},
        ],
        "rules": {"known_after": 0},
        "disruptions": [
            dated(1, 1, arcs=[{"buyer": "buyer", "supplier": "near"}]),
            dated(2, 1, arcs=[{"buyer": "buyer", "supplier": "far"}], health=0.5),
            dated(2, 1, nodes=["near"], name="near_out"),
        ],
        "run": {"periods": 3},
    }
    block = run(scenario_of(content))
    near, far = (item(block, "shipped")[0, :, k].tolist() for k in (1, 2))
    assert near == [10, 0, 0]
    assert far == [0, 8, 4]


@pytest.mark.parametrize(
    ("activity", "who", "expected"),
    [
        ("receive", SHOP, {"received": [0, 10, 10, 0, 0, 30, 10]}),
        ("order", MIDDLE, {"ordered": [10, 10, 10, 0, 0, 10, 10], "shipped": [10] * 7}),
        ("retail", SHOP, {"served": [10, 10, 10, 0, 0, 10, 10], "ordered": [10] * 7}),
    ],
)
def test_what_else_a_disruption_can_stop(run: Run, activity: str, who: int, expected: dict[str, list[float]]) -> None:
    name = ["shop", "middle", "source"][who]
    block = run(disturbed(dated(3, 2, nodes=[name], stops=[activity])))
    for column, values in expected.items():
        assert item(block, column)[0, :7, who].tolist() == values
    assert not node(block, "penalty").any()


def test_part_of_the_dock_can_be_received(run: Run) -> None:
    block = run(disturbed(dated(3, 2, nodes=["shop"], stops=["receive"], health=0.5)))
    # 10 a period: half of 10, half of 5 + 10, and then all that waits.
    assert received(block)[2:6] == [10, 5, 7.5, 17.5]
    assert item(block, "in_transit")[0, 2:6, SHOP].tolist() == [10, 15, 17.5, 10]


def test_a_source_that_cannot_produce_lives_on_its_stock(run: Run) -> None:
    block = run(disturbed(dated(3, 2, nodes=["source"], stops=["produce"])))
    assert item(block, "produced")[0, :7, SOURCE].tolist() == [0, 10, 10, 0, 0, 10, 10]
    assert item(block, "stock")[0, :7, SOURCE].tolist() == [90, 90, 90, 80, 70, 70, 70]
    assert shipped(block, SOURCE) == [10] * 12


# Groups, renewal, demand


def test_one_event_hits_a_whole_region(run: Run) -> None:
    block = run(disturbed({"name": "storm", "regions": ["north"], "probability": 0.4}))
    health = node(block, "health")[0]
    assert 0 < (health[:, MIDDLE] == 0).sum() < 12
    np.testing.assert_array_equal(health[:, MIDDLE], health[:, SOURCE])
    assert (health[:, SHOP] == 1).all()


def test_nodes_of_a_region_may_fail_each_by_itself(run: Run) -> None:
    block = run(disturbed({"name": "storm", "regions": ["north"], "probability": 0.4, "together": False}))
    health = node(block, "health")[0]
    assert (health[:, MIDDLE] != health[:, SOURCE]).any()


def test_failures_and_repairs_follow_one_another(run: Run) -> None:
    event = {
        "name": "wear",
        "nodes": ["middle"],
        "time_between_failures": {"law": "constant", "value": 3},
        "time_to_repair": {"law": "constant", "value": 1.5},
    }
    block = run(disturbed(event))
    # Down from 3 to 4.5, 7.5 to 9, 12 to 13.5.
    assert np.flatnonzero(node(block, "health")[0, :, MIDDLE] == 0).tolist() == [3, 4, 8]


@pytest.mark.parametrize(("factor", "demand"), [(2.0, 20.0), (0.0, 0.0), (0.25, 2.5)])
def test_a_demand_shock(run: Run, factor: float, demand: float) -> None:
    block = run(disturbed(dated(2, 3, nodes=["shop"], demand_factor=factor)))
    assert period(block, "demand")[0].tolist() == [10, 10, demand, demand, demand] + [10] * 7
    assert item(block, "served")[0, :, SHOP].tolist() == period(block, "demand")[0].tolist()
    assert (node(block, "health") == 1).all()


def test_a_demand_shock_fades(run: Run) -> None:
    block = run(disturbed(dated(2, 1, nodes=["shop"], demand_factor=3, recovery={"duration": 2})))
    assert period(block, "demand")[0, :7].tolist() == [10, 10, 30, 30, 20, 10, 10]


def test_unmet_demand_is_lost_or_owed(run: Run) -> None:
    shock = dated(1, 1, nodes=["shop"], demand_factor=4)
    shop = chain_content()["nodes"][SHOP] | {"demand": {"mean": 10, "price": 20, "shortage_cost": 2}}
    nodes = [shop, *chain_content()["nodes"][1:]]
    lost = run(chain(nodes=nodes, disruptions=[shock]))
    # 30 on hand: 10 served; 20 + 10 received nothing yet in 1 (shipped in 0 arrives in 1): 30 of 40; then 10 a period.
    assert item(lost, "served")[0, :4, SHOP].tolist() == [10, 30, 10, 10]
    assert period(lost, "shortage_cost")[0, :4].tolist() == [0, 20, 0, 0]
    owed = run(chain(nodes=nodes, disruptions=[shock], rules={"unmet": "backorder"}))
    assert item(owed, "served")[0, :4, SHOP].tolist() == [10, 30, 10, 10]
    assert period(owed, "backlog")[0].tolist() == [0] + [10] * 11
    assert period(owed, "shortage_cost")[0].tolist() == [0] + [20] * 11


# Lead times


@pytest.mark.parametrize(("lead", "first"), [(0, 1), (0.5, 1), (1, 1), (1.000001, 2), (2.5, 3), (4, 4)])
def test_goods_are_received_at_the_first_later_review(run: Run, lead: float, first: int) -> None:
    assert received(run(disturbed(lead=lead))) == [0] * first + [10] * (12 - first)


def test_a_later_shipment_overtakes_only_where_it_may(run: Run) -> None:
    law = {"law": "discrete", "values": [1, 5], "probabilities": [0.5, 0.5]}
    content = chain_content()
    content["nodes"][MIDDLE]["initial_stock"] = 1000
    content["nodes"][SHOP]["order"] = {"mean": 10, "sd": 3}
    content["arcs"][0] |= {"lead_time": law}
    content["run"]["periods"] = 30
    in_order = run(scenario_of(content))
    content["arcs"][0] |= {"crossing": True}
    crossing = run(scenario_of(content))
    np.testing.assert_array_equal(shipped(in_order), shipped(crossing))
    sent = np.cumsum(shipped(in_order))
    arrived = np.cumsum(received(in_order))
    # In order, what has arrived is always all that was sent up to some review.
    assert all(total in {0.0, *sent} for total in arrived)
    assert not all(total in {0.0, *sent} for total in np.cumsum(received(crossing)))
    assert (np.cumsum(received(crossing)) >= arrived).all()


def test_a_contract_cap_holds_in_every_period(run: Run) -> None:
    content = chain_content()
    content["arcs"][0]["cap"] = 6.5
    block = run(scenario_of(content))
    assert shipped(block) == [6.5] * 12


def test_orders_that_may_not_be_filled_in_part(run: Run) -> None:
    content = {
        "nodes": [{"id": f"b{k}", "order": {"mean": 4}} for k in range(3)] + [{"id": "maker", "initial_stock": 10}],
        "arcs": [{"buyer": f"b{k}", "supplier": "maker"} for k in range(3)],
        "run": {"periods": 1},
    }
    assert run(scenario_of(content)).arc_shipped.tolist() == [4, 4, 2]
    assert run(scenario_of(content | {"rules": {"partial": False}})).arc_shipped.tolist() == [4, 4, 0]


def test_a_yield_below_one(run: Run) -> None:
    content = chain_content()
    content["nodes"][MIDDLE]["yield"] = 0.75
    block = run(scenario_of(content))
    assert item(block, "stock")[0, :4, MIDDLE].tolist() == [20, 17.5, 15, 12.5]


@pytest.mark.parametrize(
    ("feedback", "ordered"), [("none", 10), ("surplus", 4), ("two_sided", 4)], ids=["none", "surplus", "two_sided"]
)
def test_orders_fall_with_stock_above_target(run: Run, feedback: str, ordered: float) -> None:
    content = chain_content()
    content["nodes"][SHOP] |= {"target_stock": 24}
    assert item(run(scenario_of(content | {"rules": {"feedback": feedback}})), "ordered")[0, 0, SHOP] == ordered


@pytest.mark.parametrize(("feedback", "ordered"), [("none", 10), ("surplus", 10), ("two_sided", 15)])
def test_orders_rise_with_stock_below_target_where_they_are_two_sided(run: Run, feedback: str, ordered: float) -> None:
    content = chain_content()
    content["nodes"][SHOP] |= {"target_stock": 35}
    assert item(run(scenario_of(content | {"rules": {"feedback": feedback}})), "ordered")[0, 0, SHOP] == ordered


@pytest.mark.parametrize(("timing", "stock"), [("review", 30), ("end", 20)])
def test_when_stock_is_counted_for_its_cost(run: Run, timing: str, stock: float) -> None:
    block = run(chain(rules={"holding_cost_timing": timing}))
    assert node(block, "storage")[0, 0].tolist() == [stock] * 3

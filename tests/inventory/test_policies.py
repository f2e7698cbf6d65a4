"""Order policies: the rules by hand, and both engines alike on networks with every switch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from esc_sim.behaviours.replenish import is_review, order_size
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.policies import base_stock, reorder_quantity, reorder_up_to
from esc_sim.results.columns import ITEM_COLUMNS, PERIOD_COLUMNS
from esc_sim.scenario.meaning import check_scenario
from esc_sim.scenario.schema import Scenario
from tests.inventory.helpers import both_engines, scenario, serial, source

COLUMN = {name: i for i, name in enumerate(PERIOD_COLUMNS)}
ITEM = {name: i for i, name in enumerate(ITEM_COLUMNS)}


def test_nothing_is_ordered_above_the_reorder_level() -> None:
    assert reorder_up_to.quantity(5.0, [4.0, 10.0]) == 0.0
    assert reorder_up_to.quantity(4.0, [4.0, 10.0]) == 6.0
    assert base_stock.quantity(-3.0, [10.0]) == 13.0
    assert base_stock.quantity(10.5, [10.0]) == 0.0


@pytest.mark.parametrize(("position", "ordered"), [(5.0, 0.0), (4.0, 3.0), (2.0, 3.0), (1.0, 6.0), (-2.0, 9.0)])
def test_lots_lift_the_position_above_the_reorder_level(position: float, ordered: float) -> None:
    assert reorder_quantity.quantity(position, [4.0, 3.0]) == ordered


@pytest.mark.parametrize(
    ("wanted", "minimum", "order_multiple", "ordered"),
    [(0.0, 5.0, 4.0, 0.0), (3.0, 5.0, 0.0, 5.0), (3.0, 5.0, 4.0, 8.0), (8.0, 0.0, 4.0, 8.0), (0.3, 0.0, 0.1, 0.1 * 3)],
)
def test_orders_keep_to_minimum_and_multiple(
    wanted: float, minimum: float, order_multiple: float, ordered: float
) -> None:
    assert order_size(wanted, minimum, order_multiple) == ordered


def test_reviews_come_every_so_many_periods() -> None:
    assert [t for t in range(10) if is_review(t, 2, 3)] == [2, 5, 8]


POLICIES: dict[str, dict[str, Any]] = {
    "base_stock": {"policy": "base_stock", "order_up_to": 60.0},
    "echelon": {"policy": "base_stock", "order_up_to": 150.0, "echelon": True},
    "s_S": {"policy": "s_S", "reorder_point": 30.0, "order_up_to": 80.0, "fixed_cost": 7.0},
    "r_Q": {"policy": "r_Q", "reorder_point": 40.0, "order_quantity": 25.0, "fixed_cost": 3.0},
    "periodic": {"policy": "periodic", "every": 3, "first": 1, "order_up_to": 120.0},
    "lots": {"policy": "base_stock", "order_up_to": 60.0, "minimum": 12.5, "order_multiple": 5.0},
    "moving_average": {"policy": "forecast", "window": 5, "cover": 3.5, "buffer": 6.0, "initial": 20.0},
    "smoothing": {"policy": "forecast", "method": "exponential_smoothing", "weight": 0.3, "cover": 3.0},
    "mean": {"mean": 20.0, "sd": 4.0, "fixed_cost": 2.0, "order_multiple": 1.0},
}


def tree(order: dict[str, Any], upstream: dict[str, Any], **rules: Any) -> Scenario:
    """Two shops with two suppliers each at the first stage unless the policy is of an echelon; a chain above."""
    shop = {
        "layer": 1,
        "initial_stock": 50.0,
        "holding_cost": 1.0,
        "in_transit_holding_cost": 0.25,
        "order": order,
    }
    nodes = [
        {"id": "shop_a", **shop, "demand": {"mean": 20.0, "sd": 6.0, "price": 9.0, "shortage_cost": 4.0}},
        {"id": "shop_b", **shop, "demand": {"law": {"law": "poisson", "mean": 18.0}, "price": 9.0}},
        {"id": "depot", "layer": 2, "initial_stock": 90.0, "safety_stock": 5.0, "holding_cost": 0.5, "penalty": 3.0,
         "backorder_cost": 0.125, "order": upstream},
        source("source", 3),
    ]  # fmt: skip
    if not order.get("echelon") and not upstream.get("echelon"):
        nodes.insert(3, {"id": "rival", "layer": 2, "initial_stock": 40.0, "target_stock": 60.0, "holding_cost": 0.5,
                         "production": {"mean": 9.0, "sd": 3.0}})  # fmt: skip
    arcs: list[dict[str, Any]] = [
        {"buyer": "shop_a", "supplier": "depot", "price": 5.0, "lead_time": 2.0},
        {"buyer": "shop_b", "supplier": "depot", "price": 5.5, "cap": 22.0,
         "lead_time": {"law": "uniform", "low": 0.5, "high": 4.0}},
        {"buyer": "depot", "supplier": "source", "price": 2.0, "lead_time": 3.0},
    ]  # fmt: skip
    if len(nodes) == 5:
        arcs.append({"buyer": "shop_a", "supplier": "rival", "price": 5.0, "other_cost": 1.0, "lead_time": 1.0})
        arcs.append({"buyer": "shop_b", "supplier": "rival", "price": 4.0, "other_cost": 1.0, "lead_time": 1.0})
    disruptions = [{"name": "depot_out", "nodes": ["depot"], "probability": 0.1, "health": 0.25, "duration": 2.0}]
    return scenario(nodes=nodes, arcs=arcs, disruptions=disruptions, rules=rules, run={"periods": 120, "warm_up": 10})


@pytest.mark.parametrize("upstream", ["base_stock", "echelon", "r_Q"])
@pytest.mark.parametrize("policy", list(POLICIES))
def test_engines_agree_on_every_policy(policy: str, upstream: str) -> None:
    both_engines(tree(POLICIES[policy], POLICIES[upstream], unmet_orders="backorder", unmet="backorder"))


@pytest.mark.parametrize("partial", [True, False])
@pytest.mark.parametrize("unmet_orders", ["lost", "backorder"])
@pytest.mark.parametrize("sequence", ["order_after_demand", "order_before_demand"])
@pytest.mark.parametrize("holding_cost_timing", ["review", "end"])
def test_engines_agree_on_every_switch(
    partial: bool, unmet_orders: str, sequence: str, holding_cost_timing: str
) -> None:
    for unmet in ("lost", "backorder"):
        rules = {
            "partial": partial,
            "partial_demand": partial,
            "unmet_orders": unmet_orders,
            "sequence": sequence,
            "holding_cost_timing": holding_cost_timing,
            "unmet": unmet,
            "known_after": 0 if partial else 1000,
            "allocation": "highest_bid" if partial or unmet_orders == "lost" else "first_come",
        }
        both_engines(tree(POLICIES["s_S"], POLICIES["base_stock"], **rules))


@pytest.mark.parametrize("policy", ["moving_average", "smoothing"])
def test_engines_agree_on_forecasts_before_demand(policy: str) -> None:
    both_engines(tree(POLICIES[policy], POLICIES[policy], sequence="order_before_demand", unmet_orders="backorder"))


def shortage(**rules: Any) -> list[float]:
    """What three buyers get of 60 units when each wants 30; the second bids most, the third has priority."""
    buyers = [{"id": f"buyer_{k}", "order": {"mean": 30.0}} for k in range(3)]
    arcs = [
        {"buyer": f"buyer_{k}", "supplier": "source", "price": price, "priority": priority}
        for k, (price, priority) in enumerate([(2.0, 2), (3.0, 3), (1.0, 1)])
    ]
    nodes = [*buyers, {"id": "source", "initial_stock": 60.0}]
    block = both_engines(scenario(nodes=nodes, arcs=arcs, rules=rules, run={"periods": 2}))
    return block.items[0, 1, :3, ITEM["received"]].tolist()


def test_allocation_by_bid_by_priority_and_in_proportion() -> None:
    assert shortage() == [30.0, 30.0, 0.0]
    assert shortage(allocation="priority") == [30.0, 0.0, 30.0]
    assert shortage(allocation="proportional") == [20.0, 20.0, 20.0]
    assert shortage(allocation="proportional", unmet_orders="backorder") == [20.0, 20.0, 20.0]


def test_buyers_ask_the_supplier_they_prefer_first() -> None:
    nodes = [{"id": "buyer", "order": {"mean": 30.0}}, *({"id": f"s_{k}", "initial_stock": 20.0} for k in range(2))]
    arcs = [
        {"buyer": "buyer", "supplier": "s_0", "price": 1.0, "preference": 2},
        {"buyer": "buyer", "supplier": "s_1", "price": 5.0, "preference": 1},
    ]
    block = both_engines(scenario(nodes=nodes, arcs=arcs, run={"periods": 1}))
    assert block.arc_shipped.tolist() == [20.0, 40.0]  # two replications: 10 and 20 in each


@pytest.mark.parametrize("allocation", ["priority", "proportional", "first_come"])
@pytest.mark.parametrize("unmet_orders", ["lost", "backorder"])
def test_engines_agree_on_every_allocation(allocation: str, unmet_orders: str) -> None:
    both_engines(tree(POLICIES["s_S"], POLICIES["r_Q"], allocation=allocation, unmet_orders=unmet_orders))


def split(shares: list[float], stocks: list[float], **rules: Any) -> Any:
    """Shipped per supplier and period when orders of 30 units are split over suppliers with little stock."""
    count = len(shares)
    nodes = [{"id": "buyer", "order": {"mean": 30.0}}]
    nodes += [{"id": f"s_{k}", "initial_stock": stock} for k, stock in enumerate(stocks)]
    arcs = [{"buyer": "buyer", "supplier": f"s_{k}", "price": 5.0 - k, "share": shares[k]} for k in range(count)]
    block = both_engines(scenario(nodes=nodes, arcs=arcs, rules=rules, run={"periods": 2}))
    return block.items[0, :, 1:, ITEM["shipped"]].tolist()


def test_orders_are_split_by_shares() -> None:
    assert split([2.0, 1.0], [100.0, 100.0]) == [[20.0, 10.0], [20.0, 10.0]]
    assert split([0.0, 1.0, 1.0], [100.0] * 3) == [[0.0, 15.0, 15.0]] * 2
    # A supplier that cannot deliver its part keeps the others from nothing, and they do not step in for it.
    assert split([2.0, 1.0], [5.0, 100.0]) == [[5.0, 10.0], [0.0, 10.0]]
    thirds = split([1.0, 1.0, 1.0], [100.0] * 3)[0]
    assert sum(thirds) == 30.0
    assert split([0.1, 0.2, 0.7], [1e3] * 3)[0] == pytest.approx([3.0, 6.0, 21.0], abs=1e-6)


def test_each_supplier_owes_its_own_part() -> None:
    nodes: list[dict[str, Any]] = [
        {"id": "buyer", "order": {"policy": "base_stock", "order_up_to": 30.0}, "demand": {"mean": 30.0}},
        {"id": "s_0", "initial_stock": 5.0, "target_stock": 12.0, "production": {"mean": 12.0}},
        {"id": "s_1", "initial_stock": 1000.0},
    ]
    arcs = [{"buyer": "buyer", "supplier": f"s_{k}", "share": share} for k, share in enumerate([2.0, 1.0])]
    made = scenario(nodes=nodes, arcs=arcs, rules={"unmet_orders": "backorder"}, run={"periods": 3})
    # Orders are 30, of which 20 go to the first supplier: it makes 12 a period and owes the rest.
    shipped = both_engines(made).items[0, :, 1:, ITEM["shipped"]]
    np.testing.assert_array_equal(shipped[:, 0], 12.0)
    assert shipped[0, 1] == 10.0


def test_a_line_whose_suppliers_do_not_all_have_a_share_is_refused() -> None:
    arcs = [{"buyer": "a", "supplier": "b", "share": 1.0}, {"buyer": "a", "supplier": "c"}]
    made = Scenario.model_validate({"version": 1, "name": "t", "nodes": [{"id": i} for i in "abc"], "arcs": arcs})
    assert "other suppliers of 'a' have a share of its orders" in check_scenario(made)[0]
    arcs = [{"buyer": "a", "supplier": "b", "share": 0.0}]
    made = Scenario.model_validate({"version": 1, "name": "t", "nodes": [{"id": i} for i in "ab"], "arcs": arcs})
    assert "all shares of the orders of 'a' are 0" in check_scenario(made)[0]


def test_who_came_first_is_served_first() -> None:
    """Buyer 1 bids more and orders 10 in period 1; buyer 0 has waited for its 10 since period 0."""
    nodes: list[dict[str, Any]] = [
        {"id": f"buyer_{k}", "order": {"policy": "periodic", "every": 9, "first": k, "order_up_to": 10.0}}
        for k in range(2)
    ]
    nodes.append({"id": "source", "target_stock": 10.0, "production": {"mean": 4.0}})
    arcs = [{"buyer": f"buyer_{k}", "supplier": "source", "price": 1.0 + k} for k in range(2)]

    def received(**rules: Any) -> list[list[float]]:
        given = {"unmet_orders": "backorder", **rules}
        block = both_engines(scenario(nodes=nodes, arcs=arcs, rules=given, run={"periods": 7}))
        return block.items[0, 1:, :2, ITEM["received"]].T.tolist()

    assert received() == [[4.0, 4.0, 0.0, 0.0, 2.0, 0.0], [0.0, 0.0, 4.0, 4.0, 2.0, 0.0]]
    assert received(allocation="first_come") == [[4.0, 4.0, 2.0, 0.0, 0.0, 0.0], [0.0, 0.0, 2.0, 4.0, 4.0, 0.0]]


def test_goods_are_conserved_with_owed_orders() -> None:
    block = both_engines(tree(POLICIES["r_Q"], POLICIES["base_stock"], unmet_orders="backorder", unmet="backorder"))
    stock, in_transit = block.periods[..., COLUMN["stock"]], block.periods[..., COLUMN["in_transit"]]
    goods = np.diff(stock + in_transit, axis=1)
    flow = block.periods[..., COLUMN["produced"]] - block.periods[..., COLUMN["served"]]
    np.testing.assert_array_equal(goods, flow[:, 1:])


def test_base_stock_keeps_the_inventory_position() -> None:
    """On hand + on order - backorders is S after every review, whatever the demand and however short the supply."""
    chain = serial(
        [
            {"initial_stock": 12.0, "demand": {"law": {"law": "poisson", "mean": 5.0}},
             "order": {"policy": "base_stock", "order_up_to": 12.0}},
            {"initial_stock": 6.0, "order": {"policy": "base_stock", "order_up_to": 6.0}},
        ],
        [2, 3],
        periods=200,
    )  # fmt: skip
    block = both_engines(chain)
    first, second = block.items[:, :, 0], block.items[:, :, 1]
    # What stage 2 owes stage 1 is what was ordered so far and not shipped yet.
    owed = np.cumsum(first[..., ITEM["ordered"]] - second[..., ITEM["shipped"]], axis=1)
    assert owed.max() > 0.0
    position = first[..., ITEM["stock"]] + first[..., ITEM["in_transit"]] + owed - first[..., ITEM["backlog"]]
    np.testing.assert_array_equal(position, 12.0)
    position = second[..., ITEM["stock"]] + second[..., ITEM["in_transit"]] - owed
    np.testing.assert_array_equal(position, 6.0)


def test_orders_before_demand_lag_by_a_period() -> None:
    """A position seen before demand gives, period by period, the orders that one seen after demand gave before."""
    stage = {
        "initial_stock": 40.0,
        "demand": {"mean": 10.0, "sd": 2.0},
        "order": {"policy": "base_stock", "order_up_to": 40.0},
    }
    after = both_engines(serial([stage], [1], periods=50))
    before = both_engines(serial([stage], [1], rules={"sequence": "order_before_demand"}, periods=50))
    np.testing.assert_array_equal(before.periods[:, 1:, COLUMN["ordered"]], after.periods[:, :-1, COLUMN["ordered"]])


def test_an_order_that_must_be_whole_waits_for_enough() -> None:
    chain = serial(
        [
            {"initial_stock": 0.0, "demand": {"mean": 1.0},
             "order": {"policy": "r_Q", "reorder_point": 0.0, "order_quantity": 10.0}},
            {"initial_stock": 4.0, "order": {"policy": "periodic", "every": 5, "order_up_to": 4.0}},
        ],
        [1, 1],
        rules={"partial": False, "allocation": "first_come"},
        periods=30,
    )  # fmt: skip
    block = both_engines(chain)
    shipped = block.items[0, :, 1, ITEM["shipped"]]
    assert set(np.unique(shipped[:15])) <= {0.0, 10.0}
    assert 10.0 in shipped


def test_an_echelon_must_be_a_tree() -> None:
    made = tree(POLICIES["base_stock"], POLICIES["base_stock"])
    depot = made.nodes[2].model_copy(update={"order": made.nodes[2].order.model_copy(update={"echelon": True})})
    made = made.model_copy(update={"nodes": [*made.nodes[:2], depot, *made.nodes[3:]]})
    with pytest.raises(InputError, match="echelon stock needs a tree"):
        instance_of(made)


@pytest.mark.parametrize("sequence", ["order_before_demand", "order_after_demand"])
def test_orders_by_position_are_placed_once_a_period(sequence: str) -> None:
    nodes = [
        {"id": "shop", "demand": {"mean": 10}, "order": {"policy": "base_stock", "order_up_to": 20}},
        {"id": "maker", "initial_stock": 1000},
    ]
    made = scenario(nodes=nodes, arcs=[{"buyer": "shop", "supplier": "maker"}], rules={"sequence": sequence})
    orders = instance_of(made).orders
    early, late = orders.early_items.tolist(), orders.late_items.tolist()
    assert (early, late) == (([0], []) if sequence == "order_before_demand" else ([], [0]))

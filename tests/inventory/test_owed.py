"""Orders owed are a queue: whoever ordered first is served first, in both engines and between reviews."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esc_sim.allocations.registry import ALLOCATIONS, IN_TURN, share_number
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.engine.agents.owed import OwedParts, allotted
from esc_sim.engine.compiled import walk
from esc_sim.instance.build import instance_of
from esc_sim.results.columns import ITEM_COLUMNS
from esc_sim.scenario.schema import Scenario
from tests.helpers.fairness import Fairness
from tests.helpers.networks import contents, scenario_of
from tests.helpers.runs import agents, compiled, differences
from tests.inventory.helpers import both_engines, scenario

ITEM = {name: i for i, name in enumerate(ITEM_COLUMNS)}
Content = dict[str, Any]
FIRST_COME = {"unmet": "backorder", "unmet_orders": "backorder", "allocation": "first_come"}


def two_shops(supply: float = 6.0, start: float = 0.0, periods: int = 60, **rules: Any) -> Scenario:
    """Two equal shops that sell 5 a period and buy from one source that makes less than both need."""
    order = {"policy": "base_stock", "order_up_to": 100.0}
    nodes: list[Content] = [
        {"id": f"shop_{k}", "initial_stock": start, "order": order, "demand": {"mean": 5.0}} for k in range(2)
    ]
    nodes.append({"id": "source", "target_stock": 100.0, "production": {"mean": supply}})
    arcs = [{"buyer": f"shop_{k}", "supplier": "source"} for k in range(2)]
    return scenario(nodes=nodes, arcs=arcs, rules=FIRST_COME | rules, run={"periods": periods})


def received(made: Scenario, items: int = 2) -> np.ndarray:
    """Of each item by period, the same in both engines."""
    got: np.ndarray = both_engines(made).items[0, 1:, :items, ITEM["received"]]
    return got


@pytest.mark.parametrize("start", [0.0, 100.0])
def test_two_equal_shops_get_the_same_of_what_is_short(start: float) -> None:
    np.testing.assert_array_equal(received(two_shops(start=start)), 3.0)


def test_whole_orders_take_turns() -> None:
    """Orders of 5, delivered as a whole from 6 a period: who lost a tie has the older order in the next period."""
    total = received(two_shops(start=100.0, partial=False)).cumsum(axis=0)
    assert np.abs(total[:, 0] - total[:, 1]).max() == 5.0
    assert total[-1].sum() >= 6.0 * 58 - 5.0


def test_an_order_that_is_lost_leaves_no_claim_and_equal_ones_share() -> None:
    np.testing.assert_array_equal(received(two_shops(start=100.0, unmet_orders="lost")), 3.0)


def test_what_is_owed_is_not_as_old_as_its_oldest_part() -> None:
    """Buyer 0 orders 4, buyer 1 then 4, buyer 0 then 4 more, all before the first is met: served in that order."""
    order = {"policy": "periodic", "every": 2}
    nodes: list[Content] = [
        {"id": "buyer_0", "order": {**order, "order_up_to": 4.0, "first": 0}, "demand": {"mean": 2.0}},
        {"id": "buyer_1", "order": {**order, "every": 9, "order_up_to": 6.0, "first": 1}},
        {"id": "source", "target_stock": 9.0, "production": {"mean": 2.0}},
    ]
    arcs = [{"buyer": f"buyer_{k}", "supplier": "source", "price": 2.0 - k} for k in range(2)]
    made = scenario(nodes=nodes, arcs=arcs, rules=FIRST_COME, run={"periods": 10})
    # Buyer 0 orders 6 in period 0, and 4 in each second period after it; buyer 1 orders 6 in period 1.
    assert received(made).T.tolist() == [[2, 2, 2, 0, 0, 0, 2, 2, 2], [0, 0, 0, 2, 2, 2, 0, 0, 0]]


def test_new_orders_of_one_market_do_not_overtake_what_is_owed_in_another() -> None:
    """The source owes buyer 1 in the second market; buyer 0 orders later, in the first."""
    buy = [{"policy": "periodic", "every": 9, "order_up_to": 4.0, "first": 2 - k} for k in range(2)]
    nodes: list[Content] = [{"id": f"buyer_{k}", "order": order} for k, order in enumerate(buy)]
    nodes.append({"id": "source", "target_stock": 9.0, "production": {"mean": 1.0}})
    arcs = [{"buyer": f"buyer_{k}", "supplier": "source", "market": f"market_{k}"} for k in range(2)]
    markets = [{"id": f"market_{k}"} for k in range(2)]
    for allocation in ("first_come", "highest_bid", "proportional"):
        rules = {"unmet_orders": "backorder", "allocation": allocation}
        made = scenario(nodes=nodes, arcs=arcs, markets=markets, rules=rules, run={"periods": 10})
        got = received(made).T.tolist()
        assert [row[:3] for row in got] == [[0, 0, 0], [0, 2, 1]], allocation
        if allocation == "first_come":
            assert got == [[0, 0, 0, 0, 1, 1, 1, 1, 0], [0, 2, 1, 1, 0, 0, 0, 0, 0]]


def test_goods_that_a_disruption_holds_back_go_to_the_oldest_orders() -> None:
    """Buyer 0 has waited since period 0; in period 2 the source may ship half of the 6 that it promised to both."""
    buy = [{"policy": "periodic", "every": 9, "order_up_to": 4.0, "first": k} for k in range(2)]
    nodes: list[Content] = [{"id": f"buyer_{k}", "order": order} for k, order in enumerate(buy)]
    nodes.append({"id": "source", "target_stock": 9.0, "production": {"mean": 6.0}})
    arcs = [{"buyer": f"buyer_{k}", "supplier": "source", "price": 1.0 + k} for k in range(2)]
    stops: list[Content] = [
        {"name": "still", "dates": [{"start": 0.0, "duration": 2.0}], "stops": ["produce"]},
        {"name": "strike", "dates": [{"start": 2.0, "duration": 1.0}], "stops": ["ship"], "health": 0.5},
    ]
    made = scenario(
        nodes=nodes, arcs=arcs, rules={"unmet_orders": "backorder", "allocation": "first_come"},
        run={"periods": 6}, disruptions=[{"nodes": ["source"]} | stop for stop in stops],
    )  # fmt: skip
    assert received(made).T.tolist() == [[0, 0, 3, 1, 0], [0, 0, 0, 4, 0]]


def test_blocks_of_periods_do_not_change_ages(monkeypatch: pytest.MonkeyPatch) -> None:
    made = two_shops(supply=3.3, start=20.0, periods=50)
    whole = compiled(made)
    monkeypatch.setattr(walk, "_BLOCK_VALUES", 14)  # 7 periods
    assert differences(whole, compiled(made)) == []


def first_come_contents(disrupted: bool) -> st.SearchStrategy[Scenario]:
    """Networks in which all orders that are not met are owed, and served by age."""

    def by_age(content: Content) -> Scenario:
        content["rules"] |= {"allocation": "first_come", "unmet_orders": "backorder"}
        return scenario_of(content)

    return contents(disrupted, trading=True).map(by_age)


def test_nobody_waits_while_a_younger_order_is_filled() -> None:
    waits = 0

    @settings(max_examples=330)
    @given(first_come_contents(True))
    def fair(made: Scenario) -> None:
        nonlocal waits
        seen = Fairness(instance_of(made), made.run.seed).run()
        assert seen.overtaken == []
        waits += seen.waits
        assert differences(agents(made), compiled(made)) == []

    fair()
    assert waits > 1000


@st.composite
def lively(draw: st.DrawFn) -> Scenario:
    """A depot that is short, and shops that buy from it: all may act at reviews or at any time."""
    times, review = st.sampled_from([0.25, 0.375, 0.5, 0.75]), st.sampled_from(["periodic", "continuous"])
    nodes: list[Content] = []
    arcs: list[Content] = []
    for k in range(draw(st.integers(2, 4))):
        order = {"policy": "base_stock", "order_up_to": draw(st.sampled_from([4.0, 9.0])), "review": draw(review)}
        demand: Content = {"mean": 3.0}
        if order["review"] == "continuous":
            demand = {"arrivals": [{"between": draw(times), "size": draw(st.sampled_from([0.5, 1.0, 2.0]))}]}
        nodes.append({"id": f"shop_{k}", "layer": 1, "initial_stock": 4.0, "order": order, "demand": demand})
        cap = draw(st.sampled_from([None, None, 2.0, 5.0]))
        arcs.append({"buyer": f"shop_{k}", "supplier": "depot", "price": draw(st.sampled_from([1.0, 2.0])), "cap": cap})
        arcs[-1]["lead_time"] = draw(st.sampled_from([0.25, 1.0, 1.5]))
    order = {"policy": "base_stock", "order_up_to": 20.0, "review": draw(review)}
    capacity = draw(st.sampled_from([None, 4.0, 7.0]))
    nodes.append({"id": "depot", "layer": 2, "initial_stock": 6.0, "order": order, "capacity": capacity})
    made = draw(st.sampled_from([2.0, 5.0, 9.0]))
    nodes.append({"id": "source", "layer": 3, "target_stock": 30.0, "production": {"mean": made}})
    arcs.append({"buyer": "depot", "supplier": "source", "lead_time": draw(st.sampled_from([0.25, 1.0]))})
    road = {"name": "road", "arcs": [{"buyer": "shop_0", "supplier": "depot"}], "probability": 0.2}
    stop = {"name": "stop", "nodes": ["depot"], "probability": 0.2, "health": draw(st.sampled_from([0.0, 0.5]))}
    rules = FIRST_COME | {"partial": draw(st.booleans())}
    return scenario(nodes=nodes, arcs=arcs, rules=rules, disruptions=[road, stop], run={"periods": 20})


def test_nobody_waits_while_a_younger_order_is_filled_at_any_time() -> None:
    waits = 0

    @settings(max_examples=150)
    @given(lively(), st.integers(0, 1000))
    def fair(made: Scenario, seed: int) -> None:
        nonlocal waits
        seen = Fairness(instance_of(made), seed).run()
        assert seen.overtaken == []
        waits += seen.waits

    fair()
    assert waits > 1000


def at_any_time(first: list[float]) -> SupplyChainModel:
    """Two shops whose customers want 1.25 four times a period, from these times on; the source makes 6 a period."""
    order = {"policy": "base_stock", "order_up_to": 100.0, "review": "continuous"}
    nodes: list[Content] = [
        {"id": f"shop_{k}", "initial_stock": 100.0, "order": order,
         "demand": {"arrivals": [{"between": 0.25, "size": 1.25, "first": time}]}}
        for k, time in enumerate(first)
    ]  # fmt: skip
    nodes.append({"id": "source", "target_stock": 100.0, "production": {"mean": 6.0}})
    arcs = [{"buyer": f"shop_{k}", "supplier": "source", "lead_time": 0.5} for k in range(2)]
    return SupplyChainModel(scenario(nodes=nodes, arcs=arcs, rules=FIRST_COME, run={"periods": 40}))


def test_two_equal_shops_get_the_same_at_any_time() -> None:
    model = at_any_time([0.125, 0.125])
    model.run()
    assert model.books.arc_total == [3.0 * 40, 3.0 * 40]
    model = at_any_time([0.125, 0.25])
    for period in range(1, 41):
        model.step()
        one, other = model.books.arc_total
        assert one + other == 6.0 * period
        assert 0.0 <= one - other <= 1.25


def test_parts_of_an_order_keep_their_ages() -> None:
    parts = OwedParts()
    parts.add(3, 2.0, 0.0)
    parts.add(5, 4.0, 0.0)
    parts.add(3, 1.0, 1.0)
    parts.add(3, 1.5, 1.0)
    assert parts.by_age([5, 3]) == [[(5, 4.0), (3, 2.0)], [(3, 2.5)]]
    parts.take(3, 3.0)
    assert parts.of(3) == [(1.0, 1.5)]
    parts.take(3, 1.5)
    assert parts.of(3) == []


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 900)), unique_by=lambda p: p[0]), max_size=4),
    st.integers(0, 4000),
    st.booleans(),
)
def test_what_is_short_is_used_up_and_nobody_gets_more_than_the_part(
    groups: list[list[tuple[int, int]]], limit: int, shared: bool
) -> None:
    quantum = 2.0**-20
    asked = [[(arc, amount * quantum) for arc, amount in group] for group in groups]
    total = sum(amount for group in asked for _, amount in group)
    rooms = dict.fromkeys(range(5), np.inf)
    rule = share_number(ALLOCATIONS["proportional"]) if shared else IN_TURN
    given_out, left = allotted(
        asked, rooms, limit * quantum, rule=rule, classes=[0] * 5, partial=True, offset=1.5 * 2.0**32
    )  # fmt: skip
    assert sum(given_out.values()) == min(total, limit * quantum)
    assert left == limit * quantum - sum(given_out.values())
    whole = {arc: sum(amount for group in asked for a, amount in group if a == arc) for arc in range(5)}
    assert all(0.0 < amount <= whole[arc] for arc, amount in given_out.items())


@pytest.mark.parametrize("allocation", ["highest_bid", "priority"])
def test_whole_orders_that_are_owed_need_an_age(allocation: str) -> None:
    """What is owed to a buyer would be one amount of 5, 10, 15 ... units, of which a supplier of 6 never has enough."""
    message = f"allocation {allocation} may leave orders owed for ever: take allocation: first_come"
    with pytest.raises(ValueError, match=message):
        two_shops(start=100.0, partial=False, allocation=allocation)
    two_shops(start=100.0, partial=False, allocation=allocation, unmet_orders="lost")

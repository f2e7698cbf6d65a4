"""What happens at any time: customers, continuous review, immediate answers; each run worked out by hand."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim import simulate
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.engine.compiled.runner import run_replications
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.instance.live import moved_by_reviews
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from tests.inventory.helpers import scenario

AT = {name: i for i, name in enumerate(PERIOD_COLUMNS)}
OWED = {"unmet": "backorder", "unmet_orders": "backorder"}


def comes(*times: float, size: float = 1.0) -> list[dict[str, Any]]:
    """One customer at each of these times, and no other."""
    return [{"between": 1e6, "size": size, "first": time} for time in times]


def shop(arrivals: list[dict[str, Any]], order_up_to: float, **more: Any) -> dict[str, Any]:
    order = {"policy": "base_stock", "order_up_to": order_up_to, "review": "continuous"}
    return {
        "id": "shop",
        "layer": 1,
        "initial_stock": order_up_to,
        "order": order,
        "demand": {"arrivals": arrivals},
    } | more


def depot(stock: float, **more: Any) -> dict[str, Any]:
    return {"id": "depot", "layer": 2, "initial_stock": stock, **more}


def chain(nodes: list[dict[str, Any]], lead: Any = 0.75, **parts: Any) -> Scenario:
    arcs = [{"buyer": a["id"], "supplier": b["id"]} | _lead(lead) for a, b in pairwise(nodes)]
    return scenario(nodes=nodes, arcs=arcs, run={"periods": 6}, **parts)


def _lead(lead: Any) -> dict[str, Any]:
    return {"lead_time": lead}


def played(made: Scenario) -> SupplyChainModel:
    model = SupplyChainModel(made)
    model.run()
    return model


def rows(model: SupplyChainModel, column: str) -> list[float]:
    values: list[float] = model.recorder.periods[:, AT[column]].tolist()
    return values


def test_a_customer_sets_off_order_answer_and_shipment_at_once() -> None:
    model = SupplyChainModel(chain([shop(comes(0.5), 3.0), depot(9.0)]))
    model.env.run(until=0.6)
    assert (model.books.of_items("stock"), model.books.items[0].in_transit) == ([2.0, 8.0], 1.0)
    model.env.run(until=1.2)
    assert model.books.items[0].in_transit == 1.0
    model.env.run(until=1.3)
    assert (model.books.of_items("stock"), model.books.items[0].in_transit) == ([3.0, 8.0], 0.0)


def test_goods_come_before_customers_and_customers_before_disruptions() -> None:
    # The unit ordered at 0.25 comes at 1, when the next customer does. At 2 the shop closes: who comes then is served.
    closed = {"name": "closed", "nodes": ["shop"], "stops": ["retail"], "dates": [{"start": 2.0, "duration": 2.0}]}
    nodes = [shop(comes(0.25, 1.0, 2.0, 2.5), 1.0), depot(9.0)]
    model = played(chain(nodes, disruptions=[closed]))
    assert rows(model, "served") == [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    assert rows(model, "demand") == [1.0, 1.0, 2.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("first", [0, 1])
def test_customers_of_one_instant_come_in_the_order_of_the_scenario(first: int) -> None:
    # 5 units and customers of 4 and 3, only to be served as a whole: whoever is listed first gets it.
    sizes = [4.0, 3.0] if first == 0 else [3.0, 4.0]
    arrivals = [{"between": 1e6, "size": size, "first": 0.5} for size in sizes]
    model = played(chain([shop(arrivals, 5.0), depot(0.0)], rules={"partial_demand": False}))
    assert rows(model, "served")[0] == sizes[0]


def test_stock_costs_by_the_time_that_it_lies_there() -> None:
    node = shop(comes(0.25), 10.0, holding_cost=2.0, in_transit_holding_cost=0.5)
    model = played(
        chain([node, depot(0.0, initial_stock=50.0, holding_cost=1.0)], rules={"holding_cost_timing": "end"})
    )
    # The unit is on its way from 0.25 to 1.0; the depot, which acts at reviews only, pays for its stock at the end.
    expected = 2.0 * (10 * 0.25 + 9 * 0.75) + 0.5 * 0.75 + 49.0
    assert rows(model, "storage")[:2] == [expected, 2.0 * 10 + 49.0]


def test_waiting_customers_cost_by_the_time_that_they_wait_and_are_served_in_turn() -> None:
    arrivals = [*comes(0.5, size=3.0), *comes(0.75, size=1.0)]
    node = shop(arrivals, 2.0)
    node["demand"]["shortage_cost"] = 4.0
    model = played(chain([node, depot(100.0)], lead=1.0, rules=OWED | {"partial_demand": False}))
    # Nobody is served before 3 units are there: 2 + 3 come at 1.5, which serve both; the last unit comes at 1.75.
    assert rows(model, "served")[:3] == [0.0, 4.0, 0.0]
    assert rows(model, "shortage_cost")[:3] == [4.0 * (3 * 0.5 + 1 * 0.25), 4.0 * 4 * 0.5, 0.0]
    assert model.recorder.tally[0, 2] == 0.0  # nothing was met at once


def test_a_supplier_that_cannot_ship_owes_and_ships_when_it_is_back() -> None:
    outage = {"name": "outage", "nodes": ["depot"], "stops": ["ship"], "dates": [{"start": 1.0, "duration": 1.25}]}
    live = depot(9.0, order={"policy": "base_stock", "order_up_to": 9.0, "review": "continuous"})
    nodes = [shop(comes(1.5), 4.0), live, {"id": "source", "layer": 3, "initial_stock": 9.0}]
    model = SupplyChainModel(chain(nodes, rules=OWED, disruptions=[outage]))
    model.env.run(until=2.2)
    assert (model.books.items[1].owes, model.books.items[0].in_transit) == (1.0, 0.0)
    model.env.run(until=2.3)
    assert (model.books.items[1].owes, model.books.items[0].in_transit) == (0.0, 1.0)
    # A depot that acts at reviews only answers those who act at any time as soon.
    model = SupplyChainModel(chain([shop(comes(1.5), 4.0), depot(9.0)], rules=OWED, disruptions=[outage]))
    model.env.run(until=2.3)
    assert (model.books.items[1].owes, model.books.items[0].in_transit) == (0.0, 1.0)
    lost = played(chain([shop(comes(1.5), 4.0), depot(9.0)], disruptions=[outage]))
    # Where orders are lost, the shop asks in vain when the customer comes, and again at the end of the outage. The turn
    # of a period in between brings nothing, so it does not ask then.
    assert rows(lost, "shipped") == [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    assert rows(lost, "ordered")[1:3] == [1.0, 1.0]


def test_who_is_owed_gets_it_when_goods_arrive_upstream() -> None:
    middle = depot(0.0, order={"policy": "base_stock", "order_up_to": 0.0, "review": "continuous"})
    nodes = [shop(comes(0.25), 2.0), middle, {"id": "source", "layer": 3, "initial_stock": 9.0}]
    model = SupplyChainModel(chain(nodes, lead=0.5, rules=OWED))
    model.env.run(until=0.3)
    assert model.books.owed[0] == 1.0
    assert model.books.items[1].in_transit == 1.0
    model.env.run(until=0.8)
    assert (model.books.owed[0], model.books.items[0].in_transit) == (0.0, 1.0)


def test_a_supplier_that_acts_at_reviews_delivers_what_it_owes_at_a_review() -> None:
    nodes = [shop(comes(0.25), 2.0), depot(0.0, target_stock=5.0, production={"mean": 1.0})]
    model = SupplyChainModel(chain(nodes, rules=OWED))
    model.env.run(until=0.9)
    assert model.books.of_items("stock") == [1.0, 0.0], "what was made at the review at 0 is shipped at once"


def test_orders_are_split_by_shares() -> None:
    nodes = [shop(comes(0.5, size=6.0), 6.0), depot(50.0), {"id": "other", "layer": 2, "initial_stock": 1.0}]
    arcs = [
        {"buyer": "shop", "supplier": name, "share": share, "lead_time": 2.0, "price": 1.0}
        for name, share in (("depot", 2.0), ("other", 1.0))
    ]
    model = played(scenario(nodes=nodes, arcs=arcs, rules=OWED, run={"periods": 2}))
    assert model.books.arc_total == [4.0, 1.0]
    assert model.books.of_items("owes") == [0.0, 0.0, 1.0]


def test_caps_hold_for_a_period() -> None:
    nodes = [shop(comes(0.25, 0.5, 1.5), 3.0), depot(50.0)]
    arcs = [{"buyer": "shop", "supplier": "depot", "cap": 1.0, "lead_time": 0.5}]
    model = played(scenario(nodes=nodes, arcs=arcs, rules=OWED, run={"periods": 4}))
    assert rows(model, "shipped") == [1.0, 1.0, 1.0, 0.0]


RANDOM: dict[str, Any] = {
    "arrivals": [
        {"between": {"law": "exponential", "mean": 0.2}, "size": {"law": "poisson", "mean": 2.0}},
        {"between": {"law": "uniform", "low": 0.1, "high": 2.0}, "size": {"law": "gamma", "mean": 3.0, "sd": 1.0}},
    ],
    "shortage_cost": 2.0,
    "price": 5.0,
}


def busy(**rules: Any) -> Scenario:
    """Two shops and a depot that act at any time, a third shop that acts at reviews, and outages."""
    review = {"review": "continuous"}
    shops = [
        {"id": "a", "layer": 1, "initial_stock": 20.0, "holding_cost": 1.0, "demand": RANDOM,
         "order": {"policy": "s_S", "reorder_point": 25.0, "order_up_to": 40.0, **review}},
        {"id": "b", "layer": 1, "initial_stock": 20.0, "holding_cost": 1.0, "demand": RANDOM,
         "order": {"policy": "r_Q", "reorder_point": 20.0, "order_quantity": 15.0, "fixed_cost": 2.0, **review}},
        {"id": "c", "layer": 1, "initial_stock": 20.0, "demand": {"mean": 6.0, "sd": 3.0, "price": 5.0},
         "order": {"policy": "base_stock", "order_up_to": 25.0}},
    ]  # fmt: skip
    middle = {"id": "depot", "layer": 2, "initial_stock": 60.0, "holding_cost": 0.5, "backorder_cost": 0.1,
              "capacity": 45.0, "order": {"policy": "base_stock", "order_up_to": 110.0, **review}}  # fmt: skip
    source = {"id": "source", "layer": 3, "initial_stock": 40.0, "target_stock": 120.0, "production": {"mean": 35.0}}
    lead = {"law": "uniform", "low": 0.25, "high": 1.75}
    arcs: list[dict[str, Any]] = [
        {"buyer": x, "supplier": "depot", "lead_time": lead, "price": 3.0, "crossing": x == "b"} for x in "abc"
    ]
    arcs.append({"buyer": "depot", "supplier": "source", "lead_time": 1.3, "price": 1.0})
    outages = [
        {"name": "stop", "nodes": ["depot"], "probability": 0.1, "health": 0.5, "recovery": {"duration": 2.5}},
        {"name": "road", "arcs": [{"buyer": "a", "supplier": "depot"}], "probability": 0.1, "in_transit": "lose"},
    ]
    return scenario(nodes=[*shops, middle, source], arcs=arcs, rules=rules, disruptions=outages, run={"periods": 80})


@pytest.mark.parametrize("partial", [True, False])
@pytest.mark.parametrize("unmet", ["lost", "backorder"])
def test_goods_are_conserved_and_stepping_is_one_long_run(partial: bool, unmet: str) -> None:
    rules = {"unmet": unmet, "unmet_orders": unmet, "partial": partial, "partial_demand": partial}
    instance = instance_of(busy(**rules, allocation="first_come"))
    long, stepped = SupplyChainModel(instance, seed=3), SupplyChainModel(instance, seed=3)
    long.run()
    for _ in range(80):
        stepped.step()
    np.testing.assert_array_equal(long.recorder.periods, stepped.recorder.periods)
    here = long.recorder.periods[:, AT["stock"]] + long.recorder.periods[:, AT["in_transit"]]
    flow = {name: long.recorder.periods[1:, AT[name]] for name in ("produced", "served", "lost")}
    np.testing.assert_array_equal(np.diff(here), flow["produced"] - flow["served"] - flow["lost"])
    assert min(long.books.of_items("stock")) >= 0.0
    waiting = [sum(long.live.queue[i]) if long.live and i in long.live.items else 0.0 for i in range(2)]
    assert [item.backlog for item in long.books.items[:2]] == waiting
    assert all(rows(long, name) != [0.0] * 80 for name in ("served", "shipped", "lost", "fixed_cost"))
    if unmet == "backorder":
        assert max(rows(long, "backlog")) > 0.0


def test_the_twin_meets_the_same_customers() -> None:
    run = simulate(busy(), replications=2, seed=4)
    assert run.twin is not None
    np.testing.assert_array_equal(run.values[..., AT["demand"]], run.twin[..., AT["demand"]])
    assert not np.array_equal(run.values, run.twin)
    again = simulate(busy(), replications=1, seed=4, first=1)
    np.testing.assert_array_equal(run.values[1:], again.values)


def test_the_run_says_why_the_agents_run_it() -> None:
    run = simulate(busy(), replications=1)
    assert run.engine == "agents"
    assert run.notices[:1] == [
        "run by the agent engine: customers of a, b come at any time; orders of a, b, depot are reviewed continuously"
    ]
    with pytest.raises(InputError, match="customers of a, b come at any time"):
        run_replications(instance_of(busy()), 1, [0])


def test_a_user_s_function_may_review_continuously() -> None:
    def one_for_one(position: float) -> float:
        return max(4.0 - position, 0.0)

    usual = chain([shop(comes(0.5, 1.25), 4.0), depot(9.0)])
    order = {"policy": "code", "code": "mine.py:one", "review": "continuous"}
    mine = chain([shop(comes(0.5, 1.25), 4.0, order=order), depot(9.0)])
    runs = [simulate(usual), simulate(mine, policies={"shop": one_for_one})]
    np.testing.assert_array_equal(runs[0].values, runs[1].values)
    assert runs[0].values[0, :, AT["shipped"]].sum() == 2.0


def test_an_echelon_sees_every_customer_at_once() -> None:
    order = {"policy": "base_stock", "order_up_to": 12.0, "review": "continuous", "echelon": True}
    nodes = [shop(comes(0.5), 4.0, order={"policy": "periodic", "every": 6, "first": 5, "order_up_to": 4.0})]
    nodes += [depot(8.0, order=order), {"id": "source", "layer": 3, "initial_stock": 9.0}]
    model = SupplyChainModel(chain(nodes))
    model.env.run(until=0.6)
    assert model.books.of_items("in_transit") == [0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("demand", "order", "message"),
    [
        ({"mean": 3.0, "arrivals": comes(1.0)}, None, "arrivals take the place of mean"),
        ({"arrivals": [{"between": 0.0}]}, None, "greater than 0"),
        ({"arrivals": comes(1.0), "season": [1.0, 2.0]}, None, "arrivals take the place of mean"),
        ({"arrivals": comes(1.0)}, {"policy": "mean", "mean": 2.0, "review": "continuous"}, "review"),
        (
            {"arrivals": comes(1.0)},
            {"policy": "periodic", "every": 2, "order_up_to": 3.0, "review": "continuous"},
            "review",
        ),
    ],
)
def test_what_cannot_be_is_refused(demand: dict[str, Any], order: dict[str, Any] | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        chain([shop([], 4.0, demand=demand, **({"order": order} if order else {})), depot(9.0)])


def test_forecasts_do_not_see_demand_that_comes_at_any_time() -> None:
    order = {"policy": "forecast", "cover": 3.0}
    nodes = [shop(comes(1.0), 4.0), depot(9.0, order=order), {"id": "source", "layer": 3, "initial_stock": 9.0}]
    with pytest.raises(InputError, match="order of 'depot': a forecast counts demand period by period"):
        instance_of(chain(nodes))


def test_goods_that_perish_are_left_to_reviews() -> None:
    with pytest.raises(InputError, match="'shop': goods with a shelf_life are counted period by period"):
        instance_of(chain([shop(comes(1.0), 4.0, shelf_life=3), depot(9.0)]))


def test_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text(
        "version: 1\nname: shop\nrun: {periods: 30}\nnodes:\n"
        "  - id: shop\n    initial_stock: 8\n"
        "    demand: {arrivals: [{between: {law: exponential, mean: 0.25}, size: {law: poisson, mean: 1}}]}\n"
        "    order: {policy: base_stock, order_up_to: 8, review: continuous}\n"
        "  - {id: source, initial_stock: 1000}\narcs:\n  - {buyer: shop, supplier: source, lead_time: 0.5}\n"
    )
    run = simulate(load_scenario(tmp_path), replications=2)
    assert run.values[..., AT["served"]].sum() > 100.0


MOVED: dict[str, dict[str, Any]] = {
    "production": {"production": {"mean": 1.0}},
    "demand at reviews": {"demand": {"mean": 1.0}},
    "capacity": {"capacity": 9.0},
}


@pytest.mark.parametrize("words", [None, *MOVED])
def test_any_one_thing_that_periods_bring_may_end_a_wait(words: str | None) -> None:
    instance = instance_of(chain([shop(comes(0.5), 3.0), depot(9.0, **(MOVED[words] if words else {}))]))
    assert instance.live is not None
    assert moved_by_reviews(instance, instance.live.items) is (words is not None)

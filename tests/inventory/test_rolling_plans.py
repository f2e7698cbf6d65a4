"""Rolling plans: what a program promises is what agents earn who follow it, and what it does not know is refused."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import esc_sim as esc
from esc_sim.errors import InputError
from esc_sim.results.rolling import rolling_lines

SERIES = {"d": [5, 8, 3, 9, 12, 4, 6, 7, 8, 3] * 2, "e": [3, 2, 8, 4, 1, 9, 3, 5, 2, 6] * 2}
DEMAND = {"series": "d", "price": 20, "shortage_cost": 2}
PERIODS = 20


def network(nodes: list[dict[str, Any]], arcs: list[dict[str, Any]], **parts: Any) -> dict[str, Any]:
    """A scenario with one plan for the whole run; ``plan`` changes it."""
    plan = {"name": "all", "horizon": PERIODS, "every": PERIODS} | parts.pop("plan", {})
    run = {"periods": PERIODS, "replications": 1, "seed": 1} | parts.pop("run", {})
    return {"name": "n", "run": run, "series": SERIES, "nodes": nodes, "arcs": arcs, "rolling_plans": [plan]} | parts


def realised(run: esc.Result) -> tuple[float, float]:
    """Promise of the first plan, and profit of the plan's nodes over the run."""
    observed = run.observations[0]
    return float(observed[0, 0]), float(observed[:, 1].sum())


def shipped(run: esc.Result) -> list[float]:
    """Units shipped in a period on each arc, in the scenario's order."""
    amounts: list[float] = run.arc_shipped.tolist()
    return amounts


def arc(buyer: str, supplier: str, price: float, lead_time: float, **more: Any) -> dict[str, Any]:
    return {"buyer": buyer, "supplier": supplier, "price": price, "lead_time": lead_time, **more}


SERIAL = network(
    [
        {"id": "shop", "initial_stock": 20, "holding_cost": 1, "in_transit_holding_cost": 0.3, "demand": DEMAND},
        {"id": "depot", "initial_stock": 30, "holding_cost": 0.4, "safety_stock": 2},
        {"id": "factory", "initial_stock": 25, "holding_cost": 0.1, "production": {"mean": 9}, "capacity": 14},
    ],
    [arc("shop", "depot", 10, 2, other_cost=0.5), arc("depot", "factory", 5, 3, other_cost=0.25)],
)
TREE = network(
    [
        {"id": "a", "initial_stock": 9, "holding_cost": 1, "demand": DEMAND},
        {"id": "b", "initial_stock": 12, "holding_cost": 1.5, "demand": DEMAND | {"series": "e"}},
        {"id": "depot", "initial_stock": 20, "holding_cost": 0.5, "capacity": 15, "yield": 0.75},
        {"id": "source", "initial_stock": 30, "holding_cost": 0.1, "production": {"mean": 12}},
    ],
    [arc("a", "depot", 9, 1, other_cost=0.2), arc("b", "depot", 9, 2.5), arc("depot", "source", 4, 2)],
)
TWO_SOURCES = network(
    [
        {"id": "a", "initial_stock": 9, "holding_cost": 1, "in_transit_holding_cost": 0.2, "demand": DEMAND},
        {"id": "near", "initial_stock": 1e6},
        {"id": "far", "initial_stock": 1e6},
    ],
    [arc("a", "near", 9, 1, cap=6), arc("a", "far", 6, 4)],
)
BAKERY = network(
    [
        {
            "id": "bakery",
            "product": "bread",
            "initial_stock": 9,
            "holding_cost": 1,
            "target_stock": 25,
            "demand": DEMAND,
        },
        {"id": "mill", "initial_stock": 1e6, "product": "flour"},
    ],
    [arc("bakery", "mill", 3, 2, product="flour")],
    products=[{"id": "bread"}, {"id": "flour"}],
    stocks=[{"node": "bakery", "product": "flour", "initial_stock": 20, "holding_cost": 0.3}],
    recipes=[
        {"node": "bakery", "id": "bake", "inputs": {"flour": 0.5}, "outputs": {"bread": 1}, "capacity": 9, "cost": 0.5}
        | {"lag": 1}
    ],
)


@pytest.mark.parametrize("of", [SERIAL, TREE, TWO_SOURCES, BAKERY], ids=["serial", "tree", "two sources", "recipe"])
@pytest.mark.parametrize("sequence", ["order_after_demand", "order_before_demand"])
def test_a_plan_earns_what_it_promises_where_nothing_is_random(of: dict[str, Any], sequence: str) -> None:
    for unmet, timing in product(("lost", "backorder"), ("end", "review")):
        rules = {"unmet": unmet, "unmet_orders": unmet, "holding_cost_timing": timing, "sequence": sequence}
        promised, earned = realised(esc.simulate({**of, "rules": rules}))
        assert promised == pytest.approx(earned, abs=1e-6)
        assert earned > 0.0


def test_the_best_plan_of_a_shop_is_that_of_paper_and_pencil() -> None:
    """Stock for two periods, lead time 2, demand 10: order 10 a period, until what is ordered comes after the end."""
    nodes = [
        {"id": "shop", "initial_stock": 20, "holding_cost": 1, "demand": {"mean": 10, "price": 5}},
        {"id": "maker", "initial_stock": 1e6},
    ]
    rules = {"holding_cost_timing": "end"}
    run = esc.simulate(network(nodes, [arc("shop", "maker", 2, 2)], rules=rules, plan={"nodes": ["shop"]}))
    earned = run.observations[0, :, 1].tolist()
    assert earned == pytest.approx([50 - 20 - 10, *[50 - 20] * (PERIODS - 3), 50, 50])
    assert realised(run) == pytest.approx((sum(earned),) * 2)


def test_two_routes_are_used_for_what_each_is_good_for() -> None:
    """The near source serves what the far one cannot bring in time; the prices count for the shop alone."""
    plan = TWO_SOURCES["rolling_plans"][0] | {"nodes": ["a"]}
    run = esc.simulate(TWO_SOURCES | {"rules": {"holding_cost_timing": "end"}, "rolling_plans": [plan]})
    near, far = shipped(run)
    assert 0 < near < far
    assert realised(run)[0] == pytest.approx(realised(run)[1], abs=1e-6)


@pytest.mark.parametrize("every", [1, 3])
def test_a_new_plan_of_what_is_known_changes_nothing(every: int) -> None:
    parts = SERIAL | {"rules": {"holding_cost_timing": "end"}}
    plan = {"name": "all", "horizon": PERIODS, "until_end": True}
    once = realised(esc.simulate(parts))[1]
    again = esc.simulate({**parts, "rolling_plans": [plan | {"every": every}]})
    assert realised(again)[1] == pytest.approx(once, abs=1e-6)


def test_sampled_paths_find_the_newsvendor() -> None:
    """Goods that come in a period are worth nothing after it: the level is the quantile 0.6 of uniform demand."""
    nodes = [
        {"id": "shop", "demand": {"law": {"law": "uniform", "low": 0, "high": 100}, "price": 10}},
        {"id": "maker", "initial_stock": 1e6},
    ]
    plan = {"nodes": ["shop"], "horizon": 2, "every": 1, "paths": 400}
    run = esc.simulate(network(nodes, [arc("shop", "maker", 4, 1)], plan=plan, run={"periods": 30}), trace=True)
    items, after = run.traces.items[0, :, 0], 1  # the columns of stock and what is under way
    level = items[:, 0] + items[:, after]
    assert level.mean() == pytest.approx(60.0, abs=2.0)
    assert level.std() > 0.0  # each period has its own sample


def test_the_same_seed_gives_the_same_numbers_on_any_number_of_workers() -> None:
    random = {"law": {"law": "poisson", "mean": 6}, "price": 20}
    nodes = [SERIAL["nodes"][0] | {"demand": random}, *SERIAL["nodes"][1:]]
    parts = network(nodes, SERIAL["arcs"], plan={"horizon": 8, "every": 1, "paths": 3}, run={"replications": 3})
    alone, together = (esc.simulate(parts, workers=workers) for workers in (1, 2))
    assert np.array_equal(alone.values, together.values)
    assert len({values.tobytes() for values in alone.values}) == 3
    assert "run by the agent engine: orders follow the rolling plan 'all' (shop, depot)" in alone.notices
    assert alone.engine == "agents"


def test_a_plan_turns_to_the_other_source_when_it_learns_of_an_outage() -> None:
    outage = {"name": "strike", "nodes": ["far"], "dates": [{"start": 3, "duration": 9}]}
    plan = {"nodes": ["a"], "every": 1, "horizon": 8}
    rules = {"holding_cost_timing": "end", "known_after": 0}
    parts = TWO_SOURCES | {"rolling_plans": [TWO_SOURCES["rolling_plans"][0] | plan], "rules": rules}
    run = esc.simulate(parts | {"disruptions": [outage]})
    sound = esc.simulate(parts)
    assert shipped(run)[0] > shipped(sound)[0]
    assert run.values[0, :, 1].sum() < sound.values[0, :, 1].sum()


def test_an_echelon_plans_for_the_orders_of_buyers_outside_it() -> None:
    order = {"policy": "base_stock", "order_up_to": 30}
    demand = {"mean": 6, "sd": 2, "price": 20}
    nodes = [
        {"id": "a", "layer": 1, "initial_stock": 30, "holding_cost": 1, "demand": demand, "order": order},
        {"id": "b", "layer": 1, "initial_stock": 30, "holding_cost": 1, "demand": demand, "order": order},
        {"id": "depot", "layer": 2, "initial_stock": 20, "holding_cost": 0.5, "backorder_cost": 1},
        {"id": "source", "layer": 3, "initial_stock": 1e6},
    ]
    arcs = [arc("a", "depot", 9, 1), arc("b", "depot", 9, 2), arc("depot", "source", 4, 2)]
    for rules in ({}, {"unmet_orders": "backorder"}, {"sequence": "order_before_demand"}):
        plan = {"nodes": ["depot"], "horizon": 8, "every": 1, "window": 20, "forecast": "moving_average"}
        run = esc.simulate(network(nodes, arcs, plan=plan, rules=rules, run={"periods": 60}))
        assert shipped(run)[2] == pytest.approx(12, abs=1.0)  # the depot passes on what is asked of it
        assert realised(run)[1] > 0.8 * 12 * 5 * 60 - 20 * 0.5 * 60


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"nodes.0.order": {"policy": "mean", "mean": 4, "fixed_cost": 3}},
            "knows no fixed_cost of orders, which 'a' has",
        ),
        ({"nodes.0.shelf_life": 3}, "does not know goods that perish, which there are at 'a'"),
        ({"rules": {"partial_demand": False}}, "leave rules.partial_demand at true"),
        ({"rules": {"negotiation": "contract_net"}}, "leave rules.negotiation out"),
        ({"rolling_plans.0.nodes": ["near"]}, "none of its nodes buys anything"),
        ({"rolling_plans.0.nodes": ["b"]}, "there is no node 'b'"),
        ({"rolling_plans.0.paths": 5}, "leave every at 1"),
        ({"rolling_plans.0.every": 21}, "more than the horizon of 20"),
    ],
)
def test_what_a_plan_does_not_know_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        esc.simulate(TWO_SOURCES, overrides=changes)


def test_a_run_says_what_plans_promised_and_their_nodes_earned() -> None:
    """Sums over the horizon, of every plan whose horizon the run holds."""
    parts = SERIAL | {"rules": {"holding_cost_timing": "end"}}
    for until_end, made in ((False, [0, 3, 6, 9, 12]), (True, [0, 3, 6, 9, 12, 15, 18])):
        plan = {"name": "all", "horizon": 8, "every": 3, "until_end": until_end}
        run = esc.simulate({**parts, "rolling_plans": [plan]}, replications=2)
        entry, observed = run.summary["rolling_plans"]["all"], run.observations.mean(axis=0)
        assert entry["made"] == made
        assert entry["realised"][1] == pytest.approx(observed[3:11, 1].sum())
        assert entry["realised"][-1] == pytest.approx(observed[made[-1] : made[-1] + 8, 1].sum())
        assert entry["promised"] == observed[made, 0].tolist()
        assert entry["difference"]["mean"] == pytest.approx(np.mean(entry["realised"]) - np.mean(entry["promised"]))
        assert f"{len(made)} plans over 8 periods promised" in rolling_lines(run.summary)[0]


def test_a_policy_from_python_and_a_plan_exclude_each_other() -> None:
    with pytest.raises(InputError, match="its policy from Python is never asked"):
        esc.simulate(TWO_SOURCES, policies={"a": lambda position: 5.0})


def test_two_plans_share_no_node() -> None:
    plans = [TWO_SOURCES["rolling_plans"][0], {"name": "other", "horizon": 4}]
    with pytest.raises(InputError, match="'a' is in several plans: all, other"):
        esc.simulate(TWO_SOURCES | {"rolling_plans": plans})

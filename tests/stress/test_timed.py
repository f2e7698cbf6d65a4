"""The timed program: against the aggregate one, by hand, and above whatever the members do."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esc_sim.disruptions.health import ACTIVITIES
from esc_sim.instance.build import instance_of
from esc_sim.scenario.schema import Scenario
from esc_sim.stress.aggregate import AggregatePrograms
from esc_sim.stress.aggregate_network import AggregateNetwork
from esc_sim.stress.coordination import coordination_of
from esc_sim.stress.durations import Durations
from esc_sim.stress.impact import TOLERANCE, impact_of, twin_of
from esc_sim.stress.parts import Parts
from esc_sim.stress.run import stress
from esc_sim.stress.stressors import Stressor
from esc_sim.stress.tasks import KNOWLEDGE, Plan
from esc_sim.stress.timed import TimedProgram
from esc_sim.stress.timed_network import TimedArcs, TimedItems, TimedNetwork, TimedRecipes, no_recipes
from esc_sim.stress.timed_scenario import why_not_timed
from tests.helpers.networks import Content, contents, scenario_of
from tests.stress.line import LOST, START, line
from tests.stress.three_tier import EXPECTED, three_tier


def unrolled(network: AggregateNetwork, out: Collection[int], periods: int) -> TimedNetwork:
    """A network without lead times over some periods: each maker has a store of what it makes, and one a material.

    What is out makes nothing; its stock may leave.
    """
    makers, needs = len(network.names), len(network.need_units)
    made = np.ones(makers)
    capacity = np.where(np.isfinite(network.capacity), network.capacity, 1e9)
    capacity[list(out)] = 0.0

    def items(values: np.ndarray) -> np.ndarray:
        return np.r_[values, np.zeros(needs)]

    def always(values: np.ndarray) -> np.ndarray:
        return np.tile(values, (periods, 1))

    none, nothing, whole = np.zeros(makers + needs), np.zeros((periods, makers + needs)), np.ones(makers + needs)
    own = np.bincount(network.need_maker, minlength=makers) > 0
    return TimedNetwork(
        TimedItems(
            stock=items(network.stock), dock=none, due=nothing, ripening=nothing, after=none, ripe_after=none,
            backlog=none, demand=always(items(network.demand)), produced=always(items(np.where(own, 0.0, capacity))),
            leaves=always(np.full(makers + needs, np.inf)), sent=always(np.full(makers + needs, np.inf)),
            served_share=always(whole), sent_share=always(whole), taken_share=always(whole), gained=whole,
            price=none, shortage=items(network.margin), storage=none, transit=none, value=none,
        ),
        TimedArcs(
            supplier=network.supplier, buyer=makers + network.need, cost=np.zeros(len(network.supplier)),
            most=np.full((periods, len(network.supplier)), np.inf),
            arrives=np.tile(np.arange(periods)[:, np.newaxis], (1, len(network.supplier))),
            lane=np.zeros(len(network.supplier), np.int64), lane_most=np.empty((periods, 0)),
        ),
        TimedRecipes(
            most=always(np.where(own, capacity, 0.0)), cost=np.zeros(makers), lag=np.zeros(makers, np.int64),
            input_recipe=network.need_maker, input_item=makers + np.arange(needs), input_amount=network.need_units,
            output_recipe=np.arange(makers), output_item=np.arange(makers), output_amount=made,
        ),
    )  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_without_lead_times_over_the_outage_it_is_the_aggregate_program(name: str) -> None:
    network = three_tier()
    out, periods = [network.names.index(name)], math.ceil(EXPECTED[name]["time_to_recover"])
    aggregate = AggregatePrograms(network)
    program = TimedProgram(unrolled(network, (), periods))
    assert -program.best == pytest.approx(aggregate.loss((), periods), abs=1e-6)
    loss = -program.earned(unrolled(network, out, periods))
    assert loss == pytest.approx(aggregate.loss(out, periods), abs=1e-6)


def test_goods_that_arrive_when_the_window_ends_count_as_left_there() -> None:
    """10 units, worth 1 a unit where they are and 3 where they are sent, may leave in the last of 2 periods only."""
    none, nothing, whole = np.zeros(2), np.zeros((2, 2)), np.ones((2, 2))
    items = TimedItems(
        stock=np.array([10.0, 0.0]), dock=none, due=nothing, ripening=nothing, after=none, ripe_after=none,
        backlog=none, demand=nothing, produced=nothing, leaves=np.inf * whole, sent=np.inf * whole,
        served_share=whole, sent_share=whole, taken_share=whole, gained=np.ones(2), price=none,
        shortage=none, storage=none, transit=np.array([0.0, 0.5]), value=np.array([1.0, 3.0]),
    )  # fmt: skip
    for arrives, worth in (([1, 1], 10 * 3.0), ([1, 2], 10 * (3.0 - 0.5)), ([2, 3], 10 * (3.0 - 0.5))):
        arcs = TimedArcs(
            supplier=np.array([0]), buyer=np.array([1]), cost=np.zeros(1), most=np.array([[0.0], [np.inf]]),
            arrives=np.array(arrives)[:, np.newaxis], lane=np.zeros(1, np.int64), lane_most=np.empty((2, 0)),
        )  # fmt: skip
        assert TimedProgram(TimedNetwork(items, arcs, no_recipes(2))).best == pytest.approx(worth)


def twin_and_plan(scenario: Scenario, starts: tuple[int, ...], duration: float, replications: int = 1) -> Plan:
    instance = replace(instance_of(scenario), service=True)
    twin = twin_of(instance, "agents", 1, range(replications), starts)
    return Plan(twin, starts, Durations(duration), 0.0, ACTIVITIES, TOLERANCE)


def timed_loss(plan: Plan, stressor: Stressor) -> float:
    found = coordination_of(plan, [stressor], Parts(1))
    assert found.reason == ""
    return found.of(stressor)


FACTORY = Stressor("factory", "node", (2,))


def impact(plan: Plan, stressor: Stressor, known: str) -> np.ndarray:
    outages = [outage for start in plan.starts for outage in plan.outages(stressor, start, known)]
    return np.array([impact_of(plan.twin, outage).impact for outage in outages])


@pytest.mark.parametrize("duration", LOST)
def test_line_by_hand(duration: int) -> None:
    """Nothing but stock beyond the pipeline fills the hole: who coordinates loses as much, knowing all.

    At the end of the run stock counts at cost, so the best answer without an outage is what the members do: it earns
    4.25 a unit, and 10 units a period come.
    """
    plan = twin_and_plan(line(), (START,), duration)
    best = coordination_of(plan, [FACTORY], Parts(1))
    assert best.of(FACTORY) == pytest.approx(4.25 * LOST[duration], abs=1e-6)


def without_lots(content: Content) -> Content:
    """Plain values, without what the program cannot represent: multiples, fixed costs, whole orders, queues on arcs."""
    content["rules"] |= {"partial": True, "partial_demand": True, "goods_quantum": 30}
    for item in [*content["nodes"], *content["stocks"]]:
        item["backorder_cost"] = 0.0
        for key in ("fixed_cost", "minimum", "order_multiple"):
            item.get("order", {}).pop(key, None)
        for key in ("shelf_life", "waste", "room", "energy"):
            item.pop(key, None)
        item.get("demand", {}).pop("leftovers", None)
    for arc in content["arcs"]:
        arc["crossing"] = True
    for recipe in content.get("recipes", []):
        recipe["energy"] = 0.0
        for part in ("inputs", "outputs", "byproducts"):
            recipe[part].pop("air", None)
    content["recipes"] = [r for r in content.get("recipes", []) if r["outputs"] or r["byproducts"]]
    content["takers"] = []
    for disruption in content["disruptions"]:
        if disruption.get("in_transit") == "lose":
            disruption["in_transit"] = "hold"
    return content


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    content=st.one_of(contents(trading=True, making=True), contents(trading=True, making=True, routing=True)),
    data=st.data(),
)
def test_nobody_does_better_than_the_program(content: Content, data: st.DataObject) -> None:
    scenario = scenario_of(without_lots(content))
    network = instance_of(scenario).network
    start = data.draw(st.integers(scenario.run.warm_up, scenario.run.periods - 2))
    plan = twin_and_plan(scenario, (start,), data.draw(st.sampled_from([1.0, 2.5, 4.0])), 2)
    node = data.draw(st.integers(0, network.node_count - 1))
    arc = data.draw(st.integers(0, network.arc_count - 1))
    stressors = [Stressor("node", "node", (node,)), Stressor("arc", "arc", (), (arc,))]
    found = coordination_of(plan, stressors, Parts(1))
    assert found.reason == ""
    assert found.losses is not None
    for one in stressors:
        losses = found.losses[one.key]
        for known in KNOWLEDGE:
            (outage,) = plan.outages(one, start, known)
            value = impact_of(plan.twin, outage).impact - losses[0]
            assert (value >= -1e-5 * max(1.0, np.abs(losses).max())).all()


def test_columns_of_the_ranking() -> None:
    test = stress(line(), duration=6, starts=[START], engine="agents", knowledge=())
    row = test.table.set_index("stressor").loc["factory"]
    assert row["timed_loss"] == pytest.approx(4.25 * LOST[6], abs=1e-6)
    assert row["value_of_coordination"] == row["impact"] - row["timed_loss"]
    assert test.table["timed_loss"].notna().all()
    assert (test.table["value_of_coordination"] >= -1e-6).all()


def test_any_number_of_workers_and_any_other_stressor_leave_every_bit() -> None:
    plan = twin_and_plan(line(), (START, 60), 6, 2)
    others = [Stressor("shop", "node", (0,)), FACTORY, Stressor("arc", "arc", (), (0,))]
    many = coordination_of(plan, others, Parts(3))
    alone = coordination_of(plan, [FACTORY], Parts(1))
    assert many.losses is not None
    assert alone.losses is not None
    assert many.losses[FACTORY.key].tobytes() == alone.losses[FACTORY.key].tobytes()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rules": {"partial_demand": False}}, "orders are filled whole or not at all"),
        ({"order_multiple": 5.0}, "orders come in multiples or have a least size"),
        ({"fixed_cost": 5.0}, "an order has a fixed cost"),
        ({"lead_time": {"law": "poisson", "mean": 2.0}}, "lead times vary, and no shipment may pass an earlier one"),
    ],
)
def test_what_has_no_exact_form_is_refused_in_words(change: dict[str, Any], words: str) -> None:
    content = line().model_dump(mode="json", exclude_unset=True)
    if "rules" in change:
        content["rules"] |= change["rules"]
    elif "lead_time" in change:
        content["arcs"][0] |= change | {"max_lead_time": 8.0}
    else:
        content["nodes"][0]["order"] |= change
    assert why_not_timed(instance_of(scenario_of(content))) == words


def test_a_refusal_leaves_the_columns_empty_and_says_why() -> None:
    test = stress(line({"partial_demand": False}), duration=6, starts=[START], engine="agents", knowledge=())
    assert test.table["timed_loss"].isna().all()
    assert test.table["value_of_coordination"].isna().all()
    assert "no timed_loss: orders are filled whole or not at all" in test.notices


def test_an_arc_that_is_out_moves_nothing() -> None:
    """The shop has 47 - 30 on hand beyond what is on the way, and 10 a period ask for it, as when the depot is out."""
    plan = twin_and_plan(line(), (START,), 4)
    depot, arc = Stressor("depot", "node", (1,)), Stressor("depot to shop", "arc", (), (0,))
    best = coordination_of(plan, [depot, arc], Parts(1))
    assert best.of(arc) == pytest.approx(best.of(depot), abs=1e-6)
    assert best.of(arc) == pytest.approx(4.25 * (4 * 10 - 17), abs=1e-6)


def test_a_lane_of_one_arc_bounds_the_best_answer_as_a_cap_does() -> None:
    """12 units a period to the shop leave 2 to catch up with what customers wait for, each for 1 a period."""
    losses = []
    for limit in ({}, {"cap": 12}, {"lane": "road"}):
        content = line({"unmet": "backorder"}).model_dump(mode="json", exclude_unset=True)
        content["nodes"][0]["demand"]["shortage_cost"] = 1
        content["arcs"][0] |= limit
        lanes = {"lanes": [{"id": "road", "capacity": 12}]}
        losses.append(timed_loss(twin_and_plan(scenario_of(content | lanes), (START,), 4), FACTORY))
    wide, by_cap, by_lane = losses
    assert by_lane == pytest.approx(by_cap, abs=1e-6)
    assert by_lane > wide + 1.0


def test_what_recipes_had_begun_before_the_outage_still_comes() -> None:
    """Flour takes 3 periods. What was on the way is sold after the outage; 4 periods of 10 units are missed."""
    mill = {
        "products": [{"id": "grain"}, {"id": "flour"}],
        "nodes": [{"id": "mill", "initial_stock": 100000}],
        "stocks": [{"node": "mill", "product": "flour", "demand": {"mean": 10, "price": 2}}],
        "recipes": [
            {"id": "milling", "node": "mill", "inputs": {"grain": 1}, "outputs": {"flour": 1}, "capacity": 10, "lag": 3}
        ],
        "run": {"periods": 40, "replications": 1, "seed": 1, "warm_up": 10},
    }
    plan = twin_and_plan(scenario_of(mill), (20,), 4)
    assert timed_loss(plan, Stressor("mill", "node", (0,))) == pytest.approx(2.0 * 4 * 10)

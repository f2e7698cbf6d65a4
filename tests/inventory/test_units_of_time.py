"""Simultaneous events: equal times are equal on the clock, and what happens does not depend on the unit of time."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esc_sim import simulate
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.instance.build import instance_of
from esc_sim.instance.energy_plans import PlanMaker
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.sampling.clock import clock_for, clock_of
from esc_sim.sampling.timetable import timetable
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.times import stated_times
from tests.helpers.microgrids import one_bus
from tests.helpers.networks import Content, chain, scenario_of, scenarios
from tests.helpers.runs import agents, compiled, differences

AT = {name: i for i, name in enumerate(PERIOD_COLUMNS)}
GOODS = ("demand", "served", "ordered", "shipped", "produced", "lost")
TIMES = {"between", "first", "start", "duration", "lead_time", "mean", "value", "detour", "values", "low", "high"}
BASE_STOCK = {"policy": "base_stock", "order_up_to": 3.0, "review": "continuous"}


def scaled(part: Any, factor: Fraction, key: str = "") -> Any:
    """The same content with all times multiplied, in decimals."""
    if isinstance(part, dict):
        return {name: scaled(value, factor, name) for name, value in part.items()}
    if isinstance(part, list):
        return [scaled(value, factor, key) for value in part]
    return float(Fraction(repr(part)) * factor) if key in TIMES else part


def run_of(content: Content, periods: int) -> dict[str, float]:
    """Goods moved in a whole run, by what happened to them."""
    run = {"periods": periods, "seed": 3}
    model = SupplyChainModel(Scenario.model_validate({"version": 1, "name": "units", "run": run} | content))
    model.run()
    assert model.day == periods
    return {name: float(model.recorder.periods[:, AT[name]].sum()) for name in GOODS}


def shop_and_source(between: float, lead: float, stock: float = 3.0) -> Content:
    demand = {"arrivals": [{"between": between, "size": 1}]}
    order = BASE_STOCK | {"order_up_to": stock}
    return {
        "nodes": [
            {"id": "shop", "initial_stock": stock, "order": order, "demand": demand},
            {"id": "source", "initial_stock": 100_000.0},
        ],
        "arcs": [{"buyer": "shop", "supplier": "source", "lead_time": lead}],
    }


@pytest.mark.parametrize("factor", ["1", "5", "3", "1/7", "1/5", "0.01", "1/24"])
def test_a_customer_finds_what_comes_at_the_moment_of_his_coming(factor: str) -> None:
    # A unit that is ordered when one is sold comes back with the third customer after that.
    content = scaled(shop_and_source(0.2, 0.6), Fraction(factor))
    moved = run_of(content, max(1, int(100 * Fraction(factor))))
    assert moved["served"] == moved["demand"] > 0.0
    late = scaled(shop_and_source(0.2, 0.61), Fraction(factor))
    assert run_of(late, max(1, int(100 * Fraction(factor))))["served"] < moved["demand"]


@pytest.mark.parametrize(("parts", "whole"), [((0.1, 0.2), 0.3), ((0.2, 0.2, 0.2), 0.6), ((1.1, 2.2), 3.3)])
def test_sums_of_times_are_exact(parts: tuple[float, ...], whole: float) -> None:
    clock = clock_for([*parts, whole], 365)
    assert sum(clock.of(part) for part in parts) == clock.of(whole)
    assert clock.periods(sum(clock.of(part) for part in parts)) == whole


@settings(deadline=None)
@given(st.lists(st.fractions(0, 50, max_denominator=400), min_size=1, max_size=4))
def test_simple_fractions_that_floats_hold_are_whole_ticks(times: list[Fraction]) -> None:
    clock = clock_for([float(t) for t in times], 100)
    if np.lcm.reduce([t.denominator for t in times]) < 100_000_000:
        assert [clock.of(float(t)) for t in times] == [t * clock.ticks for t in times]


@pytest.mark.parametrize("whole", [0, 1, 12, 364])
@pytest.mark.parametrize("side", [-math.inf, math.inf])
def test_simple_fractions_are_found_where_rounding_moved_them_to_the_next_float(whole: int, side: float) -> None:
    for part in (Fraction(1, 3), Fraction(5, 7), Fraction(11, 24)):
        clock = clock_for([math.nextafter(float(whole + part), side)], 1)
        assert clock.ticks % part.denominator == 0


@pytest.mark.parametrize("time", ["0.1234567", "0.12345678912", "364.1234567", "12.000001"])
def test_times_of_many_decimals_are_whole_ticks_in_a_short_run(time: str) -> None:
    clock = clock_for([float(time)], 1)
    assert Fraction(clock.of(float(time))) / clock.ticks == Fraction(time)
    assert clock.periods(clock.of(float(time))) == float(time)


def test_whole_times_keep_the_usual_ticks_and_long_runs_have_coarser_ones() -> None:
    assert clock_for([0.0, 1.0, 2.5, 365.0], 10_000_000).ticks == 2**20
    assert clock_for([0.5**20], 365).ticks == 2**20
    for periods in (1, 365, 100_000, 10_000_000):
        clock = clock_for([0.125, 0.123, 0.12345678912, 1 / 7, 2**0.5], periods)
        assert clock.ticks * periods < 2.0**51
        assert clock.of(0.123) * 1000 == 123 * clock.ticks
        assert clock.of(0.125) * 8 == clock.ticks
        assert clock.longest >= periods * clock.ticks
    assert clock_for([0.1], 365, shortest=1e-7).ticks >= 2**10 * 10**7, "short times are not rounded away"


def test_all_times_of_a_scenario_are_found() -> None:
    law = {"law": "discrete", "values": [0.07, 0.09], "probabilities": [0.5, 0.5]}
    event: Content = {
        "name": "e",
        "nodes": ["retailer"],
        "dates": [{"start": 1.01, "duration": 1.02}],
        "recovery": {"duration": 0.03},
        "detour": 0.04,
    }
    renewal = {"name": "r", "nodes": ["retailer"], "time_between_failures": law, "time_to_repair": law}
    content = shop_and_source(0.05, 0.06)
    content["nodes"][0]["demand"]["arrivals"][0]["first"] = 0.08
    content["nodes"][0]["id"] = content["arcs"][0]["buyer"] = "retailer"
    made = Scenario.model_validate(
        {"version": 1, "name": "all", "disruptions": [event, renewal], "cascade": {"delay": 0.11}} | content
    )
    exact, means = stated_times(made)
    assert {1.01, 1.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.11} <= exact
    assert means == set()
    assert clock_of(made).ticks == 25 * 2**20


DECIMALS = st.sampled_from([0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 1.1, 1.5, 2.2])


@st.composite
def live_contents(draw: st.DrawFn) -> Content:
    """A shop or two that act at any time, a depot that does, and a source; and what goes wrong."""
    nodes, arcs = [], []
    for name in ["shop", "store"][: draw(st.integers(1, 2))]:
        arrivals = [
            {"between": draw(DECIMALS), "size": draw(st.sampled_from([1.0, 2.5]))}
            for _ in range(draw(st.integers(1, 2)))
        ]
        if draw(st.booleans()):
            arrivals[0]["first"] = draw(DECIMALS)
        stock = draw(st.sampled_from([2.0, 5.0, 12.0]))
        order = draw(
            st.sampled_from(
                [
                    {"policy": "base_stock", "order_up_to": stock},
                    {"policy": "s_S", "reorder_point": 1.0, "order_up_to": stock},
                    {"policy": "r_Q", "reorder_point": stock / 2, "order_quantity": 3.0},
                ]
            )
        )
        demand = {"arrivals": arrivals}
        nodes.append({"id": name, "initial_stock": stock, "order": order | {"review": "continuous"}, "demand": demand})
        arcs.append({"buyer": name, "supplier": "depot", "lead_time": draw(DECIMALS)})
    depot = {"policy": "base_stock", "order_up_to": draw(st.sampled_from([0.0, 4.0, 20.0])), "review": "continuous"}
    nodes += [{"id": "depot", "initial_stock": 4.0, "order": depot}, {"id": "source", "initial_stock": 1e5}]
    arcs.append({"buyer": "depot", "supplier": "source", "lead_time": draw(DECIMALS)})
    return {"nodes": nodes, "arcs": arcs, "rules": draw(_rules()), "disruptions": draw(_disruptions())}


def _rules() -> st.SearchStrategy[Content]:
    fate = st.sampled_from(["lost", "backorder"])
    return st.fixed_dictionaries(
        {
            "unmet": fate,
            "unmet_orders": fate,
            "partial": st.booleans(),
            "partial_demand": st.booleans(),
            "allocation": st.sampled_from(["highest_bid", "first_come"]),
        }
    ).filter(_accepted)


def _accepted(rules: Content) -> bool:
    """Orders that are owed and delivered as a whole need an age."""
    return rules["partial"] or rules["unmet_orders"] == "lost" or rules["allocation"] == "first_come"


@st.composite
def _disruptions(draw: st.DrawFn) -> list[Content]:
    found: list[Content] = []
    if draw(st.booleans()):
        dates = [{"start": draw(DECIMALS), "duration": draw(DECIMALS)}]
        found.append({"name": "closed", "nodes": ["depot"], "stops": ["ship", "receive"], "dates": dates})
    if draw(st.booleans()):
        arcs = [{"buyer": "depot", "supplier": "source"}]
        dates = [{"start": draw(DECIMALS), "duration": draw(DECIMALS)}]
        mode = draw(st.sampled_from(["hold", "reroute", "lose"]))
        found.append({"name": "blocked", "arcs": arcs, "dates": dates, "in_transit": mode, "detour": draw(DECIMALS)})
    if draw(st.booleans()):
        laws = [{"law": "constant", "value": draw(DECIMALS)} for _ in range(2)]
        times = {"time_between_failures": laws[0], "time_to_repair": laws[1]}
        found.append({"name": "strike", "nodes": ["shop"], "stops": ["retail"], **times})
    return found


@settings(deadline=None, max_examples=60)
@given(live_contents(), st.sampled_from([5, 3, 7]))
def test_goods_do_not_depend_on_the_unit_of_time(content: Content, factor: int) -> None:
    short = run_of(content, 10)
    assert run_of(scaled(content, Fraction(factor)), 10 * factor) == short
    for part in (2, 5, 10):
        assert run_of(scaled(content, Fraction(1, part)), 10 // part) == short
    assert short["demand"] > 0.0


@pytest.mark.parametrize("factor", [3, 5])
def test_nor_do_they_where_times_are_drawn(factor: int) -> None:
    content = shop_and_source(0.2, 0.6)
    content["nodes"][0]["demand"]["arrivals"] += [
        {"between": {"law": "exponential", "mean": 0.3}, "size": 1},
        {"between": {"law": "discrete", "values": [0.2, 0.4], "probabilities": [0.5, 0.5]}, "size": 1},
    ]
    content["arcs"][0]["lead_time"] = {"law": "uniform", "low": 0.1, "high": 0.9}
    short = run_of(content, 200)
    assert run_of(scaled(content, Fraction(factor)), 200 * factor) == short
    assert 0.2 < short["served"] / short["demand"] < 1.0


def held_and_sent_on() -> Scenario:
    """Goods that leave at 1 with a lead time of 1.7, held from 2.2 to 2.5 on their way, come at review 3, not 4."""
    made = chain().model_dump(exclude_unset=True, by_alias=True)
    made["arcs"][0]["lead_time"] = 1.7
    arcs = [{"buyer": made["arcs"][0]["buyer"], "supplier": made["arcs"][0]["supplier"]}]
    made["disruptions"] = [{"name": "held", "arcs": arcs, "dates": [{"start": 2.2, "duration": 0.3}]}]
    return Scenario.model_validate(made)


def test_goods_held_up_meet_the_review_that_is_theirs_in_both_engines() -> None:
    held = held_and_sent_on()
    calm = held.model_copy(update={"disruptions": []})
    for run in (agents, compiled):
        assert differences(run(held), run(calm)) == [], "1 + 1.7 + 0.3 is 3, as 1 + 1.7 is, rounded up"


def test_a_repair_that_ends_at_a_review_is_over_there() -> None:
    event: Content = {"name": "e", "nodes": ["source"], "dates": [{"start": 1.1, "duration": 0.9}]}
    late: Content = {"name": "e", "nodes": ["source"], "dates": [{"start": 1.1, "duration": 0.9000001}]}
    for run in (agents, compiled):
        never = run(chain(disruptions=[]))
        assert differences(run(chain(disruptions=[event])), never) == []
        assert differences(run(chain(disruptions=[late])), never) != []


def test_a_dated_outage_counts_as_active_to_its_last_moment() -> None:
    event: Content = {
        "name": "e",
        "nodes": ["source"],
        "dates": [{"start": 0.9, "duration": 1.2}],
        "recovery": {"duration": 0.9},
    }
    run = simulate(chain(disruptions=[event]), replications=1)
    recorded = run.activity()
    worked_out = replace(run, disruption_active=None).activity()
    assert recorded is not None
    assert worked_out is not None
    # 0.9 + 1.2 + 0.9 is 3: at review 3 it is over.
    assert recorded[0, :5].tolist() == worked_out[0, :5].tolist() == [False, True, True, False, False]


@settings(deadline=None, max_examples=15)
@given(scenarios())
def test_the_clock_holds_all_times_of_generated_scenarios(scenario: Scenario) -> None:
    clock = clock_of(scenario)
    for time in stated_times(scenario)[0]:
        assert Fraction(clock.of(time)) == Fraction(repr(time)) * clock.ticks


def test_processes_of_the_user_s_own_wait_in_periods() -> None:
    made = Scenario.model_validate({"version": 1, "name": "own", "run": {"periods": 2}} | shop_and_source(0.2, 0.6))
    model = SupplyChainModel(made)
    seen: list[tuple[float, float]] = []

    def watching() -> Any:
        while True:
            yield model.env.timeout(0.2)
            seen.append((model.env.now, model.day))

    model.env.process(watching())
    model.run()
    assert seen[:4] == [(0.2, 0.2), (0.4, 0.4), (0.6, 0.6), (0.8, 0.8)]
    assert (len(seen), model.env.now) == (9, 2.0)


@pytest.mark.parametrize("hour", range(24))
def test_an_outage_of_the_grid_keeps_to_its_hours(hour: int) -> None:
    content = one_bus(block=1)
    dates = [{"start": 3 + hour / 24, "duration": 2 / 24}]
    content["disruptions"] = [{"name": "out", "buses": ["b"], "dates": dates}]
    instance = instance_of(scenario_of(content))
    assert instance.power is not None
    table = timetable(instance.triggers, 1, 0, instance.periods)
    found = PlanMaker(instance.power).outages_of(instance, table)
    out = [24 * day + int(h) for day, state in found.items() for h in np.flatnonzero(state[0])]
    assert out == [72 + hour, 73 + hour]

"""Runs that are ended when they are back at their twin give the numbers of whole runs, bit for bit."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esc_sim.disruptions.health import ACTIVITIES
from esc_sim.engine.compiled.departures import course_of, departure_of
from esc_sim.engine.compiled.runner import run_replications
from esc_sim.engine.compiled.states import can_depart
from esc_sim.instance.build import instance_of
from esc_sim.instance.model import Instance
from esc_sim.instance.struck import Outage, struck
from esc_sim.scenario.schema import Scenario
from esc_sim.stress.impact import Impact, impact_of, twin_of
from tests.helpers.networks import scenarios
from tests.stress.line import line
from tests.stress.outages import drawn_outage


def instance_for(scenario: Scenario) -> Instance:
    return replace(instance_of(scenario), service=True)


def same(one: Impact, other: Impact) -> bool:
    names = ("impact", "lost", "late", "survive", "recover", "in_vain")
    return all(getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in names)


def compared(instance: Instance, outage: Outage, replications: range) -> np.ndarray:
    """Checks an outage played both ways; gives when the runs met their twin."""
    start = int(outage.start)
    course = course_of(instance, 3, replications, [start])
    found = departure_of(course, struck(instance, outage), start)
    whole = run_replications(struck(instance, outage), 3, replications)
    twin = run_replications(instance, 3, replications)
    assert course.periods.tobytes() == twin.periods.tobytes()
    assert found.periods.tobytes() == whole.periods.tobytes()
    assert (found.held == whole.held - twin.held).all()
    impacts = (
        impact_of(twin_of(instance, "compiled", 3, replications, [start], whole=w), outage) for w in (False, True)
    )
    assert same(*impacts)
    return found.met


def test_generated_networks() -> None:
    seen = {"compared": 0, "met": 0}

    @settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
    @given(scenario=scenarios(), data=st.data())
    def holds(scenario: Scenario, data: st.DataObject) -> None:
        instance = instance_for(scenario)
        if can_depart(instance):
            met = compared(instance, drawn_outage(instance, data), range(2))
            seen["compared"] += 1
            seen["met"] += bool((met < instance.periods).any())

    holds()
    assert seen["compared"] == 250
    assert seen["met"] >= 75  # ended before the horizon, in one replication at least


@cache
def line_met(rules: tuple[tuple[str, Any], ...], duration: int) -> list[int]:
    instance = instance_for(line(dict(rules)))
    outage = Outage("stress", (2,), (), ACTIVITIES, 0.0, 40, duration, 0.0)
    return compared(instance, outage, range(1)).tolist()


def test_the_line_is_back_when_its_pipeline_is() -> None:
    # Where orders are owed, the first goods after the hole leave in period 44 and reach the shop in 49.
    owed = (("unmet", "backorder"), ("unmet_orders", "backorder"))
    assert line_met(owed, 4) == [50]
    assert line_met(owed, 6) == [55]  # 52, but for the marks
    # Where they are lost, the depot orders again what it could not get, and the last goods reach the shop in 55.
    assert line_met((), 4) == [60]
    assert line_met((), 70) == [120]


@pytest.mark.parametrize("duration", [3, 4, 6])
def test_with_a_mark_in_every_period_no_run_goes_on_in_vain(duration: int) -> None:
    instance = instance_for(line())
    course = course_of(instance, 3, range(1), [40], stride=1)
    found = departure_of(course, struck(instance, Outage("stress", (2,), (), ACTIVITIES, 0.0, 40, duration, 0.0)), 40)
    differs = (found.periods[0] != course.periods[0]).any(axis=1)
    assert found.met.tolist() == [np.flatnonzero(differs)[-1] + 1]


@pytest.mark.parametrize("arc", [0, 1])
@pytest.mark.parametrize("start", [1, 3, 47])
def test_goods_that_an_arc_holds_had_left_before_the_outage(arc: int, start: int) -> None:
    instance = instance_for(line())
    course = course_of(instance, 3, range(1), [start])
    outage = Outage("stress", (), (arc,), ACTIVITIES, 0.0, start, 6.0, None)
    compared(instance, outage, range(1))
    found = departure_of(course, struck(instance, outage), start)
    assert (found.periods[0, :start] == course.periods[0, :start]).all()
    assert (found.periods[0, start:] != course.periods[0, start:]).any()


@pytest.mark.parametrize("start", [0, 119])
def test_first_and_last_period(start: int) -> None:
    instance = instance_for(line())
    assert compared(instance, Outage("stress", (1,), (0,), ACTIVITIES, 0.0, start, 3.0), range(1)).shape == (1,)

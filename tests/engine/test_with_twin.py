"""A run and its twin side by side on one tape, the twin walked only where it differs, give the numbers of two runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esc_sim.engine.compiled.runner import run_replications, run_with_twin
from esc_sim.engine.compiled.walk import Walk
from esc_sim.instance.build import instance_of
from esc_sim.instance.model import Instance
from esc_sim.instance.struck import struck
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from tests.helpers.networks import scenarios, spreading_scenarios
from tests.helpers.runs import SCENARIOS, SHIPPED, differences
from tests.stress.line import line
from tests.stress.outages import drawn_outage


def instance_for(scenario: Scenario) -> Instance:
    return replace(instance_of(scenario), service=True, tally=True)


def check(instance: Instance, replications: range, *, meeting: bool, trace: bool = False) -> int:
    """Compares a run beside its twin with the two played alone; gives the periods that both have in common."""
    common = 0
    take_over = Walk.take_over

    def counted(walk: Walk, other: Walk, rows: slice) -> None:
        nonlocal common
        common += rows.stop - rows.start
        take_over(walk, other, rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Walk, "take_over", counted)
        run, twin = run_with_twin(instance, 3, replications, trace=trace, meeting=meeting)
    alone = run_replications(instance, 3, replications, stock=True, trace=trace)
    calm = run_replications(instance, 3, replications, stock=True, disrupted=False)
    assert differences(run, alone) == []
    assert run.held.tobytes() == alone.held.tobytes()
    for name in ("periods", "arc_shipped", "stock"):
        assert getattr(twin, name).tobytes() == getattr(calm, name).tobytes()
    return common


def test_generated_networks() -> None:
    compared = 0

    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
    @given(scenario=st.one_of(scenarios(), scenarios(trading=True), spreading_scenarios()), meeting=st.booleans())
    def holds(scenario: Scenario, meeting: bool) -> None:
        nonlocal compared
        instance = instance_for(scenario)
        if instance.agent_features:
            return
        check(instance, range(1) if meeting else range(3), meeting=meeting, trace=True)
        compared += 1

    holds()
    assert compared >= 150


def test_one_outage_on_generated_networks() -> None:
    seen = {"compared": 0, "met": 0}

    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
    @given(scenario=scenarios(disrupted=False), data=st.data())
    def holds(scenario: Scenario, data: st.DataObject) -> None:
        instance = instance_for(scenario)
        if instance.agent_features:
            return
        outage = drawn_outage(instance, data)
        common = check(struck(instance, outage), range(1), meeting=True, trace=True)
        seen["compared"] += 1
        seen["met"] += common > outage.start  # so that the two have met again

    holds()
    assert seen["compared"] >= 150
    assert seen["met"] >= 40


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("meeting", [False, True])
def test_shipped_scenarios(name: str, meeting: bool) -> None:
    scenario = load_scenario(SCENARIOS / name, {"run.periods": 25 if name.endswith("_1000") else 60})
    check(instance_for(scenario), range(1) if meeting else range(2), meeting=meeting)


def outage_on_the_line(rules: dict[str, Any], start: float, duration: float, **more: Any) -> Instance:
    content = line(rules).model_dump(mode="json", exclude_unset=True, by_alias=True)
    dates = [{"start": start, "duration": duration}]
    content["disruptions"] = [{"name": "closed", "dates": dates, "recovery": {"duration": 0}, **more}]
    return instance_for(Scenario.model_validate(content))


@pytest.mark.parametrize("rules", [{}, {"unmet": "backorder", "unmet_orders": "backorder"}])
def test_the_line_is_walked_alone_while_its_pipeline_is_another(rules: dict[str, Any]) -> None:
    instance = outage_on_the_line(rules, 40.0, 4.0, nodes=["depot"])
    common = check(instance, range(1), meeting=True)
    assert common > 90  # of 120 periods: 40 before the outage, and what follows the last goods after the hole

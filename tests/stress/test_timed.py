"""The timed program: against the aggregate one, by hand, and above whatever the members do."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pytest

from esc_sim.disruptions.health import ACTIVITIES
from esc_sim.instance.build import instance_of
from esc_sim.scenario.schema import Scenario
from esc_sim.stress.aggregate import AggregatePrograms
from esc_sim.stress.aggregate_network import AggregateNetwork
from esc_sim.stress.coordination import coordination_of
from esc_sim.stress.impact import TOLERANCE, impact_of, twin_of
from esc_sim.stress.stressors import Stressor
from esc_sim.stress.tasks import Plan
from esc_sim.stress.timed import TimedProgram
from esc_sim.stress.timed_network import TimedArcs, TimedItems, TimedNetwork, TimedRecipes
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


def twin_and_plan(scenario: Scenario, starts: tuple[int, ...], duration: float, replications: int = 1) -> Plan:
    instance = replace(instance_of(scenario), service=True)
    twin = twin_of(instance, "agents", 1, range(replications), starts)
    return Plan(twin, starts, duration, 0.0, ACTIVITIES, TOLERANCE)


def timed_loss(plan: Plan, stressor: Stressor) -> float:
    found = coordination_of(plan, [stressor], 1)
    assert found.reason == ""
    return found.of(stressor)


FACTORY = Stressor("factory", "node", (2,))


def impact(plan: Plan, stressor: Stressor, known: str) -> np.ndarray:
    outages = [plan.outage(stressor, start, known) for start in plan.starts]
    return np.array([impact_of(plan.twin, outage).impact for outage in outages])


@pytest.mark.parametrize("duration", LOST)
def test_line_by_hand(duration: int) -> None:
    """Nothing but stock beyond the pipeline fills the hole: who coordinates loses as much, knowing all.

    At the end of the run stock counts at cost, so the best answer without an outage is what the members do: it earns
    4.25 a unit, and 10 units a period come.
    """
    plan = twin_and_plan(line(), (START,), duration)
    best = coordination_of(plan, [FACTORY], 1)
    assert best.of(FACTORY) == pytest.approx(4.25 * LOST[duration], abs=1e-6)

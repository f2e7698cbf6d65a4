"""The disruption timetable: what fails when, by every law of the scenario format."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from esc_sim.disruptions.registry import CHANNELS
from esc_sim.instance.build import instance_of
from esc_sim.instance.health import fill_health
from esc_sim.instance.model import Instance
from esc_sim.sampling.streams import STRATA
from esc_sim.sampling.timetable import Timetable, timetable
from esc_sim.scenario.schema import Scenario
from tests.helpers.chances import Chances
from tests.helpers.events import events_of
from tests.helpers.networks import chain, scenarios

NORTH = ["middle", "source"]


def table_of(scenario: Scenario, replication: int = 0, stratified: bool = False) -> tuple[Instance, Timetable]:
    instance = instance_of(scenario)
    seed, periods = scenario.run.seed, scenario.run.periods
    return instance, timetable(instance.triggers, seed, replication, periods, stratified)


def spans(scenario: Scenario, replication: int = 0, stratified: bool = False) -> dict[str, list[tuple[float, float]]]:
    """(start, end) of the events by what they hit."""
    instance, table = table_of(scenario, replication, stratified)
    clock = instance.clock
    found: dict[str, list[tuple[float, float]]] = {}
    for channel, start, end in zip(table.channel, table.start, table.end, strict=True):
        what, target = CHANNELS[instance.channels.kind[channel]], int(instance.channels.target[channel])
        if what.of == "arc":
            name = f"{scenario.arcs[target].buyer} from {scenario.arcs[target].supplier}"
        else:
            name = f"{what.name} {scenario.nodes[target].id}"
        found.setdefault(name, []).append((clock.periods(float(start)), clock.periods(float(end))))
    return found


def events(*disruptions: dict[str, Any], periods: int = 400, seed: int = 3) -> Scenario:
    named = [{"name": f"event_{k}"} | d for k, d in enumerate(disruptions)]
    return chain(disruptions=named, run={"periods": periods, "seed": seed})


def health(scenario: Scenario) -> dict[str, np.ndarray]:
    """Level of each channel at every review."""
    instance, table = table_of(scenario)
    rows = np.ones((scenario.run.periods, len(instance.channels)))
    fill_health(instance, table, 0, rows)
    kinds = [channel.name for channel in CHANNELS]
    return {f"{kinds[kind]} {target}": rows[:, c] for c, (kind, target) in enumerate(_channels(instance))}


def _channels(instance: Instance) -> list[tuple[int, int]]:
    return list(zip(instance.channels.kind.tolist(), instance.channels.target.tolist(), strict=True))


def test_by_probability_an_event_begins_where_the_uniform_is_below_it() -> None:
    scenario = events({"nodes": ["source"], "probability": 0.2, "duration": 2.5})
    chances = Chances(3, 4)
    hit = [t for t in range(400) if chances.uniform("disruption/event_0", t) < 0.2]
    assert spans(scenario, 4) == {"ship source": [(t, t + 2.5) for t in hit]}
    assert len(hit) == pytest.approx(80, abs=4 * np.sqrt(400 * 0.2 * 0.8))


def test_probability_0_never_and_1_always() -> None:
    assert spans(events({"nodes": ["source"], "probability": 0})) == {}
    assert len(spans(events({"nodes": ["source"], "probability": 1}))["ship source"]) == 400


def test_durations_by_a_law_have_a_stream_of_their_own() -> None:
    law = {"law": "geometric", "probability": 0.4}
    scenario = events({"nodes": ["source"], "probability": 0.3, "duration": law})
    found = spans(scenario)["ship source"]
    fixed = spans(events({"nodes": ["source"], "probability": 0.3}))["ship source"]
    assert [start for start, _ in found] == [start for start, _ in fixed]
    lengths = [end - start for start, end in found]
    assert set(lengths) >= {1.0, 2.0, 3.0}
    assert np.mean(lengths) == pytest.approx(2.5, abs=4 * np.sqrt(0.6 / 0.16 / len(lengths)))


def test_a_duration_of_0_is_no_event() -> None:
    law = {"law": "discrete", "values": [0, 2], "probabilities": [0.5, 0.5]}
    found = spans(events({"nodes": ["source"], "probability": 0.5, "duration": law}))["ship source"]
    assert {end - start for start, end in found} == {2.0}
    assert len(found) == pytest.approx(100, abs=4 * np.sqrt(400 * 0.25 * 0.75))


def test_renewal_goes_from_repair_to_failure_to_repair() -> None:
    scenario = events(
        {
            "nodes": ["source"],
            "time_between_failures": {"law": "exponential", "mean": 6},
            "time_to_repair": {"law": "gamma", "mean": 2, "sd": 1},
        },
        periods=2000,
    )
    found = spans(scenario)["ship source"]
    assert len(found) > 2 * 64, "long enough to need a further block of draws"
    starts, ends = np.array(found).T
    gaps, repairs = starts - np.r_[0.0, ends[:-1]], ends - starts
    assert (gaps > 0).all()
    assert (repairs > 0).all()
    assert starts[-1] < 2000
    assert gaps.mean() == pytest.approx(6, abs=4 * 6 / np.sqrt(len(found)))
    assert repairs.mean() == pytest.approx(2, abs=4 / np.sqrt(len(found)))
    assert gaps.std() == pytest.approx(6, rel=0.25)


def test_renewal_without_any_time_between_still_moves_on() -> None:
    zero = {"law": "discrete", "values": [0, 1], "probabilities": [0.9, 0.1]}
    scenario = events({"nodes": ["source"], "time_between_failures": zero, "time_to_repair": zero}, periods=3)
    starts, ends = np.array(spans(scenario)["ship source"]).T
    assert (ends > starts).all()
    assert (starts[1:] > ends[:-1]).all()


def test_dates_are_taken_as_written_and_within_the_horizon() -> None:
    dates = [{"start": 30.1, "duration": 0.7}, {"start": 2, "duration": 3}, {"start": 400, "duration": 1}]
    found = spans(events({"nodes": ["source"], "dates": dates}))["ship source"]
    assert found == [(2.0, 5.0), (30.1, 30.8)]


def test_together_one_event_hits_all_targets() -> None:
    scenario = events({"regions": ["north"], "probability": 0.1, "stops": ["ship", "order"]})
    found = spans(scenario)
    assert set(found) == {f"{what} {node}" for what in ("ship", "order") for node in NORTH}
    assert len({tuple(times) for times in found.values()}) == 1
    assert len(found["ship middle"]) > 20


def test_not_together_each_target_has_events_of_its_own() -> None:
    wanted = {"regions": ["north"], "probability": 0.3, "stops": ["ship", "order"], "together": False}
    found = spans(events(wanted))
    assert found["ship middle"] == found["order middle"]
    middle, source = ({start for start, _ in found[name]} for name in ("ship middle", "ship source"))
    assert middle != source
    both = len(middle & source)
    assert both == pytest.approx(400 * 0.09, abs=4 * np.sqrt(400 * 0.09 * 0.91))


def test_roles_and_arcs_are_targets_too() -> None:
    found = spans(
        events(
            {"roles": ["shop"], "demand_factor": 2, "dates": [{"start": 1, "duration": 2}]},
            {"arcs": [{"buyer": "shop", "supplier": "middle"}], "dates": [{"start": 4, "duration": 2}]},
        )
    )
    assert found == {"demand shop": [(1.0, 3.0)], "shop from middle": [(4.0, 6.0)]}


def test_an_arc_may_be_named_with_the_product_that_it_trades_by_default() -> None:
    named = {"arcs": [{"buyer": "shop", "supplier": "middle", "product": "goods"}]}
    found = spans(events(named | {"dates": [{"start": 4, "duration": 2}]}))
    assert found == {"shop from middle": [(4.0, 6.0)]}


def test_a_target_named_twice_is_one() -> None:
    once = {"arcs": [{"buyer": "shop", "supplier": "middle"}], "nodes": ["shop"], "probability": 0.2, "together": False}
    twice = once | {"arcs": once["arcs"] * 2, "nodes": ["shop", "shop"], "stops": ["ship", "ship"]}
    assert spans(events(twice)) == spans(events(once))


def test_overlapping_events_leave_the_least_health() -> None:
    levels = health(
        events(
            {"nodes": ["source"], "health": 0.5, "dates": [{"start": 2, "duration": 6}]},
            {"nodes": ["source"], "health": 0.2, "dates": [{"start": 4, "duration": 2}, {"start": 5, "duration": 1}]},
            periods=10,
        )
    )["ship 2"]
    assert levels.tolist() == [1, 1, 0.5, 0.5, 0.2, 0.2, 0.5, 0.5, 1, 1]


def test_overlapping_demand_shocks_multiply() -> None:
    levels = health(
        events(
            {"nodes": ["shop"], "demand_factor": 1.5, "dates": [{"start": 1, "duration": 3}]},
            {"nodes": ["shop"], "demand_factor": 0.5, "dates": [{"start": 3, "duration": 2}]},
            periods=6,
        )
    )["demand 0"]
    assert levels.tolist() == [1, 1.5, 1.5, 0.75, 0.5, 1]


@pytest.mark.parametrize(
    ("shape", "way_back"),
    [("linear", [0.4, 0.55, 0.7, 0.85]), ("slow_start", [0.4, 0.4375, 0.55, 0.7375]),
     ("fast_start", [0.4, 0.6625, 0.85, 0.9625])],
)  # fmt: skip
def test_gradual_recovery(shape: str, way_back: list[float]) -> None:
    event = {
        "nodes": ["source"],
        "health": 0.4,
        "dates": [{"start": 2, "duration": 1}],
        "recovery": {"duration": 4, "shape": shape},
    }
    levels = health(events(event, periods=9))["ship 2"]
    np.testing.assert_allclose(levels, [1, 1, 0.4, *way_back, 1, 1], rtol=1e-15)


def test_an_event_between_two_reviews_is_seen_by_none() -> None:
    event = {"nodes": ["source"], "dates": [{"start": 2.25, "duration": 0.5}]}
    assert (health(events(event, periods=6))["ship 2"] == 1).all()


@pytest.mark.parametrize("batch", [0, 3])
def test_stratified_events_are_spread_evenly_over_a_batch(batch: int) -> None:
    scenario = events({"nodes": ["middle", "source"], "probability": 0.25, "together": False}, periods=60)
    hits: dict[str, Counter[float]] = {}
    for replication in range(batch * STRATA, (batch + 1) * STRATA):
        for name, times in spans(scenario, replication, stratified=True).items():
            hits.setdefault(name, Counter()).update(start for start, _ in times)
    # A quarter of the 16 strata lie below the probability: exactly four events in every period, for either node.
    assert hits == {f"ship {node}": Counter({float(t): 4 for t in range(60)}) for node in NORTH}


@given(scenarios())
def test_every_timetable_is_that_of_the_spec(scenario: Scenario) -> None:
    scenario = scenario.model_copy(update={"joint_disruptions": []})  # test_joint looks at those
    instance, table = table_of(scenario, 1)
    ticks, expected = instance.clock.ticks, Counter[tuple[Any, ...]]()
    for event in events_of(scenario, Chances(scenario.run.seed, 1, instance.clock.ticks)):
        for channel in event.channels:
            expected[channel, event.start * ticks, event.end * ticks, event.number] += 1
    names = [n.id for n in scenario.nodes]
    found: Counter[tuple[Any, ...]] = Counter()
    channels = _channels(instance)
    for c, start, end, number in zip(table.channel, table.start, table.end, table.effect, strict=True):
        what, target = CHANNELS[channels[c][0]], channels[c][1]
        found[(what.name, target if what.of == "arc" else names[target]), start, end, number] += 1
    assert found == expected
    assert (np.diff(table.start) >= 0).all()


@given(scenarios())
def test_a_longer_horizon_begins_in_the_same_way(scenario: Scenario) -> None:
    periods = scenario.run.periods
    longer = scenario.model_copy(update={"run": scenario.run.model_copy(update={"periods": periods + 7})})
    instance, short = table_of(scenario)
    _, long = table_of(longer)
    kept = long.start < periods * instance.clock.ticks
    for name in ("channel", "start", "end", "effect"):
        np.testing.assert_array_equal(getattr(long, name)[kept], getattr(short, name))

"""Time and chance: stepping is one long run, runs repeat, and what is added elsewhere moves no random number."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from esc_sim.engine.agents.clock import ARRIVAL, DISRUPTION, REVIEW, TickingEnvironment, at
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.engine.compiled import walk
from esc_sim.instance.build import instance_of
from esc_sim.sampling.clock import Clock
from esc_sim.sampling.tape import tape_block
from esc_sim.scenario.schema import Scenario
from tests.helpers.networks import Content, chain, chain_content, contents, scenario_of, scenarios
from tests.helpers.runs import agents, compiled, differences, item

few = settings(max_examples=25)


@few
@given(scenarios(), st.integers(1, 7))
def test_stepping_is_one_long_run(scenario: Scenario, part: int) -> None:
    periods = scenario.run.periods
    whole = SupplyChainModel(scenario, trace=True)
    whole.run()
    stepped = SupplyChainModel(scenario, trace=True)
    for count in range(1, periods + 1):
        stepped.step()
        assert (stepped.period, stepped.day) == (count, count)
    in_parts = SupplyChainModel(scenario, trace=True)
    in_parts.run(part)
    assert in_parts.period == min(part, periods) or part > periods
    in_parts.run()
    for other in (stepped, in_parts):
        rows = slice(0, periods)
        np.testing.assert_array_equal(whole.recorder.periods, other.recorder.periods[rows])
        np.testing.assert_array_equal(whole.recorder.items, other.recorder.items[rows])
        np.testing.assert_array_equal(whole.recorder.nodes, other.recorder.nodes[rows])


def test_the_run_may_go_on_after_its_horizon(chain_scenario: Scenario) -> None:
    model = SupplyChainModel(chain_scenario)
    model.run()
    model.step()
    assert model.period == chain_scenario.run.periods + 1


@few
@given(scenarios())
def test_the_same_seed_gives_the_same_numbers(scenario: Scenario) -> None:
    assert differences(compiled(scenario, range(2)), compiled(scenario, range(2))) == []
    assert differences(agents(scenario), agents(scenario)) == []


@few
@given(scenarios())
def test_a_replication_is_the_same_whatever_runs_beside_it(scenario: Scenario) -> None:
    together, alone = compiled(scenario, range(4)), compiled(scenario, [2])
    np.testing.assert_array_equal(together.items[2], alone.items[0])
    np.testing.assert_array_equal(together.nodes[2], alone.nodes[0])
    np.testing.assert_array_equal(together.periods[2], alone.periods[0])


def test_another_seed_or_replication_gives_other_numbers(noisy_chain: Scenario) -> None:
    base = compiled(noisy_chain, [0, 1])
    other = compiled(noisy_chain.model_copy(update={"run": noisy_chain.run.model_copy(update={"seed": 8})}), [0, 1])
    assert (base.periods[0, :, 0] != base.periods[1, :, 0]).any()
    assert (base.periods[:, :, 0] != other.periods[:, :, 0]).any(axis=1).all()


@few
@given(scenarios())
def test_blocks_of_the_tape_do_not_show(scenario: Scenario) -> None:
    whole = compiled(scenario, range(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walk, "_BLOCK_VALUES", 1)  # a block for every period
        assert differences(whole, compiled(scenario, range(2))) == []


@few
@given(scenarios())
def test_a_longer_run_begins_in_the_same_way(scenario: Scenario) -> None:
    periods = scenario.run.periods
    longer = scenario.model_copy(update={"run": scenario.run.model_copy(update={"periods": periods + 5})})
    for run in (agents, compiled):
        short, long = run(scenario), run(longer)
        np.testing.assert_array_equal(short.items, long.items[:, :periods])
        np.testing.assert_array_equal(short.nodes, long.nodes[:, :periods])
        np.testing.assert_array_equal(short.periods, long.periods[:, :periods])


def with_stranger(content: Content) -> Content:
    """The same scenario and, as its first node, one that trades with nobody, has random demand, and fails."""
    stranger: Content = {
        "id": "stranger",
        "role": "stranger",
        "region": "nowhere",
        "initial_stock": 50,
        "demand": {"mean": 5, "sd": 2},
        "production": {"law": {"law": "gamma", "mean": 4, "sd": 2}},
    }
    event: Content = {"name": "strange", "nodes": ["stranger"], "probability": 0.4, "stops": ["ship", "retail"]}
    return content | {
        "nodes": [stranger, *content["nodes"]],
        "products": [*content["products"], {"id": "another"}],
        "disruptions": [event, *content["disruptions"]],
    }


@given(contents())
def test_adding_a_node_changes_nothing_elsewhere(content: Content) -> None:
    """Streams go by name: neither a further node nor product nor disruption moves anybody else's."""
    before = scenario_of(content)
    bigger = scenario_of(with_stranger(content))
    one, other = compiled(before, range(2)), compiled(bigger, range(2))
    np.testing.assert_array_equal(one.items, other.items[:, :, 1:])
    np.testing.assert_array_equal(one.nodes, other.nodes[:, :, 1:])
    assert (item(other, "served")[:, :, 0] > 0).any()


@given(contents())
def test_adding_a_trading_node_moves_no_other_random_number(content: Content) -> None:
    # The newcomer is a second supplier, which an echelon of stock cannot have.
    parts = [*content["nodes"], *content.get("stocks", [])]
    assume(not any(part.get("order", {}).get("echelon") for part in parts))
    scenario = scenario_of(content)
    newcomer: Content = {
        "id": "new",
        "initial_stock": 9,
        "order": {"mean": 3, "sd": 1},
        "production": {"mean": 2, "sd": 1},
    }
    arcs: list[Content] = [
        {"buyer": "new", "supplier": "n0", "lead_time": {"law": "uniform", "low": 0, "high": 2}},
        {"buyer": "n1", "supplier": "new"},
    ]
    more: dict[str, Any] = {"nodes": [newcomer, *content["nodes"]], "arcs": [*arcs, *content["arcs"]]}
    if "markets" in content:
        for arc in arcs:
            arc["market"] = f"{content['products'][0]['id']}-0"
    bigger = scenario_of(content | more)
    drawn = [draws_by_name(s) for s in (scenario, bigger)]
    assert set(drawn[1]) - set(drawn[0]) == {"order/new", "production/new", "lead/new/n0"}
    for name, values in drawn[0].items():
        np.testing.assert_array_equal(values, drawn[1][name])


def draws_by_name(scenario: Scenario) -> dict[str, np.ndarray]:
    columns = instance_of(scenario).columns
    block = tape_block(columns, scenario.run.seed, 3, 0, 12)
    return dict(zip(columns.names, block.T, strict=True))


def test_events_of_one_instant_come_as_arrivals_disruptions_reviews() -> None:
    env = TickingEnvironment(Clock(4))
    seen: list[tuple[float, int]] = []
    for time in (8.0, 0.0, 6.0):
        for kind in (REVIEW, ARRIVAL, DISRUPTION):
            at(env, time, kind, lambda event: seen.append((env.now, event.value)), kind)
    env.run()
    assert seen == [(time, kind) for time in (0.0, 1.5, 2.0) for kind in (ARRIVAL, DISRUPTION, REVIEW)]


def test_memory_of_the_event_queue_does_not_grow(noisy_chain: Scenario) -> None:
    """Goods in transit are one event per review and arrival time; nothing stays behind."""
    run = noisy_chain.run.model_copy(update={"periods": 400})
    model = SupplyChainModel(noisy_chain.model_copy(update={"run": run}))
    sizes = []
    for _ in range(4):
        model.run(100)
        sizes.append(len(model.env._queue))
    assert max(sizes) <= 12
    assert all(b <= a + 3 for a, b in pairwise(sizes))


@pytest.fixture
def chain_scenario() -> Scenario:
    return chain()


@pytest.fixture
def noisy_chain() -> Scenario:
    """The chain with chance in demand and lead times."""
    content = chain_content()
    content["nodes"][0]["demand"]["sd"] = 3
    content["arcs"][0]["lead_time"] = {"law": "uniform", "low": 0, "high": 3}
    content["run"]["periods"] = 40
    return scenario_of(content)

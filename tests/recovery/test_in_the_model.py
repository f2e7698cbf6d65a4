"""Cascades on top of the running model: both engines, the third reading, the process against the timetable, plans."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from esc_sim.cascade.scenario import cascade_of
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.instance.model import Instance
from esc_sim.instance.spreading import joined, timetable_of
from esc_sim.plans.apply import apply_plan
from esc_sim.plans.files import read_plan, write_plan
from esc_sim.plans.recovery import RecoveryPlan
from esc_sim.sampling.timetable import Timetable
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import simulate
from tests.engine.test_by_hand import known_by_hand
from tests.helpers.by_hand import ByHand
from tests.helpers.comparison import assert_same
from tests.helpers.networks import Content, chain_content, scenario_of, spreading_scenarios
from tests.helpers.runs import SCENARIOS, agents, compiled, differences, item, node, period

SHOP, MIDDLE, SOURCE = 0, 1, 2


def falling(**changes: Any) -> Scenario:
    """The chain shop <- middle <- source, whose source fails from 2 to 8 and takes the others with it: the middle after
    one delay, the shop after two."""
    content: Content = chain_content()
    for member in content["nodes"]:
        member |= {
            "initial_stock": 100,
            "target_stock": 100,
            "role": "supplier" if member["id"] == "source" else "other",
        }
    content["run"] = {"periods": 12}
    content["cascade"] = {"alpha": 1.0, "beta": 0.9, "link_probability": 0.0} | changes.pop("cascade", {})
    dates = [{"start": 2, "duration": 6}]
    failure = {"name": "failure", "nodes": ["source"], "dates": dates, "cascade": True} | changes.pop("failure", {})
    return scenario_of(content | {"disruptions": [failure]} | changes)


def down(block: Any, who: int) -> list[int]:
    """Periods in which a node cannot ship."""
    return np.flatnonzero(node(block, "health")[0, :, who] == 0).tolist()


@pytest.mark.parametrize("run", [agents, compiled])
def test_the_chain_falls_round_by_round_and_stops_all_trade(run: Any) -> None:
    block = run(falling())
    assert down(block, SOURCE) == [2, 3, 4, 5, 6, 7]
    assert down(block, MIDDLE) == [3, 4, 5, 6, 7]
    assert down(block, SHOP) == [4, 5, 6, 7]
    served = item(block, "served")[0, :, SHOP]
    assert (served[[0, 1, 2, 3, 8, 9]] > 0).all()
    assert (served[4:8] == 0).all()  # a failed shop sells nothing, though it has stock
    assert (period(block, "ordered")[0, 4:8] == 0).all()


@pytest.mark.parametrize(
    ("delay", "middle", "shop"), [(0.0, 2, 2), (0.5, 3, 3), (1.5, 4, 5), (3.0, 5, None), (6.0, None, None)]
)
def test_each_round_takes_its_delay(delay: float, middle: int | None, shop: int | None) -> None:
    scenario = falling(cascade={"delay": delay})
    block = compiled(scenario)
    assert (down(block, MIDDLE) or [None])[0] == middle
    assert (down(block, SHOP) or [None])[0] == shop
    assert differences(agents(scenario), block) == []


def restored(scenario: Scenario, *nodes: str, after: float = 0.0) -> Instance:
    plan = RecoveryPlan(version=1, name="rescue", restore=list(nodes), resume_after=after)
    return apply_plan(instance_of(scenario), plan, scenario)


def both(instance: Instance) -> Any:
    from esc_sim.engine.agents.runner import run_replications as run_agents
    from esc_sim.engine.compiled.runner import run_replications as run_compiled

    one, other = (run(instance, 1, range(2), stock=True, trace=True) for run in (run_agents, run_compiled))
    assert differences(one, other) == []
    return one


def test_restored_nodes_resume_and_start_no_cascade() -> None:
    block = both(restored(falling(), "source"))
    assert [down(block, who) for who in (SOURCE, MIDDLE, SHOP)] == [[], [], []]
    later = both(restored(falling(), "source", after=2.5))
    assert [down(later, who) for who in (SOURCE, MIDDLE, SHOP)] == [[2, 3, 4], [], []]
    other = both(restored(falling(), "shop"))  # did not fail by itself: the cascade still takes it
    assert down(other, SHOP) == [4, 5, 6, 7]


def same(one: Timetable, other: Timetable) -> None:
    for field in dataclasses.fields(Timetable):
        assert np.array_equal(getattr(one, field.name), getattr(other, field.name)), field.name


def test_process_and_timetable_agree_and_so_do_the_engines() -> None:
    """On 40 generated networks; some of them do cascade."""
    added = [0]

    @settings(max_examples=40)
    @given(spreading_scenarios())
    def agree(scenario: Scenario) -> None:
        instance = instance_of(scenario)
        model = SupplyChainModel(instance, seed=scenario.run.seed, replication=1)
        before = len(model.hazards.starts)
        model.run()
        same(model.hazards.played, joined([timetable_of(instance, scenario.run.seed, 1)]))
        added[0] += len(model.hazards.starts) - before
        assert differences(*(run(scenario, range(2)) for run in (agents, compiled))) == []

    agree()
    assert added[0] > 300


@settings(max_examples=20)
@given(spreading_scenarios().filter(known_by_hand))
def test_cascades_worked_out_by_hand(scenario: Scenario) -> None:
    assert_same(ByHand(scenario, scenario.run.seed, 1), compiled(scenario, [1]))


def test_the_rounds_are_those_of_the_cascade() -> None:
    scenario = load_scenario(SCENARIOS / "cascade_1000", {"run.periods": 50})
    instance = instance_of(scenario)
    (failure,) = scenario.disruptions
    removed = sorted(int(name) for name in failure.nodes)
    result = cascade_of(scenario, instance.network).run(removed)
    assert result.rn == 99
    health = node(compiled(scenario), "health")[0]
    for time in range(30, 50):
        gone = (result.failed_round >= 0) & (result.failed_round <= time - 30)
        assert np.array_equal(health[time] == 0, gone)
    assert (health[:30] == 1).all()


def test_engines_agree_on_the_network_of_1000() -> None:
    scenario = load_scenario(SCENARIOS / "cascade_1000", {"run.periods": 36})
    assert differences(*(run(scenario, [0]) for run in (agents, compiled))) == []


def test_throughput_is_for_agents_only_and_takes_the_loads_of_the_running_model() -> None:
    scenario = falling(cascade={"load": "throughput"})
    reason = "takes its loads from the running model"
    assert any(reason in feature for feature in instance_of(scenario).agent_features)
    with pytest.raises(InputError, match=reason):
        compiled(scenario)
    block = agents(scenario)
    # 10 units pass each: the middle loses all of its load, and so hands no loss on to the shop.
    assert [down(block, who)[:1] for who in (SOURCE, MIDDLE, SHOP)] == [[2], [3], []]
    # Before the first review nothing has been shipped: there is no load to lose.
    early = falling(cascade={"load": "throughput"}, failure={"dates": [{"start": 0, "duration": 6}]})
    assert down(agents(early), MIDDLE) == []
    result = simulate(scenario, replications=2)
    assert result.engine == "agents"
    assert any(reason in notice for notice in result.notices)
    # Key figures know of the nodes that the cascade stopped.
    assert result.item_health[5].tolist() == [1.0, 0.0, 0.0]
    assert result.disruption_active is not None
    assert result.disruption_active[0].tolist() == [2 <= time < 8 for time in range(12)]


def test_health_of_a_run_counts_the_cascade_in_both_engines() -> None:
    for engine in ("compiled", "agents"):
        result = simulate(falling(), replications=3, engine=engine, workers=1)  # type: ignore[arg-type]
        assert result.item_health[3].tolist() == [1.0, 0.0, 0.0]


def test_a_recovery_plan_is_written_read_and_followed(tmp_path: Path) -> None:
    scenario = falling()
    plan = RecoveryPlan(version=1, name="rescue", restore=["source"], resume_after=0.5)
    write_plan(tmp_path / "plan.yaml", plan)
    read = read_plan(tmp_path / "plan.yaml")
    assert read.model_dump() == plan.model_dump()
    helped, left = simulate(scenario, plan=tmp_path / "plan.yaml", replications=2), simulate(scenario, replications=2)
    assert helped.plan == "rescue"
    assert helped.item_health.sum() > left.item_health.sum()
    assert not read_plan(_file(tmp_path, "restore: []\n")).restore  # type: ignore[attr-defined]


def _file(folder: Path, text: str) -> Path:
    path = folder / "plan.yaml"
    path.write_text(f"version: 1\nkind: recovery\nname: p\n{text}", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("restore: [nobody]\n", "plan.yaml:4:11: restore.0: there is no node 'nobody'"),
        ("restore: [shop, shop]\n", "plan.yaml:4:17: restore.1: 'shop' is restored twice"),
        ("restore: [shop]\nresume_after: -1\n", "plan.yaml:5:15: resume_after"),
        ("", "restore"),
    ],
)
def test_a_wrong_plan_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        apply_plan(instance_of(falling()), read_plan(_file(tmp_path, text)))
    assert message in str(refused.value)


def test_a_recovery_plan_needs_a_failure_that_spreads(tmp_path: Path) -> None:
    plain = falling(failure={"cascade": False})
    with pytest.raises(InputError, match="no disruption of this scenario spreads"):
        apply_plan(instance_of(plain), read_plan(_file(tmp_path, "restore: [shop]\n")))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"failure": {"health": 0.5}}, "leave health at 0"),
        ({"failure": {"stops": ["produce"]}}, "leave out stops"),
        ({"failure": {"arcs": [{"buyer": "shop", "supplier": "middle"}]}}, "leave out arcs"),
        ({"cascade": {"alpha": 0.9}}, "greater than or equal to 1"),
    ],
)
def test_what_cannot_spread_is_refused(changes: Content, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        falling(**changes)


def test_without_suppliers_nothing_spreads() -> None:
    from esc_sim.scenario.meaning import check_scenario

    content = falling().model_dump(by_alias=True, exclude_defaults=True)
    content["version"] = 1
    for member in content["nodes"]:
        member["role"] = "other"
    problems = check_scenario(Scenario.model_validate(content))
    assert [problem.rpartition(": no node")[0] for problem in problems] == ["cascade", "disruption failure: cascade"]
    assert "no node has the role 'supplier'" in problems[0]

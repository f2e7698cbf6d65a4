"""The number of workers changes no number, and the death of a worker loses none."""

from __future__ import annotations

import multiprocessing
import os
import signal
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim.crews import local
from esc_sim.crews.local import WorkersLostError, in_processes, in_threads
from esc_sim.results.run import RunResult
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import simulate
from tests.helpers.runs import SCENARIOS
from tests.helpers.tasks import die, die_once, linger, refuse

OIL_GAS = SCENARIOS / "oil_gas"
SHORT = {"run.periods": 60}


def assert_same(one: RunResult, other: RunResult) -> None:
    """Everything that a run hands over, bit for bit."""
    assert one.twin is not None
    assert other.twin is not None
    for name in ("values", "twin", "arc_shipped", "item_stock", "twin_arc_shipped", "twin_item_stock", "item_health"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), strict=True, err_msg=name)
    assert (one.disruption_active == other.disruption_active).all()


def test_threads_of_the_compiled_engine() -> None:
    one, two, three = (simulate(OIL_GAS, replications=100, workers=k, overrides=SHORT) for k in (1, 2, 3))
    assert_same(one, two)
    assert_same(one, three)


def test_traces_too() -> None:
    one, two = (simulate(OIL_GAS, replications=40, workers=k, overrides=SHORT, trace=True) for k in (1, 2))
    assert one.traces is not None
    assert two.traces is not None
    np.testing.assert_array_equal(one.traces.items, two.traces.items)
    np.testing.assert_array_equal(one.traces.nodes, two.traces.nodes)


def test_short_work_of_the_agents_starts_no_processes() -> None:
    """It has two tasks, and is done before processes would have started."""
    run: dict[str, Any] = {"replications": 20, "overrides": SHORT, "engine": "agents"}
    children: list[int] = []

    def count(done: int, total: int) -> None:
        children.append(len(multiprocessing.active_children()))

    two = simulate(OIL_GAS, workers=2, progress=count, **run)
    assert len(children) > 1
    assert set(children) == {0}
    assert_same(simulate(OIL_GAS, workers=1, **run), two)


@pytest.mark.slow
def test_processes_of_the_agent_engine_one_of_which_is_killed() -> None:
    """One run alone, and one in two processes of which one is killed at work: the same numbers."""
    run: dict[str, Any] = {"replications": 64, "overrides": {"run.periods": 120}, "engine": "agents"}
    alone = simulate(OIL_GAS, workers=1, **run)
    killed: list[int] = []

    def kill_one(done: int, total: int) -> None:
        if not killed and done < total:
            victim = multiprocessing.active_children()[0]
            assert victim.pid is not None
            os.kill(victim.pid, signal.SIGKILL)
            killed.append(victim.pid)

    survived = simulate(OIL_GAS, workers=2, progress=kill_one, **run)
    assert len(killed) == 1
    assert_same(alone, survived)
    compiled = simulate(OIL_GAS, replications=64, overrides={"run.periods": 120})
    np.testing.assert_array_equal(survived.values, compiled.values)


@pytest.mark.slow
def test_a_task_whose_worker_dies_is_given_to_another(tmp_path: Path) -> None:
    assert list(in_processes(partial(die_once, tmp_path), range(8), 2)) == [k * k for k in range(8)]
    assert (tmp_path / "died").exists()


@pytest.mark.slow
def test_workers_that_always_die_end_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_MAX_LOSSES", 2)
    with pytest.raises(WorkersLostError, match=r"worker processes died 2 times"):
        list(in_processes(die, range(4), 2))
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("spread", [in_threads, in_processes])
def test_an_error_of_a_task_comes_through(spread: object) -> None:
    results = spread(refuse, range(5), 2)  # type: ignore[operator]
    assert next(results) == 0
    assert next(results) == 1
    with pytest.raises(ValueError, match="task 2 cannot be done"):
        next(results)
    assert multiprocessing.active_children() == []


def test_work_that_is_given_up_leaves_no_worker() -> None:
    results = in_threads(abs, list(range(100)), 2)
    assert next(results) == 0
    results.close()
    assert list(in_threads(abs, [-3], 2)) == [3]


def test_work_that_is_given_up_ends_its_processes_at_once(tmp_path: Path) -> None:
    """As after Ctrl-C: nobody waits for the tasks that are being done."""
    results: Any = in_processes(partial(linger, tmp_path), range(2), 2)
    assert next(results) == 0
    results.close()
    assert multiprocessing.active_children() == []
    assert not (tmp_path / "finished").exists()


def test_a_scenario_without_disruptions_has_no_twin() -> None:
    scenario = simulate(OIL_GAS, replications=2, overrides=SHORT).scenario
    calm: Scenario = scenario.model_copy(update={"disruptions": []})
    run = simulate(calm, replications=2)
    assert run.twin is None
    assert (run.disruption_active == False).all()  # noqa: E712 - an array


def test_stratified_replications_do_not_depend_on_workers_either() -> None:
    one, two = (simulate(OIL_GAS, replications=48, workers=k, stratified=True, overrides=SHORT) for k in (1, 2))
    assert_same(one, two)
    assert one.disruption_active is not None
    # Probability 0.1 of 16 strata is 1.6: one or two of every batch of 16 fail in every period.
    counts = one.disruption_active.reshape(3, 16, 60).sum(axis=1)
    assert set(np.unique(counts)) == {1, 2}


def test_later_replications_can_be_run_alone() -> None:
    whole = simulate(OIL_GAS, replications=6, overrides=SHORT)
    later = simulate(OIL_GAS, replications=2, first=4, overrides=SHORT)
    np.testing.assert_array_equal(later.values, whole.values[4:])

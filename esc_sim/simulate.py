"""Replications of a scenario and of its undisrupted twin: the main entry for scripts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.block import Block, joined
from esc_sim.engine.workers import default_workers, in_processes, in_threads
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.instance.health import fill_health, ship_health
from esc_sim.instance.model import Instance
from esc_sim.plans.apply import apply_plan
from esc_sim.results.run import RunResult, Traces
from esc_sim.sampling.streams import STRATA
from esc_sim.sampling.timetable import timetable
from esc_sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from esc_sim.plans.plan import Plan

Engine = Literal["compiled", "agents"]
_CHUNK_WORK = 5_000_000
"""Rough number of (node or arc)-periods of one task: about 0.1 s of the compiled engine."""
_AGENT_CHUNK_WORK = 60_000


class Progress(Protocol):
    """Told how many replications are finished, of how many."""

    def __call__(self, done: int, total: int) -> None: ...


@dataclass(frozen=True)
class _Task:
    instance: Instance
    engine: Engine
    seed: int
    replications: range
    twin: bool
    stratified: bool
    trace: bool


@dataclass(frozen=True)
class _Outcome:
    run: Block
    twin: Block | None
    health: NDArray[np.float64]
    active: NDArray[np.bool_]


def simulate(
    scenario: Scenario | str | os.PathLike[str],
    *,
    replications: int | None = None,
    seed: int | None = None,
    engine: Engine = "compiled",
    overrides: Sequence[str] | Mapping[str, Any] = (),
    plan: Plan | str | os.PathLike[str] | None = None,
    workers: int | None = None,
    trace: bool = False,
    stratified: bool = False,
    first: int = 0,
    progress: Progress | None = None,
    command: str = "",
) -> RunResult:
    """Simulate a scenario, and its undisrupted twin on the same random numbers.

    Args:
        scenario: a checked scenario, or the path of one.
        replications: number of replications R; default the scenario's.
        seed: seed of all random numbers; default the scenario's.
        engine: "compiled" (the default) or "agents"; both give the same numbers.
        overrides: changes of values, as for ``--set``; only with a path.
        plan: decisions to carry out, or the path of a plan file.
        workers: threads of the compiled engine, default all processors; processes of the agent engine, default 1
            (more need a script that guards its main part by ``if __name__ == "__main__":``). Never changes a number.
        trace: keep every item and node of every replication.
        stratified: draw disruptions as a Latin hypercube across batches of 16 replications.
        first: number of the first replication.
        progress: called after each finished task.
        command: how the run was started, for its manifest.

    Returns:
        The run. After Ctrl-C: what was finished until then, with a notice; KeyboardInterrupt if nothing was.

    Raises:
        InputError: something in the scenario or the arguments cannot be used.
    """
    if not isinstance(scenario, Scenario):
        from esc_sim.scenario.reader import load_scenario

        scenario = load_scenario(scenario, overrides)
    elif overrides:
        raise InputError("overrides change a scenario while it is read: give its path, not the scenario read")
    count = scenario.run.replications if replications is None else replications
    seed = scenario.run.seed if seed is None else seed
    _check_numbers(count, seed, workers, engine)
    run = scenario.run.model_copy(update={"replications": first + count, "seed": seed})
    scenario = scenario.model_copy(update={"run": run})
    instance = instance_of(scenario)
    if plan is not None:
        plan = _read(plan)
        instance = apply_plan(instance, plan, scenario)
    tasks = [
        _Task(instance, engine, seed, part, bool(scenario.disruptions), stratified, trace)
        for part in _parts(instance, engine, first, count)
    ]
    spread: Callable[..., Iterator[_Outcome]] = in_threads if engine == "compiled" else in_processes
    outcomes: list[_Outcome] = []
    notices = list(instance.notices)
    try:
        for outcome in spread(_run_task, tasks, workers or (default_workers() if engine == "compiled" else 1)):
            outcomes.append(outcome)
            if progress is not None:
                progress(sum(len(o.active) for o in outcomes), count)
    except KeyboardInterrupt:
        if not outcomes:
            raise
        notices.append(f"interrupted: {sum(len(o.active) for o in outcomes)} of {count} replications finished")
    result = _result(scenario, instance, engine, seed, outcomes, notices, command, STRATA if stratified else 1)
    return result if plan is None else replace(result, plan=plan.name, plan_hash=plan.content_hash)


def _read(plan: Plan | str | os.PathLike[str]) -> Plan:
    from esc_sim.plans.files import read_plan
    from esc_sim.plans.plan import Plan

    return plan if isinstance(plan, Plan) else read_plan(plan)


def continued(earlier: RunResult, later: RunResult) -> RunResult:
    """A run put together with the replications that follow it."""
    n, m = earlier.replications, later.replications

    def mean(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        return (a * n + b * m) / (n + m)

    def both(a: NDArray[Any] | None, b: NDArray[Any] | None, how: Callable[..., NDArray[Any]]) -> NDArray[Any] | None:
        return None if a is None or b is None else how(a, b)

    return replace(
        later,
        values=_stack(earlier.values, later.values),
        twin=both(earlier.twin, later.twin, _stack),
        arc_shipped=mean(earlier.arc_shipped, later.arc_shipped),
        item_stock=mean(earlier.item_stock, later.item_stock),
        item_health=mean(earlier.item_health, later.item_health),
        twin_arc_shipped=both(earlier.twin_arc_shipped, later.twin_arc_shipped, mean),
        twin_item_stock=both(earlier.twin_item_stock, later.twin_item_stock, mean),
        disruption_active=both(earlier.disruption_active, later.disruption_active, _stack),
    )


def _stack(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([a, b])


def _check_numbers(replications: int, seed: int, workers: int | None, engine: str) -> None:
    if replications < 1:
        raise InputError(f"replications: {replications} is not a number of runs; give at least 1")
    if not 0 <= seed < 2**64:
        raise InputError(f"seed: {seed} is not between 0 and 2^64 - 1")
    if workers is not None and workers < 1:
        raise InputError(f"workers: {workers} cannot work; give at least 1")
    if engine not in ("compiled", "agents"):
        raise InputError(f"engine: there is no {engine!r}; the engines are compiled and agents")


def _parts(instance: Instance, engine: Engine, first: int, count: int) -> list[range]:
    """Replications of each task; depends on the instance only, never on the number of workers."""
    work = instance.periods * (instance.network.node_count + instance.network.arc_count)
    size = max(1, min((_CHUNK_WORK if engine == "compiled" else _AGENT_CHUNK_WORK) // max(work, 1), STRATA))
    return [range(a, min(a + size, first + count)) for a in range(first, first + count, size)]


def _run_task(task: _Task) -> _Outcome:
    if task.engine == "compiled":
        from esc_sim.engine.compiled.runner import run_replications
    else:
        from esc_sim.engine.agents.runner import run_replications
    run = run_replications(
        task.instance, task.seed, task.replications, stratified=task.stratified, stock=True, trace=task.trace
    )
    twin = None
    if task.twin:
        twin = run_replications(task.instance, task.seed, task.replications, disrupted=False, stock=True)
    health, active = _health(task)
    return _Outcome(run, twin, health, active)


def _health(task: _Task) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Ship health summed over the task's replications, and when anything is disrupted."""
    instance, total = task.instance, task.instance.periods
    health = np.zeros((total, instance.network.node_count))
    active = np.zeros((len(task.replications), total), np.bool_)
    for k, replication in enumerate(task.replications):
        rows = np.ones((total, len(instance.channels)))
        fill_health(instance, timetable(instance.triggers, task.seed, replication, total, task.stratified), 0, rows)
        health += ship_health(instance, rows)
        active[k] = (rows != 1.0).any(axis=1)
    return health, active


def _result(
    scenario: Scenario,
    instance: Instance,
    engine: str,
    seed: int,
    outcomes: list[_Outcome],
    notices: list[str],
    command: str,
    batch: int,
) -> RunResult:
    run = joined([o.run for o in outcomes])
    twins = [o.twin for o in outcomes if o.twin is not None]
    twin = joined(twins) if twins else None
    count = len(run.periods)
    per_period = count * instance.periods
    return RunResult(
        scenario=scenario,
        network=instance.network,
        engine=engine,
        seed=seed,
        values=run.periods,
        twin=None if twin is None else twin.periods,
        arc_shipped=run.arc_shipped / per_period,
        item_stock=run.stock / count,
        item_health=np.sum([o.health for o in outcomes], axis=0) / count,
        twin_arc_shipped=None if twin is None else twin.arc_shipped / per_period,
        twin_item_stock=None if twin is None else twin.stock / count,
        disruption_active=np.concatenate([o.active for o in outcomes]),
        traces=Traces(run.items, run.nodes) if run.items.size else None,
        command=command,
        notices=notices,
        batch=batch,
    )

"""The engines on the oil-and-gas case, beside a plain Python loop of the same model; two threads against one.

An agent-period is one member in one review period with all it does there: receive, produce, order, bid, answer bids,
ship, keep books.
"""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

from esc_sim import load_scenario, simulate
from esc_sim.crews.local import in_threads
from esc_sim.engine.agents.runner import run_replications as run_agents
from esc_sim.engine.compiled.chance import share_chance
from esc_sim.engine.compiled.runner import run_replications as run_compiled
from esc_sim.instance.build import instance_of
from esc_sim.scenario.schema import Scenario
from experiments.bench.bare_loop import chain_of, run_chain, tape_and_health
from experiments.bench.rows import Row, cpu_seconds, interleaved, median_ratio, small_run

NAME = "engines"
SCENARIO = Path(__file__).parents[2] / "scenarios" / "oil_gas"
SEED = 1
PER_CALL = 200
"""Replications of one call of the compiled engine."""


def measure() -> list[Row]:
    """Speeds side by side, then threads."""
    scenario = load_scenario(SCENARIO)
    return [*_speeds(scenario), *_threads(scenario)]


def _speeds(scenario: Scenario) -> list[Row]:
    instance = instance_of(scenario)
    rounds, agent_runs, loop_runs, calls = (2, 1, 1, 1) if small_run() else (9, 4, 8, 5)
    chain = chain_of(instance)
    numbers = [tape_and_health(instance, SEED, r) for r in range(loop_runs)]

    parts, compiled_runs = _parts(calls), calls * PER_CALL

    shared = [share_chance(instance, SEED, part) for part in parts]

    def compiled(given: bool) -> object:
        chances = shared if given else [None] * calls
        given_to = zip(parts, chances, strict=True)
        return _dropped(run_compiled(instance, SEED, part, shared=chance) for part, chance in given_to)

    def speed(runs: int, work: Callable[[], object]) -> Callable[[], float]:
        agent_periods = runs * instance.periods * instance.network.node_count
        return lambda: agent_periods / cpu_seconds(work)

    found = interleaved(
        {
            "agents": speed(agent_runs, lambda: run_agents(instance, SEED, range(agent_runs))),
            "loop": speed(loop_runs, lambda: [run_chain(chain, *number) for number in numbers]),
            "tape": speed(compiled_runs, lambda: compiled(given=True)),
            "drawing": speed(compiled_runs, lambda: compiled(given=False)),
            "whole": speed(2 * compiled_runs, lambda: simulate(scenario, replications=compiled_runs, workers=1)),
        },
        rounds,
    )
    unit, middle = "agent-periods per CPU second", statistics.median
    return [
        Row("agent engine", middle(found["agents"]), unit, ">= 150000", "drawing included"),
        Row("plain Python loop", middle(found["loop"]), unit, note="on a given tape; no agents, no events"),
        Row("compiled engine", middle(found["tape"]), unit, ">= 40000000", "on a given tape: simulation alone"),
        Row("compiled engine with drawing", middle(found["drawing"]), unit),
        Row(
            "simulate(), one thread",
            middle(found["whole"]),
            unit,
            note="drawing and twin run; key figures when asked for",
        ),
        Row("compiled / agents", median_ratio(found["tape"], found["agents"]), "times", ">= 150"),
        Row("compiled / agents, both drawing", median_ratio(found["drawing"], found["agents"]), "times"),
        Row("compiled / plain loop", median_ratio(found["tape"], found["loop"]), "times"),
        Row("plain loop / agents", median_ratio(found["loop"], found["agents"]), "times"),
    ]


def _dropped(results: Iterable[object]) -> object:
    """Let results go one by one, as simulate() and searches do: nobody keeps every period of many replications."""
    return deque(results, maxlen=0)


def _parts(calls: int) -> list[range]:
    return [range(first, first + PER_CALL) for first in range(0, calls * PER_CALL, PER_CALL)]


def _threads(scenario: Scenario) -> list[Row]:
    pairs, calls = (2, 2) if small_run() else (7, 16)
    instance = instance_of(scenario)
    parts = _parts(calls)

    def engine(workers: int) -> object:
        return _dropped(in_threads(lambda part: run_compiled(instance, SEED, part), parts, workers))

    def whole(workers: int) -> object:
        return simulate(scenario, replications=calls * PER_CALL, workers=workers)

    rows = []
    for name, work in (("compiled engine", engine), ("simulate()", whole)):
        work(2)
        measured = [(_wall_and_cpu(work, 1), _wall_and_cpu(work, 2)) for _ in range(pairs)]
        best = max(measured, key=lambda pair: pair[0][0] / pair[1][0])
        note = f"best of {pairs} pairs"
        rows += [
            Row(f"{name}, two threads / one, elapsed", best[0][0] / best[1][0], "times", ">= 1.7", note),
            Row(f"{name}, two threads / one, CPU", best[1][1] / best[0][1], "times", "<= 1.15", "the same pair"),
        ]
    return rows


def _wall_and_cpu(work: Callable[[int], object], workers: int) -> tuple[float, float]:
    start = time.perf_counter()
    used = cpu_seconds(lambda: work(workers))
    return time.perf_counter() - start, used

"""Cascades per second against networkx, a whole search, two workers, and a network of a million nodes."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from esc_sim.cascade.cascade import Cascade
from esc_sim.cascade.graph import CascadeNetwork
from esc_sim.crews.local import in_threads
from esc_sim.network.scale_free import role_typed_scale_free
from esc_sim.recovery.run import recover
from experiments.bench.rows import Row, cpu_seconds, interleaved, median_ratio, peak_megabytes, small_run
from experiments.recovery.cases import SCENARIOS, reference, reference_removed_120

NAME = "recovery"
MILLION = {"supplier": 375_000, "manufacturer": 18_000, "wholesaler": 16_000, "retailer": 591_000}
ARCS = 4_500_000
BUDGET = 200.0
ROUNDS = 5


def measure() -> Iterator[Row]:
    """Rows: evaluations a CPU second, ratio to networkx, a search, workers, the large network."""
    tiny = small_run()
    case, removed_120 = reference(), reference_removed_120()
    removed_50 = case.removed(50)
    yield _evaluations(case.cascade, removed_50, 10 if tiny else 4000, "" if tiny else ">= 6000 /s")
    yield _evaluations(case.cascade, removed_120, 10 if tiny else 2000, "" if tiny else ">= 1400 /s")
    yield _against_networkx(case.cascade, removed_120, 1 if tiny else ROUNDS, "" if tiny else ">= 50 times")
    yield _whole(60 if tiny else 2000, "" if tiny else "<= 5 s")
    yield _two_workers(case.cascade, removed_120, 20 if tiny else 8000, "" if tiny else ">= 1.7 times")
    yield from _large({"supplier": 40, "retailer": 60} if tiny else MILLION, 400 if tiny else ARCS, tiny)


def _evaluations(cascade: Cascade, removed: NDArray[np.int64], count: int, target: str) -> Row:
    sets = np.zeros((count, len(removed)), dtype=bool)  # no recovery: the longest cascades
    cascade.evaluate(removed, sets[:5])
    seconds = [cpu_seconds(lambda: cascade.evaluate(removed, sets)) for _ in range(ROUNDS)]
    what = f"evaluations a CPU second, {len(removed)} of 1,000 removed"
    return Row(what, count / statistics.median(seconds), "/s", target, "without recovery")


def _against_networkx(cascade: Cascade, removed: NDArray[np.int64], rounds: int, target: str) -> Row:
    from tests.recovery import cases, oracle

    graph, loads, chosen = (
        cases.to_networkx(cascade.network),
        dict(enumerate(cascade.loads.tolist())),
        set(removed.tolist()),
    )
    rivals = oracle.competition_lists(graph, 1, 20)
    sets = np.zeros((200, len(removed)), dtype=bool)
    found = interleaved(
        {
            "networkx": lambda: cpu_seconds(
                lambda: oracle.cascade(graph, loads, chosen, set(), 1, oracle.Parameters(), rivals)
            ),
            "ours": lambda: cpu_seconds(lambda: cascade.evaluate(removed, sets, strict=True)) / len(sets),
        },
        rounds,
    )
    return Row("cascade, times as fast as networkx", median_ratio(found["networkx"], found["ours"]), "times", target)


def _whole(evaluations: int, target: str) -> Row:
    """All that `esc-sim recover` does but for starting Python: reading, searching, writing tables and figures."""
    scenario = SCENARIOS / "cascade_1000"
    rn: list[float] = []

    def work(seed: int, cascades: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            found = recover(scenario, BUDGET, evaluations=cascades, seed=seed)
            found.save(Path(folder) / "out")
        rn.append(found.chosen.rn)

    work(0, 40)  # loads packages and kernels
    seconds = [cpu_seconds(partial(work, seed, evaluations)) for seed in range(3)]
    what = f"whole recover, memetic, {evaluations:,} evaluations"
    note = f"scenario read, folder written; RN {', '.join(f'{value:g}' for value in rn[1:])}"
    return Row(what, statistics.median(seconds), "CPU s", target, note)


def _two_workers(cascade: Cascade, removed: NDArray[np.int64], count: int, target: str) -> Row:
    sets = np.random.default_rng(1).random((count, len(removed))) < 0.3
    rivals: dict[str, Callable[[], float]] = {
        "one": lambda: _wall_seconds(lambda: cascade.evaluate(removed, sets)),
        "two": lambda: _wall_seconds(lambda: cascade.evaluate(removed, sets, crew=partial(in_threads, workers=2))),
    }
    found = interleaved(rivals, 1 if count < 100 else ROUNDS)
    note = "by the clock: only a quiet machine with two processors tells"
    return Row("evaluations, two workers against one", median_ratio(found["one"], found["two"]), "times", target, note)


def _large(counts: dict[str, int], arcs: int, tiny: bool) -> Iterator[Row]:
    roles, drawn = role_typed_scale_free(counts, m=5)
    rng = np.random.default_rng(1)
    kept = drawn[np.sort(rng.permutation(len(drawn))[:arcs])]
    names = np.array(roles)
    del roles, drawn
    made: list[Cascade] = []

    def build() -> None:
        network = CascadeNetwork.from_arrays(names, kept[:, 0], kept[:, 1])
        made.append(Cascade(network))
        made[0].net  # noqa: B018 - shares and competition lists are made on first use

    size = f"{len(names):,} nodes, {len(kept):,} arcs"
    yield Row(f"build, {size}", cpu_seconds(build), "CPU s", "" if tiny else "<= 60 s", "arcs in memory to ready")
    for share, target in ((20, "<= 5 s"), (8, "")):
        removed = rng.permutation(len(names))[: len(names) // share]
        yield _one_cascade(made[0], removed, f"cascade, {100 / share:g} % removed", "" if tiny else target)
    yield Row("highest memory of the process", peak_megabytes(), "MB", "" if tiny else "<= 2000 MB")


def _one_cascade(cascade: Cascade, removed: NDArray[np.int64], what: str, target: str) -> Row:
    none = np.zeros((1, len(removed)), dtype=bool)
    found: list[NDArray[np.int64]] = []
    seconds = [cpu_seconds(lambda: found.append(cascade.evaluate(removed, none))) for _ in range(3)]
    rn, _, rounds, links = found[0][0, 0].tolist()
    return Row(what, statistics.median(seconds), "CPU s", target, f"RN {rn:,}, {rounds} rounds, {links:,} new links")


def _wall_seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start

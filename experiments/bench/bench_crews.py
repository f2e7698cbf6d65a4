"""A local Dask cluster: two workers against one for a sweep and a stress test; what a task costs in time and bytes."""

from __future__ import annotations

import logging
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import Any

import esc_sim as esc
from esc_sim.crews.dask import ClusterCrew
from esc_sim.scenario.reader import load_scenario
from experiments.bench.bench_stress import base_stock_network
from experiments.bench.rows import Row, small_run

NAME = "crews"
OIL_GAS = "scenarios/oil_gas"


def measure() -> Iterator[Row]:
    """Rows: elapsed times of one worker over those of two, and milliseconds a task."""
    from distributed import Client, LocalCluster

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    tiny = small_run()
    rounds = 1 if tiny else 5
    how = {"threads_per_worker": 1, "processes": True, "dashboard_address": ":0"}
    clusters = [LocalCluster(n_workers=count, **how) for count in (1, 2)]
    clients = [Client(cluster, set_as_default=False) for cluster in clusters]
    try:
        for what, work in (("sweep of 60 points", _sweep(tiny)), ("stress test of 160 outages", _stress(tiny))):
            for client in clients:  # kernels loaded, packages imported
                work(client)
            pairs = [[_elapsed(work, client) for client in clients] for _ in range(rounds)]
            best = max(one / two for one, two in pairs)
            yield Row(f"{what}, two workers against one", best, "times", "" if tiny else ">= 1.7 times")
        yield _weak_scaling(clients, tiny, rounds)
        yield _handing_over(clients[0], tiny, rounds)
        yield from _bytes(tiny)
    finally:
        for client, cluster in zip(clients, clusters, strict=True):
            client.close()
            cluster.close()


def _weak_scaling(clients: Sequence[Any], tiny: bool, rounds: int) -> Row:
    """Time of one worker over that of two with twice as much to do."""
    one, two = _sweep(tiny, 30), _sweep(tiny, 60)
    shares = [_elapsed(one, clients[0]) / _elapsed(two, clients[1]) for _ in range(rounds)]
    return Row("weak scaling of a sweep, 30 points a worker, to two workers", 100 * max(shares), "%")


def _handing_over(client: Any, tiny: bool, rounds: int) -> Row:
    """What it costs to hand over a task and to get its outcome back, one at a time."""
    tasks = range(20 if tiny else 1_000)
    crew = ClusterCrew(client, seconds=0.0)
    try:
        list(crew(abs, tasks))
        spent = min(_elapsed(lambda _: list(crew(abs, tasks)), None) for _ in range(rounds))
    finally:
        crew.dismiss()
    return Row("handing over a task that takes no time", 1000 * spent / len(tasks), "ms", "" if tiny else "<= 20 ms")


class _Counting(Executor):
    """Does the work itself, and counts the bytes that would have to be sent."""

    _max_workers = 2

    def __init__(self) -> None:
        self.once, self.there, self.back, self.tasks = 0, 0, 0, 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """What :func:`esc_sim.crews.local.in_executor` calls."""
        recipe, tasks = args
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        self.once = len(recipe.text)
        self.there += len(pickle.dumps(tasks))
        self.back += len(pickle.dumps(done.result()))
        self.tasks += len(tasks)
        return done


def _bytes(tiny: bool) -> Iterator[Row]:
    """Bytes handed over once, and for each task."""
    works: dict[str, Callable[[Executor], object]] = {
        "run of oil_gas": lambda pool: esc.simulate(OIL_GAS, replications=20 if tiny else 320, executor=pool),
        "sweep of oil_gas": lambda pool: _sweep(tiny, 10, "executor")(pool),
    }
    for what, work in works.items():
        counting = _Counting()
        work(counting)
        yield Row(f"{what}, to each worker once", counting.once / 1000, "kB")
        yield Row(f"{what}, to a worker for a task", counting.there / counting.tasks, "bytes")
        yield Row(f"{what}, back from a task", counting.back / counting.tasks / 1000, "kB")


def _elapsed(work: Callable[[Any], object], client: Any) -> float:
    begin = time.perf_counter()
    work(client)
    return time.perf_counter() - begin


def _sweep(tiny: bool, count: int = 60, how: str = "dask") -> Callable[[Any], object]:
    scenario = load_scenario(OIL_GAS)
    points = [0.01 * k for k in range(1, 3 if tiny else count + 1)]
    vary = {"disruptions.refinery_3_outage.probability": points}
    replications = 2 if tiny else 200
    return lambda who: esc.sweep(scenario, vary, replications=replications, **{how: who})


def _stress(tiny: bool) -> Callable[[Any], object]:
    scenario = base_stock_network(3, 4, 2, 40, 2) if tiny else base_stock_network(4, 50, 4, 365, 20)
    only = [node.id for node in scenario.nodes[: 4 if tiny else 160]]
    return lambda client: esc.stress(
        scenario, duration=7, what=["nodes"], only=only, knowledge=["scenario"], starts=2 if tiny else 8, dask=client
    )

"""A local Dask cluster: two workers against one for a sweep and a stress test, and what handing over a task costs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import esc_sim as esc
from esc_sim.crews.crew import Hands
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
        with Hands(dask=clients[0]).crew(releases=True) as crew:
            tasks: Sequence[int] = range(20 if tiny else 2_000)
            list(crew(abs, tasks))
            spent = min(_elapsed(lambda _: list(crew(abs, tasks)), None) for _ in range(rounds))
        yield Row("handing over a task that takes no time", 1000 * spent / len(tasks), "ms", "" if tiny else "<= 20 ms")
    finally:
        for client, cluster in zip(clients, clusters, strict=True):
            client.close()
            cluster.close()


def _elapsed(work: Callable[[Any], object], client: Any) -> float:
    begin = time.perf_counter()
    work(client)
    return time.perf_counter() - begin


def _sweep(tiny: bool) -> Callable[[Any], object]:
    scenario = load_scenario(OIL_GAS)
    points = [0.01 * k for k in range(1, 3 if tiny else 61)]
    replications = 2 if tiny else 200
    return lambda client: esc.sweep(
        scenario, {"disruptions.refinery_3_outage.probability": points}, replications=replications, dask=client
    )


def _stress(tiny: bool) -> Callable[[Any], object]:
    scenario = base_stock_network(3, 4, 2, 40, 2) if tiny else base_stock_network(4, 50, 4, 365, 20)
    only = [node.id for node in scenario.nodes[: 4 if tiny else 160]]
    return lambda client: esc.stress(
        scenario, duration=7, what=["nodes"], only=only, knowledge=["scenario"], starts=2 if tiny else 8, dask=client
    )

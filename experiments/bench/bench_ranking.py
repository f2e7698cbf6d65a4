"""Stress tests: the whole ranking of 4,000 outages by two workers, both aggregate programs and all tables included."""

from __future__ import annotations

import time
from collections.abc import Iterator

import esc_sim as esc
from esc_sim.stress.run import StressTest
from experiments.bench.bench_stress import OUTAGE, base_stock_network
from experiments.bench.rows import Row, cpu_seconds, small_run

NAME = "ranking"


def measure() -> Iterator[Row]:
    """Rows: minutes on the clock, and CPU seconds, of one ranking."""
    tiny = small_run()
    scenario = base_stock_network(3, 4, 2, 40, 2) if tiny else base_stock_network(4, 250, 4, 365, 10)
    found: list[StressTest] = []

    def ranked() -> None:
        found.append(
            esc.stress(
                scenario,
                duration=OUTAGE,
                what=("nodes", "arcs"),
                knowledge=["scenario"],
                starts=2 if tiny else 8,
                workers=2,
            )
        )

    begin = time.perf_counter()
    seconds = cpu_seconds(ranked)
    minutes = (time.perf_counter() - begin) / 60
    test = found[0]
    runs = len(test.plan.starts) * len(test.plan.twin.replications)
    what = f"{len(test.table):,} outages, {runs} runs each"
    share = test.share_met or 0.0
    yield Row(f"{what}: elapsed", minutes, "min", "" if tiny else "<= 10 min", f"{share:.1%} met twin")
    yield Row(f"{what}: processor time", seconds, "CPU s")

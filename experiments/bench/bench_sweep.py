"""A sweep on oil_gas: how much of its CPU time is the engine's, drawing and playing, twin included.

80 points (ten chances of refinery 3's outage, eight means of a demand), 8 replications of 180 periods each. Imports and
compiling are not counted: a sweep of the same points goes before.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from esc_sim.engine.compiled import runner
from esc_sim.sweep.sweep import sweep
from experiments.bench.rows import Row, cpu_seconds, small_run

NAME = "sweep"
SCENARIO = Path(__file__).parents[2] / "scenarios" / "oil_gas"
_ENGINE: Final = ("run_replications", "run_with_twin")


def measure() -> list[Row]:
    """CPU seconds of the sweep, and the engine's share of them."""
    tiny = small_run()
    chances = [round(0.02 * k, 2) for k in range(1, 3 if tiny else 11)]
    means = [90.0 + 2.0 * k for k in range(2 if tiny else 8)]
    vary = {"disruptions.refinery_3_outage.probability": chances, "nodes.retailer_1.demand.mean": means}

    def work() -> object:
        return sweep(SCENARIO, vary, replications=8, overrides={"run.periods": 20 if tiny else 180}, workers=1)

    work()
    seconds, shares = [], []
    for _ in range(1 if tiny else 7):
        with engine_seconds() as spent:
            seconds.append(cpu_seconds(work))
        shares.append(sum(spent) / seconds[-1])
    points = len(chances) * len(means)
    return [
        Row("a sweep of 80 points of oil_gas", statistics.median(seconds), "CPU s"),
        Row("a point", 1000.0 * statistics.median(seconds) / points, "CPU ms"),
        Row("share of it in the engine", statistics.median(shares), "", ">= 0.5", "drawing and playing"),
    ]


@contextmanager
def engine_seconds() -> Iterator[list[float]]:
    """CPU seconds of each call of the compiled engine while this lasts; calls are those of one thread."""
    spent: list[float] = []

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            begin = time.process_time()
            found = function(*args, **more)
            spent.append(time.process_time() - begin)
            return found

        return call

    kept = {name: getattr(runner, name) for name in _ENGINE}
    try:
        for name, function in kept.items():
            setattr(runner, name, counted(function))
        yield spent
    finally:
        for name, function in kept.items():
            setattr(runner, name, function)

"""Searches on oil_gas: the default preset, and the paper-size run (population 100, 200 generations, 200 replications).

Clock seconds on all processors, with the CPU seconds beside them: on a machine that does other work only the latter say
much. Of the paper-size run ten generations are measured, and the rest is reckoned from them; with
``ESC_SIM_BENCH_SIZE=whole`` all 200 are run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from esc_sim.optimize.search import optimize
from esc_sim.optimize.settings import PRESETS
from experiments.bench.rows import Row, small_run

NAME = "search"
SCENARIO = Path(__file__).parents[2] / "scenarios" / "oil_gas"
MEASURED = 10


def measure() -> Iterator[Row]:
    """Rows: the default preset with its held-out judgement; the paper-size run."""
    tiny = small_run()
    clock, cpu = _searched("default", 3 if tiny else PRESETS["default"].generations, 16 if tiny else 320, tiny)
    yield Row("default preset, whole", clock[-1], "s", "<= 120 s", f"{cpu[-1]:.0f} CPU seconds")
    wanted = PRESETS["large"].generations
    done = wanted if os.environ.get("ESC_SIM_BENCH_SIZE") == "whole" else 3 if tiny else MEASURED
    clock, cpu = _searched("large", done, 16, tiny)
    # The first generation is dearer: it holds the screening and the drawing of random numbers.
    whole, work = (t[0] + (wanted - 1) * (t[done - 1] - t[0]) / (done - 1) for t in (clock, cpu))
    note = f"{done} of {wanted} generations measured; {work:.0f} CPU seconds"
    yield Row("population 100, 200 generations, 200 replications", whole, "s", "<= 600 s", note)


def _searched(preset: str, generations: int, held_out: int, tiny: bool) -> tuple[list[float], list[float]]:
    """Clock and CPU seconds from the start to the end of each generation, and last to the end of all."""
    clock, cpu = [], []
    begin = time.perf_counter(), time.process_time()

    def note(*_: object) -> None:
        clock.append(time.perf_counter() - begin[0])
        cpu.append(time.process_time() - begin[1])

    population, replications = (8, 2) if tiny else (None, None)
    optimize(
        SCENARIO, preset=preset, generations=generations, held_out=held_out, seed=1, progress=note,
        population=population, replications=replications,
    )  # fmt: skip
    note()
    return clock, cpu

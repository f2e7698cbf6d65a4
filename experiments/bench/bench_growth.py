"""How cost grows: memory of the agent engine with the horizon, time of both engines with the number of arcs."""

from __future__ import annotations

import cProfile
import math
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.engine.agents.runner import run_replications as run_agents
from esc_sim.engine.compiled.runner import run_replications as run_compiled
from esc_sim.instance.build import instance_of
from esc_sim.instance.model import Instance
from esc_sim.network.generators.trade import scale_free_scenario
from esc_sim.network.scale_free import PAPER_COUNTS
from experiments.bench.rows import Row, cpu_seconds, interleaved, small_run

NAME = "growth"
ROOT = Path(__file__).resolve().parents[2]
SCENARIO = ROOT / "scenarios" / "oil_gas"
_PEAK = """
import sys
from esc_sim.engine.agents.runner import run_replications
from esc_sim.instance.build import instance_of
from esc_sim.scenario.reader import load_scenario
from experiments.bench.rows import peak_megabytes
run_replications(instance_of(load_scenario(sys.argv[1], {"run.periods": int(sys.argv[2])})), 1, range(1))
print(peak_megabytes())
"""


def measure() -> list[Row]:
    """Memory, then time."""
    return [*_memory(), *_arcs()]


def _memory() -> list[Row]:
    """Peak memory of a process that runs one replication of oil_gas, for a short and for a long horizon."""
    short, long, rounds = (20, 40, 1) if small_run() else (1_000, 10_000, 3)
    found = interleaved({str(n): _peak_of(n) for n in (short, long)}, rounds)
    growth = statistics.median(b - a for a, b in zip(found[str(short)], found[str(long)], strict=True))
    what = f"agent engine, {short:,} to {long:,} periods"
    return [
        Row(f"agent engine, peak at {short:,} periods", statistics.median(found[str(short)]), "MB"),
        Row(what, growth, "MB more", "<= 20", "oil_gas; median of separate processes"),
    ]


def _peak_of(periods: int) -> Callable[[], float]:
    command = [sys.executable, "-c", _PEAK, str(SCENARIO), str(periods)]
    return lambda: float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT).stdout)


def _arcs() -> list[Row]:
    """Time of a period against the number of arcs, on parts of the network of 1,000 members and on all of it."""
    sizes, rounds, periods = ((8, 4), 1, 10) if small_run() else ((16, 8, 4, 2, 1), 5, 60)
    instances = [_network(size, periods) for size in sizes]
    arcs = [instance.network.arc_count for instance in instances]
    repeats = {"agent": 1, "compiled": 2 if small_run() else 10}

    def seconds(engine: Callable[..., object], instance: Instance, runs: int) -> Callable[[], float]:
        return lambda: cpu_seconds(lambda: engine(instance, 1, range(runs))) / (runs * periods)

    rivals = {
        f"{name} {k}": seconds(engine, instance, repeats[name])
        for name, engine in (("agent", run_agents), ("compiled", run_compiled))
        for k, instance in enumerate(instances)
    }
    found = {key: statistics.median(values) for key, values in interleaved(rivals, rounds).items()}
    rows = []
    for name in repeats:
        times = [found[f"{name} {k}"] for k in range(len(sizes))]
        per_arc = " ".join(f"{1e6 * time / count:.3g}" for time, count in zip(times, arcs, strict=True))
        exponent = float(np.polyfit(np.log(arcs), np.log(times), 1)[0])
        note = f"microseconds per arc and period: {per_arc} at {' '.join(map(str, arcs))} arcs"
        rows.append(Row(f"{name} engine, time grows as arcs to the power", exponent, "", "<= 1.2", note))
        rows.append(Row(f"{name} engine, {arcs[-1]:,} arcs", 1e3 * times[-1], "ms a period", note="drawing included"))
    calls = [_calls(instance) / count for instance, count in zip(instances, arcs, strict=True)]
    note = "what the code does, without the processor's caches; 1 is linear"
    rows.append(Row("agent engine, calls per arc, largest / smallest", calls[-1] / calls[0], "times", "<= 1.05", note))
    return rows


def _calls(instance: Instance) -> float:
    """Function calls of the agent engine per period, after the first ones."""
    model, periods = SupplyChainModel(instance, seed=1), 5
    model.run(3)
    profile = cProfile.Profile()
    profile.runcall(model.run, periods)
    return sum(entry.callcount for entry in profile.getstats()) / periods


def _network(part: int, periods: int) -> Instance:
    """The network of scenarios/network_1000 with every role cut to a part of its members."""
    counts = {role: math.ceil(count / part) for role, count in PAPER_COUNTS.items()}
    return instance_of(scale_free_scenario(counts, seed=1, periods=periods))

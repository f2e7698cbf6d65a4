"""Steps of a learning environment: four stages in a row in esc_sim's environments and in gym-invmgmt.

A step is one period of one network. All play base-stock orders, which the controller works out from what it sees, in
numpy; that is counted, as are reset, observations and rewards. Each program runs in a process of its own, in turn; the
peer is installed into an environment of its own, and what differs between the two stands in ``bench_peers``. The
vectorised environment plays a thousand networks in each call.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path

from experiments.bench.bench_peers import Program, finish, python_with
from experiments.bench.peers.report import STAGES
from experiments.bench.rows import Row, median_ratio, small_run

NAME = "envs"
TARGETS = {"SupplyEnv": ">= 3", "SupplyVectorEnv": ">= 100"}


def programs() -> tuple[Program, ...]:
    """All programs; the last one is the peer."""
    single, periods, count = ("20", "20", "3") if small_run() else ("20000", "1000", "1000")
    ours = "envs_esc_sim.py"
    return (
        Program("SupplyEnv", "", ours, (single, "compiled")),
        Program("SupplyEnv, engine agents", "", ours, (single, "agents")),
        Program("SupplyVectorEnv", "", ours, (periods, "compiled", count)),
        Program("gym-invmgmt", "gym-invmgmt==0.2.1", "serial_gym_invmgmt.py", (single,)),
    )


def measure() -> list[Row]:
    """Install the peer, run all programs in turn, compare."""
    with ExitStack() as stack:
        kept = os.environ.get("ESC_SIM_BENCH_PEERS")
        folder = Path(kept or stack.enter_context(tempfile.TemporaryDirectory()))
        pythons = {program: python_with(program.package, folder) for program in programs()}
        return raced({program: python for program, python in pythons.items() if python}, 1 if small_run() else 7)


def raced(runners: dict[Program, Path], rounds: int) -> list[Row]:
    """Rows of the programs, run in turn so many times."""
    found: dict[str, list[float]] = {program.name: [] for program in runners}
    served: dict[str, float] = {}
    for _ in range(rounds):
        for program, python in runners.items():
            done = finish(program, python)
            found[program.name].append(done.speed / STAGES)
            served[program.name] = done.served
    rows = [
        Row(name, statistics.median(speeds), "steps per CPU second", note=f"{served[name]:.1f} units sold a period")
        for name, speeds in found.items()
    ]
    for peer in (program.name for program in runners if program.package):
        for name in found:
            if name != peer:
                ratio = median_ratio(found[name], found[peer])
                rows.append(Row(f"{name} / {peer}", ratio, "times", TARGETS.get(name, "")))
    return rows

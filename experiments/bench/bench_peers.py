"""Four stages in a row with base-stock policies, in esc_sim and in SupplyNetPy, stockpyl, gym-invmgmt, deepbullwhip.

Each peer is installed, at a fixed version, into an environment of its own in a temporary folder, which is deleted in
the end (set ESC_SIM_BENCH_PEERS to a folder to keep the environments there for the next time). Programs run in turn,
each in a new process; a node-period is one stage in one period. CPU time is that of the simulation alone: start of
the interpreter, imports, building the network and compiling are left out; drawing of random numbers is counted.

The work is comparable, not the same:

- esc_sim also negotiates each order, keeps money by node, goods in transit and disruptions, and records 21 totals of
  every period. Its source is simulated, but not counted among the stages. The compiled engine runs replications.
- SupplyNetPy simulates event by event; an order waits until the supplier can send the whole of it.
- stockpyl keeps every state of every node and period, so that its memory grows with the horizon.
- gym-invmgmt drops what a stage cannot send at once, and lets a stage sell what it received one period later, for
  which its upstream levels are higher. It is given final demand drawn beforehand, and orders come from outside,
  as they do in its use for learning. Its own nine-node network is run as well.
- deepbullwhip plays all paths at once in NumPy. Stages never run short: what they cannot send from stock they send all
  the same, and levels follow what was ordered of late.
- Bare NumPy plays all paths of this one network at once, and keeps nothing but what is sold and the cost of each path.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from experiments.bench.rows import Row, median_ratio, small_run

NAME = "peers"
SCRIPTS = Path(__file__).with_name("peers")
PERIODS, REPLICATIONS = 2000, 400
BARE = "bare NumPy"
OURS = {"compiled": "esc_sim, compiled engine", "agents": "esc_sim, agent engine"}
TARGETS = {
    ("compiled", "SupplyNetPy"): ">= 100",
    ("agents", "SupplyNetPy"): ">= 3",
    ("compiled", "deepbullwhip"): ">= 10",
    ("compiled", BARE): ">= 0.7",
}


@dataclass(frozen=True)
class Program:
    """A program in the race: what pip installs (nothing for esc_sim itself), its script and the script's arguments."""

    name: str
    package: str
    script: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finish:
    """What one process reports."""

    speed: float
    peak_mb: float
    served: float


def programs() -> tuple[Program, ...]:
    """All programs; versions are fixed so that the table can be made again."""
    periods = 20 if small_run() else PERIODS
    ours, gym = "serial_esc_sim.py", "serial_gym_invmgmt.py"
    replications = 2 if small_run() else REPLICATIONS
    return (
        Program("esc_sim, compiled engine", "", ours, (str(periods), "compiled", str(replications))),
        Program("esc_sim, agent engine", "", ours, (str(4 * periods), "agents")),
        Program("SupplyNetPy", "supplynetpy==0.5.1", "serial_supplynetpy.py", (str(periods),)),
        Program("stockpyl", "stockpyl==1.0.2", "serial_stockpyl.py", (str(periods),)),
        Program("gym-invmgmt", "gym-invmgmt==0.2.1", gym, (str(4 * periods),)),
        Program("deepbullwhip", "deepbullwhip==0.4.1", "serial_deepbullwhip.py", (str(periods), str(replications))),
        Program(BARE, "", "serial_numpy.py", (str(periods), str(replications))),
        Program("gym-invmgmt, its own network", "gym-invmgmt==0.2.1", gym, (str(4 * periods), "network")),
    )


def measure() -> list[Row]:
    """Install the peers, run all programs in turn, compare."""
    with ExitStack() as stack:
        kept = os.environ.get("ESC_SIM_BENCH_PEERS")
        folder = Path(kept or stack.enter_context(tempfile.TemporaryDirectory()))
        pythons = {p.package: python_with(p.package, folder) for p in programs()}
        return raced({p: python for p in programs() if (python := pythons[p.package])}, 1 if small_run() else 5)


def python_with(package: str, folder: Path) -> Path | None:
    """The interpreter of an environment that holds a package; None, with a notice, where pip cannot install it."""
    if not package:
        return Path(sys.executable)
    place = folder / package.replace("==", "-")
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if (place / "ready").exists():
        return python
    print(f"  installing {package} into an environment of its own", file=sys.stderr, flush=True)
    venv.create(place, with_pip=True, clear=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package]
    done = subprocess.run(install, stderr=subprocess.PIPE, text=True, timeout=1800)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        print(f"  {package} is left out, pip cannot install it: {reason}", file=sys.stderr, flush=True)
        return None
    (place / "ready").touch()
    return python


def raced(runners: dict[Program, Path], rounds: int) -> list[Row]:
    """Rows of the programs, run in turn so many times."""
    found: dict[Program, list[Finish]] = {program: [] for program in runners}
    for _ in range(rounds):
        for program, python in runners.items():
            found[program].append(finish(program, python))
    rows = []
    speeds = {program.name: [finish.speed for finish in found[program]] for program in runners}
    for program in runners:
        speed, served = statistics.median(speeds[program.name]), found[program][0].served
        peak = statistics.median(finish.peak_mb for finish in found[program])
        source = program.package or ("numpy" if program.name == BARE else "this project")
        note = f"{source}; {served:.1f} units sold a period"
        rows.append(Row(program.name, speed, "node-periods per CPU second", note=note))
        rows.append(Row(f"{program.name}: peak of memory", peak, "MB"))
    for short, ours in OURS.items():
        for peer in (p.name for p in runners if p.name not in OURS.values()):
            target = TARGETS.get((short, peer), "")
            rows.append(Row(f"{short} / {peer}", median_ratio(speeds[ours], speeds[peer]), "times", target))
    return rows


def environment_of(program: Program) -> dict[str, str]:
    """The environment in which a program is run: peers do not see this project's modules."""
    environment = dict(os.environ)
    root = str(Path(__file__).parents[2])
    if program.package:
        environment.pop("PYTHONPATH", None)
    else:
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, environment.get("PYTHONPATH", ""))))
    return environment


def finish(program: Program, python: Path) -> Finish:
    """Run a program in a new process."""
    command = [str(python), str(SCRIPTS / program.script), *program.arguments]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, timeout=900, env=environment_of(program)
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return Finish(told["node_periods"] / told["cpu_seconds"], told["peak_mb"], told["served"])

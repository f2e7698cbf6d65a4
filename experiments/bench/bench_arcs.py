"""Time per period and memory of the compiled engine against the number of arcs, up to a million, hubs included.

Each size runs in a process of its own, so that its peak of memory is its own. The time of a period is the difference
of two runs of unlike length by the difference of their lengths: CPU time of one thread, set-up left out. Set-up varies
by a tenth of a second at a million arcs, so the long run is four times the short one.

``python -m experiments.bench.bench_arcs --figure`` measures all sizes and writes docs/images/arcs.png and arcs.csv.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from esc_sim.instance.model import Instance
from experiments.bench.big_networks import KINDS, Kind, big_instance
from experiments.bench.rows import Row, cpu_seconds, peak_megabytes, small_run

NAME = "arcs"
FOLDER = Path(__file__).parents[2] / "docs" / "images"
SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
LARGEST = SIZES[-1]
SEED = 1


@dataclass(frozen=True)
class Measured:
    """One network: CPU milliseconds of a period with and without drawing, peak of memory in MB."""

    kind: str
    arcs: int
    nodes: int
    simulation_ms: float
    with_drawing_ms: float
    peak_mb: float


def measure() -> list[Row]:
    """The largest networks of each kind."""
    measured_apart(SIZES[0], "even")  # compiles, where that is still to be done, so that no peak holds the compiler
    rows = []
    for kind in KINDS:
        found = measured_apart(2_000 if small_run() else LARGEST, kind)
        name = f"{kind}, {found.arcs:,} arcs, {found.nodes:,} nodes"
        rows += [
            Row(f"{name}: simulation", found.simulation_ms, "ms a period", "<= 60", "on a given tape, one thread"),
            Row(f"{name}: with drawing", found.with_drawing_ms, "ms a period"),
            Row(f"{name}: peak of memory", found.peak_mb, "MB", "<= 2000"),
        ]
    return rows


def measured_apart(arcs: int, kind: Kind) -> Measured:
    """Measure one network in a process of its own."""
    command = [sys.executable, "-m", "experiments.bench.bench_arcs", "--child", str(arcs), kind]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=900)
    return Measured(**json.loads(done.stdout))


def measured_here(arcs: int, kind: Kind, short: int, long: int, rounds: int) -> Measured:
    """Measure one network.

    Args:
        arcs: number of arcs wanted.
        kind: kind of network.
        short, long: lengths of the two runs, in periods.
        rounds: number of differences taken; the median counts.
    """
    from esc_sim.engine.compiled.chance import share_chance
    from esc_sim.engine.compiled.runner import run_replications

    instance = big_instance(arcs, kind)
    few, many = replace(instance, periods=short), replace(instance, periods=long)

    def seconds(part: Instance, given: bool) -> float:
        shared = share_chance(part, SEED, [0]) if given else None
        return cpu_seconds(lambda: run_replications(part, SEED, [0], shared=shared))

    def per_period(given: bool) -> float:
        return 1e3 * (seconds(many, given) - seconds(few, given)) / (long - short)

    seconds(few, given=False)
    drawing = [per_period(given=False) for _ in range(rounds)]
    peak = peak_megabytes()
    alone = [per_period(given=True) for _ in range(rounds)]
    return Measured(
        kind=kind,
        arcs=instance.network.arc_count,
        nodes=instance.network.node_count,
        simulation_ms=statistics.median(alone),
        with_drawing_ms=statistics.median(drawing),
        peak_mb=peak,
    )


def main() -> None:
    """Child of one size, or all sizes into the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figure", action="store_true", help="measure all sizes, write the figure and its table")
    parser.add_argument("--child", nargs=2, metavar=("ARCS", "KIND"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        arcs, kind = int(chosen.child[0]), chosen.child[1]
        # Small networks run for longer, so that every measurement takes a fraction of a second.
        long = 12 if small_run() else 20 + max(60, 4_000_000 // arcs)
        print(json.dumps(asdict(measured_here(arcs, kind, 10 if small_run() else 20, long, 1 if small_run() else 5))))
    elif chosen.figure:
        from experiments.bench.arcs_figure import write_arcs_figure

        measured_apart(SIZES[0], "even")
        found = []
        for arcs in SIZES:
            for kind in KINDS:
                found.append(measured_apart(arcs, kind))
                print(found[-1], flush=True)
        write_arcs_figure(found, FOLDER)
    else:
        parser.error("give --figure; python -m experiments.bench arcs measures the largest networks")


if __name__ == "__main__":
    main()

"""deepbullwhip's leaderboard: ours beside theirs and print, and what becomes of it once goods are real.

python -m experiments.published.deepbullwhip [--short] [--paths 1000] [--csv FILE]

The package is installed into an environment of its own (ESC_SIM_BENCH_PEERS names a folder that keeps it).
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path as File
from typing import Any

from esc_sim.storage.tables import write_rows
from experiments.bench.bench_peers import python_with
from experiments.published.deepbullwhip import cases
from experiments.published.deepbullwhip.cases import CASES, Case, Estimate, Paths

Row = dict[str, Any]
_PRINTED = {"bullwhip": 1, "fill_rate": 3, "net_stock_amplification": 1, "cost": 1}
"""Digits after the point in print."""
_WAITING = 200
"""Paths on which stages wait for one another."""
_REAL = ("fill_rate_of_customers", "cost_of_chain")


def printed() -> dict[str, dict[str, float]]:
    """Printed figures by case."""
    with (cases.HERE / "printed.csv").open(encoding="utf-8") as stream:
        found = {row["case"]: {k: float(row[k]) for k in _PRINTED if row[k]} for row in csv.DictReader(stream)}
    return found | {"order_up_to": found["naive"] | found["order_up_to"]}


def compared(case: Case, theirs: Paths) -> list[Row]:
    """Rows of a case: period by period, then each figure."""
    furthest, here, there = (0.0, 0.0), [], []
    for number, path in enumerate(cases.ours(case, theirs)):
        demand, other = theirs.demand[number], theirs.one(number)
        furthest = tuple(map(max, furthest, cases.furthest(path, other)))  # type: ignore[assignment]
        here.append(cases.figures(case, demand, path))
        there.append(cases.figures(case, demand, other))
    print(
        f"{case.name}: {case.paths} paths; orders within {furthest[0]:.2g}, stocks within {furthest[1]:.2g}", flush=True
    )
    known, found = printed().get(case.name, {}), []
    for name, ours in cases.estimates(here).items():
        mean = cases.estimates(there)[name].mean
        found.append({
            "case": case.name, "paths": case.paths, "figure": name, "ours": ours.mean, "low": ours.mean - ours.half,
            "high": ours.mean + ours.half, "theirs": mean, "printed": known.get(name, ""),
            "orders_within": furthest[0], "stocks_within": furthest[1],
            "verdict": verdict(ours, mean, known.get(name), name, max(furthest)),
        })  # fmt: skip
    return found


def verdict(ours: Estimate, theirs: float, known: float | None, figure: str, furthest: float) -> str:
    """Against the package on the same demand, and against print."""
    unit = 10.0 ** -_PRINTED.get(figure, 1)
    if furthest > cases.ALIKE or abs(ours.mean - theirs) > 0.1 * unit:
        return "differs from the package"
    if known is None:
        return "matches the package; not printed"
    if abs(ours.mean - known) <= 0.51 * unit:
        return "matches"
    return "matches within noise" if abs(ours.mean - known) <= ours.half else "differs from print"


def waiting(case: Case, theirs: Paths) -> list[Row]:
    """The same chain where a stage ships what it has: figures, and paired differences with 95 % intervals."""
    found: list[dict[str, float]] = []
    for number, path in enumerate(cases.ours(case, theirs, loan=0.0)):
        demand = theirs.demand[number]
        new, old = (cases.figures(case, demand, one) for one in (path, theirs.one(number)))
        found.append(new | {f"change_{name}": new[name] - old[name] for name in new})
    means = cases.estimates(found)
    return [
        {"case": case.name, "paths": len(found), "figure": name, "waiting": means[name].mean,
         "change": means[f"change_{name}"].mean, "half_width": means[f"change_{name}"].half}
        for name in _REAL
    ]  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Play, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="40 paths")
    parser.add_argument("--paths", type=int, default=cases.PATHS)
    parser.add_argument("--csv", type=File, help="also write both tables here, the second as ..._waiting.csv")
    given = parser.parse_args(arguments)
    chosen = tuple(cases.shortened(case, 40 if given.short else given.paths) for case in CASES)
    with ExitStack() as stack:
        folder = File(os.environ.get("ESC_SIM_BENCH_PEERS") or stack.enter_context(tempfile.TemporaryDirectory()))
        python = python_with(cases.PACKAGE, folder)
        if python is None:
            sys.exit(f"{cases.PACKAGE} cannot be installed")
        file = File(stack.enter_context(tempfile.TemporaryDirectory())) / "paths.npz"
        paths = cases.theirs(chosen, python, file)
    rows = [row for case, theirs in zip(chosen, paths, strict=True) for row in compared(case, theirs)]
    print(f"\n{'case':40} {'figure':24} {'ours':>10} {'95 % interval':>20} {'theirs':>10} {'printed':>9}  verdict")
    for r in rows:
        interval = f"{r['low']:.4g} to {r['high']:.4g}"
        print(f"{r['case']:40} {r['figure']:24} {r['ours']:10.5g} {interval:>20} {r['theirs']:10.5g} {r['printed']:>9}"
              f"  {r['verdict']}")  # fmt: skip
    waits = [row for case, theirs in zip(chosen, paths, strict=True) for row in waiting(case, theirs.first(_WAITING))]
    print(f"\nstages wait for one another\n{'case':40} {'figure':24} {'value':>10} {'change':>10}  95 % interval")
    for r in waits:
        print(f"{r['case']:40} {r['figure']:24} {r['waiting']:10.5g} {r['change']:+10.4g}  ± {r['half_width']:.3g}")
    if given.csv is not None:
        write_rows(given.csv, rows)
        write_rows(given.csv.with_stem(given.csv.stem + "_waiting"), waits)


if __name__ == "__main__":
    main()

"""Prints each textbook answer beside the simulated one, with its 99.9 % confidence interval.

python -m experiments.textbook.run [--seed 1] [--csv FILE]
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

from esc_sim.risk.intervals import Interval, mean_interval
from experiments.textbook.cases import Case, all_cases

CONFIDENCE = 0.999


def simulated(case: Case, seed: int) -> Interval:
    """The simulated answer with its interval; a deterministic one has none."""
    return mean_interval(case.simulate(case.replications, seed), confidence=CONFIDENCE)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run every case and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--csv", type=Path, help="also write the table here")
    options = parser.parse_args(arguments)
    rows = []
    print(f"{'model':34} {'exact':>11} {'simulated':>11} {'half width':>11} {'difference':>11}")
    for case in all_cases():
        found = simulated(case, options.seed)
        half = 0.0 if case.deterministic else found.half_width / found.mean
        difference = found.mean / case.answer - 1.0
        print(f"{case.name:34} {case.answer:11.5f} {found.mean:11.5f} {half:11.3%} {difference:+11.3%}", flush=True)
        rows.append([case.name, case.answer, case.printed, found.mean, found.low, found.high, case.replications])
    if options.csv is not None:
        with options.csv.open("w", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(["model", "exact", "printed", "simulated", "low", "high", "replications"])
            writer.writerows(rows)


if __name__ == "__main__":
    main()

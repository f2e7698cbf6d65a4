"""Remake the study: ``python -m experiments.regenerative [--replications N] [--years N] [--out DIR]``.

The claims go to experiments/regenerative/tables/claims.csv, figures to --out.
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path

from experiments.regenerative import claims, draw
from experiments.regenerative.runs import Study, variant

TABLES = Path(__file__).parent / "tables"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m experiments.regenerative", description=__doc__)
    parser.add_argument("--replications", type=int, default=20)
    parser.add_argument("--years", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bucket", type=float, default=0.2, help="width of a gas bucket of the energy plans")
    parser.add_argument("--out", type=Path, default=Path("results/regenerative"))
    parser.add_argument("--tables", type=Path, default=TABLES)
    given = parser.parse_args()
    start = time.perf_counter()
    study = Study(given.replications, given.years, given.seed, given.bucket)
    runs = study.everything()
    perfect = study.run(variant("circular"), c=study.c.changed({"capture_hh": 1.0, "capture_ind": 1.0}))
    stresses = study.stresses()
    rows = [
        *claims.resources(runs, perfect),
        *claims.resilience(runs, stresses),
        *claims.economics(study.c, runs),
        *claims.factorial(study.c, runs),
        *claims.coordination(runs),
    ]
    given.tables.mkdir(parents=True, exist_ok=True)
    with (given.tables / "claims.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["claim", "what", "unit", "value", "ci_low", "ci_high"])
        writer.writerows([*row[:3], *(f"{number:.6g}" for number in row[3:])] for row in rows)
    given.out.mkdir(parents=True, exist_ok=True)
    draw.everything(study, runs, stresses, given.out)
    print(f"{len(rows)} rows in {given.tables / 'claims.csv'}, figures in {given.out}")
    print(f"{given.replications} replications of {given.years} years: {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()

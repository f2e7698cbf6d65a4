"""Remake the study: ``python -m experiments.regenerative [build|sample|rotation] [--replications N] [--years N]``.

Without a word the runs of all claims: tables/claims.csv, and figures in --out. ``build`` writes
scenarios/agro_food/scenario.yaml from its coefficients; ``sample`` draws all coefficients together within their ranges
(--samples) and writes tables/samples.csv, correlations.csv and sampled.csv. ``rotation`` prints what a nitrogen credit
of a crop rotation, which is no state of the model, would displace of the synthetic nitrogen.
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path

from experiments.regenerative import claims, draw
from experiments.regenerative.runs import FOLDER, VARIANTS, Study, write_scenario
from experiments.regenerative.sampling import sample_claims

TABLES = Path(__file__).parent / "tables"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m experiments.regenerative", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["study", "build", "sample", "rotation"], default="study")
    parser.add_argument("--replications", type=int, default=20)
    parser.add_argument("--years", type=int, default=20)
    parser.add_argument("--samples", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("results/regenerative"))
    parser.add_argument("--tables", type=Path, default=TABLES)
    given = parser.parse_args()
    if given.what == "build":
        print(f"written: {write_scenario(FOLDER)}")
        return
    start = time.perf_counter()
    if given.what == "rotation":
        print(*claims.rotation(Study(given.replications, given.years, given.seed)), sep="\n")
        return
    if given.what == "sample":
        rows = sample_claims(given.samples, given.seed, given.tables)
        header = ["figure", "mean", "5 %", "95 %", "share above 0", "largest rank correlations"]
        _write(given.tables / "sampled.csv", header, rows)
        print(f"{given.samples} samples: {time.perf_counter() - start:.0f} s")
        return
    study = Study(given.replications, given.years, given.seed)
    runs = study.everything()
    print("circular, all waste caught", flush=True)
    caught = study.c.changed({"capture_hh": 1.0, "capture_ind": 1.0})
    perfect = study.run(VARIANTS["circular"], c=caught)
    stresses = study.stresses()
    found = [
        *claims.resources(runs, perfect),
        *claims.resilience(runs, stresses),
        *claims.economics(study.c, runs),
        *claims.factorial(study.c, runs),
        *claims.coordination(runs),
    ]
    header = ["claim", "what", "unit", "value", "ci_low", "ci_high"]
    _write(given.tables / "claims.csv", header, [[*row[:3], *(f"{n:.6g}" for n in row[3:])] for row in found])
    given.out.mkdir(parents=True, exist_ok=True)
    draw.everything(study, runs, stresses, given.out)
    print(f"{len(found)} rows in {given.tables / 'claims.csv'}, figures in {given.out}")
    print(f"{given.replications} replications of {given.years} years: {time.perf_counter() - start:.0f} s")


def _write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    main()

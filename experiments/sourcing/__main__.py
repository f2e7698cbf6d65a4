"""Remake the tables and figures of the sourcing paper on the electrolyte case.

``python -m experiments.sourcing [--tables FOLDER] [--figures FOLDER] [--experiments N]``; a minute or two.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from experiments.sourcing.case import TABLES, load
from experiments.sourcing.compute import STEPS, Case, main_designs, out_of_sample, solved
from experiments.sourcing.draw import all_figures
from experiments.sourcing.simulated import simulated


def main() -> None:
    """Compute every table, then draw."""
    parser = argparse.ArgumentParser(prog="python -m experiments.sourcing", description=__doc__)
    parser.add_argument("--tables", type=Path, default=TABLES, help="where the tables go")
    parser.add_argument("--figures", type=Path, default=Path("results/sourcing"), help="where the figures go")
    parser.add_argument("--experiments", type=int, default=2000, help="out-of-sample experiments (the paper: 2000)")
    arguments = parser.parse_args()
    begin = time.perf_counter()
    case = Case(*load(), tables=arguments.tables)
    designs = main_designs(case)
    compared = {name: designs[name] for name in ("deterministic", "ddro-marginal", "ddro-joint", "bro")}
    for theta in (0.05, 0.1):
        design = solved(case.instance, case.demand("ddro-marginal", theta))
        assert design is not None
        compared[f"ddro-marginal, theta {theta}"] = design
    shares = out_of_sample(case, compared, arguments.experiments)
    for title, step in (*STEPS, ("promised and simulated", simulated)):
        print(f"{time.perf_counter() - begin:6.1f} s  {title}", flush=True)
        step(case)
    all_figures(case, designs, shares, arguments.figures)
    print(f"{time.perf_counter() - begin:6.1f} s  tables in {arguments.tables}, figures in {arguments.figures}")


if __name__ == "__main__":
    main()

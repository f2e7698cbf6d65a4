"""What searches around the plans of two designs find: ``python -m experiments.around_plans [--generations N]``.

The plan of the design and plans of the front are run on the same replications, which the search has not seen. The table
is experiments/around_plans.csv.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import astuple
from pathlib import Path
from typing import Final

from esc_sim.compared import compare_runs
from esc_sim.design.kinds import run_design
from esc_sim.optimize.front import Front
from esc_sim.optimize.search import optimize
from esc_sim.plans.plan import Plan
from esc_sim.simulation import simulate

ROOT: Final = Path(__file__).resolve().parents[1]
TABLE: Final = Path(__file__).with_suffix(".csv")
CASES: Final = {"electrolyte": "plan", "retail_wuhan": "plan_adaptive"}
"""Scenario, and the plan of its design that is searched around."""
POPULATION, SEARCHED_ON = 40, 64
LESS: Final = 1e-3
"""Share of the demand by which a plan that serves about as much may fall short of the design's."""
REPLICATIONS: Final = 960
"""On which plans are compared; a multiple of the 16 that are stratified together."""


def designed(case: str) -> Plan:
    """The plan of a scenario's design that is searched around."""
    result = run_design(ROOT / "scenarios" / case)
    plan = result.plan if CASES[case] == "plan" else result.further_plans[CASES[case]]
    assert plan is not None
    return plan


def found(case: str, plan: Plan, front: Front) -> list[list[object]]:
    """Rows of the table: the plan, the compromise, and the cheapest plan that serves about as much as the plan."""
    cost, served = front.judged.T
    alike = [row for row in cost.argsort() if served[row] >= front.base_held_out[1] - LESS]
    chosen = {"compromise": front.compromise}
    if alike:
        chosen["as much served"] = front.plan(int(alike[0]), "as much")
    plans = {"design": plan, **{name: one for name, one in chosen.items() if one is not None}}
    runs = {
        name: simulate(
            ROOT / "scenarios" / case,
            plan=one,
            replications=REPLICATIONS,
            seed=front.settings.held_out_seed + 1,
            stratified=True,
        )
        for name, one in plans.items()
    }
    return [
        [case, row.variant, row.kpi, row.unit, *astuple(row.value), *astuple(row.difference)]
        for row in compare_runs(runs)
        if row.kpi in ("cost_per_period", "served_share")
    ]


def main() -> None:
    """Search around both plans and write the table."""
    parser = argparse.ArgumentParser(prog="python -m experiments.around_plans", description=__doc__)
    parser.add_argument("--generations", type=int, default=30)
    given = parser.parse_args()
    rows: list[list[object]] = []
    for case in CASES:
        plan = designed(case)
        front = optimize(
            ROOT / "scenarios" / case,
            plan=plan,
            population=POPULATION,
            generations=given.generations,
            replications=SEARCHED_ON,
            seed=1,
        )
        print(f"{case}: {len(front.designs)} plans", *front.notices, sep="\n  ", flush=True)
        rows += found(case, plan, front)
    head = ["scenario", "plan", "figure", "unit", "mean", "ci_low", "ci_high", "n"]
    head += ["difference", "difference_low", "difference_high", "difference_n"]
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows([f"{v:.9g}" if isinstance(v, float) else v for v in row] for row in rows)


if __name__ == "__main__":
    main()

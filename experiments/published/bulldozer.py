"""Safety stock of the bulldozer chain (Graves, Willems 2000): ours beside print, and the service that it gives.

python -m experiments.published.bulldozer [--replications 20] [--seed 1] [--engine NAME] [--csv FILE] [--outages]
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import esc_sim
from esc_sim.design.result import DesignResult

SCENARIO = Path(__file__).resolve().parents[2] / "scenarios" / "bulldozer"
DAYS = 365
EXACT = 632_775.0
"""Cost of a year by an exact integer program on the printed data; the paper prints 632,720."""
TOLERANCE = 1e-4
OUT_FOR = 7.0
OUTAGES = (("no outage", 0.0), ("each stage out for 7 days, once in 10 years", 3650.0),
           ("each stage out for 7 days, once a year", 365.0))  # fmt: skip


def printed() -> dict[str, float]:
    """Published cost of safety stock by stage, a year."""
    with (SCENARIO / "stages.csv").open(encoding="utf-8") as stream:
        return {
            row["stage"].lower().replace("&", "_and_"): float(row["published_safety_stock_cost"])
            for row in csv.DictReader(stream)
        }


def by_stage(design: DesignResult) -> list[list[Any]]:
    """Stage, days covered, time quoted, cost a year here, the printed one, verdict."""
    table, theirs = design.tables["stages"], printed()
    rows = [dict(zip(table.header, row, strict=True)) for row in table.rows]
    found: list[list[Any]] = []
    for row in rows:
        ours, other = DAYS * float(row["cost"]), theirs[str(row["stage"])]
        same = abs(ours - other) <= 1e-3 * other
        found.append([
            row["stage"], row["net_replenishment_time"], row["service_time_out"], ours, other,
            "matches" if same else "differs",
        ])  # fmt: skip
    total = sum(float(row[3]) for row in found)
    same = abs(total - EXACT) <= TOLERANCE * EXACT
    return [*found, ["sum", "", "", total, EXACT, "matches" if same else "differs"]]


def service(design: DesignResult, options: Mapping[str, Any]) -> list[list[Any]]:
    """Outages, the share of days without shortage that is promised, the simulated one with its interval, verdict."""
    stages = [str(row[0]) for row in design.tables["stages"].rows]
    found = []
    for words, between in OUTAGES:
        scenario = esc_sim.load_scenario(SCENARIO)
        for stage in stages if between else ():
            scenario = scenario.add(esc_sim.Disruption(
                name=f"out_{stage}", nodes=[stage], time_between_failures=esc_sim.Exponential(mean=between),
                time_to_repair=esc_sim.Constant(value=7.0),
            ))  # fmt: skip
        (promise,) = esc_sim.simulate(scenario, plan=design.plan, **options).promises
        entry = promise.entry({}, 1)
        found.append([words, entry["promised_at_least"], entry["mean"], entry["ci_low"], entry["ci_high"],
                      entry["verdict"]])  # fmt: skip
    return found


def under_stress(design: DesignResult, replications: int, seed: int) -> list[list[Any]]:
    """The stress ranking of the stages with the plan: stage, impact, units late, promised share, its service, verdict.

    The service is that of the 365 days after the warm-up in which the stage is out for 7 days, from the first of them.
    """
    scenario = esc_sim.load_scenario(SCENARIO)
    stages, start = [str(row[0]) for row in design.tables["stages"].rows], scenario.run.warm_up
    length = [f"run.periods={start + DAYS}"]
    tested = esc_sim.stress(
        scenario, plan=design.plan, what=["nodes"], only=stages, duration=OUT_FOR, starts=[start], overrides=length,
        replications=replications, seed=seed, knowledge=["scenario"],
    )  # fmt: skip
    found = []
    for row in tested.table.to_dict("records"):
        out = esc_sim.Disruption.model_validate(
            {"name": "out", "nodes": [row["stressor"]], "dates": [{"start": start, "duration": OUT_FOR}]}
        )
        run = esc_sim.simulate(
            scenario.add(out), plan=design.plan, overrides=length, replications=replications, seed=seed
        )
        entry = run.promises[0].entry({}, 1)
        service = [entry[name] for name in ("promised_at_least", "mean", "verdict")]
        found.append([row["stressor"], row["impact"], row["late_demand"], *service])
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Design, compare, simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--outages", action="store_true", help="also rank outages of each stage, with the plan")
    parser.add_argument("--csv", type=Path, help="also write the table of stages here")
    given = parser.parse_args(arguments)
    design = esc_sim.design(SCENARIO, kind="safety_stock")
    rows = by_stage(design)
    print(f"{'stage':24} {'covers':>7} {'quotes':>7} {'ours a year':>12} {'printed':>10}  verdict")
    for stage, covers, quotes, ours, theirs, verdict in rows:
        print(f"{stage:24} {covers:>7} {quotes:>7} {ours:12,.0f} {theirs:10,.0f}  {verdict}")
    print(f"\n{'days without shortage':46} {'promised':>9} {'simulated':>10} {'95 % interval':>18}  verdict")
    options = {"replications": given.replications, "seed": given.seed, "engine": given.engine}
    for words, promised, mean, low, high, verdict in service(design, options):
        print(f"{words:46} {promised:9.2%} {mean:10.2%} {low:8.2%} to {high:6.2%}  {verdict}", flush=True)
    if given.outages:
        print(
            f"\n{'out for 7 days':24} {'impact [USD]':>14} {'late [unit x day]':>18} {'promised':>9} {'simulated':>10}"
        )
        for stage, impact, late, promised, mean, verdict in under_stress(design, given.replications, given.seed):
            print(f"{stage:24} {impact:14,.0f} {late:18,.1f} {promised:9.2%} {mean:10.2%}  {verdict}", flush=True)
    if given.csv is not None:
        with given.csv.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(["stage", "covers", "quotes", "ours", "printed", "verdict"])
            writer.writerows([[*row[:3], round(row[3], 2), *row[4:]] for row in rows])


if __name__ == "__main__":
    main()

"""How often demand to come exceeds what sets of few rows cover, beside what is promised: `python -m ...coverage`.

Histories are drawn from the stated law, normal (1500, 100) per buyer, so that the true share above is known exactly. A
promise is broken in a history when that share is above it. Plain quantiles promised what they aim at; promised is now
the bound that the rows show with a confidence of 95 % (`esc_sim.design.sourcing.guarantee`).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy.stats import norm

from esc_sim.design.sourcing import demand_guarantee, design_demand
from esc_sim.design.sourcing.demand import DemandKind
from experiments.sourcing.case import TABLES, THETA, fresh_demand, write_csv

ROWS = (24, 60, 120, 1000)
CASES: tuple[tuple[DemandKind, int, int], ...] = (
    ("ddro-marginal", 1, 2000),
    ("ddro-marginal", 16, 2000),
    ("ddro-joint", 1, 2000),
    ("ddro-joint", 3, 200),
)
"""Reading, buyers, histories."""
HEADER = [
    "reading", "buyers", "rows", "histories", "aimed_at", "quantile_violation", "quantile_broken", "violation",
    "aim_broken", "promised", "promise_broken", "periods_promised", "periods_broken", "rows_needed",
]  # fmt: skip


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(prog="python -m experiments.sourcing.coverage", description=__doc__)
    parser.add_argument("--tables", type=Path, default=TABLES, help="where the table goes")
    parser.add_argument("--histories", type=int, default=2000, help="most histories of a row")
    arguments = parser.parse_args()
    rows = [_row(kind, buyers, count, min(many, arguments.histories)) for kind, buyers, many in CASES for count in ROWS]
    print(f"written: {write_csv('coverage.csv', HEADER, rows, arguments.tables)}")


def _row(kind: DemandKind, buyers: int, count: int, histories: int) -> list[object]:
    """One reading, number of buyers and of rows: means over histories, and shares of them that break a promise."""
    aim = THETA / 2.0 if kind == "ddro-marginal" else THETA
    found = np.array([_history(kind, buyers, count, r) for r in range(histories)])
    plain, covered, bound, periods, most, needed = found.T
    return [
        kind, buyers, count, histories, aim, f"{plain.mean():.4f}", f"{(plain > aim).mean():.3f}",
        f"{covered.mean():.4f}", f"{((covered if kind == 'ddro-marginal' else periods) > aim).mean():.3f}",
        f"{bound.mean():.4f}", f"{(covered > bound).mean():.3f}", f"{most.mean():.3f}",
        f"{(periods > most).mean():.3f}", int(needed[0]),
    ]  # fmt: skip


def _history(kind: DemandKind, buyers: int, count: int, replication: int) -> tuple[float, ...]:
    """True shares above the plain quantile and above what is covered, the promise, the same of periods, rows needed."""
    past = fresh_demand("coverage", [f"A{n}" for n in range(1, buyers + 1)], replication, count)
    demand = design_demand(kind, past, THETA)
    shown = demand_guarantee(demand, past)
    plain = norm.sf(np.quantile(past, 1.0 - THETA / 2.0, axis=0), 1500.0, 100.0).mean()
    above = norm.sf(demand.worst, 1500.0, 100.0)
    assert shown.most_short_demands is not None
    assert shown.most_short_periods is not None
    assert shown.rows_needed is not None
    short = 1.0 - np.prod(1.0 - above)
    return (
        float(plain),
        float(above.mean()),
        shown.most_short_demands,
        float(short),
        shown.most_short_periods,
        float(shown.rows_needed),
    )


if __name__ == "__main__":
    main()

"""How often 95 % intervals of `calibrate` hold the parameters that a history was simulated with.

python -m experiments.calibration [--draws 150] [--periods 150] [--workers 1] [--csv FILE]
python -m experiments.calibration --history FILE    (one history of the first case, as a table for `--observed`)
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

import esc_sim as esc
from esc_sim.results.columns import ITEM_COLUMNS

SCENARIO: Final = Path(__file__).resolve().parents[2] / "scenarios" / "stock_levels"
HEADER: Final = (
    "case", "parameter", "truth", "draws", "covered", "covered_by_profile", "mean", "sd", "mean_standard_error",
    "not_identified", "misfit",
)  # fmt: skip
_COLUMNS: Final = {"stock": "stock", "orders": "ordered", "sales": "served"}
_WARM_UP: Final = 30


@dataclass(frozen=True)
class Case:
    """Parameters that are hidden and then estimated.

    Attributes:
        name: in a word.
        truth: hidden values by path.
        bounds: between which they are looked for.
        seen: quantities that are observed, by node.
        fixed: further changes of the scenario.
    """

    name: str
    truth: Mapping[str, float]
    bounds: Mapping[str, tuple[float, float]]
    seen: Mapping[str, Sequence[str]]
    fixed: Mapping[str, Any]


_CALM: Final[Mapping[str, Any]] = {"disruptions": []}
CASES: Final = (
    Case(
        "stock levels",
        {"nodes.shop.demand.sd": 6.0, "nodes.shop.order.order_up_to": 66.0, "nodes.depot.order.order_up_to": 80.0},
        {"nodes.shop.demand.sd": (1.0, 15.0), "nodes.shop.order.order_up_to": (40.0, 120.0),
         "nodes.depot.order.order_up_to": (40.0, 140.0)},
        {"shop": ("stock", "orders", "sales"), "depot": ("stock", "orders")},
        _CALM,
    ),
    Case(
        "lead time",
        {"arcs.shop/depot.lead_time.sd": 1.0, "nodes.shop.order.order_up_to": 90.0},
        {"arcs.shop/depot.lead_time.sd": (0.3, 2.0), "nodes.shop.order.order_up_to": (60.0, 130.0)},
        {"shop": ("stock", "sales")},
        {**_CALM, "arcs.shop/depot.lead_time": {"law": "gamma", "mean": 2.5, "sd": 1.0},
         "arcs.shop/depot.max_lead_time": 10, "nodes.depot.order.order_up_to": 110},
    ),
    Case(
        "same total",
        {"nodes.shop.order.order_up_to": 100.0, "nodes.shop.safety_stock": 10.0},
        {"nodes.shop.order.order_up_to": (80.0, 130.0), "nodes.shop.safety_stock": (0.0, 30.0)},
        {"shop": ("stock", "sales")},
        {**_CALM, "nodes.depot.order.order_up_to": 110},
    ),
)  # fmt: skip


def history(case: Case, periods: int, seed: int) -> pd.DataFrame:
    """What is seen of one run with the hidden parameters.

    Args:
        case: the parameters.
        periods: that are seen, after the warm-up.
        seed: of the run.
    """
    changes = {**case.fixed, **case.truth, "run.periods": _WARM_UP + periods}
    run = esc.simulate(SCENARIO, replications=1, seed=seed, trace=True, overrides=changes, engine="compiled", workers=1)
    assert run.traces is not None
    rows = []
    for node, quantities in case.seen.items():
        values = run.traces.items[0, _WARM_UP:, run.network.node_ids.index(node)]
        columns = {name: values[:, ITEM_COLUMNS.index(_COLUMNS[name])] for name in quantities}
        rows.append(pd.DataFrame({"period": np.arange(periods), "node": node, **columns}))
    return pd.concat(rows, ignore_index=True)


def estimates(case: Case, periods: int, draw: int) -> pd.DataFrame:
    """The estimates from one history, on random numbers that have nothing to do with it.

    Args:
        case: the parameters.
        periods: that are seen.
        draw: number of the history.
    """
    seen = history(case, periods, 1_000_000 + draw)
    changes = {**case.fixed, "run.periods": _WARM_UP + periods}
    found = esc.calibrate(SCENARIO, case.bounds, seen, seed=draw + 1, overrides=changes, workers=1)
    p = found.found.estimate.p_value
    return found.estimates.assign(misfit=p is not None and p < 0.05)


def rows_of(case: Case, drawn: Sequence[pd.DataFrame]) -> list[list[object]]:
    """Rows of the table: how often each parameter was within its interval."""
    rows: list[list[object]] = []
    table = pd.concat(drawn, ignore_index=True)
    for path, truth in case.truth.items():
        own = table[table["parameter"] == path]
        known = own[own["identified"]]
        inside = ((known["ci_low"] <= truth) & (truth <= known["ci_high"])).mean()
        low, high = own["profile_low"].fillna(-np.inf), own["profile_high"].fillna(np.inf)
        by_profile = ((low <= truth) & (truth <= high)).mean()
        rows.append(
            [case.name, path, truth, len(own), round(inside, 4), round(by_profile, 4), f"{known['value'].mean():.4g}",
             f"{known['value'].std():.4g}", f"{known['standard_error'].mean():.4g}",
             round(1.0 - len(known) / len(own), 4), round(own["misfit"].mean(), 4)]
        )  # fmt: skip
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, calibrate and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=150)
    parser.add_argument("--periods", type=int, default=150)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--case", choices=[case.name for case in CASES])
    parser.add_argument("--csv", type=Path, help="also write the table here")
    parser.add_argument("--history", type=Path, help="write one history of the first case here, and nothing else")
    options = parser.parse_args(arguments)
    if options.history is not None:
        history(CASES[0], options.periods, 1).round(6).to_csv(options.history, index=False, lineterminator="\n")
        return
    rows: list[list[object]] = []
    for case in (case for case in CASES if options.case in (None, case.name)):
        with ThreadPoolExecutor(options.workers) as pool:
            drawn = list(pool.map(lambda draw, case=case: estimates(case, options.periods, draw), range(options.draws)))
        for row in rows_of(case, drawn):
            print("  ".join(f"{name} {value}" for name, value in zip(HEADER, row, strict=True)), flush=True)
            rows.append(row)
    if options.csv is not None:
        with options.csv.open("w", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(HEADER)
            writer.writerows(rows)


if __name__ == "__main__":
    main()

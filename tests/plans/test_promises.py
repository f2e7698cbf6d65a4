"""What a plan promises stands beside what its simulation gave: in the result, on the screen, in summary.json."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from esc_sim.plans.decisions import DecisionsPlan, OrderDecision
from esc_sim.results.promise import Promise
from esc_sim.results.run import RunResult, column
from esc_sim.results.summary import build_summary
from esc_sim.results.table import print_kpis
from esc_sim.simulation import simulate
from esc_sim.written import promised_and_simulated

QUICKSTART = Path(__file__).parents[2] / "scenarios" / "quickstart"


class Careful(DecisionsPlan):
    """Orders that promise how seldom anything is short, and report the shortage."""

    most: float

    def promises(self, result: RunResult) -> list[Promise]:
        short = np.maximum(column(result.values, "demand") - column(result.values, "served"), 0.0).sum(axis=1)
        share = (short > 0.0).astype(float)
        return [
            Promise("short", "Short", "share", self.most, share),
            Promise("amount", "Amount", "{goods}", None, short),
        ]


def careful(most: float, order: float) -> RunResult:
    orders = [OrderDecision(node=shop, mean=order) for shop in ("shop_north", "shop_south")]
    plan = Careful(version=1, name="careful", most=most, orders=orders)
    return simulate(QUICKSTART, plan=plan, replications=4)


@pytest.mark.parametrize(("most", "verdict"), [(1.0, "kept"), (0.5, "broken")])
def test_promised_beside_simulated(most: float, verdict: str) -> None:
    result = careful(most, 0.0)  # without orders the shop runs dry in every replication
    summary = build_summary(result)
    entry = summary["promises"]["short"]
    assert (entry["mean"], entry["promised_at_most"], entry["verdict"], entry["n"]) == (1.0, most, verdict, 4)
    amount = summary["promises"]["amount"]
    assert amount["promised_at_most"] is None
    assert amount["verdict"] is None
    assert amount["mean"] > 0.0
    text = StringIO()
    print_kpis(summary, Console(file=text))
    line = next(line for line in text.getvalue().splitlines() if line.strip().startswith("Short"))
    assert f"at most {100 * most:.0f}" in line
    assert verdict in line


def test_an_interval_that_holds_the_promise_leaves_it_open() -> None:
    def entry(unit: str, most: float, samples: list[float]) -> dict[str, Any]:
        return Promise("p", "P", unit, most, np.array(samples)).entry({"money": "EUR"}, 1)

    few = entry("share", 0.0894, [0.0, 0.0, 0.9])
    assert (few["verdict"], few["ci_low"], few["ci_high"]) == ("open", 0.0, 1.0)
    assert promised_and_simulated(few) == ("at most 8.94 %", "30 % (0 to 100)")
    assert entry("{money}", 1.312, [0.5, 0.1, 13.8])["verdict"] == "open"
    assert entry("{money}", 1.312, [0.5, 0.1, 0.3])["verdict"] == "kept"
    assert entry("{money}", 1.312, [0.5])["verdict"] == "open"  # one replication has no interval
    assert entry("{money}", 1.312, [1.4])["verdict"] == "broken"


@pytest.mark.parametrize(("most", "came", "shown"), [
    (0.0, 3.5e-5, ("at most 0", "0.000035")),
    (15_310.0, 15_310.00005, ("at most 15,310", "15,310.0001")),
    (1.0, 2.0, ("at most 1", "2")),
])  # fmt: skip
def test_numbers_beside_broken_show_the_difference(most: float, came: float, shown: tuple[str, str]) -> None:
    entry = Promise("p", "P", "MWh", most, np.full(3, came)).entry({}, 1)
    assert entry["verdict"] == "broken"
    assert promised_and_simulated(entry) == shown


def test_a_plan_that_promises_nothing_says_nothing() -> None:
    plan = DecisionsPlan(version=1, name="plain", orders=[OrderDecision(node="shop_north", mean=5.0)])
    assert "promises" not in build_summary(simulate(QUICKSTART, plan=plan, replications=2))

"""What a plan promises stands beside what its simulation gave: in the result, on the screen, in summary.json."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from esc_sim.plans.decisions import DecisionsPlan, OrderDecision
from esc_sim.results.promise import Promise
from esc_sim.results.run import RunResult, column
from esc_sim.results.summary import build_summary
from esc_sim.results.table import print_kpis
from esc_sim.simulation import simulate

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


@pytest.mark.parametrize(("most", "kept"), [(1.0, True), (0.5, False)])
def test_promised_beside_simulated(most: float, kept: bool) -> None:
    result = careful(most, 0.0)  # without orders the shop runs dry in every replication
    summary = build_summary(result)
    entry = summary["promises"]["short"]
    assert (entry["mean"], entry["promised_at_most"], entry["kept"], entry["n"]) == (1.0, most, kept, 4)
    amount = summary["promises"]["amount"]
    assert amount["promised_at_most"] is None
    assert amount["kept"] is None
    assert amount["mean"] > 0.0
    text = StringIO()
    print_kpis(summary, Console(file=text))
    line = next(line for line in text.getvalue().splitlines() if line.strip().startswith("Short"))
    assert f"at most {100 * most:.0f}" in line
    assert ("kept" if kept else "broken") in line


def test_a_plan_that_promises_nothing_says_nothing() -> None:
    plan = DecisionsPlan(version=1, name="plain", orders=[OrderDecision(node="shop_north", mean=5.0)])
    assert "promises" not in build_summary(simulate(QUICKSTART, plan=plan, replications=2))

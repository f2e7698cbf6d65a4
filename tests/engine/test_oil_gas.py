"""The oil and gas case is where it was calibrated to be."""

from __future__ import annotations

import numpy as np
import pytest

from esc_sim.results.run import RunResult, column
from esc_sim.risk.measures import conditional_value_at_risk
from esc_sim.simulation import simulate
from tests.helpers.runs import SCENARIOS


@pytest.fixture(scope="module")
def run() -> RunResult:
    """`esc-sim run scenarios/oil_gas --replications 20 --seed 1`."""
    return simulate(SCENARIOS / "oil_gas", replications=20, seed=1)


def test_normal_cost_per_period(run: RunResult) -> None:
    assert run.twin is not None
    costs = column(run.twin, "cost")
    low, high = np.quantile(costs, [0.005, 0.995])
    assert 71_500 < low < high < 73_500
    assert ((costs > 71_500) & (costs < 73_500)).mean() > 0.99


def test_disrupted_tail(run: RunResult) -> None:
    cvar = conditional_value_at_risk(column(run.values, "cost"), 0.95)
    assert cvar == pytest.approx(88_600, rel=0.01)


def test_disrupted_tail_of_forty_replications() -> None:
    """Calibrated to 88,650; forty replications scatter by about 25, so 75 are three standard errors."""
    run = simulate(SCENARIOS / "oil_gas", replications=40, seed=2)
    cvar = conditional_value_at_risk(column(run.values, "cost"), 0.95)
    assert cvar == pytest.approx(88_650, abs=75)


def test_profit_of_a_year(run: RunResult) -> None:
    """A disrupted year earns less than an undisrupted one, and both lie near the paper's 3.9 million."""
    assert run.twin is not None
    disrupted, normal = (column(values, "profit").sum(axis=1) for values in (run.values, run.twin))
    assert (disrupted < normal).all()
    assert 3.0e6 < disrupted.mean() < normal.mean() < 4.5e6


def test_one_day_in_ten_is_disrupted(run: RunResult) -> None:
    assert run.disruption_active is not None
    assert run.disruption_active.mean() == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / 7300))

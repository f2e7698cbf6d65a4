"""deepbullwhip's chains: its recorded path period by period, its printed figures, and chains that wait."""

from __future__ import annotations

import csv
from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from esc_sim.results.columns import PERIOD_COLUMNS
from experiments.published.deepbullwhip.__main__ import printed, verdict
from experiments.published.deepbullwhip.cases import ALIKE, CASES, HERE, PERIODS, Case, Estimate, figures
from experiments.published.deepbullwhip.chains import Path, played

Floats = NDArray[np.float64]
BY_NAME: Mapping[str, Case] = {case.name: case for case in CASES}


def recorded(policy: str) -> tuple[str, Floats, Path]:
    """Forecaster, demand and what the package did, over 40 periods of its leaderboard's first path."""
    with (HERE / "recorded.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["policy"] == policy]
    columns = {name: np.array([float(row[name]) for row in rows]) for name in rows[0] if name[-1].isdigit()}
    orders, stocks = (np.stack([columns[f"{what}_{k}"] for k in range(1, 5)]) for what in ("order", "stock"))
    return rows[0]["forecaster"], np.array([float(row["demand"]) for row in rows]), Path(orders, stocks)


@pytest.mark.parametrize("policy", ["order_up_to", "smoothing_out"])
def test_orders_and_stocks_are_the_packages_period_by_period(policy: str) -> None:
    forecaster, demand, theirs = recorded(policy)
    (ours,), _ = played("semiconductor_4tier", policy, forecaster, demand[None], np.zeros((1, 4)))
    np.testing.assert_allclose(ours.orders, theirs.orders, atol=1e-5)
    np.testing.assert_allclose(ours.net_stock, theirs.net_stock, atol=1e-5)
    assert (theirs.net_stock < 0).any()  # stages short of goods, and their buyers were not


@pytest.mark.parametrize("name", ["beer_game", "constant_order"])
def test_figures_that_do_not_depend_on_chance_are_those_in_print(name: str) -> None:
    case = BY_NAME[name]
    demand = np.where(np.arange(PERIODS) < 5, 4.0, 8.0)
    (path,), _ = played(case.chain, case.policy, case.forecaster, demand[None], np.zeros((1, 4)))
    found, known = figures(case, demand, path), printed()[name]
    assert found["bullwhip"] == pytest.approx(known["bullwhip"], abs=0.05)
    assert found["cost"] == pytest.approx(known["cost"], abs=0.05)


def test_stages_that_wait_for_one_another_serve_worse_and_the_engine_counts_the_same_cost() -> None:
    case, (_, demand, theirs) = BY_NAME["order_up_to"], recorded("order_up_to")
    (path,), run = played(case.chain, case.policy, case.forecaster, demand[None], np.zeros((1, 4)), loan=0.0)
    waiting, lent = figures(case, demand, path), figures(case, demand, theirs)
    assert waiting["cost_of_chain"] == pytest.approx(run.values[0, :, PERIOD_COLUMNS.index("cost")].sum(), abs=1e-4)
    assert waiting["fill_rate_of_customers"] < lent["fill_rate_of_customers"]
    assert waiting["cost_of_chain"] > lent["cost_of_chain"]


def test_verdicts() -> None:
    narrow = Estimate(100.0, 0.5)
    assert verdict(narrow, 100.0, 100.04, "cost", 0.0) == "matches"
    assert verdict(narrow, 100.0, 100.4, "cost", 0.0) == "matches within noise"
    assert verdict(narrow, 100.0, 101.0, "cost", 0.0) == "differs from print"
    assert verdict(narrow, 100.2, 100.0, "cost", 0.0) == "differs from the package"
    assert verdict(narrow, 100.0, 100.0, "cost", 2 * ALIKE) == "differs from the package"
    assert Estimate.of([1.0, 3.0]).half == pytest.approx(12.706, rel=1e-4)

"""What is read of observations, moments by hand, and what an estimate is worth where the answer is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import esc_sim as esc
from esc_sim.calibration.estimate import estimated, misfit, root_of
from esc_sim.calibration.free import Free, named_in
from esc_sim.calibration.moments import moments_of, of_tally, statistic_of
from esc_sim.calibration.observed import observed_of
from esc_sim.calibration.search import variance_of
from esc_sim.calibration.surrogate import Criterion, Surrogate, closest, starts_of
from esc_sim.results.columns import TALLY_COLUMNS

CHAIN = Path(__file__).resolve().parents[2] / "scenarios" / "stock_levels"


@pytest.fixture(scope="module")
def chain() -> esc.Scenario:
    return esc.load_scenario(CHAIN)


def test_series_become_moments(chain: esc.Scenario, tmp_path: Path) -> None:
    file = tmp_path / "seen.csv"
    file.write_text("period;node;stock;demand;orders\n2;shop;4;5;3\n0;shop;10;5;\n1;shop;0;8;7\n3;shop;2;2;2\n")
    seen = observed_of(file, chain)
    stock = next(one for one in seen.series if one.quantity == "stock")
    assert stock.periods.tolist() == [30, 31, 32, 33]  # after the warm-up
    assert stock.values.tolist() == [10.0, 0.0, 4.0, 2.0]
    assert seen.periods == 34
    found = {one.words(1): one.observed for one in moments_of(seen, ["mean", "sd", "zeros", "bullwhip"])}
    assert found["mean of stock of shop"] == 4.0
    assert found["zeros of stock of shop"] == 0.25
    assert found["sd of demand of shop"] == pytest.approx(np.std([5, 8, 5, 2], ddof=1))
    assert found["bullwhip of shop"] == pytest.approx(np.var([7, 3, 2]) / np.var([8, 5, 2]))


def test_autocorrelation_skips_gaps_and_constants() -> None:
    values = np.array([[1.0, 3.0, 2.0, 6.0], [5.0, 5.0, 5.0, 5.0]])
    away = values[0] - 3.0
    found = statistic_of("autocorrelation", [values], np.array([True, False, True]))
    pairs = (away[0] * away[1] + away[2] * away[3]) / 2
    assert found.tolist() == pytest.approx([pairs / away.var(), 0.0])
    filled = statistic_of("fill_rate", [np.array([[4.0, 0.0]]), np.array([[5.0, 0.0]])], np.array([True]))
    assert filled.tolist() == [0.8]


def test_measures_of_an_item_are_those_of_the_tables_by_tier(chain: esc.Scenario) -> None:
    run = esc.simulate(chain, replications=3, seed=2, workers=1, overrides={"run.periods": 90})
    assert run.tally is not None
    shop = np.asarray(run.tally[:, run.network.node_ids.index("shop")])
    assert shop.shape[1] == len(TALLY_COLUMNS)
    tier = run.summary["tiers"]["layer 1"]
    assert of_tally("fill_rate", shop, 60).mean() == pytest.approx(tier["fill_rate"]["mean"])
    assert of_tally("bullwhip", shop, 60).mean() == pytest.approx(tier["bullwhip"]["mean"])


def test_entries_that_a_path_counts_are_named(chain: esc.Scenario) -> None:
    words = [named_in(chain, Free(path, 1.0, 2.0)).words for path in ("arcs.0.lead_time.mean", "nodes.1.order.mean")]
    assert words == ["mean lead time of depot to shop", "mean order of depot"]
    assert named_in(chain, Free("rules.known_after", 1.0, 2.0)).words == "known after"


def test_values_near_a_bound_of_zero_are_zero() -> None:
    assert [Free("a", 0.0, 30.0).at(place) for place in (1e-6, 0.5, 1.0)] == [0.0, 15.0, 30.0]
    assert [Free("a", 1.0, 31.0).at(place) for place in (1e-5, 1.0)] == [1.0003, 31.0]


def test_dates_are_periods(chain: esc.Scenario) -> None:
    weeks = pd.date_range("2026-01-05", periods=4, freq="7D").strftime("%Y-%m-%d")
    table = pd.DataFrame({"date": weeks, "node": "shop", "sales": [1.0, 2.0, 3.0, 4.0]})
    (sales,) = observed_of(table, chain).series
    assert sales.periods.tolist() == [30, 31, 32, 33]
    dated = esc.load_scenario(CHAIN, {"run.start": "2025-12-29", "run.step": "1 week"})
    (sales,) = observed_of(table, dated).series
    assert sales.periods.tolist() == [1, 2, 3, 4]
    with pytest.raises(esc.InputError, match="2026-01-06"):
        observed_of(table.assign(date=["2026-01-06", *weeks[1:]]), dated)


def test_a_workbook_has_both_kinds_of_tables(chain: esc.Scenario, tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    series = pd.DataFrame({"period": [0, 1, 2], "node": "shop", "stock": [4.0, None, 2.5]})
    targets = pd.DataFrame({"measure": ["fill_rate"], "value": [0.9], "standard_error": [0.01]})
    with pd.ExcelWriter(tmp_path / "seen.xlsx") as book:
        pd.DataFrame({"remark": ["not read"]}).to_excel(book, sheet_name="notes", index=False)
        pd.concat([series, series.iloc[-1:].assign(period=5)]).to_excel(book, sheet_name="Observed", index=False)
        targets.to_excel(book, sheet_name="targets", index=False)
    seen = observed_of(tmp_path / "seen.xlsx", chain)
    assert [(one.quantity, one.periods.tolist(), one.values.tolist()) for one in seen.series] == [
        ("stock", [30, 32, 35], [4.0, 2.5, 2.5])
    ]
    assert [(one.measure, one.value, one.standard_error) for one in seen.targets] == [("fill_rate", 0.9, 0.01)]


def test_all_problems_of_a_table_are_told_with_their_cells(chain: esc.Scenario, tmp_path: Path) -> None:
    file = tmp_path / "seen.csv"
    file.write_text("period,node,stock\n0,shop,9\n0,shop,8\nx,shop,7\n2,shp,6\n3,shop,many\n")
    with pytest.raises(esc.InputError) as refused:
        observed_of(file, chain)
    told = "\n".join(refused.value.problems)
    for part in (
        "seen.csv:3: column 'stock': 'shop/", "seen.csv:4: column 'period': 'x' is no number of a period",
        "seen.csv:5: column 'node': there is no node 'shp'; did you mean 'shop'?", "seen.csv:6: column 'stock': 'many'",
    ):  # fmt: skip
        assert part in told
    assert len(refused.value.problems) == 4
    file.write_text("period;node;stock\n0;shop;9,5\n1;shop;-5\n2;shop;7\n")
    with pytest.raises(esc.InputError) as refused:
        observed_of(file, chain)
    assert (
        "seen.csv:2: column 'stock': '9,5' is no number: write it with a decimal point, 9.5" in refused.value.problems
    )
    assert "seen.csv:3: column 'stock': -5 is below 0; what is owed is 'backlog'" in refused.value.problems
    file.write_text("period,node,stock\n")
    with pytest.raises(esc.InputError, match=r"seen.csv: there is no row below the names of the columns"):
        observed_of(file, chain)
    for measure, node, value in (("fill_rate", None, 97.0), ("stock.mean", "shop", -1.0), ("bullwhip", "shop", -0.5)):
        with pytest.raises(esc.InputError, match=f"column 'value': {value:g} cannot be: {measure} is 0"):
            observed_of(pd.DataFrame({"measure": [measure], "node": [node], "value": [value]}), chain)
    targets = pd.DataFrame({"measure": ["fil_rate", "stock"], "node": [None, "shop"], "value": [0.9, 3.0]})
    with pytest.raises(esc.InputError) as refused:
        moments_of(observed_of(targets, chain), ["mean"])
    assert "did you mean 'fill_rate'?" in refused.value.problems[0]
    assert "stock.mean" in refused.value.problems[1]
    with pytest.raises(esc.InputError, match="column 'stocks' is none of what is observed; did you mean 'stock'"):
        observed_of(pd.DataFrame({"period": [0], "node": ["shop"], "stocks": [1]}), chain)


def test_standard_errors_are_those_of_least_squares_where_moments_are_linear() -> None:
    rng = np.random.default_rng(4)
    slopes, spread = rng.normal(size=(5, 2)), np.array([0.5, 1.0, 2.0, 0.3, 1.0])
    variance = np.diag(spread**2)
    found = estimated(np.array([0.4, 0.5]), slopes, np.zeros(5), root_of(variance), variance)
    best = np.linalg.inv(slopes.T @ np.diag(spread**-2.0) @ slopes)
    assert np.allclose(found.variance, best)
    assert np.allclose(found.stretch, 1.0)
    assert found.degrees == 3


def test_the_test_of_fit_has_its_level_for_any_weights() -> None:
    rng = np.random.default_rng(8)
    slopes, half = rng.normal(size=(5, 2)), rng.normal(size=(5, 5))
    variance = half @ half.T + np.eye(5)
    root = root_of(variance)
    weighted = root @ slopes
    back = np.linalg.pinv(weighted) @ root
    drawn = rng.multivariate_normal(np.zeros(5), variance, 400)
    found = [misfit(away - slopes @ (back @ away), slopes, root, variance) for away in drawn]
    values, degrees = np.array([one[0] for one in found]), found[0][1]
    assert degrees == 3
    assert values.mean() == pytest.approx(3.0, abs=0.4)


def test_what_nothing_says_anything_of_is_named() -> None:
    slopes = np.array([[1.0, 1.0, 0.0], [2.0, 2.0, 0.0], [0.5, 0.5, 30.0], [0.0, 0.0, 9.0]])
    found = estimated(np.full(3, 0.5), slopes, np.zeros(4), np.eye(4), 0.01 * np.eye(4))
    assert [sorted(group) for group in found.open_groups] == [[0, 1]]
    assert found.identified.tolist() == [False, False, True]
    assert np.isfinite(found.errors).tolist() == [False, False, True]
    assert np.isnan(found.correlation[0, 1])


def test_a_target_with_an_error_of_its_own_is_independent(chain: esc.Scenario) -> None:
    targets = pd.DataFrame(
        {"measure": ["fill_rate", "profit_per_period"], "value": [0.9, 5.0], "standard_error": [0.1, None]}
    )
    moments = moments_of(observed_of(targets, chain), ["mean"])
    covariance = np.array([[4.0, 2.0], [2.0, 9.0]])
    found = variance_of(moments, covariance, 10)
    assert np.allclose(found, [[0.01 + 0.4, 0.2], [0.2, 9.9]])  # 1 + 1/R where both are of runs


def test_the_surrogate_finds_the_closest_place() -> None:
    def moments(places: np.ndarray) -> np.ndarray:
        return np.stack([places[:, 0] ** 2 + places[:, 1], np.exp(places[:, 1]), places.prod(axis=1)], axis=1)

    places = np.random.default_rng(1).random((60, 2))
    truth = np.array([0.3, 0.6])
    criterion = Criterion(moments(truth[np.newaxis])[0], np.eye(3))
    surrogate = Surrogate(places, moments(places))
    found = closest(surrogate, criterion, starts_of(surrogate, criterion, places, moments(places)))
    assert np.allclose(found, truth, atol=5e-3)
    held = closest(surrogate, criterion, [np.array([0.5, 0.5])], fixed=0)
    assert held[0] == 0.5
    assert criterion(moments(held[np.newaxis])[0]) > criterion(moments(found[np.newaxis])[0])

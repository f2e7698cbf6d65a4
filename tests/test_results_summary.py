"""The summary of a run against numbers worked out by hand, and the table that shows it."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from rich.console import Console

from esc_sim.measures.measure import ByReplication
from esc_sim.measures.registry import MEASURES
from esc_sim.measures.terms import Terms
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.results.run import RunResult, activity_of
from esc_sim.results.sampled import sample_of_periods
from esc_sim.results.summary import build_summary, key_figures
from esc_sim.results.table import format_interval, kpi_table, print_kpis
from esc_sim.simulation import simulate
from tests.helpers.runs import SCENARIOS
from tests.helpers.synthetic_runs import DATED_OUTAGE, layered_scenario, synthetic_result


def _values(**columns: list[list[float]]) -> np.ndarray:
    shape = np.shape(next(iter(columns.values())))
    return np.stack([np.array(columns.get(name, np.zeros(shape)), float) for name in PERIOD_COLUMNS], axis=-1)


def _result(values: np.ndarray, twin: np.ndarray | None = None) -> RunResult:
    """A run with these values; without a twin, of a scenario without disruptions."""
    scenario = layered_scenario((1, 1), []) if twin is None else layered_scenario()
    base = synthetic_result(scenario, replications=1, periods=1)
    return RunResult(**(vars(base) | {"values": values, "twin": twin, "disruption_active": None}))


def test_key_figures_by_hand() -> None:
    values = _values(
        cost=[[10.0, 20.0], [30.0, 60.0]],
        internal_income=[[4.0, 4.0], [4.0, 8.0]],
        profit=[[1.0, 2.0], [3.0, 6.0]],
        demand=[[10.0, 10.0], [10.0, 10.0]],
        served=[[10.0, 5.0], [10.0, 10.0]],
        filled=[[10.0, 5.0], [10.0, 10.0]],
        lost_demand=[[0.0, 5.0], [0.0, 0.0]],
        met=[[1.0, 0.0], [1.0, 1.0]],
        ready=[[1.0, 0.0], [1.0, 1.0]],
        contracted=[[8.0, 8.0], [4.0, 6.0]],
        shipped=[[8.0, 4.0], [4.0, 6.0]],
    )
    summary = build_summary(_result(values))
    means = {name: entry["mean"] for name, entry in summary["kpis"]["undisrupted"].items()}
    assert means["cost_per_period"] == 30.0  # (15 + 45) / 2
    assert means["net_cost_per_period"] == 25.0  # (11 + 39) / 2
    assert means["profit_per_period"] == 3.0
    assert means["profit_total"] == 6.0
    assert means["fill_rate"] == pytest.approx(0.875)  # (15/20 + 20/20) / 2
    assert means["served_share"] == pytest.approx(0.875)
    assert means["cycle_service_level"] == means["ready_rate"] == 0.75
    assert means["unmet_per_period"] == 1.25  # (2.5 + 0) / 2
    assert means["backorders"] == means["mean_wait"] == 0.0
    assert means["contracts_kept"] == pytest.approx(0.875)  # (12/16 + 10/10) / 2
    assert means["var"] == 60.0
    assert means["cvar"] == 60.0
    assert means["cvar_net"] == 52.0
    # t(0.975; 1) = 12.7062, sd of (15, 45) = 21.2132: half width 12.7062 * 15.
    cost = summary["kpis"]["undisrupted"]["cost_per_period"]
    assert cost["ci_high"] - cost["mean"] == pytest.approx(12.7062 * 15, rel=1e-5)
    assert (cost["n"], cost["unit"]) == (2, "EUR/day")
    assert "difference" not in summary["kpis"]


def test_backorders_break_the_service_until_they_are_served() -> None:
    values = _values(
        demand=[[10.0, 10.0, 10.0]],
        served=[[6.0, 8.0, 16.0]],
        filled=[[6.0, 4.0, 10.0]],
        backlog=[[4.0, 6.0, 0.0]],
        overdue=[[4.0, 6.0, 0.0]],
        met=[[0.0, 0.0, 1.0]],
        ready=[[0.0, 0.0, 1.0]],
    )
    kpis = build_summary(_result(values))["kpis"]["undisrupted"]
    assert kpis["backorders"]["mean"] == pytest.approx(10 / 3)
    assert kpis["mean_wait"]["mean"] == pytest.approx(1 / 3)
    assert kpis["unmet_per_period"]["mean"] == pytest.approx(10 / 3)
    assert kpis["cycle_service_level"]["mean"] == kpis["ready_rate"]["mean"] == pytest.approx(1 / 3)
    assert kpis["fill_rate"]["mean"] == pytest.approx(2 / 3)
    assert kpis["served_share"]["mean"] == 1.0


def test_parts_of_a_unit_are_measured_as_whole_units_are() -> None:
    columns = {
        "demand": [[8.0, 0.0, 24.0]],
        "filled": [[8.0, 0.0, 16.0]],
        "lost_demand": [[0.0, 0.0, 4.0]],
        "backlog": [[0.0, 0.0, 4.0]],
        "overdue": [[0.0, 0.0, 4.0]],
        "contracted": [[16.0, 0.0, 0.0]],
        "shipped": [[4.0, 0.0, 0.0]],
    }
    expected = {"fill_rate": 0.75, "served_share": 0.75, "mean_wait": 0.125, "contracts_kept": 0.25}
    for unit in (1.0, 2.0**-10):  # of goods, such as a shipload instead of a tonne
        values = _values(**columns) * unit  # type: ignore[arg-type]
        kpis = build_summary(_result(values))["kpis"]["undisrupted"]
        assert {name: kpis[name]["mean"] for name in expected} == expected
        assert kpis["backorders"]["mean"] == 4.0 / 3.0 * unit
        assert kpis["unmet_per_period"]["mean"] == 8.0 / 3.0 * unit


def test_replications_are_independent_unless_they_are_said_to_be_stratified() -> None:
    result = synthetic_result(replications=12, periods=40)
    cost = MEASURES["cost_per_period"]
    assert cost.interval(sample_of_periods(result.values, result.scenario)).n == 12
    assert cost.interval(sample_of_periods(result.values, result.scenario, batch=4)).n == 3


def test_differences_are_paired_with_the_twin() -> None:
    noise = np.array([[100.0, 0.0], [-300.0, 50.0], [40.0, 7.0]])
    twin, run = _values(cost=noise + 1000), _values(cost=noise + 1000 + [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    kpis = build_summary(_result(run, twin))["kpis"]
    change = kpis["difference"]["cost_per_period"]
    assert change["mean"] == pytest.approx(2.0)
    assert change["ci_high"] - change["ci_low"] == pytest.approx(2 * 4.302653 / np.sqrt(3), rel=1e-6)
    assert kpis["disrupted"]["cost_per_period"]["mean"] - kpis["undisrupted"]["cost_per_period"]["mean"] == (
        pytest.approx(change["mean"])
    )
    assert kpis["difference"]["cvar"]["mean"] == pytest.approx(
        kpis["disrupted"]["cvar"]["mean"] - kpis["undisrupted"]["cvar"]["mean"]
    )


def test_what_cannot_be_estimated_is_none_and_the_summary_is_json() -> None:
    summary = build_summary(_result(_values(cost=[[1.0, 2.0]])))
    kpis = summary["kpis"]["undisrupted"]
    assert kpis["fill_rate"]["mean"] is None  # no demand
    assert kpis["cost_per_period"]["ci_low"] is None  # one replication
    json.loads(json.dumps(summary, allow_nan=False))


@pytest.mark.parametrize("pooling", ["pooled", "per_replication", "horizon"])
def test_risk_follows_the_scenario(pooling: str) -> None:
    scenario = layered_scenario(risk={"pooling": pooling, "level": 0.9, "budget": 80000})
    result = synthetic_result(scenario, replications=12, periods=30)
    summary = build_summary(result)
    costs = result.values[..., 0]
    samples = {"pooled": costs.ravel(), "per_replication": costs, "horizon": costs.sum(axis=1)}[pooling]
    tail = np.sort(samples, axis=-1)[..., int(0.9 * samples.shape[-1] + 1e-9) :]
    kpis = summary["kpis"]["disrupted"]
    assert kpis["cvar"]["mean"] == pytest.approx(float(np.mean(tail.mean(axis=-1))))
    assert kpis["epf"]["mean"] == pytest.approx(float(np.mean(samples > 80000)))
    assert summary["risk"]["cvar"] == kpis["cvar"]["mean"]
    # 12 totals cannot tell a section's tail of 10 %: then there is no interval, not a wrong one.
    assert (kpis["cvar"]["ci_low"] is None) == (pooling == "horizon")


def test_batches_of_stratified_replications_widen_what_the_interval_rests_on() -> None:
    result = synthetic_result(replications=12, periods=40)
    batched = RunResult(**(vars(result) | {"batch": 4}))
    assert build_summary(result)["kpis"]["disrupted"]["cost_per_period"]["n"] == 12
    assert build_summary(batched)["kpis"]["disrupted"]["cost_per_period"]["n"] == 3
    assert build_summary(batched)["kpis"]["disrupted"]["cvar"]["n"] == 3


def test_resilience_of_a_dated_outage() -> None:
    result = synthetic_result(layered_scenario(disruptions=DATED_OUTAGE), replications=4, periods=200)
    block = build_summary(result)["resilience"]
    assert block["events_recorded"]
    served = block["measures"]["served"]
    assert served["share_recovered"]["mean"] == 1.0
    assert served["share_recovered"]["n"] == 4
    assert 25 <= served["time_to_recover"]["mean"] <= 45  # 20 days out, 15 days of recovery, then stock fills up
    assert 0 < served["time_to_survive"]["mean"] < 10
    # Dates alone tell the same as recorded disruptions.
    dated = RunResult(**(vars(result) | {"disruption_active": None}))
    assert build_summary(dated)["resilience"] == block


def test_activity_by_hand() -> None:
    assert activity_of([(1.0, 3.0), (2.5, 4.5), (6.0, 99.0)], 8).tolist() == [
        False, True, True, True, True, False, True, True,
    ]  # fmt: skip
    assert not activity_of([], 3).any()


@pytest.mark.parametrize(
    ("mean", "low", "high", "unit", "text"),
    [
        (72529.4, 72518.4, 72540.4, "EUR", "72,529 ± 11"),
        (0.87654, 0.87534, 0.87774, "share", "87.65 ± 0.12 %"),
        (1.0, 1.0, 1.0, "share", "100 %"),
        (0.0, 0.0, 0.0, "EUR", "0"),
        (5.0, None, None, "EUR", "5"),
        (None, None, None, "EUR", "-"),
    ],
)
def test_intervals_are_shown_to_two_digits_of_their_half_width(
    mean: float | None, low: float | None, high: float | None, unit: str, text: str
) -> None:
    assert format_interval({"mean": mean, "ci_low": low, "ci_high": high, "n": 3, "unit": unit}) == text


def test_the_printed_table_is_plain_away_from_a_terminal() -> None:
    out = io.StringIO()
    summary = build_summary(synthetic_result(replications=5, periods=60))
    print_kpis(summary, Console(file=out))
    text = out.getvalue()
    assert "\x1b" not in text
    assert not set("─│┃━┏") & set(text)
    assert "normal" in text
    assert "disrupted" in text
    assert "Data: synthetic (drawn for tests)" in text
    rows = {line.strip().split("  ")[0] for line in text.splitlines()}
    assert {"Cost", "Profit", "CVaR 95 % of cost", "CVaR 95 % of profit lost", "Fill rate"} <= rows


def test_one_line_parts_the_means_from_what_is_read_off_all_replications() -> None:
    table = kpi_table(build_summary(synthetic_result(replications=5, periods=60)))
    ends = [row.end_section for row in table.rows]
    means = {measure.row(Terms()) for measure in MEASURES.values() if isinstance(measure, ByReplication)}
    names = list(table.columns[0].cells)
    assert ends.count(True) == 1
    place = ends.index(True) + 1
    assert 0 < place < len(names)
    assert set(names[:place]) <= means
    assert not set(names[place:]) & means


def test_the_terminal_table_leaves_out_goods_energy_and_emissions_that_are_0_throughout() -> None:
    summary = build_summary(synthetic_result(replications=5, periods=60))
    runs, names = summary["kpis"].values(), ("expired", "given", "disposed", "energy", "emissions")
    rows = {name: MEASURES[f"{name}_per_period"].row(Terms()) for name in names}
    assert all(run[f"{name}_per_period"]["mean"] == 0.0 for run in runs for name in names)
    assert not set(rows.values()) & set(kpi_table(summary).columns[0].cells)
    for name in names:
        summary["kpis"]["disrupted"][f"{name}_per_period"]["mean"] = 1.0
    assert set(rows.values()) <= set(kpi_table(summary).columns[0].cells)


def test_the_terminal_table_has_a_row_for_every_key_figure_that_has_a_value() -> None:
    summary = build_summary(synthetic_result(replications=5, periods=60))
    shown = set(kpi_table(summary).columns[0].cells)
    zero = {
        "contracted_from_closed_per_period",
        "backorders",
        "mean_wait",
        "shortage_cost_per_period",
        "fixed_cost_per_period",
        "emissions_per_period",
    }
    making = ("recipe_cost", "disposal_cost", "expired", "given", "disposed", "energy")
    zero |= {f"{name}_per_period" for name in making}
    means = [measure for measure in MEASURES.values() if isinstance(measure, ByReplication)]
    assert {measure.row(Terms()) for measure in means if measure.name not in zero} <= shown
    out = io.StringIO()
    print_kpis(summary, Console(file=out, force_terminal=True, width=120))
    assert "\x1b" in out.getvalue()


@pytest.mark.parametrize("twin", [False, True])
def test_key_figures_alone_are_those_of_the_summary(twin: bool) -> None:
    overrides = {"run.periods": 60} | ({} if twin else {"disruptions": []})
    result = simulate(SCENARIOS / "quickstart", replications=3, engine="agents", overrides=overrides)
    assert (result.twin is not None) == twin
    entries = build_summary(result)["kpis"][result.label]
    assert {name: one.entry(entries[name]["unit"]) for name, one in key_figures(result).items()} == entries

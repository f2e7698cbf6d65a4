"""Measures of a user's own: in summary, table, comparison and manifest of a run, and as objectives of a search."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console

import esc_sim
from esc_sim.comparison import compare_runs
from esc_sim.errors import InputError
from esc_sim.measures.measure import Mean, Need, Periods
from esc_sim.measures.own import OwnMeasure
from esc_sim.measures.tails import CostTail
from esc_sim.results.manifest import build_manifest
from esc_sim.results.run import column
from esc_sim.results.summary import build_summary
from esc_sim.results.table import kpi_table
from esc_sim.results.writing import write_run
from esc_sim.simulation import simulate
from tests.helpers.runs import SCENARIOS

OIL_GAS = SCENARIOS / "oil_gas"
SHORT = ["run.periods=60"]
Floats = NDArray[np.float64]


def unmet_cvar(periods: Periods) -> Floats:
    """Mean of the worst twentieth of a replication's periods, by demand that was not met."""
    worst = np.sort(periods["lost_demand"], axis=1)[:, ::-1]
    return np.asarray(worst[:, : worst.shape[1] // 20].mean(axis=1))


POOLED = CostTail(
    name="unmet_pooled", label="CVaR {level} of unmet demand", unit="{goods}/{period}", better="smaller",
    definition="CVaR of the demand that is lost", needs=(Need.TAIL,), of=lambda p: p["lost_demand"], statistic="cvar",
)  # fmt: skip
OWN = OwnMeasure(of=unmet_cvar, better="smaller", unit="{goods}/{period}", label="Unmet demand of the worst days")


def test_a_function_is_a_key_figure_with_interval_and_paired_difference() -> None:
    measures: dict[str, Any] = {"unmet_cvar": unmet_cvar, "unmet_pooled": POOLED}
    run = simulate(OIL_GAS, overrides=SHORT, replications=8, seed=1, engine="agents", measures=measures)
    summary = build_summary(run)
    assert run.twin is not None
    lost = np.sort(column(run.values, "lost_demand"), axis=1)[:, -3:].mean(axis=1)
    twin = np.sort(column(run.twin, "lost_demand"), axis=1)[:, -3:].mean(axis=1)
    kpis = summary["kpis"]
    assert kpis["disrupted"]["unmet_cvar"]["mean"] == pytest.approx(lost.mean(), rel=1e-12)
    assert kpis["undisrupted"]["unmet_cvar"]["mean"] == pytest.approx(twin.mean(), rel=1e-12)
    assert kpis["difference"]["unmet_cvar"]["mean"] == pytest.approx((lost - twin).mean(), rel=1e-12)
    assert kpis["disrupted"]["unmet_cvar"]["ci_low"] < lost.mean() < kpis["disrupted"]["unmet_cvar"]["ci_high"]
    pooled = np.sort(column(run.values, "lost_demand").ravel())
    assert kpis["disrupted"]["unmet_pooled"]["mean"] == pytest.approx(pooled[pooled >= pooled[456]].mean(), rel=1e-12)
    usual = build_summary(simulate(OIL_GAS, overrides=SHORT, replications=8, seed=1, engine="agents"))
    for name in ("unmet_cvar", "unmet_pooled"):
        for figures in kpis.values():
            del figures[name]
    assert kpis == usual["kpis"]
    assert "measures" not in usual


def test_it_stands_in_table_manifest_and_folder(tmp_path: Path) -> None:
    run = simulate(OIL_GAS, overrides=SHORT, replications=4, seed=1, engine="agents", measures={"unmet_cvar": OWN})
    assert build_manifest(run)["measures"] == {
        "unmet_cvar": "Mean of the worst twentieth of a replication's periods, by demand that was not met."
    }
    summary = write_run(run, tmp_path / "run")
    page = Console(file=io.StringIO(), width=200)
    page.print(kpi_table(summary))
    assert isinstance(page.file, io.StringIO)
    (row,) = [line for line in page.file.getvalue().splitlines() if "Unmet demand of the worst days" in line]
    assert row.rstrip().endswith("unit/day")


def test_runs_are_compared_by_it() -> None:
    runs = {
        name: simulate(
            OIL_GAS, overrides=SHORT, replications=4, seed=1, engine="agents", negotiation=name, measures={"worst": OWN}
        )
        for name in ("lowest_cost", "most_reliable")
    }
    (first, second) = [row for row in compare_runs(runs) if row.kpi == "worst"]
    assert first.difference.mean == 0.0
    assert second.difference.mean == pytest.approx(second.value.mean - first.value.mean, rel=1e-9)
    assert (first.label, first.unit) == ("Unmet demand of the worst days", "unit/day")


def search(**options: Any) -> Any:
    return esc_sim.optimize(
        OIL_GAS, overrides=["run.periods=40"], population=8, generations=2, replications=2, held_out=16, **options
    )


def test_it_is_an_objective_and_a_constraint(tmp_path: Path) -> None:
    front = search(measures={"worst": OWN}, objectives=["profit", "worst"], out=tmp_path / "front")
    assert front.measures[:2] == ("profit", "worst")
    assert front.maximize == [True, False]
    assert "worst" in (tmp_path / "front" / "manifest.json").read_text(encoding="utf-8")
    limited = search(
        measures={"worst": unmet_cvar}, objectives=["profit", "cvar"], constraints=[{"measure": "worst", "at_most": 20}]
    )
    assert limited.measures == ("profit", "cvar", "worst")
    np.testing.assert_array_equal(limited.kept, limited.held_out[:, 2] <= 20.0)


@pytest.mark.parametrize(
    ("measures", "message"),
    [
        ({"cvar": unmet_cvar}, "measures: the name 'cvar' is taken"),
        ({"profit": unmet_cvar}, "measures: the name 'profit' is taken"),
        ({"worst": 3}, r"measures: 3 for 'worst' is no function of a run's columns: write def worst\(periods\)"),
        ({"worst day": unmet_cvar}, "measure 'worst day': a name has letters, digits and '_' only"),
        ({"worst": POOLED}, "measures: 'worst' calls itself 'unmet_pooled': give both the same name"),
        ({"worst": OwnMeasure(of=unmet_cvar, unit="{gold}")}, "measure 'worst': '.*' holds a placeholder"),
    ],
)
def test_what_is_no_measure_is_refused(measures: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        simulate(OIL_GAS, overrides=SHORT, replications=1, measures=measures)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda p: p["lost_demand"], r"measure 'worst': <lambda> \(line \d+\): gave an array of shape \(2, 60\), not"),
        (lambda p: 3.0, "gave one number, not one number for each of the 2 replications"),
        (lambda p: ["a", "b"], "which are no numbers"),
        (lambda p: None, "gave array\\(None, dtype=object\\), which are no numbers"),
        (lambda p: p["cost"].mean(axis=1) / 0.0, "gave infinity; nan stands for no value"),
        (lambda p: p["sold"], "KeyError: no column of periods is called 'sold'"),
        (lambda p: 1 // 0, "ZeroDivisionError"),
    ],
)  # fmt: skip
def test_a_function_that_returns_nonsense_is_told(function: Any, message: str) -> None:
    run = simulate(OIL_GAS, overrides=SHORT, replications=2, engine="agents", measures={"worst": function})
    with np.errstate(divide="ignore"), pytest.raises(InputError, match=message):
        build_summary(run)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"objectives": ["profit", "worst"]}, "'worst' does not say which way is better: give esc_sim.OwnMeasure"),
        ({}, "measures: no objective and no constraint names 'worst', so no search looks at it"),
        ({"objectives": ["profit", "wurst"]}, r"optimize\.objectives\.1: .*'wurst'"),
        ({"constraints": [{"measure": "worst", "at_moost": 3}]}, r"optimize\.constraints\.0\.at_moost: unknown key"),
        ({"constraints": [{"measure": "worst", "at_most": 3}], "dask": "tcp://x"}, "not handed Python code"),
    ],
)
def test_searches_refuse_what_they_cannot_use(options: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        search(measures={"worst": unmet_cvar}, **options)


def test_a_library_measure_has_its_own_words() -> None:
    turnover = Mean(
        name="turnover", label="Turnover", unit="per {period}", definition="served over stock", better="larger",
        of=lambda p: p["served"].mean(axis=1) / p["stock"].mean(axis=1),
    )  # fmt: skip
    run = simulate(OIL_GAS, overrides=SHORT, replications=2, engine="agents", measures={"turnover": turnover})
    assert build_summary(run)["kpis"]["disrupted"]["turnover"]["unit"] == "per day"


def test_sweeps_and_comparisons_have_it() -> None:
    swept = esc_sim.sweep(
        OIL_GAS, {"disruptions.refinery_3_outage.probability": [0.0, 0.3]}, overrides=SHORT, replications=2,
        measures={"worst": unmet_cvar},
    )  # fmt: skip
    low, high = swept.table["worst.mean"]
    assert 0.0 <= low < high
    compared = esc_sim.compare(
        OIL_GAS, {"usual": {}, "reliable": {"rules.negotiation": "most_reliable"}}, replications=2,
        measures={"worst": OWN}, engine="agents",
    )  # fmt: skip
    found = {row.variant: row for row in compared.rows if row.kpi == "worst"}
    assert found["reliable"].difference.mean == pytest.approx(
        found["reliable"].value.mean - found["usual"].value.mean, abs=1e-9
    )
    with pytest.raises(InputError, match="measures: the name 'cvar' is taken"):
        esc_sim.sweep(OIL_GAS, {"run.seed": [1, 2]}, measures={"cvar": unmet_cvar})

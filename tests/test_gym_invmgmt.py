"""gym-invmgmt's benchmark: a recorded episode of its package period by period, and its oracle."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from experiments.published.gym_invmgmt.accounts import follow
from experiments.published.gym_invmgmt.cases import DATA, SEEDS, by_seed, cases
from experiments.published.gym_invmgmt.oracle import oracle

CASES = {case.name: case for case in cases()}


def test_an_episode_recorded_in_the_package_comes_out_the_same_period_by_period() -> None:
    """Requests beyond stock, lost demand, goodwill, late orders; PROVENANCE.md says how it was recorded."""
    with (DATA / "recorded.csv").open(encoding="utf-8") as stream:
        table = list(csv.DictReader(stream))
    recorded = {column: np.array([float(row[column]) for row in table]) for column in table[0]}
    links = [("n2", "n1"), ("n3", "n2"), ("n4", "n3")]
    asked = {(supplier, buyer): recorded[f"asked_{supplier}_{buyer}"] for supplier, buyer in links}
    found = follow(CASES["serial, trend+seasonal, goodwill, lost"], asked, SEEDS.index(42))
    assert any((recorded[f"filled_{s}_{b}"] < recorded[f"asked_{s}_{b}"]).any() for s, b in links)
    assert (recorded["unmet"] > 0).any()
    for supplier, buyer in links:
        np.testing.assert_array_equal(found.flows[supplier, buyer], recorded[f"filled_{supplier}_{buyer}"])
    np.testing.assert_array_equal(found.demand, recorded["demand"])
    for site in ("n1", "n2", "n3"):
        np.testing.assert_array_equal(found.stocks[site], recorded[f"stock_{site}"])
    np.testing.assert_allclose(found.profits, recorded["profit"], rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "name",
    ["base, trend+seasonal+shock, lost", "serial, trend+seasonal, goodwill, backlog", "serial, M5_volatile, backlog"],
)
def test_foresight_earns_what_is_published_of_a_path_and_its_run_keeps_the_promise(name: str) -> None:
    promised, found = oracle(CASES[name], 0)
    assert found.profit == pytest.approx(by_seed()[name, SEEDS[0]]["Oracle"], abs=1e-3)
    assert found.profit == pytest.approx(promised, abs=1e-3)


def test_the_committed_table_says_what_the_ledger_says() -> None:
    with (DATA.parent / "tables" / "short.csv").open(encoding="utf-8") as stream:
        table = list(csv.DictReader(stream))
    assert [row["scenario"] for row in table] == list(CASES)
    assert {row["oracle_verdict"] for row in table} == {"matches"}
    ledger = (DATA.parents[2] / "README.md").read_text(encoding="utf-8")
    for name in ("levels", "rolling"):
        assert f"| {np.mean([float(row[f'{name}_gap']) for row in table]):.2f} ± " in ledger


def test_the_published_rows_are_the_means_of_their_paths() -> None:
    assert len(CASES) == 22
    for case in CASES.values():
        mean = np.mean([by_seed()[case.name, seed]["Oracle"] for seed in SEEDS])
        assert mean == pytest.approx(float(case.row["Oracle_Profit"]), rel=1e-5)

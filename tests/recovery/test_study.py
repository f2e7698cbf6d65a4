"""The study of the recovery paper runs and brings numbers together as it says."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from experiments.recovery import __main__ as command
from experiments.recovery import draw, study, tables
from experiments.recovery.cases import fresh, reference, reference_removed_120, small


def test_reference_case_is_the_scenario() -> None:
    case = reference()
    assert [case.cascade.run(case.removed(k)).rn for k in (20, 50, 100, 150)] == [974, 923, 695, 5]
    assert case.cascade.run(reference_removed_120()).rn == 99


def test_the_scale_of_loads_is_fitted_to_table_1() -> None:
    """The ledger says "by calibration" of the number of restored nodes: the 62 smallest loads make up the budget."""
    loads = np.sort(reference().cascade.loads[np.asarray(reference_removed_120(), dtype=int)])
    assert loads[:62].sum() == pytest.approx(200.0, abs=1e-8)


def test_small_scenario_is_what_its_script_draws() -> None:
    from esc_sim.network.scale_free import role_typed_scale_free

    network = small().cascade.network
    counts = {"supplier": 11, "manufacturer": 3, "wholesaler": 5, "retailer": 18}
    roles, arcs = role_typed_scale_free(counts, m=3, a=6.0, seed=3)
    assert [network.role_names[code] for code in network.role] == roles
    assert list(zip(network.source.tolist(), network.out_node.tolist(), strict=True)) == [
        tuple(a) for a in arcs.tolist()
    ]


def test_budgets_never_lower_resilience() -> None:
    rows = list(study.budgets(small(), 60))
    assert len(rows) == len(study.SMALL_REMOVALS) * len(study.SMALL_BUDGETS)
    for removed in study.SMALL_REMOVALS:
        curve = [row["rn"] for row in rows if row["removed"] == removed]
        assert curve == sorted(curve)


def test_spread_takes_fresh_networks_together() -> None:
    rows = [
        {"network": "reference", "removed": 20, "rn": 974},
        {"network": "fresh 0", "removed": 20, "rn": 960},
        {"network": "fresh 1", "removed": 20, "rn": 970},
    ]
    reference_line, fresh_line = tables.spread(rows, ["removed"])
    assert reference_line["rn_mean"] == 974
    assert (fresh_line["network"], fresh_line["n"]) == (tables.FRESH, 2)
    assert fresh_line["rn_mean"] == 965
    assert fresh_line["rn_sd"] == pytest.approx(7.1)


def test_fresh_networks_differ() -> None:
    assert fresh(0).cascade.network.arcs != 0
    assert fresh(0).order.tolist() != fresh(1).order.tolist()
    assert fresh(0).cascade.loads.tolist() != fresh(1).cascade.loads.tolist()


def test_composition_adds_up() -> None:
    case = small()
    for row in study.composition("small", case, case.removed(8), 40):
        assert row["supplier"] + row["manufacturer"] + row["wholesaler"] + row["retailer"] == row["restored"]


def test_short_form_leaves_the_full_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = (tables.TABLES / "cascades.csv").read_bytes()
    monkeypatch.setattr(sys, "argv", ["recovery", "cascades", "--networks", "1", "--out", str(tmp_path)])
    command.main()
    assert (tables.TABLES / "cascades.csv").read_bytes() == full
    assert {row["n"] for row in tables.read(tmp_path / "tables", "cascades")} == {1}


def test_figures_name_searches_in_words(tmp_path: Path) -> None:
    figure = draw.figure5_iterations(tables.read(tables.TABLES, "fig5_iterations"))
    words = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert words == [
        "genetic algorithm", "memetic search as published", "memetic search as published, local search from the first",
    ]  # fmt: skip
    draw.all_figures(tmp_path, tmp_path)  # no table, no figure
    assert not list(tmp_path.iterdir())

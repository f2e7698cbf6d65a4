"""Warm-up, batches and tiers in the summary."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from esc_sim import simulate
from esc_sim.cli import main
from esc_sim.results.sampled import in_batches
from esc_sim.results.summary import build_summary
from tests.helpers.runs import SCENARIOS
from tests.inventory.helpers import serial


def test_batches_are_stretches_of_equal_length_counted_from_the_end() -> None:
    values = np.arange(2 * 7, dtype=float).reshape(2, 7, 1)
    parts = in_batches(values, 3)[..., 0]
    np.testing.assert_array_equal(parts, [[1, 2], [3, 4], [5, 6], [8, 9], [10, 11], [12, 13]])


def test_summary_leaves_out_the_warm_up_and_tells_tier_by_tier() -> None:
    stage = {
        "initial_stock": 12.0,
        "demand": {"mean": 10.0, "sd": 2.0},
        "order": {"policy": "base_stock", "order_up_to": 30.0},
    }
    store = {"initial_stock": 30.0, "order": {"policy": "base_stock", "order_up_to": 30.0}}
    made = serial([stage, store], [1, 2], periods=110, warm_up=10, replications=1, batches=20)
    result = simulate(made)
    summary = build_summary(result)
    cost = summary["kpis"]["undisrupted"]["profit_per_period"]
    assert cost["n"] == 20
    assert summary["periods"] == 110
    demand = result.values[0, 10:, 9]
    first, second = summary["tiers"]["layer 1"], summary["tiers"]["layer 2"]
    assert abs(first["demand_per_period"]["mean"] - demand.mean()) < 1e-9
    # With base stock each stage orders what it was asked for.
    assert abs(first["bullwhip"]["mean"] - 1.0) < 1e-9
    assert abs(second["bullwhip_total"]["mean"] - 1.0) < 1e-9


def test_run_prints_tiers_where_nodes_have_layers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(SCENARIOS / "beer_game"), "--set", "run.periods=20"]) == 0
    printed = capsys.readouterr().out
    assert "Tier by tier" in printed
    for text in ("asked for, barrel/week", "met at once", "bullwhip", "layer 4"):
        assert text in printed
    # Mean orders are tallied, too, where there are layers; without layers there are no tiers.
    assert main(["run", str(SCENARIOS / "oil_gas"), "--set", "run.periods=20", "--replications", "2"]) == 0
    assert "layer 5" in capsys.readouterr().out


def test_run_says_when_the_agent_engine_stepped_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.py").write_text("class Mine:\n    def order(self, view):\n        return view.demand\n")
    (tmp_path / "scenario.yaml").write_text(
        "version: 1\nname: shop\nrun: {periods: 5, replications: 2}\n"
        'nodes:\n  - {id: shop, demand: {mean: 6}, order: {policy: code, code: "mine.py:Mine"}}\n'
        "  - {id: source, initial_stock: 100}\narcs:\n  - {buyer: shop, supplier: source}\n"
    )
    assert main(["run", str(tmp_path), "--allow-code", "--out", str(tmp_path / "out")]) == 0
    notice = "run by the agent engine: orders of shop are decided by a Python class"
    assert f"note: {notice}" in capsys.readouterr().out
    assert notice in (tmp_path / "out" / "manifest.json").read_text()

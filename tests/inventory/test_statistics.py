"""Warm-up, batches and tiers in the summary."""

from __future__ import annotations

import numpy as np

from esc_sim import simulate
from esc_sim.results.summary import build_summary, in_batches
from tests.inventory.helpers import serial


def test_batches_are_stretches_of_equal_length_counted_from_the_end() -> None:
    values = np.arange(2 * 7, dtype=float).reshape(2, 7, 1)
    parts = in_batches(values, 3)[..., 0]
    np.testing.assert_array_equal(parts, [[1, 2], [3, 4], [5, 6], [8, 9], [10, 11], [12, 13]])


def test_summary_leaves_out_the_warm_up_and_tells_tier_by_tier() -> None:
    stage = {"start_stock": 12.0, "demand": {"mean": 10.0, "sd": 2.0}, "order": {"policy": "base_stock", "up_to": 30.0}}
    store = {"start_stock": 30.0, "order": {"policy": "base_stock", "up_to": 30.0}}
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

"""One product of a supplier is out on all arcs that carry it from there: by hand, replayed, on both engines."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from esc_sim.results.run import column
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import simulate
from esc_sim.stress.run import StressTest, stress
from esc_sim.stress.writing import replays
from tests.helpers.networks import scenario_of

LOST = 10 * 6 - 17
"""Of an outage of 6 periods: a hole of 60 units, which only the 17 on the shelf fill."""
MARGIN = 4.75
"""Of a unit: sold for 5, 0.25 paid for its way."""
PLAYED: dict[str, Any] = {"duration": 6, "starts": [40], "knowledge": (), "what": ("arcs", "products"), "worst": 1}


@cache
def two_products() -> Scenario:
    """Two shops buy tea from a factory, one of them coffee, too; demand 10 a period, lead time 3, base stock 47."""
    shop = {
        "demand": {"mean": 10, "price": 5},
        "order": {"policy": "base_stock", "order_up_to": 47},
        "initial_stock": 47,
    }
    made = {"initial_stock": 100000, "target_stock": 100000, "production": {"mean": 100000}}
    arc = {"supplier": "factory", "price": 2, "other_cost": 0.25, "lead_time": 3}
    return scenario_of(
        {
            "products": [{"id": "tea"}, {"id": "coffee"}],
            "nodes": [
                {"id": "shop", "layer": 1, "product": "tea", **shop},
                {"id": "kiosk", "layer": 1, "product": "tea", **shop},
                {"id": "factory", "layer": 2, "product": "tea", **made},
            ],
            "stocks": [
                {"node": "shop", "product": "coffee", **shop},
                {"node": "factory", "product": "coffee", **made},
            ],
            "arcs": [
                {"buyer": "shop", "product": "tea", **arc},
                {"buyer": "kiosk", "product": "tea", **arc},
                {"buyer": "shop", "product": "coffee", **arc},
            ],
            "rules": {"known_after": 0.0},
            "run": {"periods": 120, "replications": 1, "seed": 1, "warm_up": 20},
        }
    )


@cache
def played(engine: str) -> StressTest:
    return stress(two_products(), engine=engine, **PLAYED)


def row_of(test: StressTest, kind: str, name: str) -> pd.Series:
    (row,) = [row for _, row in test.table.iterrows() if (row["kind"], row["stressor"]) == (kind, name)]
    return row


@pytest.mark.parametrize("engine", ["agents", "compiled"])
def test_a_product_is_out_with_all_its_buyers_and_no_other_product(engine: str) -> None:
    test = played(engine)
    tea, coffee = (row_of(test, "product", f"factory/{product}") for product in ("tea", "coffee"))
    assert (tea["lost_demand"], coffee["lost_demand"]) == (2 * LOST, LOST)
    assert (tea["impact"], coffee["impact"]) == (2 * LOST * MARGIN, LOST * MARGIN)
    # What is on its way is held on the arcs, but for what is due when they fail: 17 + 10 units last for two periods.
    assert tea["time_to_survive"] == coffee["time_to_survive"] == 2.0
    assert tea["spend"] == 2 * coffee["spend"] == 2 * 120 * 10 * 2
    assert pd.isna(tea["lp_loss"])
    hit = {(customer, product) for name, customer, product, lost, _ in test.lost if name == "factory/tea" and lost}
    assert hit == {("shop", "tea"), ("kiosk", "tea")}
    arc = row_of(test, "arc", "shop/factory/coffee")
    numbers = [name for name in test.table.columns if name not in ("stressor", "kind")]
    pd.testing.assert_series_equal(arc[numbers], coffee[numbers], check_names=False, check_exact=True)


def test_engines_agree() -> None:
    pd.testing.assert_frame_equal(played("agents").table, played("compiled").table, check_exact=True)


def test_a_replay_breaks_the_same() -> None:
    (told,) = [one for one in replays(played("agents")) if one["stressor"] == "factory/tea"]
    change = json.loads(told["set"].partition("=")[2])
    assert {(arc["buyer"], arc["product"]) for arc in change[0]["arcs"]} == {("shop", "tea"), ("kiosk", "tea")}
    scenario = two_products().model_dump(by_alias=True) | {"disruptions": change}
    run = simulate(Scenario.model_validate(scenario), engine="agents")
    assert column(run.values, "lost_demand").sum() == 2 * LOST


def test_products_are_named_and_chosen(tmp_path: Path) -> None:
    test = stress(two_products(), engine="agents", **PLAYED | {"only": ["factory/tea", "factory/coffee"]})
    assert test.table["stressor"].tolist() == ["factory/tea", "factory/coffee"]
    assert test.table["kind"].tolist() == ["product", "product"]
    assert test.table["exposure_index"].tolist() == [1.0, 0.5]

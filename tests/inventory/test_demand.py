"""Demand from a series, with trend and seasons, and demands that move together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim import load_scenario
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.sampling.demand import cholesky
from esc_sim.sampling.tape import tape_block
from esc_sim.scenario.schema import Scenario
from tests.inventory.helpers import both_engines, scenario

START = """\
version: 1
name: shop
run: {periods: 7}
nodes:
  - {id: shop, initial_stock: 1000, demand: {series: shop, then: repeat}}
"""


def shops(demands: list[dict[str, Any]], **parts: Any) -> Scenario:
    nodes = [{"id": f"shop_{k}", "initial_stock": 1e6, "demand": demand} for k, demand in enumerate(demands)]
    return scenario(nodes=nodes, **{"run": {"periods": 14}, **parts})


def served(made: Scenario) -> np.ndarray:
    return both_engines(made, replications=1).items[0, :, :, 7]


def test_series_season_and_trend_by_hand() -> None:
    made = shops(
        [
            {"series": "week", "season": [1.0, 0.5], "then": "repeat"},
            {"mean": 10.0, "trend": 2.0},
            {"law": {"law": "constant", "value": 4.0}, "season": [0.0, 1.0, 2.0]},
        ],
        series={"week": [3.0, 4.0, 5.0]},
    )
    time = np.arange(14)
    expected = np.stack(
        [np.array([3.0, 4.0, 5.0])[time % 3] * np.where(time % 2, 0.5, 1.0), 10.0 + 2.0 * time, 4.0 * (time % 3)]
    )
    np.testing.assert_array_equal(served(made), expected.T)


def test_blocks_of_periods_give_the_same_course() -> None:
    made = shops([{"mean": 10.0, "sd": 2.0, "trend": 0.5, "season": [1.0, 2.0, 0.5]}, {"mean": 9.0, "sd": 1.0}],
                 correlations=[{"name": "weather", "nodes": ["shop_0", "shop_1"], "rho": 0.5}])  # fmt: skip
    columns = instance_of(made).columns
    whole = tape_block(columns, 5, 0, 0, 20)
    parts = [tape_block(columns, 5, 0, first, 5) for first in range(0, 20, 5)]
    np.testing.assert_array_equal(whole, np.concatenate(parts))


@pytest.mark.parametrize("how", ["rho", "matrix"])
def test_demands_move_together(how: str) -> None:
    nodes = ["shop_0", "shop_1", "shop_2"]
    matrix = [[1.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 1.0]]
    given = {"rho": 0.6} if how == "rho" else {"matrix": matrix}
    made = shops(
        [{"mean": 100.0, "sd": 10.0}, {"mean": 50.0, "sd": 5.0}, {"mean": 70.0, "sd": 7.0}],
        correlations=[{"name": "weather", "nodes": nodes, **given}],
        run={"periods": 20_000},
    )
    drawn = tape_block(instance_of(made).columns, 1, 0, 0, 20_000)[:, :3]
    expected = np.array(matrix) if how == "matrix" else np.full((3, 3), 0.6) + 0.4 * np.eye(3)
    # The standard error of a correlation is at most 1 / sqrt(20,000) = 0.007.
    np.testing.assert_allclose(np.corrcoef(drawn.T), expected, atol=0.03)
    np.testing.assert_allclose(drawn.std(axis=0), 1.0, atol=0.03)


def test_a_law_keeps_its_values_when_it_moves_with_others() -> None:
    law = {"law": {"law": "poisson", "mean": 20.0}}
    made = shops(
        [law, law],
        correlations=[{"name": "weather", "nodes": ["shop_0", "shop_1"], "rho": 0.8}],
        run={"periods": 20_000},
    )
    drawn = tape_block(instance_of(made).columns, 1, 0, 0, 20_000)[:, :2]
    assert (drawn == np.round(drawn)).all()
    assert abs(drawn.mean() - 20.0) < 0.15
    assert 0.75 < np.corrcoef(drawn.T)[0, 1] < 0.85


def test_what_cannot_move_together_is_refused() -> None:
    assert cholesky([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]]) is None
    made = shops([{"mean": 3.0}, {"mean": 3.0, "sd": 1.0}], correlations=[{"name": "w", "nodes": ["shop_0", "shop_1"],
                                                                          "rho": 0.5}])  # fmt: skip
    with pytest.raises(InputError, match="the demand of 'shop_0' is not random"):
        instance_of(made)


def test_series_from_a_table(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text(START)
    (tmp_path / "series.csv").write_text("shop,other\n5,1\n6,\n7.5,\n")
    made = load_scenario(tmp_path)
    assert made.series == {"shop": [5.0, 6.0, 7.5], "other": [1.0]}
    np.testing.assert_array_equal(served(made)[:, 0], [5.0, 6.0, 7.5, 5.0, 6.0, 7.5, 5.0])


def test_a_model_cannot_be_played_beyond_a_series_that_nothing_follows() -> None:
    made = shops([{"series": "week"}], series={"week": [3.0, 4.0, 5.0]}, run={"periods": 3})
    model = SupplyChainModel(instance_of(made), seed=1, replication=0)
    model.run()
    with pytest.raises(InputError, match="a series of demand ends after 3 periods"):
        model.step()
    followed = shops([{"series": "week", "then": "hold"}], series={"week": [3.0, 4.0, 5.0]}, run={"periods": 2})
    assert instance_of(followed).columns.end == float("inf")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("shop\n5\nx\n", r"series.csv:3: column 'shop': the cell 'x' is no number of at least 0"),
        ("shop\n5\n-1\n", r"series.csv:3: column 'shop': the cell '-1' is no number"),
        ("shop,b\n5,1\n,2\n6,3\n", r"series.csv:3: column 'shop': the cell is empty, and numbers follow below it"),
        ("shop,shop\n5,1\n", r"column 'shop' stands here twice"),
        ("shop,b\n5\n", r"series.csv:2: 1 cells, but the header names 2"),
        ("shp\n5\n", r"nodes.0.demand.series: there is no series 'shop'; did you mean 'shp'"),
    ],
)
def test_mistakes_in_series_are_located(tmp_path: Path, table: str, message: str) -> None:
    (tmp_path / "scenario.yaml").write_text(START)
    (tmp_path / "series.csv").write_text(table)
    with pytest.raises(InputError, match=message):
        load_scenario(tmp_path)


def test_histories_of_customers_who_move_together_are_drawn_in_the_same_blocks() -> None:
    law = {"law": "empirical", "block": 4}
    made = shops(
        [{"law": {**law, "series": "a"}}, {"law": {**law, "series": "b"}, "season": [1.0, 2.0]}],
        series={"a": [float(k) for k in range(20)], "b": [float(100 + k) for k in range(20)]},
        correlations=[{"name": "same", "nodes": ["shop_0", "shop_1"], "rho": 1.0}],
    )
    asked = served(made)
    np.testing.assert_array_equal(asked[:, 1], (100.0 + asked[:, 0]) * np.where(np.arange(14) % 2, 2.0, 1.0))
    # A block that reaches the end of the series goes on at its beginning.
    assert (
        np.isin(np.diff(asked[:, 0]), (1.0, -19.0)).sum() >= 10
    )  # three steps of each of three blocks, and one at the end

"""Final demand that lies farther from its mean, or closer, in some cases of a joint disruption."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import esc_sim as esc
from esc_sim.errors import InputError


def shop(demand: dict[str, Any], cases: list[dict[str, Any]], drawn: str = "replication") -> dict[str, Any]:
    return {
        "name": "shop",
        "nodes": [
            {"id": "shop", "initial_stock": 1e6, "demand": demand, "order": {"mean": 1}},
            {"id": "mill", "initial_stock": 1e6, "production": {"mean": 1}},
        ],
        "arcs": [{"buyer": "shop", "supplier": "mill"}],
        "joint_disruptions": [{"name": "season", "drawn": drawn, "cases": cases}],
        "run": {"periods": 3, "replications": 40},
    }


CASES = [
    {"name": "calm", "probability": 0.5, "demand": {"shop": 0.5}},
    {"name": "wild", "probability": 0.5, "demand_spread": {"shop": 3.0}},
]
LAWS: list[dict[str, Any]] = [
    {"mean": 100, "sd": 3},
    {"law": {"law": "uniform", "low": 80, "high": 120}},
    {"mean": 100, "sd": 3, "season": [1, 2, 0.5]},
    {"law": {"law": "gamma", "mean": 100, "sd": 30}, "season": [1, 2, 0.5]},
]


def demanded(scenario: dict[str, Any], engine: str, twin: bool = False) -> np.ndarray:
    run = esc.simulate(scenario, engine=engine)
    return run.twin_column("demand") if twin else run.column("demand")


@pytest.mark.parametrize("demand", LAWS)
@pytest.mark.parametrize("drawn", ["replication", "period"])
def test_demand_moves_away_from_its_mean_in_the_case_that_says_so(demand: dict[str, Any], drawn: str) -> None:
    plain = [{**case, "demand_spread": {}} for case in CASES]
    spread, alike = (demanded(shop(demand, cases, drawn), "agents") for cases in (CASES, plain))
    mean = 100.0 * np.array(demand.get("season", [1.0, 1.0, 1.0]))
    wild = spread != alike
    calm = alike < 0.75 * mean if "law" not in demand else ~wild
    assert 0.2 < wild.mean() < 0.8
    assert np.allclose(spread[wild], np.maximum(mean + 3.0 * (alike - mean), 0.0)[wild], atol=1e-4)
    assert np.array_equal(spread[calm], alike[calm])
    twin = demanded(shop(demand, CASES, drawn), "agents", twin=True)
    assert np.array_equal(twin, demanded(shop(demand, plain, drawn), "agents", twin=True))


@pytest.mark.slow
@pytest.mark.parametrize("drawn", ["replication", "period"])
def test_both_engines_draw_the_same(drawn: str) -> None:
    scenario = shop(LAWS[3], CASES, drawn)
    for twin in (False, True):
        assert np.array_equal(demanded(scenario, "agents", twin), demanded(scenario, "compiled", twin))


def test_what_cannot_spread_is_refused() -> None:
    with pytest.raises(InputError, match="there is no node 'shp'"):
        esc.simulate(shop(LAWS[0], [{**CASES[0], "demand_spread": {"shp": 2}}, CASES[1]]))
    with pytest.raises(InputError, match="'mill' has no final demand"):
        esc.simulate(shop(LAWS[0], [{**CASES[0], "demand_spread": {"mill": 2}}, CASES[1]]))
    with pytest.raises(InputError, match="the demand of 'shop' is not random, so it has no spread"):
        esc.simulate(shop({"mean": 5}, CASES), engine="agents")

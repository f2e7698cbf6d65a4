"""A pure function ranks suppliers: in both engines, in searches, and with its own words where it cannot."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import esc_sim
from esc_sim.engine.agents.runner import run_replications as run_agents
from esc_sim.engine.compiled.runner import run_replications as run_compiled
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.instance.negotiation import negotiated
from esc_sim.results.columns import ITEM_COLUMNS
from esc_sim.results.manifest import build_manifest
from esc_sim.scenario.schema import Scenario
from tests.helpers.networks import scenario_of, scenarios
from tests.helpers.runs import SCENARIOS, compiled, differences

OIL_GAS = SCENARIOS / "oil_gas"


def landed(price: float, other_cost: float) -> float:
    """The standard ranking."""
    return price + other_cost


def dearest(price: float, lead_time: float, a_day: float = 0.5) -> float:
    """The other way round, and near ones before far ones."""
    return a_day * lead_time - price


@settings(max_examples=60)
@given(scenarios(True, trading=True))
def test_both_engines_rank_alike(scenario: Scenario) -> None:
    instance = negotiated(instance_of(scenario), dearest)
    what = (instance, scenario.run.seed, (0,))
    assert differences(*(run(*what, stock=True, trace=True) for run in (run_agents, run_compiled))) == []


@settings(max_examples=20)
@given(scenarios(True, trading=True))
def test_the_standard_ranking_as_a_function_is_the_standard_one(scenario: Scenario) -> None:
    instance = negotiated(instance_of(scenario), landed)
    block = run_compiled(instance, scenario.run.seed, (0,), stock=True, trace=True)
    assert differences(block, compiled(scenario)) == []


def two_suppliers() -> Scenario:
    """A shop that wants 10 units a period from a cheap and slow supplier or from a dear and quick one."""
    return scenario_of(
        {
            "nodes": [
                {"id": "shop", "order": {"mean": 10}},
                {"id": "slow", "initial_stock": 1000},
                {"id": "quick", "initial_stock": 1000},
            ],
            "arcs": [
                {"buyer": "shop", "supplier": "slow", "price": 10, "lead_time": 5},
                {
                    "buyer": "shop",
                    "supplier": "quick",
                    "price": 12,
                    "lead_time": {"law": "uniform", "low": 1, "high": 2},
                },
            ],
            "run": {"periods": 3, "replications": 1, "seed": 1},
        }
    )


def by_time(price: float, lead_time: float, a_day: float = 1.0) -> float:
    """What a unit costs, and the time that it takes."""
    return price + a_day * lead_time


def by_price(price: float, lead_time: float, a_day: float = 0.5) -> float:
    """The same with time that is worth less."""
    return price + a_day * lead_time


def test_what_is_ranked_by() -> None:
    shipped = ITEM_COLUMNS.index("shipped")
    for ranking, sellers in ((by_time, [0, 30]), (by_price, [30, 0])):
        run = esc_sim.simulate(two_suppliers(), engine="agents", trace=True, negotiation=ranking)
        assert run.traces is not None
        assert run.traces.items[0, :, 1:3, shipped].sum(axis=0).tolist() == sellers
        assert build_manifest(run)["negotiation"] == ranking.__name__


def test_searches_rank_by_it_at_the_prices_that_they_try() -> None:
    options: dict[str, Any] = {
        "overrides": ["run.periods=40"], "population": 8, "generations": 2, "replications": 2, "held_out": 16,
    }  # fmt: skip
    usual, same, other = (
        esc_sim.optimize(OIL_GAS, negotiation=ranking, **options) for ranking in (None, landed, dearest)
    )
    np.testing.assert_array_equal(usual.held_out, same.held_out)
    assert (usual.held_out != other.held_out).any()
    plan = other.base_held_out
    run = esc_sim.simulate(OIL_GAS, overrides=["run.periods=40"], negotiation=dearest, replications=16, seed=1)
    assert abs(run.values[:, :, 1].sum(axis=1).mean() / plan[0] - 1) < 0.1


def test_protocols_that_are_objects_are_searched_by_the_agents() -> None:
    front = esc_sim.optimize(
        OIL_GAS, negotiation="most_reliable", algorithm="nsga2", population=4, generations=1, replications=4,
        held_out=4, workers=1, overrides={"run.periods": 20, "optimize.objectives": ["profit", "fill_rate"]},
    )  # fmt: skip
    assert any("designs are judged by the agent engine: markets negotiate by most_reliable" in n for n in front.notices)


def fails(price: float) -> float:
    """Divides by nothing."""
    return 1.0 / (price - price)


def endless(price: float) -> float:
    """No number."""
    return price * math.inf


def unknown(price: float, mood: float) -> float:
    """Asks for what there is not."""
    return price + mood


def listed(price: float) -> float:
    """Outside the subset."""
    return sum([price])


@pytest.mark.parametrize(
    ("ranking", "message"),
    [
        (fails, r"test_ranking\.py: fails: ZeroDivisionError: .*\(at price "),
        (endless, r"test_ranking\.py: endless: returned inf \(at price .*\), not a number to rank by"),
        (unknown, "negotiation: 'unknown' needs a default for 'mood'; what a ranking sees is price, other_cost"),
        (listed, r"test_ranking\.py:\d+: listed: 'sum' cannot be called"),
    ],
)
def test_what_ranks_nothing_is_told(ranking: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        esc_sim.simulate(OIL_GAS, replications=1, negotiation=ranking)

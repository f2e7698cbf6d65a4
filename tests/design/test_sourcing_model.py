"""Parts of the sourcing model by hand: when it collapses, how tight the big-M is, what a solution becomes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from esc_sim.design.sourcing import SourcingInstance, SourcingOptions
from esc_sim.design.sourcing.model import (
    PROBABILITY_SLACK,
    add_indices,
    budget_slack,
    collapses,
    excess_variables,
    first_stage,
    plan_of,
    scenario_model,
    small_model,
)
from esc_sim.errors import InputError
from esc_sim.lp import BlockModel, Solution
from tests.design.test_sourcing_recheck import INSTANCE

TEN = np.array([10.0, 0.0])


def moving(prices: list[float]) -> SourcingInstance:
    """Backup prices of one number a scenario."""
    return replace(INSTANCE, backup_price=np.array(prices)[:, None, None] * np.ones((2, 1, 2)))


def test_one_recourse_serves_all_scenarios_where_only_the_spot_price_differs() -> None:
    assert collapses(INSTANCE, TEN)
    assert not collapses(INSTANCE, np.array([TEN, TEN]))
    assert not collapses(moving([7.0, 7.0]), TEN)
    equal = replace(INSTANCE, backup_price=np.array([[7.0, 10.0]]))
    assert collapses(equal, TEN)
    assert not collapses(replace(equal, backup_price=np.array([[7.0, 10.001]])), TEN)
    assert collapses(replace(INSTANCE, backups=(), reserve_cost=np.empty(0), backup_price=np.empty((0, 2))), TEN)


@pytest.mark.parametrize(
    ("budget", "epsilon", "worst", "expected"),
    [
        # All from the spot market costs 100 and 200. The storm may copy the calm's recourse at twice the budget.
        (150.0, 0.5, TEN, [0.0, 50.0]),
        # With an epsilon below the storm's weight, the storm itself keeps the budget.
        (150.0, 0.2, TEN, [0.0, 0.0]),
        (90.0, 0.5, TEN, [0.0, 90.0]),
        (60.0, 0.5, TEN, [0.0, 60.0]),
        # Neither keeps it for sure, but one of them does: the calm may copy either at the budget itself.
        (60.0, 0.8, TEN, [0.0, 60.0]),
        # Scenarios of all the weight keep it where epsilon is all but 1: then nothing is known but the spot market.
        (60.0, 1.0 - 0.5 * PROBABILITY_SLACK, TEN, [40.0, 140.0]),
        # The storm asks for two more units, which cost 40 beyond twice the budget.
        (60.0, 0.5, np.array([[10.0, 0.0], [12.0, 0.0]]), [0.0, 100.0]),
        (60.0, 0.5, np.array([[12.0, 0.0], [10.0, 0.0]]), [0.0, 60.0]),
        (60.0, 0.8, np.array([[12.0, 0.0], [10.0, 0.0]]), [20.0, 60.0]),
    ],
)
def test_how_much_a_scenario_may_exceed_the_budget(
    budget: float, epsilon: float, worst: np.ndarray, expected: list[float]
) -> None:
    options = SourcingOptions(budget=budget, epsilon=epsilon)
    assert budget_slack(INSTANCE, worst, options) == pytest.approx(expected)


def test_how_much_may_be_exceeded_without_a_spot_market_or_with_moving_prices() -> None:
    options = SourcingOptions(budget=30.0, epsilon=0.5, spot=False)
    assert budget_slack(INSTANCE, TEN, options) == pytest.approx([50.0, 50.0])  # 8 a unit, from the dearest backup
    assert budget_slack(moving([7.0, 9.0]), TEN, options) == pytest.approx([40.0, 60.0])
    # The backup costs three times as much in the storm, the spot market twice: copying costs three times.
    open_spot = SourcingOptions(budget=30.0, epsilon=0.5)
    assert budget_slack(moving([2.0, 6.0]), TEN, open_spot) == pytest.approx([0.0, 60.0])
    # A price of nothing has no ratio: nothing is known but the spot market.
    assert budget_slack(moving([0.0, 6.0]), TEN, open_spot) == pytest.approx([70.0, 170.0])


@pytest.mark.parametrize("block", ["V", "G", "contract"])
def test_dust_is_measured_by_the_largest_quantity(block: str) -> None:
    """Of a million, what is below a thousandth is dust, wherever the million stands."""
    values = {
        "V": np.zeros((1, 2)),
        "G": np.zeros(2),
        "contract": np.zeros((2, 2)),
        "reserve": np.array([0.9e-3]),
        "effort": np.array([[0.0, 0.9999999], [1e-7, 0.0]]),
    }
    values[block] = values[block].copy()
    values[block].flat[0] = 1e6
    for name in ("V", "G", "contract"):
        values[name].flat[1] = 0.9e-3
    plan = plan_of(INSTANCE, Solution("optimal", 0.0, 0.0, 0.0, 0.0, 0, values))
    for array in (plan.backup, plan.spot, plan.contract, plan.reserve):
        assert set(np.unique(array)) <= {0.0, 1e6}
    assert plan.backup.shape == (2, 1, 2)
    assert plan.spot.shape == (2, 2)
    assert plan.effort.tolist() == [[0.0, 1.0], [0.0, 0.0]]
    more = values | {"reserve": np.array([1.1e-3])}
    assert plan_of(INSTANCE, Solution("optimal", 0.0, 0.0, 0.0, 0.0, 0, more)).reserve.tolist() == [1.1e-3]


def test_a_solution_by_scenario_keeps_its_scenarios() -> None:
    values = {
        "V": np.array([[[1.0, 2.0]], [[3.0, 4.0]]]),
        "G": np.array([[5.0, 6.0], [7.0, 8.0]]),
        "contract": np.zeros((2, 2)),
        "reserve": np.array([9.0]),
        "effort": np.zeros((2, 2)),
    }
    plan = plan_of(INSTANCE, Solution("optimal", 0.0, 0.0, 0.0, 0.0, 0, values))
    assert plan.backup.tolist() == values["V"].tolist()
    assert plan.spot.tolist() == values["G"].tolist()
    assert plan.reserve.tolist() == [9.0]


def test_first_stage_by_hand() -> None:
    model = first_stage(INSTANCE, np.full(2, 50.0), SourcingOptions())
    blocks = model.variable_blocks
    assert blocks["effort"].cost.tolist() == [[11.0, 12.0], [23.0, 24.0]]
    assert blocks["effort"].upper.tolist() == [[1.0, 1.0], [1.0, 1.0]]
    assert blocks["effort"].integer
    assert np.isinf(blocks["reserve"].upper).all()
    assert model.row_blocks["one level"].upper.tolist() == [1.0, 1.0]
    assert set(model.row_blocks) == {"one level", "capacity"}
    only = first_stage(INSTANCE, np.full(2, 50.0), SourcingOptions(levels=("L2",), sole_sourcing=True))
    assert only.variable_blocks["effort"].upper.tolist() == [[0.0, 1.0], [0.0, 1.0]]
    assert only.variable_blocks["reserve"].upper.tolist() == [0.0]
    one = only.row_blocks["one primary"]
    assert (float(one.lower), float(one.upper)) == (1.0, 1.0)
    with pytest.raises(InputError, match="effort level 'L9' is unknown; known are L1, L2"):
        first_stage(INSTANCE, np.full(2, 50.0), SourcingOptions(levels=("L1", "L9")))


def test_the_small_form_by_hand() -> None:
    spot = small_model(INSTANCE, TEN, SourcingOptions()).variable_blocks["G"]
    assert spot.cost.tolist() == [12.5, 12.5]  # 0.75 * 10 + 0.25 * 20
    assert np.isinf(spot.upper).all()
    tail = SourcingOptions(objective="cvar", confidence=0.5, spot=False)
    closed = small_model(INSTANCE, TEN, tail).variable_blocks["G"]
    assert closed.cost.tolist() == [15.0, 15.0]  # half of the tail is storm
    assert closed.upper.tolist() == [0.0, 0.0]
    assert set(small_model(INSTANCE, TEN, tail).row_blocks) == {"one level", "capacity", "demand", "reserve"}
    both = SourcingOptions(budget=70.0, epsilon=0.25, cvar_limit=90.0)
    rows = small_model(INSTANCE, TEN, both).row_blocks
    assert float(rows["budget"].upper) == 70.0
    assert float(rows["cvar"].upper) == 90.0
    # A budget with an epsilon of 1 limits nothing.
    assert "budget" not in small_model(INSTANCE, TEN, SourcingOptions(budget=70.0)).row_blocks


def test_costs_of_the_second_stage_by_hand() -> None:
    model = scenario_model(INSTANCE, TEN, SourcingOptions())
    assert model.variable_blocks["G"].cost.tolist() == [[7.5, 7.5], [5.0, 5.0]]
    assert model.variable_blocks["V"].cost.tolist() == [[[5.25, 6.0]], [[1.75, 2.0]]]
    tail = scenario_model(INSTANCE, TEN, SourcingOptions(objective="cvar", confidence=0.5))
    assert not tail.variable_blocks["G"].cost.any()
    assert float(tail.variable_blocks["t"].cost) == 1.0
    assert tail.variable_blocks["u"].cost.tolist() == [1.5, 0.5]
    assert "cvar" not in tail.row_blocks
    limited = scenario_model(INSTANCE, TEN, SourcingOptions(cvar_limit=90.0))
    assert float(limited.variable_blocks["t"].cost) == 0.0
    assert not limited.variable_blocks["u"].cost.any()
    assert float(limited.row_blocks["cvar"].upper) == 90.0
    assert np.isinf(limited.variable_blocks["t"].lower)
    assert "t" not in scenario_model(INSTANCE, TEN, SourcingOptions()).variable_blocks


@pytest.mark.parametrize(
    ("budget", "epsilon", "ordered", "low", "high"),
    [
        (60.0, 0.5, True, [0.0, 1.0], [0.0, 1.0]),
        (60.0, 0.5, False, [0.0, 0.0], [0.0, 1.0]),
        (60.0, 0.8, False, [0.0, 0.0], [0.0, 1.0]),
        (60.0, 1.0 - 0.5 * PROBABILITY_SLACK, False, [0.0, 0.0], [1.0, 1.0]),
        (60.0, 0.2, True, [0.0, 0.0], [0.0, 0.0]),
        (500.0, 0.5, True, [0.0, 0.0], [0.0, 0.0]),
    ],
)
def test_which_scenarios_may_exceed_the_budget(
    budget: float, epsilon: float, ordered: bool, low: list[float], high: list[float]
) -> None:
    options = SourcingOptions(budget=budget, epsilon=epsilon)
    model = BlockModel("test")
    add_indices(model, INSTANCE)
    exceeds = excess_variables(model, INSTANCE, TEN, options, ordered=ordered)
    assert exceeds.lower.tolist() == low
    assert exceeds.upper.tolist() == high
    assert exceeds.integer is not ordered
    assert ("dominance" in model.row_blocks) is not ordered
    assert float(model.row_blocks["risk"].upper) == epsilon


def dominance(instance: SourcingInstance, worst: np.ndarray) -> list[tuple[int, int]]:
    """Pairs (dearer, cheaper) of scenarios between which there is a row."""
    model = BlockModel("test")
    add_indices(model, instance)
    exceeds = excess_variables(model, instance, worst, SourcingOptions(budget=1.0, epsilon=0.5), ordered=False)
    matrix = model.assemble().matrix.toarray()
    rows = model.row_blocks["dominance"].positions
    return [
        (int(np.flatnonzero(matrix[row, exceeds.positions] == 1.0)[0]), int(np.flatnonzero(matrix[row] == -1.0)[0]))
        for row in rows
    ]


def test_the_dearer_scenario_exceeds_first() -> None:
    three = replace(
        INSTANCE,
        scenarios=("a", "b", "c"),
        probability=np.array([0.5, 0.25, 0.25]),
        spot_price=np.array([10.0, 30.0, 20.0]),
        disrupted=np.zeros((3, 2), bool),
        residual=np.ones((3, 2)),
    )
    # b is dearer than c, c than a; that b is dearer than a follows.
    assert sorted(dominance(three, TEN)) == [(1, 2), (2, 0)]
    # a asks for more: no order between it and the others.
    assert dominance(three, np.array([[11.0, 0.0], TEN, TEN])) == [(1, 2)]
    equal = replace(three, spot_price=np.array([10.0, 20.0, 20.0]))
    assert sorted(dominance(equal, TEN)) == [(1, 2), (2, 0)]  # of two equal ones, one direction

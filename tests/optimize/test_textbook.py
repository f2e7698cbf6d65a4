"""Starts from textbooks: published numbers of the models, nodes of scenarios that they fit, searches that begin so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import esc_sim as esc
from esc_sim.optimize.algorithms.algorithm import Task
from esc_sim.optimize.algorithms.registry import algorithm_of
from esc_sim.optimize.settings import Settings
from esc_sim.optimize.space import decision_space
from esc_sim.optimize.textbook import textbook_designs, textbook_levels
from esc_sim.scenario.given import given_scenario
from esc_sim.textbook.newsvendor import Demand, newsvendor, newsvendor_cost
from esc_sim.textbook.reorder import reorder_up_to
from esc_sim.textbook.serial import local_levels, serial_levels
from experiments.textbook import exact
from tests.helpers.runs import SCENARIOS
from tests.optimize.test_search import problem_of

POISSON = Demand(6.0, 6.0**0.5, is_poisson=True)


def test_the_newsvendor_has_its_printed_levels() -> None:
    """Snyder and Shen, examples 4.3 (normal, 56.6 at 1.9976) and 4.7's Poisson demand (8 at 3.570106945770946)."""
    normal = Demand(50.0, 8.0)
    assert newsvendor(normal, 1, 0.18, 0.70) == pytest.approx(56.6039559, abs=1e-6)
    assert newsvendor_cost(np.array([56.6039559]), normal, 1, 0.18, 0.70)[0] == pytest.approx(1.9976051931, abs=1e-7)
    assert newsvendor(POISSON, 1, 1.0, 4.0) == 8.0
    costs = newsvendor_cost(np.array([8.0, 0.0, -3.0, 12.0]), POISSON, 1, 1.0, 4.0)
    np.testing.assert_allclose(costs, [exact.poisson_cost(k, 6.0, 1.0, 4.0) for k in (8, 0, -3, 12)], rtol=1e-9)


def test_serial_levels_are_the_printed_ones() -> None:
    """Snyder and Shen, example 6.1: local levels 6.49, 5.53, 10.69 at 47.65; problem with 12.76, 10.73, 22.78."""
    echelon, cost = serial_levels([1, 1, 2], [3.0, 2.0, 2.0], 37.12, Demand(5.0, 1.0))
    np.testing.assert_allclose(local_levels(echelon), [6.49, 5.53, 10.69], atol=0.006)
    np.testing.assert_allclose(echelon, [6.5144, 12.0123, 22.7002], atol=0.025)  # stockpyl 1.0.2, on a coarser grid
    assert cost == pytest.approx(47.65, abs=0.02)
    other, least = serial_levels([1, 1, 2], [4.0, 3.0, 1.0], 40.0, Demand(10.0, 2.0))
    np.testing.assert_allclose(local_levels(other), [12.76, 10.73, 22.78], atol=0.04)
    case = {"leads": (1, 1, 2), "holding": (8.0, 4.0, 1.0), "shortage": 40.0, "mean": 10.0, "sd": 2.0, "step": 0.002}
    here = np.array(local_levels(other))
    assert exact.serial_normal(tuple(here), **case) == pytest.approx(least, abs=0.002)
    for moved in (*np.eye(3) * 0.1, *np.eye(3) * -0.1, np.array([12.76, 10.73, 22.78]) - here):
        assert exact.serial_normal(tuple(here + moved), **case) > least


def test_one_stage_in_a_row_is_a_newsvendor_and_levels_that_fall_bind_below() -> None:
    (level,), cost = serial_levels([3], [1.0], 9.0, Demand(4.0, 2.0, is_poisson=True))
    assert level == newsvendor(Demand(4.0, 2.0, is_poisson=True), 3, 1.0, 9.0)
    assert cost == pytest.approx(exact.poisson_cost(level, 12.0, 1.0, 9.0), abs=1e-6)
    assert local_levels([10.0, 8.0, 20.0]) == [8.0, 0.0, 12.0]


def test_reorder_levels_are_the_printed_ones() -> None:
    """Snyder and Shen, example 4.7: (4, 10) at 8.034111561."""
    assert reorder_up_to(POISSON, 1, 1.0, 4.0, 5.0) == (4.0, 10.0, pytest.approx(8.034111561, abs=1e-7))
    reorder, up_to, cost = reorder_up_to(POISSON, 1, 1.0, 4.0, 30.0)
    low, high = int(reorder), int(up_to)
    tried = {
        (s, up): exact.reorder_up_to_poisson(s, up, 6.0, 1.0, 4.0, 30.0)
        for s in range(low - 2, low + 3)
        for up in range(high - 3, high + 4)
    }
    assert cost == pytest.approx(min(tried.values()), abs=1e-9)
    assert tried[low, high] == min(tried.values())


def shop(order: dict[str, Any], **more: Any) -> dict[str, Any]:
    demand = {"mean": 50, "sd": 8, "shortage_cost": 0.70}
    return {"id": "shop", "layer": 1, "holding_cost": 0.18, "demand": demand, "order": order, **more}


def scenario_of(stage: dict[str, Any], **more: Any) -> esc.Scenario:
    """A shop that a mine supplies."""
    rules = {"unmet": "backorder", "unmet_orders": "backorder", "holding_cost_timing": "end"}
    nodes = [stage, {"id": "mine", "layer": 2, "initial_stock": 1e6}]
    arcs = [{"buyer": "shop", "supplier": "mine", "lead_time": 1}]
    return given_scenario({"version": 1, "name": "one", "nodes": nodes, "arcs": arcs, "rules": rules, **more})


def test_nodes_get_the_model_that_they_fit() -> None:
    (level,) = textbook_levels(scenario_of(shop({"policy": "base_stock", "order_up_to": 50}))).levels
    assert (level.node, level.parameter, level.model, level.exact) == ("shop", "order_up_to", "newsvendor", True)
    assert level.value == pytest.approx(56.604, abs=1e-3)
    order = {"policy": "s_S", "reorder_point": 40, "order_up_to": 50, "fixed_cost": 2.5}
    both = {one.parameter: one.value for one in textbook_levels(scenario_of(shop(order))).levels}
    assert both["reorder_point"] < both["order_up_to"]
    struck = [{"name": "out", "nodes": ["mine"], "probability": 0.1, "health": 0.0}]
    near = textbook_levels(scenario_of(shop({"policy": "base_stock", "order_up_to": 50}), disruptions=struck))
    assert [one.exact for one in near.levels] == [False]


@pytest.mark.parametrize(
    ("stage", "why"),
    [
        (shop({"policy": "mean", "mean": 50}), "there is none for the policy mean"),
        (shop({"policy": "s_S", "reorder_point": 40, "order_up_to": 50}), "an order costs nothing"),
        (shop({"policy": "base_stock", "order_up_to": 50}, holding_cost=0), "costs nothing"),
        (shop({"policy": "base_stock", "order_up_to": 50}, demand={"mean": 5, "shortage_cost": 1}), "does not vary"),
    ],
)
def test_nodes_without_a_model_say_why(stage: dict[str, Any], why: str) -> None:
    found = textbook_levels(scenario_of(stage))
    assert found.levels == ()
    assert why in found.without["shop"]
    assert f"start: no textbook model for shop: {found.without['shop']}" in found.notices()
    assert found.table["why_none"].tolist() == list(found.without.values())


def test_a_search_begins_with_the_levels_and_says_so() -> None:
    scenario = esc.load_scenario(SCENARIOS / "stock_levels", ["run.periods=90"])
    space = decision_space(scenario)
    designs, book = textbook_designs(scenario, space)
    assert [one.model for one in book.levels] == ["Clark-Scarf"] * 2
    assert list(book.without) == ["factory"]
    at = [space.names.index(f"order.order_up_to/{node}") for node in ("shop", "depot")]
    np.testing.assert_allclose(designs[:, at], [[one.value for one in book.levels]])
    others = np.delete(np.arange(len(space)), at)
    np.testing.assert_array_equal(designs[0, others], space.base[others])
    settings = Settings("warm-nsga2", 6, 1, 2, 7, 4)
    problem = problem_of(scenario, settings)
    task = Task(problem, settings, space.base, list(designs))
    for algorithm in ("warm-nsga2", "nsga2"):
        first = next(algorithm_of(algorithm).search(task, None)).designs
        assert len(first) == 6
        assert (first == designs[0]).all(axis=1).sum() == 1
    small: dict[str, Any] = {"population": 6, "generations": 1, "replications": 2, "held_out": 16, "seed": 2}
    for algorithm in ("warm-nsga2", "nsga2"):
        front = esc.optimize(scenario, start="textbook", algorithm=algorithm, **small)
        assert sum(notice.startswith("start: ") for notice in front.notices) == 3
    with pytest.raises(esc.InputError, match="start: there is no 'guess'; take one of plan, textbook"):
        esc.optimize(scenario, start="guess", **small)

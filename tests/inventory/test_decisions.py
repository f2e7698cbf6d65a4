"""Parameters of order policies as decision variables: found in the scenario, searched, planned, carried out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim import simulate
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.optimize.search import optimize
from esc_sim.optimize.space import decision_space
from esc_sim.plans.apply import apply_plan
from esc_sim.plans.decisions import DecisionsPlan, OrderDecision
from esc_sim.plans.files import read_plan
from esc_sim.policies.registry import RULES
from esc_sim.scenario.decisions import decisions_of
from esc_sim.scenario.meaning import check_scenario
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario

LEVELS = Path(__file__).resolve().parents[2] / "scenarios" / "stock_levels"
SHORT = {"run.periods": 60, "run.warm_up": 10, "run.replications": 2}
SEARCH: dict[str, Any] = {"preset": "quick", "population": 8, "generations": 4, "replications": 2, "held_out": 4}


def levels(**changes: Any) -> Scenario:
    return load_scenario(LEVELS, SHORT | changes)


def test_the_section_names_the_parameters_of_policies() -> None:
    found = [(d.name, d.parameter, d.value, d.low, d.high) for d in decisions_of(levels())]
    assert found == [
        ("order.order_up_to/shop", "order_up_to", 70.0, 40.0, 140.0),
        ("order.order_up_to/depot", "order_up_to", 75.0, 40.0, 180.0),
        ("order.reorder_point/factory", "reorder_point", 70.0, 40.0, 250.0),
        ("order.order_up_to/factory", "order_up_to", 130.0, 60.0, 300.0),
    ]


def test_a_design_does_what_the_scenario_with_these_values_does() -> None:
    scenario = levels()
    space, instance = decision_space(scenario), instance_of(scenario)
    written = instance_of(
        levels(
            **{
                "nodes.shop.order.order_up_to": 61.25,
                "nodes.depot.order.order_up_to": 80.0,
                "nodes.factory.order": {
                    "policy": "s_S",
                    "reorder_point": 101.5,
                    "order_up_to": 180.0,
                    "fixed_cost": 40,
                },
            }
        )
    )
    decided = space.decided(instance, np.array([61.25, 80.0, 101.5, 180.0]))
    np.testing.assert_array_equal(decided.orders.parameters, written.orders.parameters)
    assert instance.orders.parameters[0, 0] == 70.0, "the instance stays as it was"


def test_a_reorder_level_above_the_order_up_to_level_counts_as_that_level() -> None:
    scenario = levels()
    orders = decision_space(scenario).decided(instance_of(scenario), np.array([60.0, 60.0, 200.0, 120.0])).orders
    rule, parameters = RULES[orders.rule[2]], orders.parameters[2].tolist()
    assert [rule(position, parameters) for position in (121.0, 120.0, 119.0)] == [0.0, 0.0, 1.0]


def test_levels_come_to_lie_on_the_grid_of_goods() -> None:
    scenario = levels()
    decided = decision_space(scenario).decided(instance_of(scenario), np.array([60.1, 60.2, 100.3, 120.4]))
    scaled = decided.orders.parameters * 2.0**20
    np.testing.assert_array_equal(scaled, np.round(scaled))


def test_the_search_finds_levels_and_run_takes_them(tmp_path: Path) -> None:
    front = optimize(levels(), **SEARCH, seed=3, out=tmp_path / "front", workers=1)
    # A higher fill rate costs more in the tail: the ends of the front differ in both.
    assert len(front.designs) > 3
    plan = read_plan(tmp_path / "front" / "compromise.yaml")
    assert isinstance(plan, DecisionsPlan)
    assert [(o.node, o.parameter) for o in plan.orders] == [
        ("shop", "order_up_to"), ("depot", "order_up_to"), ("factory", "reorder_point"), ("factory", "order_up_to"),
    ]  # fmt: skip
    runs = [simulate(levels(), plan=plan, engine=engine) for engine in ("compiled", "agents")]
    np.testing.assert_array_equal(runs[0].values, runs[1].values)
    assert not np.array_equal(runs[0].values, simulate(levels()).values)
    assert "orders' order_up_to" in (tmp_path / "front" / "summary.json").read_text()


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ({"nodes": ["shop"], "parameter": "reorder_point"},
         "'shop' orders by policy base_stock, which has no parameter 'reorder_point'; it has order_up_to"),
        ({"nodes": ["factory"], "parameter": "order_quantity"},
         "'factory' orders by policy s_S, which has no parameter 'order_quantity'; it has order_up_to and reorder"),
        ({"nodes": ["supplier"], "parameter": "order_up_to"},
         "'supplier' orders nothing, so it has no 'order_up_to' to decide"),
        ({"nodes": ["shop"]}, "'shop' has no mean order that could be decided; its policy has order_up_to: give it as"),
        ({"parameter": "upto"}, "no node's order policy has a parameter 'upto': nothing to decide"),
    ],
)  # fmt: skip
def test_a_node_without_the_parameter_is_named(variable: dict[str, Any], message: str) -> None:
    content = levels().model_dump(by_alias=True)
    content["optimize"]["variables"] = [{"kind": "order", "absolute": [1.0, 2.0]} | variable]
    (problem,) = check_scenario(Scenario.model_validate(content))
    assert message in problem


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"kind": "price", "parameter": "order_up_to", "absolute": [1.0, 2.0]},
            "parameter: order_up_to belongs to orders",
        ),
        (
            {"kind": "order", "parameter": "order_quantity", "absolute": [-1.0, 2.0]},
            "'order_quantity' of an order must be at lea",
        ),
    ],
)
def test_a_variable_that_cannot_be_is_refused(change: dict[str, Any], message: str) -> None:
    content = levels().model_dump(by_alias=True)
    content["optimize"]["variables"] = [change]
    with pytest.raises(ValueError, match=message):
        Scenario.model_validate(content)


def test_levels_below_zero_may_be_searched() -> None:
    content = levels().model_dump(by_alias=True)
    content["optimize"]["variables"] = [{"kind": "order", "parameter": "reorder_point", "absolute": [-20.0, 90.0]}]
    assert decision_space(Scenario.model_validate(content)).lower.tolist() == [-20.0]


PLAN = "version: 1\nkind: decisions\nname: mine\norders:\n  - {%s}\n"


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (
            "node: shop, parameter: reorder_point, value: 3",
            "plan.yaml:5:29: orders.0.parameter: 'shop' orders by policy",
        ),
        ("node: supplier, parameter: order_up_to, value: 3", "'supplier' has no supplier"),
        ("node: shop, mean: 3", "plan.yaml:5:24: orders.0.mean: 'shop' orders by policy base_stock, which has no mean"),
        ("node: shop, parameter: order_up_to", "give either the mean, or a parameter and its value"),
        ("node: shop, parameter: mean, value: 3", "write a mean order as 'mean: 12'"),
    ],
)
def test_a_plan_that_does_not_fit_says_where(tmp_path: Path, order: str, message: str) -> None:
    (tmp_path / "plan.yaml").write_text(PLAN % order)
    with pytest.raises(InputError) as refused:
        apply_plan(instance_of(levels()), read_plan(tmp_path / "plan.yaml"))
    assert message in str(refused.value)


def test_two_parameters_of_a_node_are_two_decisions() -> None:
    both = [
        OrderDecision(node="factory", parameter=name, value=v)
        for name, v in (("reorder_point", 60), ("order_up_to", 99))
    ]
    decided = apply_plan(instance_of(levels()), DecisionsPlan(version=1, name="p", orders=both))
    assert decided.orders.parameters[2].tolist() == [60.0, 99.0]
    with pytest.raises(InputError, match="decided twice"):
        apply_plan(instance_of(levels()), DecisionsPlan(version=1, name="p", orders=[*both, both[0]]))

"""Amounts at both ends of the grid of goods, and means that a cut moves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from esc_sim.behaviours.grid import grid_offset, to_grid
from esc_sim.sampling.inverse import values_of
from esc_sim.scenario.cuts import cut_mean, cut_notices, cut_warnings, normal_mean_cut_at_zero
from esc_sim.scenario.meaning import check_scenario
from esc_sim.scenario.schema import Arc, Scenario


def scenario(node: dict[str, Any], **parts: Any) -> Scenario:
    nodes = [{"id": "shop", **node}, {"id": "maker", "initial_stock": 5.0}]
    arcs = [{"buyer": "shop", "supplier": "maker"} | parts.pop("arc", {})]
    return Scenario.model_validate({"version": 1, "name": "small", "nodes": nodes, "arcs": arcs, **parts})


@pytest.mark.parametrize(
    ("path", "node", "parts"),
    [
        ("node shop: demand.mean", {"demand": {"mean": 4e-7, "price": 1e6}}, {}),
        ("node shop: demand.mean", {"demand": {"mean": 1.4e-6}}, {}),
        ("node shop: demand.mean", {"demand": {"mean": 1.4e-6, "sd": 1e-7}}, {}),
        ("node shop: demand.law", {"demand": {"law": {"law": "uniform", "low": 0.0, "high": 2.6e-6}}}, {}),
        ("node shop: demand.law", {"demand": {"law": {"law": "exponential", "mean": 2.6e-6}}}, {}),
        ("node shop: demand.law",
         {"demand": {"law": {"law": "discrete", "values": [1.0, 1e-7], "probabilities": [0.5, 0.5]}}}, {}),
        ("node shop: demand.series", {"demand": {"series": "asked"}},
         {"series": {"asked": [1.0, 1e-7]}, "run": {"periods": 2}}),
        ("node shop: demand.arrivals.0.size", {"demand": {"arrivals": [{"between": 1.0, "size": 1e-7}]}}, {}),
        ("node shop: initial_stock", {"initial_stock": 1e-7}, {}),
        ("node shop: safety_stock", {"safety_stock": 1e-7}, {}),
        ("node shop: target_stock", {"target_stock": 1e-7}, {}),
        ("node shop: capacity", {"capacity": 1e-7}, {}),
        ("node shop: room", {"room": 1e-7}, {}),
        ("node shop: energy", {"energy": 1e-7}, {}),
        ("node shop: production.mean", {"production": {"mean": 1e-7}}, {}),
        ("node shop: order.mean", {"order": {"mean": 1e-7}}, {}),
        ("node shop: order.order_multiple", {"order": {"mean": 1.0, "order_multiple": 1e-7}}, {}),
        ("node shop: order.minimum", {"order": {"mean": 1.0, "minimum": 1e-7}}, {}),
        ("node shop: order.order_up_to", {"order": {"policy": "base_stock", "order_up_to": 1e-7}}, {}),
        ("node shop: order.reorder_point",
         {"order": {"policy": "s_S", "reorder_point": -1e-7, "order_up_to": 1.0}}, {}),
        ("node shop: order.order_quantity",
         {"order": {"policy": "r_Q", "reorder_point": 1, "order_quantity": 1e-7}}, {}),
        ("arc maker -> shop: cap", {}, {"arc": {"cap": 1e-7}}),
        ("recipe mix: inputs", {"demand": {"mean": 1.0}}, {
            "products": [{"id": "a"}, {"id": "b"}],
            "stocks": [{"node": "shop", "product": "b"}],
            "recipes": [{"node": "shop", "id": "mix", "inputs": {"a": 1e-7}, "outputs": {"b": 1.0}, "capacity": 2.0}],
        }),
    ],
)  # fmt: skip
def test_amounts_too_small_for_the_grid_are_refused(path: str, node: dict[str, Any], parts: dict[str, Any]) -> None:
    (problem,) = check_scenario(scenario(node, **parts))
    assert problem.startswith(f"{path}: ")
    assert "cannot be held on the grid of goods, whose step is 2^-20 = 9.53674e-07 units" in problem
    assert "choose a smaller unit of goods" in problem


def test_the_quantum_advised_holds_the_amount() -> None:
    node = {"demand": {"mean": 1.4e-6, "price": 1e6}}
    (problem,) = check_scenario(scenario(node))
    bits = int(problem.rpartition("rules.goods_quantum ")[2])
    assert check_scenario(scenario(node, rules={"goods_quantum": bits})) == []
    assert to_grid(1.4e-6, grid_offset(bits)) == pytest.approx(1.4e-6, rel=1e-3)
    # What the largest amounts leave no room for is not advised.
    (problem,) = check_scenario(scenario(node | {"initial_stock": 2.0**30}))
    assert problem.endswith("choose a smaller unit of goods")


@pytest.mark.parametrize("amount", [0.0, 0.001, 0.1, 7.3, 2.0**-20, 3 * 2.0**-20, 1e6 / 3])
def test_amounts_that_the_grid_holds_are_taken(amount: float) -> None:
    assert check_scenario(scenario({"initial_stock": amount, "demand": {"mean": amount}})) == []


def test_the_mean_of_a_normal_law_cut_at_zero() -> None:
    exact, _ = integrate.quad(lambda x: x * stats.norm.pdf(x, 10.0, 20.0), 0.0, 300.0)
    assert normal_mean_cut_at_zero(10.0, 20.0) == pytest.approx(exact, rel=1e-9)
    assert exact == pytest.approx(13.956, abs=1e-3)


LAWS: list[dict[str, Any]] = [
    {"law": "constant", "value": 3.0},
    {"law": "uniform", "low": 1.0, "high": 9.0},
    {"law": "normal", "mean": 4.0, "sd": 5.0},
    {"law": "truncated_normal", "mean": 2.0, "sd": 3.0, "low": 0.5, "high": 8.0},
    {"law": "truncated_normal", "mean": 0.0, "sd": 1.0, "low": 5.0, "high": 7.0},
    {"law": "exponential", "mean": 4.0},
    {"law": "gamma", "mean": 4.0, "sd": 3.0},
    {"law": "poisson", "mean": 4.5},
    {"law": "geometric", "probability": 0.3},
    {"law": "discrete", "values": [6.0, 1.0, 3.0], "probabilities": [0.2, 0.3, 0.5]},
    {"law": "triangular", "low": 0.25, "most_likely": 3.5, "high": 8.0},
    {"law": "triangular", "low": 3.0, "most_likely": 7.0, "high": 8.0},
    {"law": "pert", "low": 0.25, "most_likely": 3.5, "high": 8.0},
    {"law": "lognormal", "mean": 4.0, "sd": 3.0},
    {"law": "negative_binomial", "mean": 4.0, "sd": 3.0},
    {"law": "intermittent", "probability": 0.4, "size": {"law": "gamma", "mean": 4.0, "sd": 3.0}},
]


@pytest.mark.parametrize("most", [float("inf"), 6.5, 3.25, 0.5])
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law["law"])
def test_cut_means_are_those_of_the_values_drawn(law: dict[str, Any], most: float) -> None:
    made = Arc.model_validate({"buyer": "a", "supplier": "b", "lead_time": law}).lead_time
    assert not isinstance(made, float)
    middles = (np.arange(400_000) + 0.5) / 400_000
    drawn = np.minimum(values_of(made, middles), most).mean()
    assert cut_mean(made, most) == pytest.approx(drawn, rel=2e-4)


@pytest.mark.parametrize(
    ("node", "parts", "path", "said"),
    [
        ({"demand": {"mean": 10.0, "sd": 20.0}}, {}, "nodes.0.demand", "from 10 to 13.96 (+39.6%)"),
        ({"demand": {"mean": 10.0, "sd": 20.0, "season": [1.0, 2.0]}}, {}, "nodes.0.demand", "from 14.99 to 17.8"),
        ({"demand": {"mean": 10.0, "trend": -1.0}}, {"run": {"periods": 21}}, "nodes.0.demand", "from 0 to 2.619"),
        ({"demand": {"law": {"law": "normal", "mean": 10.0, "sd": 20.0}}}, {}, "nodes.0.demand.law", "13.96 (+39.6%)"),
        ({"production": {"mean": 10.0, "sd": 20.0}}, {}, "nodes.0.production", "13.96 (+39.6%)"),
        ({"order": {"mean": 10.0, "sd": 20.0}}, {}, "nodes.0.order", "13.96 (+39.6%)"),
        ({}, {"arc": {"lead_time": {"law": "normal", "mean": 2.0, "sd": 4.0}, "max_lead_time": 90.0}},
         "arcs.0.lead_time", "from 2 to 2.791"),
        ({}, {"arc": {"lead_time": {"law": "exponential", "mean": 2.0}, "max_lead_time": 4.0}}, "arcs.0.lead_time",
         "max_lead_time 4 cuts this law, which lowers the mean from 2 to 1.729"),
        ({}, {"arc": {"lead_time": {"law": "truncated_normal", "mean": 2.0, "sd": 4.0, "high": 90.0}}},
         "arcs.0.lead_time", "are those before the cut at 0 and 90, which lifts the mean from 2 to 4.037"),
        ({"demand": {"series": "asked", "then": "normal"}}, {"series": {"asked": [0.0, 0.0, 9.0]}},
         "nodes.0.demand.then", "lifts the mean from 3 to"),
    ],
)  # fmt: skip
def test_a_cut_that_moves_a_mean_is_told(node: dict[str, Any], parts: dict[str, Any], path: str, said: str) -> None:
    found = list(cut_warnings(scenario(node, **parts)))
    assert [".".join(map(str, problem.path)) for problem in found][:1] == [path]
    assert said in found[0].text
    assert found[0].text.startswith("warning: ")
    place = path.replace("nodes.0", "nodes.shop").replace("arcs.0", "arcs.shop/maker")
    assert cut_notices(scenario(node, **parts))[0].startswith(f"{place}: ")


@pytest.mark.parametrize("where", ["rules", "disruptions", "joint_disruptions"])
def test_a_cut_of_the_time_until_an_outage_is_known_is_told(where: str) -> None:
    late = {"known_after": {"law": "normal", "mean": 1.0, "sd": 3.0}}
    case = {"name": "shut", "probability": 1.0, "health": {"shop": 0.0}}
    parts: dict[str, Any] = {
        "rules": late,
        "disruptions": [{"name": "shut", "nodes": ["shop"], "dates": [{"start": 1.0, "duration": 1.0}]} | late],
        "joint_disruptions": [{"name": "shut", "cases": [case]} | late],
    }
    (found,) = cut_warnings(scenario({"demand": {"mean": 10.0}}, **{where: parts[where]}))
    assert (found.path[0], found.path[-1]) == (where, "known_after")
    assert "lifts the mean from 1 to 1.763" in found.text


def test_a_cut_that_moves_a_mean_by_less_than_a_hundredth_is_not_told() -> None:
    # Of mean 10, an sd of 5.5 moves the mean by 0.94 %, one of 5.6 by 1.02 %.
    assert not list(cut_warnings(scenario({"demand": {"mean": 10.0, "sd": 5.2}})))
    assert list(cut_warnings(scenario({"demand": {"mean": 10.0, "sd": 6.0}})))

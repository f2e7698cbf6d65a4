"""The lean path gives the bits of the general engine, on generated trees and chains; and who takes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esc_sim.engine.block import Block
from esc_sim.engine.compiled.chance import share_chance
from esc_sim.engine.compiled.lean_arrays import PATHS, STRIDE
from esc_sim.engine.compiled.lean_run import is_lean, run_lean
from esc_sim.engine.compiled.runner import run_replications
from esc_sim.instance.build import instance_of
from esc_sim.instance.model import Instance
from tests.helpers.networks import AMOUNTS, FEEDBACK, MONEY, STOCKS, STORAGE_TIMING, Content, chain, scenario_of

BLOCKS = ("periods", "stock", "arc_shipped", "tally", "service", "flows", "held", "observed")


def unequal(one: Block, other: Block) -> list[str]:
    """What two blocks differ in by any bit."""
    found = [name for name in BLOCKS if getattr(one, name).shape != getattr(other, name).shape]
    return found + [n for n in BLOCKS if n not in found and getattr(one, n).tobytes() != getattr(other, n).tobytes()]


def both(instance: Instance, replications: range, **options: Any) -> tuple[Block, Block]:
    """The lean path's block, and that of the general engine, which runs whatever keeps traces."""
    assert is_lean(instance)
    general = run_replications(instance, 3, replications, stock=True, trace=True, **options)
    return run_lean(instance, 3, replications, stock=True, **options), general


@st.composite
def _order(draw: st.DrawFn) -> Content:
    policy = draw(st.sampled_from(["mean", "base_stock", "base_stock", "s_S", "r_Q", "periodic"]))
    order: Content = {"policy": policy}
    if policy == "mean":
        order |= {"mean": draw(AMOUNTS), "sd": draw(st.sampled_from([0.0, 9.0]))}
    elif policy == "r_Q":
        order |= {"reorder_point": draw(st.sampled_from([-5.0, 12.3])), "order_quantity": 6.4}
    else:
        order["order_up_to"] = draw(st.sampled_from([12.3, 41.0, 90.0]))
    if policy == "s_S":
        order["reorder_point"] = order["order_up_to"] - 7.7
    if policy == "periodic":
        order |= {"every": draw(st.integers(1, 4)), "first": draw(st.integers(0, 2))}
    if draw(st.integers(0, 2)) == 0:
        order |= {"fixed_cost": draw(MONEY), "minimum": draw(AMOUNTS)}
        order["order_multiple"] = draw(st.sampled_from([0.0, 0.6, 5.0]))
    return order


@st.composite
def _node(draw: st.DrawFn, number: int, is_leaf: bool) -> Content:
    node: Content = {
        "id": f"n{number}",
        "role": "stage",
        "initial_stock": draw(STOCKS),
        "safety_stock": draw(st.sampled_from([0.0, 0.0, 4.4])),
        "target_stock": draw(st.sampled_from([None, 15.0, 40.2])),
        "capacity": draw(st.sampled_from([None, None, 18.0])),
        "holding_cost": draw(MONEY),
        "in_transit_holding_cost": draw(st.sampled_from([0.0, 0.3])),
        "backorder_cost": draw(MONEY),
        "emissions": draw(MONEY),
    }
    if number > 0:
        node["order"] = draw(_order())
    if number == 0 or draw(st.integers(0, 5)) == 0:
        node["production"] = {"mean": draw(AMOUNTS), "sd": draw(st.sampled_from([0.0, 9.0]))}
    if is_leaf or draw(st.integers(0, 3)) == 0:
        law: Content = {"mean": draw(AMOUNTS), "sd": draw(st.sampled_from([0.0, 9.0]))}
        node["demand"] = draw(st.sampled_from([law, {"law": {"law": "poisson", "mean": 6.0}}]))
        node["demand"] |= {"price": 77.6, "shortage_cost": draw(MONEY)}
    return node


@st.composite
def trees(draw: st.DrawFn) -> Content:
    """A tree in which each node buys from the one above it; a chain where each has one buyer."""
    count, is_chain, layered = draw(st.integers(2, 6)), draw(st.booleans()), draw(st.booleans())
    above = [0 if k == 0 else k - 1 if is_chain else draw(st.integers(0, k - 1)) for k in range(count)]
    nodes = [draw(_node(k, k not in above[1:])) for k in range(count)]
    depth = [0] * count
    for k in range(1, count):
        depth[k] = depth[above[k]] + 1
    for k in range(count if layered else 0):
        nodes[k]["layer"] = 1 + max(depth) - depth[k]
    arcs = [
        {
            "buyer": f"n{k}",
            "supplier": f"n{above[k]}",
            "price": draw(st.sampled_from([4.0, 5.5])),
            "other_cost": draw(st.sampled_from([0.0, 2.1])),
            "lead_time": draw(st.sampled_from([0.0, 1.0, 2.5, 5.2])),
            "cap": draw(st.sampled_from([None, None, 6.6, 0.0])),
            "emissions": draw(MONEY),
        }
        for k in range(1, count)
    ]
    rules = {
        "feedback": draw(st.sampled_from(FEEDBACK)),
        "holding_cost_timing": draw(st.sampled_from(STORAGE_TIMING)),
        "unmet": draw(st.sampled_from(["lost", "backorder"])),
        "unmet_orders": draw(st.sampled_from(["lost", "backorder"])),
        "sequence": draw(st.sampled_from(["order_after_demand", "order_before_demand"])),
        "partial_demand": draw(st.booleans()),
    }
    periods = draw(st.sampled_from([1, STRIDE, 2 * STRIDE + 5]))
    run = {"periods": periods, "replications": 1, "warm_up": min(3, periods - 1)}
    return {"nodes": nodes, "arcs": arcs, "rules": rules, "run": run}


def test_generated_trees_have_the_bits_of_the_general_engine() -> None:
    seen: set[str] = set()

    @settings(max_examples=150)
    @given(trees(), st.booleans(), st.booleans())
    def bit_for_bit(content: Content, service: bool, tally: bool) -> None:
        instance = instance_of(scenario_of(content))
        instance = replace(instance, service=service, tally=instance.tally or tally)
        lean, general = both(instance, range(4, 9))
        assert unequal(lean, general) == []
        seen.update(node.get("order", {}).get("policy", "") for node in content["nodes"])
        seen.update(f"{key} {value}" for key, value in content["rules"].items())
        owed = general.tally[..., 0].any() and general.tally[..., 7].any()
        seen.update(["short"] if owed else [])

    bit_for_bit()
    assert {"mean", "base_stock", "s_S", "r_Q", "periodic", "short"} <= seen
    assert {"unmet_orders backorder", "unmet_orders lost", "unmet backorder", "unmet lost"} <= seen


def test_strips_of_paths_and_draws_that_are_shared() -> None:
    nodes = chain().model_dump(mode="json", exclude_unset=True)["nodes"]
    nodes[0]["demand"]["sd"] = 4.0
    nodes[0]["order"], nodes[1]["order"] = ({"policy": "base_stock", "order_up_to": s} for s in (31.0, 24.0))
    instance = instance_of(chain(nodes=nodes, rules={"unmet": "backorder", "unmet_orders": "backorder"}))
    replications = range(2, 2 + PATHS + 7)
    lean, general = both(instance, replications)
    assert unequal(lean, general) == []
    assert lean.timetables == general.timetables
    assert len(np.unique(lean.periods[:, -1, 0])) > PATHS  # each path has draws of its own
    shared = share_chance(instance, 3, replications)
    assert unequal(*both(instance, replications, shared=shared)) == []


def _chain(**changes: Any) -> Instance:
    return instance_of(chain(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"disruptions": [{"name": "strike", "nodes": ["source"], "probability": 0.1}]},
        {"rules": {"allocation": "proportional"}},
        {"rules": {"partial": False}},
    ],
)
def test_what_the_general_engine_runs(changes: Content) -> None:
    assert is_lean(_chain())
    assert not is_lean(_chain(**changes))


def test_a_second_supplier_or_a_drawn_lead_time_is_for_the_general_engine() -> None:
    content = chain().model_dump(mode="json", exclude_unset=True)
    arcs = content["arcs"]
    second = [*arcs, {"buyer": "shop", "supplier": "source", "price": 9}]
    assert not is_lean(_chain(arcs=second))
    arcs[0]["lead_time"] = {"law": "uniform", "low": 0.0, "high": 4.0}
    assert not is_lean(_chain(arcs=arcs))

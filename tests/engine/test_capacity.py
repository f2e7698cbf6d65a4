"""The throughput capacity of a product at a node: what binds, what health does to it, and that both engines agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.helpers.networks import Content, chain_content, scenario_of
from tests.helpers.runs import agents, compiled, differences, item

MIDDLE = 1
KNOWN = [1000.0, 0.0]


def depot(known: float = 0.0, health: float | None = None, **changes: Any) -> Content:
    """The chain, its middle with plenty on hand and a capacity below the order of 10; health in periods 4 to 6."""
    content = chain_content()
    content["nodes"][MIDDLE] |= {"initial_stock": 200, "safety_stock": 20, "capacity": 8} | changes
    content["rules"] = {"known_after": known}
    if health is not None:
        dates = [{"start": 4, "duration": 3}]
        content["disruptions"] = [{"name": "storm", "nodes": ["middle"], "dates": dates, "health": health}]
    return content


def shipped(content: Content) -> np.ndarray:
    """What the middle ships period by period, the same in both engines."""
    runs = [run(scenario_of(content), [0]) for run in (agents, compiled)]
    assert differences(*runs) == []
    return np.asarray(item(runs[0], "shipped")[0, :, MIDDLE])


def test_no_more_leaves_than_the_capacity() -> None:
    assert shipped(depot()).tolist() == [8.0] * 12
    assert shipped(depot(capacity=30)).tolist() == [10.0] * 12
    assert shipped(depot(capacity=0)).tolist() == [0.0] * 12


@pytest.mark.parametrize("known", KNOWN)
def test_health_scales_the_capacity_and_not_the_stock(known: float) -> None:
    """A quarter of 8 is 2; a quarter of the 180 on hand would have been enough for the whole order."""
    assert shipped(depot(known, 0.25)).tolist() == [8.0] * 4 + [2.0] * 3 + [8.0] * 5
    assert shipped(depot(known, 0.25, capacity=36)).tolist() == [10.0] * 4 + [9.0] * 3 + [10.0] * 5


@pytest.mark.parametrize("known", KNOWN)
def test_final_customers_use_the_capacity_too(known: float) -> None:
    content = depot(known, 0.5, demand={"mean": 3})
    assert shipped(content).tolist() == [5.0] * 4 + [1.0] * 3 + [5.0] * 5


def test_refused_orders_go_to_the_next_supplier() -> None:
    content = depot()
    content["nodes"].append({"id": "other", "initial_stock": 100})
    content["arcs"].append({"buyer": "shop", "supplier": "other", "price": 9, "other_cost": 1})
    run = compiled(scenario_of(content), [0])
    assert item(run, "shipped")[0, :, MIDDLE].tolist() == [8.0] * 12
    assert item(run, "shipped")[0, :, 3].tolist() == [2.0] * 12

"""Small networks for tests of inventory policies."""

from __future__ import annotations

from typing import Any

import numpy as np

from esc_sim.engine.agents import runner as agents
from esc_sim.engine.block import Block
from esc_sim.engine.compiled import runner as compiled
from esc_sim.instance.build import instance_of
from esc_sim.instance.model import Instance
from esc_sim.scenario.meaning import check_scenario
from esc_sim.scenario.schema import Scenario

ENDLESS = 1.0e6
"""Stock of a supplier that is made good each period: it never runs out in these tests."""


def scenario(**parts: Any) -> Scenario:
    """A checked scenario from plain values."""
    made = Scenario.model_validate({"version": 1, "name": "test", **parts}, strict=True)
    assert check_scenario(made) == []
    return made


def source(name: str, layer: int) -> dict[str, Any]:
    """A supplier that can always deliver."""
    return {
        "id": name,
        "layer": layer,
        "initial_stock": ENDLESS,
        "target_stock": ENDLESS,
        "production": {"mean": ENDLESS},
    }


def serial(
    stages: list[dict[str, Any]], lead_times: list[float], rules: dict[str, Any] | None = None, **run: Any
) -> Scenario:
    """Stages from the customer up, each buying from the next, the last from an endless source."""
    nodes = [{"id": f"stage_{k + 1}", "layer": k + 1, **stage} for k, stage in enumerate(stages)]
    nodes.append(source("source", len(stages) + 1))
    arcs = [
        {"buyer": nodes[k]["id"], "supplier": nodes[k + 1]["id"], "lead_time": float(lead)}
        for k, lead in enumerate(lead_times)
    ]
    given = {"holding_cost_timing": "end", "unmet": "backorder", "unmet_orders": "backorder", **(rules or {})}
    return scenario(nodes=nodes, arcs=arcs, rules=given, run=run)


def both_engines(made: Scenario | Instance, replications: int = 2, seed: int = 3, disrupted: bool = True) -> Block:
    """Run with both engines, insist that they agree bit for bit, hand back the compiled block."""
    instance = made if isinstance(made, Instance) else instance_of(made)
    fast = compiled.run_replications(instance, seed, range(replications), trace=True, stock=True, disrupted=disrupted)
    slow = agents.run_replications(instance, seed, range(replications), trace=True, stock=True, disrupted=disrupted)
    for name in ("periods", "items", "nodes", "arc_shipped", "stock", "tally"):
        np.testing.assert_array_equal(getattr(fast, name), getattr(slow, name), err_msg=name)
    return fast

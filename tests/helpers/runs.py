"""Running a scenario in one engine or both, with everything recorded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.agents.runner import run_replications as run_agents
from esc_sim.engine.block import Block
from esc_sim.engine.compiled.runner import run_replications as run_compiled
from esc_sim.instance.build import instance_of
from esc_sim.results.columns import ITEM_COLUMNS, NODE_COLUMNS, PERIOD_COLUMNS
from esc_sim.scenario.schema import Scenario

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
SHIPPED = sorted(path.parent.name for path in SCENARIOS.glob("*/scenario.yaml"))


def compiled(scenario: Scenario, replications: Sequence[int] = (0,), **options: Any) -> Block:
    """All traces of some replications, from the compiled engine."""
    return run_compiled(
        instance_of(scenario), scenario.run.seed, replications, **({"stock": True, "trace": True} | options)
    )


def agents(scenario: Scenario, replications: Sequence[int] = (0,), **options: Any) -> Block:
    """All traces of some replications, from the agent engine."""
    return run_agents(
        instance_of(scenario), scenario.run.seed, replications, **({"stock": True, "trace": True} | options)
    )


def differences(one: Block, other: Block) -> list[str]:
    """Columns in which two results differ in any bit, with the first place that differs."""
    found = []
    for name, columns in (("periods", PERIOD_COLUMNS), ("items", ITEM_COLUMNS), ("nodes", NODE_COLUMNS)):
        a, b = getattr(one, name), getattr(other, name)
        assert a.shape == b.shape
        for c, column in enumerate(columns):
            unequal = np.argwhere(a[..., c].view(np.int64) != b[..., c].view(np.int64))
            if len(unequal):
                place = tuple(int(n) for n in unequal[0])
                found.append(f"{name}.{column} at {place}: {a[place][c]!r}, {b[place][c]!r}")
    for name in ("stock", "arc_shipped", "tally", "service", "flows", "observed"):
        if getattr(one, name).tobytes() != getattr(other, name).tobytes():
            found.append(name)
    return found


def period(block: Block, name: str) -> NDArray[np.float64]:
    """A column of the periods, [R, T]."""
    return block.periods[..., PERIOD_COLUMNS.index(name)]


def item(block: Block, name: str) -> NDArray[np.float64]:
    """A column of the items, [R, T, I]."""
    return block.items[..., ITEM_COLUMNS.index(name)]


def node(block: Block, name: str) -> NDArray[np.float64]:
    """A column of the nodes, [R, T, N]."""
    return block.nodes[..., NODE_COLUMNS.index(name)]

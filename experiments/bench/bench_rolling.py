"""Rolling plans: one more plan of ten nodes over 30 periods, from the basis of the last, on one path and on 20.

Three tiers of three nodes each, every one with two suppliers, and a source; Poisson demand, so that each plan differs.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from esc_sim.engine.agents.model import SupplyChainModel
from experiments.bench.rows import Row, cpu_seconds, small_run

NAME = "rolling"


def measure() -> list[Row]:
    """All measurements; in the tiny size only that they work."""
    periods = 3 if small_run() else 60
    note = f"mean of {periods}, processor time, all that the agents do in the period included"
    return [
        Row("period with a new plan, ten nodes x 30 periods", milliseconds(periods, None), "ms", "<= 50", note),
        Row("the same, two stages on 20 paths", milliseconds(periods, 3 if small_run() else 20), "ms", "", note),
    ]


def scenario(periods: int, paths: int | None) -> dict[str, Any]:
    """Ten nodes, 15 arcs."""
    tiers = [[f"{name}_{k}" for k in range(3)] for name in ("shop", "depot", "plant")]
    demand = {"law": {"law": "poisson", "mean": 20}, "price": 30, "shortage_cost": 1}
    nodes: list[dict[str, Any]] = [{"id": "source", "initial_stock": 200, "production": {"mean": 70}}]
    arcs = [{"buyer": name, "supplier": "source", "other_cost": 4, "lead_time": 2} for name in tiers[2]]
    for number, tier in enumerate(tiers):
        stock = {"initial_stock": 60, "holding_cost": 0.9 / (number + 1), "capacity": 60}
        nodes += [{"id": name, **stock, **({} if number else {"demand": demand})} for name in tier]
    for buyers, suppliers in pairwise(tiers):
        for k, buyer in enumerate(buyers):
            near, far = suppliers[k], suppliers[(k + 1) % 3]
            arcs.append({"buyer": buyer, "supplier": near, "other_cost": 2, "lead_time": 1})
            arcs.append({"buyer": buyer, "supplier": far, "other_cost": 1, "lead_time": 3})
    plan = {"name": "all", "horizon": 30, **({} if paths is None else {"paths": paths})}
    return {"name": "ten", "run": {"periods": periods}, "nodes": nodes, "arcs": arcs, "rolling_plans": [plan]}


def milliseconds(periods: int, paths: int | None) -> float:
    """Processor time of a period with a new plan, after the first, in the mean."""
    model = SupplyChainModel(scenario(periods + 1, paths), seed=1)
    model.step()
    return 1e3 * cpu_seconds(model.run) / periods

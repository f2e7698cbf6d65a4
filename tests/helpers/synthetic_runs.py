"""Made-up runs: arrays that look like a simulation's, for tests of what comes after one."""

from __future__ import annotations

from typing import Any

import numpy as np

from esc_sim.network.model import Network, network_of
from esc_sim.results.columns import ITEM_COLUMNS, NODE_COLUMNS, PERIOD_COLUMNS
from esc_sim.results.observed import Observed
from esc_sim.results.run import RunResult, Traces
from esc_sim.scenario.schema import Scenario

ROLES = ("retailer", "terminal", "refinery", "storage", "producer")
RANDOM_OUTAGES = [{"name": "outage", "nodes": ["refinery_3"], "probability": 0.1}]
DATED_OUTAGE = [
    {
        "name": "outage",
        "nodes": ["refinery_3"],
        "dates": [{"start": 60, "duration": 20}],
        "recovery": {"duration": 15},
    }
]


def layered_scenario(
    sizes: tuple[int, ...] = (3, 3, 3, 2, 2),
    disruptions: list[dict[str, Any]] | None = None,
    **changes: Any,
) -> Scenario:
    """A layered network, all arcs between adjacent layers (or three per buyer where layers are large)."""
    nodes = [
        {"id": f"{ROLES[layer]}_{i + 1}", "role": ROLES[layer], "layer": layer + 1, "safety_stock": 20.0}
        for layer, size in enumerate(sizes)
        for i in range(size)
    ]
    arcs = []
    for layer in range(len(sizes) - 1):
        for i in range(sizes[layer]):
            count = sizes[layer + 1]
            suppliers = range(count) if count <= 5 else {(i * 7 + k * k * 3) % count for k in range(3)}
            arcs += [
                {"buyer": f"{ROLES[layer]}_{i + 1}", "supplier": f"{ROLES[layer + 1]}_{j + 1}"}
                for j in sorted(suppliers)
            ]
    content: dict[str, Any] = {
        "version": 1,
        "name": "synthetic",
        "title": "Made-up oil and gas network",
        "data": {"status": "synthetic", "note": "drawn for tests"},
        "units": {"goods": "t", "money": "EUR", "period": "day"},
        "nodes": nodes,
        "arcs": arcs,
        "disruptions": RANDOM_OUTAGES if disruptions is None else disruptions,
    }
    return Scenario.model_validate(content | changes)


def synthetic_result(
    scenario: Scenario | None = None,
    *,
    replications: int = 20,
    periods: int = 365,
    seed: int = 1,
    traces: bool = False,
    **changes: Any,
) -> RunResult:
    """A run whose outages, costs and stocks are drawn, not simulated; equal seeds give equal runs."""
    scenario = scenario or layered_scenario()
    network = network_of(scenario)
    generator = np.random.default_rng(seed)
    health = _health(scenario, network, generator, replications, periods)
    noise = generator.normal(size=(replications, periods, 4))
    twin = _values(np.ones((replications, periods)), noise)
    worst = health.min(axis=2)
    arriving = _smoothed(worst)
    disrupted = bool(scenario.disruptions)
    stock = _stock(network, generator, periods)
    fields: dict[str, Any] = {
        "scenario": scenario,
        "network": network,
        "engine": "agents",
        "seed": seed,
        "values": _values(worst, noise, arriving) if disrupted else twin,
        "twin": twin if disrupted else None,
        "arc_shipped": generator.gamma(2.0, 20.0, network.arc_count),
        "twin_arc_shipped": generator.gamma(2.0, 20.0, network.arc_count) if disrupted else None,
        "item_stock": stock * (1.0 + 0.6 * (1.0 - health.mean(axis=0)[:, network.item_node])),
        "twin_item_stock": stock if disrupted else None,
        "item_health": health.mean(axis=0),
        "disruption_active": worst < 1.0 if disrupted else None,
        "command": "esc-sim run synthetic",
        "notices": ["made up"],
    }
    if traces:
        shape = (replications, periods)
        fields["traces"] = Traces(
            generator.random((*shape, network.item_count, len(ITEM_COLUMNS))),
            generator.random((*shape, network.node_count, len(NODE_COLUMNS))),
        )
    return RunResult(**(fields | changes))


def observed(replications: int, periods: int, seed: int = 1) -> dict[str, Any]:
    """Made-up numbers of three fields, ten buses and a system, as ``observed`` and ``observations`` of a result."""
    names = [
        *(Observed(kind, f"field {n}", "kg", ("retailer_1",)) for n in range(3)
          for kind in ("soil carbon", "synthetic nitrogen applied", "harvest", "loss")),
        *(Observed("load", f"bus {n}", "MWh", ("retailer_1",)) for n in range(10)),
        Observed("deviation", "microgrids", "MWh"),
    ]  # fmt: skip
    noise = np.random.default_rng(seed).normal(0.02, 0.3, (replications, periods, len(names)))
    return {"observed": tuple(names), "observations": 50.0 + np.arange(len(names)) + noise.cumsum(axis=1)}


def _health(
    scenario: Scenario, network: Network, generator: np.random.Generator, replications: int, periods: int
) -> np.ndarray:
    health = np.ones((replications, periods, network.node_count))
    for disruption in scenario.disruptions:
        hit = [network.node_index[name] for name in disruption.nodes]
        for date in disruption.dates or []:
            start, end = int(date.start), int(date.start + date.duration)
            health[:, start:end, hit] = 0.0
            ramp = np.linspace(0, 1, int(disruption.recovery.duration) + 1)[:-1]
            room = min(len(ramp), periods - end)
            health[:, end : end + room, hit] = ramp[:room, None]
        if disruption.probability is not None:
            health[generator.random((replications, periods)) < disruption.probability, hit[0]] = 0.0
    return health


def _smoothed(worst: np.ndarray) -> np.ndarray:
    """Customers feel an outage later and longer: stock bridges it, then runs out."""
    felt, level = np.ones_like(worst), np.ones(len(worst))
    for t in range(worst.shape[1]):
        level += 0.25 * (worst[:, t] - level)
        felt[:, t] = np.minimum(1.0, level + 0.35)
    return felt


def _stock(network: Network, generator: np.random.Generator, periods: int) -> np.ndarray:
    steps = generator.normal(0, 6, (periods, network.item_count)).cumsum(axis=0)
    reverting = steps - np.linspace(0, 1, periods)[:, None] * steps[-1]
    return np.maximum(20.0, generator.gamma(4.0, 40.0, network.item_count) + reverting)


def _values(health: np.ndarray, noise: np.ndarray, felt: np.ndarray | None = None) -> np.ndarray:
    """Period columns that agree with one another: cost is the sum of its parts, goods are never negative."""
    felt = np.ones_like(health) if felt is None else felt
    found = dict.fromkeys(PERIOD_COLUMNS, np.zeros_like(health))
    demand = 300.0 + 3.0 * noise[..., 0]
    found["demand"] = demand
    found["served"] = found["filled"] = demand * felt
    found["lost_demand"] = demand - found["served"]
    found["met"] = found["ready"] = (found["lost_demand"] <= 0.0).astype(float)
    found["contracted"] = 1236.0 + 8.0 * noise[..., 1]
    found["shipped"] = found["contracted"] * (1.0 - 0.085 * (1.0 - health))
    found["ordered"] = found["contracted"] + 2.0
    found["produced"] = 320.0 + 4.0 * noise[..., 2]
    found["received"] = found["shipped"]
    found["stock"] = 2700.0 + 120.0 * (1.0 - felt) + 20.0 * noise[..., 3]
    found["procurement"] = 56.5 * found["shipped"] + 60.0 * noise[..., 3]
    found["storage"] = found["stock"]
    found["penalty"] = 207.2 * (found["contracted"] - found["shipped"])
    found["cost"] = found["procurement"] + found["storage"] + found["penalty"]
    found["internal_income"] = 49.0 * found["shipped"]
    found["retail_income"] = 77.6 * found["served"]
    found["profit"] = found["retail_income"] + found["internal_income"] - found["cost"]
    return np.stack([found[name] for name in PERIOD_COLUMNS], axis=-1)

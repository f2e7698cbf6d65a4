"""Numbers for a structure, such that goods flow: demand at the end, orders and capacities that carry it, prices.

All numbers are invented. Demand is drawn per customer; what every buyer orders from the supplier it finds cheapest is
added up from the customer to the source, so that in a normal period everybody gets about what they order, and stock
above the safety stock is what the others turn to when a supplier fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.network.generators.structure import (
    MAP_SIZE,
    Structure,
    layered_structure,
    scale_free_structure,
)
from esc_sim.network.scale_free import PAPER_COUNTS
from esc_sim.scenario.schema import Scenario

_COST_PER_LENGTH = 0.05
_LENGTH_PER_PERIOD = 40.0
_LEAST_LOAD = 0.2
"""Suppliers whom nobody finds cheapest are built for this share of their tier's mean load all the same."""


@dataclass(frozen=True)
class _Numbers:
    """Per node: demand (0: none), load (what it hands on in a normal period), price; per arc: other cost, lead time."""

    demand: NDArray[np.float64]
    load: NDArray[np.float64]
    price: NDArray[np.float64]
    other_cost: NDArray[np.float64]
    lead_time: NDArray[np.int64]


def layered_scenario(
    sizes: Sequence[int] = (3, 3, 3, 2, 2),
    links: int | None = None,
    *,
    name: str = "layered",
    seed: int = 1,
    periods: int = 365,
) -> Scenario:
    """A layered network whose largest supplier is at risk.

    Args:
        sizes: number of nodes of each layer, from the customer up.
        links: suppliers of each buyer; None: the whole next layer.
        name: name of the scenario.
        seed: of the invented numbers, and of the scenario's runs.
        periods: review periods of a run.

    Raises:
        InputError: no such network.
    """
    about = f"{len(sizes)} layers of {', '.join(map(str, sizes))} nodes from the customer up."
    return trading_scenario(layered_structure(sizes, links), name=name, about=about, seed=seed, periods=periods)


def scale_free_scenario(
    counts: Mapping[str, int] = PAPER_COUNTS,
    m: int = 3,
    a: float = 6.0,
    *,
    name: str = "scale_free",
    seed: int = 1,
    periods: int = 365,
) -> Scenario:
    """A role-typed scale-free network whose hubs, and whose regions, are at risk.

    Args:
        counts: nodes of each role, from the first supplier down to the customer.
        m: partners of a newcomer.
        a: attractiveness; the larger, the weaker the hubs.
        name: name of the scenario.
        seed: of network and invented numbers, and of the scenario's runs.
        periods: review periods of a run.

    Raises:
        InputError: no such network.
    """
    about = f"Role-typed scale-free network of {sum(counts.values())} nodes; new ones link to {m} earlier ones."
    return trading_scenario(
        scale_free_structure(counts, m, a, seed), name=name, about=about, seed=seed, periods=periods
    )


def trading_scenario(
    structure: Structure, *, name: str, about: str = "", seed: int = 1, periods: int = 365
) -> Scenario:
    """A scenario of the transaction model on a structure.

    Args:
        structure: who may buy from whom.
        name: name of the scenario.
        about: its description.
        seed: of the invented numbers, and of the scenario's runs.
        periods: review periods of a run.
    """
    numbers = _numbers_of(structure, np.random.default_rng([seed, 2]))
    return Scenario.model_validate(
        {
            "version": 1,
            "name": name,
            "title": f"Made-up network of {len(structure.ids)} members",
            "description": about,
            "data": {"status": "synthetic", "note": "Drawn at random by esc_sim.network.generators; no real network."},
            "units": {"goods": "unit", "money": "EUR", "period": "day"},
            "run": {"periods": periods, "seed": seed},
            "nodes": _nodes(structure, numbers),
            "arcs": _arcs(structure, numbers),
            "disruptions": _disruptions(structure, numbers),
        }
    )


def _numbers_of(structure: Structure, rng: np.random.Generator) -> _Numbers:
    supplier = structure.arcs[:, 0]
    count, tiers = len(structure.ids), int(structure.tier.max())
    sells = np.bincount(supplier, minlength=count) > 0
    demand = np.where(sells, 0.0, np.round(rng.uniform(50.0, 150.0, count)))
    height = 1.0 - structure.tier / (tiers + 1)
    price = np.round((30.0 + 50.0 * height) * rng.uniform(0.98, 1.02, count), 2)
    distance = structure.distance
    other_cost = np.round(1.0 + _COST_PER_LENGTH * distance, 2)
    load = _loads(structure, demand, price[supplier] + other_cost)
    lead_time = 1 + (distance // _LENGTH_PER_PERIOD).astype(np.int64)
    return _Numbers(demand, load, price, other_cost, lead_time)


def _loads(structure: Structure, demand: NDArray[np.float64], cost: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each node hands on when every buyer orders all it needs from its cheapest supplier."""
    supplier, buyer = structure.arcs.T
    load = demand.copy()
    for tier in range(int(structure.tier.max()) + 1):
        mine = np.flatnonzero(structure.tier == tier)
        asked = load[mine] > 0.0
        # A spare supplier keeps a share of what the others of its tier hand on.
        load[mine[~asked]] = _LEAST_LOAD * (load[mine[asked]].mean() if asked.any() else demand.max())
        own = np.flatnonzero(structure.tier[buyer] == tier)
        order = own[np.lexsort((supplier[own], cost[own], buyer[own]))]
        _, first = np.unique(buyer[order], return_index=True)
        np.add.at(load, supplier[order[first]], load[buyer[order[first]]])
    return np.round(load, 1)


def _nodes(structure: Structure, numbers: _Numbers) -> list[dict[str, Any]]:
    buys = np.bincount(structure.arcs[:, 1], minlength=len(structure.ids)) > 0
    longest = np.zeros(len(structure.ids), np.int64)
    np.maximum.at(longest, structure.arcs[:, 1], numbers.lead_time)
    nodes = []
    for k, (name, role) in enumerate(zip(structure.ids, structure.roles, strict=True)):
        load = float(numbers.load[k])
        # Two periods' load above the safety stock are left at the first arrival, when the pipeline has filled.
        target = round((2.2 + max(0, int(longest[k]) - 1)) * load)
        node: dict[str, Any] = {
            "id": name,
            "role": role,
            "region": f"region_{int(structure.x[k] * 3.999 // MAP_SIZE)}{int(structure.y[k] * 3.999 // MAP_SIZE)}",
            "x": float(structure.x[k]),
            "y": float(structure.y[k]),
            "initial_stock": target,
            "safety_stock": round(0.2 * load),
            "target_stock": target,
            "holding_cost": 0.5,
            "penalty": round(3.0 * float(numbers.price[k])),
        }
        if structure.layered:
            node["layer"] = int(structure.tier[k]) + 1
        if numbers.demand[k]:
            price = round(float(numbers.price[k]) + 20.0)
            node["demand"] = {
                "mean": float(numbers.demand[k]),
                "sd": round(0.1 * float(numbers.demand[k])),
                "price": price,
            }
        if buys[k]:
            node["order"] = {"mean": round(1.03 * load, 1), "sd": round(0.02 * load, 1)}
        else:
            node["production"] = {"mean": round(1.2 * load, 1), "sd": round(0.05 * load, 1)}
        nodes.append(node)
    return nodes


def _arcs(structure: Structure, numbers: _Numbers) -> list[dict[str, Any]]:
    order = np.lexsort((structure.arcs[:, 0], structure.arcs[:, 1]))
    return [
        {
            "buyer": structure.ids[structure.arcs[k, 1]],
            "supplier": structure.ids[structure.arcs[k, 0]],
            "price": float(numbers.price[structure.arcs[k, 0]]),
            "other_cost": float(numbers.other_cost[k]),
            "lead_time": int(numbers.lead_time[k]),
        }
        for k in order
    ]


def _disruptions(structure: Structure, numbers: _Numbers) -> list[dict[str, Any]]:
    """The suppliers that hand on most (at most three) fail each by itself; a region is hit as a whole."""
    sellers = np.unique(structure.arcs[:, 0])
    hubs = sellers[np.argsort(-numbers.load[sellers], kind="stable")[:3]]
    outage = {
        "name": "hub_outage",
        "nodes": [structure.ids[k] for k in hubs],
        "together": False,
        "probability": 0.02,
        "duration": {"law": "geometric", "probability": 0.25},
    }
    if structure.layered:
        return [outage]
    storm = {
        "name": "storm",
        "regions": ["region_11"],
        "probability": 0.01,
        "duration": {"law": "uniform", "low": 1.0, "high": 3.0},
        "health": 0.3,
        "recovery": {"duration": 3.0},
    }
    return [outage, storm]

"""The candidate network of a retail design as a scenario: one replication is one disruption and what follows it.

A replication has four periods. 0: the case of the disruption is drawn, goods lie at suppliers, DCs order. 1: stores
order from suppliers and DCs. 2: demand shows, areas order from stores. 3: goods reach the areas; what is still owed to
customers is short. Goods that leave in one period arrive in the next.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from esc_sim.design.retail.data import KINDS, FloatArray, RetailInstance
from esc_sim.design.retail.laws import NORMAL_SD, DeviationLaw

DC_ORDERS, STORE_ORDERS, DEMAND_SHOWS, ARRIVAL = range(4)
PERIODS: Final = 4
COLLEAGUE: Final = "colleague_chain"
"""Node that sells to DCs what the design calls transshipment."""
LAYERS: Final = {"area": 1, "store": 2, "dc": 3, "supplier": 4}
REVIEW: Final = {"area": DEMAND_SHOWS, "store": STORE_ORDERS, "dc": DC_ORDERS}
CAUSE: Final = "disaster"
"""Name of the disruption whose cases are the design's scenarios."""


def episode_content(instance: RetailInstance, *, law: DeviationLaw = "normal", name: str = "retail") -> dict[str, Any]:
    """Plain values of the scenario, as for ``Scenario.model_validate``.

    Without a plan every facility stands at its best level, every candidate link is open, no stock is bought, so that
    DCs are idle, and stores order as `fair_fill` says.

    Args:
        instance: the design's data.
        law: of the demand's deviation, independent from area to area.
        name: of the scenario.
    """
    best = {role: instance.facilities(role).largest for role in ("supplier", "dc", "store")}
    return {
        "version": 1,
        "name": name,
        "units": {"goods": instance.goods, "money": instance.money, "period": "step"},
        "run": {"periods": PERIODS, "replications": 1000, "seed": 1},
        "rules": {
            "feedback": "none",
            "holding_cost_timing": "end",
            "unmet": "backorder",
            "known_after": 0,
        },
        "nodes": _nodes(instance, best, law),
        "arcs": _arcs(instance),
        "disruptions": [_made_once()],
        "joint_disruptions": [_cases(instance, best)],
    }


def fair_fill(sales: FloatArray, capacity: FloatArray) -> FloatArray:
    """What stores order before demand shows: together the sales, each the same share of its capacity.

    Args:
        sales: shape S.
        capacity: of the stores, shape n x S.

    Returns:
        Shape n x S.
    """
    total = capacity.sum(axis=0)
    share = np.divide(sales, total, out=np.zeros_like(total), where=total > 0.0)
    return capacity * np.minimum(share, 1.0)


def demand_base(instance: RetailInstance) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Demand of each area in the case of its largest demand, its largest deviation, and what each case makes of them.

    Returns:
        Demand, deviation (shape F); factor on the demand, factor on its distance from the mean (shape F x S). The
        deviation is that of the largest demand where its share is the same in all cases, else of the largest share.
    """
    at = instance.demand.argmax(axis=1)
    rows = np.arange(len(instance.areas))
    demand, deviation = instance.demand[rows, at], instance.deviation[rows, at]
    whole = np.where(demand > 0.0, demand, 1.0)
    factor = instance.demand / whole[:, None]
    other = (np.abs(instance.deviation - factor * deviation[:, None]) > 1e-9 * whole[:, None]).any(axis=1)
    share = np.divide(
        instance.deviation, instance.demand, out=np.zeros_like(instance.demand), where=instance.demand > 0.0
    )
    largest = share.max(axis=1)
    spread = np.ones_like(factor)
    spread[other] = share[other] / largest[other, None]
    return demand, np.where(other, largest * demand, deviation), factor, spread


def demand_law(law: DeviationLaw, demand: float, deviation: float) -> dict[str, Any]:
    """The law of demand + deviation x zeta, zeta of a law of the ambiguity set (see `laws.deviations`).

    Args:
        law: name of the law of zeta.
        demand: mean demand, units per period.
        deviation: largest deviation, units per period.
    """
    low, high = demand - deviation, demand + deviation
    match law:
        case "uniform":
            return {"law": "uniform", "low": low, "high": high}
        case "two-point":
            return {"law": "discrete", "values": [low, high], "probabilities": [0.5, 0.5]}
        case "normal":
            return {"law": "truncated_normal", "mean": demand, "sd": NORMAL_SD * deviation, "low": low, "high": high}
        case "skewed-up":
            return {"law": "discrete", "values": [demand - deviation / 3.0, high], "probabilities": [0.75, 0.25]}
        case "skewed-down":
            return {"law": "discrete", "values": [low, demand + deviation / 3.0], "probabilities": [0.25, 0.75]}


def _nodes(i: RetailInstance, best: dict[str, FloatArray], law: DeviationLaw) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = []
    demand, deviation, _, _ = demand_base(i)
    fill = fair_fill(i.sales, best["store"]).max(axis=1)
    for role, layer in LAYERS.items():
        places = i.role(role)
        for n, node in enumerate(places.ids):
            data: dict[str, Any] = {"id": node, "role": role, "layer": layer}
            if np.isfinite(places.x[n]) and np.isfinite(places.y[n]):
                data |= {"x": float(places.x[n]), "y": float(places.y[n])}
            if role != "area":
                data["capacity"] = float(best[role][n].max())
            if role in REVIEW:
                order_up_to = float(fill[n]) if role == "store" else 0.0
                data["order"] = {
                    "policy": "periodic",
                    "first": REVIEW[role],
                    "every": PERIODS,
                    "order_up_to": order_up_to,
                }
            if role == "supplier":
                most = float(best[role][n].max())
                data |= {"production": {"mean": most}, "target_stock": most}
            if role == "area" and deviation[n] > 0.0:
                data["demand"] = {"law": demand_law(law, float(demand[n]), float(deviation[n]))}
            elif role == "area":
                data["demand"] = {"mean": float(demand[n])}
            if role == "area":
                data["demand"]["season"] = [float(t == DEMAND_SHOWS) for t in range(PERIODS)]
            nodes.append(data)
    room = float(i.storage.sum())
    nodes.append({"id": COLLEAGUE, "role": "colleague", "layer": 4, "production": {"mean": room}, "target_stock": room})
    return nodes


def _arcs(i: RetailInstance) -> list[dict[str, Any]]:
    arcs: list[dict[str, Any]] = []
    for kind, tail, head in KINDS:
        links = i.links[kind]
        most = i.link_capacity(kind).max(axis=1)
        for k in range(len(links)):
            a, b = int(links.tail[k]), int(links.head[k])
            price = float(i.supplier_price[a]) if tail == "supplier" else 0.0
            other = float(links.unit_cost[k]) + (float(i.handling[a]) if tail == "dc" else 0.0)
            arcs.append(
                {
                    "buyer": i.role(head).ids[b],
                    "supplier": i.role(tail).ids[a],
                    "price": price,
                    "other_cost": other,
                    "lead_time": 1.0,
                    "cap": float(most[k]),
                }
            )
    for w, dc in enumerate(i.dcs.ids):
        price = float(i.transshipment_price[w])
        arcs.append({"buyer": dc, "supplier": COLLEAGUE, "price": price, "lead_time": 1.0, "cap": 0.0})
    return arcs


def _cases(i: RetailInstance, best: dict[str, FloatArray]) -> dict[str, Any]:
    """What each scenario of the design leaves of the best levels' capacities, and makes of the demand."""
    _, _, factor, spread = demand_base(i)
    cases: list[dict[str, Any]] = []
    for s, name in enumerate(i.scenarios):
        health = {
            node: float(capacity[s] / capacity.max())
            for role, values in best.items()
            for node, capacity in zip(i.role(role).ids, values, strict=True)
            if capacity.max() > 0.0 and capacity[s] < capacity.max()
        }
        demand = {area: float(factor[f, s]) for f, area in enumerate(i.areas.ids) if factor[f, s] != 1.0}
        case = {"name": name, "probability": float(i.probability[s]), "health": health, "demand": demand}
        spreads = {area: float(spread[f, s]) for f, area in enumerate(i.areas.ids) if spread[f, s] != 1.0}
        cases.append(case | ({"demand_spread": spreads} if spreads else {}))
    return {"name": CAUSE, "drawn": "replication", "cases": cases}


def _made_once() -> dict[str, Any]:
    """Suppliers have goods to sell at the first review, and no more after it."""
    return {
        "name": "no_more_goods",
        "roles": ["supplier", "colleague"],
        "dates": [{"start": 1.0, "duration": float(PERIODS)}],
        "stops": ["produce"],
    }

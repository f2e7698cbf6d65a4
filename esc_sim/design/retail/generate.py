"""Synthetic retail instances of any size, for tests and benchmarks."""

from __future__ import annotations

import numpy as np

from esc_sim.design.retail.data import KINDS, Facilities, FloatArray, Links, Places, RetailInstance, complete_links
from esc_sim.sampling.streams import stream_hashes, uniforms

LEVELS = 4
KM = (70.0, 40.0, 12.0, 10.0)
"""Radius of the discs in which suppliers, DCs, stores and areas lie."""
STORE_CAPACITY = np.array([[4000.0, 2500.0], [7500.0, 5000.0], [10000.0, 12000.0], [15000.0, 15000.0]])
"""Capacity of a store by level in the mildest and the hardest scenario (of the size of the Wuhan case)."""


def random_instance(
    *, suppliers: int, dcs: int, stores: int, areas: int, scenarios: int = 2, seed: int = 1
) -> RetailInstance:
    """A drawn instance with costs and capacities of the size of the Wuhan case; synthetic through and through.

    Every pair of nodes that may be linked is a candidate link. Quantities in kg, money in CNY, distances in km.

    Args:
        suppliers, dcs, stores, areas, scenarios: how many of each, at least 1.
        seed: of the draws; another count of one role leaves the other roles' places as they were.
    """
    severity = np.linspace(0.0, 1.0, scenarios) if scenarios > 1 else np.zeros(1)
    sales = stores * (4000.0 + 4500.0 * severity)
    store_capacity = STORE_CAPACITY[:, :1] * (1.0 - severity) + STORE_CAPACITY[:, 1:] * severity
    supply = np.outer([0.6, 0.8, 0.9, 1.0], 2.2 * sales.max() / suppliers * (1.0 - 0.4 * severity))
    storage = np.outer([0.3, 0.6, 0.8, 1.0], 2.0 * sales.max() / dcs * (1.0 - 0.2 * severity))
    q = _facilities("supplier", suppliers, KM[0], 1.4e6, supply, seed)
    w = _facilities("dc", dcs, KM[1], 3.0e6, storage, seed)
    e = _facilities("store", stores, KM[2], 1.5e6, store_capacity, seed)
    f = _places("area", areas, KM[3], seed)
    roles: dict[str, Places] = {"supplier": q, "dc": w, "store": e, "area": f}
    share = 0.5 + _draw("area/share", areas, seed)
    demand = 0.592 * np.outer(share / share.sum(), sales)
    weight = 0.5 + _draw("scenario/probability", scenarios, seed)
    return RetailInstance(
        name=f"synthetic {suppliers} x {dcs} x {stores} x {areas}",
        suppliers=q,
        dcs=w,
        stores=e,
        areas=f,
        links={kind: _links(roles[tail], roles[head]) for kind, tail, head in KINDS},
        levels=tuple(str(x + 1) for x in range(LEVELS)),
        scenarios=tuple(str(s + 1) for s in range(scenarios)),
        probability=weight / weight.sum(),
        sales=sales,
        demand=demand,
        deviation=0.1 * demand,
        supplier_price=np.full(suppliers, 5.56),
        stock_price=np.full(dcs, 6.31),
        storage=np.full(dcs, 4.0 * sales.max() / dcs),
        holding=np.full(dcs, 0.1),
        handling=np.ones(dcs),
        salvage=np.full(dcs, 4.0),
        transshipment_price=np.full(dcs, 17.0),
        shortage_penalty=np.full(areas, 50.0),
        supply_share=0.5,
        inflow_share=0.5,
        transshipment_share=0.9,
        notice="synthetic",
        money="CNY",
        goods="kg",
    )


def _links(tail: Places, head: Places) -> Links:
    a, b, km = complete_links(tail, head)
    road = 1.3 * km
    return Links(a, b, link_cost=4.85 * road, unit_cost=2.698 * road)


def _draw(name: str, count: int, seed: int) -> FloatArray:
    return uniforms(seed, stream_hashes([f"retail/{name}"]), 0, 0, count)[:, 0]


def _places(role: str, count: int, radius: float, seed: int) -> Places:
    angle = 2.0 * np.pi * _draw(f"{role}/angle", count, seed)
    away = radius * np.sqrt(_draw(f"{role}/distance", count, seed))
    return Places(tuple(f"{role}_{k + 1}" for k in range(count)), away * np.cos(angle), away * np.sin(angle))


def _facilities(role: str, count: int, radius: float, cost: float, capacity: FloatArray, seed: int) -> Facilities:
    """Levels cost 10 % more each and are damaged less; capacity is levels x scenarios, alike for all."""
    at = _places(role, count, radius, seed)
    fixed = np.outer(cost * (0.85 + 0.45 * _draw(f"{role}/cost", count, seed)), 1.1 ** np.arange(LEVELS))
    damage = fixed[:, :1, None] * np.array([0.3, 0.2, 0.1, 0.0])[None, :, None] * np.ones(capacity.shape[1])
    spread = np.broadcast_to(capacity, (count, *capacity.shape)).copy()
    return Facilities(at.ids, at.x, at.y, fixed, spread, damage)

"""Re-check of a plan against every printed constraint, independent of the solver and of the block model.

Equation numbers are those of Chen and Chen, Comput. Chem. Eng. 179 (2023) 108428; the readings are those of `model`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from esc_sim.design.retail.data import FACILITY_ROLES, KINDS, FloatArray, RetailInstance
from esc_sim.design.retail.solution import CLOSED, RetailPlan

TOLERANCE = 1e-6
"""Violation that counts, relative to the size of the terms of a row (and at least to `quantity_unit`)."""


@dataclass(frozen=True)
class Violation:
    """One printed constraint that a plan breaks.

    Attributes:
        equation: its number in the paper.
        constraint: what it asks for.
        where: node or link, and scenario.
        amount: by how much it is broken, in the constraint's unit.
    """

    equation: str
    constraint: str
    where: str
    amount: float

    def __str__(self) -> str:
        return f"eq. {self.equation}, {self.constraint}: {self.where}: broken by {self.amount:.6g}"


@dataclass(frozen=True)
class _Rows:
    """A block of constraints: excess > 0 breaks it; size is the scale of its terms; one label tuple an axis."""

    equation: str
    constraint: str
    excess: FloatArray
    size: FloatArray
    labels: tuple[Sequence[str], ...]


def recheck(
    plan: RetailPlan, *, demand: ArrayLike | None = None, margin: ArrayLike | None = None, tolerance: float = TOLERANCE
) -> list[Violation]:
    """Constraints that a plan breaks, flows as designed; an empty list if it meets them all.

    Args:
        plan: the plan.
        demand: another nominal demand, shape F x S, instead of the one designed for.
        margin: another margin, shape F x S, instead of the one designed for (0: the nominal demand alone).
        tolerance: relative violation that counts.

    Raises:
        InputError: a demand of the wrong shape, negative or not a number.
    """
    instance = plan.instance if demand is None else plan.instance.with_demand(demand)
    carried = plan.margin if margin is None else np.broadcast_to(np.asarray(margin, dtype=float), plan.margin.shape)
    found: list[Violation] = []
    for rows in _all_rows(plan, instance, carried):
        broken = rows.excess > tolerance * np.maximum(rows.size, 1.0)
        for at in np.argwhere(broken):
            where = ", ".join(str(names[int(k)]) for names, k in zip(rows.labels, at, strict=True))
            found.append(Violation(rows.equation, rows.constraint, where, float(rows.excess[tuple(at)])))
    return found


def _all_rows(plan: RetailPlan, i: RetailInstance, margin: FloatArray) -> Iterator[_Rows]:
    yield from _signs(plan, i)
    yield from _market(plan, i, margin)
    yield from _balances(plan, i)
    yield from _capacities(plan, i)
    yield from _structure(plan, i)


def _scenarios(i: RetailInstance) -> list[str]:
    return [f"scenario {s}" for s in i.scenarios]


def _link_names(i: RetailInstance, kind: str) -> list[str]:
    return [i.link_name(kind, k) for k in range(len(i.links[kind]))]


def _sized(i: RetailInstance, *terms: FloatArray) -> FloatArray:
    """Scale of a row of quantities: the sum of its terms' sizes, at least the quantity unit."""
    return np.maximum(np.asarray(sum(np.abs(t) for t in terms)), i.quantity_unit)


def _signs(plan: RetailPlan, i: RetailInstance) -> Iterator[_Rows]:
    s = _scenarios(i)
    for kind, _, _ in KINDS:
        flow = plan.flow[kind]
        yield _Rows("19", "flow at least 0", -flow, _sized(i, flow), (_link_names(i, kind), s))
    for name, values, ids in (
        ("unused stock", plan.unused, i.dcs.ids),
        ("transshipment", plan.transshipment, i.dcs.ids),
        ("shortage", plan.shortage, i.areas.ids),
    ):
        yield _Rows("19", f"{name} at least 0", -values, _sized(i, values), (ids, s))
    yield _Rows("26", "stock at least 0", -plan.stock, _sized(i, plan.stock), (i.dcs.ids,))


def _market(plan: RetailPlan, i: RetailInstance, margin: FloatArray) -> Iterator[_Rows]:
    s = _scenarios(i)
    served, needed = plan.inflow("area") + plan.shortage, i.demand + margin
    yield _Rows("1/3", "demand covered", needed - served, _sized(i, needed), (i.areas.ids, s))
    supplied = plan.outflow("supplier").sum(axis=0)
    used = plan.stock.sum() - plan.unused.sum(axis=0)
    sold = np.abs(used + supplied - i.sales)
    yield _Rows("4", "sales equal used stock and supply", sold, _sized(i, i.sales), (s,))
    share = i.supply_share * used - supplied
    yield _Rows("5", "supply at least its share of used stock", share, _sized(i, supplied, used), (s,))
    moved, short = plan.transshipment.sum(axis=0), plan.shortage.sum(axis=0)
    low = i.transshipment_share * short - moved
    yield _Rows("18", "transshipment at least its share of shortage", low, _sized(i, moved, short), (s,))


def _balances(plan: RetailPlan, i: RetailInstance) -> Iterator[_Rows]:
    s = _scenarios(i)
    inflow, outflow = plan.inflow("dc"), plan.outflow("dc")
    share = i.inflow_share * outflow - inflow
    yield _Rows("6", "inflow at least its share of outflow", share, _sized(i, inflow, outflow), (i.dcs.ids, s))
    net = inflow + plan.stock[:, None] - plan.unused + plan.transshipment - outflow
    size = _sized(i, inflow, outflow, plan.stock[:, None] + plan.unused)
    yield _Rows("7", "flow balance of the DC", np.abs(net), size, (i.dcs.ids, s))
    into, out = plan.inflow("store"), plan.outflow("store")
    yield _Rows("9", "flow balance of the store", np.abs(into - out), _sized(i, into, out), (i.stores.ids, s))


def _capacities(plan: RetailPlan, i: RetailInstance) -> Iterator[_Rows]:
    s = _scenarios(i)
    for role, equation in (("dc", "8"), ("supplier", "10"), ("store", "11")):
        capacity, out = plan.chosen(role, i.facilities(role).capacity), plan.outflow(role)
        yield _Rows(
            equation, f"capacity of the {role}", out - capacity, _sized(i, capacity, out), (i.role(role).ids, s)
        )
    capacity, into = plan.chosen("store", i.stores.capacity), plan.inflow("store")
    yield _Rows("12", "capacity of the store for inflow", into - capacity, _sized(i, capacity, into), (i.stores.ids, s))
    for kind, _, _ in KINDS:
        most = np.where(plan.opened[kind][:, None], i.link_capacity(kind), 0.0)
        flow = plan.flow[kind]
        yield _Rows("13", "capacity of the link", flow - most, _sized(i, most), (_link_names(i, kind), s))
    stock = plan.stock[:, None]
    yield _Rows("-", "unused stock within stock", plan.unused - stock, _sized(i, plan.unused), (i.dcs.ids, s))
    over = plan.transshipment - plan.unused
    yield _Rows("15", "transshipment within unused stock", over, _sized(i, plan.unused), (i.dcs.ids, s))
    room = np.where(plan.level["dc"] != CLOSED, i.storage, 0.0)
    yield _Rows("24", "storage of the DC", plan.stock - room, _sized(i, room), (i.dcs.ids,))


def _structure(plan: RetailPlan, i: RetailInstance) -> Iterator[_Rows]:
    """Coverage, levels, and links between open facilities; whole numbers, so that any break counts."""
    levels = len(i.levels)
    for role, equation in (("dc", "21"), ("supplier", "30"), ("store", "31")):
        bad = (plan.level[role] < CLOSED) | (plan.level[role] >= levels)
        yield _whole(equation, "at most one level, of those there are", bad.astype(float), i.role(role).ids)
    equations = {"supplier_dc": "29", "supplier_store": "28", "dc_store": "20", "store_area": "27"}
    ends = {
        "supplier_dc": ("36", "35"),
        "supplier_store": ("34", "33"),
        "dc_store": ("23", "22"),
        "store_area": ("32", ""),
    }
    for kind, tail, head in KINDS:
        links, opened = i.links[kind], plan.opened[kind]
        count = np.bincount(links.head[opened], minlength=len(i.role(head)))
        missing = (plan.coverage.of(kind) - count).astype(float)
        yield _whole(equations[kind], f"coverage by {tail}s", missing, i.role(head).ids)
        for equation, role, at in ((ends[kind][0], tail, links.tail), (ends[kind][1], head, links.head)):
            if role in FACILITY_ROLES:
                closed = (plan.level[role] == CLOSED)[at] & opened
                yield _whole(equation, f"link needs an open {role}", closed.astype(float), _link_names(i, kind))


def _whole(equation: str, constraint: str, excess: FloatArray, labels: Sequence[str]) -> _Rows:
    return _Rows(equation, constraint, excess, np.ones_like(excess), (labels,))

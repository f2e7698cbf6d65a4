"""Checks of an instance before anything is solved: every problem found is named with its place."""

from __future__ import annotations

import math

import numpy as np

from esc_sim.design.retail.data import (
    FACILITY_ROLES,
    KINDS,
    ROLES,
    Coverage,
    FloatArray,
    RetailInstance,
    probability_problems,
)
from esc_sim.errors import InputError

SHOWN = 5
ROOM = 1.0 - 1e-9
"""Relative room for rounding when quantities are compared."""


def check_options(eps: float, gap: float, time_limit: float | None) -> None:
    """Refuse options outside their range.

    Args:
        eps: violation probability of a demand row.
        gap: relative gap at which a search may stop.
        time_limit: seconds for a search; None: no limit.

    Raises:
        InputError: eps outside (0, 1), a gap outside [0, 1), or a time limit that is not positive.
    """
    problems = []
    if not 0.0 < eps < 1.0:
        problems.append(f"eps: {eps:g} is not a probability strictly between 0 and 1")
    if not 0.0 <= gap < 1.0:
        problems.append(f"gap: {gap:g} is not a relative gap of at least 0 and below 1 (0.0001 for 0.01 %)")
    if time_limit is not None and not time_limit > 0.0:
        problems.append(f"time limit: {time_limit:g} s is not positive")
    if problems:
        raise InputError(problems)


def check_instance(instance: RetailInstance, coverage: Coverage, margin: FloatArray) -> None:
    """Refuse an instance that cannot have a plan for reasons that the data show at once.

    Args:
        instance: the data.
        coverage: least numbers of open links.
        margin: what demand rows carry above the nominal demand, shape F x S.

    Raises:
        InputError: all problems found: numbers out of range, probabilities that do not sum to 1, nodes that cannot be
            reached or covered, capacity below demand.
    """
    problems = _empty_roles(instance) or _numbers(instance)
    problems += probability_problems(instance)
    if not problems:
        problems = _reach(instance) + _coverage(instance, coverage)
    if not problems:
        problems = _capacity(instance, margin)
    if problems:
        raise InputError(problems)


def _empty_roles(i: RetailInstance) -> list[str]:
    problems = [f"{i.name}: there is no {role}" for role in ROLES if len(i.role(role)) == 0]
    ids = [name for role in ROLES for name in i.role(role).ids]
    twice = sorted({name for name in ids if ids.count(name) > 1}) if len(set(ids)) < len(ids) else []
    problems += [f"{i.name}: the node '{name}' is there twice" for name in twice[:SHOWN]]
    problems += [f"{i.name}: there is no {what}" for what in ("level", "scenario") if not getattr(i, what + "s")]
    return problems


def _numbers(i: RetailInstance) -> list[str]:
    """Everything is a number of at least 0; the deviation is not above the demand."""
    n, x, s = len, len(i.levels), len(i.scenarios)
    arrays: list[tuple[str, FloatArray, tuple[int, ...]]] = [
        ("sales", i.sales, (s,)),
        ("demand", i.demand, (n(i.areas), s)),
        ("deviation", i.deviation, (n(i.areas), s)),
        ("supplier price", i.supplier_price, (n(i.suppliers),)),
        ("shortage penalty", i.shortage_penalty, (n(i.areas),)),
    ]
    dc_values = ("stock_price", "storage", "holding", "handling", "salvage", "transshipment_price")
    arrays += [(name.replace("_", " "), getattr(i, name), (n(i.dcs),)) for name in dc_values]
    for role in FACILITY_ROLES:
        f = i.facilities(role)
        arrays.append((f"{role} fixed cost", f.fixed_cost, (n(f), x)))
        arrays += [
            (f"{role} {w.replace('_', ' ')}", getattr(f, w), (n(f), x, s)) for w in ("capacity", "destruction_cost")
        ]
    for kind, _, _ in KINDS:
        links = i.links[kind]
        arrays += [
            (f"{kind} {w.replace('_', ' ')}", getattr(links, w), (n(links),)) for w in ("link_cost", "unit_cost")
        ]
    problems = []
    for name, values, shape in arrays:
        if values.shape != shape:
            problems.append(f"{i.name}: {name} has shape {values.shape}, but needs {shape}")
        elif not (np.isfinite(values) & (values >= 0.0)).all():
            at = np.argwhere(~(np.isfinite(values) & (values >= 0.0)))[0]
            value = values[tuple(at)]
            problems.append(f"{i.name}: {name} {at.tolist()} is {value:g}; it must be a number of at least 0")
    shares = ("supply_share", "inflow_share", "transshipment_share")
    for name in shares:
        value = getattr(i, name)
        if not (math.isfinite(value) and value >= 0.0):
            problems.append(f"{i.name}: {name.replace('_', ' ')} is {value:g}; it must be a number of at least 0")
    if not problems and (i.stock_price < i.salvage).any():
        at = i.dcs.ids[int(np.argmax(i.stock_price < i.salvage))]
        problems.append(f"{i.name}: {at} sells unused stock for more than its price; stock would be bought for nothing")
    return problems


def _reach(i: RetailInstance) -> list[str]:
    """Every area is reached from some supplier over candidate links (stock alone cannot supply a network: eq. 5)."""
    reached = {role: np.zeros(len(i.role(role)), dtype=bool) for role in ROLES}
    reached["supplier"][:] = True
    for kind, tail, head in KINDS:  # in the order of flow
        links = i.links[kind]
        reached[head][links.head[reached[tail][links.tail]]] = True
    return [
        f"{i.name}: area {i.areas.ids[f]} cannot be reached: no chain of links leads from a supplier to it"
        for f in np.flatnonzero(~reached["area"])
    ][:SHOWN]


def _coverage(i: RetailInstance, coverage: Coverage) -> list[str]:
    problems = [
        f"coverage: {name} is {value}; it must be a whole number of at least 0"
        for name, value in (("dc", coverage.dc), ("store", coverage.store), ("area", coverage.area))
        if value < 0 or value != int(value)
    ]
    for kind, tail, head in KINDS if not problems else ():
        needed, there = coverage.of(kind), len(i.role(tail))
        if needed > there:
            problems.append(f"coverage: every {head} needs links from {needed} {tail}s, but there are only {there}")
            continue
        count = np.bincount(i.links[kind].head, minlength=len(i.role(head)))
        problems += [
            f"coverage: {head} {i.role(head).ids[j]} needs links from {needed} {tail}s; "
            f"only {count[j]} can be linked to it"
            for j in np.flatnonzero(count < needed)[:SHOWN]
        ]
    return problems


def _capacity(i: RetailInstance, margin: FloatArray) -> list[str]:
    """Sales against the facilities' capacity at their best levels, demand against what can reach it."""
    problems: list[str] = []
    storage = float(i.storage.sum())
    stores, suppliers = i.stores.largest.sum(axis=0), i.suppliers.largest.sum(axis=0)
    short = np.inf if i.transshipment_share == 0.0 else storage / i.transshipment_share
    needed = i.demand + margin
    links = i.links["store_area"]
    into = np.zeros_like(needed)
    np.add.at(into, links.head, i.stores.largest[links.tail])
    for s, name in enumerate(i.scenarios):
        sold = float(i.sales[s])
        bought = sold - min(storage, sold / (1.0 + i.supply_share))
        checks = [
            ("stores hold", "sales", float(stores[s]), sold),
            ("suppliers hold", "what must come from suppliers", float(suppliers[s]), bought),
            (
                "sales and purchases from the colleague chain are",
                "demand",
                sold + storage + short,
                float(needed[:, s].sum()),
            ),
        ]
        problems += [
            f"{i.name}: capacity below demand in scenario {name}: all {who} at most {have:.6g}, {what} {need:.6g}"
            for who, what, have, need in checks
            if have < need * ROOM
        ]
        low = np.flatnonzero(into[:, s] + short < needed[:, s] * ROOM)
        problems += [
            f"{i.name}: capacity below demand in scenario {name}: the stores that can serve area {i.areas.ids[f]} hold "
            f"{into[f, s]:.6g}, its demand with margin is {needed[f, s]:.6g}"
            for f in low[:SHOWN]
        ]
    return problems

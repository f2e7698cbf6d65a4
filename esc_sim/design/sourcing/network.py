"""The network that a sourcing plan is simulated in, from the design's tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.networks import DesignNetwork, Fact
from esc_sim.design.sourcing.given import Given, nominal_of, read_given
from esc_sim.design.sourcing.instance import SourcingInstance
from esc_sim.scenario.design_sourcing import SourcingSection

FloatArray = NDArray[np.float64]

FAILURES = "failures"
"""Name of the disruption whose cases are those of the design."""
FAR = 0.1
"""Relative distance from the mean of the past beyond which a demand is told to be another."""
_PLENTY = 10.0
"""Backups and the spot market could supply this many times the largest demands of the past together."""
_MOST_GOODS = 2.0e9
"""Units that a stock may hold at most, just below the limit of goods."""
_SPREAD = 1.0 / 3.0
"""Demand whose standard deviation is above this share of its mean has a gamma law: a normal one would go below 0."""


def design_network(section: SourcingSection, folder: Path) -> DesignNetwork:
    """Nodes, arcs, failures and settings of the run, and what must agree where the scenario has its own.

    A contract period is two reviews: orders are placed in the first, and goods meet demand in the second, which counts.

    Args:
        section: the scenario's section ``design.sourcing``.
        folder: the scenario's folder.

    Raises:
        InputError: tables that cannot be used.
    """
    found = read_given(section, folder)
    return DesignNetwork(
        content={
            "nodes": list(_nodes(found)),
            "arcs": list(_arcs(found)),
            "joint_disruptions": [{"name": FAILURES, "drawn": "replication", "cases": _cases(found)}],
            "run": {"periods": 2, "warm_up": 1, "replications": 1000, "seed": 1},
            "rules": {"known_after": 0, "feedback": "none"},
        },
        facts=tuple(_facts(found)),
        warnings=tuple(_far_from_nominal(section, found)),
        files=found.files,
    )


def _demand(past: FloatArray) -> dict[str, Any]:
    mean, sd = float(past.mean()), float(past.std(ddof=1))
    if sd > _SPREAD * mean:
        return {"law": {"law": "gamma", "mean": mean, "sd": sd}}
    return {"mean": mean, "sd": sd}


def _nodes(found: Given) -> Iterator[dict[str, Any]]:
    i, past = found.tables.instance, found.past
    for a, buyer in enumerate(i.buyers):
        mean = float(past[:, a].mean())
        yield {"id": buyer, "role": "buyer", "layer": 1, "demand": _demand(past[:, a]), "order": {"mean": mean}}
    plenty = min(_PLENTY * float(past.max(axis=0).sum()), _MOST_GOODS)
    makers = [("primary", name, float(c)) for name, c in zip(i.primaries, i.capacity, strict=True)]
    makers += [("backup", name, plenty) for name in i.backups]
    makers += [("spot", found.tables.spot, plenty)] if found.tables.spot is not None else []
    for role, name, made in makers:
        yield {"id": name, "role": role, "layer": 2, "target_stock": made, "production": {"mean": made}}


def _arcs(found: Given) -> Iterator[dict[str, Any]]:
    """Primaries are asked first, then backups, then the spot market."""
    i, spot = found.tables.instance, found.tables.spot
    backup = _first(i)
    for a, buyer in enumerate(i.buyers):
        offers = [(name, i.primary_price[m, a], 0) for m, name in enumerate(i.primaries)]
        offers += [(name, backup[b, a], 1) for b, name in enumerate(i.backups)]
        offers += [(spot, i.spot_price[0], 2)] if spot is not None else []
        for name, price, preference in offers:
            yield {"buyer": buyer, "supplier": name, "price": float(price), "preference": preference}


def _first(i: SourcingInstance) -> FloatArray:
    """Backup prices of the first case, shape (B, A)."""
    return i.backup_price if i.backup_price.ndim == 2 else i.backup_price[0]


def _cases(found: Given) -> list[dict[str, Any]]:
    """A failed primary keeps its residual capacity; no effort is made. Prices that move are factors on the first."""
    i, cases = found.tables.instance, []
    for k, name in enumerate(i.scenarios):
        kept = zip(i.primaries, i.disrupted[k], i.residual[k], strict=True)
        case: dict[str, Any] = {"name": name, "probability": float(i.probability[k])}
        health = {m: float(n) for m, down, n in kept if down and n < 1.0}
        price = _factors(found, k)
        cases.append(case | ({"health": health} if health else {}) | ({"price": price} if price else {}))
    return cases


def _factors(found: Given, case: int) -> dict[str, float]:
    i, spot = found.tables.instance, found.tables.spot
    factors = {}
    if spot is not None and i.spot_price[0] > 0.0:
        factors[spot] = float(i.spot_price[case] / i.spot_price[0])
    if i.backup_price.ndim == 3:
        factors |= {b: float(i.backup_price[case, n, 0] / i.backup_price[0, n, 0]) for n, b in enumerate(i.backups)}
    return {name: factor for name, factor in factors.items() if factor != 1.0}


def _facts(found: Given) -> Iterator[Fact]:
    """What a scenario with nodes, arcs and cases of its own must say as well."""
    read, i = found.tables, found.tables.instance
    prices = [(name, i.primary_price[m]) for m, name in enumerate(i.primaries)]
    prices += [(name, _first(i)[b]) for b, name in enumerate(i.backups)] if i.backup_price.ndim == 2 else []
    for name, row in prices:
        for a, buyer in enumerate(i.buyers):
            yield Fact("arcs", (buyer, name), ("price",), float(row[a]), read.prices[name, buyer])
    for m, name in enumerate(i.primaries):
        yield Fact("nodes", (name,), ("production", "mean"), float(i.capacity[m]), read.capacities[name])
    for k, case in enumerate(i.scenarios):
        yield Fact("cases", (case,), ("probability",), float(i.probability[k]), read.cases)
        for m, name in enumerate(i.primaries):
            health = float(i.residual[k, m]) if i.disrupted[k, m] else 1.0
            yield Fact("cases", (case,), ("health", name), health, read.cases)
        if read.spot is not None:
            yield Fact("cases", (case,), ("price", read.spot), float(i.spot_price[k]), read.cases)
    for a, buyer in enumerate(i.buyers):
        mean, sd = float(found.past[:, a].mean()), float(found.past[:, a].std(ddof=1))
        place = f"{found.history.name}: {buyer}"
        yield Fact("nodes", (buyer,), ("demand", "mean"), mean, place, within=FAR)
        yield Fact("nodes", (buyer,), ("demand", "sd"), sd, place, within=0.5)


def _far_from_nominal(section: SourcingSection, found: Given) -> Iterator[str]:
    """A nominal demand that is not that of the past, against which robustness would be priced."""
    if section.nominal is None:
        return
    buyers = found.tables.instance.buyers
    for buyer, nominal, mean in zip(
        buyers, nominal_of(section, found.past, buyers), found.past.mean(axis=0), strict=True
    ):
        if abs(nominal - mean) > FAR * mean:
            yield (
                f"design.sourcing.nominal: {nominal:g} for {buyer}, whose past demand has a mean of {mean:.6g} "
                f"({found.history.name}): leave nominal out, and the mean is used"
            )

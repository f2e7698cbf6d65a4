"""The 22 main scenarios of the benchmark: networks, means of demand, the paths of its ten seeds."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
DATA = Path(__file__).with_name("data")
PERIODS = 30
SEEDS = (42, 123, 456, 789, 1011, 2022, 3033, 4044, 5055, 6066)
"""Of the benchmark's demand paths."""
MEAN, SLOPE, SWING, SHOCK_AT, SHOCK = 20.0, 0.05, 0.5, 15, 2.0
LEAST_MEAN = 0.1
RISE, FALL, MOST_GOODWILL, LEAST_GOODWILL = 1.01, 0.9, 2.0, 0.2
"""What goodwill is multiplied by after a period without, and with, demand unmet; its bounds."""
PRICE, UNMET_COST = 2.0, 0.1


@dataclass(frozen=True)
class Link:
    """Who buys from whom.

    Attributes:
        lead_time: periods; goods ordered with 0 are there in the same period, after all orders.
        price: money per unit.
        holding: money per unit under way and period.
    """

    supplier: str
    buyer: str
    lead_time: int
    price: float
    holding: float


@dataclass(frozen=True)
class Site:
    """A member: ``role``, stock at the start, holding cost, and of factories the most that leaves, and its cost."""

    id: str
    role: str
    initial_stock: float
    holding: float
    capacity: float
    operating: float


@dataclass(frozen=True)
class Network:
    """Sites and links, in the benchmark's order."""

    sites: tuple[Site, ...]
    links: tuple[Link, ...]

    def site(self, name: str) -> Site:
        """The site of a name."""
        return next(site for site in self.sites if site.id == name)

    @property
    def members(self) -> tuple[Site, ...]:
        """Sites that hold stock: all but the suppliers of raw material."""
        return tuple(site for site in self.sites if site.role != "supplier")


@dataclass(frozen=True)
class Case:
    """A scenario of the benchmark, and its published row.

    Attributes:
        block, network, demand: the table's words.
        goodwill: demand follows service.
        backlog: unmet demand waits, instead of being lost.
        row: the published row.
    """

    block: str
    network: str
    demand: str
    goodwill: bool
    backlog: bool
    row: Mapping[str, str]

    @property
    def name(self) -> str:
        """Short name, such as 'serial, stationary, goodwill, backlog'."""
        words = [self.network, self.demand, *(["goodwill"] if self.goodwill else [])]
        return ", ".join([*words, "backlog" if self.backlog else "lost"])

    @property
    def mean(self) -> FloatArray:
        """Mean demand of each period at a goodwill of 1: [PERIODS]."""
        if self.demand == "M5_volatile":
            sold = np.array([float(row["units"]) for row in _rows("m5.csv")])
            return np.asarray(sold * (MEAN / sold.mean()))
        t = np.arange(PERIODS)
        mean = np.full(PERIODS, MEAN)
        if "trend" in self.demand:
            mean *= 1 + SLOPE * t
        if "seasonal" in self.demand:
            mean *= 1 + SWING * np.array([math.sin(2 * math.pi / PERIODS * period) for period in t])
        if "shock" in self.demand:
            mean *= np.where(t >= SHOCK_AT, SHOCK, 1.0)
        return np.maximum(mean, LEAST_MEAN)

    @property
    def is_drawn(self) -> bool:
        """Whether demand is drawn (Poisson); that of M5 is one path."""
        return self.demand != "M5_volatile"

    def path(self, seed: int) -> FloatArray:
        """Demand of each period in the benchmark's path of this seed, at a goodwill of 1: [PERIODS]."""
        if not self.is_drawn:
            return self.mean
        draws = np.random.default_rng(seed)
        return np.array([float(draws.poisson(mean)) for mean in self.mean])

    @property
    def plan(self) -> Network:
        """The network of this case."""
        return networks()[self.network]


def goodwill_after(goodwill: float, unmet: float) -> float:
    """Goodwill of the next period."""
    return max(LEAST_GOODWILL, goodwill * FALL) if unmet > 0 else min(MOST_GOODWILL, goodwill * RISE)


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _number(text: str, otherwise: float) -> float:
    return float(text) if text else otherwise


@cache
def networks() -> dict[str, Network]:
    """Both networks by name."""
    found: dict[str, Any] = {}
    for name in ("base", "serial"):
        sites = tuple(
            Site(f"n{row['node']}", row["role"], _number(row["initial_stock"], 0.0), _number(row["holding_cost"], 0.0),
                 _number(row["capacity"], math.inf), _number(row["operating_cost"], 0.0))
            for row in _rows("nodes.csv") if row["network"] == name
        )  # fmt: skip
        links = tuple(
            Link(f"n{row['supplier']}", f"n{row['buyer']}", int(row["lead_time"]), float(row["price"]),
                 float(row["in_transit_holding_cost"]))
            for row in _rows("links.csv") if row["network"] == name
        )  # fmt: skip
        found[name] = Network(sites, links)
    return found


@cache
def cases() -> tuple[Case, ...]:
    """The table's rows without those of several learning agents, which repeat rows of the first block."""
    return tuple(
        Case(row["Block"], row["Network"], row["Demand"], row["Goodwill"] == "True", row["Backlog"] == "True", row)
        for row in _rows("table.csv") if row["MARL"] == "False"
    )  # fmt: skip


@cache
def by_seed() -> dict[tuple[str, int], dict[str, float]]:
    """Published profits by case and seed: of the oracle, the informed stochastic program, the informed (s, S)."""
    named = {(c.block, c.network, c.demand, str(c.goodwill), str(c.backlog)): c.name for c in cases()}
    return {
        (named[row["Block"], row["Network"], row["Demand"], row["Goodwill"], row["Backlog"]], int(row["Seed"])):
            {who: float(row[who]) for who in ("Oracle", "MSSP_I", "sS_I")}
        for row in _rows("by_seed.csv")
    }  # fmt: skip

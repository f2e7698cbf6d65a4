"""The instance of the retail network design: facilities with levels, candidate links, scenarios, demand.

One product. Notation in brackets is that of Chen and Chen, Comput. Chem. Eng. 179 (2023) 108428, section 3.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.errors import InputError
from esc_sim.lp.solution import power_of_ten

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

KINDS: tuple[tuple[str, str, str], ...] = (
    ("supplier_dc", "supplier", "dc"),
    ("supplier_store", "supplier", "store"),
    ("dc_store", "dc", "store"),
    ("store_area", "store", "area"),
)
"""Kinds of links: (name, role of the tail, role of the head). supplier_store is direct-to-store delivery."""

ROLES = ("supplier", "dc", "store", "area")
FACILITY_ROLES = ("supplier", "dc", "store")


@dataclass(frozen=True, eq=False)
class Places:
    """Nodes of one role and where they lie.

    Attributes:
        ids: names, unique over all roles.
        x, y: coordinates in km, shape n; nan where unknown.
    """

    ids: tuple[str, ...]
    x: FloatArray
    y: FloatArray

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class Facilities(Places):
    """Candidate suppliers, DCs or stores, each to be opened at one of the levels.

    Attributes:
        fixed_cost: cost of choosing or building at a level, shape n x levels [cq, cw, ce].
        capacity: what is left of the capacity in a scenario, shape n x levels x scenarios [cap'].
        destruction_cost: cost of damage in a scenario, same shape [cq', cw', ce'].
    """

    fixed_cost: FloatArray
    capacity: FloatArray
    destruction_cost: FloatArray

    @property
    def largest(self) -> FloatArray:
        """Capacity at the best level, shape n x scenarios."""
        return self.capacity.max(axis=1)


@dataclass(frozen=True, eq=False)
class Links:
    """Candidate links of one kind.

    Attributes:
        tail, head: positions of the two ends within their roles, shape links.
        link_cost: cost of opening the link, shape links [arc].
        unit_cost: transport cost per unit of quantity, shape links [tr].
    """

    tail: IntArray
    head: IntArray
    link_cost: FloatArray
    unit_cost: FloatArray

    def __len__(self) -> int:
        return int(self.tail.size)


@dataclass(frozen=True)
class Coverage:
    """Multi-set coverage strategy: least number of open links into a node.

    Attributes:
        dc: suppliers per DC [n_w].
        store: suppliers per store, and DCs per store [n_e].
        area: stores per area [n_f].
    """

    dc: int = 2
    store: int = 2
    area: int = 2

    def __str__(self) -> str:
        return f"({self.dc}, {self.store}, {self.area})"

    def of(self, kind: str) -> int:
        """Least number of open links of a kind into each of its heads (eqs. 20, 27-29)."""
        return {"supplier_dc": self.dc, "supplier_store": self.store, "dc_store": self.store, "store_area": self.area}[
            kind
        ]


@dataclass(frozen=True, eq=False)
class RetailInstance:
    """Everything the two-stage model needs, as arrays (W: DCs, F: areas, Q: suppliers, S: scenarios).

    Money, quantity and distance are in the user's units throughout (Wuhan: CNY, kg, km).

    Attributes:
        name: opens messages.
        suppliers, dcs, stores: the facilities.
        areas: customer areas.
        links: candidate links by kind (see `KINDS`).
        levels: names of the facility levels, weakest first.
        scenarios: names of the disruption scenarios.
        probability: of the scenarios, shape S, sums to 1 [rho].
        sales: quantity that leaves suppliers and stock in a scenario, shape S [delta, eq. 4].
        demand: nominal demand, shape F x S [d0].
        deviation: largest deviation of the demand from it, shape F x S [d~].
        supplier_price: purchase cost per unit, shape Q [mq'].
        stock_price: purchase cost of stock per unit, shape W [m].
        storage: capacity for stock, shape W [cap_w].
        holding: cost per unit of unused stock, shape W [g].
        handling: cost per unit shipped by a DC, shape W [h].
        salvage: value per unit of unused stock, shape W [sal].
        transshipment_price: all costs per unit bought from the colleague chain, shape W [mw' + T].
        shortage_penalty: per unit, shape F [pef].
        supply_share: least ratio of quantity from suppliers to used stock [hbar, eq. 5].
        inflow_share: least ratio of a DC's inflow from suppliers to its outflow [M, eq. 6].
        transshipment_share: least ratio of transshipment to shortage [varpi, eq. 18].
        notice: what must be said wherever the data are shown ("synthetic", ...).
        money, goods: units of money and quantity, for labels.
    """

    name: str
    suppliers: Facilities
    dcs: Facilities
    stores: Facilities
    areas: Places
    links: Mapping[str, Links]
    levels: tuple[str, ...]
    scenarios: tuple[str, ...]
    probability: FloatArray
    sales: FloatArray
    demand: FloatArray
    deviation: FloatArray
    supplier_price: FloatArray
    stock_price: FloatArray
    storage: FloatArray
    holding: FloatArray
    handling: FloatArray
    salvage: FloatArray
    transshipment_price: FloatArray
    shortage_penalty: FloatArray
    supply_share: float
    inflow_share: float
    transshipment_share: float
    notice: str = ""
    money: str = "money"
    goods: str = "units"

    def role(self, role: str) -> Places:
        """The nodes of a role ("supplier", "dc", "store", "area")."""
        return {"supplier": self.suppliers, "dc": self.dcs, "store": self.stores, "area": self.areas}[role]

    def facilities(self, role: str) -> Facilities:
        """The facilities of a role ("supplier", "dc", "store")."""
        return {"supplier": self.suppliers, "dc": self.dcs, "store": self.stores}[role]

    @property
    def quantity_unit(self) -> float:
        """A round size of quantities, for scaling and tolerances: the power of ten below the largest store."""
        return power_of_ten(float(self.stores.capacity.max(initial=0.0)))

    @property
    def money_unit(self) -> float:
        """A round size of money, for the solver: the power of ten a hundred times below what the design may cost.

        The solver's tolerances are absolute: in a fixed unit, prices in millions would all be zero to it.
        """
        built = sum(float(f.fixed_cost.mean(axis=1).sum()) for f in (self.suppliers, self.dcs, self.stores))
        most = built + float(self.sales.max()) * float(self.supplier_price.mean())
        return power_of_ten(most / 100.0)

    def link_name(self, kind: str, link: int) -> str:
        """The ends of a link, as in ``dc_1>store_7``."""
        _, tail, head = next(k for k in KINDS if k[0] == kind)
        links = self.links[kind]
        return f"{self.role(tail).ids[int(links.tail[link])]}>{self.role(head).ids[int(links.head[link])]}"

    def link_capacity(self, kind: str) -> FloatArray:
        """Most that a link can carry: the smaller of its ends' capacities at their best level [T, eq. 13].

        Returns:
            Shape links x scenarios.
        """
        _, tail, head = next(k for k in KINDS if k[0] == kind)
        links = self.links[kind]
        most = self.facilities(tail).largest[links.tail]
        return most if head == "area" else np.minimum(most, self.facilities(head).largest[links.head])

    def with_probability(self, probability: ArrayLike) -> RetailInstance:
        """The same instance with other scenario probabilities.

        Raises:
            InputError: the wrong number of them, a negative one, or a sum other than 1.
        """
        changed = replace(self, probability=np.asarray(probability, dtype=float))
        problems = probability_problems(changed)
        if problems:
            raise InputError(problems)
        return changed

    def with_demand(self, demand: ArrayLike) -> RetailInstance:
        """The same instance with another nominal demand, shape F x S.

        Raises:
            InputError: a wrong shape, or a demand that is negative or not a number.
        """
        values = np.asarray(demand, dtype=float)
        if values.shape != self.demand.shape:
            needed = f"areas x scenarios {self.demand.shape}"
            raise InputError(f"{self.name}: demand has shape {values.shape}, but needs {needed}")
        bad = np.argwhere(~(np.isfinite(values) & (values >= 0.0)))
        if bad.size:
            f, s = bad[0]
            where = f"demand of {self.areas.ids[f]} in scenario {self.scenarios[s]}"
            raise InputError(f"{self.name}: {where} is {values[f, s]:g}; it must be a number of at least 0")
        return replace(self, demand=values)


def complete_links(tail: Places, head: Places) -> tuple[IntArray, IntArray, FloatArray]:
    """Every pair of a tail and a head, tails first: (tail, head, straight distance in km)."""
    a, b = (g.ravel() for g in np.meshgrid(np.arange(len(tail)), np.arange(len(head)), indexing="ij"))
    return a, b, np.hypot(tail.x[a] - head.x[b], tail.y[a] - head.y[b])


def probability_problems(instance: RetailInstance) -> list[str]:
    """What is wrong with the scenario probabilities, if anything."""
    given = instance.probability
    if given.shape != (len(instance.scenarios),):
        return [f"{instance.name}: {len(instance.scenarios)} scenarios need as many probabilities, not {given.size}"]
    problems = [
        f"{instance.name}: probability of scenario {name} is {value:g}; it must lie between 0 and 1"
        for name, value in zip(instance.scenarios, given, strict=True)
        if not 0.0 <= value <= 1.0
    ]
    if not problems and abs(given.sum() - 1.0) > 1e-9:
        problems.append(f"{instance.name}: the scenario probabilities sum to {given.sum():.12g}; they must sum to 1")
    return problems

"""What is put together into a scenario: contents, flows, settings, demand, and the load of every item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from esc_sim.importing.content import Content
from esc_sim.importing.demands import Demands
from esc_sim.importing.flows import Flows
from esc_sim.importing.history import Item
from esc_sim.importing.mapping import Settings
from esc_sim.importing.periods import in_a_period

DIGITS: Final = 6
"""Decimals of numbers that are computed."""


@dataclass
class Making:
    """What is put together.

    Attributes:
        content: of the workbook.
        flows: where its goods flow.
        settings: what holds for all of it.
        demands: final demand.
        costs: money per unit, by product.
        loads: units in a period of every item if each buyer bought all it needs there.
        at_cost: arcs between members without a price, whose goods change hands at cost.
        bought: arcs on which goods are bought from outside; what is paid for them leaves the network.
        free: arcs on which goods leave their source, and no sheet says what they cost.
    """

    content: Content
    flows: Flows
    settings: Settings
    demands: Demands
    costs: dict[str, float]
    loads: dict[Item, float] = field(init=False)
    at_cost: int = 0
    bought: int = 0
    free: int = 0

    def __post_init__(self) -> None:
        """Add the loads up."""
        self.loads = _loads(self.flows, self.demands.means)

    @property
    def step(self) -> str:
        """Length of a period."""
        return str(self.settings.step)

    def per_period(self, rate: tuple[float, str | None]) -> float:
        """Units in a period."""
        return in_a_period(rate, self.step, self.settings.amounts_per or self.step)

    def is_made(self, item: Item) -> bool:
        """Whether an item comes from nowhere else, or of components."""
        site, product = item
        return product in self.flows.own.get(site, ()) or product in self.flows.makes.get(site, {})

    def role(self, site: str) -> str:
        """What a site is: as a sheet calls it, else what it does."""
        called = self.content.sites.by_id[site].role
        if called:
            return called
        if any(one == site for one, _ in self.demands.keys):
            return "customer"
        if any(product in self.flows.makes.get(site, {}) for one, product in self.flows.needed if one == site):
            return "plant"
        return "supplier" if self.flows.own.get(site) else "depot"

    def is_outside(self, site: str) -> bool:
        """Whether a site is another company, whose income is none of the network's."""
        return self.role(site) == "supplier"

    def order(self) -> Any:
        """Sorts items by site and product, as their sheets do."""
        sites = {site: n for n, site in enumerate(self.content.sites.by_id)}
        products = {product: n for n, product in enumerate(self.content.products.by_id)}
        return lambda item: (sites[item[0]], products[item[1]])


def _loads(flows: Flows, demands: Mapping[Item, float]) -> dict[Item, float]:
    """Units in a period of every item if each buyer bought all it needs there."""
    buyers: dict[Item, set[Item]] = defaultdict(set)
    uses: dict[Item, list[tuple[Item, float]]] = defaultdict(list)
    for product, lane in flows.arcs:
        buyers[lane.supplier, product].add((lane.buyer, product))
    for site, product in flows.needed:
        if product not in flows.own.get(site, ()):
            for part, amount in flows.makes.get(site, {}).get(product, {}).items():
                uses[site, part].append(((site, product), amount))
    found: dict[Item, float] = {}
    open_: set[Item] = set()

    def load(item: Item) -> float:
        if item in found or item in open_:
            return found.get(item, 0.0)
        open_.add(item)
        total = demands.get(item, 0.0) + sum(load(buyer) for buyer in sorted(buyers[item]))
        total += sum(amount * load(made) for made, amount in uses[item])
        open_.discard(item)
        found[item] = round(total, DIGITS)
        return found[item]

    for item in flows.needed:
        load(item)
    return found

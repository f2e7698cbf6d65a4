"""Plans of kind ``decisions``: mean orders of nodes and unit prices of arcs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from esc_sim.instance.arrange import arrange
from esc_sim.plans.plan import Plan
from esc_sim.rules.switches import POLICY_MEAN
from esc_sim.scenario.messages import Path, Problem
from esc_sim.scenario.parts import Amount, Identifier, Part

if TYPE_CHECKING:
    from esc_sim.instance.model import Instance
    from esc_sim.network.model import Network

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


class OrderDecision(Part):
    """Mean order of a node."""

    node: Identifier
    product: Identifier | None = Field(None, description="product; needed where the network trades several")
    mean: Amount = Field(description="mean order, units per period")


class PriceDecision(Part):
    """Unit price of an arc."""

    buyer: Identifier
    supplier: Identifier
    product: Identifier | None = Field(None, description="product; needed where several are traded on the arc")
    price: Amount = Field(description="money per unit, also the buyer's bid")


class DecisionsPlan(Plan):
    """Mean orders and prices; what is not named stays as the scenario says."""

    kind: Literal["decisions"] = Field("decisions", description="mean orders and prices")
    orders: list[OrderDecision] = Field([], description="mean orders of nodes")
    prices: list[PriceDecision] = Field([], description="prices of arcs")

    @model_validator(mode="after")
    def _decides(self) -> DecisionsPlan:
        if not self.orders and not self.prices:
            raise ValueError("decides nothing: list orders or prices")
        return self

    def problems(self, instance: Instance) -> Iterator[Problem]:
        """Names that the network does not have, and decisions given twice."""
        network = instance.network
        buyers = set(network.arc_buyer.tolist())
        seen: dict[tuple[str, int], int] = {}
        items = _items(network)
        for number, order in enumerate(self.orders):
            found = _matching(items.get(order.node, {}), order.product)
            path: Path = ("orders", number)
            if order.node not in network.node_index:
                yield Problem((*path, "node"), f"there is no node '{order.node}'")
            elif len(found) != 1:
                yield Problem(path, _ambiguous(f"node '{order.node}'", order.product, found), "part")
            elif found[0] not in buyers:
                yield Problem((*path, "node"), f"'{order.node}' has no supplier, so its order reaches nobody")
            elif instance.orders.policy[found[0]] != POLICY_MEAN:
                yield Problem((*path, "node"), f"'{order.node}' orders by another policy, which has no mean order")
            else:
                yield from _twice(seen, ("orders", found[0]), path)
        arcs = _arcs(network)
        for number, price in enumerate(self.prices):
            found = _matching(arcs.get((price.buyer, price.supplier), {}), price.product)
            path = ("prices", number)
            if (price.buyer, price.supplier) not in arcs:
                yield Problem(path, f"there is no arc from '{price.supplier}' to '{price.buyer}'", "part")
            elif len(found) != 1:
                name = f"the arc from '{price.supplier}' to '{price.buyer}'"
                yield Problem(path, _ambiguous(name, price.product, found), "part")
            else:
                yield from _twice(seen, ("prices", found[0]), path)

    def applied(self, instance: Instance) -> Instance:
        """The instance with these orders and prices, its lines sorted anew."""
        items, arcs = _items(instance.network), _arcs(instance.network)
        return with_decisions(
            instance,
            np.array([_matching(items[o.node], o.product)[0] for o in self.orders], np.int64),
            np.array([o.mean for o in self.orders], np.float64),
            np.array([_matching(arcs[p.buyer, p.supplier], p.product)[0] for p in self.prices], np.int64),
            np.array([p.price for p in self.prices], np.float64),
        )


def with_decisions(instance: Instance, items: Indices, means: Floats, arcs: Indices, prices: Floats) -> Instance:
    """An instance with other mean orders and prices.

    Args:
        instance: what to start from; it stays as it is.
        items: indices of items whose mean order is given in ``means``, units per period.
        arcs: indices of arcs (scenario order) whose price is given in ``prices``, money per unit.

    Returns:
        The new instance, its lines sorted by the new prices.
    """
    item_numbers, arc_numbers, lines = instance.items, instance.arcs, instance.lines
    if len(items):
        order_loc = item_numbers.order_loc.copy()
        order_loc[items] = means
        item_numbers = replace(item_numbers, order_loc=order_loc)
    if len(arcs):
        price = arc_numbers.price.copy()
        price[arcs] = prices
        arc_numbers = replace(arc_numbers, price=price)
        lines = arrange(instance.network, arc_numbers)
    return replace(instance, items=item_numbers, arcs=arc_numbers, lines=lines)


def _items(network: Network) -> dict[str, dict[str, int]]:
    """Item by node and product."""
    found: dict[str, dict[str, int]] = {}
    for item, (node, product) in enumerate(zip(network.item_node, network.item_product, strict=True)):
        found.setdefault(network.node_ids[node], {})[network.products[product]] = item
    return found


def _arcs(network: Network) -> dict[tuple[str, str], dict[str, int]]:
    """Arc by (buyer, supplier) and product."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    ids, item_node = network.node_ids, network.item_node
    for arc, (buyer, supplier) in enumerate(zip(network.arc_buyer, network.arc_supplier, strict=True)):
        product = network.products[network.item_product[buyer]]
        found.setdefault((ids[item_node[buyer]], ids[item_node[supplier]]), {})[product] = arc
    return found


def _matching(by_product: dict[str, int], product: str | None) -> list[int]:
    return [index for name, index in by_product.items() if product in (None, name)]


def _ambiguous(what: str, product: str | None, found: list[int]) -> str:
    return f"{what} has no product '{product}'" if not found else f"{what} trades several products: add 'product'"


def _twice(seen: dict[tuple[str, int], int], key: tuple[str, int], path: Path) -> Iterator[Problem]:
    number = int(path[1])
    if seen.setdefault(key, number) != number:
        yield Problem(path, f"decided twice (first in {key[0]}.{seen[key]})", "part")

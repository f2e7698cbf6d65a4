"""Plans of kind ``decisions``: mean orders and parameters of order policies of nodes, unit prices of arcs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from esc_sim.fields.parts import Amount, Identifier, Number, Part
from esc_sim.instance.arrange import arrange
from esc_sim.instance.parameters import parameters_of, with_parameters
from esc_sim.plans.plan import Plan
from esc_sim.scenario.messages import Path, Problem

if TYPE_CHECKING:
    from esc_sim.instance.model import Instance
    from esc_sim.network.model import Network

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


class OrderDecision(Part):
    """Mean order of a node, or a parameter of its order policy."""

    node: Identifier = Field(description="node that orders")
    product: Identifier | None = Field(default=None, description="product; needed where the network trades several")
    mean: Amount | None = Field(default=None, description="mean order, units per period")
    parameter: Identifier | None = Field(
        default=None, description="parameter of the order policy: order_up_to, reorder_point, order_quantity"
    )
    value: Number | None = Field(default=None, description="its value")

    @model_validator(mode="after")
    def _one_decision(self) -> OrderDecision:
        if (self.mean is None) == (self.parameter is None) or (self.value is None) != (self.parameter is None):
            raise ValueError("give either the mean, or a parameter and its value")
        if self.parameter == "mean":
            raise ValueError("write a mean order as 'mean: 12'")
        if self.value is not None and self.value < 0.0 and self.parameter in ("order_quantity", "cover"):
            raise ValueError(f"'{self.parameter}' must be at least 0, not {self.value:g}")
        return self

    @property
    def what(self) -> str:
        """Name of what is decided."""
        return "mean" if self.parameter is None else self.parameter

    @property
    def decided(self) -> float:
        """The value decided."""
        value = self.mean if self.parameter is None else self.value
        assert value is not None
        return value


class PriceDecision(Part):
    """Unit price of an arc."""

    buyer: Identifier = Field(description="node that buys")
    supplier: Identifier = Field(description="node that sells")
    product: Identifier | None = Field(default=None, description="product; needed where several are traded on the arc")
    mode: Identifier | None = Field(default=None, description="mode; needed where several routes join the two")
    price: Amount = Field(description="money per unit, also the buyer's bid")


class DecisionsPlan(Plan):
    """Orders and prices; what is not named stays as the scenario says."""

    kind: Literal["decisions"] = Field(default="decisions", description="orders and prices")
    orders: list[OrderDecision] = Field(default=[], description="orders of nodes")
    prices: list[PriceDecision] = Field(default=[], description="prices of arcs")

    @model_validator(mode="after")
    def _decides(self) -> DecisionsPlan:
        if not self.orders and not self.prices:
            raise ValueError("decides nothing: list orders or prices")
        return self

    def problems(self, instance: Instance) -> Iterator[Problem]:
        """Names that the network does not have, and decisions given twice."""
        network = instance.network
        buyers = set(network.arc_buyer.tolist())
        seen: dict[tuple[str, int | str], int] = {}
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
            elif order.parameter is not None and order.parameter not in parameters_of(instance, found[0]):
                yield Problem((*path, "parameter"), _unknown_parameter(instance, found[0], order))
            elif order.mean is not None and instance.orders.names[found[0]] not in ("", "mean"):
                policy = instance.orders.names[found[0]]
                yield Problem((*path, "mean"), f"'{order.node}' orders by policy {policy}, which has no mean")
            else:
                yield from _twice(seen, ("orders", f"{found[0]} {order.what}"), path)
        arcs = _arcs(network)
        for number, price in enumerate(self.prices):
            found = _arcs_meant(arcs, price)
            path = ("prices", number)
            if (price.buyer, price.supplier) not in arcs:
                yield Problem(path, f"there is no arc from '{price.supplier}' to '{price.buyer}'", "part")
            elif len(found) != 1:
                name = f"the arc from '{price.supplier}' to '{price.buyer}'"
                yield Problem(path, _which_arc(name, price, found), "part")
            else:
                yield from _twice(seen, ("prices", found[0]), path)

    def applied(self, instance: Instance) -> Instance:
        """The instance with these orders and prices, its lines sorted anew."""
        items, arcs = _items(instance.network), _arcs(instance.network)
        return with_decisions(
            instance,
            np.array([_matching(items[o.node], o.product)[0] for o in self.orders], np.int64),
            np.array([o.decided for o in self.orders], np.float64),
            np.array([_arcs_meant(arcs, p)[0] for p in self.prices], np.int64),
            np.array([p.price for p in self.prices], np.float64),
            [o.what for o in self.orders],
        )


def with_decisions(
    instance: Instance, items: Indices, values: Floats, arcs: Indices, prices: Floats, parameters: Sequence[str] = ()
) -> Instance:
    """An instance with other orders and prices.

    Args:
        instance: what to start from; it stays as it is.
        items: indices of items whose order is decided.
        values: the parameters' values, by default mean orders in units per period.
        arcs: indices of arcs (scenario order) whose price is given in ``prices``, money per unit.
        prices: new unit prices of ``arcs``, money per unit.
        parameters: what each of ``values`` is: "mean" or a parameter of the item's policy; by default all means.

    Returns:
        The new instance, its lines sorted by the new prices.
    """
    others = [k for k, name in enumerate(parameters) if name != "mean"]
    if others:
        instance = with_parameters(instance, items[others], [parameters[k] for k in others], values[others])
        items, values = np.delete(items, others), np.delete(values, others)
    item_numbers, arc_numbers, lines = instance.items, instance.arcs, instance.lines
    if len(items):
        order_loc = item_numbers.order_loc.copy()
        order_loc[items] = values
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


_Arcs = dict[tuple[str, str], dict[tuple[str, str | None], int]]
"""Arc by (buyer, supplier), then by product and mode."""


def _arcs(network: Network) -> _Arcs:
    found: _Arcs = {}
    ids, item_node = network.node_ids, network.item_node
    for arc, (buyer, supplier) in enumerate(zip(network.arc_buyer, network.arc_supplier, strict=True)):
        product = network.products[network.item_product[buyer]]
        found.setdefault((ids[item_node[buyer]], ids[item_node[supplier]]), {})[product, network.mode(arc)] = arc
    return found


def _arcs_meant(arcs: _Arcs, price: PriceDecision) -> list[int]:
    return [
        arc
        for (product, mode), arc in arcs.get((price.buyer, price.supplier), {}).items()
        if price.product in (None, product) and price.mode in (None, mode)
    ]


def _which_arc(what: str, price: PriceDecision, found: list[int]) -> str:
    if not found:
        missing = f"product '{price.product}'" if price.mode is None else f"mode '{price.mode}'"
        return f"{what} has no {missing}"
    return f"{what} stands for {len(found)} arcs: add 'product', or 'mode'"


def _matching(by_product: dict[str, int], product: str | None) -> list[int]:
    return [index for name, index in by_product.items() if product in (None, name)]


def _ambiguous(what: str, product: str | None, found: list[int]) -> str:
    return f"{what} has no product '{product}'" if not found else f"{what} trades several products: add 'product'"


def _unknown_parameter(instance: Instance, item: int, order: OrderDecision) -> str:
    known, policy = parameters_of(instance, item), instance.orders.names[item]
    if not policy:
        return f"'{order.node}' orders nothing, so it has no '{order.parameter}'"
    has = f"; it has {' and '.join(known)}" if known else ""
    return f"'{order.node}' orders by policy {policy}, which has no parameter '{order.parameter}'{has}"


def _twice(seen: dict[tuple[str, int | str], int], key: tuple[str, int | str], path: Path) -> Iterator[Problem]:
    number = int(path[1])
    if seen.setdefault(key, number) != number:
        yield Problem(path, f"decided twice (first in {key[0]}.{seen[key]})", "part")

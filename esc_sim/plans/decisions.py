"""Plans of kind ``decisions``: orders, stocks, prices and other settings, alone or as changes of another plan."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from esc_sim.fields.parts import Amount, Identifier, Number, Part, Share
from esc_sim.instance.arrange import arrange
from esc_sim.instance.parameters import parameters_of, with_parameters, with_stocks
from esc_sim.plans.energy import EnergyDaysPlan
from esc_sim.plans.plan import Plan
from esc_sim.plans.recovery import RecoveryPlan
from esc_sim.plans.retail import RetailNetworkPlan
from esc_sim.plans.sourcing import SourcingContractPlan
from esc_sim.scenario.dotted import split_change
from esc_sim.scenario.messages import Path, Problem
from esc_sim.scenario.overrides import as_texts
from esc_sim.scenario.relative import is_signed

if TYPE_CHECKING:
    from esc_sim.instance.model import Instance
    from esc_sim.network.model import Network
    from esc_sim.results.promise import Promise
    from esc_sim.results.run import RunResult

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
StockLevel = Literal["initial_stock", "target_stock", "safety_stock"]


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


class StockDecision(Part):
    """A level of a node's stock."""

    node: Identifier = Field(description="node that holds it")
    product: Identifier | None = Field(default=None, description="product; needed where the node holds several")
    parameter: StockLevel = Field(description="which level, as the node's keys name it")
    value: Amount = Field(description="units")


class SettingDecision(Part):
    """Any value of the scenario; it is set before orders, prices and stocks are."""

    path: str = Field(min_length=1, description="where it stands, as for --set: arcs.shop/depot.lead_time")
    value: Any = Field(default=None, description="what is set there")

    @model_validator(mode="after")
    def _is_a_value(self) -> SettingDecision:
        if isinstance(self.value, str) and is_signed(self.value):
            raise ValueError(f"a plan sets values: write what '{self.value}' makes of the present one")
        return self

    @classmethod
    def of(cls, text: str) -> SettingDecision:
        """The setting that a 'path=value' text says, its value as JSON."""
        path, value = split_change(text) or (text, "null")
        return cls(path=path, value=json.loads(value))


class DecisionsPlan(Plan):
    """Orders, prices, stocks and other settings; what is not named stays as the scenario or the changed plan says."""

    kind: Literal["decisions"] = Field(default="decisions", description="orders, prices, stocks and other settings")
    settings: list[SettingDecision] = Field(default=[], description="other values of the scenario, in this order")
    orders: list[OrderDecision] = Field(default=[], description="orders of nodes")
    prices: list[PriceDecision] = Field(default=[], description="prices of arcs")
    stocks: list[StockDecision] = Field(default=[], description="stocks of nodes")
    base: (
        Annotated[
            DecisionsPlan | SourcingContractPlan | RetailNetworkPlan | EnergyDaysPlan | RecoveryPlan,
            Field(discriminator="kind"),
        ]
        | None
    ) = Field(default=None, description="the plan that these decisions change; it is carried out first")

    ready: Share | None = Field(
        default=None,
        description="share of periods, on average over customers, in which nobody waits at the end: what it promises",
    )

    @model_validator(mode="after")
    def _decides(self) -> DecisionsPlan:
        if not self.orders and not self.prices and not self.stocks and not self.settings:
            raise ValueError("decides nothing: list orders, prices, stocks or settings")
        return self

    @property
    def changes(self) -> tuple[str, ...]:
        """Its settings, after those of the plan that is changed."""
        before = () if self.base is None else self.base.changes
        return (*before, *(text for one in self.settings for text in as_texts({one.path: one.value})))

    @property
    def needs_trace(self) -> bool:
        """As the plan that is changed."""
        return self.base is not None and self.base.needs_trace

    def decided_content(self) -> dict[str, Any]:
        """What the plan decides, as plain values; of the plan that it changes the hash."""
        content = super().decided_content()
        return content | {"base": None if self.base is None else self.base.content_hash}

    def promises(self, result: RunResult) -> list[Promise]:
        """That nobody waits, where it promises that, and what the plan promises that is changed."""
        own = [] if self.ready is None else [_ready_promise(self.ready, result)]
        if self.base is None:
            return own
        note = f"Promised by plan '{self.base.name}', which this plan changes"
        changed = [replace(promise, note=f"{promise.note}\n{note}".strip()) for promise in self.base.promises(result)]
        return own + changed

    def problems(self, instance: Instance) -> Iterator[Problem]:
        """Names that the network does not have, and decisions given twice."""
        network = instance.network
        if self.base is not None:
            if self.base.structure_hash not in (None, network.structure_hash):
                yield Problem(("base", "structure_hash"), "made for another network")
            for problem in self.base.problems(instance):
                yield replace(problem, path=("base", *problem.path))
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
        yield from self._stock_problems(items, seen)

    def _stock_problems(
        self, items: dict[str, dict[str, int]], seen: dict[tuple[str, int | str], int]
    ) -> Iterator[Problem]:
        for number, stock in enumerate(self.stocks):
            found, path = _matching(items.get(stock.node, {}), stock.product), ("stocks", number)
            if stock.node not in items:
                yield Problem((*path, "node"), f"there is no node '{stock.node}'")
            elif len(found) != 1:
                yield Problem(path, _ambiguous(f"node '{stock.node}'", stock.product, found), "part")
            else:
                yield from _twice(seen, ("stocks", f"{found[0]} {stock.parameter}"), path)

    def applied(self, instance: Instance) -> Instance:
        """The instance with these orders, prices and stocks, its lines sorted anew."""
        items, arcs = _items(instance.network), _arcs(instance.network)
        instance = instance if self.base is None else self.base.applied(instance)
        held = np.array([_matching(items[s.node], s.product)[0] for s in self.stocks], np.int64)
        levels = np.array([s.value for s in self.stocks], np.float64)
        return with_decisions(
            with_stocks(instance, held, [s.parameter for s in self.stocks], levels),
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


def _ready_promise(at_least: float, result: RunResult) -> Promise:
    """Share of periods without anybody waiting, beside that of each replication."""
    from esc_sim.results.promise import Promise
    from esc_sim.results.run import column

    samples = column(result.values, "ready")[:, result.scenario.run.warm_up :].mean(axis=1)
    note = "Promised for normal demand, and as long as all suppliers keep their service times"
    return Promise("ready", "Periods without shortage", "share", None, samples, note=note, at_least=at_least)


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

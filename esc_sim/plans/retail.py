"""Plans of kind ``retail``: a designed network with its levels, stock and routing shares, and how it is operated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from esc_sim.disruptions.registry import number_of
from esc_sim.fields.parts import Amount, Identifier, Number, Part, Share
from esc_sim.instance.cases import joint_law_of, with_case_levels
from esc_sim.instance.parameters import place_of_parameter
from esc_sim.plans.plan import Plan
from esc_sim.plans.retail_costs import SHORT, retail_promises, settlement_of
from esc_sim.plans.single import arc_index, unfit
from esc_sim.scenario.messages import Path, Problem

if TYPE_CHECKING:
    from esc_sim.instance.model import Instance
    from esc_sim.results.promise import Promise
    from esc_sim.results.run import RunResult

Floats = NDArray[np.float64]
ByCase = Annotated[list[Amount], Field(min_length=1)]


class NodeUse(Part):
    """An open facility, or an area."""

    node: Identifier = Field(description="the facility or area")
    level: Identifier | None = Field(default=None, description="level it is opened at, for tables")
    capacity: ByCase | None = Field(default=None, description="most units that leave it in a period, in each case")
    order: ByCase | None = Field(
        default=None, description="units that it orders, in each case; an area: on top of what its customers wait for"
    )
    stock: Amount = Field(default=0.0, description="units on hand at the start")
    stock_price: Amount | None = Field(default=None, description="money per unit on hand at the start")
    fixed_cost: Amount | None = Field(default=None, description="money for opening it at its level, once")
    destruction: ByCase | None = Field(default=None, description="money that the disaster costs it, in each case")
    holding_cost: Amount | None = Field(default=None, description="money per unit left over at the end")
    loss: Number | None = Field(
        default=None, description="money per unit left over at the end that its sale does not bring back"
    )
    penalty: Amount | None = Field(default=None, description="money per unit that customers wait for at the end")


class LinkUse(Part):
    """An open link, with one of the two: a share of what its buyer orders, or a capacity."""

    buyer: Identifier = Field(description="node that buys")
    supplier: Identifier = Field(description="node that sells")
    share: Annotated[list[Share], Field(min_length=1)] | None = Field(
        default=None, description="share of the buyer's order that goes over it, and no more, in each case"
    )
    capacity: ByCase | None = Field(default=None, description="most units that go over it in a period, in each case")
    fixed_cost: Amount | None = Field(default=None, description="money for opening it, once")

    @model_validator(mode="after")
    def _one_of_them(self) -> LinkUse:
        if (self.share is None) == (self.capacity is None):
            raise ValueError("give a link either a share or a capacity")
        return self


class PromisedCosts(Part):
    """What the design expects to pay under its own probabilities, money."""

    fixed: Amount = Field(description="opening sites and links, and stock")
    destruction: Amount = Field(description="what the disaster destroys")
    flows: Amount = Field(description="transport, and handling at DCs")
    purchases: Amount = Field(description="goods of suppliers and of the colleague chain")
    leftovers: Number = Field(description="unused stock: holding, and loss at its sale")
    penalty: Amount = Field(description="shortage")


class RetailNetworkPlan(Plan):
    """The opened network; nodes and links that are not named stay closed."""

    kind: Literal["retail"] = Field(default="retail", description="a designed retail network")
    operation: Literal["static", "adaptive"] = Field(
        description="static: flows as designed; adaptive: agents negotiate over the open links"
    )
    cases: list[Identifier] = Field(min_length=1, description="cases of the disruption, in the order of all lists")
    nodes: list[NodeUse] = Field(min_length=1, description="open facilities, and areas")
    links: list[LinkUse] = Field(min_length=1, description="open links")
    promised_eps: Annotated[Number, Field(gt=0, lt=1)] | None = Field(
        default=None, description="promised: no more than this share of demands leaves the row of an area short"
    )
    promised_costs: PromisedCosts | None = Field(default=None, description="what the design expects to pay")

    def problems(self, instance: Instance) -> Iterator[Problem]:
        """Names that the network does not have, things named twice, lists that do not fit the cases."""
        network = instance.network
        if text := unfit(network, self.kind):
            yield Problem(("kind",), text)
            return
        if joint_law_of(instance, tuple(self.cases)) is None:
            there = "; ".join(", ".join(law.names) for law in instance.triggers.joint) or "none"
            yield Problem(("cases",), f"the scenario's joint disruptions have other cases: {there}")
        known = set(network.node_ids)
        seen: set[tuple[str, ...]] = set()
        for number, use in enumerate(self.nodes):
            path: Path = ("nodes", number)
            if use.node not in known:
                yield Problem((*path, "node"), f"there is no node '{use.node}'")
            yield from self._checked(
                path, (use.node,), seen, {"capacity": use.capacity, "order": use.order, "destruction": use.destruction}
            )
        arcs, ordering = arc_index(instance.network), {use.node for use in self.nodes if use.order is not None}
        for number, link in enumerate(self.links):
            path = ("links", number)
            if (link.buyer, link.supplier) not in arcs:
                yield Problem(path, f"there is no arc from '{link.supplier}' to '{link.buyer}'", "part")
            if link.share is not None and link.buyer not in ordering:
                text = f"'{link.buyer}' needs an order under 'nodes', of which the link carries a share"
                yield Problem((*path, "share"), text)
            ends = (link.buyer, link.supplier)
            yield from self._checked(path, ends, seen, {"share": link.share, "capacity": link.capacity})

    def _checked(
        self, path: Path, name: tuple[str, ...], seen: set[tuple[str, ...]], lists: Mapping[str, list[float] | None]
    ) -> Iterator[Problem]:
        if name in seen:
            yield Problem(path, f"{' and '.join(name)} named twice", "part")
        seen.add(name)
        for key, values in lists.items():
            if values is not None and len(values) != len(self.cases):
                yield Problem((*path, key), f"{len(values)} numbers for {len(self.cases)} cases")

    def applied(self, instance: Instance) -> Instance:
        """The instance with this network: what a case takes from a number becomes health in that case."""
        network, items, orders = instance.network, instance.items, instance.orders
        node_item = {int(node): item for item, node in enumerate(network.item_node)}
        stock, capacity = items.initial_stock.copy(), items.capacity.copy()
        target, made, parameters = items.target_stock.copy(), items.production_loc.copy(), orders.parameters.copy()
        levels: dict[tuple[int, int], Floats] = {}
        named = {use.node: use for use in self.nodes}
        for node, name in enumerate(network.node_ids):
            use, item = named.get(name), node_item[node]
            if use is None:
                if np.isfinite(capacity[item]):
                    capacity[item] = 0.0
                continue
            stock[item] = use.stock
            if use.capacity is not None:
                capacity[item] = _whole(levels, (number_of("ship"), node), use.capacity)
                if made[item] > 0.0:
                    made[item] = target[item] = _whole(levels, (number_of("produce"), node), use.capacity)
            if use.order is not None:  # the position that the order is up to counts the stock
                parameters[item, place_of_parameter(orders.names[item], "order_up_to")] = (
                    _whole(levels, (number_of("order"), node), use.order) + use.stock
                )
        cap = np.zeros_like(instance.arcs.cap)
        arcs = arc_index(instance.network)
        for link in self.links:
            arc = arcs[link.buyer, link.supplier]
            cap[arc] = _whole(levels, (number_of("arc"), arc), self._carried(link, named))
        grid = 2.0**instance.switches.goods_bits
        stock, capacity, target, parameters, cap = (
            np.round(values * grid) / grid for values in (stock, capacity, target, parameters, cap)
        )
        changed = replace(
            instance,
            items=replace(items, initial_stock=stock, capacity=capacity, target_stock=target, production_loc=made),
            orders=replace(orders, parameters=parameters),
            arcs=replace(instance.arcs, cap=cap),
        )
        law = joint_law_of(changed, tuple(self.cases))
        assert law is not None
        settlement = settlement_of(self, network, law)
        return with_case_levels(replace(changed, settlement=settlement), law, levels)

    def promises(self, result: RunResult) -> list[Promise]:
        """Share of demands that leave an area short, beside the promised share; how much is short; what it costs."""
        from esc_sim.results.promise import Promise
        from esc_sim.results.run import column

        short = column(result.values, "backlog")[:, -1]
        wanted = column(result.values, "demand").sum(axis=1)
        violated = (short > SHORT * wanted).astype(np.float64)
        return [
            Promise("violation", "Some area is short", "share", self.promised_eps, violated),
            Promise("shortage", "Short at the end", "{goods}", None, short),
            *retail_promises(self, result),
        ]

    def _carried(self, link: LinkUse, named: Mapping[str, NodeUse]) -> list[float]:
        """Most that a link carries in each case."""
        if link.capacity is not None:
            return link.capacity
        order = named[link.buyer].order
        assert link.share is not None
        assert order is not None
        return [share * amount for share, amount in zip(link.share, order, strict=True)]


def _whole(levels: dict[tuple[int, int], Floats], channel: tuple[int, int], by_case: list[float]) -> float:
    """The largest of the cases' amounts; what a case has of it goes into ``levels``."""
    amounts = np.array(by_case)
    most = float(amounts.max())
    if most > 0.0:
        levels[channel] = amounts / most
    return most

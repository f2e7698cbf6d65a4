"""Where decisions about orders, prices and stocks stand in an instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from esc_sim.instance.parameters import with_stocks
from esc_sim.plans.decisions import with_decisions
from esc_sim.policies.registry import decidable
from esc_sim.scenario.decisions import Decision
from esc_sim.scenario.items import Item, items_of

if TYPE_CHECKING:
    from esc_sim.instance.model import Instance
    from esc_sim.network.model import Network
    from esc_sim.scenario.messages import Path
    from esc_sim.scenario.schema import Scenario, StockData

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Places:
    """Decisions that have a place in a network.

    Attributes:
        orders, prices, stocks: int64, columns of designs.
        items: item of each order.
        parameters: which number of its policy each is; "mean" for mean orders.
        arcs: arc (scenario order) of each price.
        held, levels: item of each stock, and which of its levels each is.
        numbers: by column, what the numbers of a category stand for.
    """

    orders: Indices
    prices: Indices
    stocks: Indices
    items: Indices
    parameters: tuple[str, ...]
    arcs: Indices
    held: Indices
    levels: tuple[str, ...]
    numbers: dict[int, tuple[float, ...]]

    @property
    def columns(self) -> list[int]:
        """All columns."""
        return [*self.orders.tolist(), *self.prices.tolist(), *self.stocks.tolist()]

    def decided(self, instance: Instance, design: Floats) -> Instance:
        """An instance with the orders, prices and stocks of a design, float64[D]."""
        if self.numbers:
            design = design.copy()
            for column, numbers in self.numbers.items():
                design[column] = numbers[int(design[column])]
        if len(self.held):
            instance = with_stocks(instance, self.held, self.levels, design[self.stocks])
        return with_decisions(
            instance, self.items, design[self.orders], self.arcs, design[self.prices], self.parameters
        )


def places_of(decisions: Sequence[Decision], scenario: Scenario, network: Network) -> Places:
    """Where decisions stand in a network; those that have no place there are left out.

    Args:
        decisions: the decisions.
        scenario: which may have other settings than where the decisions were found.
        network: of this scenario.
    """
    arcs: dict[tuple[str | None, ...], int] = {
        (a.buyer, a.supplier, a.product or network.products[0], a.mode): number
        for number, a in enumerate(scenario.arcs)
    }
    items = items_of(scenario)
    kept: dict[str, list[int]] = {"order": [], "price": [], "stock": []}
    for column, decision in enumerate(decisions):
        if decision.kind == "price":
            there = (*decision.target, decision.mode) in arcs
        else:
            there = decision.kind != "setting" and _is_held(decision, items)
        if there:
            kept[decision.kind].append(column)
    orders, prices, stocks = ([decisions[column] for column in columns] for columns in kept.values())
    return Places(
        orders=np.array(kept["order"], np.int64),
        prices=np.array(kept["price"], np.int64),
        stocks=np.array(kept["stock"], np.int64),
        items=np.array([item_of(d, network) for d in orders], np.int64),
        parameters=tuple(d.parameter for d in orders),
        arcs=np.array([arcs[*d.target, d.mode] for d in prices], np.int64),
        held=np.array([item_of(d, network) for d in stocks], np.int64),
        levels=tuple(d.parameter for d in stocks),
        numbers={k: decisions[k].choices for columns in kept.values() for k in columns if decisions[k].choices},
    )


def item_of(decision: Decision, network: Network) -> int:
    """Item of an order or a stock."""
    return network.item_index[network.node_index[decision.target[0]], network.products.index(decision.target[1])]


def _is_held(decision: Decision, items: Mapping[Item, tuple[Path, StockData]]) -> bool:
    """Whether a node holds what is decided about, and an order has the number."""
    node, product = decision.target
    if (node, product) not in items:
        return False
    return decision.kind == "stock" or decision.parameter in decidable(items[node, product][1].order)

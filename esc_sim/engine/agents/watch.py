"""What a watched run keeps besides its books: every bid and its answer, goods on the road, links that are new.

A run that nobody watches keeps none of it, so that it stays fast; watching changes no number of the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import simpy

from esc_sim.engine.agents.transport import Parcel, Transport

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel
    from esc_sim.instance.model import Instance

Bid = tuple[int, float, float]
"""(arc, quantity asked for, quantity accepted)."""


class Watch:
    """What can be seen of a run; arcs are in sorted order, as in the books.

    Attributes:
        bids: bids of the current period in the order in which they were answered. A bid that was refused has
            accepted 0, one that was accepted in part less than its quantity.
        shipped: units sent on each arc in the current period.
        on_road: units on each arc that have neither arrived nor been lost.
        new_arcs: arcs first used after something had been disrupted.
        given: units that went from an item to another in the current period without an order, by the two items.
        runs, energy: of each recipe in the current period.
    """

    def __init__(self, instance: Instance) -> None:
        arc_count = instance.network.arc_count
        self.bids: list[Bid] = []
        self.shipped = [0.0] * arc_count
        self.on_road = [0.0] * arc_count
        self.new_arcs: set[int] = set()
        self.used = bytearray(arc_count)
        self.given: dict[tuple[int, int], float] = {}
        self.runs = [0.0] * len(instance.making.recipes)
        self.energy = self.runs.copy()

    def open_period(self) -> None:
        """Clear what belongs to one period."""
        self.bids.clear()
        self.shipped = [0.0] * len(self.shipped)
        self.given.clear()
        self.runs = [0.0] * len(self.runs)
        self.energy = self.runs.copy()

    def add_arc(self) -> None:
        """One arc more, at the end."""
        self.shipped.append(0.0)
        self.on_road.append(0.0)
        self.used.append(0)

    def give(self, giver: int, taker: int, amount: float) -> None:
        """Goods go from an item to another without an order: by-products, organic fertilisers.

        Args:
            giver: item that they leave.
            taker: item that they become.
            amount: units.
        """
        self.given[giver, taker] = self.given.get((giver, taker), 0.0) + amount

    def choose(self, model: SupplyChainModel, item: int) -> None:
        """Let a supplier answer the bids of this round, and note bids and answers, the highest first."""
        books, seller = model.books, model.seller_of[item]
        arcs = sorted(books.inbox[item], key=model.markets.bid_order)
        wanted = [seller.asked_for(arc) for arc in arcs]
        first = len(books.contracts)
        seller.choose(books.items[item])
        accepted = dict(zip(books.contracts[first:], books.contracted[first:], strict=True))
        self.bids += [(arc, amount, accepted.get(arc, 0.0)) for arc, amount in zip(arcs, wanted, strict=True)]


class WatchedTransport(Transport):
    """Transport that tells the watch what is sent, arrives and is lost."""

    def __init__(self, model: SupplyChainModel) -> None:
        super().__init__(model)
        assert model.watch is not None
        self.watch = model.watch

    def send(self, arc: int, amount: float, lead: float | None = None) -> float:
        """Take goods onto an arc now.

        Args:
            arc: arc, in the order of lines.
            amount: units.
            lead: lead time drawn for them, in ticks; by default that of this period.
        """
        due = super().send(arc, amount, lead)
        watch = self.watch
        watch.shipped[arc] += amount
        watch.on_road[arc] += amount
        if not watch.used[arc]:
            watch.used[arc] = 1
            if self.model.events:
                watch.new_arcs.add(arc)
        return due

    def release(self, arc: int) -> None:
        """Goods held before the end of an arc closed by hand arrive now."""
        self.watch.on_road[arc] -= sum(self.held.get(arc, []))
        super().release(arc)

    def _arrive(self, event: simpy.Event) -> None:
        super()._arrive(event)
        closed = self.model.hazards.arcs_by_hand
        for arc, amount in cast(Parcel, event.value):
            if arc not in closed:
                self.watch.on_road[arc] -= amount

    def _lose(self, event: simpy.Event) -> None:
        super()._lose(event)
        for arc, amount in cast(Parcel, event.value):
            self.watch.on_road[arc] -= amount

"""Agents and transport that tell the lots what moves where (:mod:`esc_sim.engine.agents.lots`).

They do what their base classes do, look at the books before and after, and change none of them. A run that does not
follow lots uses none of these classes and so pays nothing for them.
"""

from __future__ import annotations

from typing import cast

import simpy

from esc_sim.engine.agents.agents import SupplyAgent
from esc_sim.engine.agents.live import LiveAgents
from esc_sim.engine.agents.lots import Lots, Mix
from esc_sim.engine.agents.nutrients import NutrientMarket
from esc_sim.engine.agents.transport import Parcel, Transport
from esc_sim.fields.farm import Fertiliser, Field, Link
from esc_sim.fields.item import Item
from esc_sim.fields.making import Giver, Leftover, Perishable, Recipe, Taker
from esc_sim.fields.rows import NO_ROW
from esc_sim.results.lots import CONSUMED, DISPOSED, EXPIRED, LOST, SOLD


def traced(kind: type[SupplyAgent]) -> type[SupplyAgent]:
    """The class of agents that behave like ``kind`` and tell the lots what they do."""
    return type(kind.__name__, (TracedAgent, kind), {"__doc__": kind.__doc__, "__module__": kind.__module__})


def traced_transport(kind: type[Transport]) -> type[Transport]:
    """The class of transport that works like ``kind`` and tells the lots what it carries."""
    return type(kind.__name__, (TracedTransport, kind), {})


class TracedAgent(SupplyAgent):
    """A member whose goods are followed; mixed into the class of each agent by :func:`traced`."""

    @property
    def lots(self) -> Lots:
        """Of the model."""
        lots = self.model.lots
        assert lots is not None
        return lots

    def take_in(self, item: Item) -> None:
        """Take in what waits on an item's dock."""
        waiting, stock = item.dock, item.stock
        self.lots.follow(item.index, stock)
        super().take_in(item)
        self.lots.take_in(item.index, waiting, item.dock, item.stock - stock)

    def produce(self, draws: list[float]) -> None:
        """Make goods; they arise here."""
        super().produce(draws)
        self.lots.follow_all([law.item for law in self.made])

    def transform(self) -> None:
        """Run the recipes; what came into stock before, such as a harvest, arises here."""
        books, lots = self.books, self.lots
        lots.follow_all([item.index for item in self.items])
        slot = self.model.period % len(books.maturing)
        for i in self.maturing:
            lots.mature(slot, i, books.maturing[slot][i])
        super().transform()

    def run_recipe(self, recipe: Recipe, runs: float) -> None:
        """Use the inputs of so many runs; outputs have the make-up of all of them together."""
        books, lots, free = self.books, self.lots, self.model.instance.making.environment
        outputs = [part.item for part in self.outputs_of(recipe)]
        inputs = [part.item for part in self.inputs_of(recipe)]
        consumed = {i: books.items[i].consumed for i in inputs}
        made = [books.items[i].produced + books.items[i].in_process for i in outputs]
        super().run_recipe(recipe, runs)
        used = {i: books.items[i].consumed - before for i, before in consumed.items()}
        unit = lots.use({i: amount for i, amount in used.items() if not free[i]})
        slot = (self.model.period + recipe.lag) % len(books.maturing)
        for i, before in zip(outputs, made, strict=True):
            amount = books.items[i].produced + books.items[i].in_process - before
            if free[i]:  # taken from the environment is counted as produced, too
                amount -= used.get(i, 0.0)
            mix = lots.arising(i, amount) if unit is None else amount * unit
            if recipe.lag > 0:
                lots.put_by(slot, i, mix)
            else:
                lots.join(i, mix, amount)

    def harvest(self, field: Field, share: float) -> None:
        """Bring in a share of a field's yield, which arises here, and its residue."""
        grown = [i for i in (field.crop, field.residue) if i != NO_ROW]
        self.lots.follow_all(grown)
        super().harvest(field, share)
        self.lots.follow_all(grown)

    def spread_stock(self, fertiliser: Fertiliser, fields: list[Field]) -> None:
        """Use a fertiliser on fields; it ends there."""
        item = (fertiliser.item,)
        self.lots.follow_all(item)
        super().spread_stock(fertiliser, fields)
        self.lots.follow_all(item)

    def open_book(self) -> None:
        """Work out what can be sold; what was made or has appeared until now arises here."""
        super().open_book()
        self.lots.follow_all([item.index for item in self.items])

    def serve(self, draws: list[float]) -> None:
        """Serve final demand; what customers leave has the make-up of what they bought."""
        books, lots = self.books, self.lots
        lots.follow_all([item.index for item in self.items])
        self.came_back: list[tuple[Leftover, float]] = []
        super().serve(draws)
        sold: dict[int, Mix] = {}
        for i in (customers.item for customers in self.retailed):
            sold[i] = lots.leave(i, books.items[i].served)
            lots.end(SOLD, i, sold[i])
        for leftover, amount in self.came_back:
            if amount > 0.0:
                mix = sold[leftover.bought] * (amount / books.items[leftover.bought].served)
                lots.join(leftover.item, mix, amount)

    def take_back(self, leftover: Leftover) -> None:
        """What customers leave comes back; accounted for when all have been served."""
        item = self.books.items[leftover.item]
        before = item.stock
        super().take_back(leftover)
        self.came_back.append((leftover, item.stock - before))

    def expire(self) -> None:
        """What has outlived its shelf life becomes waste of the same make-up, or is disposed of."""
        books, lots = self.books, self.lots
        lots.follow_all([item.index for item in self.items])
        super().expire()
        expired: list[tuple[Perishable, Mix]] = []
        for one in self.perishing:
            mix = lots.leave(one.item, books.items[one.item].expired)
            lots.end(EXPIRED, one.item, mix)
            expired.append((one, mix))
        for one, mix in expired:
            if one.waste != NO_ROW:
                lots.join(one.waste, mix, books.items[one.item].expired)

    def offer_byproducts(self) -> None:
        """What is neither taken nor kept is disposed of."""
        books, lots = self.books, self.lots
        offered = [giver.item for giver in self.offering]
        lots.follow_all(offered)
        before = [books.items[i].disposed for i in offered]
        super().offer_byproducts()
        for i, earlier in zip(offered, before, strict=True):
            lots.end(DISPOSED, i, lots.leave(i, books.items[i].disposed - earlier))

    def give(self, giver: Giver, taker: Taker, offered: float) -> float:
        """Goods that one taker takes.

        Args:
            giver: item that is offered.
            taker: to whom.
            offered: units.
        """
        lots = self.lots
        lots.follow_all((taker.item,))
        amount = super().give(giver, taker, offered)
        if amount > 0.0:
            lots.join(taker.item, lots.leave(giver.item, amount), amount)
        return amount


class TracedNutrientMarket(NutrientMarket):
    """A nutrient market whose fertilisers are followed to the farms that spread them."""

    def buy(self, link: Link) -> None:
        """A field gets its part of an offer, which is used at once as the farm's product."""
        books, lots = self.model.books, self.model.lots
        assert lots is not None
        item = books.farming.offers[link.offer].item
        before = books.items[item].stock
        lots.follow(item, before)
        super().buy(link)
        lots.end(CONSUMED, link.taker, lots.leave(item, before - books.items[item].stock))


class TracedTransport(Transport):
    """Transport that keeps the make-up of every shipment until it has arrived or is lost."""

    @property
    def lots(self) -> Lots:
        """Of the model."""
        lots = self.model.lots
        assert lots is not None
        return lots

    def send(self, arc: int, amount: float, lead: float | None = None) -> float:
        """Take goods onto an arc now; they have left the books' stock already.

        Args:
            arc: arc, in the order of lines.
            amount: units.
            lead: lead time drawn for them, in ticks; by default that of this period.
        """
        item, lots = self.books.arcs[arc].supplier, self.lots
        lots.follow(item, self.books.items[item].stock + amount)
        mix = lots.leave(item, amount)
        due = super().send(arc, amount, lead)
        lots.cargo.setdefault(id(self.departing[due]), []).append((self.books.arcs[arc].buyer, mix))
        return due

    def release(self, arc: int) -> None:
        """Goods held before the end of an arc closed by hand arrive now."""
        for mix in self.lots.standing.pop(arc, []):
            self.lots.land(self.books.arcs[arc].buyer, mix)
        super().release(arc)

    def _arrive(self, event: simpy.Event) -> None:
        lots, closed = self.lots, self.model.hazards.arcs_by_hand
        parcel = cast(Parcel, event.value)
        for (arc, _), (buyer, mix) in zip(parcel, lots.cargo.pop(id(parcel)), strict=True):
            if arc in closed:
                lots.standing.setdefault(arc, []).append(mix)
            else:
                lots.land(buyer, mix)
        super()._arrive(event)

    def _lose(self, event: simpy.Event) -> None:
        for buyer, mix in self.lots.cargo.pop(id(event.value)):
            self.lots.end(LOST, buyer, mix)
        super()._lose(event)


class TracedLiveAgents(LiveAgents):
    """What happens between reviews, with customers whose purchases are followed."""

    def _hand_over(self, item: int, amount: float) -> None:
        lots = self.model.lots
        assert lots is not None
        lots.follow(item, self.books.items[item].stock)
        super()._hand_over(item, amount)
        lots.end(SOLD, item, lots.leave(item, amount))

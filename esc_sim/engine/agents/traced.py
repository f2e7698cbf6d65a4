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
from esc_sim.instance.model import NO_ITEM
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

    def take_in(self, item: int) -> None:
        """Take in what waits on an item's dock."""
        books = self.books
        waiting, stock = books.dock[item], books.stock[item]
        self.lots.follow(item, stock)
        super().take_in(item)
        self.lots.take_in(item, waiting, books.dock[item], books.stock[item] - stock)

    def produce(self, draws: list[float]) -> None:
        """Make goods; they arise here."""
        super().produce(draws)
        self.lots.follow_all(self.made)

    def transform(self) -> None:
        """Run the recipes; what came into stock before, such as a harvest, arises here."""
        books, lots = self.books, self.lots
        lots.follow_all(self.items)
        slot = self.model.period % len(books.maturing)
        for i in self.maturing:
            lots.mature(slot, i, books.maturing[slot][i])
        super().transform()

    def run_recipe(self, q: int, runs: float) -> None:
        """Use the inputs of so many runs; outputs have the make-up of all of them together."""
        books, lots = self.books, self.lots
        recipes, free = self.numbers.recipes, self.numbers.environment
        outputs = [i for i, _, _ in recipes.outputs[q]]
        consumed = {i: books.consumed[i] for i, _ in recipes.inputs[q]}
        made = [books.produced[i] + books.in_process[i] for i in outputs]
        super().run_recipe(q, runs)
        used = {i: books.consumed[i] - before for i, before in consumed.items()}
        unit = lots.use({i: amount for i, amount in used.items() if not free[i]})
        slot = (self.model.period + recipes.lag[q]) % len(books.maturing)
        for i, before in zip(outputs, made, strict=True):
            amount = books.produced[i] + books.in_process[i] - before
            if free[i]:  # taken from the environment is counted as produced, too
                amount -= used.get(i, 0.0)
            mix = lots.arising(i, amount) if unit is None else amount * unit
            if recipes.lag[q] > 0:
                lots.put_by(slot, i, mix)
            else:
                lots.join(i, mix, amount)

    def harvest(self, f: int, share: float) -> None:
        """Bring in a share of a field's yield, which arises here, and its residue."""
        farm = self.numbers.farming
        grown = [i for i in (farm.crop[f], farm.residue[f]) if i != NO_ITEM]
        self.lots.follow_all(grown)
        super().harvest(f, share)
        self.lots.follow_all(grown)

    def spread_stock(self, g: int, fields: list[int]) -> None:
        """Use a fertiliser on fields; it ends there."""
        item = (self.numbers.farming.fertiliser[g],)
        self.lots.follow_all(item)
        super().spread_stock(g, fields)
        self.lots.follow_all(item)

    def open_book(self) -> None:
        """Work out what can be sold; what was made or has appeared until now arises here."""
        super().open_book()
        self.lots.follow_all(self.items)

    def serve(self, draws: list[float]) -> None:
        """Serve final demand; what customers leave has the make-up of what they bought."""
        books, numbers, lots = self.books, self.numbers, self.lots
        lots.follow_all(self.items)
        self.came_back: list[tuple[int, float]] = []
        super().serve(draws)
        sold: dict[int, Mix] = {}
        for i in self.retailed:
            sold[i] = lots.leave(i, books.served[i])
            lots.end(SOLD, i, sold[i])
        for k, amount in self.came_back:
            if amount > 0.0:
                bought = numbers.bought[k]
                lots.join(numbers.left[k], sold[bought] * (amount / books.served[bought]), amount)

    def take_back(self, k: int) -> None:
        """What customers leave comes back; accounted for when all have been served."""
        item = self.numbers.left[k]
        before = self.books.stock[item]
        super().take_back(k)
        self.came_back.append((k, self.books.stock[item] - before))

    def expire(self) -> None:
        """What has outlived its shelf life becomes waste of the same make-up, or is disposed of."""
        books, numbers, lots = self.books, self.numbers, self.lots
        lots.follow_all(self.items)
        super().expire()
        expired: list[tuple[int, int, Mix]] = []
        for k in self.perishing:
            i = numbers.perishable[k]
            mix = lots.leave(i, books.expired[i])
            lots.end(EXPIRED, i, mix)
            expired.append((numbers.waste[k], i, mix))
        for waste, i, mix in expired:
            if waste != NO_ITEM:
                lots.join(waste, mix, books.expired[i])

    def offer_byproducts(self) -> None:
        """What is neither taken nor kept is disposed of."""
        books, numbers, lots = self.books, self.numbers, self.lots
        offered = [numbers.giver[g] for g in self.offering]
        lots.follow_all(offered)
        before = [books.disposed[i] for i in offered]
        super().offer_byproducts()
        for i, earlier in zip(offered, before, strict=True):
            lots.end(DISPOSED, i, lots.leave(i, books.disposed[i] - earlier))

    def give(self, item: int, t: int, offered: float) -> float:
        """Goods that one taker takes.

        Args:
            item: item that is offered.
            t: number of the taker, among those of all offers.
            offered: units.
        """
        takes, lots = self.numbers.taker[t], self.lots
        lots.follow_all((takes,))
        amount = super().give(item, t, offered)
        if amount > 0.0:
            lots.join(takes, lots.leave(item, amount), amount)
        return amount


class TracedNutrientMarket(NutrientMarket):
    """A nutrient market whose fertilisers are followed to the farms that spread them."""

    def buy(self, f: int, link: int, units: float) -> None:
        """A field gets its part of an offer, which is used at once as the farm's product.

        Args:
            f: number of the field.
            link: link from the field to the offer.
            units: most that it gets.
        """
        farm, books, lots = self.model.numbers.farming, self.model.books, self.model.lots
        assert lots is not None
        item, taker = farm.offer_item[farm.link_offer[link]], farm.link_item[link]
        before = books.stock[item]
        lots.follow(item, before)
        super().buy(f, link, units)
        lots.end(CONSUMED, taker, lots.leave(item, before - books.stock[item]))


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
        item, lots = self.numbers.supplier[arc], self.lots
        lots.follow(item, self.books.stock[item] + amount)
        mix = lots.leave(item, amount)
        due = super().send(arc, amount, lead)
        lots.cargo.setdefault(id(self.departing[due]), []).append((self.numbers.buyer[arc], mix))
        return due

    def release(self, arc: int) -> None:
        """Goods held before the end of an arc closed by hand arrive now."""
        for mix in self.lots.standing.pop(arc, []):
            self.lots.land(self.numbers.buyer[arc], mix)
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
        lots.follow(item, self.books.stock[item])
        super()._hand_over(item, amount)
        lots.end(SOLD, item, lots.leave(item, amount))

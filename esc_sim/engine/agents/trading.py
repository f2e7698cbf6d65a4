"""What a member of the network does on markets, as buyer and as supplier: a part of every agent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from esc_sim.behaviours.accept import accept, limit_for_new
from esc_sim.behaviours.respond import bid_quantity
from esc_sim.behaviours.sell import reduced, sell, share_kept, shipping_limit
from esc_sim.engine.agents.owed import allotted

if TYPE_CHECKING:
    from esc_sim.behaviours.terms import Terms
    from esc_sim.engine.agents.books import Books, Health
    from esc_sim.engine.agents.model import SupplyChainModel
    from esc_sim.fields.item import Item
    from esc_sim.fields.node import Node
    from esc_sim.instance.model import Switches


class Trading:
    """Asking suppliers, answering bids, promising what is owed, shipping."""

    node: int
    money: Node
    model: SupplyChainModel
    books: Books
    health: Health
    switches: Switches
    terms: Terms

    def respond(self, line: int) -> bool:
        """Send what is still wanted on a line to the next supplier that can sell; False when none is left."""
        books, arc = self.books, self.model.markets.next_arc(line)
        if arc < 0:
            return False
        supplier = books.supplier[arc]
        inbox = books.inbox[supplier]
        if not inbox:
            books.asked.append(supplier)
        inbox.append(arc)
        return True

    def choose(self, seller: Item) -> None:
        """Answer the bids of this round: accept from the highest down, refuse what exceeds the sellable limit."""
        books, markets, terms, number = self.books, self.model.markets, self.terms, seller.index
        inbox, limit = books.inbox[number], books.limits[number]
        if len(inbox) > 1:
            inbox.sort(key=markets.bid_order)
        given = None if markets.is_plain else self.given(inbox, limit)
        for arc in inbox:
            buyer = books.items[books.arcs[arc].buyer]
            quantity = bid_quantity(buyer.residual, markets.open_cap[arc]) if given is None else next(given)
            amount = accept(terms, seller, buyer, seller, limit, quantity)
            if amount > 0.0:
                limit -= amount
                books.contracts.append(arc)
                books.contracted.append(amount)
                if given is not None:
                    markets.take(arc, amount)
            if amount < quantity:
                break
        inbox.clear()
        books.limits[number] = limit

    def given(self, inbox: list[int], limit: float) -> Iterator[float]:
        """What each of the bids of this round, in their order, can get when it is its turn."""
        lanes = self.model.markets.lanes
        if self.model.markets.in_turn:
            yield from map(self.asked_for, inbox)
        else:
            for arc, part in zip(inbox, self.divided(inbox, limit), strict=True):
                yield part if lanes is None else lanes.carried(arc, part)

    def divided(self, inbox: list[int], limit: float) -> list[float]:
        """What each of the bids of this round gets, which are in their order."""
        return self.model.markets.divided([(arc, self.asked_for(arc)) for arc in inbox], limit)

    def asked_for(self, arc: int) -> float:
        """What the buyer of an arc asks for in this round."""
        books, markets = self.books, self.model.markets
        room = markets.open_cap[arc] - books.served_owed.get(arc, 0.0)
        most = bid_quantity(books.parts.get(arc, books.items[books.arcs[arc].buyer].residual), room)
        return markets.bid_on(arc, most if markets.lanes is None else markets.lanes.carried(arc, most))

    def keep_owed(self, item: Item, arcs: list[int]) -> None:
        """Keep goods for what is owed on arcs, given in the order of bids, as far as what can be sold goes.

        A supplier that is back delivers what it owes before buyers know that it is. An order that must be delivered as
        a whole keeps what there is from later orders.
        """
        books, markets, switches = self.books, self.model.markets, self.switches
        limit = books.limits[item.index]
        kept, rest = allotted(
            books.owed_by_age(arcs),
            {arc: markets.owed_cap.get(arc, markets.open_cap[arc]) for arc in arcs},
            markets.owed_limit.get(item.index, limit),
            rule=switches.allocation,
            classes=books.customer_class,
            partial=switches.partial,
            offset=books.offset,
            lanes=markets.lanes,
        )
        books.limits[item.index] = limit_for_new(limit, sum(kept.values()), rest)
        books.served_owed.update(kept)

    def sell(self, arc: int, amount: float, lead: float | None = None) -> None:
        """Ship on an arc: goods leave, money changes hands; ``lead`` is a lead time drawn for this shipment alone."""
        books = self.books
        row, items = books.arcs[arc], books.items
        cost, factor = books.nodes[row.buyer_node], self.health.price_factor[self.node]
        books.sums.emissions += sell(
            self.terms, row, items[row.supplier], items[row.buyer], self.money, cost, amount, factor
        )
        books.arc_total[arc] += amount
        self.model.transport.send(arc, amount, lead)

    def sell_short(self, item: Item, contracts: list[tuple[int, float]]) -> None:
        """Ship while disrupted: what health allows, by age or descending price; pay for the rest.

        Args:
            item: what is sold.
            contracts: (arc, amount promised), one entry an arc, by descending price.
        """
        books, health, known = self.books, self.health, self.model.hazards.known
        total = sum(promised for _, promised in contracts)
        remaining = shipping_limit(
            total,
            item.capacity,
            health.ship[self.node],
            known.node(self.node),
            item.served,
            item.stock,
            books.offset,
        )
        if self.switches.owing:
            for arc, promised in contracts:
                self._owe_again(item.index, arc, promised)
        shipped, _ = allotted(
            [contracts] if books.owed_parts is None else books.owed_parts.by_age(arc for arc, _ in contracts),
            {
                arc: reduced(promised, share_kept(health.arc[arc], known.arc(arc)), books.offset)
                for arc, promised in contracts
            },
            remaining,
            rule=self.switches.allocation,
            classes=books.customer_class,
            partial=True,
            offset=books.offset,
        )
        for arc, promised in contracts:
            amount = shipped.get(arc, 0.0)
            if health.ship[self.node] <= 0.0 or health.arc[arc] <= 0.0:
                books.sums.contracted_from_closed += promised
            self.money.penalty += item.penalty * (promised - amount)
            if self.switches.owing:
                books.settle_owed(item.index, arc, books.arcs[arc].buyer, amount)
            if amount > 0.0:
                self.sell(arc, amount)

    def _owe_again(self, item: int, arc: int, promised: float) -> None:
        """All that is promised on an arc is owed until it leaves; what was owed before is in the queue still."""
        books, buyer = self.books, self.books.arcs[arc].buyer
        before = books.served_owed.get(arc, 0.0)
        books.count_owed(item, arc, buyer, before)
        books.owe(item, arc, buyer, promised - before, self.model.period)

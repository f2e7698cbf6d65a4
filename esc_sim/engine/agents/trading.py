"""What a member of the network does on markets, as buyer and as supplier: a part of every agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esc_sim.behaviours.order import bid_quantity
from esc_sim.behaviours.sell import (
    accepted_amount,
    limit_for_new,
    moved_price,
    moved_unit_cost,
    reduced,
    share_kept,
    shipping_limit,
)
from esc_sim.engine.agents.owed import allotted

if TYPE_CHECKING:
    from esc_sim.engine.agents.books import Books, Health, Numbers
    from esc_sim.engine.agents.model import SupplyChainModel
    from esc_sim.instance.model import Switches


class Trading:
    """Asking suppliers, answering bids, promising what is owed, shipping."""

    node: int
    model: SupplyChainModel
    books: Books
    numbers: Numbers
    health: Health
    switches: Switches
    extended: bool

    def respond(self, line: int) -> bool:
        """Send what is still wanted on a line to the next supplier that can sell; False when none is left."""
        numbers, books = self.numbers, self.books
        arc = self.model.markets.next_arc(line)
        if arc < 0:
            return False
        supplier = numbers.supplier[arc]
        inbox = books.inbox[supplier]
        if not inbox:
            books.asked.append(supplier)
        inbox.append(numbers.pos[arc])
        return True

    def choose(self, item: int) -> None:
        """Answer the bids of this round: accept from the highest down, refuse what exceeds the sellable limit."""
        books, numbers, partial = self.books, self.numbers, self.switches.partial
        markets = self.model.markets
        inbox, limit, cap, lanes = books.inbox[item], books.limit[item], markets.open_cap, markets.lanes
        inbox.sort(key=markets.bid_order)
        served_owed = books.served_owed
        given = None if markets.in_turn else self.divided(inbox, limit)
        for k, place in enumerate(inbox):
            arc = numbers.by_pos[place]
            buyer = numbers.buyer[arc]
            if given is None:
                room = cap[arc] - served_owed.get(arc, 0.0) if served_owed else cap[arc]
                quantity = bid_quantity(books.parts.get(arc, books.residual[buyer]), room)
            else:
                quantity = given[k]
            if lanes is not None:
                quantity = lanes.carried(arc, quantity)
            amount = accepted_amount(quantity, limit, partial)
            if amount > 0.0:
                limit -= amount
                books.contracts.append(arc)
                books.contracted.append(amount)
                books.residual[buyer] -= amount
                if arc in books.parts:
                    books.parts[arc] -= amount
                if lanes is not None:
                    lanes.take(arc, amount)
            if amount < quantity:
                break
        inbox.clear()
        if self.extended:
            books.promised[item] += books.limit[item] - limit
            books.requested[item] += books.limit[item] - limit
            books.filled[item] += books.limit[item] - limit
        books.limit[item] = limit

    def divided(self, inbox: list[int], limit: float) -> list[float]:
        """What each of the bids of this round gets, which are in their order."""
        by_pos = self.numbers.by_pos
        asked = [(arc, self.asked_for(arc)) for arc in (by_pos[place] for place in inbox)]
        return self.model.markets.divided(asked, limit)

    def asked_for(self, arc: int) -> float:
        """What the buyer of an arc asks for in this round."""
        books, markets = self.books, self.model.markets
        room = markets.open_cap[arc] - books.served_owed.get(arc, 0.0)
        most = bid_quantity(books.parts.get(arc, books.residual[self.numbers.buyer[arc]]), room)
        return markets.bid_on(arc, most if markets.lanes is None else markets.lanes.carried(arc, most))

    def keep_owed(self, item: int, arcs: list[int]) -> None:
        """Keep goods for what is owed on arcs, given in the order of bids, as far as what can be sold goes.

        A supplier that is back delivers what it owes before buyers know that it is. An order that must be delivered as
        a whole keeps what there is from later orders.
        """
        books, markets, switches = self.books, self.model.markets, self.switches
        limit = books.limit[item]
        kept, rest = allotted(
            books.owed_by_age(arcs),
            {arc: markets.owed_cap.get(arc, markets.open_cap[arc]) for arc in arcs},
            markets.owed_limit.get(item, limit),
            rule=switches.allocation,
            classes=self.numbers.customer_class,
            partial=switches.partial,
            offset=self.numbers.offset,
            lanes=markets.lanes,
        )
        books.limit[item] = limit_for_new(limit, sum(kept.values()), rest)
        books.served_owed.update(kept)

    def sell(self, arc: int, amount: float, lead: float | None = None) -> None:
        """Ship on an arc: goods leave, money changes hands; ``lead`` is a lead time drawn for this shipment alone."""
        books, numbers = self.books, self.numbers
        item = numbers.supplier[arc]
        books.stock[item] -= amount
        books.shipped[item] += amount
        books.arc_total[arc] += amount
        price, unit_cost = numbers.price[arc], numbers.unit_cost[arc]
        factor = self.health.price_factor[self.node]
        if factor != 1.0:
            unit_cost = moved_unit_cost(unit_cost, price, factor)
            price = moved_price(price, factor)
        books.internal_income[self.node] += price * amount
        books.procurement[numbers.buyer_node[arc]] += unit_cost * amount
        books.emissions += numbers.arc_emissions[arc] * amount
        self.model.transport.send(arc, amount, lead)

    def sell_short(self, item: int, contracts: list[tuple[int, float]]) -> None:
        """Ship while disrupted: what health allows, by age or descending price; pay for the rest.

        Args:
            item: what is sold.
            contracts: (arc, amount promised), one entry an arc, by descending price.
        """
        books, numbers, health, known = self.books, self.numbers, self.health, self.model.hazards.known
        total = sum(promised for _, promised in contracts)
        remaining = shipping_limit(
            total,
            numbers.capacity[item],
            health.ship[self.node],
            known.node(self.node),
            books.served[item],
            books.stock[item],
            numbers.offset,
        )
        if self.switches.owing:
            for arc, promised in contracts:
                self._owe_again(item, arc, promised)
        shipped, _ = allotted(
            [contracts] if books.owed_parts is None else books.owed_parts.by_age(arc for arc, _ in contracts),
            {
                arc: reduced(promised, share_kept(health.arc[arc], known.arc(arc)), numbers.offset)
                for arc, promised in contracts
            },
            remaining,
            rule=self.switches.allocation,
            classes=numbers.customer_class,
            partial=True,
            offset=numbers.offset,
        )
        for arc, promised in contracts:
            amount = shipped.get(arc, 0.0)
            if health.ship[self.node] <= 0.0 or health.arc[arc] <= 0.0:
                books.from_closed += promised
            books.penalty[self.node] += numbers.penalty[item] * (promised - amount)
            if self.switches.owing:
                books.settle_owed(item, arc, numbers.buyer[arc], amount)
            if amount > 0.0:
                self.sell(arc, amount)

    def _owe_again(self, item: int, arc: int, promised: float) -> None:
        """All that is promised on an arc is owed until it leaves; what was owed before is in the queue still."""
        books, buyer = self.books, self.numbers.buyer[arc]
        before = books.served_owed.get(arc, 0.0)
        books.count_owed(item, arc, buyer, before)
        books.owe(item, arc, buyer, promised - before, self.model.period)

"""What a member of the network does on markets, as buyer and as supplier: a part of every agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esc_sim.rules.order import bid_quantity, next_supplier
from esc_sim.rules.sell import accepted_amount, fair_share, moved_price, moved_unit_cost, shipment, shipping_limit

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
        numbers, books, markets = self.numbers, self.books, self.model.markets
        arc = next_supplier(
            markets.pointer[line], numbers.line_start[line + 1], numbers.supplier, books.limit, markets.open_cap
        )
        markets.pointer[line] = arc + 1
        if arc >= numbers.line_start[line + 1]:
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
        inbox, limit, cap = books.inbox[item], books.limit[item], self.model.markets.open_cap
        inbox.sort()
        served_owed = books.served_owed
        whole, total = limit, 0.0
        if self.switches.proportional:
            total = sum(self.asked_for(numbers.by_pos[place]) for place in inbox)
        for place in inbox:
            arc = numbers.by_pos[place]
            buyer = numbers.buyer[arc]
            room = cap[arc] - served_owed.get(arc, 0.0) if served_owed else cap[arc]
            quantity = bid_quantity(books.parts.get(arc, books.residual[buyer]), room)
            if total > whole:
                quantity = fair_share(quantity, whole, total, numbers.offset)
            amount = accepted_amount(quantity, limit, partial)
            if amount > 0.0:
                limit -= amount
                books.contracts.append(arc)
                books.contracted.append(amount)
                books.residual[buyer] -= amount
                if arc in books.parts:
                    books.parts[arc] -= amount
            if amount < quantity:
                break
        inbox.clear()
        if self.extended:
            books.promised[item] += books.limit[item] - limit
            books.requested[item] += books.limit[item] - limit
            books.filled[item] += books.limit[item] - limit
        books.limit[item] = limit

    def asked_for(self, arc: int) -> float:
        """What the buyer of an arc asks for in this round."""
        books = self.books
        room = self.model.markets.open_cap[arc] - books.served_owed.get(arc, 0.0)
        return bid_quantity(books.parts.get(arc, books.residual[self.numbers.buyer[arc]]), room)

    def deliver_owed(self, item: int, arcs: list[int]) -> None:
        """Promise what is owed on arcs, given in the order of bids, as far as the sellable limit goes.

        An order that must be delivered as a whole keeps what there is from later orders.
        """
        books, cap, limit = self.books, self.model.markets.open_cap, self.books.limit[item]
        whole, total = limit, 0.0
        if self.switches.proportional:
            total = sum(bid_quantity(books.owed[arc], cap[arc]) for arc in arcs)
        for arc in arcs:
            quantity = bid_quantity(books.owed[arc], cap[arc])
            if total > whole:
                quantity = fair_share(quantity, whole, total, self.numbers.offset)
            amount = accepted_amount(quantity, limit, self.switches.partial)
            if amount > 0.0:
                limit -= amount
                books.owe(item, arc, self.numbers.buyer[arc], -amount, self.model.period)
                books.served_owed[arc] = amount
                books.contracts.append(arc)
                books.contracted.append(amount)
                books.promised[item] += amount
            if amount < quantity:
                limit = 0.0
                break
        books.limit[item] = limit

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
        """Ship while disrupted: what the node's and the arcs' health allow, by descending price; pay for the rest.

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
        for arc, promised in contracts:
            amount = shipment(promised, health.arc[arc], known.arc(arc), remaining, numbers.offset)
            if health.ship[self.node] <= 0.0 or health.arc[arc] <= 0.0:
                books.from_closed += promised
            remaining -= amount
            books.penalty[self.node] += numbers.penalty[item] * (promised - amount)
            if self.switches.owing:
                books.owe(item, arc, numbers.buyer[arc], promised - amount, self.model.period)
            if amount > 0.0:
                self.sell(arc, amount)

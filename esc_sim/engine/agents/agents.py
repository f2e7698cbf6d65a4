"""The members of a supply network as Mesa agents, one class a role.

Each period an agent reviews its own stock (receive, produce, order, serve), then buyers and suppliers negotiate
(respond, choose) and suppliers ship (sell). All arithmetic is in ``esc_sim.rules``; an agent looks up its numbers,
calls a rule and books the result. Subclasses may override any behaviour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa

from esc_sim.rules.ledger import charged_stock, node_cost
from esc_sim.rules.order import bid_quantity, drawn_amount, next_supplier, planned_order
from esc_sim.rules.produce import stock_after_production, stock_gained
from esc_sim.rules.sell import accept_bids, reduced, sellable, served_demand, shipment, shipping_limit
from esc_sim.rules.switches import STORAGE_AT_REVIEW

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel


class SupplyAgent(mesa.Agent):
    """A member of the network that may do everything: buy, make, sell, serve final demand.

    Attributes:
        node: index of the node.
        node_id, role: its names.
        items: its items; ``bought``, ``made``, ``retailed`` the ones it buys, produces, sells to final customers.
    """

    model: SupplyChainModel

    def __init__(self, model: SupplyChainModel, node: int) -> None:
        super().__init__(model)
        network = model.instance.network
        self.node = node
        self.node_id = network.node_ids[node]
        self.role = network.roles[node]
        self.books = model.books
        self.numbers = model.numbers
        self.health = model.health
        self.switches = model.instance.switches
        self.items = model.items_of_node[node]
        self.bought = [i for i in self.items if model.buys[i]]
        self.made = [i for i in self.items if model.makes[i]]
        self.retailed = [i for i in self.items if model.retails[i]]

    @property
    def on_hand(self) -> float:
        """Units on hand, all products together."""
        return sum(self.books.stock[i] for i in self.items)

    @property
    def state(self) -> str:
        """'normal', 'reduced' or 'disrupted', by what the node can ship."""
        ship = self.health.ship[self.node]
        return "normal" if self.health.is_whole(self.node) else "disrupted" if ship <= 0.0 else "reduced"

    def review(self, draws: list[float]) -> None:
        """Steps 1 to 5 of a review period, which touch nothing but the agent's own books."""
        self.receive()
        self.produce(draws)
        self.open_book()
        self.order(draws)
        self.serve(draws)

    def receive(self) -> None:
        """Take in what has arrived; goods received times the yield factor become stock."""
        books, numbers = self.books, self.numbers
        for i in self.bought:
            waiting = books.dock[i]
            if waiting > 0.0:
                taken = reduced(waiting, self.health.receive[self.node], numbers.offset)
                books.dock[i] = waiting - taken
                books.in_transit[i] -= taken
                books.received[i] = taken
                books.stock[i] += stock_gained(taken, numbers.yield_factor[i], numbers.offset)

    def produce(self, draws: list[float]) -> None:
        """Make goods, up to the target stock."""
        books, numbers = self.books, self.numbers
        for i in self.made:
            loc, scale, column = numbers.production[i]
            drawn = drawn_amount(loc, scale, draws[column], numbers.offset)
            drawn = reduced(drawn, self.health.produce[self.node], numbers.offset)
            before = books.stock[i]
            after = stock_after_production(before, numbers.target[i], drawn)
            books.stock[i] = after
            books.produced[i] = after - before
            books.emissions += numbers.item_emissions[i] * (after - before)

    def open_book(self) -> None:
        """Pay for storage and work out what can be sold."""
        books, numbers = self.books, self.numbers
        at_review = self.switches.storage_timing == STORAGE_AT_REVIEW
        for i in self.items:
            stock = books.stock[i]
            if at_review:
                books.storage[self.node] += charged_stock(numbers.storage_cost[i], stock)
            books.limit[i] = sellable(stock, numbers.safety[i])

    def order(self, draws: list[float]) -> None:
        """Plan what to buy of each product in this period."""
        books, numbers = self.books, self.numbers
        for i in self.bought:
            loc, scale, column = numbers.orders[i]
            drawn = drawn_amount(loc, scale, draws[column], numbers.offset)
            wanted = planned_order(drawn, books.stock[i], numbers.target[i], self.switches.feedback)
            wanted = reduced(wanted, self.health.order[self.node], numbers.offset)
            books.residual[i] = wanted
            books.ordered[i] = wanted

    def serve(self, draws: list[float]) -> None:
        """Serve final demand from what can be sold; the rest is lost or owed."""
        books, numbers = self.books, self.numbers
        for i in self.retailed:
            loc, scale, column = numbers.demand[i]
            drawn = drawn_amount(loc, scale, draws[column], numbers.offset)
            factor = self.health.demand[self.node]
            if factor != 1.0:
                drawn = drawn_amount(0.0, factor, drawn, numbers.offset)
            wanted = drawn + books.backlog[i]
            served = served_demand(wanted, reduced(books.limit[i], self.health.retail[self.node], numbers.offset))
            books.limit[i] -= served
            books.stock[i] -= served
            books.retail_income[self.node] += numbers.retail_price[i] * served
            books.shortage[self.node] += numbers.shortage_cost[i] * (wanted - served)
            if self.switches.backorder:
                books.backlog[i] = wanted - served
            books.demanded[i] = drawn
            books.served[i] = served

    def respond(self, line: int) -> bool:
        """Send what is still wanted on a line to the next supplier that can sell; False when none is left."""
        numbers, books, model = self.numbers, self.books, self.model
        arc = next_supplier(
            model.pointer[line], numbers.line_start[line + 1], numbers.supplier, books.limit, model.open_cap
        )
        model.pointer[line] = arc + 1
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
        books, numbers = self.books, self.numbers
        inbox = books.inbox[item]
        inbox.sort()
        arcs = [numbers.by_pos[place] for place in inbox]
        inbox.clear()
        cap = self.model.open_cap
        quantities = [bid_quantity(books.residual[numbers.buyer[arc]], cap[arc]) for arc in arcs]
        accepted = [0.0] * len(arcs)
        books.limit[item] = accept_bids(quantities, 0, len(arcs), books.limit[item], self.switches.partial, accepted)
        if self.model.watch is not None:
            self.model.watch.bids.extend(zip(arcs, quantities, accepted, strict=True))
        for arc, amount in zip(arcs, accepted, strict=True):
            if amount > 0.0:
                books.contracted[arc] = amount
                books.contracts.append(arc)
                books.residual[numbers.buyer[arc]] -= amount

    def sell(self, arc: int, amount: float) -> None:
        """Ship on an arc: goods leave, money changes hands."""
        books, numbers = self.books, self.numbers
        item = numbers.supplier[arc]
        books.stock[item] -= amount
        books.shipped[item] += amount
        books.arc_total[arc] += amount
        books.internal_income[self.node] += numbers.price[arc] * amount
        books.procurement[numbers.buyer_node[arc]] += numbers.unit_cost[arc] * amount
        books.emissions += numbers.arc_emissions[arc] * amount
        self.model.transport.send(arc, amount)

    def sell_short(self, item: int, arcs: list[int]) -> None:
        """Ship while disrupted: what the node's and the arcs' health allow, by descending price; pay for the rest."""
        books, numbers, health = self.books, self.numbers, self.health
        contracted = sum(books.contracted[arc] for arc in arcs)
        remaining = shipping_limit(contracted, health.ship[self.node], books.stock[item], numbers.offset)
        for arc in arcs:
            amount = shipment(books.contracted[arc], health.arc[arc], remaining, numbers.offset)
            remaining -= amount
            books.penalty[self.node] += numbers.penalty[item] * (books.contracted[arc] - amount)
            if amount > 0.0:
                self.sell(arc, amount)

    def settle(self) -> float:
        """Close the period's ledger; returns the node's cost E."""
        books, node = self.books, self.node
        if self.switches.storage_timing != STORAGE_AT_REVIEW:
            for i in self.items:
                books.storage[node] += charged_stock(self.numbers.storage_cost[i], books.stock[i])
        return node_cost(books.procurement[node], books.storage[node], books.penalty[node], books.shortage[node], 0.0)


class Producer(SupplyAgent):
    """A source: makes goods and sells them."""

    def review(self, draws: list[float]) -> None:
        """Produce, then open the book."""
        self.produce(draws)
        self.open_book()


class Trader(SupplyAgent):
    """A link of the chain: buys, stores, sells on."""

    def review(self, draws: list[float]) -> None:
        """Receive, open the book, plan orders."""
        self.receive()
        self.open_book()
        self.order(draws)


class Retailer(SupplyAgent):
    """The chain's end: buys and serves final demand."""

    def review(self, draws: list[float]) -> None:
        """Receive, open the book, plan orders, serve customers."""
        self.receive()
        self.open_book()
        self.order(draws)
        self.serve(draws)


def class_for(buys: bool, makes: bool, retails: bool) -> type[SupplyAgent]:
    """The class of a node that buys, makes and serves final demand, or not."""
    return {
        (False, True, False): Producer,
        (True, False, False): Trader,
        (True, False, True): Retailer,
    }.get((buys, makes, retails), SupplyAgent)

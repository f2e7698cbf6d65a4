"""The members of a supply network as Mesa agents, one class a role.

Each period an agent reviews its own stock (receive, produce, order, serve), then buyers and suppliers negotiate
(respond, choose) and suppliers ship (sell). All arithmetic is in ``esc_sim.behaviours``; an agent looks up its numbers,
calls a rule and books the result. Subclasses may override any behaviour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa

from esc_sim.behaviours.forecast import covering_level, moving_average, smoothed
from esc_sim.behaviours.ledger import charged_stock
from esc_sim.behaviours.order import drawn_amount, planned_order
from esc_sim.behaviours.produce import stock_after_production, stock_gained
from esc_sim.behaviours.replenish import (
    filled_at_once,
    inventory_position,
    is_review,
    lifted,
    order_size,
    ordered_for,
)
from esc_sim.behaviours.sell import reduced, sellable, served_demand
from esc_sim.behaviours.switches import STORAGE_AT_REVIEW
from esc_sim.engine.agents.checking import look_at
from esc_sim.engine.agents.farming import Farming
from esc_sim.engine.agents.making import Making
from esc_sim.engine.agents.numbering import AgentCounters
from esc_sim.engine.agents.trading import Trading
from esc_sim.policies.policy import FIELDS, FORECAST
from esc_sim.policies.registry import RULES

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel


class SupplyAgent(Making, Farming, Trading, mesa.Agent):
    """A member of the network that may do everything: buy, make, sell, serve final demand.

    Attributes:
        node: index of the node.
        node_id, role: its names.
        items: its items; ``bought``, ``made``, ``retailed`` the ones it buys, produces, sells to final customers.

    Examples:
        >>> import esc_sim as esc
        >>> class Careful(esc.SupplyAgent):
        ...     def wants(self, item: int, planned: float) -> float:
        ...         return planned + 5.0
        >>> model = esc.SupplyChainModel("scenarios/quickstart", members={"shop": Careful})
        >>> type(model.agent_of("shop_north")).__name__
        'Careful'
    """

    model: SupplyChainModel
    _ids = AgentCounters()  # Mesa's name

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """What a class outside esc_sim returns, and does to the books, is looked at."""
        super().__init_subclass__(**kwargs)
        if not cls.__module__.startswith("esc_sim."):
            look_at(cls)

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
        orders, numbers = model.instance.orders, model.numbers
        own = set(self.items)
        self.drawn = [i for i in orders.drawn_items.tolist() if i in own]
        self.early = [i for i in orders.early_items.tolist() if i in own]
        self.extended = model.books.extended
        live = model.instance.live
        self.timed = frozenset() if live is None else live.items
        """Items whose stock costs by the time that it lasts, see ``engine.agents.live``."""
        self.transit_charged = [i for i in self.items if numbers.in_transit_holding_cost[i] and i not in self.timed]
        self.made = [i for i in self.items if model.makes[i]]
        self.retailed = [i for i in self.items if model.retails[i]]
        self.prepare_making()
        self.prepare_farming()

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
        self.transform()
        self.open_book()
        self.order(draws)
        self.serve(draws)

    def receive(self) -> None:
        """Take in what has arrived; goods received times the yield factor become stock."""
        for i in self.bought:
            if self.books.dock[i] > 0.0:
                self.take_in(i)

    def take_in(self, item: int) -> None:
        """Take in what waits on an item's dock."""
        books, numbers = self.books, self.numbers
        taken = reduced(books.dock[item], self.health.receive[self.node], numbers.offset)
        books.dock[item] -= taken
        books.in_transit[item] -= taken
        books.received[item] += taken
        books.stock[item] += stock_gained(taken, numbers.yield_factor[item], numbers.offset)

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
        at_review = self.switches.holding_cost_timing == STORAGE_AT_REVIEW
        for i in self.items:
            stock = books.stock[i]
            if at_review and i not in self.timed:
                books.storage[self.node] += charged_stock(numbers.holding_cost[i], stock)
            books.limit[i] = sellable(stock, numbers.safety[i], numbers.capacity[i])
        if at_review and self.transit_charged:
            self.charge_transit()

    def charge_transit(self) -> None:
        """Pay for goods on their way here, where they cost anything."""
        books = self.books
        for i in self.transit_charged:
            books.storage[self.node] += charged_stock(self.numbers.in_transit_holding_cost[i], books.in_transit[i])

    def order(self, draws: list[float]) -> None:
        """Plan what to buy of each product, as far as that is planned before demand is known."""
        books, numbers = self.books, self.numbers
        order_terms = numbers.order_terms
        for i in self.drawn:
            loc, scale, column = numbers.orders[i]
            drawn = drawn_amount(loc, scale, draws[column], numbers.offset)
            wanted = self.wants(i, planned_order(drawn, books.stock[i], numbers.target[i], self.switches.feedback))
            if order_terms:
                wanted = order_size(wanted, numbers.minimum[i], numbers.order_multiple[i])
            wanted = reduced(wanted, self.health.order[self.node], numbers.offset)
            books.residual[i] = wanted
            books.ordered[i] = wanted
            if order_terms and wanted > 0.0:
                books.fixed[self.node] += numbers.fixed_cost[i]
        for i in self.early:
            self.replenish(i)

    def wants(self, item: int, planned: float) -> float:
        """Units that are ordered of an item whose policy plans so many; a subclass may want something else.

        Args:
            item: what is bought.
            planned: what its policy orders, before least sizes, lots and what a disruption leaves.
        """
        return planned

    def replenish(self, item: int) -> None:
        """Plan an order by the item's policy; an order placed costs its fixed cost."""
        books, numbers = self.books, self.numbers
        wanted = 0.0
        if is_review(self.model.period, numbers.first_review[item], numbers.review_every[item]):
            wanted = self.wants(item, self.order_quantity(item))
            wanted = ordered_for(wanted, numbers.yield_factor[item], numbers.offset)
            wanted = order_size(wanted, numbers.minimum[item], numbers.order_multiple[item])
            wanted = reduced(wanted, self.health.order[self.node], numbers.offset)
        books.residual[item] = wanted
        books.ordered[item] = wanted
        if wanted > 0.0:
            books.fixed[self.node] += numbers.fixed_cost[item]

    def order_quantity(self, item: int) -> float:
        """What the item's policy wants at its inventory position; of mean orders nobody asks it."""
        numbers = self.numbers
        if item in self.model.planner_of:
            return self.model.planner_of[item].quantity(item)
        if item in self.model.policies:
            return self.model.ask_policy(item)
        way, position = numbers.way[item], self.position(item)
        if way == FORECAST:
            return lifted(position, self.forecast_level(item))
        if way == FIELDS:
            return lifted(position, self.wanted_by_fields(item))
        return RULES[numbers.rule[item]](position, numbers.parameters[item])

    def forecast_level(self, item: int) -> float:
        """Order-up-to level of an item that forecasts; orders planned after demand have seen this period's."""
        books, numbers, seen = self.books, self.numbers, self.model.period
        if not self.early:
            self.observe(item)
            seen += 1
        forecast = books.forecast[item]
        if numbers.window[item] > 0:
            first = numbers.history_start[item]
            forecast = moving_average(books.history, first, numbers.window[item], seen, numbers.initial[item])
        return covering_level(forecast, numbers.cover[item], numbers.buffer[item], numbers.offset)

    def observe(self, item: int) -> None:
        """Take this period's demand into an item's forecast."""
        books, numbers = self.books, self.numbers
        if numbers.window[item] > 0:
            place = numbers.history_start[item] + self.model.period % numbers.window[item]
            books.history[place] = books.requested[item]
        else:
            books.forecast[item] = smoothed(books.forecast[item], books.requested[item], numbers.weight[item])

    def position(self, item: int) -> float:
        """Inventory position of an item, or of its echelon where its policy looks at that."""
        books, numbers = self.books, self.numbers
        on_order = stock_gained(books.in_transit[item] + books.awaits[item], numbers.yield_factor[item], numbers.offset)
        members = numbers.echelons[item]
        if not members:
            available = books.stock[item] - (books.promised[item] - books.shipped[item])
            return inventory_position(available, numbers.safety[item], on_order, books.backlog[item] + books.owes[item])
        stock = sum(books.stock[i] for i in members) + sum(books.in_transit[i] for i in members[1:])
        safety = sum(numbers.safety[i] for i in members)
        return inventory_position(stock, safety, on_order, sum(books.backlog[i] for i in members))

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
            limit = reduced(books.limit[i], self.health.retail[self.node], numbers.offset)
            served = served_demand(wanted, limit, self.switches.partial_demand)
            books.met[i] = filled_at_once(served, books.backlog[i])
            if self.extended:
                books.requested[i] += drawn
                books.filled[i] += books.met[i]
            books.limit[i] -= served
            books.stock[i] -= served
            books.retail_income[self.node] += numbers.retail_price[i] * served
            books.shortage[self.node] += numbers.shortage_cost[i] * (wanted - served)
            if self.switches.backorder:
                books.backlog[i] = wanted - served
            books.demanded[i] = drawn
            books.served[i] = served
        for k in self.leaving:
            self.take_back(k)

    def settle(self) -> float:
        """Close the period's ledger; returns the node's cost E."""
        books, node = self.books, self.node
        if self.switches.holding_cost_timing != STORAGE_AT_REVIEW:
            for i in self.items:
                if i not in self.timed:
                    books.storage[node] += charged_stock(self.numbers.holding_cost[i], books.stock[i])
            self.charge_transit()
        if self.switches.owing:
            for i in self.items:
                if i not in self.timed:
                    books.shortage[node] += self.numbers.backorder_cost[i] * books.owes[i]
        return books.cost_of(node)


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
    """The class of a node that buys, makes and serves final demand, or not.

    Args:
        buys: whether it has suppliers.
        makes: whether it produces.
        retails: whether it has final demand.
    """
    return {
        (False, True, False): Producer,
        (True, False, False): Trader,
        (True, False, True): Retailer,
    }.get((buys, makes, retails), SupplyAgent)

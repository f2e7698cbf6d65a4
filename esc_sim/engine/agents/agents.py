"""The members of a supply network as Mesa agents.

Each period an agent reviews its own stock (receive, produce, order, serve), then buyers and suppliers negotiate
(respond, choose) and suppliers ship (sell). What each of these does is in ``esc_sim.behaviours``, which both engines
run; an agent looks up the rows that are concerned. Subclasses may override any behaviour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa

from esc_sim.behaviours.forecast import covering_level, moving_average, smoothed
from esc_sim.behaviours.order import drawn_order, place_order
from esc_sim.behaviours.produce import produce
from esc_sim.behaviours.receive import receive
from esc_sim.behaviours.replenish import echelon_position, is_review, lifted, ordered_for, position
from esc_sim.behaviours.sell import sellable
from esc_sim.behaviours.serve import serve
from esc_sim.behaviours.settle import hold, hold_in_transit, owe_for_period
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
    from esc_sim.fields.item import Item


class SupplyAgent(Making, Farming, Trading, mesa.Agent):
    """A member of the network that may do everything: buy, make, sell, serve final demand.

    Attributes:
        node: index of the node.
        node_id, role: its names.
        items: its items.
        bought: the items that it buys.
        made, drawn: laws of what it produces, and of the orders that it draws.
        retailed: final customers of its items.
        money: its row of this period.

    Examples:
        >>> import esc_sim as esc
        >>> class Careful(esc.SupplyAgent):
        ...     def wants(self, item, planned: float) -> float:
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
        self.books, self.health, self.terms = model.books, model.health, model.books.terms
        self.switches = model.instance.switches
        self.items = [model.books.items[i] for i in model.items_of_node[node]]
        self.money = model.books.nodes[node]
        self.bought = [item for item in self.items if model.buys[item.index]]
        self.drawn = model.orders_of_node[node]
        self.early = model.early_of_node[node]
        live = model.instance.live
        self.charged = [item for item in self.items if live is None or item.index not in live.items]
        """Items whose stock costs by the period; that of others by the time that it lasts (``engine.agents.live``)."""
        self.transit_charged = [item for item in self.charged if item.in_transit_holding_cost]
        self.made = model.sources_of_node[node]
        self.retailed = [one for one in model.customers_of_node[node] if model.retails[one.item]]
        self.prepare_making()
        self.prepare_farming()

    @property
    def on_hand(self) -> float:
        """Units on hand, all products together."""
        return sum(item.stock for item in self.items)

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
        for item in self.bought:
            if item.dock > 0.0:
                self.take_in(item)

    def take_in(self, item: Item) -> None:
        """Take in what waits on an item's dock."""
        receive(self.terms, item, self.health.receive[self.node])

    def produce(self, draws: list[float]) -> None:
        """Make goods, up to the target stock."""
        for law in self.made:
            item, health = self.books.items[law.item], self.health.produce[self.node]
            self.books.sums.emissions += produce(self.terms, item, law, draws[law.column], health)

    def open_book(self) -> None:
        """Pay for storage and work out what can be sold."""
        limits, money = self.books.limits, self.money
        if self.terms.holding_cost_timing == STORAGE_AT_REVIEW:
            for item in self.charged:
                hold(item, money)
            for item in self.transit_charged:
                hold_in_transit(item, item, money)
        for item in self.items:
            limits[item.index] = sellable(item.stock, item.safety_stock, item.capacity)

    def order(self, draws: list[float]) -> None:
        """Plan what to buy of each product, as far as that is planned before demand is known."""
        terms, items, health = self.terms, self.books.items, self.health.order[self.node]
        for law in self.drawn:
            item = items[law.item]
            wanted = self.wants(item, drawn_order(terms, item, law, draws[law.column]))
            place_order(terms, item, item, self.money, wanted, health)
        for item in self.early:
            self.replenish(item)

    def wants(self, item: Item, planned: float) -> float:
        """Units that are ordered of an item whose policy plans so many; a subclass may want something else.

        Args:
            item: what is bought.
            planned: what its policy orders, before least sizes, lots and what a disruption leaves.
        """
        return planned

    def replenish(self, item: Item) -> None:
        """Plan an order by the item's policy; an order placed costs its fixed cost."""
        policy, wanted = self.books.policies[item.index], 0.0
        if is_review(self.model.period, policy.first_review, policy.review_every):
            wanted = self.wants(item, self.order_quantity(item))
            wanted = ordered_for(wanted, item.yield_factor, self.terms.offset)
        place_order(self.terms, item, item, self.money, wanted, self.health.order[self.node])

    def order_quantity(self, item: Item) -> float:
        """What the item's policy wants at its inventory position; of mean orders nobody asks it."""
        if item.index in self.model.planner_of:
            return self.model.planner_of[item.index].quantity(item.index)
        if item.index in self.model.policies:
            return self.model.ask_policy(item)
        policy, position = self.books.policies[item.index], self.position(item)
        if policy.way == FORECAST:
            return lifted(position, self.forecast_level(item))
        if policy.way == FIELDS:
            return lifted(position, self.wanted_by_fields(item))
        return RULES[policy.rule](position, self.books.parameters[item.index])

    def forecast_level(self, item: Item) -> float:
        """Order-up-to level of an item that forecasts; orders planned after demand have seen this period's."""
        books, policy, seen = self.books, self.books.policies[item.index], self.model.period
        if not self.early:
            self.observe(item)
            seen += 1
        forecast = item.forecast
        if policy.window > 0:
            forecast = moving_average(books.history, policy.history_start, policy.window, seen, policy.initial)
        return covering_level(forecast, policy.cover, policy.buffer, self.terms.offset)

    def observe(self, item: Item) -> None:
        """Take this period's demand into an item's forecast."""
        policy = self.books.policies[item.index]
        if policy.window > 0:
            self.books.history[policy.history_start + self.model.period % policy.window] = item.requested
        else:
            item.forecast = smoothed(item.forecast, item.requested, policy.weight)

    def position(self, item: Item) -> float:
        """Inventory position of an item, or of its echelon where its policy looks at that."""
        books = self.books
        if not books.echelons[item.index]:
            return position(self.terms, item, item)
        return echelon_position(self.terms, books.items, item, item.index, books.echelon_start, books.echelon_items)

    def serve(self, draws: list[float]) -> None:
        """Serve final demand from what can be sold; the rest is lost or owed."""
        terms, books, node = self.terms, self.books, self.node
        factor, health = self.health.demand[node], self.health.retail[node]
        for customers in self.retailed:
            item, draw = books.items[customers.item], draws[customers.column]
            serve(terms, item, item, customers, self.money, books.limits, draw, factor, health)
        for k in self.leaving:
            self.take_back(k)

    def settle(self) -> None:
        """Close the period's ledger."""
        if self.terms.holding_cost_timing != STORAGE_AT_REVIEW:
            for item in self.charged:
                hold(item, self.money)
            for item in self.transit_charged:
                hold_in_transit(item, item, self.money)
        if self.terms.owing != 0:
            for item in self.charged:
                owe_for_period(item, self.money)


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

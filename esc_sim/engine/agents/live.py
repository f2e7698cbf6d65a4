"""Agents that act at any time: customers arrive, orders are placed, answered and shipped in one instant.

At one instant goods arrive first, then customers, then disruptions begin and end, then periodic reviews are held, and
last those who review continuously look at their position; within each of these, items in their order. So nothing
depends on the order in which events were made.

Stock and what is owed cost by the time that they last, to the instant.
"""

from __future__ import annotations

import heapq
from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING

import simpy

from esc_sim.behaviours.accept import accepted_amount
from esc_sim.behaviours.order import drawn_amount
from esc_sim.behaviours.replenish import order_size, ordered_for
from esc_sim.behaviours.respond import bid_quantity, part_of_order
from esc_sim.behaviours.sell import reduced, reduced_cap, sellable
from esc_sim.behaviours.serve import served_demand
from esc_sim.engine.agents.clock import CUSTOMER, INSTANT_REVIEW, TAKE_IN, at
from esc_sim.engine.agents.customers import Draws, Stream
from esc_sim.engine.agents.owed import allotted
from esc_sim.instance.live import moved_by_reviews
from esc_sim.instance.model import NO_COLUMN

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel


class LiveAgents:
    """Plays all that happens between reviews, for the items that act at any time."""

    def __init__(self, model: SupplyChainModel) -> None:
        live = model.instance.live
        assert live is not None
        self.model, self.env, self.books = model, model.env, model.books
        self.switches = model.instance.switches
        self.items = live.items
        self.continuous = frozenset(live.continuous)
        self.watchers: dict[int, list[int]] = {}
        """Items under continuous review whose echelon holds an item."""
        for item in sorted(self.continuous):
            for member in self.books.echelons[item][1:]:
                self.watchers.setdefault(member, []).append(item)
        books = self.books
        bought = [(arc.buyer, arc.supplier) for arc in books.arcs]
        self._suppliers = {supplier for buyer, supplier in bought if buyer in self.items} - self.items
        """Suppliers that act at reviews only, but answer those at once who act at any time."""
        self.lines: dict[int, list[int]] = {}
        for line, item in enumerate(self.books.line_item):
            self.lines.setdefault(item, []).append(line)
        starts = self.books.supplier_start
        self.arcs_of = [[self.books.by_pos[p] for p in range(a, b)] for a, b in pairwise(starts)]
        self._moved_by_reviews = moved_by_reviews(model.instance, self.items)
        self.queue: dict[int, deque[float]] = {item: deque() for item in self.items}
        """What customers wait for, each for itself, in the order of their coming."""
        self._touched = dict.fromkeys(self.items, 0.0)
        self._taking: set[int] = set()
        self._pending: set[int] = set()
        self.carried: dict[int, float] = {}
        """What arcs have carried of orders of this period."""
        self._sent: list[float] = []
        """What each arc had carried since the start when the periodic review opened its markets."""
        self.came = 0
        """Customers who have come so far."""
        self._leads: dict[int, Draws] = {}
        self._streams = [Stream(customers, model) for customers in live.customers]
        self._coming = [(stream.due, number) for number, stream in enumerate(self._streams)]
        heapq.heapify(self._coming)
        self._expect()

    def _expect(self) -> None:
        if self._coming:
            at(self.env, self._coming[0][0], CUSTOMER, self._customers)

    def _refresh(self) -> None:
        """Health at this instant."""
        if self.model.hazards.at_work:
            self.model.hazards.refresh()

    def touch(self, item: int) -> None:
        """Charge stock, goods under way and what is owed for the time since they last changed."""
        since = self._touched.get(item)
        now = self.env.tick
        if since is None or since == now:
            return
        books, own, time = self.books, self.books.items[item], self.model.instance.clock.periods(now - since)
        node, customers = books.nodes[own.node], books.customers_of.get(item)
        node.storage += (own.holding_cost * own.stock + own.in_transit_holding_cost * own.in_transit) * time
        shortage = 0.0 if customers is None else customers.shortage_cost * own.backlog
        node.shortage_cost += (shortage + own.backorder_cost * own.owes) * time
        self._touched[item] = now

    def touch_all(self) -> None:
        """Charge all, as at the end of a period."""
        for item in sorted(self.items):
            self.touch(item)

    def open_market(self) -> None:
        """What was given away and carried at this instant already is not there for a periodic review any more."""
        books, markets = self.books, self.model.markets
        for item in self.items:
            books.limits[item] = min(books.limits[item], self.available(item))
        for item in markets.owed_limit.keys() & self.items:
            markets.owed_limit[item] = min(markets.owed_limit[item], self.available(item))
        if self.carried:
            cap = markets.open_cap
            markets.open_cap = [cap[arc] - self.carried.get(arc, 0.0) for arc in range(len(cap))]
            for arc in markets.owed_cap:
                markets.owed_cap[arc] -= self.carried.get(arc, 0.0)
        self._sent = books.arc_total.copy()

    def close_market(self, first: int) -> None:
        """After a periodic review, whose contracts begin at ``first``, everybody looks at what it left.

        Where reviews change nothing, nobody does: what happens then does not depend on the unit of time.
        """
        books = self.books
        for arc in set(books.contracts[first:]):
            self.carried[arc] = self.carried.get(arc, 0.0) + books.arc_total[arc] - self._sent[arc]
        if self._moved_by_reviews or self.env.tick == 0.0:
            self.wake()

    def wake(self) -> None:
        """Let everybody look at their position again, now."""
        for item in self.items:
            if self.books.items[item].dock > 0.0:
                self.arrived(item)
            self.review_soon(item)
        self._pending |= {item for item in self._suppliers if self.books.items[item].owes > 0.0}

    def review_soon(self, item: int) -> None:
        """Let an item, and those in whose echelon it is, look at their position at the end of this instant."""
        for one in (item, *self.watchers.get(item, ())):
            if one in self.items:
                if not self._pending:
                    at(self.env, self.env.tick, INSTANT_REVIEW, self._reviews)
                self._pending.add(one)

    def arrived(self, item: int) -> None:
        """Goods have come to an item's dock."""
        if item in self.items:
            if not self._taking:
                at(self.env, self.env.tick, TAKE_IN, self._take_in)
            self._taking.add(item)

    def _take_in(self, event: simpy.Event) -> None:
        self._refresh()
        items, self._taking = sorted(self._taking), set()
        for item in items:
            self.touch(item)
            self.model.seller_of[item].take_in(self.books.items[item])
            self._pay_debts(item)
            self.review_soon(item)
        self.model.transport.depart()

    def _customers(self, event: simpy.Event) -> None:
        """All customers who come at this instant, in the order of the scenario."""
        self._refresh()
        now = self.env.tick
        while self._coming and self._coming[0][0] == now:
            _, number = heapq.heappop(self._coming)
            stream = self._streams[number]
            size = stream.come()
            self.came += 1
            heapq.heappush(self._coming, (stream.due, number))
            self._serve(stream.item, size)
        self._expect()

    def _serve(self, item: int, size: float) -> None:
        """A customer takes what there is; the rest is waited for, or lost."""
        books, own, health = self.books, self.books.items[item], self.model.health
        customers, factor = books.customers_of[item], health.demand[own.node]
        if factor != 1.0:
            size = drawn_amount(0.0, factor, size, books.offset)
        if size <= 0.0:
            return
        self.touch(item)
        customers.demanded += size
        own.requested += size
        served = 0.0
        if not self.queue[item]:
            limit = reduced(self.available(item), health.retail[own.node], books.offset)
            served = served_demand(size, limit, self.switches.partial_demand)
        own.filled += served
        customers.met += served
        self._hand_over(item, served)
        if served < size:
            if self.switches.backorder:
                self.queue[item].append(size - served)
                own.backlog += size - served
            else:
                books.nodes[own.node].shortage_cost += customers.shortage_cost * (size - served)
        self.review_soon(item)

    def _hand_over(self, item: int, amount: float) -> None:
        books, own = self.books, self.books.items[item]
        own.stock -= amount
        own.served += amount
        books.nodes[own.node].retail_income += books.customers_of[item].retail_price * amount

    def available(self, item: int) -> float:
        """What an item can give away now: stock above the safety stock, within what its capacity leaves."""
        own = self.books.items[item]
        stock = own.stock - (own.contracted - own.shipped)
        left = own.capacity - (own.served + own.contracted)
        return max(0.0, min(sellable(stock, own.safety_stock, own.capacity), left))

    def _pay_debts(self, item: int) -> None:
        """Customers who wait are served in the order of their coming, then buyers in that of allocation."""
        books, health = self.books, self.model.health
        node, queue = books.items[item].node, self.queue.get(item)
        while queue:
            limit = reduced(self.available(item), health.retail[node], books.offset)
            served = served_demand(queue[0], limit, self.switches.partial_demand)
            if served <= 0.0:
                break
            books.items[item].backlog -= served
            self._hand_over(item, served)
            queue[0] -= served
            if queue[0] > 0.0:
                break
            queue.popleft()
        if books.items[item].owes <= 0.0:
            return
        owed = [arc for arc in self.arcs_of[item] if books.owed[arc] > 0.0]
        given, _ = allotted(
            books.owed_by_age(owed),
            {arc: self._room(arc) for arc in owed},
            reduced(self.available(item), health.ship[node], books.offset),
            rule=self.switches.allocation,
            classes=books.customer_class,
            partial=self.switches.partial,
            offset=books.offset,
            lanes=self.model.markets.lanes,
        )
        for arc, promised in given.items():
            amount = reduced(promised, health.arc[arc], books.offset)
            if amount > 0.0:
                books.settle_owed(item, arc, books.arcs[arc].buyer, amount)
                self._ship(arc, amount)

    def _kept(self, item: int) -> float:
        """What an item owes and its arcs can carry now: older than any new order, and served before."""
        books, arcs = self.books, self.arcs_of[item] if self.books.items[item].owes > 0.0 else []
        return sum((min(books.owed[arc], self._room(arc)) for arc in arcs if books.owed[arc] > 0.0), 0.0)

    def _room(self, arc: int) -> float:
        """What can still be contracted on an arc in this period; nothing while it is closed.

        Of what is contracted the share leaves that the arc's health says; this share fits its cap and lane, which
        health lowers alike.
        """
        health, books, lanes = self.model.health.arc, self.books, self.model.markets.lanes
        if health[arc] <= 0.0:
            return 0.0
        room = (reduced_cap(books.cap[arc], health[arc], books.offset) - self.carried.get(arc, 0.0)) / health[arc]
        if lanes is None:
            return room
        lanes.refresh(health.__getitem__, self.carried, leaving=health)
        return lanes.carried(arc, room)

    def _deal(self, arc: int, quantity: float) -> float:
        """What the supplier of an arc gives of a quantity that is asked for, at once."""
        books, health, item = self.books, self.model.health, self.books.arcs[arc].supplier
        limit = reduced(self.available(item), health.ship[books.items[item].node], books.offset)
        limit = max(limit - self._kept(item), 0.0)
        asked = bid_quantity(quantity, self._room(arc))
        return reduced(accepted_amount(asked, limit, self.switches.partial), health.arc[arc], books.offset)

    def _ship(self, arc: int, amount: float) -> None:
        """Goods leave at once."""
        books = self.books
        item, buyer, column = books.arcs[arc].supplier, books.arcs[arc].buyer, books.lead_column[arc]
        self.touch(item)
        self.touch(buyer)
        books.contracts.append(arc)
        books.contracted.append(amount)
        books.items[item].contracted += amount
        self.carried[arc] = self.carried.get(arc, 0.0) + amount
        lead = None
        if column != NO_COLUMN:
            draws = self._leads.get(arc)
            if draws is None:
                columns = self.model.instance.columns
                law = columns.laws[column]
                assert law is not None
                draws = Draws(f"shipment/{columns.names[column]}", law, self.model.tape_seed, self.model.replication)
                self._leads[arc] = draws
            lead = self.model.instance.clock.of(draws.next())
        self.model.seller_of[item].sell(arc, amount, lead)
        self.review_soon(item)

    def _reviews(self, event: simpy.Event) -> None:
        """Everybody who has a reason looks at debts and position, until nobody has."""
        self._refresh()
        while self._pending:
            item = min(self._pending)
            self._pending.remove(item)
            self.touch(item)
            self._pay_debts(item)
            if item in self.continuous:
                self._order(item)
        self.model.transport.depart()

    def _order(self, item: int) -> None:
        """Order what the policy wants; suppliers answer, and what they have leaves, at once."""
        model, books, own = self.model, self.books, self.books.items[item]
        agent = model.seller_of[item]
        wanted = ordered_for(agent.wants(own, agent.order_quantity(own)), own.yield_factor, books.offset)
        wanted = order_size(wanted, own.minimum, own.order_multiple)
        wanted = reduced(wanted, model.health.order[own.node], books.offset)
        if wanted <= 0.0:
            return
        own.ordered += wanted
        books.nodes[own.node].fixed_cost += own.fixed_cost
        for line in self.lines[item]:
            wanted = self._split(line, wanted) if line in model.markets.split_lines else self._ask(line, wanted)
        if wanted > 0.0:
            self._owe(books.line_start[self.lines[item][0]], wanted)

    def _ask(self, line: int, wanted: float) -> float:
        """Ask the suppliers of a line one after the other; returns what none of them has."""
        for arc in range(self.books.line_start[line], self.books.line_start[line + 1]):
            if wanted <= 0.0:
                break
            wanted -= self._sold(arc, wanted)
        return wanted

    def _split(self, line: int, wanted: float) -> float:
        """Ask every supplier of a line for its part; each owes, or loses, what it does not have of it."""
        left, last = wanted, self.model.markets.split_lines[line]
        for arc in range(self.books.line_start[line], last + 1):
            part = part_of_order(wanted, self.books.share[arc], left, arc == last, self.books.offset)
            left -= part
            missing = part - self._sold(arc, part)
            if missing > 0.0:
                self._owe(arc, missing)
        return 0.0

    def _sold(self, arc: int, quantity: float) -> float:
        """What the supplier of an arc sells of an order, and ships at once."""
        books, item = self.books, self.books.arcs[arc].supplier
        if quantity <= 0.0:
            return 0.0
        if books.items[item].owes + books.items[item].backlog > 0.0:
            self.touch(item)
            self._pay_debts(item)
        if not self.switches.partial and self._kept(item) + books.items[item].backlog > 0.0:
            return 0.0
        amount = self._deal(arc, quantity)
        if amount > 0.0:
            books.items[item].requested += amount
            books.items[item].filled += amount
            self._ship(arc, amount)
        return amount

    def _owe(self, arc: int, amount: float) -> None:
        """What nobody had counts as asked of a supplier, which may owe it."""
        books = self.books
        item = books.arcs[arc].supplier
        self.touch(item)
        books.items[item].requested += amount
        if self.switches.owing:
            books.owe(item, arc, books.arcs[arc].buyer, amount, self.env.now)
        self.review_soon(item)

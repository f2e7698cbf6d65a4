"""Markets of a review: what a disruption leaves to be sold, rounds of bids and answers, shipment."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from esc_sim.allocations.registry import IN_TURN
from esc_sim.behaviours.respond import next_supplier, part_of_order
from esc_sim.behaviours.sell import announced_limit, reduced_cap
from esc_sim.engine.agents.lanes import Lanes
from esc_sim.engine.agents.owed import divided

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel


class Markets:
    """Brings buyers and suppliers together, market by market, and has what they contract shipped.

    Attributes:
        wanted: by line, the item that is bought on it.
        pointer: by line, the next arc whose supplier its buyer asks.
        open_cap: by arc, the most that can be contracted on it in this period.
        owed_limit, owed_cap: what items have, and arcs carry, for orders that are owed, where it is more than buyers
            know of.
        split_lines: lines whose orders are split by shares or by a rolling plan, and the last arc of each that has one.
        lanes: what arcs can carry together; None where no lane can be full.
        in_turn: whether suppliers answer bids one after the other, each with all that is left.
        is_plain: whether nothing but that, what buyers want and arcs carry decides what a bid asks for.
    """

    def __init__(self, model: SupplyChainModel) -> None:
        self.model = model
        self.books = books = model.books
        self.switches = model.instance.switches
        self.in_turn = self.switches.allocation == IN_TURN
        self.seller_of = model.seller_of
        self.buyer_on_line = [model.members[books.items[i].node] for i in books.line_item]
        self.wanted = [books.items[i] for i in books.line_item]
        self.pointer: list[int] = []
        self.open_cap = books.cap
        self.supplier, self.limits, self.line_end = books.supplier, books.limits, books.line_start[1:]
        self.lanes = None if model.instance.lanes is None else Lanes(books)
        self.owed_limit: dict[int, float] = {}
        self.owed_cap: dict[int, float] = {}
        starts = model.instance.lines.market_start.tolist()
        orders = model.instance.orders
        late = orders.late_items.tolist()
        self.lines = [
            (list(range(*of_lines)), late[slice(*of_items)])
            for of_lines, of_items in zip(pairwise(starts), pairwise(orders.late_start.tolist()), strict=True)
        ]
        """Lines of each market, and the items that order when it opens."""
        self.split_lines: dict[int, int] = {}
        for line, (first, end) in enumerate(pairwise(books.line_start)):
            is_planned = books.line_item[line] in model.planner_of
            with_share = [arc for arc in range(first, end) if is_planned or books.share[arc] > 0.0]
            if with_share:
                self.split_lines[line] = with_share[-1]
        self.is_plain = self.in_turn and self.lanes is None and not self.split_lines and not self.switches.owing

    def hold(self, troubled: set[int], first: int) -> None:
        """Hold all markets one after the other, then ship what was contracted, from contract ``first`` on.

        Args:
            troubled: items that a disruption their buyers do not know of keeps from being shipped in full.
            first: number of contracts of the period that are shipped already.
        """
        model = self.model
        self._announce()
        if model.live is not None:
            model.live.open_market()
        if self.lanes is not None:
            self.lanes.refresh(model.hazards.known.arc, {} if model.live is None else model.live.carried)
            self.open_cap = self.lanes.open(self.open_cap)
        if self.switches.owing:
            self._keep_owed()
        self.pointer = self.books.line_start.copy()
        for lines, late in self.lines:
            for item in late:
                self.seller_of[item].replenish(self.books.items[item])
            if self.switches.owing:
                self._promise_owed(lines, troubled)
            self._negotiate(lines)
            if model.tallies:
                self._close_market(lines)
        self._ship(troubled, first)
        self.open_cap = self.books.cap

    def _announce(self) -> None:
        """A disruption that buyers know of lowers what its node offers and what its arcs carry."""
        books, known, health = self.books, self.model.hazards.known, self.model.health
        self.owed_limit.clear()
        self.owed_cap.clear()
        if known.arcs:
            self.open_cap = books.cap.copy()
            for arc, level in known.arcs.items():
                self.open_cap[arc] = reduced_cap(books.cap[arc], level, books.offset)
                if level < health.arc[arc]:
                    self.owed_cap[arc] = reduced_cap(books.cap[arc], health.arc[arc], books.offset)
        for node, level in known.nodes.items():
            for item in self.model.items_of_node[node]:
                limit, capacity, served = books.limits[item], books.items[item].capacity, books.items[item].served
                books.limits[item] = announced_limit(limit, capacity, level, served, books.offset)
                if level < health.ship[node]:
                    most = announced_limit(limit, capacity, health.ship[node], served, books.offset)
                    self.owed_limit[item] = most

    def _negotiate(self, lines: list[int]) -> None:
        """One market: rounds of bids and answers until no buyer can go on."""
        agents, wanted = self.buyer_on_line, self.wanted
        waiting = self.begin(lines)
        while waiting:
            asking = []
            for line in waiting:
                if wanted[line].residual > 0.0 and agents[line].respond(line):
                    asking.append(line)
            if self.books.asked:
                self._answer()
            waiting = asking

    def begin(self, lines: list[int]) -> list[int]:
        """Orders that are split by shares are answered first; returns the lines that ask one supplier at a time."""
        if not self.split_lines:
            return lines
        self._split(line for line in lines if line in self.split_lines and self.wanted[line].residual > 0.0)
        self._answer()
        return [line for line in lines if line not in self.split_lines]

    def next_arc(self, line: int) -> int:
        """The arc to the next supplier of a line that can sell; -1 when there is none."""
        end = self.line_end[line]
        arc = next_supplier(self.pointer[line], end, self.supplier, self.limits, self.open_cap)
        self.pointer[line] = arc + 1
        return arc if arc < end else self._next_link(line, arc - end)

    def _next_link(self, line: int, first: int) -> int:
        """The same over the new links of a line, from the first untried one on."""
        links = self.model.links.of_line.get(line, ())
        for number in range(first, len(links)):
            arc = links[number]
            if self.books.limits[self.books.arcs[arc].supplier] > 0.0 and self.open_cap[arc] > 0.0:
                self.pointer[line] = self.books.line_start[line + 1] + number + 1
                return arc
        self.pointer[line] = self.books.line_start[line + 1] + len(links)
        return -1

    def bid_order(self, arc: int) -> Any:
        """Sorts the bids of a supplier, the one first that it answers first."""
        return self.books.pos[arc]

    def bid_on(self, arc: int, most: float) -> float:
        """What the buyer of an arc asks for of the most that it could: all of it."""
        return most

    def divided(self, asked: list[tuple[int, float]], limit: float) -> list[float]:
        """What the rule of allocation gives to each of the bids of a round.

        Args:
            asked: (arc, units), the highest bid first.
            limit: what there is, units.
        """
        return divided(asked, limit, self.switches.allocation, self.books.customer_class, self.books.offset)

    def take(self, arc: int, amount: float) -> None:
        """So much was contracted on an arc: its lane, and what its supplier is still asked for, have so much less."""
        if arc in self.books.parts:
            self.books.parts[arc] -= amount
        if self.lanes is not None:
            self.lanes.take(arc, amount)

    def _answer(self) -> None:
        """Suppliers that were asked in this round answer."""
        asked, watch, sellers, items = self.books.asked, self.model.watch, self.seller_of, self.books.items
        asked.sort()
        for supplier in asked:
            if watch is None:
                sellers[supplier].choose(items[supplier])
            else:
                watch.choose(self.model, supplier)
        asked.clear()

    def _split(self, lines: Iterable[int]) -> None:
        """Orders split by shares, or by a rolling plan: each supplier is asked for its part, all in one round."""
        books = self.books
        books.parts.clear()
        for line in lines:
            order = left = books.items[books.line_item[line]].residual
            first, last = books.line_start[line], self.split_lines[line]
            planner = self.model.planner_of.get(books.line_item[line])
            for arc in range(first, last + 1):
                if planner is None:
                    part = part_of_order(order, books.share[arc], left, arc == last, books.offset)
                else:
                    part = planner.part(arc, left)
                books.parts[arc] = part
                left -= part
                supplier = books.arcs[arc].supplier
                if part > 0.0 and books.limits[supplier] > 0.0 and self.open_cap[arc] > 0.0:
                    if not books.inbox[supplier]:
                        books.asked.append(supplier)
                    books.inbox[supplier].append(arc)

    def _keep_owed(self) -> None:
        """Suppliers keep goods for what they owe, over all their markets, before any of these takes new orders."""
        books = self.books
        books.served_owed.clear()
        owed = [arc for arc in books.by_pos if books.owed[arc] > 0.0]
        for item, arcs in groupby(owed, key=books.supplier.__getitem__):
            self.seller_of[item].keep_owed(books.items[item], list(arcs))

    def _promise_owed(self, lines: list[int], troubled: set[int]) -> None:
        """Suppliers of a market first promise what they have kept for orders they owe, in the order of bids.

        What a supplier may be unable to ship stays in the queue, with its age, until it leaves.
        """
        books = self.books
        arcs = [arc for line in lines for arc in range(books.line_start[line], books.line_start[line + 1])]
        arcs += [arc for line in lines for arc in self.model.links.of_line.get(line, ())]
        for arc in sorted((arc for arc in arcs if arc in books.served_owed), key=books.pos.__getitem__):
            item, buyer, amount = books.arcs[arc].supplier, books.arcs[arc].buyer, books.served_owed[arc]
            if item in troubled:
                books.count_owed(item, arc, buyer, -amount)
            else:
                books.settle_owed(item, arc, buyer, amount)
            books.contracts.append(arc)
            books.contracted.append(amount)
            books.items[item].contracted += amount

    def _close_market(self, lines: list[int]) -> None:
        """What no supplier accepted counts as asked of the first supplier of its line, which may owe it.

        Where an order is split by shares, each supplier was asked for its part.
        """
        books = self.books
        for line in lines:
            item = books.line_item[line]
            if books.items[item].residual > 0.0:
                first = books.line_start[line]
                last = self.split_lines.get(line, first)
                for arc in range(first, last + 1):
                    amount = books.parts[arc] if line in self.split_lines else books.items[item].residual
                    books.items[books.arcs[arc].supplier].requested += amount
                    if self.switches.owing:
                        books.owe(books.arcs[arc].supplier, arc, item, amount, self.model.period)
                if self.switches.owing:
                    books.items[item].residual = 0.0

    def _ship(self, troubled: set[int], first: int) -> None:
        """Ship what was contracted, from contract ``first`` on: suppliers that nothing hinders, then the others."""
        books, supplier, sellers = self.books, self.books.supplier, self.seller_of
        contracts, contracted = books.contracts[first:], books.contracted[first:]
        if not troubled:
            for arc, amount in zip(contracts, contracted, strict=True):
                sellers[supplier[arc]].sell(arc, amount)
        else:
            short: dict[int, dict[int, float]] = {item: {} for item in sorted(troubled)}
            for arc, amount in zip(contracts, contracted, strict=True):
                item = supplier[arc]
                if item not in short:
                    sellers[item].sell(arc, amount)
                else:
                    short[item][arc] = short[item].get(arc, 0.0) + amount
            for item, promised in short.items():
                in_order = [(arc, promised[arc]) for arc in sorted(promised, key=self.bid_order)]
                sellers[item].sell_short(books.items[item], in_order)
        self.model.transport.depart()

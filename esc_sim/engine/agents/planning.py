"""Rolling plans at work: what a plan is told of the network, when it is made anew, and what its nodes then order."""

from __future__ import annotations

from collections import defaultdict
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from esc_sim.engine.agents.transport import Transport
from esc_sim.instance.model import FloatArray
from esc_sim.instance.rolling import SHOWN, PlanScope
from esc_sim.rolling.forecasts import Forecasts
from esc_sim.rolling.known import OUTSIDE, known_of
from esc_sim.rolling.program import PlanProgram, Situation
from esc_sim.rules.grid import to_grid
from esc_sim.rules.produce import stock_gained
from esc_sim.rules.sell import announced_limit, reduced_cap

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel


class Planner:
    """Makes one rolling plan anew when it is time to, and says what its nodes order until then.

    Attributes:
        parts: units that are ordered on each arc in the period that was planned last.
    """

    def __init__(self, model: SupplyChainModel, scope: PlanScope) -> None:
        instance = model.instance
        self.model, self.scope, self.plan = model, scope, scope.plan
        self.known = known = known_of(instance, scope)
        self._items = scope.items.tolist()
        self._arcs = scope.arcs.tolist()
        self._inside = (known.supplier != OUTSIDE).tolist()
        self._customers = scope.items[known.customers].tolist()
        lanes = instance.lanes
        self._lane_count = 0 if lanes is None else len(lanes.names)
        of_arc = np.full(len(self._arcs), 0) if lanes is None else lanes.of_arc[instance.lines.arc_order[scope.arcs]]
        self.program = PlanProgram(known, self.plan.paths or 1, of_arc.astype(np.int64), self._lane_count)
        self.forecasts = Forecasts(
            self.plan,
            instance,
            scope.items[known.customers],
            scope.items[known.sources],
            model.tape_seed,
            model.replication,
        )
        self.parts: dict[int, float] = {}
        self._due: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        self._orders, self._promised = np.empty((0, 0)), 0.0
        self._made = self._period = -1
        self._place = [number.name for number in instance.observed].index(f"{SHOWN[0]}/{self.plan.name}")

    def quantity(self, item: int) -> float:
        """Units of stock that an item's orders of this period bring."""
        self._follow()
        numbers = self.model.numbers
        ordered = sum(amount for arc, amount in self.parts.items() if numbers.buyer[arc] == item)
        return stock_gained(ordered, numbers.yield_factor[item], numbers.offset)

    def _follow(self) -> None:
        """Once a period: what is ordered on each arc, by the plan in force or by a new one."""
        period, books = self.model.period, self.model.books
        if period == self._period:
            return
        self._period = period
        if not self.known.early:
            self.forecasts.see([books.demanded[i] for i in self._customers])
        if self._made < 0 or period - self._made >= self.plan.every:
            self._make()
        flows, is_new = self._orders[:, period - self._made].tolist(), period == self._made
        self.parts = {}
        for k, arc in enumerate(self._arcs):
            # What a member of the plan owes another one leaves before anything new.
            flow = flows[k] if is_new or not self._inside[k] else flows[k] - books.owed[arc]
            if flow > 0.0:
                self.parts[arc] = to_grid(flow, self.model.numbers.offset)

    def _make(self) -> None:
        """Make the plan anew."""
        committed = self._committed()
        rest = self._owed_from_outside(committed)
        decided = self.program.solve(self._situation(committed, rest))
        self._made, self._orders = self.model.period, decided.orders
        self._promised = decided.profit + self._booked() - float(self.known.landed @ (committed + rest))

    def _booked(self) -> float:
        """Profit of the plan's nodes that is in this period's books."""
        books = self.model.books
        nodes = self.scope.nodes.tolist()
        return sum(books.retail_income[n] + books.internal_income[n] - books.cost_of(n) for n in nodes)

    def _committed(self) -> FloatArray:
        """float64[A] units that leave in this period whatever is ordered: kept for what is owed, or contracted."""
        books, numbers = self.model.books, self.model.numbers
        found: dict[int, float] = defaultdict(float)
        if self.known.early:
            for k, arc in enumerate(self._arcs):
                owes = books.owes[numbers.supplier[arc]] if self._inside[k] else 0.0
                kept = min(1.0, books.limit[numbers.supplier[arc]] / owes) if owes > 0.0 else 1.0
                found[arc] = kept * books.owed[arc]
        else:
            for arc, amount in zip(books.contracts, books.contracted, strict=True):
                found[arc] += amount
            for arc in books.served_owed.keys() - set(books.contracts):
                found[arc] += books.served_owed[arc]
        return np.array([found[arc] for arc in self._arcs])

    def _owed_from_outside(self, committed: FloatArray) -> FloatArray:
        """float64[A] units that suppliers outside the plan owe and do not send now: taken to leave a period later."""
        books = self.model.books
        owed = np.array([0.0 if inside else books.owed[a] for a, inside in zip(self._arcs, self._inside, strict=True)])
        return np.maximum(owed - committed * self.known.early, 0.0)

    def _situation(self, committed: FloatArray, rest: FloatArray) -> Situation:
        model, known, books, numbers = self.model, self.known, self.model.books, self.model.numbers
        horizon, levels, inside = known.horizon, model.hazards.known.nodes, known.supplier != OUTSIDE
        period, offset = model.period, numbers.offset
        stock = np.array([books.stock[i] for i in self._items])
        limit = np.array([books.limit[i] for i in self._items])
        leaving = np.zeros(len(stock))
        np.add.at(leaving, known.supplier[inside], committed[inside])
        capacity = known.capacity.copy()
        for place, item in enumerate(self._items):
            level = levels.get(numbers.item_node[item], 1.0)
            if level < 1.0:
                capacity[place] = (
                    reduced_cap(capacity[place], level, offset) if np.isfinite(capacity[place]) else np.inf
                )
                if known.early:
                    limit[place] = announced_limit(limit[place], numbers.capacity[item], level, 0.0, offset)
        demand, production = self.forecasts.of(period, horizon)
        if not known.early:
            demand[:, :, 0] = 0.0
        production[:, :, 0] = 0.0
        health = [model.health.produce[numbers.item_node[self._items[k]]] for k in known.sources.tolist()]
        left = model.instance.periods - period if self.plan.until_end else horizon + 1
        return Situation(
            stock=stock - leaving,
            limit=np.maximum(limit - leaving if known.early else limit, 0.0),
            backlog=np.array([books.backlog[i] for i in self._customers]),
            arrivals=self._arrivals(committed, rest),
            demand=demand,
            production=production * np.array(health)[:, None],
            most=self._most(committed),
            capacity=capacity,
            lanes=self._lane_room(),
            ends=max(1, min(left, horizon)),
            is_end=left <= horizon,
        )

    def _arrivals(self, committed: FloatArray, rest: FloatArray) -> FloatArray:
        """float64[n, H + 1] units that come in, by period from now on; the last column: later."""
        known, books, period, horizon = self.known, self.model.books, self.model.period, self.known.horizon
        found = np.zeros((len(self._items), horizon + 1))
        place = {item: k for k, item in enumerate(self._items)}
        for due in [due for due in self._due if due <= period]:
            del self._due[due]
        for due, parcel in self._due.items():
            for item, amount in parcel.items():
                found[place[item], min(due - period, horizon)] += amount
        found[:, 1] += [books.in_transit[i] for i in self._items] - found.sum(axis=1)  # what is late comes in next
        np.add.at(found, (known.buyer, np.minimum(known.lag, horizon)), committed)
        np.add.at(found, (known.buyer, np.minimum(known.lag + 1, horizon)), rest)
        return np.maximum(found, 0.0)

    def _most(self, committed: FloatArray) -> FloatArray:
        """float64[A, H] units that can leave on each arc, as far as buyers know; what is out is taken to stay so."""
        numbers, known, markets = self.model.numbers, self.model.hazards.known, self.model.markets
        most = np.empty((len(self._arcs), self.known.horizon))
        for k, arc in enumerate(self._arcs):
            is_out = known.node(numbers.supplier_node[arc]) <= 0.0
            most[k] = 0.0 if is_out else reduced_cap(numbers.cap[arc], known.arc(arc), numbers.offset)
            now = most[k, 0] if self.known.early else min(most[k, 0], markets.open_cap[arc])
            most[k, 0] = max(now - committed[k], 0.0)
        return most

    def _lane_room(self) -> FloatArray:
        """float64[K, H] units that lanes carry."""
        numbers, known, lanes = self.model.numbers, self.model.hazards.known, self.model.markets.lanes
        room = np.empty((self._lane_count, self.known.horizon))
        for lane in range(self._lane_count):
            level = max(map(known.arc, numbers.lane_arcs[lane]), default=0.0)
            room[lane] = reduced_cap(numbers.lane_capacity[lane], level, numbers.offset)
            if lanes is not None and not self.known.early:
                room[lane, 0] = max(lanes.room[lane], 0.0)
        return room

    def announce(self, arc: int, amount: float, due: float) -> None:
        """Goods have left on an arc.

        Args:
            arc: arc, in the order of lines.
            amount: units.
            due: tick at which they arrive, or minus that at which they are lost, which nobody knows yet.
        """
        if self.model.numbers.buyer[arc] in self.model.planner_of:
            self._due[ceil(abs(due) / self.model.instance.clock.ticks)][self.model.numbers.buyer[arc]] += amount

    def close_period(self) -> None:
        """Show what the plan in force promised over its horizon, and what its nodes earned in this period."""
        books = self.model.books
        self._follow()
        if self.known.early:
            self.forecasts.see([books.demanded[i] for i in self._customers])
        books.observed[self._place : self._place + len(SHOWN)] = [self._promised, self._booked()]


class AnnouncedTransport(Transport):
    """Transport that tells planners what is sent, and when it will arrive."""

    def send(self, arc: int, amount: float, lead: float | None = None) -> float:
        """Take goods onto an arc now.

        Args:
            arc: arc, in the order of lines.
            amount: units.
            lead: lead time drawn for them, in ticks; by default that of this period.
        """
        due = super().send(arc, amount, lead)
        planner = self.model.planner_of.get(self.numbers.buyer[arc])
        if planner is not None:
            planner.announce(arc, amount, due)
        return due


def announced_transport(kind: type[Transport]) -> type[Transport]:
    """The class of transport that works like ``kind`` and tells planners what it carries."""
    return type(kind.__name__, (AnnouncedTransport, kind), {})

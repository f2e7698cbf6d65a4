"""Rolling plans at work: what a plan is told of the network, when it is made anew, and what its nodes then order."""

from __future__ import annotations

from collections import defaultdict
from math import ceil, inf
from typing import TYPE_CHECKING

import numpy as np

from esc_sim.behaviours.grid import to_grid
from esc_sim.behaviours.receive import stock_gained
from esc_sim.behaviours.respond import bid_quantity
from esc_sim.behaviours.sell import announced_limit, reduced_cap
from esc_sim.behaviours.settle import cost_of
from esc_sim.engine.agents.transport import Transport
from esc_sim.instance.model import FloatArray
from esc_sim.instance.rolling import PlanScope
from esc_sim.results.rolling import PROMISED
from esc_sim.rolling.forecasts import Forecasts
from esc_sim.rolling.known import OUTSIDE, known_of
from esc_sim.rolling.program import PlanProgram, Situation

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
        self._inside: list[bool] = (known.supplier != OUTSIDE).tolist()
        customers, arcs = known.customers, instance.lines.arc_order
        buyers = scope.items[customers.item].tolist()
        self._final, self._sold_on = buyers[: customers.final], buyers[customers.final :]
        self._outside = scope.outside.tolist()
        market = instance.network.arc_market[arcs]
        later = [arc for arc in self._outside if market[arc] >= market[scope.arcs].min()]
        asking = {int(instance.lines.supplier[arc]) for arc in later}
        serves = [known.early] * len(self._final) + [known.early or item in asking for item in self._sold_on]
        self._serves = np.array(serves, np.bool_)
        lanes = instance.lanes
        self._lane_count = 0 if lanes is None else len(lanes.names)
        of_arc = np.zeros(len(self._arcs)) if lanes is None else lanes.of_arc[arcs[scope.arcs]]
        self.program = PlanProgram(known, self.plan.paths or 1, of_arc.astype(np.int64), self._lane_count)
        self.forecasts = Forecasts(scope, known, instance, model.tape_seed, model.replication)
        self.recipes = {q: k for k, q in enumerate(known.recipes.number.tolist())}
        """Recipes that run as planned, by number, and their places in the plan."""
        self.parts: dict[int, float] = {}
        self._due: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        self._orders, self._runs, self._promised = np.empty((0, 0)), np.empty((0, 0)), 0.0
        self._made = self._period = -1
        self._place = [number.name for number in instance.observed].index(f"{PROMISED}/{self.plan.name}")

    def quantity(self, item: int) -> float:
        """Units of stock that an item's orders of this period bring."""
        self._follow()
        books = self.model.books
        ordered = sum(amount for arc, amount in self.parts.items() if books.arcs[arc].buyer == item)
        return stock_gained(ordered, books.items[item].yield_factor, books.offset)

    def part(self, arc: int, left: float) -> float:
        """Units that are asked for on an arc, of those that are left of the order."""
        return bid_quantity(self.parts.get(arc, 0.0), left)

    def runs(self, recipe: int) -> float:
        """Most runs of a recipe in this period: what the plan in force says; any number where none is."""
        ahead = self.model.period - self._made
        return inf if self._made < 0 or ahead >= self._runs.shape[1] else float(self._runs[self.recipes[recipe], ahead])

    def _follow(self) -> None:
        """Once a period: what is ordered on each arc, by the plan in force or by a new one."""
        period, books = self.model.period, self.model.books
        if period == self._period:
            return
        self._period = period
        if not self.known.early:
            self.forecasts.see_demand([books.demanded(i) for i in self._final])
        if self._made < 0 or period - self._made >= self.plan.every:
            self._make()
        flows, is_new = self._orders[:, period - self._made].tolist(), period == self._made
        self.parts = {}
        for k, arc in enumerate(self._arcs):
            # What a member of the plan owes another one leaves before anything new.
            flow = flows[k] if is_new or not self._inside[k] else flows[k] - books.owed[arc]
            if flow > 0.0:
                self.parts[arc] = to_grid(flow, self.model.books.offset)

    def _make(self) -> None:
        """Make the plan anew."""
        committed = self._committed()
        arcs, outside = committed[: len(self._arcs)], committed[len(self._arcs) :]
        rest = self._owed_from_outside(arcs)
        decided = self.program.solve(self._situation(arcs, outside, rest))
        self._made, self._orders, self._runs = self.model.period, decided.orders, decided.runs
        income = sum(
            self.model.books.arcs[arc].price * units for arc, units in zip(self._outside, outside, strict=True)
        )
        self._promised = decided.profit + self._booked() + income - float(self.known.landed @ (arcs + rest))

    def _booked(self) -> float:
        """Profit of the plan's nodes that is in this period's books."""
        books, nodes = self.model.books, [self.model.books.nodes[node] for node in self.scope.nodes.tolist()]
        return sum(node.retail_income + node.internal_income - cost_of(books.terms, node, node) for node in nodes)

    def _committed(self) -> FloatArray:
        """Units that leave in this period whatever is ordered, kept for what is owed or contracted: of each arc."""
        books, arcs = self.model.books, [*self._arcs, *self._outside]
        found: dict[int, float] = defaultdict(float)
        if self.known.early:
            inside = self._inside + [True] * len(self._outside)
            for arc, is_inside in zip(arcs, inside, strict=True):
                owes = books.items[books.arcs[arc].supplier].owes if is_inside else 0.0
                kept = min(1.0, books.limits[books.arcs[arc].supplier] / owes) if owes > 0.0 else 1.0
                found[arc] = kept * books.owed[arc]
        else:
            for arc, amount in zip(books.contracts, books.contracted, strict=True):
                found[arc] += amount
            for arc in books.served_owed.keys() - set(books.contracts):
                found[arc] += books.served_owed[arc]
        return np.array([found[arc] for arc in arcs])

    def _owed_from_outside(self, committed: FloatArray) -> FloatArray:
        """float64[A] units that suppliers outside the plan owe and do not send now: taken to leave a period later."""
        books = self.model.books
        owed = np.array([0.0 if inside else books.owed[a] for a, inside in zip(self._arcs, self._inside, strict=True)])
        return np.maximum(owed - committed * self.known.early, 0.0)

    def _situation(self, committed: FloatArray, outside: FloatArray, rest: FloatArray) -> Situation:
        model, known, books = self.model, self.known, self.model.books
        horizon, inside, period, offset = known.horizon, known.inside, model.period, books.offset
        limit, capacity = self._limits()
        leaving = np.zeros(len(limit))
        np.add.at(leaving, known.supplier[inside], committed[inside])
        place = {item: k for k, item in enumerate(self._items)}
        np.add.at(leaving, [place[books.arcs[arc].supplier] for arc in self._outside], outside)
        demand, production = self.forecasts.of(period, horizon)
        demand[:, ~self._serves, 0] = 0.0
        production[:, :, 0] = 0.0
        health = [model.health.produce[books.items[self._items[k]].node] for k in known.sources.tolist()]
        left = model.instance.periods - period if self.plan.until_end else horizon + 1
        recipes = [books.making.recipes[q] for q in self.recipes]
        return Situation(
            stock=np.array([books.items[i].stock for i in self._items]) - leaving,
            limit=np.maximum(limit - leaving if known.early else limit, 0.0),
            backlog=np.array([*(books.items[i].backlog for i in self._final), *self._owed_outside(outside)]),
            arrivals=self._arrivals(committed, rest),
            maturing=self._maturing(),
            demand=demand,
            serves=self._serves,
            production=production * np.array(health)[:, None],
            most=self._most(committed),
            runs=np.array([reduced_cap(one.capacity, model.health.produce[one.node], offset) for one in recipes],
                          np.float64),
            capacity=capacity,
            lanes=self._lane_room(),
            ends=max(1, min(left, horizon)),
            is_end=left <= horizon,
        )  # fmt: skip

    def _owed_outside(self, committed: FloatArray) -> list[float]:
        """Units owed to buyers outside the plan that do not leave now, by item."""
        books, supplier = self.model.books, self.model.books.supplier
        owed = dict.fromkeys(self._sold_on, 0.0)
        for arc, leaving in zip(self._outside, committed.tolist(), strict=True):
            owed[supplier[arc]] += max(books.owed[arc] - leaving * self.known.early, 0.0)
        return list(owed.values())

    def _limits(self) -> tuple[FloatArray, FloatArray]:
        """float64[n] units of each item that can leave now, and later in a period, as far as buyers know."""
        books, levels = self.model.books, self.model.hazards.known.nodes
        limit = np.array([books.limits[i] for i in self._items])
        capacity = self.known.capacity.copy()
        for place, item in enumerate(self._items):
            level = levels.get(books.items[item].node, 1.0)
            if level < 1.0:
                if np.isfinite(capacity[place]):
                    capacity[place] = reduced_cap(capacity[place], level, books.offset)
                if self.known.early:
                    limit[place] = announced_limit(limit[place], books.items[item].capacity, level, 0.0, books.offset)
        return limit, capacity

    def _maturing(self) -> FloatArray:
        """float64[n, H] units that recipes have begun, by the period from now on in which they are there."""
        ring, period, horizon = self.model.books.maturing, self.model.period, self.known.horizon
        found = np.zeros((len(self._items), horizon))
        for ahead in range(1, min(len(ring), horizon)):
            slot = ring[(period + ahead) % len(ring)]
            found[:, ahead] = [slot[i] for i in self._items]
        return found

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
        found[:, 1] += [books.items[i].in_transit for i in self._items] - found.sum(
            axis=1
        )  # what is late comes in next
        np.add.at(found, (known.buyer, np.minimum(known.lag, horizon)), committed)
        np.add.at(found, (known.buyer, np.minimum(known.lag + 1, horizon)), rest)
        return np.maximum(found, 0.0)

    def _most(self, committed: FloatArray) -> FloatArray:
        """float64[A, H] units that can leave on each arc, as far as buyers know; what is out is taken to stay so."""
        books, known, markets = self.model.books, self.model.hazards.known, self.model.markets
        most = np.empty((len(self._arcs), self.known.horizon))
        for k, arc in enumerate(self._arcs):
            is_out = known.node(books.arcs[arc].supplier_node) <= 0.0
            most[k] = 0.0 if is_out else reduced_cap(books.cap[arc], known.arc(arc), books.offset)
            now = most[k, 0] if self.known.early else min(most[k, 0], markets.open_cap[arc])
            most[k, 0] = max(now - committed[k], 0.0)
        return most

    def _lane_room(self) -> FloatArray:
        """float64[K, H] units that lanes carry."""
        books, known, lanes = self.model.books, self.model.hazards.known, self.model.markets.lanes
        room = np.empty((self._lane_count, self.known.horizon))
        for lane in range(self._lane_count):
            level = max(map(known.arc, books.lane_arcs[lane]), default=0.0)
            room[lane] = reduced_cap(books.lane_capacity[lane], level, books.offset)
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
        if self.model.books.arcs[arc].buyer in self.model.planner_of:
            self._due[ceil(abs(due) / self.model.instance.clock.ticks)][self.model.books.arcs[arc].buyer] += amount

    def close_period(self) -> None:
        """Show what the plan in force promised over its horizon, and what its nodes earned in this period."""
        books = self.model.books
        self._follow()
        if self.known.early:
            self.forecasts.see_demand([books.demanded(i) for i in self._final])
        if self._sold_on:
            own: dict[int, float] = defaultdict(float)
            for arc, amount in self.parts.items():
                own[self.model.books.arcs[arc].supplier] += amount
            asked = (
                books.items[i].requested - books.demanded(i) - books.items[i].consumed - own[i] for i in self._sold_on
            )
            self.forecasts.see_orders([max(orders, 0.0) for orders in asked])
        books.observed[self._place : self._place + 2] = [self._promised, self._booked()]


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
        planner = self.model.planner_of.get(self.books.arcs[arc].buyer)
        if planner is not None:
            planner.announce(arc, amount, due)
        return due


def announced_transport(kind: type[Transport]) -> type[Transport]:
    """The class of transport that works like ``kind`` and tells planners what it carries."""
    return type(kind.__name__, (AnnouncedTransport, kind), {})

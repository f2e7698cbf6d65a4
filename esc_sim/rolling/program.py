"""The program of a rolling plan: flows on arcs with lead times, stocks, sales, over a horizon and on sampled paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from esc_sim.instance.model import FloatArray, IntArray
from esc_sim.lp import BlockModel, Rows
from esc_sim.rolling.known import OUTSIDE, Known

_DIGITS = 1e3
"""The dearest unit costs so much in the solver, whose tolerances are absolute."""
_TIE = 1e-6
"""Share of the dearest unit's cost by which a shipment counts more the earlier it leaves."""


@dataclass(frozen=True)
class Situation:
    """The network as a plan finds it, for n items, A arcs, C customers, P sources, H periods, J paths.

    Attributes:
        stock: float64[n] units on hand that nothing is promised of.
        limit: float64[n] units of them that can leave in the first period.
        backlog: float64[C] units that customers are owed.
        arrivals: float64[n, H + 1] units under way by the period in which they come in, the last: later.
        demand: float64[J, C, H] units asked for; that of the first period is 0 where it has been served.
        production: float64[J, P, H] units that can be made, none in the first period.
        most: float64[A, H] units that can leave on an arc.
        capacity: float64[n] units that can leave in each later period.
        lanes: float64[K, H] units that lanes carry.
        ends: periods from now on that count, at most H; after them nothing costs or earns anything.
        is_end: whether what is left at the end is worth nothing.
    """

    stock: FloatArray
    limit: FloatArray
    backlog: FloatArray
    arrivals: FloatArray
    demand: FloatArray
    production: FloatArray
    most: FloatArray
    capacity: FloatArray
    lanes: FloatArray
    ends: int
    is_end: bool


@dataclass(frozen=True)
class Decisions:
    """What a plan decides, and what it promises.

    Attributes:
        orders: float64[A, H] units to leave on each arc, those after the first period on the mean path.
        profit: of the plan's nodes over the horizon, beside what is booked already; mean of the paths.
    """

    orders: FloatArray
    profit: float


class PlanProgram:
    """A program that is solved again and again: only its sides, bounds and, at the end of a run, costs change.

    Args:
        known: the network.
        paths: J, number of paths of demand and production.
        lanes: int64[A] lane of each arc; K where it has none.
        lane_count: K.
    """

    def __init__(self, known: Known, paths: int, lanes: IntArray, lane_count: int) -> None:
        self.known, self.paths = known, paths
        self._lanes, self._lane_count = lanes, lane_count
        self._money()
        self._build()
        self._problem = self.model.compile()
        self._is_cut = False
        self._begun = False

    def _money(self) -> None:
        """Money by unit and period: of flows [A, H], stocks [n, H], sales and unmet demand [C, H]."""
        known, later = self.known, np.arange(self.known.horizon) > 0
        inside = known.supplier != OUTSIDE
        self.flow_cost = np.repeat(known.landed[:, None], known.horizon, 1)
        charged = later if known.at_review else np.ones(known.horizon, bool)
        self.stock_cost = known.holding_cost[:, None] * charged
        self.sale_cost = np.repeat(-known.retail_price[:, None], known.horizon, 1)
        if known.at_review:  # what leaves in a period was on hand at its review
            self.flow_cost[inside] += known.holding_cost[known.supplier[inside], None] * later
            self.sale_cost += known.holding_cost[known.customers, None] * later
        self.unmet_cost = np.repeat(known.shortage_cost[:, None], known.horizon, 1)
        self.transit_cost = known.in_transit_holding_cost[known.buyer, None] * known.under_way.sum(axis=2)
        costs = (self.flow_cost, self.stock_cost, self.sale_cost, self.unmet_cost, self.transit_cost)
        self.scale = max((float(np.abs(cost).max(initial=0.0)) for cost in costs), default=0.0) or 1.0
        arcs, periods = np.arange(len(known.lag))[:, None], np.arange(known.horizon)
        earlier = (known.horizon - periods) / known.horizon + arcs / (10.0 * max(len(arcs), 1))
        self.tie = _TIE * self.scale * earlier

    def _costs(self, ends: int, is_end: bool) -> dict[str, FloatArray]:
        """Costs of the blocks of variables when only some periods count."""
        known, counts = self.known, np.arange(self.known.horizon) < ends
        value = known.scope.plan.terminal_value * known.worth * (not is_end)
        beyond = np.arange(known.horizon) + known.lag[:, None] >= known.horizon
        gained = (value * known.yield_factor)[known.buyer, None] * beyond
        transit = known.in_transit_holding_cost[known.buyer, None] * (known.under_way * counts).sum(axis=2)
        flow = (self.flow_cost + transit) * counts - gained + self.tie
        stock = self.stock_cost * counts
        stock[:, -1] -= value
        share, first = 1.0 / self.paths, self.first
        return {
            "now": flow[:, 0],
            "later": share * flow[:, 1:],
            "stock": share * stock,
            "sold": share * (self.sale_cost * counts)[:, first:],
            "unmet": share * (self.unmet_cost * counts)[:, first:],
        }

    def _build(self) -> None:
        known, horizon = self.known, self.known.horizon
        self.first = 0 if known.early else 1
        model = self.model = BlockModel(f"rolling plan '{known.scope.plan.name}'", self.scale / _DIGITS)
        for name, count in (
            ("path", self.paths),
            ("item", len(known.scope.items)),
            ("arc", len(known.lag)),
            ("customer", len(known.customers)),
            ("source", len(known.sources)),
            ("lane", self._lane_count),
            ("period", horizon),
        ):
            model.index(name, count)
        model.index("ahead", range(1, horizon))
        model.index("serving", range(self.first, horizon))
        costs = self._costs(horizon, False)
        now = model.variables("now", "arc", cost=costs["now"])
        later = model.variables("later", "path arc ahead", cost=costs["later"])
        self._stock = model.variables("stock", "path item period", cost=costs["stock"]).positions
        self._sold = model.variables("sold", "path customer serving", cost=costs["sold"]).positions
        self._unmet = model.variables("unmet", "path customer serving", cost=costs["unmet"]).positions
        self._made = model.variables("made", "path source ahead").positions
        shared = np.broadcast_to(now.positions[None, :, None], (self.paths, len(known.lag), 1))
        self._flow = np.concatenate([shared, later.positions], axis=2)
        self._add_balance(model.rows("balance", "path item period", lower=0.0, upper=0.0))
        demand = model.rows("demand", "path customer serving", lower=0.0, upper=0.0)
        demand.add_entries(demand.positions, self._sold, 1.0)
        demand.add_entries(demand.positions, self._unmet, 1.0)
        if known.backorder:
            demand.add_entries(demand.positions[:, :, 1:], self._unmet[:, :, :-1], -1.0)
        self._add_limits(model)

    def _add_balance(self, rows: Rows) -> None:
        """Stock after a period: that before it, and what came in, less what left."""
        known, at = self.known, rows.positions
        rows.add_entries(at, self._stock, 1.0)
        rows.add_entries(at[:, :, 1:], self._stock[:, :, :-1], -1.0)
        self._add_leaving(rows, at)
        rows.add_entries(at[:, known.sources, 1:], self._made, -1.0)
        for arc, (item, lag) in enumerate(zip(known.buyer.tolist(), known.lag.tolist(), strict=True)):
            if lag < known.horizon:
                rows.add_entries(at[:, item, lag:], self._flow[:, arc, :-lag], -known.yield_factor[item])

    def _add_leaving(self, rows: Rows, at: IntArray) -> None:
        """Add what leaves each item by sale and shipment; ``at``: int64[J, n, H] row of each item and period."""
        known, inside = self.known, np.flatnonzero(self.known.supplier != OUTSIDE)
        rows.add_entries(at[:, known.supplier[inside], :], self._flow[:, inside, :], 1.0)
        rows.add_entries(at[:, known.customers, self.first :], self._sold, 1.0)

    def _add_limits(self, model: BlockModel) -> None:
        """What can leave an item or go over a lane in a period, and what there is room for."""
        known = self.known
        leaving = model.rows("leaving", "path item period")
        self._add_leaving(leaving, leaving.positions)
        room = model.rows("room", "path source ahead")
        full = np.zeros((self.paths, len(known.scope.items), known.horizon), np.int64)
        full[:, known.sources, 1:] = room.positions
        making = np.isin(np.arange(len(known.scope.items)), known.sources)
        for arc in np.flatnonzero((known.supplier != OUTSIDE) & making[known.supplier]).tolist():
            room.add_entries(full[:, known.supplier[arc], 1:], self._flow[:, arc, 1:], 1.0)
        for number in np.flatnonzero(making[known.customers]).tolist():
            sold = self._sold[:, number, 1 - self.first :]
            room.add_entries(full[:, known.customers[number], 1:], sold, 1.0)
        room.add_entries(room.positions, self._stock[:, known.sources, 1:], 1.0)
        lanes, over = model.rows("lanes", "path lane period"), np.flatnonzero(self._lanes < self._lane_count)
        lanes.add_entries(lanes.positions[:, self._lanes[over], :], self._flow[:, over, :], 1.0)

    def solve(self, found: Situation) -> Decisions:
        """The plan that is best for a situation, from the basis of the last one.

        Raises:
            InputError: there is none, which nothing but numbers out of all proportion can cause.
        """
        known, problem, first = self.known, self._problem, self.first
        gained = found.arrivals[:, :-1] * known.yield_factor[:, None]
        gained[:, 0] = found.stock
        balance = np.broadcast_to(gained, (self.paths, *gained.shape))
        problem.set_row_bounds("balance", balance, balance)
        demand = found.demand[:, :, first:].copy()
        demand[:, :, 0] += found.backlog
        demand *= np.arange(first, known.horizon) < found.ends
        problem.set_row_bounds("demand", demand, demand)
        leaving = np.repeat(found.capacity[:, None], known.horizon, 1)
        leaving[:, 0] = found.limit
        problem.set_row_bounds("leaving", upper=leaving)
        problem.set_row_bounds("lanes", upper=found.lanes)
        self._set_making(found)
        most = np.where(np.arange(known.horizon) < found.ends, found.most, 0.0)
        problem.set_bounds("now", upper=most[:, 0])
        problem.set_bounds("later", upper=most[:, 1:])
        problem.set_bounds("stock", np.minimum(known.safety, found.stock)[:, None])
        self._set_end(found)
        solution = problem.solve(explain=False)
        if not self._begun:
            problem.without_presolve()  # later ones start from the basis of the last
            self._begun = True
        return self._decisions(solution.values, found)

    def _set_making(self, found: Situation) -> None:
        """Sources make what they can as far as their target stock has room for it."""
        known, target = self.known, self.known.target[self.known.sources]
        possible = found.production[:, :, 1:] * (np.arange(1, known.horizon) < found.ends)
        always = np.isinf(target)[:, None]
        self._problem.set_bounds("made", np.where(always, possible, 0.0), possible)
        held = (found.stock + found.arrivals.sum(axis=1))[known.sources]
        self._problem.set_row_bounds("room", upper=np.maximum(target, held)[:, None])

    def _set_end(self, found: Situation) -> None:
        """Costs, where the run ends within the horizon, and again when they are as usual."""
        is_cut = found.is_end or found.ends < self.known.horizon
        if is_cut or self._is_cut:
            for name, cost in self._costs(found.ends, found.is_end).items():
                self._problem.set_cost(name, cost)
        self._is_cut = is_cut

    def _decisions(self, values: Mapping[str, FloatArray], found: Situation) -> Decisions:
        known, first = self.known, self.first
        counts = np.arange(known.horizon) < found.ends
        later, stock, sold, unmet = (values[name].mean(axis=0) for name in ("later", "stock", "sold", "unmet"))
        orders = np.concatenate([values["now"][:, None], later], axis=1)
        spent = ((self.flow_cost * orders).sum(axis=0) + (self.stock_cost * stock).sum(axis=0)) @ counts
        for cost, amount in ((self.sale_cost, sold), (self.unmet_cost, unmet)):
            spent += (cost[:, first:] * amount).sum(axis=0) @ counts[first:]
        carried = (known.under_way * counts).sum(axis=2) * orders
        spent += known.in_transit_holding_cost[known.buyer] @ carried.sum(axis=1)
        coming = found.arrivals[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]  # [n, H]: what comes in after each period
        charged = np.arange(known.horizon) > 0 if known.at_review else np.ones(known.horizon, bool)
        spent += known.in_transit_holding_cost @ coming @ (charged & counts)
        return Decisions(orders, -float(spent))

"""The program of a rolling plan: flows on arcs with lead times, stocks, sales, over a horizon and on sampled paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from esc_sim.instance.model import FloatArray, IntArray
from esc_sim.lp import BlockModel, Rows, Variables
from esc_sim.rolling.known import Known
from esc_sim.rolling.money import Money

_DIGITS = 1e3
"""The dearest unit costs so much in the solver, whose tolerances are absolute."""


@dataclass(frozen=True)
class Situation:
    """The network as a plan finds it, for n items, A arcs, C customers, P sources, H periods, J paths.

    Attributes:
        stock: float64[n] units on hand that nothing is promised of.
        limit: float64[n] units of them that can leave in the first period.
        backlog: float64[C] units that customers are owed.
        arrivals: float64[n, H + 1] units under way by the period in which they come in, the last: later.
        maturing: float64[n, H] units that recipes have begun, by the period in which they are there.
        demand: float64[J, C, H] units asked for; that of the first period is 0 where it has been served.
        serves: bool[C] whether customers are still served in the first period.
        production: float64[J, P, H] units that can be made, none in the first period.
        most: float64[A, H] units that can leave on an arc.
        runs: float64[Q] runs of recipes that are possible in each later period.
        capacity: float64[n] units that can leave in each later period.
        lanes: float64[K, H] units that lanes carry.
        ends: periods from now on that count, at most H; after them nothing costs or earns anything.
        is_end: whether what is left at the end is worth nothing.
    """

    stock: FloatArray
    limit: FloatArray
    backlog: FloatArray
    arrivals: FloatArray
    maturing: FloatArray
    demand: FloatArray
    serves: np.ndarray
    production: FloatArray
    most: FloatArray
    runs: FloatArray
    capacity: FloatArray
    lanes: FloatArray
    ends: int
    is_end: bool


@dataclass(frozen=True)
class Decisions:
    """What a plan decides, and what it promises.

    Attributes:
        orders: float64[A, H] units to leave on each arc, those after the first period on the mean path.
        runs: float64[Q, H] runs of recipes, likewise; none in the first period, whose runs are over.
        profit: of the plan's nodes over the horizon, beside what is booked already; mean of the paths.
    """

    orders: FloatArray
    runs: FloatArray
    profit: float


class PlanProgram:
    """A program that is solved again and again: only its sides, bounds and, at the end of a run, costs change.

    Orders of the first period, and the runs of recipes that follow before any demand is seen, are the same on all
    paths.

    Args:
        known: the network.
        paths: J, number of paths of demand and production.
        lanes: int64[A] lane of each arc; K where it has none.
        lane_count: K.
    """

    def __init__(self, known: Known, paths: int, lanes: IntArray, lane_count: int) -> None:
        self.known, self.paths, self.money = known, paths, Money(known)
        self._over_lanes = np.flatnonzero(lanes < lane_count), lanes
        self._counts = {
            "path": paths,
            "item": len(known.scope.items),
            "arc": len(known.lag),
            "customer": len(known.customers.item),
            "source": len(known.sources),
            "recipe": len(known.recipes.number),
            "limited": len(known.limited),
            "lane": lane_count,
        }
        self._build()
        self._problem = self.model.compile()
        self._is_cut = self._begun = False

    def _build(self) -> None:
        horizon = self.known.horizon
        model = self.model = BlockModel(f"rolling plan '{self.known.scope.plan.name}'", self.money.scale / _DIGITS)
        for name, count in self._counts.items():
            model.index(name, count)
        for name, first in (("period", 0), ("ahead", 1), ("after", 2)):
            model.index(name, range(first, horizon))
        costs = self._costs(horizon, False)
        blocks = {name: model.variables(name, over, cost=costs[name]) for name, over in _OVER.items()}
        self._stock, self._sold, self._unmet, self._made = (
            blocks[name].positions for name in ("stock", "sold", "unmet", "made")
        )
        self._flow = self._shared(blocks["now"], blocks["later"])
        self._runs = self._shared(blocks["next_runs"], blocks["later_runs"])
        self._add_balance(model.rows("balance", "path item period", lower=0.0, upper=0.0))
        demand = model.rows("demand", "path customer period", lower=0.0, upper=0.0)
        demand.add_entries(demand.positions, self._sold, 1.0)
        demand.add_entries(demand.positions, self._unmet, 1.0)
        waits = self.known.customers.waits
        demand.add_entries(demand.positions[:, waits, 1:], self._unmet[:, waits, :-1], -1.0)
        leaving = model.rows("leaving", "path item period")
        self._add_leaving(leaving, leaving.positions)
        self._add_room(model.rows("room", "path limited ahead"))
        lanes, (over, lane) = model.rows("lanes", "path lane period"), self._over_lanes
        lanes.add_entries(lanes.positions[:, lane[over], :], self._flow[:, over, :], 1.0)

    def _shared(self, first: Variables, later: Variables) -> IntArray:
        """Positions by path, whose first ones are the same on all paths."""
        shared = np.broadcast_to(first.positions[None, :, None], (self.paths, len(first.positions), 1))
        return np.concatenate([shared, later.positions], axis=2)

    def _costs(self, ends: int, is_end: bool) -> dict[str, FloatArray]:
        """Costs of the blocks of variables."""
        costs, share = self.money.of_variables(ends, is_end), 1.0 / self.paths
        return {
            "now": costs["flow"][:, 0],
            "later": share * costs["flow"][:, 1:],
            "next_runs": costs["runs"][:, 1],
            "later_runs": share * costs["runs"][:, 2:],
            "stock": share * costs["stock"],
            "sold": share * costs["sold"],
            "unmet": share * costs["unmet"],
            "made": np.zeros(()),
        }

    def _add_balance(self, rows: Rows) -> None:
        """Stock after a period: that before it, and what came in, less what left."""
        known, recipes, at = self.known, self.known.recipes, rows.positions
        rows.add_entries(at, self._stock, 1.0)
        rows.add_entries(at[:, :, 1:], self._stock[:, :, :-1], -1.0)
        self._add_leaving(rows, at)
        rows.add_entries(at[:, known.sources, 1:], self._made, -1.0)
        for arc, (item, lag) in enumerate(zip(known.buyer.tolist(), known.lag.tolist(), strict=True)):
            if lag < known.horizon:
                rows.add_entries(at[:, item, lag:], self._flow[:, arc, :-lag], -known.yield_factor[item])
        for (recipe, item), amount in zip(recipes.used.tolist(), recipes.used_amount, strict=True):
            rows.add_entries(at[:, item, 1:], self._runs[:, recipe], amount)
        for (recipe, item), amount, lag in zip(recipes.made.tolist(), recipes.made_amount, recipes.lag, strict=True):
            if lag < known.horizon - 1:
                rows.add_entries(at[:, item, 1 + lag :], self._runs[:, recipe, : known.horizon - 1 - lag], -amount)

    def _add_leaving(self, rows: Rows, at: IntArray) -> None:
        """Add what leaves each item by sale and shipment; ``at``: int64[J, n, H] row of each item and period."""
        known = self.known
        rows.add_entries(at[:, known.supplier[known.inside], :], self._flow[:, known.inside, :], 1.0)
        rows.add_entries(at[:, known.customers.item, :], self._sold, 1.0)

    def _add_room(self, rows: Rows) -> None:
        """What there is of an item before anything leaves, and what is being made of it, fits its target stock."""
        known, recipes = self.known, self.known.recipes
        place = {item: k for k, item in enumerate(known.limited.tolist())}
        rows.add_entries(rows.positions, self._stock[:, known.limited, 1:], 1.0)
        for leaving, of in ((self._flow, known.supplier), (self._sold, known.customers.item)):
            for number, item in enumerate(of.tolist()):
                if item in place:
                    rows.add_entries(rows.positions[:, place[item]], leaving[:, number, 1:], 1.0)
        for (recipe, item), amount, lag in zip(recipes.made.tolist(), recipes.made_amount, recipes.lag, strict=True):
            for back in range(min(int(lag), known.horizon - 1) if item in place else 0):
                at = rows.positions[:, place[item], back:]
                rows.add_entries(at, self._runs[:, recipe, : known.horizon - 1 - back], amount)

    def solve(self, found: Situation) -> Decisions:
        """The plan that is best for a situation, from the basis of the last one.

        Raises:
            InputError: there is none, which nothing but numbers out of all proportion can cause.
        """
        problem = self._problem
        self._set_goods(found)
        self._set_making(found)
        is_cut = found.is_end or found.ends < self.known.horizon
        if is_cut or self._is_cut:
            for name, cost in self._costs(found.ends, found.is_end).items():
                problem.set_cost(name, cost)
        self._is_cut = is_cut
        solution = problem.solve(explain=False)
        if not self._begun:
            problem.without_presolve()  # later ones start from the basis of the last
            self._begun = True
        return self._decisions(solution.values, found)

    def _set_goods(self, found: Situation) -> None:
        """What is there, comes in, is asked for, and can leave."""
        known, problem, horizon = self.known, self._problem, self.known.horizon
        gained = found.arrivals[:, :-1] * known.yield_factor[:, None] + found.maturing
        gained[:, 0] = found.stock
        problem.set_row_bounds("balance", gained, gained)
        counts = np.arange(horizon) < found.ends
        demand = found.demand * counts
        demand[:, :, 0] += found.backlog
        problem.set_row_bounds("demand", demand, demand)
        served = np.where(found.serves[:, None] | (np.arange(horizon) > 0), np.inf, 0.0)
        problem.set_bounds("sold", upper=served)
        leaving = np.repeat(found.capacity[:, None], horizon, 1)
        leaving[:, 0] = found.limit
        problem.set_row_bounds("leaving", upper=leaving)
        problem.set_row_bounds("lanes", upper=found.lanes)
        most = np.where(counts, found.most, 0.0)
        problem.set_bounds("now", upper=most[:, 0])
        problem.set_bounds("later", upper=most[:, 1:])
        problem.set_bounds("stock", np.minimum(known.safety, found.stock)[:, None])

    def _set_making(self, found: Situation) -> None:
        """Sources make what they can as far as their target stock has room for it; recipes run as planned."""
        known, problem = self.known, self._problem
        possible = found.production[:, :, 1:] * (np.arange(1, known.horizon) < found.ends)
        always = np.isinf(known.target[known.sources])[:, None]
        problem.set_bounds("made", np.where(always, possible, 0.0), possible)
        held = found.stock + found.arrivals.sum(axis=1) * known.yield_factor + found.maturing.sum(axis=1)
        problem.set_row_bounds("room", upper=np.maximum(known.target, held)[known.limited, None])
        problem.set_bounds("next_runs", upper=found.runs)
        problem.set_bounds("later_runs", upper=found.runs[:, None])

    def _decisions(self, values: Mapping[str, FloatArray], found: Situation) -> Decisions:
        mean = {name: values[name].mean(axis=0) for name in ("later", "later_runs", "stock", "sold", "unmet")}
        orders = np.concatenate([values["now"][:, None], mean.pop("later")], axis=1)
        runs = np.concatenate([values["next_runs"][:, None], mean.pop("later_runs")], axis=1)
        runs = np.pad(runs, ((0, 0), (1, 0)))
        coming = found.arrivals[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
        profit = self.money.profit(mean | {"flow": orders, "runs": runs}, coming, found.ends)
        return Decisions(orders, runs, profit)


_OVER = {
    "now": "arc",
    "later": "path arc ahead",
    "next_runs": "recipe",
    "later_runs": "path recipe after",
    "stock": "path item period",
    "sold": "path customer period",
    "unmet": "path customer period",
    "made": "path source ahead",
}
"""Blocks of variables and what they are over."""

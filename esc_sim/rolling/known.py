"""What the program of a rolling plan knows of its network: items, arcs, lags, customers, recipes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from esc_sim.behaviours.switches import STORAGE_AT_REVIEW
from esc_sim.fields.rows import Records
from esc_sim.instance.model import NO_COLUMN, FloatArray, Instance, IntArray
from esc_sim.instance.rolling import PlanScope
from esc_sim.scenario.laws import mean_of

OUTSIDE = -1


@dataclass(frozen=True)
class Customers:
    """C kinds of customers: final demand of items, then buyers outside the plan, one kind an item.

    Attributes:
        item: int64[C] whom they buy from, by place in the program.
        price: float64[C] money per unit.
        shortage_cost: float64[C] money per unit and period that they wait for, or lose.
        waits: bool[C] whether what they do not get is owed.
        final: number of kinds that are final demand.
    """

    item: IntArray
    price: FloatArray
    shortage_cost: FloatArray
    waits: np.ndarray
    final: int


@dataclass(frozen=True)
class KnownRecipes:
    """Q recipes; what they use and make, a row for each recipe and item.

    Attributes:
        number: int64[Q] of the instance.
        capacity, cost: float64[Q] runs in a period, money per run.
        used, made: int64[rows, 2] recipe and item, by place in the program; without air and water.
        used_amount, made_amount: float64[rows] units per run.
        lag: int64[rows of made] periods from a run to its outputs.
        limits: bool[rows of made] whether the target stock of the item limits the runs.
    """

    number: IntArray
    capacity: FloatArray
    cost: FloatArray
    used: IntArray
    used_amount: FloatArray
    made: IntArray
    made_amount: FloatArray
    lag: IntArray
    limits: np.ndarray


@dataclass(frozen=True)
class Known:
    """Numbers of n items and A arcs of a plan, by their place in it, over a horizon of H periods.

    Attributes:
        scope: items and arcs of the instance.
        horizon: H.
        early: whether orders are planned before demand, which is then part of the plan's first period.
        at_review: whether stock is charged at the review, not at the end of a period.
        supplier, buyer: int64[A] items; OUTSIDE: a supplier that is no part of the program.
        lag: int64[A] periods from an order to its receipt.
        unit_cost, price: float64[A] what the buyer pays, and what of it the supplier gets.
        customers: who buys, beside the plan's own nodes.
        sources: items that are produced.
        recipes: what nodes make out of what.
        yield_factor, holding_cost, in_transit_holding_cost, capacity, safety, target: float64[n].
    """

    scope: PlanScope
    horizon: int
    early: bool
    at_review: bool
    supplier: IntArray
    buyer: IntArray
    lag: IntArray
    unit_cost: FloatArray
    price: FloatArray
    customers: Customers
    sources: IntArray
    recipes: KnownRecipes
    yield_factor: FloatArray
    holding_cost: FloatArray
    in_transit_holding_cost: FloatArray
    capacity: FloatArray
    safety: FloatArray
    target: FloatArray

    @cached_property
    def inside(self) -> IntArray:
        """Arcs whose supplier is part of the program."""
        return np.flatnonzero(self.supplier != OUTSIDE)

    @cached_property
    def landed(self) -> FloatArray:
        """float64[A] money that leaves the plan's nodes with each unit: a price that one of them pays another stays."""
        return np.where(self.supplier == OUTSIDE, self.unit_cost, self.unit_cost - self.price)

    @cached_property
    def under_way(self) -> FloatArray:
        """float64[A, H, H], 1 where a unit shipped in a period is charged as under way in another."""
        shipped, now = np.arange(self.horizon)[:, None], np.arange(self.horizon)
        left = shipped < now if self.at_review else shipped <= now
        return (left & (now < shipped + self.lag[:, None, None])).astype(np.float64)

    @cached_property
    def limited(self) -> IntArray:
        """Items of which no more is made than their target stock has room for."""
        made = np.r_[self.sources, self.recipes.made[self.recipes.limits, 1]]
        return np.unique(made[np.isfinite(self.target[made])]).astype(np.int64)

    @cached_property
    def worth(self) -> FloatArray:
        """float64[n] what it costs at least to bring a unit to an item, from sources or from outside, or to make it."""
        recipes = self.recipes
        worth = np.zeros(len(self.scope.items))
        worth[self.buyer] = worth[recipes.made[recipes.limits, 1]] = np.inf
        for _ in range(len(worth)):
            found = worth.copy()
            before = np.where(self.supplier == OUTSIDE, 0.0, worth[self.supplier])
            np.minimum.at(found, self.buyer, (before + self.landed) / self.yield_factor[self.buyer])
            run = recipes.cost.copy()
            np.add.at(run, recipes.used[:, 0], recipes.used_amount * worth[recipes.used[:, 1]])
            of, item = recipes.made[recipes.limits].T
            np.minimum.at(found, item, run[of] / recipes.made_amount[recipes.limits])
            if np.array_equal(found, worth):
                break
            worth = found
        return np.where(np.isfinite(worth), worth, 0.0)


def known_of(instance: Instance, scope: PlanScope) -> Known:
    """What the program of a plan knows.

    Args:
        instance: the network.
        scope: what the plan decides, and what its program holds.
    """
    items, lines, arcs = instance.items, instance.lines, scope.arcs
    place = np.full(instance.network.item_count, OUTSIDE, np.int64)
    place[scope.items] = np.arange(len(scope.items))
    makes = (items.production_loc != 0) | (items.production_scale != 0)
    return Known(
        scope=scope,
        horizon=scope.plan.horizon,
        early=len(instance.orders.early_items) > 0,
        at_review=instance.switches.holding_cost_timing == STORAGE_AT_REVIEW,
        supplier=place[lines.supplier[arcs]],
        buyer=place[lines.buyer[arcs]],
        lag=_lags(instance, lines.arc_order[arcs].astype(np.int64)),
        unit_cost=lines.unit_cost[arcs],
        price=lines.price[arcs],
        customers=_customers(instance, scope, place),
        sources=place[scope.items[makes[scope.items]]],
        recipes=_recipes(instance, scope, place),
        yield_factor=np.maximum(items.yield_factor[scope.items], 1e-12),
        holding_cost=items.holding_cost[scope.items],
        in_transit_holding_cost=instance.orders.in_transit_holding_cost[scope.items],
        capacity=items.capacity[scope.items],
        safety=items.safety_stock[scope.items],
        target=items.target_stock[scope.items],
    )


def _customers(instance: Instance, scope: PlanScope, place: IntArray) -> Customers:
    """Final demand, and buyers outside the plan, who pay the mean of their prices."""
    items, lines, switches = instance.items, instance.lines, instance.switches
    final = scope.items[np.isin(scope.items, instance.customers)]
    sold_on = np.unique(lines.supplier[scope.outside]).astype(np.int64)
    prices = [lines.price[scope.outside][lines.supplier[scope.outside] == item].mean() for item in sold_on]
    owed = instance.orders.backorder_cost[sold_on] * switches.owing
    return Customers(
        item=place[np.r_[final, sold_on]],
        price=np.r_[items.retail_price[final], np.array(prices)],
        shortage_cost=np.r_[items.shortage_cost[final], owed],
        waits=np.r_[np.full(len(final), switches.backorder), np.full(len(sold_on), switches.owing)],
        final=len(final),
    )


def _recipes(instance: Instance, scope: PlanScope, place: IntArray) -> KnownRecipes:
    """The recipes of the plan's nodes."""
    making, free = instance.making, instance.making.environment
    numbers = np.flatnonzero(np.isin(making.recipes["node"], scope.nodes))
    recipes = making.recipes[numbers]

    def own(parts: Records) -> tuple[IntArray, Records]:
        """Parts of the plan's recipes that are goods: recipe and item of each, and their rows."""
        rows = parts[np.isin(parts["recipe"], numbers) & ~free[parts["item"]]]
        return np.stack([np.searchsorted(numbers, rows["recipe"]), place[rows["item"]]], axis=1), rows

    used, use = own(making.inputs)
    made, make = own(making.outputs)
    return KnownRecipes(
        number=numbers,
        capacity=recipes["capacity"],
        cost=recipes["cost"],
        used=used,
        used_amount=use["amount"],
        made=made,
        made_amount=make["amount"],
        lag=recipes["lag"][made[:, 0]].astype(np.int64),
        limits=make["limits"].astype(bool),
    )


def _lags(instance: Instance, arcs: IntArray) -> IntArray:
    """Whole periods from shipping to receipt; of lead times that vary, those of their mean."""
    numbers, columns = instance.arcs, instance.columns
    ticks = numbers.lead_time[arcs].copy()
    for k, column in enumerate(numbers.lead_column[arcs].tolist()):
        if column != NO_COLUMN:
            law = columns.laws[column]
            assert law is not None
            ticks[k] = min(instance.clock.of(mean_of(law)), numbers.max_lead[arcs[k]])
    return np.maximum(np.ceil(ticks / instance.clock.ticks), 1).astype(np.int64)

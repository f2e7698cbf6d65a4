"""What the program of a rolling plan knows of its network: items, arcs, lags, costs by period."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from esc_sim.instance.model import NO_COLUMN, FloatArray, Instance, IntArray
from esc_sim.instance.rolling import PlanScope
from esc_sim.rules.switches import STORAGE_AT_REVIEW
from esc_sim.scenario.laws import mean_of

OUTSIDE = -1


@dataclass(frozen=True)
class Known:
    """Numbers of n items and A arcs of a plan, by their place in it, over a horizon of H periods.

    Attributes:
        scope: items and arcs of the instance.
        horizon: H.
        early: whether orders are planned before demand, which is then part of the plan's first period.
        at_review: whether stock is charged at the review, not at the end of a period.
        backorder: whether demand that is not met waits.
        supplier, buyer: int64[A] items; OUTSIDE: a supplier that is no part of the program.
        lag: int64[A] periods from an order to its receipt.
        unit_cost, price: float64[A] what the buyer pays, and what of it the supplier gets.
        customers, sources: items with final demand, and items that are produced.
        yield_factor, holding_cost, in_transit_holding_cost, capacity, safety, target: float64[n].
        retail_price, shortage_cost: float64[customers].
    """

    scope: PlanScope
    horizon: int
    early: bool
    at_review: bool
    backorder: bool
    supplier: IntArray
    buyer: IntArray
    lag: IntArray
    unit_cost: FloatArray
    price: FloatArray
    customers: IntArray
    sources: IntArray
    yield_factor: FloatArray
    holding_cost: FloatArray
    in_transit_holding_cost: FloatArray
    capacity: FloatArray
    safety: FloatArray
    target: FloatArray
    retail_price: FloatArray
    shortage_cost: FloatArray

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
    def worth(self) -> FloatArray:
        """float64[n] what it costs at least to bring a unit to an item, from sources or from outside."""
        worth = np.where(np.isin(np.arange(len(self.scope.items)), self.buyer), np.inf, 0.0)
        for _ in range(len(worth)):
            before = np.where(self.supplier == OUTSIDE, 0.0, worth[self.supplier])
            found = worth.copy()
            np.minimum.at(found, self.buyer, (before + self.landed) / self.yield_factor[self.buyer])
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
    customers = scope.items[np.isin(scope.items, instance.customers)]
    makes = (items.production_loc != 0) | (items.production_scale != 0)
    sources = scope.items[makes[scope.items]]
    return Known(
        scope=scope,
        horizon=scope.plan.horizon,
        early=len(instance.orders.early_items) > 0,
        at_review=instance.switches.holding_cost_timing == STORAGE_AT_REVIEW,
        backorder=instance.switches.backorder,
        supplier=place[lines.supplier[arcs]],
        buyer=place[lines.buyer[arcs]],
        lag=_lags(instance, lines.arc_order[arcs].astype(np.int64)),
        unit_cost=lines.unit_cost[arcs],
        price=lines.price[arcs],
        customers=place[customers],
        sources=place[sources],
        yield_factor=np.maximum(items.yield_factor[scope.items], 1e-12),
        holding_cost=items.holding_cost[scope.items],
        in_transit_holding_cost=instance.orders.in_transit_holding_cost[scope.items],
        capacity=items.capacity[scope.items],
        safety=items.safety_stock[scope.items],
        target=items.target_stock[scope.items],
        retail_price=items.retail_price[customers],
        shortage_cost=items.shortage_cost[customers],
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

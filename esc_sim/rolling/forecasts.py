"""The demand and the production that a rolling plan counts with, path by path."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from esc_sim.instance.model import NO_COLUMN, FloatArray, Instance, IntArray
from esc_sim.instance.rolling import PlanScope
from esc_sim.rolling.known import Known
from esc_sim.sampling.streams import stream_hash
from esc_sim.sampling.tape import TapeColumns, tape_blocks
from esc_sim.scenario.laws import mean_of
from esc_sim.scenario.rolling import MOST_PATHS

_KEPT = 128
"""Periods that are drawn at a time."""
_LONG = 10_000
"""Periods of a run that its mean demand is taken of, at most."""


def mean_rows(columns: TapeColumns, first: int, count: int) -> FloatArray:
    """Rows of a tape all of whose draws are at their means, float64[count, S].

    Args:
        columns: names and laws of the S columns.
        first: the first period.
        count: number of periods.
    """
    rows = np.tile([0.0 if law is None else mean_of(law) for law in columns.laws], (count, 1))
    for course in columns.courses:
        course.fill(rows, first)
    return rows


def passed_on(instance: Instance) -> FloatArray:
    """What each of A arcs, in the order of lines, carries on average if every buyer asks its first supplier alone.

    Args:
        instance: laws of final demand, and who buys from whom.
    """
    items, lines = instance.items, instance.lines
    rows = mean_rows(instance.columns, 0, min(instance.periods, _LONG))[None]
    final = _amounts(rows, items.demand_loc, items.demand_scale, items.demand_column)[0].mean(axis=1)
    buyer, first = lines.line_item, lines.line_start[:-1]
    asked = final
    for _ in range(len(final)):
        found = final.copy()
        np.add.at(found, lines.supplier[first], asked[buyer] / np.maximum(items.yield_factor[buyer], 1e-12))
        if np.array_equal(found, asked):
            break
        asked = found
    carried = np.zeros(len(lines.supplier))
    carried[first] = asked[buyer] / np.maximum(items.yield_factor[buyer], 1e-12)
    return carried


class Forecasts:
    """What a plan expects of its customers and of production in each of the coming periods.

    Final demand is forecast as the plan says, orders of buyers outside it by the mean of the latest ``window`` periods;
    before anything is known of them, by what final demand makes them need on average.

    Args:
        scope: what is planned, and how demand is forecast.
        known: customers, and items that are produced.
        instance: laws of all amounts.
        seed: seed of the run.
        replication: number of the replication.
    """

    def __init__(self, scope: PlanScope, known: Known, instance: Instance, seed: int, replication: int) -> None:
        plan, items = scope.plan, instance.items
        self._plan, self._columns = plan, instance.columns
        final, made = (scope.items[part] for part in (known.customers.item[: known.customers.final], known.sources))
        self._parts = (
            (items.demand_loc[final], items.demand_scale[final], items.demand_column[final]),
            (items.production_loc[made], items.production_scale[made], items.production_column[made]),
        )
        self._periods = instance.periods
        self._demand: deque[list[float]] = deque(maxlen=plan.window)
        self._orders: deque[list[float]] = deque(maxlen=plan.window)
        sold_on = scope.items[known.customers.item[known.customers.final :]]
        carried = passed_on(instance) if len(sold_on) else np.zeros(len(instance.lines.supplier))
        supplier = instance.lines.supplier[scope.outside]
        self._first_orders = np.array([carried[scope.outside][supplier == item].sum() for item in sold_on])
        self._seed = stream_hash(f"rolling plan/{plan.name}/{seed}")
        self._paths = [replication * MOST_PATHS + path for path in range(plan.paths or 0)]
        self._rows, self._first = np.empty((0, 0, 0)), 0

    def see_demand(self, demand: Sequence[float]) -> None:
        """Take in the final demand of a period, by customer."""
        self._demand.append(list(demand))

    def see_orders(self, orders: Sequence[float]) -> None:
        """Take in what buyers outside the plan have asked for in a period, by item."""
        self._orders.append(list(orders))

    def of(self, first: int, count: int) -> tuple[FloatArray, FloatArray]:
        """Demand float64[paths, C, count] and production float64[paths, P, count] of the periods from ``first`` on.

        Args:
            first: the first period.
            count: number of periods.
        """
        rows = self._drawn(first, count) if self._paths else mean_rows(self._columns, first, count)[None]
        demand, production = (_amounts(rows, *part) for part in self._parts)
        if self._plan.forecast == "moving_average" and self._demand:
            demand[...] = np.mean(self._demand, axis=0)[:, None]
        elif self._plan.forecast != "informed":
            demand[...] = self._mean[:, None]
        orders = np.mean(self._orders, axis=0) if self._orders else self._first_orders
        shape = (len(demand), len(orders), count)
        return np.concatenate([demand, np.broadcast_to(orders[:, None], shape)], axis=1), production

    @cached_property
    def _mean(self) -> FloatArray:
        """Mean final demand over the run, by customer."""
        rows = mean_rows(self._columns, 0, min(self._periods, _LONG))[None]
        mean: FloatArray = _amounts(rows, *self._parts[0])[0].mean(axis=1)
        return mean

    def _drawn(self, first: int, count: int) -> FloatArray:
        """Sampled rows of the tape; the same path goes on from one plan to the next."""
        if first < self._first or first + count > self._first + self._rows.shape[1]:
            self._first = first
            self._rows = tape_blocks(self._columns, self._seed, self._paths, first, count + _KEPT, None)
        at = first - self._first
        return self._rows[:, at : at + count]


def _amounts(rows: FloatArray, loc: FloatArray, scale: FloatArray, column: IntArray) -> FloatArray:
    """max(0, loc + scale * draw), float64[paths, items, periods].

    Args:
        rows: float64[paths, periods, S] of the tape.
        loc, scale, column: of each item's amount.
    """
    if rows.shape[2] == 0:
        drawn = np.zeros((len(rows), rows.shape[1], len(loc)))
    else:
        drawn = np.where(column == NO_COLUMN, 0.0, rows[:, :, np.maximum(column, 0)])
    amounts: FloatArray = np.maximum(loc + scale * drawn, 0.0).transpose(0, 2, 1)
    return amounts

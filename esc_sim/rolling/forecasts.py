"""The demand and the production that a rolling plan counts with, path by path."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from esc_sim.instance.model import NO_COLUMN, FloatArray, Instance, IntArray
from esc_sim.sampling.streams import stream_hash
from esc_sim.sampling.tape import TapeColumns, tape_blocks
from esc_sim.scenario.laws import mean_of
from esc_sim.scenario.rolling import MOST_PATHS, RollingPlan

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


class Forecasts:
    """What a plan expects of final demand and of production in each of the coming periods.

    Args:
        plan: what is planned, and how demand is forecast.
        instance: laws of all amounts.
        demanding: C items with final demand.
        making: P items that are produced.
        seed: seed of the run.
        replication: number of the replication.
    """

    def __init__(
        self, plan: RollingPlan, instance: Instance, demanding: IntArray, making: IntArray, seed: int, replication: int
    ) -> None:
        self._plan, self._columns, items = plan, instance.columns, instance.items
        self._parts = (
            (items.demand_loc[demanding], items.demand_scale[demanding], items.demand_column[demanding]),
            (items.production_loc[making], items.production_scale[making], items.production_column[making]),
        )
        self._periods = instance.periods
        self._seen: deque[list[float]] = deque(maxlen=plan.window)
        self._seed = stream_hash(f"rolling plan/{plan.name}/{seed}")
        self._paths = [replication * MOST_PATHS + path for path in range(plan.paths or 0)]
        self._rows, self._first = np.empty((0, 0, 0)), 0

    def see(self, demand: Sequence[float]) -> None:
        """Take in the demand of a period, C units."""
        self._seen.append(list(demand))

    def of(self, first: int, count: int) -> tuple[FloatArray, FloatArray]:
        """Demand float64[paths, C, count] and production float64[paths, P, count] of the periods from ``first`` on.

        Args:
            first: the first period.
            count: number of periods.
        """
        rows = self._drawn(first, count) if self._paths else mean_rows(self._columns, first, count)[None]
        demand, production = (_amounts(rows, *part) for part in self._parts)
        if self._plan.forecast == "moving_average" and self._seen:
            demand[...] = np.mean(self._seen, axis=0)[:, None]
        elif self._plan.forecast != "informed":
            demand[...] = self._mean[:, None]
        return demand, production

    @cached_property
    def _mean(self) -> FloatArray:
        """Mean demand over the run, float64[C]."""
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

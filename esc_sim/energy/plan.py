"""The energy plan: hourly price and energy of every bus, made from forecasts, and remembered.

A plan depends on the type of the day (its forecast), on the outages that are known, on the gas in store and on the gas
that is expected. A normal day is solved with both amounts of gas rounded down to a bucket, so that a plan never burns
gas that is not there; what is there beyond it stays in store. A day with an outage is solved exactly: there the last
bit of gas decides what is shed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from esc_sim.energy.dispatch import Dispatch, Dispatcher
from esc_sim.energy.microgrid import Day, FloatArray
from esc_sim.energy.rolling import gas_value
from esc_sim.errors import InputError


@dataclass(frozen=True, order=True)
class Outage:
    """A spell without grid within a day.

    Attributes:
        bus: the bus that loses its grid connection.
        first: first step without it.
        end: step after the last one.
        island: the bus's lines are lost as well.
    """

    bus: str
    first: int
    end: int
    island: bool = False


@dataclass(frozen=True, eq=False)
class EnergyPlan:
    """What nodes are told for a day, on B buses over T steps.

    Attributes:
        price: float64[B, T], EUR per MWh.
        energy: float64[B, T], MWh that may be used in the step: planned load less planned shedding.
        day: the forecast, with its outages.
        dispatch: the dispatch behind the plan.
    """

    price: FloatArray
    energy: FloatArray
    day: Day
    dispatch: Dispatch


class EnergyPlanner:
    """Makes plans and keeps them.

    Args:
        dispatcher: the design.
        forecast: type of a day -> its data without outages and without gas.
        bucket: width of a bucket as a share of the gas store's room (and of a day's gas at full power, for gas that
            comes in), up to 1; 0: exact.
        coordinated: one program for all buses, or one a bus.
        outage_bucket: width of a bucket on days with an outage; 0 solves them exactly.
        remember: keep every plan; off for callers that keep of it what they need.
        keep: float64[K], gas that days without outage leave at midnight, MWh, as days do that stand for a whole year;
            gas beyond it has no value then. None: gas left is worth what tomorrow's exports pay for its power.

    Raises:
        InputError: a bucket out of range.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        forecast: Callable[[Hashable], Day],
        bucket: float = 0.05,
        coordinated: bool = True,
        outage_bucket: float = 0.0,
        remember: bool = True,
        keep: FloatArray | None = None,
    ) -> None:
        if not 0.0 <= bucket <= 1.0 or not 0.0 <= outage_bucket <= 1.0:
            raise InputError(f"energy plan: gas buckets of {bucket:g} and {outage_bucket:g} are not shares up to 1")
        self.dispatcher, self.forecast = dispatcher, forecast
        self.bucket, self.coordinated = bucket, coordinated
        hours = dispatcher.steps * dispatcher.dt
        chps = dispatcher.grid.chps
        self._room = np.array([chp.gas_max for chp in chps])
        self._most = np.array([chp.p_max / chp.eta * hours for chp in chps])
        self.outage_bucket, self.remember, self.keep = outage_bucket, remember, keep
        self._plans: dict[Hashable, EnergyPlan] = {}
        self.solved = 0

    def plan(
        self,
        kind: Hashable,
        gas0: ArrayLike = 0.0,
        gas_in: ArrayLike = 0.0,
        outages: tuple[Outage, ...] = (),
        tomorrow: Hashable | None = None,
    ) -> EnergyPlan:
        """The plan of a day.

        Args:
            kind: type of the day, as `forecast` knows it.
            gas0: float64[K], gas in store at midnight, MWh.
            gas_in: float64[K], gas expected over the day, spread evenly, MWh.
            outages: known outages of the day.
            tomorrow: type of the next day, whose export prices value the gas left over; None: as today.
        """
        K = len(self.dispatcher.grid.chps)
        store, inflow = np.broadcast_to(gas0, K).astype(float), np.broadcast_to(gas_in, K).astype(float)
        width = self.outage_bucket if outages else self.bucket
        store, inflow = _floor(store, width * self._room), _floor(inflow, width * self._most)
        following = kind if tomorrow is None else tomorrow
        key = (kind, following, tuple(sorted(outages)), tuple(store.tolist()), tuple(inflow.tolist()))
        found = self._plans.get(key)
        if found is None:
            found = self._made(kind, following, key[2], store, inflow)
            if self.remember:
                self._plans[key] = found
        return found

    def _made(
        self, kind: Hashable, following: Hashable, outages: tuple[Outage, ...], store: FloatArray, inflow: FloatArray
    ) -> EnergyPlan:
        grid, steps, dt = self.dispatcher.grid, self.dispatcher.steps, self.dispatcher.dt
        day = self.forecast(kind)
        value, end = gas_value(grid, self.forecast(following)), np.zeros_like(store)
        if self.keep is not None and not outages:
            # Where an outage took gas out of the store, what comes in fills it again.
            value, end = np.zeros_like(value), np.minimum(self.keep, store + inflow)
        day = replace(day, gas_in=np.repeat(inflow[:, None] / steps, steps, axis=1))
        for outage in outages:
            change = day.island if outage.island else day.grid_out
            day = change(grid, outage.bus, range(outage.first, outage.end))
        run = self.dispatcher.solve(day, store, value, gas_end=end, coordinated=self.coordinated)
        self.solved += 1
        return EnergyPlan(run.price, dt * (day.load - run.shed), day, run)


def _floor(amount: FloatArray, step: FloatArray) -> FloatArray:
    """Amounts rounded down to whole steps (as they are where the step is zero)."""
    safe = np.where(step > 0.0, step, 1.0)
    return np.where(step > 0.0, np.floor(amount / safe + 1e-9) * safe, amount)

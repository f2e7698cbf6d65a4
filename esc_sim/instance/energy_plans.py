"""The energy plan of a replication, made before it is run: a dispatch for every day, from forecasts and outages.

Days are planned in order, gas in store carried on as the plans leave it. A day without outage depends on its kind, on
the next one's kind and on the gas in store, rounded down to a bucket; a day with an outage is solved for the gas that
there is. Plans are remembered for all replications: what a plan holds follows from its key alone, so that it does not
matter which thread made it.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from esc_sim.energy.dispatch import Dispatcher
from esc_sim.energy.microgrid import Day
from esc_sim.energy.plan import EnergyPlan, EnergyPlanner, Outage
from esc_sim.instance.model import FloatArray, Instance, IntArray
from esc_sim.instance.power import Power
from esc_sim.sampling.timetable import Timetable
from esc_sim.scenario.power import HOURS

REMEMBERED = 20_000
"""Most plans of days with an outage that are kept; one of 8 buses takes 8 KB."""
IMPORT, EXPORT, SHED, SOLAR, UP = range(5)
"""Places in a leaflet."""


@dataclass(frozen=True, eq=False)
class Leaflet:
    """What is followed of a day's plan; B buses, K engines.

    Attributes:
        kind: of the day.
        hours: float64[5, B, 24]: import, export, shed, solar power, MW; share of the grid connection that is up.
        price: float64[B], mean price of the day, money per MWh.
        rest: cost of wheeling, wear, engines and planned flaring, money.
        power, burnt, flared: float64[K], MWh of power, of gas burnt and flared.
        in_lines, in_batteries: MWh that lines and batteries lose.
    """

    kind: int
    hours: FloatArray
    price: FloatArray
    rest: float
    power: FloatArray
    burnt: FloatArray
    flared: FloatArray
    in_lines: float = 0.0
    in_batteries: float = 0.0

    @cached_property
    def lists(self) -> list[list[list[float]]]:
        """``hours`` as lists, for the agents."""
        found: list[list[list[float]]] = self.hours.tolist()
        return found


@dataclass(frozen=True, eq=False)
class DayPlans:
    """Plans of some replications.

    Attributes:
        plan: int64[R, days of the run], place of each day's plan in ``leaflets``.
        leaflets: each once, in the order in which the replications first follow them.
    """

    plan: IntArray
    leaflets: tuple[Leaflet, ...]


class PlanMaker:
    """Makes the plans of a design and keeps them; may be shared by threads.

    Args:
        power: the design and its days.
        fixed: plans to follow on days without outage, over and over, where a plan file gives them.
        repeats: days without outage leave at midnight the gas that a run starts with, so that they can be repeated.
    """

    def __init__(self, power: Power, fixed: Sequence[Leaflet] = (), repeats: bool = False) -> None:
        self.power, self.fixed, self.repeats = power, tuple(fixed), repeats
        chps = power.grid.chps
        self._room = [chp.gas_max for chp in chps]
        self._step = [power.bucket * room for room in self._room]
        self._daily = (power.gas_forecast / power.days).tolist()
        self._calm: dict[Hashable, Leaflet] = {}
        self._struck: dict[Hashable, Leaflet] = {}
        self._lock = threading.Lock()
        self._own = threading.local()

    def __getstate__(self) -> dict[str, Any]:
        """For processes: plans that are known travel, locks and solvers do not."""
        kept = self.__dict__.copy()
        del kept["_lock"], kept["_own"]
        return kept

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock, self._own = threading.Lock(), threading.local()

    @property
    def known(self) -> int:
        """Number of plans in memory."""
        return len(self._calm) + len(self._struck)

    def plans_of(self, instance: Instance, tables: Sequence[Timetable]) -> DayPlans:
        """The plans that some replications follow, given their timetables."""
        count = instance.periods * self.power.days
        kinds = self.power.days_of(0, count + 1).tolist()
        places: dict[Leaflet, int] = {}
        plan = np.empty((len(tables), count), np.int64)
        for r, table in enumerate(tables):
            followed = self._follow(kinds, self.outages_of(instance, table))
            plan[r] = [places.setdefault(leaflet, len(places)) for leaflet in followed]
        return DayPlans(plan, tuple(places))

    def outages_of(self, instance: Instance, table: Timetable) -> dict[int, NDArray[np.int8]]:
        """Days with an outage: int8[B, blocks], 0 where all is up, 1 without grid, 2 without lines too."""
        no_grid, no_lines = (instance.channels.are(name)[table.channel] for name in ("grid", "lines"))
        power, a_day = self.power, HOURS // self.power.block
        blocks = power.days * a_day
        last, ticks = instance.periods * blocks, instance.clock.ticks
        found: dict[int, NDArray[np.int8]] = {}
        for entry in np.flatnonzero(no_grid | no_lines).tolist():
            bus = instance.channels.target[table.channel[entry]]
            what = 1 if no_grid[entry] else 2
            first = int(table.start[entry]) * blocks // ticks
            end = min(-(-int(table.end[entry]) * blocks // ticks), last)
            for day in range(first // a_day, -(-end // a_day)):
                state = found.setdefault(day, np.zeros((len(power.load), a_day), np.int8))
                part = state[bus, max(first - day * a_day, 0) : min(end - day * a_day, a_day)]
                np.maximum(part, what, out=part)
        return found

    def _follow(self, kinds: Sequence[int], outages: dict[int, NDArray[np.int8]]) -> list[Leaflet]:
        """The plan of each day of a replication, gas carried on."""
        gas, room, daily, step = self.power.gas_start.tolist(), self._room, self._daily, self._step
        units = range(len(gas))
        found: list[Leaflet] = []
        for day in range(len(kinds) - 1):
            kind, tomorrow = kinds[day], kinds[day + 1]
            if day in outages:
                leaflet = self.struck(kind, tomorrow, outages[day], gas)
            elif self.fixed:
                leaflet = self.fixed[day % len(self.fixed)]
            else:
                counts = tuple([int(gas[k] / step[k] + 1e-9) if step[k] > 0.0 else 0 for k in units])
                leaflet = self.calm(kind, tomorrow, counts)
            found.append(leaflet)
            if units:
                gone = [leaflet.burnt[k] + leaflet.flared[k] for k in units]
                gas = [min(max(gas[k] + daily[k] - gone[k], 0.0), room[k]) for k in units]
        return found

    def calm(self, kind: int, tomorrow: int, counts: tuple[int, ...]) -> Leaflet:
        """The plan of a day without outage, with whole buckets of gas in store.

        Args:
            kind: kind of the day.
            tomorrow: kind of the next day.
            counts: for each of K engines, buckets of gas in store.
        """
        key = (kind, tomorrow, counts) if counts else kind
        found = self._calm.get(key)
        if found is None:
            gas = [n * step for n, step in zip(counts, self._step, strict=True)]
            made = self._made(kind, tomorrow, (), gas)
            with self._lock:
                found = self._calm.setdefault(key, made)
        return found

    def struck(self, kind: int, tomorrow: int, state: NDArray[np.int8], gas: Sequence[float]) -> Leaflet:
        """The plan of a day with outages, exact for the gas in store.

        Args:
            kind: kind of the day.
            tomorrow: kind of the next day.
            state: int8[B, blocks], 0 where all is up, 1 without grid, 2 without lines too.
            gas: for each of K engines, gas in store at midnight, MWh.
        """
        key = (kind, tomorrow if gas else -1, state.tobytes(), *gas)
        found = self._struck.get(key)
        if found is None:
            made = self._made(kind, tomorrow, self.spells(state), gas)
            with self._lock:
                found = self._struck.setdefault(key, made)
                if len(self._struck) > REMEMBERED:
                    del self._struck[next(iter(self._struck))]
        return found

    def plan(self, kind: int, tomorrow: int, outages: tuple[Outage, ...], gas: Sequence[float]) -> EnergyPlan:
        """A plan, solved anew; each thread has a solver of its own.

        Args:
            kind: kind of the day.
            tomorrow: kind of the next day.
            outages: outages that are known of.
            gas: for each of K engines, gas in store at midnight, MWh.
        """
        planner: EnergyPlanner | None = getattr(self._own, "planner", None)
        if planner is None:
            power = self.power
            days = {kind: power.forecast_day(kind) for kind in range(len(power.kinds))}

            def forecast(kind: Hashable) -> Day:
                return days[cast(int, kind)]

            keep = power.gas_start if self.repeats else None
            planner = self._own.planner = EnergyPlanner(
                Dispatcher(power.grid), forecast, 0.0, power.coordinated, remember=False, keep=keep
            )
        return planner.plan(kind, gas, self._daily, outages, tomorrow)

    def _made(self, kind: int, tomorrow: int, outages: tuple[Outage, ...], gas: Sequence[float]) -> Leaflet:
        return self.leaflet_of(kind, self.plan(kind, tomorrow, outages, gas))

    def spells(self, state: NDArray[np.int8]) -> tuple[Outage, ...]:
        """Outages of a day, from the state of each block."""
        found, hours = [], self.power.block
        for name, row in zip(self.power.grid.names, state.tolist(), strict=True):
            for place, what in enumerate(row):
                if what:
                    found.append(Outage(name, place * hours, (place + 1) * hours, what == 2))
        return tuple(found)

    def leaflet_of(self, kind: int, plan: EnergyPlan) -> Leaflet:
        """What is followed of a plan."""
        run, day, grid = plan.dispatch, plan.day, self.power.grid
        rest, in_lines = 0.0, 0.0
        for number, line in enumerate(grid.lines):
            in_lines += line.loss * float(run.flow[number].sum())
            rest += line.wheel * float(run.flow[number].sum())
        for number, cell in enumerate(grid.batteries):
            rest += cell.wear * float(run.charge[number].sum() + run.discharge[number].sum())
        for number, chp in enumerate(grid.chps):
            rest += chp.var_cost * float(run.chp[number].sum()) + chp.flare_cost * float(run.flare[number].sum())
        eta = np.array([chp.eta for chp in grid.chps])
        return Leaflet(
            kind=kind,
            hours=np.stack([run.imp, run.exp, run.shed, run.pv, day.grid_up]),
            price=run.price.mean(axis=1),
            rest=rest,
            power=run.chp.sum(axis=1),
            burnt=run.chp.sum(axis=1) / eta,
            flared=run.flare.sum(axis=1),
            in_lines=in_lines,
            in_batteries=float((run.charge - run.discharge).sum()),
        )

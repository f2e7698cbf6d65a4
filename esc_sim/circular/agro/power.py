"""The energy plan of the network's weeks, and what became of it.

Each region has four buses: farm, plant (mill and packing house), town (retailers) and digester. With a microgrid there
are sun at the farms, a battery at the plants, and lines; without, each bus has the grid alone.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from esc_sim.circular.agro.chance import BLOCKS, REGIONS, WEEKS, BoolArray, Chance
from esc_sim.circular.agro.coefficients import Coefficients, Switches
from esc_sim.energy import Battery, Bus, Chp, Day, Dispatcher, EnergyPlan, EnergyPlanner, Line, Microgrid, settle
from esc_sim.energy.plan import Outage

FloatArray = NDArray[np.float64]
KINDS = ("farm", "plant", "town", "digester")
SEASONS = 13
_HOURS = np.arange(24)
_PRICE = 1.0 + 0.25 * np.sin((_HOURS - 5.0) / 12.0 * 2.0 * np.pi) + 0.15 * np.sin((_HOURS - 14.0) / 24.0 * 2.0 * np.pi)
_DAYLIGHT = ((_HOURS >= 6) & (_HOURS < 22)).astype(float)
_SHAPES = {
    "farm": 1.0 + 0 * _HOURS,
    "plant": 0.3 + _DAYLIGHT,
    "town": 0.6 + 0.4 * _DAYLIGHT,
    "digester": 1.0 + 0 * _HOURS,
}
_WEEKDAY, _WEEKEND = 1.1, 0.75
BUCKET = 0.1
"""Gas is rounded down to tenths of the store and of a day's burning, outage days included, for the sake of time: 200
replications of 20 years are 1.5 million days, 25,000 of them with an outage. What is rounded off stays in store."""


def gas_per_tonne(c: Coefficients) -> float:
    """MWh of biogas from a tonne of waste."""
    return c["vs_waste"] * c["biogas_vs"] * c["ch4"] * c["lhv"] / 1000.0


def microgrid_of(c: Coefficients, sw: Switches) -> Microgrid:
    """The design that the switches build."""
    buses, lines, chps, batteries = [], [], [], []
    for g in REGIONS:
        pv = c["pv_mw"] if sw.microgrid else 0.0
        buses += [
            Bus(f"farm {g}", 4.0, 2.0, pv, c["voll_farm"]),
            Bus(f"plant {g}", 4.0, 1.0, 0.0, c["voll_plant"]),
            Bus(f"town {g}", 4.0, 0.0, 0.0, c["voll_town"]),
            Bus(f"digester {g}", 4.0, 1.0, 0.0, c["voll_dig"]),
        ]
        if sw.loops:
            chps.append(Chp(f"digester {g}", c["chp_mw"], c["chp_eta"], 0.0, c["gas_room"]))
        if sw.microgrid:
            for end, limit in (("farm", c["line_farm"]), ("town", c["line_town"]), ("digester", c["line_dig"])):
                lines.append(Line(f"{end} {g}", f"plant {g}", limit, c["wheel"], c["line_loss"]))
            size, eta = c["bat_mwh"], c["bat_eta"]
            batteries.append(Battery(f"plant {g}", size, size / 2, size / 2, eta, eta, c["bat_wear"], size / 2, 0.0))
    if sw.microgrid:
        lines.append(Line(f"plant {REGIONS[0]}", f"plant {REGIONS[1]}", c["line_region"], c["wheel"], c["line_loss"]))
    return Microgrid(tuple(buses), tuple(lines), tuple(chps), tuple(batteries))


def prices(c: Coefficients, season: int, weekend: int) -> tuple[FloatArray, FloatArray]:
    """Hourly import and export prices of a day type, EUR per MWh, with the means of the coefficients over the year."""
    shape = _PRICE / _PRICE.mean() * (1.0 + 0.12 * np.cos((season + 0.5) / SEASONS * 2.0 * np.pi))
    shape = shape * (0.88 if weekend else 1.048)
    return c["p_import"] * shape, c["p_export"] * shape


def sun(c: Coefficients, season: int) -> FloatArray:
    """Forecast share of the installed solar power, float64[24]; the year's mean is pv_cf."""
    return np.asarray(np.minimum(1.0, c["pv_cf"] * _light(season) / _MEAN_LIGHT))


def _light(season: int) -> FloatArray:
    """Course of a day's light: longer and higher in summer."""
    phase = -np.cos((season + 0.5) / SEASONS * 2.0 * np.pi)
    length, height = 12.0 + 3.5 * phase, 1.0 + 0.45 * phase
    up = np.abs(_HOURS - 12.0) < length / 2.0
    return np.asarray(height * np.where(up, np.cos((_HOURS - 12.0) / length * np.pi), 0.0))


_MEAN_LIGHT = float(np.mean([_light(season) for season in range(SEASONS)]))


@dataclass(eq=False)
class PowerWeek:
    """A week, R replications, 8 buses.

    Attributes:
        served: float64[R, 8], share of the load that was served.
        cost: float64[R], EUR: grid, wheeling, wear.
        imported, exported, load, shed, solar, engines, flared, deviation: float64[R], MWh (gas for flared).
        imbalance: largest amount by which a bus and hour did not add up, MW.
    """

    served: FloatArray
    cost: FloatArray
    imported: FloatArray
    exported: FloatArray
    load: FloatArray
    shed: FloatArray
    solar: FloatArray
    engines: FloatArray
    flared: FloatArray
    deviation: FloatArray
    imbalance: float = 0.0

    @classmethod
    def of(cls, replications: int) -> PowerWeek:
        """A week in which nothing has happened yet."""
        zeros: list[FloatArray] = [np.zeros(replications) for _ in range(9)]
        cost, imported, exported, load, shed, solar, engines, flared, deviation = zeros
        served = np.zeros((replications, 8))
        return cls(served, cost, imported, exported, load, shed, solar, engines, flared, deviation)


@dataclass(frozen=True, eq=False)
class Leaflet:
    """What the settlement needs of a plan: imp, exp, shed, pv, float64[4, 8, 24], and sums of the day.

    Attributes:
        arrays: float64[4, 8, 24].
        rest: cost without grid and without lost load, EUR.
        burnt: float64[K], gas burnt or flared by plan, MWh.
        sums: engines (MWh of power) and flared (MWh of gas).
    """

    arrays: FloatArray
    rest: float
    burnt: FloatArray
    sums: tuple[float, float]


class Planner:
    """The energy plans of one design; may be shared by runs that differ in other things.

    Args:
        c: coefficients.
        sw: switches; loops, microgrid, coordinated and localisation matter here.
        weekly: float64[8], expected load of each bus, MWh a week.
        bucket: width of a gas bucket.
    """

    def __init__(self, c: Coefficients, sw: Switches, weekly: FloatArray, bucket: float = BUCKET) -> None:
        self.c, self.weekly, self.bucket = c, weekly, bucket
        self.grid = microgrid_of(c, sw)
        self.eta = np.array([chp.eta for chp in self.grid.chps])
        self.steps = np.array([bucket * c["gas_room"], bucket * 24.0 * c["chp_mw"] / c["chp_eta"]])
        self.planner = EnergyPlanner(
            Dispatcher(self.grid), self.forecast, bucket, sw.coordinated, bucket, remember=False
        )
        self._days: dict[Hashable, Day] = {}
        self._known: dict[Hashable, Leaflet] = {}

    def forecast(self, kind: Hashable) -> Day:
        """A day of a type (season, weekend)."""
        if kind not in self._days:
            assert isinstance(kind, tuple)
            season, weekend = kind
            factor = _WEEKEND if weekend else _WEEKDAY
            shapes = np.stack([_SHAPES[k] / _SHAPES[k].sum() for _ in REGIONS for k in KINDS])
            load = self.weekly[:, None] / 7.0 * factor * shapes
            light = np.array([bus.pv_peak for bus in self.grid.buses])[:, None] * sun(self.c, season)
            self._days[kind] = Day.of(self.grid, *prices(self.c, season, weekend), load, light)
        return self._days[kind]

    def plan(self, kind: Hashable, tomorrow: Hashable, blocks: BoolArray, counts: FloatArray) -> EnergyPlan:
        """A plan.

        Args:
            kind: type of the day; `tomorrow` that of the next.
            blocks: bool[2 regions, 4], six hours each without grid.
            counts: float64[2 K], whole buckets of gas in store and of gas expected.
        """
        K = len(self.grid.chps)
        store, inflow = counts[:K] * self.steps[0], counts[K:] * self.steps[1]
        return self.planner.plan(kind, store, inflow, _outages(blocks), tomorrow)

    def leaflet(self, kind: Hashable, tomorrow: Hashable, row: FloatArray) -> Leaflet:
        """What the settlement needs; row: the eight blocks, then the buckets."""
        key = (kind, tomorrow, row.tobytes())
        if key not in self._known:
            plan = self.plan(kind, tomorrow, row[:8].reshape(2, 4) > 0, row[8:])
            run, day = plan.dispatch, plan.day
            bought = float((run.imp @ day.price_import - run.exp @ day.price_export).sum())
            rest = run.cost - bought - float(self.grid.lost_load @ run.shed.sum(axis=1))
            flared = run.flare.sum(axis=1)
            burnt = run.chp.sum(axis=1) / self.eta + flared
            sums = float(run.chp.sum()), float(flared.sum())
            self._known[key] = Leaflet(np.stack([run.imp, run.exp, run.shed, run.pv]), rest, burnt, sums)
        return self._known[key]


class Power:
    """Follows and settles the energy plans of a run.

    Args:
        planner: makes the plans.
        chance: outages of the grid, and clouds.
    """

    def __init__(self, planner: Planner, chance: Chance) -> None:
        self.planner, self.chance, self.grid = planner, chance, planner.grid
        self.weekly, self.room = planner.weekly, planner.c["gas_room"]
        self.peak = np.array([bus.pv_peak for bus in self.grid.buses])[:, None]
        self.gas = np.full((chance.replications, len(self.grid.chps)), 0.5 * self.room)

    def week(self, t: int, ratio: FloatArray, gas_in: FloatArray) -> PowerWeek:
        """Plan and settle the seven days of a week.

        Args:
            t: number of the week.
            ratio: float64[R, 8], wanted load over expected load.
            gas_in: float64[R, K], gas of the week, MWh.
        """
        R = len(ratio)
        total = PowerWeek.of(R)
        lost = np.zeros((R, 8))
        season = (t % WEEKS) // 4
        blocks = self.chance.grid_down[:, t].reshape(R, 2, 7, BLOCKS // 7)
        for day in range(7):
            kind, tomorrow = (season, int(day >= 5)), (season, int((day + 1) % 7 >= 5))
            leaflets = self._leaflets(kind, tomorrow, blocks[:, :, day], gas_in / 7.0)
            up = np.repeat(np.repeat(~blocks[:, :, day], 6, axis=2), 4, axis=1).astype(float)
            self._settle(kind, leaflets, up, ratio, self.chance.cloud[:, t, day], total, lost)
            self._burn(leaflets, gas_in / 7.0, total)
        wanted = ratio * self.weekly
        np.divide(lost, wanted, out=lost, where=wanted > 0.0)
        total.served = 1.0 - lost
        return total

    def _leaflets(self, kind: Hashable, tomorrow: Hashable, blocks: BoolArray, gas_in: FloatArray) -> list[Leaflet]:
        """The plan that each replication follows."""
        step = self.planner.steps
        amounts = np.floor(np.concatenate([self.gas / step[0], gas_in / step[1]], axis=1) + 1e-9)
        rows = np.concatenate([blocks.reshape(len(blocks), -1), amounts], axis=1)
        return [self.planner.leaflet(kind, tomorrow, row) for row in rows]

    def _settle(
        self, kind: Hashable, leaflets: list[Leaflet], up: FloatArray, ratio: FloatArray, cloud: FloatArray,
        total: PowerWeek, lost: FloatArray,
    ) -> None:  # fmt: skip
        """Settle a day and add it to the week."""
        day = replace(self.planner.forecast(kind), grid_up=up)
        arrays = np.stack([leaflet.arrays for leaflet in leaflets])
        run = _Planned(*(arrays[:, part] for part in range(4)))
        load = day.load * ratio[:, :, None]
        light = np.minimum(self.peak, day.pv * np.repeat(cloud, 4, axis=1)[:, :, None])
        done = settle(self.grid, day, run, load, light)
        bought, sold = done.imp.sum(axis=1), done.exp.sum(axis=1)
        money = (bought * day.price_import - sold * day.price_export).sum(axis=1)
        total.cost += money + np.array([leaflet.rest for leaflet in leaflets])
        total.imported += bought.sum(axis=1)
        total.exported += sold.sum(axis=1)
        total.load += load.sum(axis=(1, 2))
        gone = (done.shed + done.unmet).sum(axis=2)
        lost += gone
        total.shed += gone.sum(axis=1)
        total.solar += done.pv.sum(axis=(1, 2))
        total.deviation += np.abs(done.deviation).sum(axis=(1, 2))
        off = done.imp - done.exp + done.pv + done.shed + done.unmet - done.spilled - load
        off -= run.imp - run.exp + run.pv + run.shed - day.load
        total.imbalance = max(total.imbalance, float(np.abs(off).max()))

    def _burn(self, leaflets: list[Leaflet], gas_in: FloatArray, total: PowerWeek) -> None:
        """Carry the gas stores on; what exceeds their room is flared."""
        sums = np.array([leaflet.sums for leaflet in leaflets])
        total.engines += sums[:, 0]
        total.flared += sums[:, 1]
        if self.gas.shape[1]:
            store = self.gas + gas_in - np.stack([leaflet.burnt for leaflet in leaflets])
            over = np.maximum(0.0, store - self.room)
            total.flared += over.sum(axis=1)
            self.gas = np.maximum(0.0, store - over)


@dataclass(frozen=True, eq=False)
class _Planned:
    """Plans of many replications, float64[R, 8, 24] each."""

    imp: FloatArray
    exp: FloatArray
    shed: FloatArray
    pv: FloatArray


def _outages(blocks: BoolArray) -> tuple[Outage, ...]:
    """Outages of a day from its six-hour blocks, bool[2 regions, 4]: all buses of a region lose the grid."""
    found = []
    for g, row in zip(REGIONS, blocks, strict=True):
        edges = np.flatnonzero(np.diff(np.concatenate([[False], row, [False]]).astype(int)))
        for first, end in zip(edges[::2], edges[1::2], strict=True):
            found += [Outage(f"{kind} {g}", int(first) * 6, int(end) * 6) for kind in KINDS]
    return tuple(found)

"""Microgrids of a scenario as numbers: buses and their nodes, the kinds of days, engines, and who pays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from esc_sim.energy.microgrid import Battery, Bus, Chp, Day, Line, Microgrid
from esc_sim.instance.model import FloatArray, IntArray
from esc_sim.network.model import Network
from esc_sim.results.observed import Observed
from esc_sim.scenario.power import HOURS, day_type_of, hours_of, recipe_energy
from esc_sim.scenario.power import Power as Section
from esc_sim.scenario.schema import Scenario

WEEK, WORKDAYS = 7, 5


@dataclass(frozen=True, eq=False)
class Power:
    """Microgrids; B buses, K engines, D kinds of days (a day type, on a weekday or at a weekend).

    Attributes:
        grid: the design that is dispatched.
        days, year: days in a period, periods in a year.
        block: hours to which outages are rounded outwards.
        bucket: share of the gas store's room to which gas is rounded down on days without outage.
        coordinated: one plan for all buses.
        bus_start, bus_node: int64[B + 1] and nodes of each bus.
        load, forecast: float64[B], MWh a period beside recipes, and planned for recipes.
        kinds: (day type, weekend) of each kind.
        kind_of: int64[year, 2], kind of a weekday and of a weekend day in each period of the year.
        price_in, price_out, sun: float64[D, 24].
        shape: float64[D, B, 24], share of a period's load in each hour.
        operator: node that pays.
        gas_item: int64[K] item that an engine burns.
        gas_energy: float64[K] MWh in a unit of it.
        engine_bus: int64[K].
        gas_start, gas_forecast: float64[K], MWh in store at the start, MWh planned with in a period.
        sun_loc, sun_scale, sun_column: realised over forecast sun of a bus is loc + scale * draw.
        observed: names and units of what buses and engines show of themselves.
    """

    grid: Microgrid
    days: int
    year: int
    block: int
    bucket: float
    coordinated: bool
    bus_start: IntArray
    bus_node: IntArray
    load: FloatArray
    forecast: FloatArray
    kinds: tuple[tuple[int, bool], ...]
    kind_of: IntArray
    price_in: FloatArray
    price_out: FloatArray
    sun: FloatArray
    shape: FloatArray
    operator: int
    gas_item: IntArray
    gas_energy: FloatArray
    engine_bus: IntArray
    gas_start: FloatArray
    gas_forecast: FloatArray
    sun_loc: FloatArray
    sun_scale: FloatArray
    sun_column: IntArray
    observed: tuple[Observed, ...]

    @property
    def mean_price(self) -> FloatArray:
        """Mean import price of each kind of day, float64[D]."""
        found: FloatArray = self.price_in.mean(axis=1)
        return found

    @property
    def planned(self) -> FloatArray:
        """Load that is planned for, float64[B], MWh a period."""
        return self.load + self.forecast

    def days_of(self, first: int, count: int) -> IntArray:
        """Kinds of ``count`` days from a day of the run on, int64[count]; a run starts on a Monday."""
        day = np.arange(first, first + count)
        weekend = (day % WEEK >= WORKDAYS).astype(np.int64)
        found: IntArray = self.kind_of[(day // self.days) % self.year, weekend]
        return found

    def forecast_day(self, kind: int) -> Day:
        """Data of a day of a kind, without outages and without gas."""
        light = np.array([bus.pv_peak for bus in self.grid.buses])[:, None] * self.sun[kind]
        load = self.shape[kind] * self.planned[:, None]
        return Day.of(self.grid, self.price_in[kind], self.price_out[kind], load, light)


def power_of(scenario: Scenario, network: Network, sun: tuple[FloatArray, FloatArray, IntArray]) -> Power | None:
    """The microgrids of a scenario; None where it has none.

    Args:
        scenario: a checked scenario.
        network: its network.
        sun: loc, scale and tape column of each bus's sun.
    """
    section = scenario.power
    if section is None:
        return None
    kinds, kind_of = _kinds(section)
    types = [section.day_types[number] for number, _ in kinds]
    nodes = [[network.node_index[name] for name in bus.nodes] for bus in section.buses]
    products = list(network.products)
    names = [bus.id for bus in section.buses]
    return Power(
        grid=microgrid_of(section),
        days=section.days,
        year=section.year,
        block=section.block,
        bucket=section.bucket,
        coordinated=section.coordinated,
        bus_start=np.r_[0, np.cumsum([len(own) for own in nodes])].astype(np.int64),
        bus_node=np.array([node for own in nodes for node in own], np.int64),
        load=np.array([bus.load for bus in section.buses]),
        forecast=np.array(
            [recipe_energy(scenario, bus) if bus.forecast is None else bus.forecast for bus in section.buses]
        ),
        kinds=kinds,
        kind_of=kind_of,
        price_in=np.array([hours_of(kind.import_price, scenario.series) for kind in types]),
        price_out=np.array([hours_of(kind.export_price, scenario.series) for kind in types]),
        sun=np.array([hours_of(kind.sun, scenario.series) for kind in types]),
        shape=np.array([[_shape(section, number, weekend) for number in range(len(names))] for _, weekend in kinds]),
        operator=network.node_index[section.operator],
        gas_item=np.array(
            [network.item_index[network.node_index[e.node], products.index(e.gas)] for e in section.engines], np.int64
        ),
        gas_energy=np.array([e.energy_per_unit for e in section.engines], np.float64),
        engine_bus=np.array([names.index(e.bus) for e in section.engines], np.int64),
        gas_start=np.array([e.store / 2 if e.start is None else e.start for e in section.engines], np.float64),
        gas_forecast=np.array([e.forecast_gas for e in section.engines], np.float64),
        sun_loc=sun[0],
        sun_scale=sun[1],
        sun_column=sun[2],
        observed=_observed(section, scenario.units.money),
    )


def microgrid_of(section: Section) -> Microgrid:
    """The design that a section describes."""
    return Microgrid(
        buses=tuple(Bus(b.id, b.import_max, b.export_max, b.pv, b.voll) for b in section.buses),
        lines=tuple(Line(x.from_, x.to, x.limit, x.wheel, x.loss) for x in section.lines),
        chps=tuple(
            Chp(e.bus, e.p_max, e.eta, e.cost, gas_max=e.store, flare_cost=e.flare_cost) for e in section.engines
        ),
        batteries=tuple(
            Battery(
                q.bus,
                q.e_max,
                q.e_max / 2 if q.p_ch is None else q.p_ch,
                q.e_max / 2 if q.p_dis is None else q.p_dis,
                q.eta_ch,
                q.eta_dis,
                q.wear,
                q.e_max / 2 if q.e0 is None else q.e0,
                q.e_min,
            )
            for q in section.batteries
        ),
        voll=section.voll,
    )


def _kinds(section: Section) -> tuple[tuple[tuple[int, bool], ...], IntArray]:
    """Kinds of days that the year has, and the kind of each period's weekdays and weekends."""
    index: dict[tuple[int, bool], int] = {}
    table = np.zeros((section.year, 2), np.int64)
    for period in range(section.year):
        for weekend in (False, True):
            number = day_type_of(section, period, weekend)
            if number is not None:  # a run of a few days may have no weekend
                table[period, int(weekend)] = index.setdefault((number, weekend), len(index))
    return tuple(index), table


def _shape(section: Section, number: int, weekend: bool) -> list[float]:
    """Share of a period's load of a bus that falls into each hour of a weekday, or of a weekend day.

    The shares of a period add up to 1: weekends differ only where periods are whole weeks.
    """
    bus = section.buses[number]
    weights = bus.profile or [1.0] * HOURS
    usual = WEEK / (WORKDAYS + (WEEK - WORKDAYS) * bus.weekend) / section.days
    factor = usual * (bus.weekend if weekend else 1.0)
    return [factor * weight / sum(weights) for weight in weights]


BUS_SERIES = ("load", "imported", "exported", "shed", "solar", "nodal price")
ENGINE_SERIES = ("engine power", "gas store", "gas flared")
SYSTEM_SERIES = ("deviation", "deviation cost", "energy cost", "lost in lines", "lost in batteries", "spilled")


def _observed(section: Section, money: str) -> tuple[Observed, ...]:
    """Series shown: those of each bus, of each engine, of the whole."""
    units = {"nodal price": f"{money}/MWh", "deviation cost": money, "energy cost": money}
    found = [
        Observed(kind, bus.id, units.get(kind, "MWh"), tuple(bus.nodes)) for bus in section.buses for kind in BUS_SERIES
    ]
    found += [Observed(kind, f"{e.node} {e.gas}", "MWh", (e.node,)) for e in section.engines for kind in ENGINE_SERIES]
    found += [Observed(kind, "microgrids", units.get(kind, "MWh"), (section.operator,)) for kind in SYSTEM_SERIES]
    return tuple(found)

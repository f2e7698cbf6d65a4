"""What is dispatched: buses, lines, biogas engines and batteries, and the data of one day.

Powers in MW, energies in MWh, gas in MWh of its lower heating value, money in EUR.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.errors import InputError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Bus:
    """A point where power is fed in and taken out.

    Attributes:
        name: unique name.
        import_max: most power from the grid, MW.
        export_max: most power to the grid, MW.
        pv_peak: installed solar power, MW.
        voll: value of lost load here, EUR per MWh; None takes the microgrid's.
    """

    name: str
    import_max: float = 0.0
    export_max: float = 0.0
    pv_peak: float = 0.0
    voll: float | None = None


@dataclass(frozen=True)
class Line:
    """A line between two buses, as a transport link: no voltages, losses in proportion to the flow.

    Attributes:
        from_bus: one end.
        to_bus: the other end.
        limit: most power in either direction, MW, at the sending end.
        wheel: charge in either direction, EUR per MWh sent.
        loss: share of what is sent that does not arrive, from 0 to below 1.
    """

    from_bus: str
    to_bus: str
    limit: float
    wheel: float = 0.0
    loss: float = 0.0


@dataclass(frozen=True)
class Chp:
    """A biogas engine with its gas store.

    Attributes:
        bus: where it feeds in.
        p_max: electric power, MW.
        eta: electric efficiency, above 0 to 1.
        var_cost: EUR per MWh of power.
        gas_max: room of the gas store, MWh.
        gas_end_min: least gas in store at the end of the day, MWh.
        flare_cost: EUR per MWh of gas burnt off.
    """

    bus: str
    p_max: float
    eta: float
    var_cost: float = 0.0
    gas_max: float = 0.0
    gas_end_min: float = 0.0
    flare_cost: float = 0.0


@dataclass(frozen=True)
class Battery:
    """A battery; every day ends with the charge it began with.

    Attributes:
        bus: where it stands.
        e_max: largest charge, MWh.
        p_ch: charging power, MW, at the bus.
        p_dis: discharging power, MW, at the bus.
        eta_ch: share of the charging energy that is stored.
        eta_dis: share of the stored energy that comes out.
        wear: EUR per MWh charged and per MWh discharged.
        e0: charge at midnight, MWh.
        e_min: least charge, MWh.
    """

    bus: str
    e_max: float
    p_ch: float
    p_dis: float
    eta_ch: float = 1.0
    eta_dis: float = 1.0
    wear: float = 0.0
    e0: float = 0.0
    e_min: float = 0.0


@dataclass(frozen=True)
class Microgrid:
    """A design: what stands where.

    Attributes:
        buses: at least one.
        lines: between buses of this design.
        chps: biogas engines.
        batteries: batteries.
        voll: value of lost load, EUR per MWh not served.

    Raises:
        InputError: unknown or repeated names, numbers out of range, a bus without any supply.
    """

    buses: tuple[Bus, ...]
    lines: tuple[Line, ...] = ()
    chps: tuple[Chp, ...] = ()
    batteries: tuple[Battery, ...] = ()
    voll: float = 3000.0

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise InputError(problems)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the buses, in order."""
        return tuple(bus.name for bus in self.buses)

    @property
    def lost_load(self) -> FloatArray:
        """Value of lost load at each bus, float64[B], EUR per MWh."""
        return np.array([self.voll if bus.voll is None else bus.voll for bus in self.buses], dtype=float)

    def at(self, bus: str) -> int:
        """Position of a bus.

        Raises:
            InputError: no such bus.
        """
        if bus not in self.names:
            raise InputError(f"microgrid: there is no bus {bus!r}; buses are {', '.join(self.names)}")
        return self.names.index(bus)


@dataclass(frozen=True, eq=False)
class Day:
    """Data of one day of T steps on a design of B buses, L lines and K biogas engines.

    Attributes:
        price_import: float64[T], EUR per MWh taken from the grid.
        price_export: float64[T], EUR per MWh fed into the grid; at least 0 and below the import price.
        load: float64[B, T], MW.
        pv: float64[B, T], solar power available, MW.
        gas_in: float64[K, T], gas that comes in during the step, MWh.
        grid_up: float64[B, T], share of the grid connection that is up (1: whole, 0: outage).
        line_up: float64[L, T], share of the line that is up.
        dt: hours a step.
    """

    price_import: FloatArray
    price_export: FloatArray
    load: FloatArray
    pv: FloatArray
    gas_in: FloatArray
    grid_up: FloatArray
    line_up: FloatArray
    dt: float = 1.0

    @classmethod
    def of(
        cls,
        grid: Microgrid,
        price_import: ArrayLike,
        price_export: ArrayLike,
        load: ArrayLike,
        pv: ArrayLike = 0.0,
        gas_in: ArrayLike = 0.0,
        dt: float = 1.0,
    ) -> Day:
        """A day without outages; loads, solar power and gas broadcast to [buses or engines, steps].

        Args:
            grid: the design; B buses, K engines.
            price_import: float64[T], EUR per MWh taken from the grid in each step.
            price_export: float64[T], EUR per MWh fed into it, below the import price.
            load: MW, broadcast to [B, T].
            pv: solar power available, MW, broadcast to [B, T].
            gas_in: gas that comes in, MWh a step, broadcast to [K, T].
            dt: hours a step.

        Raises:
            InputError: hourly prices of unequal length, an export price that is not below the import price, arrays
                that do not fit, negative loads, more solar power than is installed.
        """
        bought, sold = np.asarray(price_import, float).ravel(), np.asarray(price_export, float).ravel()
        if bought.size != sold.size or not bought.size:
            raise InputError(
                f"prices: {bought.size} import prices and {sold.size} export prices; give one an hour each"
            )
        T = bought.size
        day = cls(
            bought,
            sold,
            _table("load", load, len(grid.buses), T),
            _table("pv", pv, len(grid.buses), T),
            _table("gas_in", gas_in, len(grid.chps), T),
            np.ones((len(grid.buses), T)),
            np.ones((len(grid.lines), T)),
            float(dt),
        )
        problems = list(_day_problems(grid, day))
        if problems:
            raise InputError(problems)
        return day

    @property
    def steps(self) -> int:
        """Number of steps T."""
        return int(self.price_import.size)

    def grid_out(self, grid: Microgrid, bus: str, hours: Iterable[int]) -> Day:
        """The day with the grid connection of a bus lost in some steps: no import, no export; lines stay closed.

        Args:
            grid: the design.
            bus: name of the bus.
            hours: numbers of the steps.

        Raises:
            InputError: there is no such bus.
        """
        up = self.grid_up.copy()
        up[grid.at(bus), list(hours)] = 0.0
        return replace(self, grid_up=up)

    def island(self, grid: Microgrid, bus: str, hours: Iterable[int]) -> Day:
        """The day with a bus on its own in some steps: neither grid nor lines.

        Args:
            grid: the design.
            bus: name of the bus.
            hours: numbers of the steps.

        Raises:
            InputError: there is no such bus.
        """
        steps, lines = list(hours), self.line_up.copy()
        for number, line in enumerate(grid.lines):
            if bus in (line.from_bus, line.to_bus):
                lines[number, steps] = 0.0
        return replace(self.grid_out(grid, bus, steps), line_up=lines)

    def without_lines(self) -> Day:
        """The day with all lines open: every bus trades with the grid alone (autonomous dispatch)."""
        return replace(self, line_up=np.zeros_like(self.line_up))


def _table(name: str, given: ArrayLike, rows: int, steps: int) -> FloatArray:
    values = np.asarray(given, dtype=float)
    try:
        return np.broadcast_to(values, (rows, steps)).copy()
    except ValueError:
        raise InputError(f"{name}: shape {values.shape} does not fit {rows} rows of {steps} hours") from None


def _day_problems(grid: Microgrid, day: Day) -> Iterable[str]:
    """Everything that is wrong with the data of a day."""
    for hour in np.flatnonzero(~(day.price_export < day.price_import))[:1]:
        yield (
            f"prices: hour {hour} sells at {day.price_export[hour]:g} and buys at {day.price_import[hour]:g} EUR/MWh; "
            "the export price must be below the import price, or power would be bought to be sold"
        )
    for hour in np.flatnonzero(~(day.price_export >= 0.0))[:1]:
        yield f"prices: the export price of hour {hour} is {day.price_export[hour]:g}; it must be at least 0"
    if not day.dt > 0.0:
        yield f"dt: {day.dt:g} hours a step; it must be above 0"
    for name in ("load", "pv", "gas_in", "price_import"):
        values = getattr(day, name)
        if not (np.isfinite(values).all() and (values >= 0.0).all()):
            yield f"{name}: every value must be a number of at least 0"
    for bus, installed, peak in zip(grid.names, (b.pv_peak for b in grid.buses), day.pv.max(axis=1), strict=True):
        if peak > installed * (1.0 + 1e-12):
            yield f"pv: bus {bus!r} has {installed:g} MW installed and {peak:g} MW available; raise pv_peak"


def _problems(grid: Microgrid) -> Iterable[str]:
    """Everything that is wrong with a design."""
    names = [bus.name for bus in grid.buses]
    if not names or len(set(names)) != len(names):
        yield f"microgrid: buses need at least one, and names of their own; given {names}"
    if not (np.isfinite(grid.voll) and grid.voll >= 0):
        yield f"microgrid.voll: {grid.voll!r} is not a number of at least 0"
    for place in grid.buses:
        if place.voll is not None and not (np.isfinite(place.voll) and place.voll >= 0):
            yield f"bus {place.name!r}.voll: {place.voll!r} is not a number of at least 0"
    units: list[tuple[str, object, Sequence[str]]] = [
        *((f"bus {bus.name!r}", bus, ("import_max", "export_max", "pv_peak")) for bus in grid.buses),
        *((f"line {i}", line, ("limit", "wheel", "loss")) for i, line in enumerate(grid.lines)),
        *((f"chp {i}", c, ("p_max", "eta", "var_cost", "gas_max", "gas_end_min")) for i, c in enumerate(grid.chps)),
        *(
            (f"battery {i}", b, ("e_min", "e0", "e_max", "p_ch", "p_dis", "wear", "eta_ch", "eta_dis"))
            for i, b in enumerate(grid.batteries)
        ),
    ]
    for what, unit, fields in units:
        for field in fields:
            value = getattr(unit, field)
            if not (np.isfinite(value) and value >= 0):
                yield f"{what}.{field}: {value!r} is not a number of at least 0"
    for i, line in enumerate(grid.lines):
        if line.loss >= 1:
            yield f"line {i}.loss: {line.loss:g} is not below 1"
        if line.from_bus == line.to_bus:
            yield f"line {i}: both ends are at {line.from_bus!r}"
    for i, cell in enumerate(grid.batteries):
        if not cell.e_min <= cell.e0 <= cell.e_max:
            yield f"battery {i}: e_min <= e0 <= e_max does not hold"
    for what, share in [(f"chp {i}.eta", c.eta) for i, c in enumerate(grid.chps)] + [
        (f"battery {i}.{name}", getattr(b, name))
        for i, b in enumerate(grid.batteries)
        for name in ("eta_ch", "eta_dis")
    ]:
        if not 0 < share <= 1:
            yield f"{what}: {share:g} is not an efficiency above 0 and at most 1"
    placed = [(f"line {i}", end) for i, x in enumerate(grid.lines) for end in (x.from_bus, x.to_bus)]
    placed += [(f"chp {i}", c.bus) for i, c in enumerate(grid.chps)]
    placed += [(f"battery {i}", b.bus) for i, b in enumerate(grid.batteries)]
    for what, bus in placed:
        if bus not in names:
            yield f"{what}: there is no bus {bus!r}; buses are {', '.join(names)}"
    fed = {bus for _, bus in placed}
    for place in grid.buses:
        if place.name not in fed and place.import_max <= 0 and place.pv_peak <= 0:
            yield (
                f"bus {place.name!r} has no supply: give it a grid import limit (import_max), a line, solar power "
                "(pv_peak), a CHP or a battery"
            )


def column(values: Iterable[float]) -> FloatArray:
    """Numbers as a column, float64[n, 1]."""
    return np.array(list(values), dtype=float)[:, None]


def incidence(grid: Microgrid) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What a unit of flow (two ways a line), of an engine and of a battery gives to each bus."""
    B = len(grid.buses)
    lines, chps, batteries = (np.zeros((B, n)) for n in (2 * len(grid.lines), len(grid.chps), len(grid.batteries)))
    for i, line in enumerate(grid.lines):
        for way, (out, to) in enumerate(((line.from_bus, line.to_bus), (line.to_bus, line.from_bus))):
            lines[grid.at(out), 2 * i + way] -= 1.0
            lines[grid.at(to), 2 * i + way] += 1.0 - line.loss
    for i, chp in enumerate(grid.chps):
        chps[grid.at(chp.bus), i] = 1.0
    for i, battery in enumerate(grid.batteries):
        batteries[grid.at(battery.bus), i] = 1.0
    return lines, chps, batteries

"""How large solar power, batteries, engines and lines should be: one linear program over the days of a year.

Every day that differs from the others is dispatched as in :mod:`esc_sim.energy.program`, weighted by how many days of a
year are like it, with sizes that all days share and that cost a yearly amount. A day ends with the charge and at least
the gas that it began with, so that days stand for themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from esc_sim.energy.microgrid import Battery, Day, FloatArray, Microgrid, column

if TYPE_CHECKING:
    from esc_sim.lp import BlockModel

TRIFLE = 1e-9
"""MW or MWh that are none, but the solver's rounding."""


@dataclass(frozen=True)
class Choice:
    """What a kind of unit costs, and how much of it may be built anywhere.

    Attributes:
        yearly: money a year for a MW (of a battery: for a MWh).
        most: largest size of one unit.
    """

    yearly: float
    most: float = np.inf


@dataclass(frozen=True)
class Sizes:
    """Sizes of the units of a design, in its order; None for kinds that stay as they are.

    Attributes:
        solar: installed solar power of each bus, MW.
        batteries: largest charge of each battery, MWh; powers and least charge in proportion.
        engines: power of each engine, MW.
        lines: limit of each line, MW.
    """

    solar: tuple[float, ...] | None = None
    batteries: tuple[float, ...] | None = None
    engines: tuple[float, ...] | None = None
    lines: tuple[float, ...] | None = None

    def of(self, grid: Microgrid) -> Microgrid:
        """The design with these sizes."""
        found = grid
        if self.solar is not None:
            buses = (replace(bus, pv_peak=x) for bus, x in zip(grid.buses, self.solar, strict=True))
            found = replace(found, buses=tuple(buses))
        if self.batteries is not None:
            cells = (_scaled(cell, x) for cell, x in zip(grid.batteries, self.batteries, strict=True))
            found = replace(found, batteries=tuple(cells))
        if self.engines is not None:
            chps = (replace(chp, p_max=x) for chp, x in zip(grid.chps, self.engines, strict=True))
            found = replace(found, chps=tuple(chps))
        if self.lines is not None:
            lines = (replace(line, limit=x) for line, x in zip(grid.lines, self.lines, strict=True))
            found = replace(found, lines=tuple(lines))
        return found


def sizes_of(grid: Microgrid) -> Sizes:
    """The sizes that a design has."""
    return Sizes(
        tuple(bus.pv_peak for bus in grid.buses),
        tuple(cell.e_max for cell in grid.batteries),
        tuple(chp.p_max for chp in grid.chps),
        tuple(line.limit for line in grid.lines),
    )


def _shares(cell: Battery) -> tuple[float, float, float, float]:
    """Charging and discharging power, charge at midnight and least charge of a battery, over its largest charge."""
    if cell.e_max <= 0.0:
        return 0.5, 0.5, 0.5, 0.0
    return tuple(x / cell.e_max for x in (cell.p_ch, cell.p_dis, cell.e0, cell.e_min))  # type: ignore[return-value]


def _scaled(cell: Battery, size: float) -> Battery:
    charge, discharge, start, least = (share * size for share in _shares(cell))
    return replace(cell, e_max=size, p_ch=charge, p_dis=discharge, e0=start, e_min=least)


@dataclass(frozen=True)
class Sized:
    """What came out.

    Attributes:
        sizes: of the kinds that were sized.
        investment: yearly money for them.
        operation: money of a year's days, lost load at its value.
    """

    sizes: Sizes
    investment: float
    operation: float

    @property
    def total(self) -> float:
        """Money a year."""
        return self.investment + self.operation


@dataclass(frozen=True, eq=False)
class TypicalDay:
    """A day that stands for others.

    Attributes:
        day: its data; what sun there is follows from ``light``.
        light: float64[T], sun available as a share of installed solar power.
        weight: days of a year that are like it.
    """

    day: Day
    light: FloatArray
    weight: float


def size(
    grid: Microgrid,
    days: Sequence[TypicalDay],
    choices: dict[str, Choice],
    gas: ArrayLike = 0.0,
    given: Sizes | None = None,
) -> Sized:
    """The cheapest sizes, and the cheapest dispatch of every day with them.

    Args:
        grid: the design; sizes of the kinds that are chosen are left aside.
        days: the days of a year.
        choices: by kind: solar, batteries, engines, lines.
        gas: float64[K], gas in store at midnight, MWh.
        given: sizes to be taken as they are, to see what they cost.

    Raises:
        InputError: a day that no sizes can serve; loads can always be shed.
    """
    from esc_sim.energy.program import add_day, dispatch_sets
    from esc_sim.lp import BlockModel

    start = np.broadcast_to(gas, len(grid.chps)).astype(float)
    chps = tuple(replace(chp, gas_end_min=float(g)) for chp, g in zip(grid.chps, start, strict=True))
    held = replace(grid, chps=chps)
    dt, steps = days[0].day.dt, days[0].day.steps
    model = dispatch_sets(BlockModel("sizes of a microgrid", objective_unit=1e3), held, steps)
    over = {"solar": "bus", "batteries": "battery", "engines": "chp_unit", "lines": "line"}
    chosen = {kind: choice for kind, choice in choices.items() if over[kind] in model.indexes}
    for kind, choice in chosen.items():
        fixed = None if given is None else getattr(given, kind)
        low, high = (0.0, choice.most) if fixed is None else (fixed, fixed)
        model.variables(kind, over[kind], lower=low, upper=high, cost=choice.yearly)
    for number, typical in enumerate(days):
        name = f"@{number}"
        add_day(model, held, dt, name)
        _put(model, held, typical, start, name)
        for kind in chosen:
            _LINKS[kind](model, held, typical, name)
        for block in model.variable_blocks.values():
            if block.name.endswith(name):
                block.cost[...] *= typical.weight
    solution = model.solve()
    found = {kind: _plain(solution.values[kind]) for kind in chosen}
    investment = sum(choice.yearly * sum(found[kind]) for kind, choice in chosen.items())
    return Sized(Sizes(**found), investment, solution.objective - investment)


def _plain(values: FloatArray) -> tuple[float, ...]:
    return tuple(0.0 if x < TRIFLE else float(x) for x in values)


def _put(model: BlockModel, grid: Microgrid, typical: TypicalDay, gas: FloatArray, name: str) -> None:
    """Limits and prices of a day with the sizes that the design has."""
    blocks, day, dt = model.variable_blocks, typical.day, typical.day.dt
    blocks[f"imp{name}"].upper[...] = column(b.import_max for b in grid.buses) * day.grid_up
    blocks[f"exp{name}"].upper[...] = column(b.export_max for b in grid.buses) * day.grid_up
    blocks[f"imp{name}"].cost[...] = dt * day.price_import
    blocks[f"exp{name}"].cost[...] = -dt * day.price_export
    blocks[f"shed{name}"].upper[...] = day.load
    blocks[f"pv{name}"].upper[...] = day.pv
    balance = model.row_blocks[f"balance{name}"]
    balance.lower[...] = balance.upper[...] = dt * day.load
    if grid.lines:
        blocks[f"flow{name}"].upper[...] = (column(x.limit for x in grid.lines) * day.line_up)[:, None, :]
    if grid.chps:
        side = day.gas_in.copy()
        side[:, 0] += gas
        rows = model.row_blocks[f"gas_balance{name}"]
        rows.lower[...] = rows.upper[...] = side


def _link_solar(model: BlockModel, grid: Microgrid, typical: TypicalDay, name: str) -> None:
    blocks = model.variable_blocks
    blocks[f"pv{name}"].upper[...] = np.inf
    rows = model.rows(f"solar{name}", "bus hour", upper=0.0)
    rows.add(blocks[f"pv{name}"]).add(blocks["solar"], -typical.light, over="hour")


def _link_engines(model: BlockModel, grid: Microgrid, typical: TypicalDay, name: str) -> None:
    blocks = model.variable_blocks
    blocks[f"chp{name}"].upper[...] = np.inf
    model.rows(f"engines{name}", "chp_unit hour", upper=0.0).add(blocks[f"chp{name}"]).add(blocks["engines"], -1.0)


def _link_lines(model: BlockModel, grid: Microgrid, typical: TypicalDay, name: str) -> None:
    blocks = model.variable_blocks
    blocks[f"flow{name}"].upper[...] = np.inf
    rows = model.rows(f"lines{name}", "line way hour", upper=0.0)
    rows.add(blocks[f"flow{name}"]).add(blocks["lines"], -typical.day.line_up, over="line hour")


def _link_batteries(model: BlockModel, grid: Microgrid, typical: TypicalDay, name: str) -> None:
    blocks, size_of = model.variable_blocks, model.variable_blocks["batteries"]
    charge, discharge, start, least = np.array([_shares(cell) for cell in grid.batteries]).T
    for what, share in (("charge", charge), ("discharge", discharge), ("stored", np.ones(len(charge)))):
        blocks[f"{what}{name}"].upper[...] = np.inf
        rows = model.rows(f"most_{what}{name}", "battery hour", upper=0.0)
        rows.add(blocks[f"{what}{name}"]).add(size_of, -share, over="battery")
    stored = blocks[f"stored{name}"]
    stored.lower[...] = 0.0
    model.rows(f"least{name}", "battery hour", lower=0.0).add(stored).add(size_of, -least, over="battery")
    balance = model.row_blocks[f"battery_balance{name}"]
    balance.lower[...] = balance.upper[...] = 0.0
    balance.add_entries(balance.positions[:, 0], size_of.positions, -start)
    end = model.rows(f"midnight{name}", "battery", lower=0.0, upper=0.0)
    end.add(size_of, -start, over="battery").add_entries(end.positions, stored.positions[:, -1], 1.0)


_LINKS = {"solar": _link_solar, "batteries": _link_batteries, "engines": _link_engines, "lines": _link_lines}
"""What makes the limits of a day follow the sizes, by kind."""


def annuity(cost: float, rate: float, life: float) -> float:
    """What is paid each year, over a life, for what costs so much at the start.

    Args:
        cost: money.
        rate: real discount rate a year, above -1.
        life: years.
    """
    return cost / life if rate == 0.0 else cost * rate / (1.0 - (1.0 + rate) ** -life)

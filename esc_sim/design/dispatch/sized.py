"""Sizes of the scenario's microgrids: the typical days of a year, what units cost, what came out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from esc_sim.design.result import Cell, OutTable
from esc_sim.energy.microgrid import Day, Microgrid
from esc_sim.energy.sizing import Choice, Sized, TypicalDay, annuity, size, sizes_of
from esc_sim.instance.energy_plans import PlanMaker
from esc_sim.instance.model import Instance
from esc_sim.instance.power import Power
from esc_sim.sampling.timetable import timetables
from esc_sim.scenario.design_dispatch import KINDS, DispatchSection
from esc_sim.written import number

MOST_STRUCK: Final = 40
"""Different days with outages that the program holds; where more are drawn, every so manieth stands for the others."""


@dataclass(frozen=True)
class Sizing:
    """Sizes that were found, beside those that the scenario has.

    Attributes:
        before: the design as the scenario has it.
        found: the sizes, and what they cost a year.
        stated: what the scenario's sizes cost a year, counted alike.
        days: typical days looked at.
    """

    before: Microgrid
    found: Sized
    stated: Sized
    days: int


def sizing_of(instance: Instance, power: Power, section: DispatchSection, seed: int) -> Sizing:
    """Size what the section says.

    Args:
        instance: what is run.
        power: its microgrids.
        section: costs, and years whose outages are drawn.
        seed: of the draws.
    """
    days = [*_typical(instance, power, section.outages, seed)]
    choices = {
        kind: Choice(annuity(unit.cost, section.discount_rate, unit.life), np.inf if unit.most is None else unit.most)
        for kind, unit in section.sized.items()
    }
    found = size(power.grid, days, choices, power.gas_start)
    stated = size(power.grid, days, choices, power.gas_start, given=sizes_of(power.grid))
    return Sizing(power.grid, found, stated, len(days))


def _typical(instance: Instance, power: Power, years: int, seed: int) -> Iterator[TypicalDay]:
    """The kinds of days of a year and, where outages are drawn, the days that they strike; each with its weight."""
    kinds = power.days_of(0, power.year * power.days).tolist()
    weight = {kind: float(count) for kind, count in Counter(kinds).items()}
    struck: list[tuple[int, Day]] = []
    if years:
        maker, one = PlanMaker(power), replace(instance, periods=power.year)
        for table in timetables(one.triggers, seed, range(years), power.year):
            for day, state in sorted(maker.outages_of(one, table).items()):
                forecast = _with_gas(power, kinds[day])
                for spell in maker.spells(state):
                    change = forecast.island if spell.island else forecast.grid_out
                    forecast = change(power.grid, spell.bus, range(spell.first, spell.end))
                struck.append((kinds[day], forecast))
                weight[kinds[day]] -= 1.0 / years
    for kind in sorted(weight):
        if weight[kind] > 0.0:
            yield TypicalDay(_with_gas(power, kind), power.sun[kind], weight[kind])
    step = max(1, -(-len(struck) // MOST_STRUCK))
    kept = struck[::step]
    for kind, forecast in kept:
        yield TypicalDay(forecast, power.sun[kind], len(struck) / len(kept) / years)


def _with_gas(power: Power, kind: int) -> Day:
    """The forecast of a day, with the gas that is planned with, evenly over its hours."""
    day = power.forecast_day(kind)
    return replace(day, gas_in=np.repeat(power.gas_forecast[:, None] / power.days / day.steps, day.steps, axis=1))


def sizes_table(sizing: Sizing) -> OutTable:
    """A row for each unit: its size in the scenario and as it was found, MW (batteries: MWh)."""
    grid, stated = sizing.before, sizes_of(sizing.before)
    names = {
        "solar": [bus.name for bus in grid.buses],
        "batteries": [cell.bus for cell in grid.batteries],
        "engines": [chp.bus for chp in grid.chps],
        "lines": [f"{line.from_bus} - {line.to_bus}" for line in grid.lines],
    }
    rows: list[list[Cell]] = []
    for kind in KINDS:
        found = getattr(sizing.found.sizes, kind)
        if found is not None:
            unit = "MWh" if kind == "batteries" else "MW"
            rows += [
                [kind, name, unit, before, after]
                for name, before, after in zip(names[kind], getattr(stated, kind), found, strict=True)
            ]
    return OutTable(("kind", "where", "unit", "scenario", "sized"), rows)


def sizing_lines(sizing: Sizing, money: str) -> list[str]:
    """What to print: sizes by kind, and their yearly cost beside that of the scenario's sizes."""
    stated, lines = sizes_of(sizing.before), []
    for kind in KINDS:
        found = getattr(sizing.found.sizes, kind)
        if found is not None:
            unit = "MWh" if kind == "batteries" else "MW"
            before = sum(getattr(stated, kind))
            lines.append(f"{kind:<17} {sum(found):.3f} {unit}, {before:.3f} {unit} in the scenario")
    for words, one in (("as sized", sizing.found), ("as in the scenario", sizing.stated)):
        lines.append(
            f"{words:<20}{number(one.total)} {money} a year: {number(one.investment)} for what is built, "
            f"{number(one.operation)} for {sizing.days} typical days of a year, lost load at its value"
        )
    return lines


def sizing_summary(sizing: Sizing) -> dict[str, float]:
    """Yearly money of both designs, for summary.json."""
    return {
        "sized_cost_per_year": sizing.found.total,
        "sized_investment_per_year": sizing.found.investment,
        "scenario_cost_per_year": sizing.stated.total,
        "scenario_investment_per_year": sizing.stated.investment,
        "typical_days": sizing.days,
    }

"""The days of a year that are planned: those without outage in order, those with outages as drawn, and their tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import gcd
from typing import Final

import numpy as np

from esc_sim.design.result import Cell, OutTable
from esc_sim.energy.plan import EnergyPlan, Outage
from esc_sim.instance.energy_plans import EXPORT, IMPORT, SHED, SOLAR, Leaflet, PlanMaker
from esc_sim.instance.model import Instance
from esc_sim.instance.power import WEEK, Power
from esc_sim.sampling.timetable import EMPTY_TIMETABLE, timetables

MOST_DAYS = 10_000


class Keeping(PlanMaker):
    """Keeps the dispatch behind each plan, and the outages that it was made for; its days can be repeated."""

    def __init__(self, power: Power) -> None:
        super().__init__(power, repeats=True)
        self.kept: dict[Leaflet, EnergyPlan] = {}
        self.outages: dict[Leaflet, tuple[Outage, ...]] = {}

    def _made(self, kind: int, tomorrow: int, outages: tuple[Outage, ...], gas: Sequence[float]) -> Leaflet:
        plan = self.plan(kind, tomorrow, outages, gas)
        leaflet = self.leaflet_of(kind, plan)
        self.kept[leaflet], self.outages[leaflet] = plan, outages
        return leaflet


@dataclass(frozen=True, eq=False)
class PlannedDays:
    """Plans of a year.

    Attributes:
        power: the microgrids.
        maker: has the dispatch behind each plan.
        leaflets: the plans, those of days without outage first.
        days: number of the plan of each day of a year without outage.
        struck: plans of the days of the years whose outages were drawn; empty where none were.
        years: how many those are.
    """

    power: Power
    maker: Keeping
    leaflets: tuple[Leaflet, ...]
    days: list[int]
    struck: list[int]
    years: int

    @property
    def counts(self) -> Counter[int]:
        """Days that follow each plan: of all years drawn, or of the year without outage."""
        return Counter(self.struck or self.days)


def planned_days(instance: Instance, power: Power, years: int, seed: int) -> PlannedDays:
    """Plan every day of a year without outage, and of years with the outages that are drawn.

    Args:
        instance: what is run.
        power: its microgrids, with the sizes that are planned for.
        years: years whose outages are drawn, as replications of a run draw them.
        seed: of the draws.
    """
    year = power.year * power.days
    whole = min(year * (WEEK // gcd(year, WEEK)), MOST_DAYS // power.days * power.days)
    maker = Keeping(power)
    calm = maker.plans_of(replace(instance, periods=max(1, whole // power.days)), [EMPTY_TIMETABLE])
    days: list[int] = calm.plan[0].tolist()
    if not years:
        return PlannedDays(power, maker, calm.leaflets, days, [], 0)
    one = replace(instance, periods=power.year)
    found = maker.plans_of(one, timetables(one.triggers, seed, range(years), power.year))
    places = {leaflet: number for number, leaflet in enumerate(calm.leaflets)}
    numbers = [places.setdefault(leaflet, len(places)) for leaflet in found.leaflets]
    return PlannedDays(power, maker, tuple(places), days, np.array(numbers)[found.plan].ravel().tolist(), years)


ENERGIES: Final = (
    "imported", "solar", "engines", "shed", "load", "exported", "in_lines", "in_batteries",
)  # fmt: skip
"""Of a day, MWh: what comes in, and from ``load`` on what goes out."""
_COLUMNS: Final = ("plan", "day_type", "weekend", "outages", "days", "cost", "energy_cost", *ENERGIES)


def plans_table(found: PlannedDays) -> OutTable:
    """A row for each plan: how many days follow it, its cost with lost load at its value and without, energies."""
    rows: list[list[Cell]] = []
    for number, leaflet in enumerate(found.leaflets):
        day_type, weekend = found.power.kinds[leaflet.kind]
        plan = found.maker.kept[leaflet]
        lost = float((found.power.grid.lost_load[:, None] * plan.dispatch.shed).sum())
        hours = {name: float(leaflet.hours[part].sum()) for name, part in _PARTS.items()}
        energies = hours | {
            "engines": float(leaflet.power.sum()),
            "load": float(plan.day.load.sum()),
            "in_lines": leaflet.in_lines,
            "in_batteries": leaflet.in_batteries,
        }
        head: list[Cell] = [
            number,
            day_type,
            int(weekend),
            outage_words(found.maker.outages[leaflet]),
            found.counts[number],
        ]
        rows.append([*head, plan.dispatch.cost, plan.dispatch.cost - lost, *(energies[name] for name in ENERGIES)])
    return OutTable(_COLUMNS, rows)


_PARTS: Final = {"imported": IMPORT, "exported": EXPORT, "solar": SOLAR, "shed": SHED}


def outage_words(outages: Sequence[Outage]) -> str:
    """Which buses are without grid, or without grid and lines, in which hours."""
    return "; ".join(f"{o.bus} {o.first}-{o.end}{' island' if o.island else ''}" for o in outages)


def mean_day(found: PlannedDays, table: OutTable) -> dict[str, float]:
    """Means over days of the columns of :func:`plans_table` that are amounts."""
    counts, total = found.counts, sum(found.counts.values())
    return {
        name: sum(float(row[place]) * counts[number] for number, row in enumerate(table.rows)) / total
        for place, name in enumerate(table.header)
        if name in ("cost", "energy_cost", *ENERGIES)
    }


def hour_tables(found: PlannedDays) -> dict[str, OutTable]:
    """Rows by plan and hour: powers of buses (MW) with the nodal price, of engines, batteries and lines."""
    grid = found.power.grid
    tables: dict[str, tuple[tuple[str, ...], list[list[Cell]]]] = {
        "hours": (("plan", "bus", "hour", "load", "imported", "exported", "solar", "shed", "price"), []),
        "engines": (("plan", "engine", "bus", "hour", "power", "gas_store", "flared"), []),
        "batteries": (("plan", "battery", "bus", "hour", "charge", "discharge", "stored"), []),
        "lines": (("plan", "from", "to", "hour", "there", "back", "lost"), []),
    }
    for number, leaflet in enumerate(found.leaflets):
        plan = found.maker.kept[leaflet]
        run = plan.dispatch
        for hour in range(leaflet.hours.shape[2]):
            for b, name in enumerate(grid.names):
                own = [float(leaflet.hours[part, b, hour]) for part in (IMPORT, EXPORT, SOLAR, SHED)]
                load, price = float(plan.day.load[b, hour]), float(plan.price[b, hour])
                tables["hours"][1].append([number, name, hour, load, *own, price])
            for k, chp in enumerate(grid.chps):
                made = [float(x[k, hour]) for x in (run.chp, run.gas, run.flare)]
                tables["engines"][1].append([number, k, chp.bus, hour, *made])
            for q, cell in enumerate(grid.batteries):
                moved = [float(x[q, hour]) for x in (run.charge, run.discharge, run.stored)]
                tables["batteries"][1].append([number, q, cell.bus, hour, *moved])
            for i, line in enumerate(grid.lines):
                there, back = (float(x) for x in run.flow[i, :, hour])
                lost = line.loss * (there + back)
                tables["lines"][1].append([number, line.from_bus, line.to_bus, hour, there, back, lost])
    return {name: OutTable(header, rows) for name, (header, rows) in tables.items() if rows}

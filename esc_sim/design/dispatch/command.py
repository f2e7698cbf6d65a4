"""The dispatch of a scenario's microgrids on days without outage, as `esc-sim design --kind dispatch` makes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import gcd
from typing import Any

from esc_sim.crews.crew import Crew
from esc_sim.design.result import DesignResult, OutTable, Report
from esc_sim.energy.plan import EnergyPlan, Outage
from esc_sim.errors import InputError
from esc_sim.findings.drawings import Drawing
from esc_sim.instance.build import instance_of
from esc_sim.instance.energy_plans import EXPORT, IMPORT, SHED, SOLAR, Leaflet, PlanMaker
from esc_sim.instance.power import WEEK, Power
from esc_sim.plans.energy import EnergyDaysPlan, planned_day
from esc_sim.plans.plan import Origin
from esc_sim.sampling.timetable import EMPTY_TIMETABLE
from esc_sim.scenario.schema import Scenario

OPTIONS: frozenset[str] = frozenset()
"""It has none: the section `power` says everything."""
MOST_DAYS = 10_000


class _Keeping(PlanMaker):
    """Keeps the dispatch behind each plan of a day without outage."""

    def __init__(self, power: Power) -> None:
        super().__init__(power)
        self.kept: dict[Leaflet, EnergyPlan] = {}

    def _made(self, kind: int, tomorrow: int, outages: tuple[Outage, ...], gas: Sequence[float]) -> Leaflet:
        plan = self.plan(kind, tomorrow, outages, gas)
        leaflet = self.leaflet_of(kind, plan)
        self.kept[leaflet] = plan
        return leaflet


def run_design(scenario: Scenario, options: Mapping[str, Any], report: Report, crew: Crew) -> DesignResult:
    """Plan every day of a year without outages.

    Args:
        scenario: with a section `power`.
        options: none are known.
        report: told about progress.
        crew: has nothing to do: each day's plan begins with the gas that the day before left.

    Raises:
        InputError: no microgrids.
    """
    from esc_sim.results.manifest import scenario_hash

    instance = instance_of(scenario)
    power = instance.power
    if power is None:
        raise InputError(f"scenario '{scenario.name}' has no microgrids to dispatch: give it a section 'power'")
    report("dispatching every day of a year")
    year = power.year * power.days
    whole = min(year * (WEEK // gcd(year, WEEK)), MOST_DAYS // power.days * power.days)
    maker = _Keeping(power)
    followed = maker.plans_of(replace(instance, periods=max(1, whole // power.days)), [EMPTY_TIMETABLE])
    days: list[int] = followed.plan[0].tolist()
    plan = EnergyDaysPlan(
        version=1,
        kind="energy",
        name="dispatch",
        structure_hash=instance.network.structure_hash,
        origin=Origin(scenario=scenario.name, scenario_hash=scenario_hash(scenario), command="esc-sim design"),
        buses=list(power.grid.names),
        engines=[engine.node for engine in scenario.power.engines] if scenario.power else [],
        plans=[planned_day(power, leaflet) for leaflet in followed.leaflets],
        days=days,
    )
    table = _days(power, maker, followed.leaflets, days)
    about = {"scenario": scenario.name, "data": scenario.data.model_dump()}
    summary = about | _summary(table, len(days))
    unit = scenario.units.money
    lines = [
        f"{len(days)} days without outage, {len(followed.leaflets)} different plans of {len(power.grid.names)} buses",
        f"cost a day        {summary['cost_per_day']:.2f} {unit}",
        f"imported a day    {summary['imported_per_day']:.3f} MWh, exported {summary['exported_per_day']:.3f} MWh",
        f"solar power a day {summary['solar_per_day']:.3f} MWh, engines {summary['engines_per_day']:.3f} MWh",
        f"shed a day        {summary['shed_per_day']:.3f} MWh",
    ]

    shown = followed.leaflets[Counter(days).most_common(1)[0][0]]
    footer = f"Data: {scenario.data.status}" + (f" ({scenario.data.note})" if scenario.data.note else "")
    title = f"Dispatch of the commonest day: {scenario.title or scenario.name}"
    given = (power.grid, maker.kept[shown], title, footer, unit)
    return DesignResult(
        kind="dispatch",
        plan=plan,
        summary=summary,
        settings={"coordinated": power.coordinated, "days": len(days)},
        tables={"plans": table, "hours": _hours(power, maker, followed.leaflets)},
        figures={"dispatch": Drawing("esc_sim.design.dispatch.drawing:dispatch_figure", given)},
        lines=lines,
    )


_COLUMNS = ("plan", "day_type", "weekend", "days", "cost", "imported", "exported", "solar", "engines", "shed")


def _days(power: Power, maker: _Keeping, leaflets: Sequence[Leaflet], days: Sequence[int]) -> OutTable:
    """A row for each plan: how many days follow it, its cost and energies (MWh)."""
    counts = Counter(days)
    rows = []
    for number, leaflet in enumerate(leaflets):
        day_type, weekend = power.kinds[leaflet.kind]
        energies = [float(leaflet.hours[part].sum()) for part in (IMPORT, EXPORT, SOLAR)]
        engines, shed = float(leaflet.power.sum()), float(leaflet.hours[SHED].sum())
        cost = maker.kept[leaflet].dispatch.cost
        rows.append([number, day_type, int(weekend), counts[number], cost, *energies, engines, shed])
    return OutTable(_COLUMNS, rows)


def _hours(power: Power, maker: _Keeping, leaflets: Sequence[Leaflet]) -> OutTable:
    """A row for each plan, bus and hour: powers (MW) and the nodal price."""
    rows: list[list[str | int | float]] = []
    for number, leaflet in enumerate(leaflets):
        plan = maker.kept[leaflet]
        for b, name in enumerate(power.grid.names):
            for hour in range(leaflet.hours.shape[2]):
                own = [float(leaflet.hours[part, b, hour]) for part in (IMPORT, EXPORT, SOLAR, SHED)]
                rows.append([number, name, hour, float(plan.day.load[b, hour]), *own, float(plan.price[b, hour])])
    header = ("plan", "bus", "hour", "load", "imported", "exported", "solar", "shed", "price")
    return OutTable(header, rows)


def _summary(table: OutTable, days: int) -> dict[str, Any]:
    found: dict[str, Any] = {"days": days, "plans": len(table.rows)}
    for name in _COLUMNS[4:]:
        place = _COLUMNS.index(name)
        found[f"{name}_per_day"] = sum(float(row[place]) * int(row[3]) for row in table.rows) / days
    return found

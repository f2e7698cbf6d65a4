"""Dispatch and sizes of a scenario's microgrids, as `esc-sim design --kind dispatch` makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from esc_sim.crews.crew import Crew
from esc_sim.design.dispatch.days import ENERGIES, PlannedDays, hour_tables, mean_day, planned_days, plans_table
from esc_sim.design.dispatch.sized import Sizing, sizes_table, sizing_lines, sizing_of, sizing_summary
from esc_sim.design.result import DesignResult, OutTable, Report
from esc_sim.errors import InputError
from esc_sim.findings.drawings import Drawing
from esc_sim.instance.build import instance_of
from esc_sim.plans.energy import EnergyDaysPlan, PlannedOutcome, PlannedSizes, planned_day
from esc_sim.plans.plan import Origin
from esc_sim.scenario.design_dispatch import DispatchSection
from esc_sim.scenario.schema import Scenario

OPTIONS: frozenset[str] = frozenset()
"""It has none: the sections `power` and `design.dispatch` say everything."""


def run_design(scenario: Scenario, options: Mapping[str, Any], report: Report, crew: Crew) -> DesignResult:
    """Size what `design.dispatch` says, then plan every day of a year, and of years with outages where it asks.

    Args:
        scenario: with a section `power`.
        options: none are known.
        report: told about progress.
        crew: has nothing to do: each day's plan begins with the gas that the day before left.

    Raises:
        InputError: no microgrids.
    """
    instance = instance_of(scenario)
    power = instance.power
    if power is None:
        raise InputError(f"scenario '{scenario.name}' has no microgrids to dispatch: give it a section 'power'")
    section = (scenario.design and scenario.design.dispatch) or DispatchSection()
    sizing = None
    if section.sized:
        report("sizing")
        sizing = sizing_of(instance, power, section, scenario.run.seed)
        power = replace(power, grid=sizing.found.sizes.of(power.grid))
    report("dispatching every day of a year")
    found = planned_days(instance, power, section.outages, scenario.run.seed)
    table = plans_table(found)
    a_day = mean_day(found, table)
    tables = {"plans": table, **hour_tables(found)}
    if sizing is not None:
        tables["sizes"] = sizes_table(sizing)
    return DesignResult(
        kind="dispatch",
        plan=_plan(scenario, instance.network.structure_hash, found, a_day, sizing),
        summary=_summary(scenario, found, a_day) | ({} if sizing is None else sizing_summary(sizing)),
        settings={
            "coordinated": power.coordinated, "days": len(found.days), "years_with_outages": found.years,
            "sized": list(section.sized),
        },
        tables=tables,
        figures={"dispatch": _figure(scenario, found)},
        lines=_lines(scenario, found, table, a_day, sizing),
    )  # fmt: skip


def _plan(
    scenario: Scenario, structure: str, found: PlannedDays, a_day: Mapping[str, float], sizing: Sizing | None
) -> EnergyDaysPlan:
    """What is followed on days without outage; days with one are planned by the run, for the gas there is."""
    from esc_sim.results.manifest import scenario_hash

    sizes = None
    if sizing is not None:
        kinds = vars(sizing.found.sizes).items()
        sizes = PlannedSizes(**{kind: None if values is None else list(values) for kind, values in kinds})
    calm = [planned_day(found.power, leaflet) for leaflet in found.leaflets[: max(found.days) + 1]]
    return EnergyDaysPlan(
        version=1,
        kind="energy",
        name="dispatch",
        structure_hash=structure,
        origin=Origin(scenario=scenario.name, scenario_hash=scenario_hash(scenario), command="esc-sim design"),
        buses=list(found.power.grid.names),
        engines=[engine.node for engine in scenario.power.engines] if scenario.power else [],
        plans=calm,
        days=found.days,
        sizes=sizes,
        promised=PlannedOutcome(
            outages=bool(found.years),
            cost=a_day["energy_cost"],
            imported=a_day["imported"],
            shed=a_day["shed"],
        ),
    )


def _summary(scenario: Scenario, found: PlannedDays, a_day: Mapping[str, float]) -> dict[str, Any]:
    counted = {"days": len(found.days), "plans": len(found.leaflets), "years_with_outages": found.years}
    about = {"scenario": scenario.name, "data": scenario.data.model_dump()}
    return about | counted | {f"{name}_per_day": value for name, value in a_day.items()}


def _lines(
    scenario: Scenario, found: PlannedDays, table: OutTable, a_day: Mapping[str, float], sizing: Sizing | None
) -> list[str]:
    """What to print: what comes in, and what goes out, is lost or is left."""
    money, grids = scenario.units.money, f"{len(found.power.grid.names)} buses"
    cost, whole = (f"{a_day[name]:.2f} {money}" for name in ("energy_cost", "cost"))
    days, basis = len(found.days), "without outage"
    lines = [] if sizing is None else sizing_lines(sizing, money)
    if found.years:
        dark = sum(count for number, count in found.counts.items() if table.rows[number][3])
        days, basis = len(found.struck), f"of {found.years} years, {dark} of them with outages"
    words = {"in_lines": "lost in lines", "in_batteries": "lost in batteries"}
    at_load = ENERGIES.index("load")
    sides = {"in": ENERGIES[:at_load], "out": ENERGIES[at_load:]}
    lines += [
        f"{days} days {basis}, {len(found.leaflets)} different plans of {grids}",
        f"cost a day        {cost}, {whole} with lost load at its value",
    ]
    for side, names in sides.items():
        parts = ", ".join(f"{words.get(name, name)} {a_day[name]:.3f}" for name in names)
        lines.append(f"{side + ' a day':<18}{sum(a_day[name] for name in names):.3f} MWh: {parts}")
    if found.power.grid.chps:
        daily, kept = found.power.gas_forecast.sum() / found.power.days, found.power.gas_start.sum()
        lines.append(
            f"gas counted on    {daily:.3f} MWh every day from the first on, neither more nor less; {kept:.3f} MWh in "
            "store at midnight; what a run lacks it buys as power, what its stores cannot hold it flares"
        )
    return lines


def _figure(scenario: Scenario, found: PlannedDays) -> Drawing:
    """The commonest day."""
    shown = found.leaflets[found.counts.most_common(1)[0][0]]
    footer = f"Data: {scenario.data.status}" + (f" ({scenario.data.note})" if scenario.data.note else "")
    title = f"Dispatch of the commonest day: {scenario.title or scenario.name}"
    given = (found.power.grid, found.maker.kept[shown], title, footer, scenario.units.money)
    return Drawing("esc_sim.design.dispatch.drawing:dispatch_figure", given)

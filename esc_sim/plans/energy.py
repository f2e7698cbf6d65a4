"""Plans of kind ``energy``: what microgrids do on days without outage, hour by hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field

from esc_sim.fields.parts import Amount, Identifier, Number, Part
from esc_sim.plans.plan import Plan
from esc_sim.scenario.messages import Problem
from esc_sim.scenario.power import HOURS

if TYPE_CHECKING:
    from esc_sim.energy.microgrid import Microgrid
    from esc_sim.instance.energy_plans import Leaflet
    from esc_sim.instance.model import Instance
    from esc_sim.instance.power import Power
    from esc_sim.results.promise import Promise
    from esc_sim.results.run import RunResult

Rows = list[list[Amount]]
"""A row of 24 numbers for each bus."""


class PlannedDay(Part):
    """A day as planned: powers of every bus in MW, gas of every engine in MWh."""

    day_type: Annotated[int, Field(ge=0, description="number of the day type in the scenario, from 0")]
    weekend: bool = Field(default=False, description="is it a day of a weekend")
    imported: Rows = Field(description="from the grid")
    exported: Rows = Field(description="into the grid")
    shed: Rows = Field(description="load not served")
    solar: Rows = Field(description="solar power used")
    price: list[Number] = Field(description="mean price at each bus, money per MWh")
    rest: Number = Field(default=0.0, description="cost of wheeling, wear, engines and flaring, money")
    power: list[Amount] = Field(default=[], description="MWh of power of each engine")
    burnt: list[Amount] = Field(default=[], description="MWh of gas burnt by each engine")
    flared: list[Amount] = Field(default=[], description="MWh of gas flared at each engine")
    in_lines: Number = Field(default=0.0, description="MWh lost in lines")
    in_batteries: Number = Field(default=0.0, description="MWh lost in batteries")


class PlannedSizes(Part):
    """Sizes that the plan was made for, in the scenario's order; kinds that are left out stay as they are."""

    solar: list[Amount] | None = Field(default=None, description="installed solar power of each bus, MW")
    batteries: list[Amount] | None = Field(default=None, description="largest charge of each battery, MWh")
    engines: list[Amount] | None = Field(default=None, description="power of each engine, MW")
    lines: list[Amount] | None = Field(default=None, description="limit of each line, MW")

    def problems(self, grid: Microgrid) -> Iterator[Problem]:
        """Kinds of which the design has another number of units."""
        for kind, there in (
            ("solar", grid.buses), ("batteries", grid.batteries), ("engines", grid.chps), ("lines", grid.lines)
        ):  # fmt: skip
            given = getattr(self, kind)
            if given is not None and len(given) != len(there):
                yield Problem(("sizes", kind), f"needs {len(there)} numbers, one for each that the scenario has")

    def of(self, grid: Microgrid) -> Microgrid:
        """The design with these sizes."""
        from esc_sim.energy.sizing import Sizes

        kept = {kind: None if sizes is None else tuple(sizes) for kind, sizes in self}
        return Sizes(**kept).of(grid)


class PlannedOutcome(Part):
    """What the days of a year come to, on average a day, as planned."""

    outages: bool = Field(default=False, description="were days with outages planned as well")
    cost: Number = Field(description="energy cost a day: grid, wheeling, wear, engines and flaring, money")
    imported: Amount = Field(description="MWh a day from the grid")
    shed: Amount = Field(description="MWh a day of load not served")


class EnergyDaysPlan(Plan):
    """Plans of days without outage, followed over and over; days with an outage are planned by the run."""

    kind: Literal["energy"] = Field(default="energy", description="what microgrids do on days without outage")
    buses: list[Identifier] = Field(min_length=1, description="buses, in the order of the rows")
    engines: list[Identifier] = Field(default=[], description="nodes of the engines, in order")
    plans: list[PlannedDay] = Field(min_length=1, description="the plans, each once")
    days: list[Annotated[int, Field(ge=0)]] = Field(
        min_length=1, description="number of each day's plan, from day 0 on"
    )
    sizes: PlannedSizes | None = Field(default=None, description="sizes that were chosen with the plan")
    promised: PlannedOutcome | None = Field(default=None, description="what the plan promises")

    def problems(self, instance: Instance) -> Iterator[Problem]:
        """Buses, engines and days that are not those of the instance."""
        power = instance.power
        if power is None:
            yield Problem(("buses",), "the scenario has no microgrids (section power) that could follow it", "part")
            return
        engines = [instance.network.node_ids[instance.network.item_node[i]] for i in power.gas_item]
        for key, given, there in (("buses", self.buses, list(power.grid.names)), ("engines", self.engines, engines)):
            if given != there:
                yield Problem((key,), f"{key} of the scenario are {', '.join(there) or 'none'}", "part")
                return
        for number, plan in enumerate(self.plans):
            yield from self._shape_problems(number, plan, len(engines))
        if self.sizes is not None:
            yield from self.sizes.problems(power.grid)
        yield from self._day_problems(instance, power)

    def _shape_problems(self, number: int, plan: PlannedDay, engines: int) -> Iterator[Problem]:
        for key in ("imported", "exported", "shed", "solar"):
            rows = getattr(plan, key)
            if len(rows) != len(self.buses) or any(len(row) != HOURS for row in rows):
                text = f"needs {len(self.buses)} rows of {HOURS} numbers, one a bus"
                yield Problem(("plans", number, key), text, "part")
        for key, count in (("price", len(self.buses)), ("power", engines), ("burnt", engines), ("flared", engines)):
            if len(getattr(plan, key)) != count:
                yield Problem(("plans", number, key), f"needs {count} numbers", "part")

    def _day_problems(self, instance: Instance, power: Power) -> Iterator[Problem]:
        """The first day of the run whose plan is not there, or is one for days of another kind."""
        kinds = power.days_of(0, instance.periods * power.days)
        for day, kind in enumerate(kinds.tolist()):
            place = day % len(self.days)
            number = self.days[place]
            if number >= len(self.plans):
                yield Problem(("days", place), f"there is no plan {number}; plans are 0 to {len(self.plans) - 1}")
                return
            plan = self.plans[number]
            if (plan.day_type, plan.weekend) != power.kinds[kind]:
                wanted, weekend = power.kinds[kind]
                text = f"day {day} of the run has day type {wanted}{' at a weekend' if weekend else ''}, plan {number}"
                yield Problem(("days", place), f"{text} is for type {plan.day_type}")
                return

    def applied(self, instance: Instance) -> Instance:
        """The instance that follows these plans on days without outage."""
        from esc_sim.instance.energy_plans import PlanMaker

        power = instance.power
        assert power is not None
        if self.sizes is not None:
            power = replace(power, grid=self.sizes.of(power.grid))
        leaflets = [_leaflet(power, plan) for plan in self.plans]
        plans = PlanMaker(power, [leaflets[number] for number in self.days])
        return replace(instance, power=power, energy_plans=plans)

    def promises(self, result: RunResult) -> list[Promise]:
        """Cost, import and shedding a day as planned, beside what the run gave; all its days count."""
        from esc_sim.results.promise import Promise

        section = result.scenario.power
        if self.promised is None or section is None or result.observations is None:
            return []
        kinds = np.array([one.kind for one in result.observed])
        days = result.period_count * section.days
        quantum = HOURS * len(section.buses) * 2.0**-result.scenario.rules.goods_quantum  # of each bus in each hour
        basis = "planned with outages" if self.promised.outages else "planned without outages"
        return [
            Promise(
                name=f"energy_{name}",
                label=f"{label} ({basis})",
                unit=unit,
                at_most=promised,
                samples=result.observations[:, :, kinds == kind].sum(axis=(1, 2)) / days,
                slack=quantum if unit == "MWh" else 0.0,
            )
            for name, kind, label, unit, promised in (
                ("cost", "energy cost", "Energy cost a day", "{money}", self.promised.cost),
                ("imported", "imported", "Energy from the grid a day", "MWh", self.promised.imported),
                ("shed", "shed", "Load shed a day", "MWh", self.promised.shed),
            )
        ]


def _leaflet(power: Power, plan: PlannedDay) -> Leaflet:
    from esc_sim.instance.energy_plans import Leaflet

    parts = [np.array(rows, np.float64) for rows in (plan.imported, plan.exported, plan.shed, plan.solar)]
    return Leaflet(
        kind=power.kinds.index((plan.day_type, plan.weekend)),
        hours=np.stack([*parts, np.ones_like(parts[0])]),
        price=np.array(plan.price, np.float64),
        rest=plan.rest,
        power=np.array(plan.power, np.float64),
        burnt=np.array(plan.burnt, np.float64),
        flared=np.array(plan.flared, np.float64),
        in_lines=plan.in_lines,
        in_batteries=plan.in_batteries,
    )


def planned_day(power: Power, leaflet: Leaflet) -> PlannedDay:
    """A plan as it stands in a plan file; read back it is the same, bit for bit."""
    day_type, weekend = power.kinds[leaflet.kind]
    imported, exported, shed, solar = (rows.tolist() for rows in leaflet.hours[:4])
    return PlannedDay(
        day_type=day_type,
        weekend=weekend,
        imported=imported,
        exported=exported,
        shed=shed,
        solar=solar,
        price=leaflet.price.tolist(),
        rest=leaflet.rest,
        power=leaflet.power.tolist(),
        burnt=leaflet.burnt.tolist(),
        flared=leaflet.flared.tolist(),
        in_lines=leaflet.in_lines,
        in_batteries=leaflet.in_batteries,
    )

"""Microgrids of a scenario: buses that feed nodes, lines, biogas engines, batteries, and the days they are planned for.

Powers are MW, energies MWh; a day has 24 steps of an hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isinf
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from esc_sim.fields.parts import Amount, Identifier, Number, Part
from esc_sim.scenario.laws import Law
from esc_sim.scenario.messages import Problem
from esc_sim.scenario.parts import MOST_IN_YEAR, PeriodOfYear

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario, StockData

HOURS = 24


def _form_of(value: Any) -> str:
    return "a series" if isinstance(value, str) else "a list" if isinstance(value, (list, tuple)) else "a number"


Hours = Annotated[
    Annotated[Amount, Tag("a number")]
    | Annotated[list[Amount], Tag("a list")]
    | Annotated[Identifier, Tag("a series")],
    Discriminator(_form_of),
]
"""24 numbers, one that holds all day, or the name of a series (section `series`) of 24."""
PositiveShare = Annotated[Number, Field(gt=0, le=1)]
PositiveAmount = Annotated[Number, Field(gt=0)]


class DayType(Part):
    """Prices and sun of a day. The first type that fits a day is used."""

    first: PeriodOfYear = Field(default=0, description="first period of the year it holds for, from 0")
    last: PeriodOfYear | None = Field(default=None, description="last such period; default the year's last")
    days: Literal["all", "weekdays", "weekends"] = Field(
        default="all", description="days it holds for; a run starts on Monday"
    )
    import_price: Hours = Field(description="money per MWh from the grid: 24 numbers, one, or the name of a series")
    export_price: Hours = Field(default=0.0, description="money per MWh fed into the grid; below the import price")
    sun: Hours = Field(default=0.0, description="forecast share of the installed solar power")


class PowerBus(Part):
    """A place where power is used; the recipes of its nodes take their energy here."""

    id: Identifier = Field(description="name of the bus, unlike any other")
    nodes: list[Identifier] = Field(default=[], description="nodes whose recipes it feeds")
    import_max: Amount = Field(default=0.0, description="most from the grid, MW")
    export_max: Amount = Field(default=0.0, description="most into the grid, MW")
    pv: Amount = Field(default=0.0, description="installed solar power, MW")
    load: Amount = Field(default=0.0, description="energy used beside recipes, MWh a period")
    forecast: Amount | None = Field(
        default=None, description="energy planned for recipes, MWh a period; default their capacity times energy"
    )
    profile: list[Amount] | None = Field(
        default=None, description="24 weights of the hours of a day; default all alike"
    )
    weekend: Amount = Field(
        default=1.0, description="load of a weekend day over that of a weekday, where periods are whole weeks"
    )
    voll: Amount | None = Field(default=None, description="value of lost load here, money per MWh; default that of all")


class PowerLine(Part):
    """A line between two buses, used in either direction."""

    from_: Identifier = Field(alias="from", description="bus at one end")
    to: Identifier = Field(description="bus at the other end")
    limit: Amount = Field(description="MW")
    wheel: Amount = Field(default=0.0, description="money per MWh sent")
    loss: Annotated[Number, Field(ge=0, lt=1, description="share of what is sent that is lost")] = 0.0


class PowerEngine(Part):
    """A biogas engine: burns all the gas that its node has at the start of a period, as the plan says."""

    bus: Identifier = Field(description="bus that it feeds")
    node: Identifier = Field(description="node that holds the gas")
    gas: Identifier = Field(description="product burnt")
    energy_per_unit: PositiveAmount = Field(description="MWh of gas in a unit of the product")
    p_max: Amount = Field(description="electric power, MW")
    eta: PositiveShare = Field(description="electric efficiency")
    store: Amount = Field(default=0.0, description="room of the gas store, MWh of gas")
    start: Amount | None = Field(default=None, description="gas in store at the start, MWh; default half of the room")
    forecast_gas: Amount = Field(default=0.0, description="gas planned with, MWh a period")
    cost: Amount = Field(default=0.0, description="money per MWh of power")
    flare_cost: Amount = Field(default=0.0, description="money per MWh of gas flared by plan")


class PowerBattery(Part):
    """A battery; every day ends with the charge it began with."""

    bus: Identifier = Field(description="bus that it stands at")
    e_max: Amount = Field(description="largest charge, MWh")
    p_ch: Amount | None = Field(default=None, description="charging power, MW; default half of e_max")
    p_dis: Amount | None = Field(default=None, description="discharging power, MW; default half of e_max")
    eta_ch: PositiveShare = Field(default=1.0, description="share of charging energy that is stored")
    eta_dis: PositiveShare = Field(default=1.0, description="share of stored energy that comes out")
    wear: Amount = Field(default=0.0, description="money per MWh charged and per MWh discharged")
    e0: Amount | None = Field(default=None, description="charge at midnight, MWh; default half of e_max")
    e_min: Amount = Field(default=0.0, description="least charge, MWh")


class Power(Part):
    """Microgrids: their energy plan is made from forecasts and followed by the nodes' recipes."""

    operator: Identifier = Field(description="node that pays for grid, wheeling, wear and engines")
    days: Annotated[int, Field(ge=1, le=366, description="days in a period")] = 7
    year: Annotated[int, Field(ge=1, le=MOST_IN_YEAR, description="periods of a year, for the day types")] = 52
    block: Literal[1, 2, 3, 4, 6, 8, 12, 24] = Field(
        default=6, description="hours to which outages are rounded outwards"
    )
    bucket: Annotated[Number, Field(gt=0, le=1)] = Field(
        default=0.05, description="gas in store is rounded down to this share of its room on days without outage"
    )
    voll: Amount = Field(default=3000.0, description="value of lost load, money per MWh")
    coordinated: bool = Field(
        default=True, description="one plan for all buses; false: each trades with the grid alone"
    )
    sun: Law | None = Field(default=None, description="realised sun over forecast, drawn for each bus and period")
    day_types: list[DayType] = Field(min_length=1, description="prices and sun by time of the year")
    buses: list[PowerBus] = Field(min_length=1, description="where power is used")
    lines: list[PowerLine] = Field(default=[], description="lines between buses")
    engines: list[PowerEngine] = Field(default=[], description="biogas engines")
    batteries: list[PowerBattery] = Field(default=[], description="batteries")


Path = tuple[str | int, ...]


def power_references(data: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    """(path, what, name) of every reference to a node, product, bus or series; the data may be ill-formed."""
    power = data.get("power")
    if not isinstance(power, Mapping):
        return
    if isinstance(power.get("operator"), str):
        yield ("power", "operator"), "node", power["operator"]
    for number, bus in _parts(power, "buses"):
        nodes = bus.get("nodes")
        for place, name in enumerate(nodes if isinstance(nodes, (list, tuple)) else ()):
            if isinstance(name, str):
                yield ("power", "buses", number, "nodes", place), "node", name
    for key, fields in (
        ("lines", {"from": "bus", "from_": "bus", "to": "bus"}),
        ("engines", {"bus": "bus", "node": "node", "gas": "product"}),
        ("batteries", {"bus": "bus"}),
    ):
        for number, part in _parts(power, key):
            for field, what in fields.items():
                if isinstance(part.get(field), str):
                    yield ("power", key, number, field), what, part[field]
    series = data.get("series")
    for number, kind in _parts(power, "day_types"):
        for field in ("import_price", "export_price", "sun"):
            name = kind.get(field)
            if isinstance(name, str) and name not in (series if isinstance(series, Mapping) else {}):
                yield ("power", "day_types", number, field), "series", name


def buses_of(data: Mapping[str, Any]) -> list[str]:
    """Names of the buses of a scenario as plain values, which may be ill-formed."""
    power = data.get("power")
    found = _parts(power, "buses") if isinstance(power, Mapping) else ()
    return [bus["id"] for _, bus in found if isinstance(bus.get("id"), str)]


def _parts(data: Mapping[str, Any], key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    entries = data.get(key)
    for number, entry in enumerate(entries if isinstance(entries, (list, tuple)) else ()):
        if isinstance(entry, Mapping):
            yield number, entry


def hours_of(given: float | list[float] | str, series: Mapping[str, list[float]]) -> list[float]:
    """The hourly numbers meant; of another length than 24 where that is what was given."""
    if isinstance(given, str):
        return list(series.get(given, ()))
    return list(given) if isinstance(given, list) else [given] * HOURS


def day_type_of(power: Power, period: int, weekend: bool) -> int | None:
    """Number of the day type of a day in a period of the year; None where none fits.

    Args:
        power: the scenario's microgrids.
        period: period of the year, from 0.
        weekend: whether it is a day of a weekend.
    """
    for number, kind in enumerate(power.day_types):
        last = power.year - 1 if kind.last is None else kind.last
        if kind.first <= period <= last and kind.days in ("all", "weekends" if weekend else "weekdays"):
            return number
    return None


def has_weekends(power: Power) -> bool:
    """Whether a run of the scenario can meet a weekend."""
    return power.days * power.year > 5


Items = Mapping[tuple[str, str], "tuple[Path, StockData]"]


def power_problems(scenario: Scenario, items: Items) -> Iterator[Problem]:
    """What in the section `power` cannot mean anything."""
    power = scenario.power
    if power is None:
        return
    yield from _day_problems(power, scenario.series)
    yield from _bus_problems(power, scenario)
    made = {(recipe.node, name) for recipe in scenario.recipes for name in (*recipe.outputs, *recipe.byproducts)}
    seen: dict[tuple[str, str], int] = {}
    for number, engine in enumerate(power.engines):
        path = ("power", "engines", number)
        if (engine.node, engine.gas) not in {*items, *made}:
            text = f"node '{engine.node}' does not hold '{engine.gas}': give it that product (stocks, or a recipe)"
            yield Problem((*path, "gas"), text)
        if seen.setdefault((engine.node, engine.gas), number) != number:
            text = f"two engines burn '{engine.gas}' at '{engine.node}': give one the power of both"
            yield Problem((*path, "node"), text)
        if engine.start is not None and engine.start > engine.store:
            yield Problem((*path, "start"), f"{engine.start:g} MWh do not fit into a store of {engine.store:g}")
    for number, cell in enumerate(power.batteries):
        e0 = cell.e_max / 2 if cell.e0 is None else cell.e0
        if not cell.e_min <= e0 <= cell.e_max:
            yield Problem(("power", "batteries", number, "e0"), "e_min <= e0 <= e_max does not hold", "part")
    for number, line in enumerate(power.lines):
        if line.from_ == line.to:
            yield Problem(("power", "lines", number, "to"), f"both ends are at '{line.to}'")


def _day_problems(power: Power, series: Mapping[str, list[float]]) -> Iterator[Problem]:
    for number, kind in enumerate(power.day_types):
        path = ("power", "day_types", number)
        lists = {}
        for field in ("import_price", "export_price", "sun"):
            lists[field] = hours_of(getattr(kind, field), series)
            if len(lists[field]) != HOURS:
                what = "shares" if field == "sun" else "prices"
                yield Problem((*path, field), f"{len(lists[field])} {what}, and a day has {HOURS} hours")
        if any(share > 1.0 for share in lists["sun"]):
            yield Problem((*path, "sun"), "a share of the installed power is at most 1")
        for hour, (buy, sell) in enumerate(zip(lists["import_price"], lists["export_price"], strict=False)):
            if sell >= buy:
                text = (
                    f"hour {hour} sells at {sell:g} and buys at {buy:g}; the export price must be below the import "
                    "price, or power would be bought to be sold"
                )
                yield Problem((*path, "export_price"), text, "part")
                break
        if kind.last is not None and kind.last < kind.first:
            yield Problem((*path, "last"), f"{kind.last} is before the first period, {kind.first}")
    weekends = (False, True) if has_weekends(power) else (False,)
    for period in range(power.year):
        for weekend in weekends:
            if day_type_of(power, period, weekend) is None:
                text = f"no day type fits period {period} of the year{' at a weekend' if weekend else ''}; add one"
                yield Problem(("power", "day_types"), text)
                return


def _bus_problems(power: Power, scenario: Scenario) -> Iterator[Problem]:
    fed = {name for line in power.lines for name in (line.from_, line.to)}
    fed |= {engine.bus for engine in power.engines} | {cell.bus for cell in power.batteries}
    at: dict[str, str] = {}
    ids: dict[str, int] = {}
    for number, bus in enumerate(power.buses):
        path = ("power", "buses", number)
        if ids.setdefault(bus.id, number) != number:
            yield Problem((*path, "id"), f"'{bus.id}' is given twice (first as power.buses.{ids[bus.id]})")
        if bus.id not in fed and bus.import_max <= 0 and bus.pv <= 0:
            text = f"bus '{bus.id}' has no supply: give it import_max, a line, pv, an engine or a battery"
            yield Problem(path, text, "part")
        if bus.profile is not None and (len(bus.profile) != HOURS or not any(bus.profile)):
            text = f"{len(bus.profile)} weights" if len(bus.profile) != HOURS else "no weight above 0"
            yield Problem((*path, "profile"), f"{text}, and a day has {HOURS} hours, some of them above 0")
        if bus.weekend != 1.0 and power.days % 7:
            text = f"a load spread over the days of a week needs periods of whole weeks, and days is {power.days}"
            yield Problem((*path, "weekend"), text)
        for place, node in enumerate(bus.nodes):
            if node in at:
                text = f"'{node}' is already at bus '{at[node]}': a node has one bus"
                yield Problem((*path, "nodes", place), text)
            at.setdefault(node, bus.id)
        if bus.forecast is None and isinf(recipe_energy(scenario, bus)):
            text = f"give bus '{bus.id}' a forecast: nothing limits the runs of its nodes' recipes"
            yield Problem((*path, "forecast"), text, "part")


def recipe_energy(scenario: Scenario, bus: PowerBus) -> float:
    """Most energy that recipes of a bus's nodes can use in a period, MWh; infinite where nothing limits them."""
    most = {node.id: float("inf") if node.energy is None else node.energy for node in scenario.nodes}
    total = 0.0
    for node in bus.nodes:
        used = 0.0
        for recipe in scenario.recipes:
            if recipe.node == node and recipe.energy > 0.0:
                used += float("inf") if recipe.capacity is None else recipe.capacity * recipe.energy
        total += min(used, most.get(node, float("inf")))
    return total

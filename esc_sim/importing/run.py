"""The whole of an import: recognise, read, follow the flows, build, say what was understood."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from esc_sim.counted import counted, enumerated
from esc_sim.errors import InputError
from esc_sim.fitting.starting import starting_policies
from esc_sim.importing.buffers import with_buffers
from esc_sim.importing.building import scenario_data
from esc_sim.importing.content import Content, read_content
from esc_sim.importing.demands import start_after
from esc_sim.importing.flows import flows_of
from esc_sim.importing.following import followed
from esc_sim.importing.foreign import ready_foreign
from esc_sim.importing.found import Found
from esc_sim.importing.grids import Grid, Source, grids_of
from esc_sim.importing.history import Item, read_history
from esc_sim.importing.mapping import Mapping as SheetsMapping
from esc_sim.importing.mapping import Settings, SheetMapping, column_number, read_mapping
from esc_sim.importing.members import Members
from esc_sim.importing.money import Money, currencies_named, read_rates
from esc_sim.importing.periods import step_for
from esc_sim.importing.reading import Sheet
from esc_sim.importing.recognising import recognised
from esc_sim.importing.units import tell_units
from esc_sim.importing.words import currency_called
from esc_sim.scenario.checked import scenario_of
from esc_sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Imported:
    """A scenario made of a workbook.

    Attributes:
        scenario: the scenario, checked.
        mapping: what was taken for what.
        found: what was understood, assumed and left out.
        content: what the workbook says.
    """

    scenario: Scenario
    mapping: SheetsMapping
    found: Found
    content: Content


def import_source(
    source: Source,
    *,
    name: str = "",
    mapping: str | os.PathLike[str] | None = None,
    currency: str | None = None,
    rates: Mapping[str, float] | None = None,
    step: str | None = None,
) -> Imported:
    """Make a scenario of a workbook, a folder of tables, a list of edges or data frames.

    Args:
        source: path of an .xlsx workbook, of a folder of CSV or Parquet files, or of one file; or data frames, or
            paths, by the names of their tables.
        name: of the scenario; by default that of the source.
        mapping: a mapping file that an import wrote, perhaps changed.
        currency: code of the currency that amounts are turned into.
        rates: worth of a unit of other currencies in it.
        step: day, week, month or quarter, in place of the one that histories and lead times ask for.

    Raises:
        InputError: with every cell that cannot be used.
    """
    found = Found()
    given = read_mapping(Path(mapping)) if mapping is not None else None
    grids = grids_of(source, {sheet.sheet for sheet in given.sheets if sheet.table} if given is not None else ())
    called = "tables" if isinstance(source, Mapping) else Path(source).name
    sheets = _mapped(grids, given, Path(mapping).name if mapping is not None else "", found)
    found.stop_if_wrong()
    if not any(sheet.table for sheet in sheets):
        raise InputError(
            f"{called}: no sheet or file is recognised ({enumerated([grid.name for grid in grids], 10)}); the guide to "
            "importing lists the usual names"
        )
    _tell_sheets(grids, sheets, found)
    settings = given.settings if given is not None else Settings()
    if step is not None or currency is not None or rates:
        known = settings.model_dump()
        settings = Settings(**known | _given(step, currency, rates, settings))
    content, settings = _content(grids, sheets, settings, found)
    data = _data(called, name, content, settings)
    data["data"] |= _said_of_data(grids, sheets)
    found.stop_if_wrong()
    buffers = _buffers(content, data)
    scenario = starting_policies(with_buffers(scenario_of(data), buffers, found), settings.fill_rate)
    return Imported(scenario, SheetsMapping(settings=settings, sheets=sheets), found, content)


def _buffers(content: Content, data: dict[str, Any]) -> dict[Item, float]:
    """Safety stocks of the items that goods flow through; one that names no product is that of each."""
    found = {}
    for line in data["stocks"]:
        item = line["node"], line["product"]
        said = content.stocks.get(item) or content.stocks.get((item[0], ""), {})
        if said.get("safety_stock"):
            found[item] = said["safety_stock"]
    return found


def scenario_from(source: Source, **options: Any) -> Scenario:
    """The scenario of a source, which may be files of another program.

    Args:
        source: as for :func:`import_source`.
        options: as for :func:`import_source`.

    Raises:
        InputError: with every cell that cannot be used.
    """
    asked = any(value for key, value in options.items() if key != "name")
    foreign = None if asked or isinstance(source, Mapping) else ready_foreign(source)
    return foreign.scenario if foreign is not None else import_source(source, **options).scenario


def _said_of_data(grids: list[Grid], sheets: list[SheetMapping]) -> dict[str, str]:
    """What a sheet that is no table says of the numbers: that they are synthetic."""
    notes = (grid for grid, sheet in zip(grids, sheets, strict=True) if sheet.table is None)
    said = ((grid, cell) for grid in notes for row in grid.rows for cell in row if isinstance(cell, str))
    found = next(((grid, cell) for grid, cell in said if cell.lower().startswith("synthetic")), None)
    return {} if found is None else {"status": "synthetic", "note": f"{found[1]} ({found[0].source})"}


def _given(
    step: str | None, currency: str | None, rates: Mapping[str, float] | None, settings: Settings
) -> dict[str, Any]:
    """Settings that a caller gives."""
    code = currency_called(currency) if currency is not None else settings.currency
    if currency is not None and code is None:
        raise InputError(f"currency: '{currency}' is no code of a currency, such as EUR")
    return {
        "step": step or settings.step,
        "currency": code,
        "rates": dict(settings.rates) | {name.upper(): float(rate) for name, rate in (rates or {}).items()},
    }


def _mapped(grids: list[Grid], given: SheetsMapping | None, file: str, found: Found) -> list[SheetMapping]:
    """What each sheet is: as a mapping says, else as its names do."""
    if given is None:
        return _without_rivals([recognised(grid, found.problems) for grid in grids])
    names = {grid.name: grid for grid in grids}
    found.problems += [
        f"{file}: sheet '{sheet.sheet}': there is none of that name; there are {enumerated(list(names), 10)}"
        for sheet in given.sheets
        if sheet.sheet not in names
    ]
    by_name = {sheet.sheet: sheet for sheet in given.sheets}
    return [
        followed(grid, by_name[grid.name], file, found) if grid.name in by_name else recognised(grid, found.problems)
        for grid in grids
    ]


def _without_rivals(sheets: list[SheetMapping]) -> list[SheetMapping]:
    """Leave out what only its headings say, where a sheet is called so by its name."""
    named = {sheet.table: sheet.sheet for sheet in sheets if sheet.table not in (None, "sites") and not sheet.because}
    return [
        SheetMapping(
            sheet=sheet.sheet, because=f"its headings are those of {sheet.table}, which '{named[sheet.table]}' holds"
        )
        if sheet.because and sheet.table in named
        else sheet
        for sheet in sheets
    ]


def _tell_sheets(grids: list[Grid], sheets: list[SheetMapping], found: Found) -> None:
    """Say what each sheet was taken for, and which of its columns are left out."""
    titles: list[str] = []
    for grid, sheet in zip(grids, sheets, strict=True):
        if sheet.table is None:
            found.left_out.append(f"{grid.source}: {sheet.because or 'the mapping leaves it out'}")
            continue
        if sheet.because:
            found.assumed.append(f"{grid.source}: taken for {sheet.table}, by {sheet.because}")
        first = min(sheet.header) - grid.first
        above = sum(any(grid.cell(row, n) is not None for n in range(len(grid.rows[row]))) for row in range(first))
        if above:
            titles.append(f"{above} in {grid.name}")
        unread = [column for column in sheet.columns if column.is_ is None]
        if unread:
            listed = enumerated([f"'{c.heading}' ({c.column})" for c in unread], 8)
            found.left_out.append(f"{grid.source}: {counted(len(unread), 'column')}: {listed}")
        _tell_beside(grid, sheet, found)
        tell_units(grid, sheet, found)
    if titles:
        found.left_out.append(f"lines above the headings: {enumerated(titles)}")


def _tell_beside(grid: Grid, sheet: SheetMapping, found: Found) -> None:
    """Say which cells stand in columns without a heading."""
    headed = {column_number(column) for column in sheet.columns}
    first = max(sheet.header) - grid.first + 1
    beside = [
        grid.place(row, n)
        for row in range(first, len(grid.rows))
        for n in range(len(grid.rows[row]))
        if n not in headed and grid.cell(row, n) is not None
    ]
    if beside:
        found.left_out.append(
            f"{grid.source}: {counted(len(beside), 'cell')} without a heading, the first in {beside[0]}"
        )


def _content(
    grids: list[Grid], mapped: list[SheetMapping], settings: Settings, found: Found
) -> tuple[Content, Settings]:
    """All that the sheets say, and the settings with what they say of money and time."""
    sheets = [Sheet(grid, sheet, found) for grid, sheet in zip(grids, mapped, strict=True) if sheet.table]
    money = _money(sheets, settings, found)
    content = Content(Members("site", found), Members("product", found), money, found, settings.time_unit)
    read_content(sheets, content)
    demand = [sheet for sheet in sheets if sheet.table == "demand"]
    if not content.products.by_id and not any(sheet.has("product") for sheet in demand):
        content.products.add("goods", "")
    content.history = read_history(demand, content.sites, content.products, _only(content), found)
    _demand_of_sites(content)
    found.stop_if_wrong()
    step = settings.step or step_for(content)
    known = {
        "step": step,
        "start": _start(settings, content),
        "currency": settings.currency or money.base or None,
        "rates": money.rates,
        "amounts_per": settings.amounts_per or content.history.step or step,
    }
    return content, Settings(**settings.model_dump() | known)


def _start(settings: Settings, content: Content) -> str | None:
    """The first day: that of the settings, unless the history now covers it."""
    after = start_after(content.history)
    if settings.start is not None and after is not None and settings.start < after and content.history.dates:
        content.found.assumed.append(
            f"the mapping begins the run on {settings.start}, which the history now covers: it begins on {after}"
        )
        return after
    return settings.start or after


def _money(sheets: list[Sheet], settings: Settings, found: Found) -> Money:
    """The currency of the scenario: the one given, that of the rates, or the one that is named most."""
    base, rates = settings.currency or "", dict(settings.rates)
    for sheet in sheets:
        if sheet.table == "rates" and not settings.rates:
            base, rates = read_rates(sheet, base)
    named = currencies_named(sheets)
    if not base and named:
        base = named.most_common(1)[0][0]
    return Money(found, base, rates)


def _only(content: Content) -> tuple[str, str]:
    """The one site that sells, and the one product, where there is only one."""
    buyers = {lane.buyer for lane in content.lanes} - {lane.supplier for lane in content.lanes}
    products = list(content.products.by_id)
    return next(iter(buyers)) if len(buyers) == 1 else "", products[0] if len(products) == 1 else ""


def _demand_of_sites(content: Content) -> None:
    """Demand that stands in a list of sites, where there is one product."""
    product = _only(content)[1]
    for site in content.sites.by_id.values():
        if "demand" not in site.said:
            continue
        if product:
            content.history.means[site.id, product] = site.said["demand"]
        else:
            content.found.problems.append(
                f"{site.place}: demand of '{site.name}', and several products: give a sheet Demand"
            )


def _data(called: str, name: str, content: Content, settings: Settings) -> dict[str, Any]:
    found = content.found
    demanded = [item for item, series in content.history.series.items() if any(value > 0.0 for value in series)]
    demanded += [item for item, (mean, _) in content.history.means.items() if mean]
    if not demanded:
        demanded = _ends(content)
    flows = flows_of(content, demanded)
    found.stop_if_wrong()
    about = f"Imported from {called}; understood.md says what was assumed."
    return scenario_data(name or Path(called).stem, about, content, flows, settings)


def _ends(content: Content) -> list[tuple[str, str]]:
    """Sites that no lane leaves, where no sheet says what is asked for: each is taken to want one unit a day."""
    ends = dict.fromkeys(lane.buyer for lane in content.lanes if lane.buyer not in {o.supplier for o in content.lanes})
    wanted = [(site, product) for site in ends for product in content.products.by_id]
    named = {lane.product for lane in content.lanes if lane.product}
    wanted = [(s, p) for s, p in wanted if not named or any((o.buyer, o.product) == (s, p) for o in content.lanes)]
    for item in wanted:
        content.history.means[item] = (1.0, None)
    if wanted:
        where = f"{counted(len(ends), 'site')} that no lane leaves"
        content.found.assumed.append(f"no sheet says what is asked for: one unit a day of each product at {where}")
    else:
        content.found.problems.append("no demand, and no lanes to tell who asks for what: give a sheet Demand or Lanes")
    return wanted

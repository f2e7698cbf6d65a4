"""Histories of demand: wide or long, by day, week or month, as a table of periods and series."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass, field

from esc_sim.counted import counted
from esc_sim.importing.found import Found
from esc_sim.importing.headings import heading_date
from esc_sim.importing.mapping import DATE, OF_MEMBER, Column
from esc_sim.importing.members import Members
from esc_sim.importing.reading import Row, Sheet
from esc_sim.importing.words import same_name
from esc_sim.scenario.usual_dates import Read, period_of, periods_between, step_between

DAYS = {
    "hour": 1.0 / 24.0,
    "day": 1.0,
    "working day": 7.0 / 5.0,
    "week": 7.0,
    "month": 365.25 / 12.0,
    "quarter": 365.25 / 4.0,
    "year": 365.25,
}
"""Length of units of time, in days."""
MOST_PERIODS = 100_000
Item = tuple[str, str]
"""A site and a product, by their identifiers."""


@dataclass
class History:
    """Demand of past periods.

    Attributes:
        step: length of a period.
        dates: first days of the periods.
        series: an amount for each period, by site and product; NaN: no cell says it.
    """

    step: str = ""
    dates: list[datetime.date] = field(default_factory=list)
    series: dict[Item, list[float]] = field(default_factory=dict)
    means: dict[Item, tuple[float, float | None]] = field(default_factory=dict)
    """Mean and standard deviation a day of demand that has no dates."""


@dataclass
class _Entries:
    """Amounts as they were read, with their dates."""

    amounts: list[tuple[Item, datetime.date, float]] = field(default_factory=list)
    blanks: list[tuple[Item, datetime.date]] = field(default_factory=list)
    said: set[str] = field(default_factory=set)
    items: dict[Item, None] = field(default_factory=dict)

    def add(self, item: Item, read: Read, amount: float | None) -> None:
        self.items[item] = None
        self.said |= {read.step} if read.step else set()
        if amount is not None:
            self.amounts.append((item, read.date, amount))
        else:
            self.blanks.append((item, read.date))


def read_history(sheets: list[Sheet], sites: Members, products: Members, only: Item, found: Found) -> History:
    """The history that the sheets of demand hold together.

    Args:
        sheets: of demand.
        sites, products: what their rows may name.
        only: the site and the product meant by sheets without such a column; '' where there are several.
        found: takes notes.
    """
    entries, history = _Entries(), History()
    for sheet in sheets:
        seen: dict[Item, str] = {}
        members = _members_above(sheet, sites, products)
        if any(column.is_ == DATE and heading_date(column.heading) is None for _, column in sheet.headed):
            found.assumed.append(f"{sheet.grid.source}: headings without a year are of {sheet.year}")
        if sheet.has("demand_sd") and (sheet.headed or sheet.has("date")):
            n, column = sheet.columns["demand_sd"]
            found.left_out.append(
                f"{sheet.grid.place(sheet.mapping.header[-1] - sheet.grid.first, n)}: '{column.heading}': the history "
                "itself says how much demand varies"
            )
        for row in sheet.rows:
            if members:
                _row_of_members(row, members, sites, products, only, entries)
                continue
            item = _item(row, sites, products, only)
            if item is None:
                continue
            if sheet.headed:
                _wide_row(row, item, entries, seen)
            elif sheet.has("date"):
                read = row.date("date")
                if read is not None:
                    entries.add(item, read, row.number("quantity"))
            else:
                _mean_row(row, item, history, seen)
    if entries.amounts:
        _arrange(entries, history, found)
    return history


def _item(row: Row, sites: Members, products: Members, only: Item) -> Item | None:
    found: list[str | None] = []
    for key, members, default in (("site", sites, only[0]), ("product", products, only[1])):
        text = row.text(key)
        if text:
            found.append(members.find(text, row.place(key)))
        elif row.sheet.has(key):
            row.sheet.found.problems.append(f"{row.place(key)}: the {key} is missing")
            found.append(None)
        elif default:
            found.append(default)
        else:
            line = row.sheet.grid.place(row.sheet.mapping.header[-1] - row.sheet.grid.first)
            row.sheet.found.problems.append(f"{line}: no column says the {key}, and there are several {key}s")
            found.append(None)
    site, product = found
    return (site, product) if site is not None and product is not None else None


def _members_above(sheet: Sheet, sites: Members, products: Members) -> list[tuple[int, Column, str, str]]:
    """Columns whose heading is a site or a product: number, mapping, which of the two, identifier."""
    found = []
    for n, column in sheet.headed:
        if column.is_ != OF_MEMBER:
            continue
        place = sheet.grid.place(sheet.mapping.header[-1] - sheet.grid.first, n)
        kinds = [key for key in ("site", "product") if not sheet.has(key)]
        key = next(
            (key for key in kinds if same_name(column.heading) in (sites if key == "site" else products).called), ""
        )
        key = key or (kinds[0] if kinds else "site")
        one = (sites if key == "site" else products).find(column.heading, place)
        if one is not None:
            found.append((n, column, key, one))
    return found


def _row_of_members(
    row: Row,
    members: list[tuple[int, Column, str, str]],
    sites: Members,
    products: Members,
    only: Item,
    entries: _Entries,
) -> None:
    """A row of amounts of one date, a column for each site or product."""
    read = row.date("date")
    if read is None:
        return
    for n, column, key, one in members:
        item = _item(row, sites, products, (one, only[1]) if key == "site" else (only[0], one))
        if item is not None:
            entries.add(item, read, row.number_at(n, column))


def _twice(row: Row, item: Item, seen: dict[Item, str]) -> bool:
    here = row.place("site" if row.sheet.has("site") else "product")
    if item in seen:
        row.sheet.found.problems.append(
            f"{here}: '{item[1]}' at '{item[0]}' stands here again ({seen[item]}): keep one of the two rows"
        )
        return True
    seen[item] = here
    return False


def _wide_row(row: Row, item: Item, entries: _Entries, seen: dict[Item, str]) -> None:
    if _twice(row, item, seen):
        return
    for n, column in row.sheet.headed:
        read = heading_date(column.heading, row.sheet.year)
        if read is not None:
            entries.add(item, read, row.number_at(n, column))


def _mean_row(row: Row, item: Item, history: History, seen: dict[Item, str]) -> None:
    """Demand without dates: an amount for each period that the heading names."""
    amount = row.number("quantity")
    if amount is None or _twice(row, item, seen):
        return
    sd = row.number("demand_sd")
    length = DAYS[row.unit("quantity") or "day"]
    if row.unit("quantity") is None and not any("no period for demand" in text for text in row.sheet.found.assumed):
        row.sheet.found.assumed.append(
            f"{row.sheet.grid.source}: the heading names no period for demand: taken as a day"
        )
    history.means[item] = (amount / length, None if sd is None else sd / length**0.5)


def _arrange(entries: _Entries, history: History, found: Found) -> None:
    """Sort amounts into even periods.

    An empty cell says nothing, nor does what is missing before a series begins: NaN. A date in between for which a list
    has no line is one on which nothing was asked for: 0.
    """
    dates = sorted({date for _, date, _ in entries.amounts})
    history.step = step_between(dates, set(entries.said))
    weekday = dates[0].weekday()
    first, last = (period_of(date, history.step, weekday) for date in (dates[0], dates[-1]))
    if (last - first).days > MOST_PERIODS:
        found.problems.append(f"demand from {first} to {last}: one of the dates cannot be meant")
        return
    history.dates = periods_between(first, last, history.step)
    at = {date: n for n, date in enumerate(history.dates)}
    filled: dict[Item, set[int]] = {item: set() for item in entries.items}
    sums = {item: [0.0] * len(at) for item in entries.items}
    added = 0
    for item, date, amount in entries.amounts:
        n = at[period_of(date, history.step, weekday)]
        added += n in filled[item]
        sums[item][n] += amount
        filled[item].add(n)
    blank: dict[Item, set[int]] = {item: set() for item in entries.items}
    for item, date in entries.blanks:
        n = at.get(period_of(date, history.step, weekday), -1)
        if n >= 0 and n not in filled[item]:
            blank[item].add(n)
    for item, values in sums.items():
        begins = min(filled[item], default=len(at))
        unsaid = blank[item] | set(range(begins))
        history.series[item] = [math.nan if n in unsaid else value for n, value in enumerate(values)]
    _tell_gaps(history, filled, found)
    if added:
        found.understood.append(f"demand: {counted(added, 'amount')} added to others of the same {history.step}")
    found.understood.append(
        f"demand: {len(history.series)} series of {counted(len(at), history.step)}, {first} to {last}"
    )


def _tell_gaps(history: History, filled: dict[Item, set[int]], found: Found) -> None:
    """Count the periods of which nothing is said, and those without a line."""
    before = inside = after = missing = 0
    for item, values in history.series.items():
        first, last = min(filled[item], default=len(values)), max(filled[item], default=-1)
        for n, value in enumerate(values):
            before += n < first
            inside += first < n < last and math.isnan(value)
            after += n > last >= first and math.isnan(value)
            missing += n > first and n not in filled[item] and not math.isnan(value)
    for number, what in (
        (before, "before a series begins: not yet sold, and left out of its law"),
        (inside, "within a series whose cells are empty (or '-', 'n/a'): no data, no zeros; left out of its law"),
        (after, "at the end of a series whose cells are empty (or '-', 'n/a'): not yet recorded, left out of its law"),
        (missing, "for which a list has no line: nothing was asked for, taken as 0"),
    ):
        if number:
            found.assumed.append(f"demand: {counted(number, history.step)} of all series {what}")

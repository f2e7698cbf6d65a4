"""Rows of a sheet as its mapping says, without blank lines, totals, notes and headings that stand there again."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from esc_sim.counted import counted
from esc_sim.importing.evidence import is_units_row
from esc_sim.importing.found import Found
from esc_sim.importing.grids import UNSTORED, Grid
from esc_sim.importing.headings import year_of
from esc_sim.importing.mapping import HEADED, Column, SheetMapping, column_number, kind_of
from esc_sim.importing.units import COUNTED, TIMES_KNOWN, WORKING, say_once, units_in, unknown_in
from esc_sim.importing.words import CACHED, currency_beside, time_beside, words_of
from esc_sim.scenario.amounts import EMPTY, amount_in, ends_of, is_ambiguous, value_of
from esc_sim.scenario.cells import cell_text
from esc_sim.scenario.numerals import number_advice
from esc_sim.scenario.usual_dates import Read, orders_of, read_date, yearless

_TOTAL = frozenset({"total", "subtotal", "grand", "sum", "overall", "average", "avg", "mean", "all"})
_THINGS = (
    "site product sku item demand quantity sale unit store shop customer lane volume plant depot warehouse supplier "
    "stock network company row month week day year quarter"
)
_COUNTED = _TOTAL | set(_THINGS.split())
"""Words of a line of totals."""
_OF_GROUP = re.compile(r"(sub|grand)[- ]?total|total\b", re.IGNORECASE)
_NOTE = re.compile(
    r"(\*|note|source|remark|comment|last update|updated|as of|created|printed|version|legend)", re.IGNORECASE
)
_KEYS = {
    "sites": ("name",), "lanes": ("from", "to"), "capacities": ("lane",), "products": ("name",),
    "demand": ("site", "product"), "bom": ("product", "component"), "stocks": ("site", "product"),
    "offers": ("from", "product"), "rates": ("currency",),
}  # fmt: skip
"""Columns that say what a row is about."""
_UNSCALED = frozenset({"latitude", "longitude", "x", "y", "share", "year", "emissions"})
"""Numbers that count nothing."""
_LARGEST = 1e12
_GROUPED = {"demand": ("site", "product"), "bom": ("product",), "stocks": ("site", "product"), "lanes": ("from",),
            "offers": ("from",)}  # fmt: skip
"""Columns whose empty cells go on with the name above them."""


@dataclass(frozen=True)
class Sheet:
    """A sheet with its mapping.

    Attributes:
        grid: its cells.
        mapping: what they were taken for.
        found: takes notes.
    """

    grid: Grid
    mapping: SheetMapping
    found: Found

    @cached_property
    def columns(self) -> dict[str, tuple[int, Column]]:
        """Columns by what they are."""
        return {
            str(c.is_): (column_number(c), c) for c in self.mapping.columns if c.is_ is not None and c.is_ not in HEADED
        }

    @cached_property
    def headed(self) -> list[tuple[int, Column]]:
        """Columns of amounts whose headings say what of: dates, sites, products."""
        return [(column_number(c), c) for c in self.mapping.columns if c.is_ in HEADED]

    @cached_property
    def rows(self) -> list[Row]:
        """The rows that say something; those that are left out are noted when it is first asked for."""
        return list(_rows_of(self))

    @property
    def table(self) -> str:
        """What its rows are."""
        return str(self.mapping.table)

    @cached_property
    def year(self) -> int | None:
        """The year of months and weeks without one."""
        return year_of(self.grid, min(self.mapping.header) - self.grid.first)

    def has(self, key: str) -> bool:
        """Whether a column holds this."""
        return key in self.columns


@dataclass
class Row:
    """A row of a sheet.

    Attributes:
        sheet: the sheet.
        row: its number, from 0.
        above: names that stand above empty cells.
    """

    sheet: Sheet
    row: int
    above: dict[str, str]

    def place(self, key: str | int) -> str:
        """Where a cell stands, by what it is or by its column."""
        column = key if isinstance(key, int) else self.sheet.columns[key][0] if self.sheet.has(key) else None
        return self.sheet.grid.place(self.row, column)

    def text(self, key: str) -> str:
        """The text of a cell; '' where nothing stands."""
        if not self.sheet.has(key):
            return ""
        value = self.sheet.grid.cell(self.row, self.sheet.columns[key][0])
        if value is UNSTORED or (isinstance(value, str) and value[:1] == "#" and value[-1:] in "!?A0"):
            self._wrong(key, value)
            return ""
        found = "".join(filter(str.isprintable, " ".join(cell_text(value).split())))
        return found or self.above.get(key, "")

    def number(self, key: str, *, least: float | None = 0.0) -> float | None:
        """The number in a cell; None where none stands, or none can be read (which is noted)."""
        return self.number_at(*self.sheet.columns[key], least) if self.sheet.has(key) else None

    def number_at(self, n: int, column: Column, least: float | None = 0.0) -> float | None:
        """The same, by the number of the column.

        Args:
            n: the number, from 0.
            column: how its cells are read.
            least: least number that is allowed; None: any is.
        """
        value = self.sheet.grid.cell(self.row, n)
        if value is None or (isinstance(value, str) and value.strip().lower() in EMPTY):
            return None
        found = _number(value, column)
        if found is not None and column.is_ not in _UNSCALED:
            found *= self._scale(n, column, value)
        why = "" if found is None else _out_of_bounds(found, least)
        if found is None or why:
            self._wrong(n, value, why)
            return None
        if (self.row, n) in self.sheet.grid.spread and self.sheet.table in ("demand", "stocks", "capacities"):
            self._wrong(n, value, "stands in merged cells: write the amount of each row")
            return None
        return found

    def _scale(self, n: int, column: Column, value: Any) -> float:
        """Units that an amount of 1 stands for, as its cell says, else its heading, else a column of units."""
        table = self.sheet.table
        amount = amount_in(value) if isinstance(value, str) else None
        beside = [amount.unit] if amount is not None and amount.unit else []
        if table in COUNTED and column.is_ not in ("demand_sd", "holding_cost") and self.text("unit"):
            beside.append(self.text("unit"))
        if kind_of(table, column) == "time":
            return 1.0
        for text in beside:
            if unknown_in(text):
                where = f"{self.sheet.grid.source}, column {column.column}"
                say_once(
                    self.sheet.found, f"{where}: '{text}' is no unit that is known: amounts are taken as they stand"
                )
            if (scale := units_in(text).scale) != 1.0:
                return scale
        return column.scale or 1.0

    def ends(self, key: str) -> tuple[float, float] | None:
        """The ends of a range in a cell, such as '3-5 days'."""
        n, column = self.sheet.columns[key]
        value = self.sheet.grid.cell(self.row, n)
        texts = ends_of(value) if isinstance(value, str) else None
        ends = [_number(text, column) for text in texts] if texts else []
        return (ends[0], ends[1]) if len(ends) == 2 and ends[0] is not None and ends[1] is not None else None

    def unit(self, key: str) -> str | None:
        """The unit of time of a cell: what stands beside its number, else what its heading says."""
        n, column = self.sheet.columns[key]
        value = self.sheet.grid.cell(self.row, n)
        text = (ends_of(value) or (value, value))[1] if isinstance(value, str) else ""
        amount = amount_in(text)
        found = time_beside(amount.unit) if amount else None
        if kind_of(self.sheet.table, column) == "time":
            if amount is not None and amount.unit and found is None:
                self._wrong(n, value, f"is in no unit of time that is known: write {TIMES_KNOWN}")
            if found is None and value is not None:
                found = self._unit_beside(column)
        elif found is None and self.sheet.table == "demand":
            found = time_beside(self.text("unit"))
        found = found or column.unit
        if found == "working day":
            say_once(self.sheet.found, f"{self.sheet.grid.source}: {WORKING}")
        return found

    def _unit_beside(self, column: Column) -> str | None:
        """The unit of time in the column of units; what a heading contradicts, or what is none, is noted."""
        text = self.text("unit")
        found = time_beside(text)
        if found is not None and column.unit not in (None, found):
            self._wrong("unit", text, f"contradicts the heading '{column.heading}': keep one of the two units")
        elif text and column.unit is None and unknown_in(text):
            self._wrong("unit", text, f"is no unit of time that is known: write {TIMES_KNOWN}")
        return found

    def currency(self, key: str) -> str | None:
        """The currency of a cell: beside its number, in the column of currencies, else what its heading says."""
        n, column = self.sheet.columns[key]
        value = self.sheet.grid.cell(self.row, n)
        amount = amount_in(value) if isinstance(value, str) else None
        return (currency_beside(amount.unit) if amount else None) or self.text("currency") or column.currency

    def date(self, key: str) -> Read | None:
        """The date in a cell; None where none can be read (which is noted)."""
        n, column = self.sheet.columns[key]
        value = self.sheet.grid.cell(self.row, n)
        found = self._date_of_year(value, column) or read_date(value, column.dates) or _day_number(value)
        if found is not None and found.step is None and column.unit in ("week", "month", "quarter"):
            found = Read(found.date, column.unit)
        if found is None:
            several = isinstance(value, str) and len(orders_of(value)) > 1
            if yearless(value) is not None:
                self._wrong(key, value, f"has no year: write '{value} 2025', or give a column Year")
                return None
            text = "may be day first or month first" if several else "is no date: write dates as 2026-01-31"
            self._wrong(key, value, text if value is not None else "the date is missing")
        return found

    def _date_of_year(self, value: Any, column: Column) -> Read | None:
        """The date of a month or week, where its year stands in a column of its own."""
        if not self.sheet.has("year") and yearless(value, self.sheet.year) is not None and self.sheet.year is not None:
            say_once(self.sheet.found, f"{self.sheet.grid.source}: dates without a year are of {self.sheet.year}")
            return yearless(value, self.sheet.year)
        year = self.number("year") if self.sheet.has("year") else None
        if year is None or value is None:
            return None
        text = cell_text(value).strip()
        if not text.isdigit():
            return read_date(f"{text} {year:.0f}")
        return read_date(f"W{text} {year:.0f}" if column.unit == "week" else f"{text}/{year:.0f}")

    def _wrong(self, key: str | int, value: Any, text: str = "") -> None:
        if value == UNSTORED:
            text, shown = "a formula without a stored value: open and save the workbook, or paste values", ""
        else:
            shown = f"'{cell_text(value)[:40]}' " if value is not None else ""
            text = text or f"is no number{number_advice(cell_text(value))}"
        self.sheet.found.problems.append(f"{self.place(key)}: {shown}{text}")


def _out_of_bounds(number: float, least: float | None) -> str:
    if least is not None and number < least:
        return f"must be at least {least:g}"
    return "is too large: nothing may be larger than 10^12" if abs(number) > _LARGEST else ""


def _number(value: Any, column: Column) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float) or hasattr(value, "as_integer_ratio"):
        try:
            number = float(value)
        except (OverflowError, ValueError):
            return None
        return number if math.isfinite(number) else None
    amount = amount_in(value) if isinstance(value, str) else None
    if amount is None or (column.decimals is None and is_ambiguous(amount.digits)):
        return None
    return value_of(amount.digits, column.decimals)


def _day_number(value: Any) -> Read | None:
    """A date that is a number: days since the end of 1899, as spreadsheet programs count them."""
    import datetime

    if isinstance(value, int | float) and not isinstance(value, bool) and 20_000 < value < 80_000:
        return Read(datetime.date(1899, 12, 30) + datetime.timedelta(days=int(value)))
    return None


def _rows_of(sheet: Sheet) -> Iterator[Row]:
    """The rows that say something, those that are left out noted."""
    grid, mapping, found = sheet.grid, sheet.mapping, sheet.found
    first = max(mapping.header) - grid.first + 1
    keys = [key for key in _KEYS[sheet.table] if sheet.has(key)]
    used = {n for n, _ in sheet.columns.values()} | {n for n, _ in sheet.headed}
    last = max((row for row in range(first, len(grid.rows)) if not _is_blank(grid, row, used)), default=first - 1)
    blank = sum(_is_blank(grid, row, used) for row in range(first, last + 1))
    if blank:
        found.left_out.append(f"{grid.source}: {counted(blank, 'blank line')}")
    above: dict[str, str] = {}
    for row in range(first, last + 1):
        if _is_blank(grid, row, used) or (row == first and is_units_row(grid.rows[row])):
            continue
        one = Row(sheet, row, {})
        why = _left_out(one, keys, used, last, above)
        if why:
            found.left_out.append(f"{grid.place(row)}: {why}")
            if why.startswith(_GROUP):
                above = {key: text for key in keys if (text := one.text(key))}
            continue
        one.above = _from_above(one, above)
        yield one


_GROUP = "a heading of the lines below it"
_AGAIN = "the headings stand here again"


def _from_above(one: Row, above: dict[str, str]) -> dict[str, str]:
    """Names above the empty cells of a row, kept for the next row."""
    keys = [key for key in _GROUPED.get(one.sheet.table, ()) if one.sheet.has(key)]
    texts = {key: one.text(key) for key in keys}
    if any(texts.values()) or len(keys) == 1:
        for key, text in texts.items():
            if text:
                above[key] = text
    return {key: above[key] for key, text in texts.items() if not text and key in above}


def _is_blank(grid: Grid, row: int, used: set[int]) -> bool:
    return all(grid.cell(row, column) is None for column in used)


def _left_out(one: Row, keys: list[str], used: set[int], last: int, above: dict[str, str]) -> str:
    """Why a row is left out; '' for one that is not."""
    grid, row = one.sheet.grid, one.row
    cells = {n: grid.cell(row, n) for n in range(len(grid.rows[row]))}
    filled = {n: value for n, value in cells.items() if value is not None}
    texts = [value for value in filled.values() if isinstance(value, str)]
    title = str(texts[0]).strip() if texts else ""
    of_group = _OF_GROUP.match(title) and any(cells.get(one.sheet.columns[key][0]) is None for key in keys)
    if of_group or (is_total(title) and (len(filled) > 1 or row == last)):
        return f"a line of totals ('{title[:30]}')"
    if _is_sums(one, keys, used, last, above):
        return "a line of sums without a name"
    alone = title and len(set(map(str, filled.values()))) == 1 and (len(used) > 1 or row == last)
    if alone and (_NOTE.match(title) or len(title) > 50 or (len(keys) > 1 and row == last)):
        return f"a note ('{title[:40]}')"
    if alone and len(keys) > 1:
        key = next((key for key in keys if one.text(key)), None)
        return f"{_GROUP} ('{title}')" if key in _GROUPED.get(one.sheet.table, ()) else f"a note ('{title[:40]}')"
    return _AGAIN if _is_heading(one, cells) else ""


def _is_heading(one: Row, cells: dict[int, Any]) -> bool:
    """Whether a row names the columns once more."""
    columns = [(n, column.heading) for n, column in one.sheet.columns.values()]
    return len(columns) > 1 and all(cell_text(cells.get(n)).strip() == heading for n, heading in columns)


@lru_cache(maxsize=CACHED)
def is_total(title: str) -> bool:
    """Whether a text is that of a line, or a column, of totals."""
    words = {word for word in words_of(title).words if not word.isdigit()}
    return bool(words & _TOTAL - {"all"}) and words <= _COUNTED


def _is_sums(one: Row, keys: list[str], used: set[int], last: int, above: dict[str, str]) -> bool:
    """Whether a last row without any name holds the sums of its columns."""
    if one.row != last or not keys or any(one.text(key) for key in keys):
        return False
    grid, first = one.sheet.grid, max(one.sheet.mapping.header) - one.sheet.grid.first + 1
    columns = [
        (n, c) for n, c in [*one.sheet.columns.values(), *one.sheet.headed] if kind_of(one.sheet.table, c) != "text"
    ]
    for n, column in columns:
        sum_ = _number(grid.cell(one.row, n), column)
        if sum_ is None:
            continue
        above_it = [_number(grid.cell(row, n), column) or 0.0 for row in range(first, one.row)]
        if abs(sum_ - sum(above_it)) > 1e-6 * max(1.0, abs(sum_)) or sum_ == 0.0:
            return False
    return any(_number(grid.cell(one.row, n), c) is not None for n, c in columns)

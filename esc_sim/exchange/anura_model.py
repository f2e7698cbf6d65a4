"""A model of Anura as it stands: its tables, names, groups, units and dates."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from esc_sim.exchange.anura_schema import EXCLUDE, MINE
from esc_sim.exchange.anura_units import DAY, Uoms, date_in, days_of, law_in, scaled, text_of, tidy, uoms_of
from esc_sim.exchange.carried import Ledger
from esc_sim.exchange.tabulated import Cell, Row, Sheet, read_sheets
from esc_sim.scenario.calendar import Step, even_step
from esc_sim.scenario.cells import number_of

_OUTPUT: Final = re.compile(r".*(summary|report|metrics|detail)$")
"""Plain names of tables of results, which are left alone."""
_NAMES: Final = {
    "facilities": "facilityname",
    "customers": "customername",
    "suppliers": "suppliername",
    "products": "productname",
    "transportationmodes": "modename",
}
"""Column of the name in tables that others refer to."""
_YEARS: Final = (1900, 2200)
"""Years in which dates make sense."""
_LONGEST_RUN: Final = 100_000
"""Most review periods of a model."""
_EVERYTHING: Final = ("", "all", "(all)")
_UNTOLD: Final = re.compile(
    r"id|notes|address|city|postalcode|country|.*uom|.*groupbehavior|optimizationpolicy|tags?|.*basis|.*rule"
)
"""Columns that are not told as left out: they say nothing by themselves, or nothing that a simulation could take."""
_LONGEST: Final = Step(seconds=7 * 86_400)


class Model:
    """The tables of a model, with what all of them have in common.

    Attributes:
        ledger: counts what is left out and assumed.
        problems: what is wrong, with its place.
        absent: names of what is excluded, and of sites that are closed: rows that name them are ignored, as Anura does.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sheets = read_sheets(path, lambda name: not _OUTPUT.match(name))
        self.ledger = Ledger()
        self.problems: list[str] = []
        self.absent: set[str] = set()
        self._read: dict[str, set[str]] = {}
        self._rows: dict[str, list[Row]] = {}

    def rows(self, table: str, *columns: str) -> list[Row]:
        """The included rows of a table.

        Args:
            table: its name.
            columns: those that are read; filled ones that nobody reads are told at the end.
        """
        name = table.lower()
        self._read.setdefault(name, set()).update(column.lower() for column in columns)
        if name not in self._rows:
            sheet = self.sheets.get(name, Sheet(name, frozenset(), []))
            self._rows[name] = [row for row in sheet.rows if text_of(row, "status") != EXCLUDE]
            gone = [row for row in sheet.rows if text_of(row, "status") == EXCLUDE]
            self.absent |= {text_of(row, _NAMES[name]) for row in gone} if name in _NAMES else set()
            self.ledger.leave_out(f"rows of {table} with Status {EXCLUDE}", count=len(gone))
        return self._rows[name]

    def number(self, row: Row, column: str) -> float | None:
        """A number; None where the cell is empty, or holds none, which is a problem."""
        cell = row.get(column.lower())
        value = number_of(cell.text) if cell else None
        if cell and value is None:
            self.problems.append(f"{cell.place}: column '{column}': a number belongs here, not '{cell.text}'")
        return value

    def cost(self, row: Row, column: str) -> float:
        """A cost; 0 where the cell is empty, or names a function or table of steps."""
        cell = row.get(column.lower())
        value = number_of(cell.text) if cell else 0.0
        if value is None:
            self.ledger.leave_out("costs by steps or functions", "only numbers are read")
        return value or 0.0

    def flag(self, table: str, column: str) -> bool:
        """Whether most rows of a table say yes in a column; those that say nothing do not count."""
        said = [
            text_of(row, column).lower() in ("true", "1", "t", "yes")
            for row in self.rows(table, column)
            if text_of(row, column)
        ]
        return sum(said) * 2 > len(said)

    def factor(self, row: Row, column: str, product: str | None) -> float | None:
        """Units of a product in one of the unit that a column names; None where it is no amount of goods.

        Args:
            row: the row.
            column: that names the unit, such as QuantityUOM.
            product: the product; None where the row speaks of no single one.
        """
        cell = row.get(column.lower())
        kind = "quantity" if cell is None else self.uoms.kind(cell.text)
        if cell is None or (kind is None and cell.text.upper() == self.setting("PrimaryQuantityUOM", "EA").upper()):
            return 1.0
        if kind == "quantity":
            return self.uoms.size(cell.text)
        if kind in ("weight", "volume") and product is not None:
            return self.uoms.size(cell.text) / self._per_unit(product, kind)
        return None

    def amount(self, row: Row, column: str, product: str) -> float | None:
        """An amount of goods in units; the unit stands in the column whose name ends in UOM.

        Args:
            row: the row.
            column: the column.
            product: whose units these are.
        """
        value, factor = self.number(row, column), self.factor(row, f"{column}UOM", product)
        if value is None or factor is None:
            if value is not None:
                self.ledger.leave_out(f"amounts in '{text_of(row, f'{column}UOM')}'", "it is no known unit of goods")
            return None
        return tidy(value * factor) if factor != 1.0 else value

    def _per_unit(self, product: str, kind: str) -> float:
        column = f"Unit{kind.title()}"
        row = next((row for row in self.rows("Products", column) if text_of(row, "productname") == product), {})
        size = self.number(row, column) or 1.0
        unit = text_of(row, f"{column}UOM")
        return size * (self.uoms.size(unit) if self.uoms.kind(unit) == kind else 1.0)

    def periods(self, row: Row, column: str) -> float | None:
        """A time in review periods; None where the cell is empty."""
        value = self.number(row, column)
        return None if value is None else tidy(value * self.unit(row, f"{column}UOM"))

    def law(self, row: Row, column: str, unit: float) -> float | dict[str, Any] | None:
        """A number or a law; None where the cell is empty, or names a distribution that is not known, which is counted.

        Args:
            row: the row.
            column: the column.
            unit: what a unit of the cell is in the unit that is wanted.
        """
        cell = row.get(column.lower())
        if cell is None:
            return None
        found = law_in(cell.text)
        found = None if found is None else scaled(found, unit)
        if found is None:
            self.ledger.leave_out(f"distributions that are not known, such as '{cell.text[:40]}'")
        return found

    def unit(self, row: Row, column: str) -> float:
        """Length of the unit of time that a column names, in review periods."""
        cell = row.get(column.lower())
        symbol = cell.text if cell else self.setting("PrimaryTimeUOM", "HR")
        if self.uoms.kind(symbol) != "time":
            place = f"{cell.place}: column '{column}'" if cell else f"{self.path.name}: PrimaryTimeUOM"
            self.problems.append(f"{place}: '{symbol}' is no unit of time of the table UnitsOfMeasure")
            return 1.0
        return self.uoms.size(symbol) / DAY / self.days

    def names(self, row: Row, column: str, known: Collection[str]) -> list[str]:
        """What a cell names: one, the members of a group, or all that there are.

        Args:
            row: the row.
            column: the column.
            known: names that there are.
        """
        cell = row.get(column.lower(), Cell("", ""))
        if cell.text in known:
            return [cell.text]
        if cell.text.lower() in _EVERYTHING:
            return list(known)
        if cell.text in self.groups:
            return [name for name in self.groups[cell.text] if name in known]
        if cell.text not in self.absent:
            self.problems.append(f"{cell.place}: column '{column}': there is no '{cell.text}' in its table")
        return []

    @cached_property
    def options(self) -> dict[str, str]:
        """Run options of our own, which only a model that we wrote has."""
        rows = self.rows("ModelRunOptions", "Option", "Value", "Technology", "Description")
        return {text_of(row, "Option"): text_of(row, "Value") for row in rows if text_of(row, "Technology") == MINE}

    def label(self, row: Row, name: str) -> dict[str, str]:
        """The name for labels: where we wrote the model, what stands in its notes; else the name, where it is no id."""
        label = text_of(row, "Notes") if self.options else name if "/" in name else ""
        return {"name": label} if label else {}

    @cached_property
    def groups(self) -> dict[str, list[str]]:
        """Members of the groups."""
        found: dict[str, list[str]] = {}
        for row in self.rows("Groups", "GroupName", "MemberName", "GroupType"):
            found.setdefault(text_of(row, "groupname"), []).append(text_of(row, "membername"))
        return found

    @cached_property
    def uoms(self) -> Uoms:
        """Units of measure."""
        self.rows("UnitsOfMeasure", "Symbol", "Type", "Ratio", "UnitOfMeasureName")
        return uoms_of(self.sheets.get("unitsofmeasure"))

    def setting(self, name: str, default: str) -> str:
        """A model setting."""
        rows = self.rows("ModelSettings", name)
        return (text_of(rows[0], name) if rows else "") or default

    def setting_number(self, name: str, default: float) -> float:
        """A model setting that is a number."""
        rows = self.rows("ModelSettings", name)
        value = self.number(rows[0], name) if rows else None
        return default if value is None else value

    def date(self, row: Row, column: str) -> datetime.datetime | None:
        """A date; None where the cell is empty, or holds none, which is a problem."""
        cell = row.get(column.lower())
        found = date_in(cell.text) if cell else None
        if found is not None and not _YEARS[0] <= found.year <= _YEARS[1]:
            found = None
        if cell and found is None:
            self.problems.append(f"{cell.place}: column '{column}': a date belongs here, not '{cell.text}'")
        return found

    @cached_property
    def dated(self) -> list[tuple[str, datetime.datetime]]:
        """The periods of the model by their start."""
        rows = self.rows("Periods", "PeriodName", "StartDate")
        found = [(text_of(row, "periodname"), self.date(row, "StartDate")) for row in rows]
        return sorted(((name, date) for name, date in found if date is not None), key=lambda period: period[1])

    @cached_property
    def step(self) -> Step:
        """Length of a review period: that of the model's periods up to a week, else a day or week."""
        primary = self.setting("PrimaryTimeUOM", "HR")
        length = self.uoms.size(primary) if self.uoms.kind(primary) == "time" else 0.0
        if len(self.dated) > 1:
            step, kept = even_step([date for _, date in self.dated])
            if step is not None and kept == len(self.dated):
                short = not step.months and step.seconds <= _LONGEST.seconds
                if short or abs(days_of(step) * DAY - length) < 1.0:
                    return step
        found = Step(seconds=int(length)) if length in (DAY, 7 * DAY) else Step(seconds=int(DAY))
        if len(self.dated) > 1:
            self.ledger.assume("length of a review period", f"{found}; amounts are spread evenly over their periods")
        return found

    @property
    def days(self) -> float:
        """Length of a review period in days."""
        return days_of(self.step)

    @cached_property
    def horizon(self) -> tuple[datetime.datetime, datetime.datetime]:
        """Start and end of the model; a last date at midnight is a whole day."""
        row = next(iter(self.rows("ModelSettings", "ModelStartDate", "ModelEndDate", "WarmupEndDate")), {})
        start, end = self.date(row, "ModelStartDate"), self.date(row, "ModelEndDate")
        if start is None:
            start = self.dated[0][1] if self.dated else datetime.datetime(2026, 1, 1)
            self.ledger.assume("start date", f"{start:%Y-%m-%d}, as ModelSettings has none")
        if end is not None and end.time() == datetime.time():
            end += datetime.timedelta(days=1)
        if end is None or end <= start:
            end = start + datetime.timedelta(days=365)
            self.ledger.assume("length of the run", "a year, as ModelSettings has no end")
        return start, end

    def period_of(self, date: datetime.datetime) -> int:
        """Number of the review period in which a date lies."""
        start = self.horizon[0]
        about = int((date - start).total_seconds() / DAY / self.days)
        for number in (about + 1, about, about - 1):
            if number >= 0 and self.step.after(start, number) <= date:
                return number
        return 0

    @cached_property
    def length(self) -> int:
        """Review periods of the run."""
        start, end = self.horizon
        found = max(1, round((end - start).total_seconds() / DAY / self.days))
        if found > _LONGEST_RUN:
            self.problems.append(f"{self.path.name}: ModelSettings: {found:,} review periods; at most {_LONGEST_RUN:,}")
        return min(found, _LONGEST_RUN)

    @cached_property
    def spans(self) -> dict[str, tuple[int, int]]:
        """First review period, and the one after the last, of each of the model's periods."""
        starts = [*(self.period_of(date) for _, date in self.dated), self.length]
        return {name: (starts[n], max(starts[n + 1], starts[n] + 1)) for n, (name, _) in enumerate(self.dated)}

    @property
    def span(self) -> float:
        """Review periods of a period of the model, on average: what amounts without a time are for."""
        return self.length / max(1, len(self.dated))

    def tell_the_rest(self) -> None:
        """Count filled tables and columns that nobody has read."""
        for name, sheet in sorted(self.sheets.items()):
            if name not in self._read:
                self.ledger.leave_out(f"rows of the table {name}", count=len(sheet.rows))
                continue
            rest = (column for column in sheet.columns - self._read[name] if not _UNTOLD.fullmatch(column))
            for column in sorted(rest):
                filled = sum(self._says(row, column) for row in self._rows[name])
                self.ledger.leave_out(f"cells of the column {column} in {name}", count=filled)

    @staticmethod
    def _says(row: Row, column: str) -> bool:
        text = text_of(row, column).lower()
        return column != "status" and text not in ("", "0", "0.0", "false", "include", "all")


def members(model: Model, prefix: str) -> Iterator[tuple[str, str]]:
    """(member, rest of the name) of the groups whose name begins so, such as 'layer 2'."""
    for group, names in model.groups.items():
        if group.lower().startswith(prefix):
            yield from ((name, group[len(prefix) :].strip()) for name in names)

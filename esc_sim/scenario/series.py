"""Series of numbers, period by period: a column for each series, a row for each period, dates beside them if wanted.

Every table of this kind is read here: series.csv, a workbook's sheet of that name, the past demand of a design.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from esc_sim.delimited import lines_of
from esc_sim.errors import InputError
from esc_sim.scenario.calendar import date_advice, date_of, even_step, written
from esc_sim.scenario.cells import number_of
from esc_sim.scenario.numerals import number_advice, width_hint
from esc_sim.scenario.usual_cells import as_usual

SERIES = "series"
"""Name of the table."""
DATE = "date"
"""Name of the column of dates, unless what stands in it says so."""
_SHOWN = 5
"""Problems of a column that are shown."""

Rows = Iterable[tuple[int, Sequence[str]]]
Place = Callable[[int, int | None], str]
Kept = Literal["late", "loose"]
"""How a table that people keep is read where cells are empty."""


@dataclass(frozen=True)
class SeriesTable:
    """What a table of series holds.

    Attributes:
        values: series by the names of their columns; a series may be shorter than others.
        place: where the table's dates stand, or its header.
        start: date of the first row, as written; None without dates.
        step: time from one row to the next, such as '1 week'; None without dates, or with one row only.
        begins: row of the first value, from 0, of the series that begin late.
    """

    values: dict[str, list[float]]
    place: str
    start: str | None = None
    step: str | None = None
    begins: Mapping[str, int] = field(default_factory=dict)


def read_series(text: str, source: str, only: Sequence[str] | None = None, kept: Kept | None = None) -> SeriesTable:
    """Series from CSV text, separated by commas, semicolons or tabs (as the first row is).

    Args:
        text: the whole text.
        source: the file's name, for messages.
        only: the columns that are read, beside that of the dates; None: all.
        kept: the table is read as people keep it, see :func:`series_of`.

    Raises:
        InputError: as :func:`series_of`, or the text is no CSV.
    """

    def place(line: int, column: int | None) -> str:
        return f"{source}:{line}"

    return series_of(lines_of(text, source, titled=kept is not None), source, place, only=only, kept=kept)


def series_of(
    rows: Rows,
    source: str,
    place: Place,
    *,
    sheet: bool = False,
    only: Sequence[str] | None = None,
    kept: Kept | None = None,
) -> SeriesTable:
    """Series from rows of cells.

    Empty cells at the end of a column, and empty rows at the end of the table, are left out. A column whose cells are
    dates, or whose name is 'date', gives the dates of the rows.

    Args:
        rows: line and cells of every row, empty ones too.
        source: the table's name, for messages.
        place: where a cell stands, from its line and its column (None: the row as a whole).
        sheet: rows may be longer than the header as long as nothing stands there.
        only: the columns that are read, beside that of the dates; None: all.
        kept: the table is read as people keep it: dates and numbers in their usual writings, n/a and the like as
            empty cells. A column may begin late ("late"), or empty cells are left out wherever they stand ("loose").

    Raises:
        InputError: a name stands twice, a cell is no number of at least 0, a gap, dates that are not evenly spaced.
    """
    listed = [(line, [cell.strip() for cell in cells]) for line, cells in rows]
    while listed and not any(listed[-1][1]):
        listed.pop()
    while listed and not any(listed[0][1]):
        del listed[0]
    listed = as_usual(listed, place) if kept is not None else listed
    header, names = listed[0] if listed else (1, [])
    while sheet and names and not names[-1]:
        names.pop()
    if not names or not all(names):
        raise InputError(f"{place(header, None)}: the first row must name every column")
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise InputError([f"{place(header, None)}: column '{name}' stands here twice" for name in twice])
    missing = [name for name in only or () if name not in names]
    if missing:
        have = ", ".join(names)
        raise InputError(f"{place(header, None)}: the column '{missing[0]}' is missing; the columns are {have}")
    lines = _even_rows(listed[1:], len(names), place, sheet)
    columns = [[cells[column] for _, cells in lines] for column in range(len(names))]
    at = [line for line, _ in lines]
    dated = [n for n, name in enumerate(names) if _holds_dates(name, columns[n])]
    if len(dated) > 1:
        raise InputError(
            f"{place(header, None)}: '{names[dated[0]]}' and '{names[dated[1]]}' both hold dates; keep one"
        )
    problems: list[str] = []
    read = {
        name: _numbers(name, columns[n], [place(line, n) for line in at], problems, kept)
        for n, name in enumerate(names)
        if n not in dated and (only is None or name in only)
    }
    values = {name: found for name, (found, _) in read.items()}
    start = step = None
    if dated and at:
        where = dated[0]
        start, step = _dates(names[where], columns[where], at, lambda line: place(line, where), problems)
    if not values:
        problems.append(f"{source}: no column holds numbers")
    elif not problems:
        problems += [f"{source}: column '{name}' holds no number" for name, found in values.items() if not found]
    if problems:
        raise InputError(problems)
    return SeriesTable(values, place(at[0] if at else header, dated[0] if dated else None), start, step, {
        name: first for name, (_, first) in read.items() if first
    })  # fmt: skip


def _even_rows(
    rows: Sequence[tuple[int, list[str]]], width: int, place: Place, sheet: bool
) -> list[tuple[int, list[str]]]:
    """The rows, each as wide as the header; an empty one, or one of another width, is refused."""
    found, problems = [], []
    for line, cells in rows:
        if not any(cells):
            problems.append(
                f"{place(line, None)}: the row is empty, and every row is a period: give its numbers (0 for nothing), "
                "or take the row out"
            )
        elif len(cells) != width and not (sheet and not any(cells[width:])):
            hint = width_hint(cells, width)
            problems.append(f"{place(line, None)}: {len(cells)} cells, but the header names {width}{hint}")
        else:
            found.append((line, [*cells, *[""] * width][:width]))
    if problems:
        raise InputError(_some(problems))
    return found


def _holds_dates(name: str, cells: Sequence[str]) -> bool:
    first = next((cell for cell in cells if cell), "")
    return name.strip().lower() == DATE or ("-" in first and date_of(first) is not None)


def _numbers(
    name: str, cells: Sequence[str], places: Sequence[str], problems: list[str], kept: Kept | None
) -> tuple[list[float], int]:
    """Numbers of a column, down to its last cell that is not empty, and the row of the first, from 0."""
    first = next((n for n, cell in enumerate(cells) if cell), 0) if kept == "late" else 0
    count = max((n + 1 for n, cell in enumerate(cells) if cell), default=0)
    found: list[float] = []
    wrong: list[str] = []
    for place, cell in zip(places[first:count], cells[first:count], strict=True):
        if not cell and kept == "loose":
            continue
        value = number_of(cell)
        here = f"{place}: column '{name}'"
        if not cell:
            what = "the cell is empty" if kept is None else "nothing stands here"
            wrong.append(f"{here}: {what}, and numbers follow below it: give the number (0 for nothing)")
        elif value is None or value < 0.0:
            advice = number_advice(cell) if value is None else ""
            wrong.append(f"{here}: the cell '{cell[:40]}' is no number of at least 0{advice}")
        else:
            found.append(value)
    if len(wrong) > 1 and not found:
        wrong = [f"{wrong[0]}; none of the {count} cells holds one: take the column out, or mend it"]
    problems += _some(wrong)
    return found, first


def _some(problems: list[str]) -> list[str]:
    more = len(problems) - _SHOWN
    return [*problems[:_SHOWN], f"{problems[_SHOWN]} (and {more - 1} more)"] if more > 1 else problems


def _dates(
    name: str, cells: Sequence[str], lines: Sequence[int], place: Callable[[int], str], problems: list[str]
) -> tuple[str, str | None]:
    """Date of the first row, and the step from row to row."""
    dates: list[datetime.datetime] = []
    for line, cell in zip(lines, cells, strict=True):
        date = date_of(cell)
        if date is None:
            what = f"'{cell[:40]}' is no date{date_advice(cell)}" if cell else "the cell is empty: give the date"
            problems.append(f"{place(line)}: column '{name}': {what}")
            return cells[0], None
        dates.append(date)
    start = written(dates[0])
    if len(dates) < 2:
        return start, None
    step, kept = even_step(dates)
    if kept < len(dates):
        found = "dates must go up" if dates[kept] <= dates[kept - 1] else "rows must be evenly spaced in time"
        usual = "" if step is None else f" (the rows before are {step} apart)"
        pair = f"{written(dates[kept])} follows {written(dates[kept - 1])}"
        problems.append(f"{place(lines[kept])}: column '{name}': {pair}{usual}: {found}")
    return start, None if step is None else str(step)

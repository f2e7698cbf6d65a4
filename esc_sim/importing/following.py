"""A mapping and a later state of its workbook: columns are followed by their headings to where they stand now."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from esc_sim.counted import counted, enumerated
from esc_sim.importing.found import Found
from esc_sim.importing.grids import Grid
from esc_sim.importing.mapping import DATE, HEADED, Column, SheetMapping, column_number, letter_of
from esc_sim.importing.recognising import LOOKED_AT, headings_at, recognised, years_missing

_Places = dict[str, list[int]]
"""Columns by what stands above them."""


def followed(grid: Grid, given: SheetMapping, file: str, found: Found) -> SheetMapping:
    """What a mapping says of a sheet, its columns where their headings stand now.

    Args:
        grid: the sheet, perhaps changed since.
        given: its mapping; without columns, they are recognised.
        file: name of the mapping file.
        found: takes notes, and what cannot be followed.
    """
    if given.table is None:
        return given
    if not given.columns:
        return recognised(grid, found.problems, table=given.table, role=given.role)
    rows = _heading_rows(grid, given)
    if rows is None:
        found.problems.append(f"{file}: sheet '{given.sheet}': header: the lines of its headings belong here")
        return given
    texts = headings_at(grid, rows)
    columns = _columns(grid, given, rows, texts, file, found)
    header = [row + grid.first for row in rows]
    fresh = recognised(grid, [], table=given.table, role=given.role)
    new = _new(given, fresh, {column_number(column) for column in columns}) if fresh.header == header else []
    for column in new:
        if column.is_ in HEADED:
            found.understood.append(f"{_place(grid, rows, column)}: '{column.heading}' is new since the mapping: read")
    both = sorted([*columns, *new], key=column_number)
    return given.model_copy(update={"header": header, "columns": both})


def _heading_rows(grid: Grid, given: SheetMapping) -> list[int] | None:
    """Rows of the headings: where the mapping has them, or where all of them stand now; None where it says nothing."""
    rows = [line - grid.first for line in given.header]
    if not rows or any(b - a != 1 for a, b in pairwise(rows)) or rows[0] < 0:
        return None
    wanted = {_key(column.heading) for column in given.columns if column.is_ is not None and column.heading}

    def held(first: int) -> int:
        lines = range(first, first + len(rows))
        return len(wanted & set(map(_key, headings_at(grid, lines)))) if lines[-1] < len(grid.rows) else -1

    best = max(range(min(len(grid.rows), LOOKED_AT)), key=held, default=rows[0])
    if held(rows[0]) <= 0 < held(best):
        return list(range(best, best + len(rows)))
    return rows if rows[-1] < len(grid.rows) else None


def _columns(
    grid: Grid, given: SheetMapping, rows: Sequence[int], texts: list[str], file: str, found: Found
) -> list[Column]:
    """The columns of a mapping, those whose headings moved where they stand now."""
    now: _Places = {}
    for n, text in enumerate(texts):
        now.setdefault(_key(text), []).append(n)
    before: _Places = {}
    for column in given.columns:
        before.setdefault(_key(column.heading), []).append(column_number(column))
    columns, moved, gone = [], [], []
    for column in given.columns:
        n, key = column_number(column), _key(column.heading)
        there = now.get(key, [])
        if not key:
            at: int | None = n if n < grid.width else None
        elif len(there) == len(before[key]):
            at = there[sorted(before[key]).index(n)]
        else:
            at = n if n in there else None
        if at is not None:
            columns.append(column.model_copy(update={"column": letter_of(at)}))
            moved += [f"'{column.heading}' ({column.column} to {letter_of(at)})"] if at != n and column.is_ else []
        elif column.is_ == DATE and not there:
            gone.append(column)
        elif column.is_ is not None:
            found.problems.append(_lost(grid, column, rows, texts, there, file))
    if moved:
        found.understood.append(f"{grid.source}: columns that moved since the mapping: {enumerated(moved, 8)}")
    found.problems += years_missing(grid, sorted(columns, key=column_number), rows)
    _tell_gone(grid, given, gone, rows, texts, file, found)
    return columns


def _tell_gone(
    grid: Grid, given: SheetMapping, gone: list[Column], rows: Sequence[int], texts: list[str], file: str, found: Found
) -> None:
    """Dates that are no longer there: a history may lose its first ones, but none between others."""
    dated = [column for column in given.columns if column.is_ == DATE]
    if gone and gone == dated[: len(gone)] and len(gone) < len(dated):
        headings = enumerated([f"'{column.heading}'" for column in gone], 6)
        found.left_out.append(
            f"{grid.source}: {counted(len(gone), 'date')} of the mapping, no longer in the sheet: {headings}"
        )
        return
    found.problems += [_lost(grid, column, rows, texts, [], file) for column in gone]


def _lost(grid: Grid, column: Column, rows: Sequence[int], texts: list[str], there: list[int], file: str) -> str:
    """What is said of a heading that cannot be followed."""
    n = column_number(column)
    was = f"'{column.heading}'" if column.heading else "a column"
    place, text = _place(grid, rows, column), texts[n] if n < len(texts) else ""
    if n >= grid.width:
        stands = "the sheet has no such column"
    else:
        stands = f"'{text}' stands here" if text else "no heading stands here"
    if there:
        where = f"and {was} stands in {enumerated([letter_of(at) for at in there])}: name the column"
    elif column.heading:
        where = f"and {was} nowhere: name the heading that now means it"
    else:
        where = "name the column"
    return f"{place}: {file} has {was} here as '{column.is_}'; {stands}, {where} in {file}, or write null there"


def _new(given: SheetMapping, fresh: SheetMapping, known: set[int]) -> list[Column]:
    """Columns that the mapping does not know: further dates and members are read, others left out."""
    kinds = {column.is_ for column in given.columns if column.is_ in HEADED}
    new = [column for column in fresh.columns if column_number(column) not in known]
    return [column if column.is_ in kinds else column.model_copy(update={"is_": None}) for column in new]


def _place(grid: Grid, rows: Sequence[int], column: Column) -> str:
    return grid.place(rows[-1], column_number(column))


def _key(heading: str) -> str:
    return " ".join(heading.split()).casefold()

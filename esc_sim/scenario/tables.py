"""Tables beside a scenario: nodes, arcs, stocks and products as CSV files (sheets of a workbook: ``workbook``).

Columns are named by dotted keys of the schema (``demand.mean``); an empty cell means that the key is absent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from esc_sim.delimited import IsHeader, lines_of
from esc_sim.errors import InputError
from esc_sim.scenario.cascade import Competition
from esc_sim.scenario.farming import Amendment, CropField
from esc_sim.scenario.fields import columns_of, item_of, kind_of, suggestion
from esc_sim.scenario.numerals import width_hint
from esc_sim.scenario.recipes import Recipe, Taker
from esc_sim.scenario.schema import Arc, Lane, Node, Product, StockLine
from esc_sim.storage.tables import restored

TABLES: dict[str, type[BaseModel]] = {
    "nodes": Node,
    "arcs": Arc,
    "lanes": Lane,
    "stocks": StockLine,
    "products": Product,
    "recipes": Recipe,
    "takers": Taker,
    "fields": CropField,
    "amendments": Amendment,
    "competitors": Competition,
}
_EMPTY = {
    "competitors": "where nobody competes, set cascade.max_competitors to 0; without the table, those compete who "
    "share partners"
}
"""Tables that must have rows, for without rows they would say something else than they seem to: what to do."""
MAX_BYTES = 128 * 1024 * 1024


@dataclass
class Table:
    """Rows of a table as the schema wants them, with their places."""

    key: str
    """Which table it is (a key of ``TABLES``)."""
    source: str
    """nodes.csv, or book.xlsx[nodes]"""
    sheet: bool
    """Whether it is a sheet of a workbook."""
    columns: list[str]
    """Names of the columns."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    """Values by column, row by row."""
    lines: list[int] = field(default_factory=list)
    """Line of each row in the file."""
    problems: list[str] = field(default_factory=list)
    """What is wrong with it."""

    def place(self, row: int | None, column: int | None) -> str:
        """Where a cell stands; row None: the header; column None: the row as a whole."""
        line = self.header_line if row is None else self.lines[row]
        return self.place_at(line, column)

    header_line: int = 1
    """Line of the names."""

    def place_at(self, line: int, column: int | None) -> str:
        """Where the cell of a line (from 1) and column (from 0) stands."""
        name = f": column '{self.columns[column]}'" if column is not None and self.columns[column] else ""
        if self.sheet:
            return f"{self.source}!{letters(column or 0)}{line}{name}"
        return f"{self.source}:{line}{name}"

    def where(self, path: Sequence[str | int]) -> tuple[str, bool]:
        """Place of the value at ``path`` within the table (row, keys...), and whether it has a column."""
        row = path[0] if path and isinstance(path[0], int) else None
        keys = [str(step) for step in path[1:] if isinstance(step, str)]
        for length in range(len(keys), 0, -1):
            dotted = ".".join(keys[:length])
            for column, name in enumerate(self.columns):
                if name == dotted or (length == len(keys) and name.startswith(dotted + ".")):
                    return self.place(row, column), length == len(keys)
        return self.place(row, None), not keys


def letters(column: int) -> str:
    """Name of a sheet's column (from 0): A, B, ... AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _number(cell: str) -> Any:
    """A finite number, or the text itself, which the schema then refuses."""
    try:
        value = float(cell)
    except ValueError:
        return cell
    return value if math.isfinite(value) and "_" not in cell else cell


def _integer(cell: str) -> Any:
    value = _number(cell)
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def _boolean(cell: str) -> Any:
    return {"true": True, "false": False}.get(cell.lower(), cell)


def _text(cell: str) -> Any:
    return cell


def _numbers(cell: str) -> Any:
    return [_number(part) for part in cell.split()]


def _reader_of(annotation: Any) -> Callable[[str], Any]:
    if item_of(annotation) is not None:
        return _numbers
    return {"number": _number, "integer": _integer, "boolean": _boolean}.get(kind_of(annotation), _text)


def read_rows(table: Table, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Fill ``table`` from its rows of cells (line, cells), the header first; problems are kept in the table."""
    rows = iter(rows)
    header = next(rows, None)
    while header is not None and not any(cell.strip() for cell in header[1]):
        header = next(rows, None)
    if header is None:
        table.problems.append(f"{table.source}: the table is empty: its first row must name the columns")
        return
    table.header_line = header[0]
    table.columns = [cell.strip() for cell in header[1]]
    readers = _check_header(table)
    blank = [column for column, name in enumerate(table.columns) if not name]
    paths = [name.split(".") for name in table.columns]
    plan = [(column, paths[column], readers[column]) for column in range(len(paths)) if readers[column] is not None]
    width = len(table.columns)
    for line, cells in rows:
        if not any(cells):
            continue
        if len(cells) != width and not (table.sheet and not any(cells[width:])):
            hint = width_hint(cells, width)
            table.problems.append(
                f"{table.place_at(line, None)}: {len(cells)} cells, but the header names {width}{hint}"
            )
            continue
        table.lines.append(line)
        table.rows.append(_row(table, line, cells, plan))
        for column in blank:
            if column < len(cells) and cells[column].strip():
                table.problems.append(f"{table.place_at(line, None)}: cell {column + 1} has no column name above it")
    if not table.rows and not table.problems and table.key in _EMPTY:
        table.problems.append(f"{table.source}: the table has no rows: {_EMPTY[table.key]}")


def _check_header(table: Table) -> list[Callable[[str], Any] | None]:
    known = columns_of(TABLES[table.key])
    readers: list[Callable[[str], Any] | None] = []
    for column, name in enumerate(table.columns):
        readers.append(None)
        if not name:
            continue
        place = table.place(None, column)
        if name in table.columns[:column]:
            table.problems.append(f"{place}: the column stands here twice")
        elif name not in known:
            help_text = suggestion(name, known, listed=f"columns of {table.key}:")
            table.problems.append(f"{place}: unknown column{help_text}")
        else:
            readers[column] = _reader_of(known[name])
    for name, info in TABLES[table.key].model_fields.items():
        if info.is_required() and name not in table.columns:
            table.problems.append(f"{table.place_at(table.header_line, None)}: column '{name}' is missing")
    return readers


def _row(table: Table, line: int, cells: Sequence[str], plan: list[tuple[int, list[str], Any]]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column, path, read in plan:
        cell = restored(cells[column].strip()) if column < len(cells) else ""
        if not cell:
            continue
        if len(path) == 1:
            if path[0] in row:
                _two_ways(table, line, column, path[0])
            row[path[0]] = read(cell)
            continue
        part = row
        for step in path[:-1]:
            inner = part.setdefault(step, {})
            if not isinstance(inner, dict):
                _two_ways(table, line, column, step)
                break
            part = inner
        else:
            part[path[-1]] = read(cell)
    return row


def _two_ways(table: Table, line: int, column: int, name: str) -> None:
    table.problems.append(f"{table.place_at(line, column)}: '{name}' is given as a number and as a law; keep one")


def read_csv(text: str, key: str, source: str) -> Table:
    """Read a table from CSV text, separated by commas, semicolons or tabs (as its first row is).

    Args:
        text: the whole text.
        key: which table it is (a key of ``TABLES``).
        source: the file's name, for messages.

    Raises:
        InputError: what is wrong with the text, all of it with its place.
    """
    table = Table(key=key, source=source, sheet=False, columns=[])
    try:
        read_rows(table, lines_of(text, source, header_of(key)))
    except InputError as error:
        raise InputError([*table.problems, *error.problems]) from None
    return table


def header_of(key: str) -> IsHeader:
    """Tells the header of a table: a row with all columns that the table must have."""
    needed = {name for name, info in TABLES[key].model_fields.items() if info.is_required()}
    return needed.issubset

"""Tables of another program: CSV files in a folder, sheets of a workbook, or tables of an SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from esc_sim.errors import InputError
from esc_sim.scenario.cells import cell_text, rows_of
from esc_sim.scenario.reader import read_text
from esc_sim.scenario.tables import MAX_BYTES, letters
from esc_sim.scenario.workbook import check_archive
from esc_sim.storage.tables import restored

WORKBOOKS = (".xlsx", ".xlsm")
DATABASES = (".sqlite", ".sqlite3", ".db")
DELIMITED = (".csv", ".tsv", ".txt")


@dataclass(frozen=True)
class Cell:
    """A cell with text in it, and its place for messages."""

    text: str
    place: str


Row = Mapping[str, Cell]
"""Filled cells by the plain name of their column."""
Wanted = Callable[[str], bool]


@dataclass(frozen=True)
class Sheet:
    """A table as it stands.

    Attributes:
        name: plain name of the table.
        columns: plain names of its columns.
        rows: its rows.
    """

    name: str
    columns: frozenset[str]
    rows: list[Row]


def plain(name: str) -> str:
    """A name of a table or column without what spelling it is free to do: 'Facility_Name' is 'facilityname'."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def sheet_names(path: Path) -> frozenset[str]:
    """Plain names of the tables that a folder, workbook or database holds; none where it cannot be read."""
    try:
        if path.is_dir():
            return frozenset(plain(file.stem) for file in path.iterdir() if file.suffix.lower() in DELIMITED)
        if path.suffix.lower() in WORKBOOKS:
            return frozenset(map(plain, _open_workbook(path).sheetnames))
        if path.suffix.lower() in DATABASES:
            with closing(_connected(path)) as base:
                return frozenset(map(plain, _tables_of(base)))
    except (InputError, OSError, sqlite3.Error):
        pass
    return frozenset()


def read_sheets(path: Path, wanted: Wanted) -> dict[str, Sheet]:
    """Read tables.

    Args:
        path: a folder of CSV files, a workbook, or an SQLite file.
        wanted: says of a table's plain name whether it is read.

    Raises:
        InputError: it cannot be read, or a table has no row of column names.
    """
    if path.is_dir():
        found = _from_folder(path, wanted)
    elif path.suffix.lower() in WORKBOOKS:
        found = _from_workbook(path, wanted)
    elif path.suffix.lower() in DATABASES:
        found = _from_database(path, wanted)
    else:
        raise InputError(f"{path}: a folder of CSV files, a workbook (.xlsx) or an SQLite file (.sqlite, .db) is read")
    sheets: dict[str, Sheet] = {}
    for sheet in found:
        if sheet.name in sheets:
            raise InputError(f"{path}: the table '{sheet.name}' stands there twice")
        sheets[sheet.name] = sheet
    return sheets


def _from_folder(folder: Path, wanted: Wanted) -> Iterator[Sheet]:
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() in DELIMITED and wanted(plain(file.stem)):
            text = read_text(file, MAX_BYTES, file.name, "split it")
            rows = ((line, [restored(cell) for cell in cells]) for line, cells in rows_of(text, file.name))
            yield _sheet(plain(file.stem), rows, lambda line, column, name=file.name: f"{name}:{line}")


def _from_workbook(path: Path, wanted: Wanted) -> Iterator[Sheet]:
    book = _open_workbook(path)
    with closing(book):
        for title in book.sheetnames:
            if not wanted(plain(title)):
                continue
            sheet = book[title]
            sheet.reset_dimensions()
            lines = enumerate(sheet.iter_rows(values_only=True), start=1)
            rows = ((line, [cell_text(value).strip() for value in row]) for line, row in lines)

            def place(line: int, column: int, title: str = title) -> str:
                return f"{path.name}[{title}]!{letters(column)}{line}"

            yield _sheet(plain(title), ((line, cells) for line, cells in rows if any(cells)), place)


def _from_database(path: Path, wanted: Wanted) -> Iterator[Sheet]:
    try:
        with closing(_connected(path)) as base:
            for table in _tables_of(base):
                if wanted(plain(table)):
                    quoted = table.replace('"', '""')
                    cursor = base.execute(f'SELECT * FROM "{quoted}"')
                    header = [column[0] for column in cursor.description]
                    rows = enumerate(([cell_text(value).strip() for value in row] for row in cursor), start=1)
                    yield _sheet(
                        plain(table),
                        [(0, header), *rows],
                        lambda line, column, table=table: f"{path.name}[{table}]:{line}",
                    )
    except sqlite3.Error as error:
        raise InputError(f"{path.name}: cannot be read as an SQLite file: {error}") from None


def _sheet(name: str, rows: Iterable[tuple[int, Sequence[str]]], place: Any) -> Sheet:
    """A sheet whose first row names its columns."""
    lines = iter(rows)
    line, header = next(lines, (1, []))
    columns = [plain(cell) for cell in header]
    for column, text in enumerate(columns):
        if text and text in columns[:column]:
            raise InputError(f"{place(line, column)}: the column '{header[column]}' stands there twice")
    found = [
        {
            column: Cell(text, place(number, at))
            for at, (column, text) in enumerate(zip(columns, cells, strict=False))
            if column and text
        }
        for number, cells in lines
    ]
    return Sheet(name, frozenset(filter(None, columns)), [row for row in found if row])


def _open_workbook(path: Path) -> Any:
    check_archive(path, path.name)
    try:
        import openpyxl
    except ImportError:
        raise InputError(
            f"{path.name}: reading a workbook needs openpyxl: pip install 'esc_sim[excel]', or save its sheets as CSV"
        ) from None
    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises whatever its parsers meet in a damaged file
        raise InputError(f"{path.name}: cannot be read as a workbook: {type(error).__name__}: {error}") from None


def _connected(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    return sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)


def _tables_of(base: sqlite3.Connection) -> list[str]:
    return [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]

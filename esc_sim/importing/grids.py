"""Tables as they come: sheets of a workbook, files of a folder, data frames, each a grid of cells with their places."""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from esc_sim.delimited import SEPARATORS
from esc_sim.errors import InputError
from esc_sim.scenario.building import Source
from esc_sim.scenario.reader import read_text
from esc_sim.scenario.tables import MAX_BYTES, letters
from esc_sim.scenario.workbook import opened_workbook

_DELIMITED = (".csv", ".tsv", ".txt")
_PARQUET = (".parquet", ".pq")
_BOOKS = (".xlsx", ".xlsm")
MAX_MERGED = 100_000
"""Most cells that the merged areas of a sheet may cover in its table."""
UNSTORED: Final = "=?"
"""Stands for a formula whose value the workbook does not hold."""


@dataclass
class Grid:
    """The cells of a table, as they are.

    Attributes:
        name: of the sheet or file.
        source: how messages name it.
        rows: cells, row by row; rows may be of different lengths.
        sheet: cells have the addresses of a spreadsheet.
        first: line of the first row.
        hidden: whether the sheet is hidden.
        spread: cells (row, column) that show what the first cell of a merged area holds, with the row of that cell.
        plain: numbers in texts have a decimal point, as in files that are separated by commas.
    """

    name: str
    source: str
    rows: list[list[Any]]
    sheet: bool = False
    first: int = 1
    hidden: bool = False
    spread: dict[tuple[int, int], int] = field(default_factory=dict)
    plain: bool = False

    def place(self, row: int, column: int | None = None) -> str:
        """Where a cell (row and column from 0) stands."""
        if self.sheet:
            return f"{self.source}!{letters(column or 0)}{row + self.first}"
        return f"{self.source}:{row + self.first}" + (f":{letters(column)}" if column is not None else "")

    def cell(self, row: int, column: int) -> Any:
        """What stands in a cell; None where nothing does."""
        cells = self.rows[row]
        value = cells[column] if column < len(cells) else None
        return None if isinstance(value, str) and not value.strip() else value

    @property
    def width(self) -> int:
        """Number of columns."""
        return max(map(len, self.rows), default=0)


def grids_of(source: Source, wanted: Collection[str] = ()) -> list[Grid]:
    """The tables of a source, those of hidden sheets without cells.

    Args:
        source: path of a workbook (.xlsx), of a folder of CSV and Parquet files, or of one such file; or data frames,
            or paths, by name.
        wanted: names of hidden sheets whose cells are read all the same.

    Raises:
        InputError: there is nothing of the kind, or it cannot be read.
    """
    if isinstance(source, Mapping):
        return [_of_frame(str(name), frame) for name, frame in source.items()]
    path = Path(source)
    if path.is_dir():
        return _of_folder(path, wanted)
    if not path.is_file():
        raise InputError(f"{path}: no such file or folder")
    return list(_of_file(path, wanted))


def _of_folder(folder: Path, wanted: Collection[str]) -> list[Grid]:
    known = (*_DELIMITED, *_PARQUET, *_BOOKS)
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in known and not file.name.startswith("."))
    if not files:
        raise InputError(f"{folder}: no file of this folder ends in {', '.join(known)}")
    return [grid for file in files if not file.name.startswith("~$") for grid in _of_file(file, wanted)]


def _of_file(path: Path, wanted: Collection[str]) -> Iterator[Grid]:
    kind = path.suffix.lower()
    if kind in _BOOKS:
        yield from _of_workbook(path, wanted)
    elif kind in _DELIMITED:
        rows, plain = _cells_of(read_text(path, MAX_BYTES, path.name, "split the file"), path.name)
        yield Grid(path.stem, path.name, rows, plain=plain)
    elif kind in _PARQUET:
        yield _of_parquet(path)
    else:
        raise InputError(
            f"{path.name}: '{kind}' files are not read: give an .xlsx workbook, a .csv or .parquet file, or a folder of"
            " such files; older workbooks (.xls) can be saved as .xlsx"
        )


def _cells_of(text: str, source: str) -> tuple[list[list[Any]], bool]:
    """Rows of delimited text, line by line, and whether commas separate its cells."""
    found = re.match(r'"?sep=([^\w\s"]|\t)"?\s*\n', text, re.IGNORECASE)
    separator = found[1] if found else _separator(text)
    rows: list[list[Any]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for cells in reader:
            rows += [[] for _ in range(reader.line_num - len(rows) - 1)]  # a cell may hold the end of a line
            rows.append([] if found and not rows else list(cells))
    except csv.Error as error:
        raise InputError(f"{source}:{reader.line_num}: not valid CSV: {error}") from None
    return rows, separator == ","


def _separator(text: str) -> str:
    """What separates the cells: semicolons or tabs where most of the first lines hold them, else commas."""
    head = [line for line in text.splitlines()[:50] if line.strip()]
    for separator in SEPARATORS[1:]:
        if 2 * sum(separator in line for line in head) > len(head):
            return separator
    return SEPARATORS[0]


def _of_parquet(path: Path) -> Grid:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path.name}: cannot be read as Parquet: {error}") from None
    return _of_columns(path.stem, path.name, {name: table[name].to_pylist() for name in table.column_names})


def _of_frame(name: str, frame: Any) -> Grid:
    if isinstance(frame, str | os.PathLike):
        grids = grids_of(frame)
        if len(grids) != 1:
            raise InputError(f"{name}: {frame} holds {len(grids)} tables: give one of them, or the path alone")
        return replace(grids[0], name=name)
    from esc_sim.scenario.given import columns_of_frame

    return _of_columns(name, f"table {name}", columns_of_frame(name, frame))


def _of_columns(name: str, source: str, columns: Mapping[str, list[Any]]) -> Grid:
    rows = [[None if _missing(value) else value for value in row] for row in zip(*columns.values(), strict=True)]
    return Grid(name, source, [list(columns), *rows], first=0, plain=True)


def _missing(value: Any) -> bool:
    return value is None or type(value).__name__ in ("NAType", "NaTType") or value != value


def _of_workbook(path: Path, wanted: Collection[str]) -> Iterator[Grid]:
    with opened_workbook(path, path.name) as (book, has_formulas):
        for sheet in book.worksheets:
            hidden = sheet.sheet_state != "visible"
            grid = Grid(sheet.title, f"{path.name}[{sheet.title}]", [], sheet=True, hidden=hidden)
            if not hidden or sheet.title in wanted:
                grid.rows = _rows(sheet)
                if has_formulas:
                    _mark_unstored(grid, path)
                _spread_merged(grid, path, sheet)
            yield grid


def _rows(sheet: Any) -> list[list[Any]]:
    """Cells of a sheet, without the empty rows below the last one that is filled."""
    # A sheet may claim a size of 10^10 cells; without the claim, rows are as long as they are.
    sheet.reset_dimensions()
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    while rows and all(value is None for value in rows[-1]):
        rows.pop()
    return rows


def _mark_unstored(grid: Grid, path: Path) -> None:
    """Mark formulas whose value was never stored, which would read as empty cells."""
    with opened_workbook(path, path.name, values=False) as (book, _):
        for cells, formulas in zip(grid.rows, _rows(book[grid.name]), strict=False):
            for column, formula in enumerate(formulas):
                if column < len(cells) and cells[column] is None and isinstance(formula, str) and formula[:1] == "=":
                    cells[column] = UNSTORED


_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*ref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"')


def _spread_merged(grid: Grid, path: Path, sheet: Any) -> None:
    """Let every cell of a merged area hold what its first cell does."""
    with zipfile.ZipFile(path) as archive:
        areas = _MERGED.findall(archive.read(sheet._worksheet_path))
    covered = 0
    for left, top, right, bottom in areas:
        first, last = _column(left), min(_column(right), grid.width - 1)
        start, end = int(top) - 1, min(int(bottom), len(grid.rows)) - 1
        covered += max(0, last - first + 1) * max(0, end - start + 1)
        if covered > MAX_MERGED:
            raise InputError(
                f"{grid.place(start, first)}: merged cells cover more than {MAX_MERGED:,} cells of the table"
            )
        for row in range(start, end + 1):
            cells = grid.rows[row]
            cells += [None] * (last + 1 - len(cells))
            for column in range(first, last + 1):
                if (row, column) != (start, first):
                    cells[column] = grid.rows[start][first]
                    grid.spread[row, column] = start


def _column(letters_of_it: bytes) -> int:
    number = 0
    for letter in letters_of_it.decode():
        number = number * 26 + ord(letter) - 64
    return number - 1

"""Reading the CSV tables of a design, with errors that name file, line and column."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.fields.parts import LARGEST
from esc_sim.scenario.cells import rows_of
from esc_sim.scenario.numerals import number_advice
from esc_sim.scenario.reader import read_text
from esc_sim.scenario.tables import MAX_BYTES

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """A CSV table as text.

    Attributes:
        path: where it was read.
        columns: names in the header, stripped.
        rows: cells by row, each with its line in the file.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def text(self, column: str) -> list[str]:
        """Cells of a column; an empty one is an error.

        Raises:
            InputError: the column is missing or a cell is empty.
        """
        i = self._column(column)
        empty = [line for line, cells in self.rows if not cells[i]]
        if empty:
            raise InputError([f"{self.path.name}:{line}: {column}: the cell is empty" for line in empty[:5]])
        return [cells[i] for _, cells in self.rows]

    def numbers(self, columns: str | Sequence[str], *, low: float = -LARGEST, high: float = LARGEST) -> FloatArray:
        """A column (shape rows), or several (shape rows x columns), as finite numbers within [low, high].

        Args:
            columns: name of a column, or names of several.
            low: least value of a cell.
            high: largest value of a cell.

        Raises:
            InputError: a missing column; every cell that is empty, not a number or out of range (the first ten).
        """
        names = [columns] if isinstance(columns, str) else list(columns)
        places = [self._column(name) for name in names]
        problems: list[str] = []
        values = np.empty((len(self.rows), len(names)))
        for r, (line, cells) in enumerate(self.rows):
            for c, (name, place) in enumerate(zip(names, places, strict=True)):
                try:
                    values[r, c] = number(cells[place], low, high)
                except ValueError as error:
                    problems.append(f"{self.path.name}:{line}: {name}: {error}")
        if problems:
            more = [f"... and {len(problems) - 10} more"] if len(problems) > 10 else []
            raise InputError(problems[:10] + more)
        return values[:, 0] if isinstance(columns, str) else values

    def numbers_or(self, column: str, default: float | FloatArray, *, high: float = LARGEST) -> FloatArray:
        """A column of numbers of at least 0, shape rows; the default where the column or a cell's content is missing.

        Args:
            column: its name.
            default: one for all rows, or one a row.
            high: largest value of a cell.

        Raises:
            InputError: every cell that is not a number or out of range.
        """
        values, problems = np.array(np.broadcast_to(default, len(self.rows)), dtype=float), []
        for row, cell in enumerate(self.cells(column)):
            try:
                values[row] = number(cell, 0.0, high) if cell else values[row]
            except ValueError as error:
                problems.append(f"{self.places(column)[row]}: {error}")
        if problems:
            raise InputError(problems)
        return values

    def cells(self, column: str) -> list[str]:
        """Cells of an optional column, empty ones allowed; all empty if there is no such column."""
        if column not in self.columns:
            return [""] * len(self.rows)
        place = self.columns.index(column)
        return [cells[place] for _, cells in self.rows]

    def places(self, column: str) -> list[str]:
        """File, line and column of each cell of a column, for messages."""
        return [f"{self.path.name}:{line}: {column}" for line, _ in self.rows]

    def only(self, column: str, value: str) -> Table:
        """The table of the rows in which a column holds a value."""
        at = self._column(column)
        return replace(self, rows=tuple(row for row in self.rows if row[1][at] == value))

    def labels(self, column: str, *, some: bool = True) -> tuple[str, ...]:
        """Cells of a column that name the rows: non-empty and all different.

        Args:
            column: its name.
            some: refuse a table without rows.

        Raises:
            InputError: an empty or repeated label, or no rows.
        """
        names = self.text(column)
        if not names and some:
            raise InputError(f"{self.path.name}: the table has no rows")
        seen: dict[str, int] = {}
        for (line, _), name in zip(self.rows, names, strict=True):
            if name in seen:
                raise InputError(f"{self.path.name}:{line}: {column}: '{name}' stands in line {seen[name]} already")
            seen[name] = line
        return tuple(names)

    def _column(self, name: str) -> int:
        if name not in self.columns:
            have = ", ".join(self.columns)
            raise InputError(f"{self.path.name}:1: the column '{name}' is missing; the columns are {have}")
        return self.columns.index(name)


def number(text: str, low: float = -LARGEST, high: float = LARGEST) -> float:
    """A finite number within [low, high] from a cell.

    Args:
        text: what stands in the cell.
        low: least value.
        high: largest value.

    Raises:
        ValueError: with a message that says what is wrong with the cell.
    """
    if not text:
        raise ValueError("the cell is empty; a number is needed (there is no rule for filling gaps)")
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"'{text}' is not a number{number_advice(text)}") from None
    if not math.isfinite(value):
        raise ValueError(f"'{text}' is not a finite number")
    if not low <= value <= high:
        span = f"at least {low:g}" if high == LARGEST and value < low else f"between {low:g} and {high:g}"
        raise ValueError(f"{text} is out of range; it must be {span}")
    return value


def read_table(path: str | Path) -> Table:
    """Read a delimited file with one header line (UTF-8, with or without a byte-order mark; blank lines are skipped).

    Raises:
        InputError: no such file, not UTF-8, a title above the header, an empty header, a repeated column, a row with
            too many or too few cells.
    """
    path = Path(path)
    text = read_text(path, MAX_BYTES, path.name, "no table of a design")
    lines = [(line, tuple(cells)) for line, cells in rows_of(text, path.name)]
    if not lines or not all(lines[0][1]):
        raise InputError(f"{path.name}:1: the first line must name every column")
    columns = lines[0][1]
    repeated = {c for c in columns if columns.count(c) > 1}
    if repeated:
        raise InputError(f"{path.name}:1: the column '{sorted(repeated)[0]}' stands there twice")
    for line, cells in lines[1:]:
        if len(cells) != len(columns):
            raise InputError(f"{path.name}:{line}: {len(cells)} cells where the header has {len(columns)}")
    return Table(path, columns, tuple(lines[1:]))


def inside(folder: Path, name: str, key: str) -> Path:
    """A file or folder that a scenario names, which must lie in the scenario's folder.

    Args:
        folder: the scenario's folder.
        name: relative path.
        key: where the scenario names it, for the message.

    Raises:
        InputError: it, or a link on its way, leads out of the folder, or is not there.
    """
    target = (folder / name).resolve()
    if Path(name).is_absolute() or not target.is_relative_to(folder.resolve()):
        raise InputError(f"scenario.yaml: {key}: '{name}' leads out of the scenario's folder; copy it there")
    if not target.exists():
        raise InputError(f"scenario.yaml: {key}: there is no '{name}' in the scenario's folder")
    return target

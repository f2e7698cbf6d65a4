"""How the texts of a column are read: its units, the mark of its decimals, the order of day and month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from esc_sim.importing.grids import Grid
from esc_sim.importing.mapping import Column, column_number, kind_of
from esc_sim.importing.units import units_in
from esc_sim.importing.words import GOODS
from esc_sim.scenario.amounts import EMPTY, Mark, amount_in, is_ambiguous, mark_shown, value_of
from esc_sim.scenario.usual_dates import Order, orders_of

Cells = list[tuple[int, Any]]


def with_evidence(grid: Grid, table: str, columns: Sequence[Column], first: int, problems: list[str]) -> list[Column]:
    """Columns with what their cells say of how they are read.

    Args:
        grid: the sheet.
        table: what it is.
        columns: as their headings say.
        first: row of the first cells.
        problems: gets texts that may mean two numbers, or two dates, where nothing tells which.
    """
    units: list[Any] = list(grid.rows[first]) if first < len(grid.rows) and is_units_row(grid.rows[first]) else []
    found = []
    for column in columns:
        n = column_number(column)
        if column.is_ is None:
            found.append(column)
            continue
        kind = kind_of(table, column)
        if n < len(units) and isinstance(units[n], str):
            column = _with_unit(column, units[n], kind)
        if kind == "date":
            order = _order(grid, n, first, problems)
            column = column.model_copy(update={"dates": order}) if order else column
        elif kind != "text":
            mark = _mark(grid, columns, table, n, first, problems, column.is_ in ("latitude", "longitude"))
            column = column.model_copy(update={"decimals": mark}) if mark else column
        found.append(column)
    return found


def _with_unit(column: Column, text: str, kind: str) -> Column:
    units = units_in(text)
    update: dict[str, Any] = {"unit": next(iter(units.times), None)} if kind in ("time", "number") else {}
    if kind == "money":
        update["currency"] = next(iter(units.currencies), None)
    if kind in ("number", "money") and units.scale != 1.0:
        update["scale"] = units.scale
    return column.model_copy(update={key: value for key, value in update.items() if value})


def _texts(grid: Grid, column: int, first: int) -> Iterator[tuple[int, str]]:
    for row in range(first, len(grid.rows)):
        value = grid.cell(row, column)
        if isinstance(value, str) and value.strip().lower() not in EMPTY:
            yield row, value


def _mark(
    grid: Grid, columns: Sequence[Column], table: str, n: int, first: int, problems: list[str], small: bool
) -> Mark | None:
    """What stands before the decimals of a column's texts; None where no text has any."""
    marks, doubtful = _marks(grid, n, first)
    if len(marks) > 1:
        (one, at), (other, there) = marks.values()
        problems.append(
            f"{grid.place(there, n)}: '{other}' is not written as '{one}' in {_cell(grid, at, n)}: write both alike"
        )
        return None
    if marks:
        return next(iter(marks))
    if doubtful is None:
        return None
    row, text, digits = doubtful
    if small or (grid.plain and "," not in digits):
        return "comma" if "," in digits else "point"
    others = [
        number
        for c in columns
        if c.is_ and kind_of(table, c) not in ("text", "date") and (number := column_number(c)) != n
    ]
    elsewhere = {mark for number in others for mark in _marks(grid, number, first)[0]}
    if len(elsewhere) == 1:
        return elsewhere.pop()
    whole, part = sorted((value_of(digits, "point"), value_of(digits, "comma")), reverse=True, key=float)  # type: ignore[arg-type]
    problems.append(
        f"{grid.place(row, n)}: '{text.strip()}' may be {whole:.12g} or {part:.12g}, and no other cell of the column "
        "tells which: write it as a number, or with more or fewer decimals"
    )
    return None


def _marks(grid: Grid, n: int, first: int) -> tuple[dict[Mark, tuple[str, int]], tuple[int, str, str] | None]:
    """The marks of decimals that texts of a column prove, with the first such text; the first one that proves none."""
    marks: dict[Mark, tuple[str, int]] = {}
    doubtful = None
    for row, text in _texts(grid, n, first):
        amount = amount_in(text)
        if amount is None:
            continue
        mark = mark_shown(amount.digits)
        if mark is not None:
            marks.setdefault(mark, (text.strip(), row))
        elif doubtful is None and is_ambiguous(amount.digits):
            doubtful = row, text, amount.digits
    return marks, doubtful


def _order(grid: Grid, n: int, first: int, problems: list[str]) -> Order | None:
    """The order of day and month in a column's texts; None where no text needs one."""
    left: set[Order] = {"day first", "month first"}
    doubtful = None
    for row, text in _texts(grid, n, first):
        orders = orders_of(text)
        if not orders or text.strip()[:4].isdigit():
            continue
        if not orders & left:
            problems.append(
                f"{grid.place(row, n)}: '{text}' has another order of day and month than the cells above it"
            )
            return None
        left &= orders
        doubtful = doubtful or (row, text)
    if doubtful is None:
        return None
    if len(left) > 1:
        problems.append(
            f"{grid.place(doubtful[0], n)}: '{doubtful[1]}' may be day first or month first, and no other cell of the "
            "column tells which: write dates as 2026-01-31"
        )
        return None
    return left.pop()


def _cell(grid: Grid, row: int, column: int) -> str:
    return grid.place(row, column).rpartition("!")[2].rpartition(":")[2] if grid.sheet else f"line {row + grid.first}"


def is_units_row(cells: Sequence[Any]) -> bool:
    """Whether a row below the headings holds nothing but units: days, EUR, km."""
    texts = [cell for cell in cells if cell is not None]
    return bool(texts) and all(isinstance(text, str) and _is_unit(text) for text in texts)


_SIGNS = "km kg t unit units pcs pc pieces deg degrees text - % pallet pallets eur/unit"
_UNITS = frozenset(_SIGNS.split())


def _is_unit(text: str) -> bool:
    units = units_in(text)
    known = units.times or units.currencies or units.scale != 1.0
    return text.strip().strip("()[]").lower() in _UNITS or bool(known and not set(units.other) - GOODS)

"""Cells of a table that people keep, as cells that series are read from: usual dates and numbers, n/a for nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from esc_sim.errors import InputError
from esc_sim.scenario.amounts import EMPTY, Mark, amount_in, is_ambiguous, mark_shown, plain_number, value_of
from esc_sim.scenario.calendar import date_advice, date_of
from esc_sim.scenario.usual_dates import Order, orders_of, read_date

Rows = list[tuple[int, list[str]]]
Place = Callable[[int, int | None], str]


def as_usual(rows: Rows, place: Place) -> Rows:
    """The rows with dates as 2026-01-31, numbers with a point, and nothing where n/a or a dash stands.

    A column says by its other cells whether 03/04/2026 is in March or April; the table, whether 1,234 is above 1000.
    What cannot be read stays as it is.

    Args:
        rows: line and cells of every row, without spaces around them, the header first.
        place: where a cell stands.

    Raises:
        InputError: a column of dates, or the numbers of the table, may be read in two ways.
    """
    if not rows:
        return rows
    body = [(line, ["" if cell.lower() in EMPTY else cell for cell in cells]) for line, cells in rows[1:]]
    width = len(rows[0][1])
    dated = {n for n in range(width) if _of_dates([cells[n] for _, cells in body if n < len(cells)])}
    mark = _mark(body, dated, place)
    orders = {n: _order(body, n, place) for n in dated}
    made = [
        (line, [_date(cell, orders[n]) if n in dated else _number(cell, mark) for n, cell in enumerate(cells)])
        for line, cells in body
    ]
    return [rows[0], *made]


def _of_dates(cells: Sequence[str]) -> bool:
    """Whether a column holds dates, the first of them at least not as 2026-01-31."""
    some = [cell for cell in cells if cell]
    return bool(some) and all(_plain(cell) is None and _is_date(cell) for cell in some)


def _is_date(cell: str) -> bool:
    return bool(orders_of(cell)) or read_date(cell) is not None


def _plain(cell: str) -> float | None:
    return value_of(cell, "point")


def _order(body: Rows, column: int, place: Place) -> Order | None:
    """Whether days or months come first in a column of dates."""
    cells = [(line, cells[column]) for line, cells in body if column < len(cells) and cells[column]]
    open_ = [(line, cell) for line, cell in cells if read_date(cell) is None]
    if not open_:
        return None
    possible = set.intersection(*(orders_of(cell) for _, cell in cells if orders_of(cell)))
    if len(possible) != 1:
        line, cell = open_[0]
        raise InputError(f"{place(line, column)}: '{cell}' may be two dates{date_advice(cell)}")
    return possible.pop()


def _date(cell: str, order: Order | None) -> str:
    found = read_date(cell, order) if date_of(cell) is None else None
    return cell if found is None else found.date.isoformat()


def _mark(body: Rows, dated: set[int], place: Place) -> Mark | None:
    """The mark of decimals of a table; None where no number shows one."""
    shown: dict[Mark, str] = {}
    unclear = ""
    for line, cells in body:
        for n, cell in enumerate(cells):
            amount = amount_in(cell) if cell and n not in dated else None
            if amount is None or amount.unit:
                continue
            mark = mark_shown(amount.digits)
            here = f"{place(line, n)}: '{cell[:40]}'"
            if mark is not None:
                shown.setdefault(mark, here)
            elif "," in amount.digits and is_ambiguous(amount.digits):
                unclear = unclear or here
    if len(shown) == 2:
        raise InputError(f"{shown['comma']} has a decimal comma, but {shown['point']} has a point: write one of them")
    if unclear and not shown:
        raise InputError(f"{unclear} may be thousands or decimals: write 1234, or 1.234")
    return next(iter(shown), None)


def _number(cell: str, mark: Mark | None) -> str:
    """A number with a point for its decimals; any other text as it is."""
    amount = amount_in(cell) if cell else None
    value = None if amount is None or amount.unit else value_of(amount.digits, mark or "point")
    return cell if value is None else repr(plain_number(value))

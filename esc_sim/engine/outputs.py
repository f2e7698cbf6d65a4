"""Tables that an engine fills column by column, and how a column that nobody writes is found out.

Rows are allocated without being cleared, which would cost time. The first period's are marked as unwritten, with a NaN
that no arithmetic makes; what bears the mark after a run was never written. Sums begin at -0.0, which any addition,
also that of 0, turns into another number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.fields.rows import row_type
from esc_sim.fields.written import FieldPeriod, Flow, ItemPeriod, NodePeriod, Period, Service, Tally
from esc_sim.results.roomy import roomy

Floats = NDArray[np.float64]
Rows = NDArray[Any]

_MARK: Final = np.uint64(0x7FF8_0000_0000_0E5C)
UNWRITTEN: Final = np.array([_MARK]).view(np.float64)[0]
"""The NaN of a number that was never written."""

PERIOD_ROW, ITEM_ROW, NODE_ROW = row_type(Period), row_type(ItemPeriod), row_type(NodePeriod)
"""Types of what is written of a period, an item and a node; of sums over periods, the next."""
TALLY_ROW, SERVICE_ROW, FLOW_ROW = row_type(Tally), row_type(Service), row_type(Flow)
FIELD_ROW = row_type(FieldPeriod)
"""Type of what a field shows of a period."""

mark_all = False
"""Mark and look at every row, not only those of the first period; the tests do."""


class UnwrittenColumnError(RuntimeError):
    """A fault of the program: an engine does not write a column that it should."""


def as_numbers(rows: Rows) -> Floats:
    """The numbers of rows, with the column as last axis; a view."""
    assert rows.dtype.names is not None
    return rows.view(np.float64, np.ndarray).reshape(*rows.shape, len(rows.dtype.names))


def blank_rows(shape: tuple[int, ...], row: np.dtype[np.void]) -> Rows:
    """Rows [R, T, ...] to be written by name, with anything in them; those of the first period bear the mark."""
    rows = roomy(shape, row).view(np.recarray)
    _to_check(as_numbers(rows))[...] = UNWRITTEN
    return rows


def written_numbers(rows: Rows, what: str) -> Floats:
    """The numbers of rows, float64[R, T, ..., K].

    Args:
        rows: of :func:`blank_rows`, filled.
        what: words for their columns.

    Raises:
        UnwrittenColumnError: a column was not written.
    """
    numbers = as_numbers(rows)
    marked = (_to_check(numbers).view(np.uint64) == _MARK).reshape(-1, numbers.shape[-1]).any(axis=0)
    _refuse(what, rows, marked)
    return numbers


def blank_table(shape: tuple[int, ...]) -> Floats:
    """Numbers [R, T, X] to be written, each bearing the mark; X may be 0."""
    return np.full(shape, UNWRITTEN)


def written_table(table: Floats, columns: Sequence[str], what: str) -> Floats:
    """A table of numbers [..., X], looked at as those of :func:`written_numbers`.

    Args:
        table: of :func:`blank_table`, filled, or rows that were kept one by one.
        columns: names of the X columns.
        what: words for them.

    Raises:
        UnwrittenColumnError: a column was not written.
    """
    marked = np.ascontiguousarray(table).view(np.uint64) == _MARK
    missing = [name for place, name in enumerate(columns) if marked[..., place].any()]
    if missing:
        raise _not_written(what, missing)
    return table


def summed_table(sums: Floats, columns: Sequence[str], what: str, is_begun: bool) -> Floats:
    """Sums [length, K] that began at -0.0, looked at as those of :func:`summed_numbers`.

    Args:
        sums: the numbers.
        columns: names of the K columns.
        what: words for them.
        is_begun: whether anything was added.

    Raises:
        UnwrittenColumnError: nothing was added to a column.
    """
    if is_begun and len(sums):
        missing = (np.signbit(sums) & (sums == 0.0)).all(axis=0)
        if missing.any():
            raise _not_written(what, [name for name, is_missing in zip(columns, missing, strict=True) if is_missing])
    return sums + 0.0


def _to_check(numbers: Floats) -> Floats:
    return numbers if mark_all else numbers[:, :1]


def blank_sums(shape: tuple[int, ...], row: np.dtype[np.void]) -> Rows:
    """Rows of sums that nothing was added to."""
    rows = np.empty(shape, row).view(np.recarray)
    as_numbers(rows)[...] = -0.0
    return rows


def summed_numbers(rows: Rows, what: str) -> Floats:
    """The numbers of sums, float64[..., K].

    Args:
        rows: of :func:`blank_sums`, with at least one period added to each.
        what: words for their columns.

    Raises:
        UnwrittenColumnError: nothing was added to a column.
    """
    numbers = as_numbers(rows)
    flat = numbers.reshape(-1, numbers.shape[-1])
    if len(flat):
        _refuse(what, rows, (np.signbit(flat) & (flat == 0.0)).all(axis=0))
    return numbers + 0.0


def _refuse(what: str, rows: Rows, missing: NDArray[np.bool_]) -> None:
    if missing.any():
        assert rows.dtype.names is not None
        raise _not_written(
            what, [name for name, is_missing in zip(rows.dtype.names, missing, strict=True) if is_missing]
        )


def _not_written(what: str, names: Iterable[str]) -> UnwrittenColumnError:
    return UnwrittenColumnError(f"the engine does not write these columns of {what}: {', '.join(names)}")

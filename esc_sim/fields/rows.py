"""Rows: what is known of a thing (an item, an arc, a node, a period), each quantity declared once.

A row is a class whose attributes are declared by :func:`key`, :func:`fixed`, :func:`state`, :func:`of_period` or
:func:`total`. The agents hold objects of it; the compiled engine holds records of the same names (:func:`row_type`).
Behaviours read and write either by name. Names of result columns, their units and meanings follow from the same
declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import chain
from typing import Any, Final, Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Row = TypeVar("Row")
Records = NDArray[Any]
"""A structured array whose rows have the quantities of a row class as attributes."""

NO_ROW: Final = 2**32 - 1
"""No item, or the column of an amount that does not vary (-1 as uint32)."""

Whose = Literal["given", "state", "period", "total"]


class Quantity(NamedTuple):
    """One quantity of a row.

    Attributes:
        name: of the attribute, the record's field and the result column.
        unit: "units", "money", "money per unit" and so on; "" where it has none.
        meaning: words for tables and pages.
        whose: given by the scenario, state of the run, of the current period, or a total that is written.
        is_key: whether it is a number of another thing.
    """

    name: str
    unit: str
    meaning: str
    whose: Whose
    is_key: bool


def fixed(meaning: str, unit: str = "", *, default: float = 0.0) -> Any:
    """What the scenario, or a plan, gives; it does not change in a run.

    Args:
        meaning: words for tables and pages.
        unit: of the quantity.
        default: where nothing is given.
    """
    return _declared(meaning, unit, "given", default)


def key(meaning: str) -> Any:
    """Number of another thing, or a column of the tape; it does not change in a run."""
    return field(default=0, metadata={"meaning": meaning, "unit": "", "whose": "given", "is_key": True})


def state(meaning: str, unit: str = "units") -> Any:
    """What is carried from period to period.

    Args:
        meaning: words for tables and pages.
        unit: of the quantity.
    """
    return _declared(meaning, unit, "state", 0.0)


def of_period(meaning: str, unit: str = "units") -> Any:
    """What belongs to the current period, and is cleared when it opens.

    Args:
        meaning: words for tables and pages.
        unit: of the quantity.
    """
    return _declared(meaning, unit, "period", 0.0)


def total(meaning: str, unit: str = "units") -> Any:
    """What is written of a period, or summed over periods.

    Args:
        meaning: words for tables and pages.
        unit: of the quantity.
    """
    return _declared(meaning, unit, "total", 0.0)


def _declared(meaning: str, unit: str, whose: Whose, default: float) -> Any:
    return field(default=default, metadata={"meaning": meaning, "unit": unit, "whose": whose, "is_key": False})


def described(quantity: Any) -> str:
    """What is declared of a quantity, in the words of a scenario's key: its meaning with its unit.

    Args:
        quantity: attribute of a row class.

    Examples:
        >>> from esc_sim.fields.item import Item
        >>> described(Item.holding_cost)
        'cost of stock on hand, money per unit and period'
        >>> described(Item.capacity)
        'most that is shipped or sold, units per period; health scales it'
    """
    declared = next(one for one in quantities(quantity.__objclass__) if one.name == quantity.__name__)
    if declared.unit in ("", "share") or declared.meaning.startswith(declared.unit):
        return declared.meaning
    place = min(declared.meaning.find(mark) % (len(declared.meaning) + 1) for mark in ";:")
    return f"{declared.meaning[:place]}, {declared.unit}{declared.meaning[place:]}"


def row(kind: type[Row]) -> type[Row]:
    """Make a row class: objects with a slot for each quantity, that are compared by identity."""
    return dataclass(slots=True, eq=False)(kind)


def quantities(kind: type[Any], without: type[Any] | None = None) -> tuple[Quantity, ...]:
    """The quantities of a row class, in the order of their declaration.

    Args:
        kind: the row class.
        without: a row class that it extends, whose quantities are left out.
    """
    before = () if without is None else [one.name for one in fields(without)]
    return tuple(Quantity(name=one.name, **one.metadata) for one in fields(kind) if one.name not in before)


def names(kind: type[Any], *whose: Whose, without: type[Any] | None = None) -> tuple[str, ...]:
    """Names of a row's quantities: all, or those that are given, state, of a period or totals.

    Args:
        kind: the row class.
        whose: which of them.
        without: a row class that it extends, whose quantities are left out.
    """
    return tuple(one.name for one in quantities(kind, without) if not whose or one.whose in whose)


def row_type(kind: type[Any], without: type[Any] | None = None) -> np.dtype[np.void]:
    """Type of the records of a row class.

    Args:
        kind: the row class. Its keys are unsigned, which spares a test for negative ones.
        without: a row class that it extends, whose quantities are left out.
    """
    return np.dtype([(one.name, "u4" if one.is_key else "f8") for one in quantities(kind, without)], align=True)


def table(length: int, kind: np.dtype[np.void], **columns: Any) -> Records:
    """Records: zeros, of which some quantities are given.

    Args:
        length: number of rows.
        kind: their type (:func:`row_type`).
        columns: values of some quantities.
    """
    rows = np.zeros(length, kind)
    for name, values in columns.items():
        rows[name] = values
    return rows.view(np.recarray)


def table_of(kind: np.dtype[np.void], rows: Sequence[Mapping[str, float]], **columns: Any) -> Records:
    """Records whose rows are given one by one.

    Args:
        kind: their type.
        rows: quantities of each row; of all rows the same ones.
        columns: values of further quantities.
    """
    given = {name: [one[name] for one in rows] for name in (rows[0] if rows else ())}
    return table(len(rows), kind, **given, **columns)


def ranges(name: str, counts: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    """Columns that say where each row's part of a list begins and ends.

    Args:
        name: of a thing in the list.
        counts: how many each row has.
    """
    end = np.cumsum(counts)
    return {f"first_{name}": end - counts, f"end_{name}": end}


def objects(kind: type[Row], *tables: Records) -> list[Row]:
    """Rows as objects of their class.

    Args:
        kind: the row class.
        tables: records of its quantities, in their order; those of a row class that it extends may stand before.
    """
    make: Callable[..., Row] = kind
    parts = [rows.tolist() for rows in tables]
    return [make(*chain.from_iterable(values)) for values in zip(*parts, strict=True)]

"""Fitting a table to a width: labels stay whole, columns that find no room move below, and nothing is ever cut off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.table import Table

_UNIT: Final = "unit"
_LEAST: Final = 6
"""Characters of a column that must give way although its words are longer."""


def fitted(table: Table, width: int) -> list[Table]:
    """The table itself where it fits; else parts to print one below the other, each with the labels and the unit.

    Args:
        table: its first columns that are not aligned to the right hold the labels.
        width: of the terminal, in characters.
    """
    sizes = [_sizes(table, place) for place in range(len(table.columns))]
    natural = [most for _, most in sizes]
    if _total(natural) <= width:
        return [table]
    labels = _labels(table)
    ends = [place for place, column in enumerate(table.columns) if column.header == _UNIT]
    values = [place for place in range(len(natural)) if place not in (*labels, *ends)]
    if not labels or not values:
        return [_part(table, range(len(natural)), _narrowed(sizes, len(labels), width), first=True)]
    parts: list[list[int]] = []
    for place in values:
        wider = [*labels, *(parts[-1] if parts else []), place, *ends]
        if parts and _total([natural[k] for k in wider]) <= width:
            parts[-1].append(place)
        else:
            parts.append([place])
    found = []
    for number, part in enumerate(parts):
        places = [*labels, *part, *ends]
        found.append(_part(table, places, _narrowed([sizes[k] for k in places], len(labels), width), first=number == 0))
    return found


def _labels(table: Table) -> list[int]:
    """The columns that say which row it is: all before the first that is aligned to the right."""
    right = [place for place, column in enumerate(table.columns) if column.justify == "right"]
    return list(range(right[0] if right else 1))


def _sizes(table: Table, place: int) -> tuple[int, int]:
    """Characters of a column's longest word and of its longest cell."""
    from rich.cells import cell_len

    column = table.columns[place]
    cells = [str(cell) for cell in (column.header, *column.cells)]
    words = [word for cell in cells for word in cell.split()]
    return max(map(cell_len, words), default=1), max(1, *map(cell_len, cells))


def _total(widths: Sequence[int]) -> int:
    """Characters of a line: a space on both sides of a cell, and a rule's width around it."""
    return sum(widths) + 3 * len(widths) + 1


def _narrowed(sizes: Sequence[tuple[int, int]], labels: int, width: int) -> list[int]:
    """Widths that fit: values wrap between words, then labels do; only where that is not enough, words are broken."""
    widths = [most for _, most in sizes]
    words = [word for word, _ in sizes]
    for floors in ([*widths[:labels], *words[labels:]], words, [_LEAST] * len(sizes), [1] * len(sizes)):
        while _total(widths) > width:
            free = [place for place, least in enumerate(floors) if widths[place] > least]
            if not free:
                break
            widths[max(free, key=lambda place: widths[place])] -= 1
    return widths


def _part(table: Table, places: Sequence[int], widths: Sequence[int], *, first: bool) -> Table:
    """Some columns of a table, of given widths; the title stands above the first part alone."""
    from rich.table import Table as NewTable

    part = NewTable(
        title=table.title if first else None, title_justify=table.title_justify, title_style=table.title_style,
        box=table.box,
    )  # fmt: skip
    cells = []
    for place, size in zip(places, widths, strict=True):
        column = table.columns[place]
        part.add_column(column.header, justify=column.justify, width=size, overflow="fold")
        cells.append(list(column.cells))
    for row, values in zip(table.rows, zip(*cells, strict=True), strict=True):
        part.add_row(*values, end_section=row.end_section)
    return part

"""Series of numbers, period by period, in a table series.csv: a column for each series, a row for each period."""

from __future__ import annotations

import csv
import io
import math

from esc_sim.errors import InputError

SERIES = "series"
"""Name of the table."""


def read_series(text: str, source: str) -> dict[str, list[float]]:
    """Series by the names of their columns, separated by commas, semicolons or tabs (as the first row is).

    A series may be shorter than others: the empty cells at its end are left out.

    Args:
        text: the whole text.
        source: the file's name, for messages.

    Raises:
        InputError: a name stands twice, a cell is no number of at least 0, or a cell is empty before the last one.
    """
    first = text.lstrip("\r\n").split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(row)]
    except csv.Error as error:
        raise InputError(f"{source}:{reader.line_num}: not valid CSV: {error}") from None
    if not rows or not all(rows[0][1]):
        raise InputError(f"{source}:1: the first row must name every column")
    names = rows[0][1]
    problems = [f"{source}:1: column '{name}' stands here twice" for name in set(names) if names.count(name) > 1]
    found: dict[str, list[float]] = {name: [] for name in names}
    ended: set[str] = set()
    for line, cells in rows[1:]:
        if len(cells) != len(names):
            problems.append(f"{source}:{line}: {len(cells)} cells, but the header names {len(names)}")
            continue
        for name, cell in zip(names, cells, strict=True):
            if not cell:
                ended.add(name)
                continue
            value = _amount(cell)
            if value is None or name in ended:
                what = "follows an empty one" if name in ended else "is no number of at least 0"
                problems.append(f"{source}:{line}: column '{name}': the cell '{cell}' {what}")
            else:
                found[name].append(value)
    problems += [f"{source}: column '{name}' holds no number" for name in names if not found[name] and not problems]
    if problems:
        raise InputError(problems)
    return found


def _amount(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0.0 and "_" not in cell else None

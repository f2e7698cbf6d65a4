"""Series of numbers, period by period, in a table series.csv: a column for each series, a row for each period."""

from __future__ import annotations

from esc_sim.errors import InputError
from esc_sim.scenario.cells import number_of, rows_of

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
    rows = rows_of(text, source)
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
            value = number_of(cell)
            if value is None or value < 0.0 or name in ended:
                what = "follows an empty one" if name in ended else "is no number of at least 0"
                problems.append(f"{source}:{line}: column '{name}': the cell '{cell}' {what}")
            else:
                found[name].append(value)
    problems += [f"{source}: column '{name}' holds no number" for name in names if not found[name] and not problems]
    if problems:
        raise InputError(problems)
    return found

"""Cells of the plain tables beside a scenario: series and cases of joint disruptions."""

from __future__ import annotations

import csv
import io
import math

from esc_sim.errors import InputError


def lines_of(text: str, source: str) -> list[tuple[int, list[str]]]:
    """Every row, empty ones too, each with its first line (from 1), cells without spaces around them.

    Args:
        text: the whole text, separated by commas, semicolons or tabs (as its first row is).
        source: the file's name, for messages.

    Raises:
        InputError: it is not valid CSV.
    """
    first = text.lstrip("\r\n").split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    rows, line = [], 1
    try:
        for row in reader:
            rows.append((line, [cell.strip() for cell in row]))
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{source}:{line}: not valid CSV: {error}") from None
    return rows


def rows_of(text: str, source: str) -> list[tuple[int, list[str]]]:
    """As ``lines_of``, without the rows that are empty."""
    return [(line, cells) for line, cells in lines_of(text, source) if any(cells)]


def number_of(cell: str) -> float | None:
    """A finite number, or None where the cell holds none; ``1_000`` is none."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in cell else None

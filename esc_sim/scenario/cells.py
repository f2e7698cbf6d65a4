"""Cells of the plain tables beside a scenario: series and cases of joint disruptions."""

from __future__ import annotations

import csv
import io
import math

from esc_sim.errors import InputError


def rows_of(text: str, source: str) -> list[tuple[int, list[str]]]:
    """The rows that are not empty, each with its line (from 1), cells without spaces around them.

    Args:
        text: the whole text, separated by commas, semicolons or tabs (as its first row is).
        source: the file's name, for messages.

    Raises:
        InputError: it is not valid CSV.
    """
    first = text.lstrip("\r\n").split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        return [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(row)]
    except csv.Error as error:
        raise InputError(f"{source}:{reader.line_num}: not valid CSV: {error}") from None


def number_of(cell: str) -> float | None:
    """A finite number, or None where the cell holds none; ``1_000`` is none."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in cell else None

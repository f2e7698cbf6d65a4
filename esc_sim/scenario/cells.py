"""Cells of tables: of plain ones beside a scenario (series, cases of joint disruptions), and of those with types."""

from __future__ import annotations

import datetime
import math
from typing import Any

from esc_sim.delimited import IsHeader, lines_of, several_names


def rows_of(text: str, source: str, is_header: IsHeader = several_names) -> list[tuple[int, list[str]]]:
    """The rows that are not empty, each with its line (from 1), cells without spaces around them.

    Args:
        text: the whole text, separated by commas, semicolons or tabs (as its first row is).
        source: the file's name, for messages.
        is_header: which row can be the header.

    Raises:
        InputError: it is not valid CSV, or lines stand above the header.
    """
    stripped = ((line, [cell.strip() for cell in cells]) for line, cells in lines_of(text, source, is_header))
    return [(line, cells) for line, cells in stripped if any(cells)]


def number_of(cell: str) -> float | None:
    """A finite number, or None where the cell holds none; ``1_000`` is none."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in cell else None


def cell_text(value: Any) -> str:
    """The cell of a workbook or a data frame as the text that a CSV file would hold; '' where nothing stands."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or type(value).__name__ == "NAType" or value != value:  # NA of pandas; no number, no time
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return " ".join(map(cell_text, value))
    return str(value)

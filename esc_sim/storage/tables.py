"""Tables as CSV: one writer for all of them, whose cells no spreadsheet program takes for formulas."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esc_sim.storage.files import write_text

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""How a cell begins that a spreadsheet program would carry out, or that would be taken for one made harmless."""


def harmless(cell: Any) -> Any:
    """A cell with an apostrophe before what a spreadsheet program would take for a formula; numbers stay."""
    if not isinstance(cell, str) or not _FORMULA.match(cell) or is_number(cell):
        return cell
    return f"'{cell}"


def restored(cell: str) -> str:
    """The cell that :func:`harmless` was given."""
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell, 1) else cell


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table as text; what has no value (None, nan) is an empty cell, numbers read back bit for bit."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([harmless(name) for name in header])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table, whole or not at all.

    Args:
        path: the CSV file.
        header: names of the columns.
        rows: a cell for each column.

    Raises:
        UnwritableError: the folder is missing or cannot be written, or the disk is full.
    """
    write_text(path, csv_text(header, rows))


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows by name, with the columns that the first one has; errors as :func:`write_table`."""
    write_table(path, list(rows[0]), ([row.get(name) for name in rows[0]] for row in rows))


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    """Write a data frame without its index; errors as :func:`write_table`."""
    write_table(path, list(map(str, frame.columns)), zip(*(frame[name].tolist() for name in frame), strict=True))


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(float(value))
    return harmless(value)


def is_number(cell: str) -> bool:
    """Whether a text is that of a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True

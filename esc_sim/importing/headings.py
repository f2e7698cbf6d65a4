"""Dates in headings, and the year of those that name none."""

from __future__ import annotations

from typing import Any

from esc_sim.importing.dates import Read, read_date, year_in, yearless
from esc_sim.importing.grids import Grid
from esc_sim.scenario.cells import cell_text


def heading_date(heading: Any, year: int | None = None) -> Read | None:
    """The date that a heading names, perhaps after a word: 'Demand Jan 2025'.

    Args:
        heading: as it stands.
        year: of months and weeks without one; None: they are no dates.
    """
    texts = [heading, heading.strip().partition(" ")[2]] if isinstance(heading, str) else [heading]
    found = next((read for text in texts if (read := read_date(text)) is not None), None)
    if found is None and year is not None:
        found = next((read for text in texts if (read := yearless(text, year)) is not None), None)
    return found


def year_of(grid: Grid, first: int) -> int | None:
    """The year of months without one: that in the name of the sheet, else in the lines above its headings.

    Args:
        grid: the sheet.
        first: row of its headings.
    """
    above = " ".join(cell_text(cell) for row in grid.rows[:first] for cell in row if isinstance(cell, str | int))
    return year_in(grid.name) or year_in(above)

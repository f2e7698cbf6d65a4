"""What is written beside amounts, in cells, headings and columns of units: what it makes of them, and what is said."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from esc_sim.importing.found import Found
from esc_sim.importing.grids import Grid
from esc_sim.importing.mapping import HEADED, SheetMapping, column_number, kind_of
from esc_sim.importing.words import CACHED, GOODS, Units, words_of

TIMES_KNOWN: Final = "hours, days, working days, weeks, months, quarters or years"
WORKING: Final = "a working day counts as 7/5 of a day, since a week has five"
COUNTED: Final = ("demand", "stocks", "bom", "capacities")
"""Tables whose column of units says in what their amounts count."""


@lru_cache(maxsize=CACHED)
def units_in(text: str) -> Units:
    """Units that a text beside an amount names."""
    return Units().add(text)


def unknown_in(text: str) -> str:
    """The text, where a word of it is no unit that is known; else ''."""
    return text.strip() if set(units_in(text).other) - GOODS else ""


def say_once(found: Found, text: str) -> None:
    """Note an assumption, unless it is noted already."""
    if text not in found.assumed:
        found.assumed.append(text)


def tell_units(grid: Grid, sheet: SheetMapping, found: Found) -> None:
    """Say what units in headings make of amounts, and which of them are none that is known.

    Args:
        grid: the sheet.
        sheet: what it was taken for.
        found: takes notes.
    """
    row = max(sheet.header) - grid.first
    for column in sheet.columns:
        if column.is_ is None:
            continue
        place = f"{grid.place(row, column_number(column))}: '{column.heading}'"
        kind = "number" if column.is_ in HEADED else kind_of(str(sheet.table), column)
        unknown = " ".join(word for word in words_of(column.heading).other if kind == "time" or word not in GOODS)
        if column.unit == "working day":
            say_once(found, f"{grid.source}: {WORKING}")
        if column.scale is not None:
            found.understood.append(f"{place}: amounts are multiplied by {column.scale:g}")
        if not unknown or kind in ("text", "date") or column.is_ in HEADED:
            continue
        if kind == "time" and column.unit is None:
            found.assumed.append(
                f"{place}: '{unknown}' is no unit of time that is known: taken as if it did not stand there"
            )
        elif kind != "time" and column.scale is None:
            found.assumed.append(f"{place}: '{unknown}' is no unit that is known: amounts are taken as they stand")

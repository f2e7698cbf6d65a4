"""Dates of observations as periods of a run."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

from esc_sim.scenario.calendar import Calendar, calendar_of, date_advice, date_of, even_step, written
from esc_sim.scenario.schema import Scenario


def periods_of_dates(
    cells: Sequence[tuple[int, str]], scenario: Scenario, place: Callable[[int], str], problems: list[str]
) -> list[int]:
    """The period of each date, as a run counts it; -1 where there is none, which is a problem then.

    Where the scenario has dates, they are its own; else the earliest date is that of the first period after the
    warm-up, and dates follow one another in even steps.

    Args:
        cells: line and date of each row.
        scenario: with its calendar and warm-up.
        place: where the date of a line stands.
        problems: what is wrong is added.
    """
    dates: list[datetime.datetime | None] = []
    for line, cell in cells:
        date = date_of(cell)
        dates.append(date)
        if date is None:
            problems.append(f"{place(line)}: '{cell[:40]}' is no date{date_advice(cell)}")
    calendar = calendar_of(scenario)
    if calendar is not None:
        return [
            _in_calendar(calendar, date, place(line), problems) for date, (line, _) in zip(dates, cells, strict=True)
        ]
    order = sorted({date for date in dates if date is not None})
    if len(order) > 1:
        _, kept = even_step(order)
        if kept < len(order):
            line = cells[dates.index(order[kept])][0]
            pair = f"{written(order[kept])} follows {written(order[kept - 1])}"
            problems.append(f"{place(line)}: {pair}: space dates evenly, or give the scenario run.start")
    return [-1 if date is None else scenario.run.warm_up + order.index(date) for date in dates]


def _in_calendar(calendar: Calendar, date: datetime.datetime | None, place: str, problems: list[str]) -> int:
    if date is None:
        return -1
    period = calendar.step.until(calendar.start, date)
    if period < 0 or not calendar.step.fits(calendar.start, period, date):
        problems.append(f"{place}: no period of the run begins on {written(date)}")
        return -1
    return period

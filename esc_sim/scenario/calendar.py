"""Calendar dates of periods: how they are written, the even step from one to the next, and labels for axes."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario

_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_WORKDAY = "working day"
_WORKDAYS = 5
"""Working days of a week: Monday to Friday."""
_MONTH = 30.4375 * _SECONDS["day"]
"""Seconds of a mean month."""
_ISO = re.compile(r"\d{8}|\d{4}-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.0+)?)?)?)?")
_LOOSE = re.compile(r"(?P<a>\d{1,4})(?P<mark>[-./])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{1,4})")


def date_of(text: str) -> datetime.datetime | None:
    """The date that a text gives: 2026-01-31, 20260131, 2026-01-31 06:00 or 2026-01 (its first day); else None."""
    if not _ISO.fullmatch(text):
        return None
    try:
        return datetime.datetime.fromisoformat(f"{text}-01" if len(text) == 7 else text)
    except ValueError:
        return None


def date_advice(text: str) -> str:
    """': write 2026-01-31' for a date written in another way; what dates look like when it cannot be told."""
    match = _LOOSE.fullmatch(text.strip())
    found: list[str] = []
    if match is not None:
        a, b, c = (int(match[name]) for name in "abc")
        if len(match["a"]) == 4:
            orders = [(a, b, c)]
        elif len(match["c"]) == 4:
            orders = [(c, b, a)] if match["mark"] == "." else [(c, a, b), (c, b, a)]
        else:
            orders = []
        for year, month, day in orders:
            try:
                found.append(datetime.date(year, month, day).isoformat())
            except ValueError:
                continue
    found = list(dict.fromkeys(found))
    if len(found) == 2:
        return f": write {found[0]} (month first), or {found[1]} (day first)"
    return f": write {found[0]}" if found else ": write dates as 2026-01-31"


def written(date: datetime.datetime, time: bool = False) -> str:
    """A date as scenarios have it, with its time of day where that is not midnight, or ``time`` asks for it."""
    return f"{date:%Y-%m-%d %H:%M}" if time or date.time() != datetime.time() else f"{date:%Y-%m-%d}"


@dataclass(frozen=True)
class Step:
    """Time from one period to the next; one of the three is above 0.

    Attributes:
        months, seconds: how many of them.
        workdays: days that are no Saturday and no Sunday.
    """

    months: int = 0
    seconds: int = 0
    workdays: int = 0

    @property
    def length(self) -> float:
        """Mean length, seconds: a month has 30.4375 days, a week five working days."""
        return self.months * _MONTH + self.seconds + self.workdays * _SECONDS["week"] / _WORKDAYS

    def after(self, start: datetime.datetime, steps: int) -> datetime.datetime:
        """The date so many steps after ``start``; from the last day of a month on, months end on their last.

        Working days leave out Saturdays and Sundays; ``start`` is then none of these.
        """
        if self.workdays:
            weeks, day = divmod(start.weekday() + steps * self.workdays, _WORKDAYS)
            return start + datetime.timedelta(days=7 * weeks + day - start.weekday())
        if not self.months:
            return start + datetime.timedelta(seconds=steps * self.seconds)
        return _moved(start, steps * self.months, _is_last(start))

    def fits(self, start: datetime.datetime, steps: int, date: datetime.datetime) -> bool:
        """Whether ``date`` lies so many steps after ``start``.

        Args:
            start: date of period 0.
            steps: number of the period.
            date: the date that was given.
        """
        return date == self.after(start, steps) or (
            self.months > 0 and date == _moved(start, steps * self.months, False)
        )

    def until(self, start: datetime.datetime, date: datetime.datetime) -> int:
        """Whole steps from ``start`` to ``date``; below 0 before it."""
        steps = int((date - start).total_seconds() // self.length)
        while self.after(start, steps) > date:
            steps -= 1
        while self.after(start, steps + 1) <= date:
            steps += 1
        return steps

    def __str__(self) -> str:
        """As ``step_of`` reads it: 2 weeks, 1 month."""
        units, total = (_MONTHS, self.months) if self.months else (_SECONDS, self.seconds)
        if self.workdays:
            units, total = {_WORKDAY: 1}, self.workdays
        name, size = [(name, size) for name, size in units.items() if total % size == 0][-1]
        count = total // size
        return f"{count} {name}{'s' if count > 1 else ''}"


def _is_last(date: datetime.datetime) -> bool:
    return date.day == calendar.monthrange(date.year, date.month)[1]


def _moved(start: datetime.datetime, months: int, to_last: bool) -> datetime.datetime:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return start.replace(year=year, month=month + 1, day=last if to_last else min(start.day, last))


def step_of(text: str) -> Step | None:
    """The step that '2 weeks', '1 month', 'day' or 'working day' names; None where it names none."""
    match = re.fullmatch(r"(?:(\d{1,6})\s+)?([a-z]+?(?: day)?)s?", text.strip().lower())
    if match is None or match[1] == "0" * len(match[1] or ""):
        return None
    count, unit = int(match[1] or 1), match[2]
    if unit == _WORKDAY:
        return Step(workdays=count)
    if unit in _MONTHS:
        return Step(months=count * _MONTHS[unit])
    return Step(seconds=count * _SECONDS[unit]) if unit in _SECONDS else None


def even_step(dates: Sequence[datetime.datetime]) -> tuple[Step | None, int]:
    """The step by which dates follow one another, and how many of them keep it; two at least are needed.

    Returns:
        The step, None where the second date is not after the first, and the number of dates that keep it.
    """
    first, second = dates[0], dates[1]
    if second <= first:
        return None, 1
    gap = second - first
    steps = [Step(seconds=int(gap.total_seconds()))] if gap.total_seconds() % 60 == 0 else []
    months = (second.year - first.year) * 12 + second.month - first.month
    if months > 0 and Step(months=months).fits(first, 1, second):
        steps.insert(0, Step(months=months))
    if first.weekday() < _WORKDAYS and first.time() == datetime.time():
        steps.append(Step(workdays=1))
    found: tuple[Step | None, int] = (None, 1)
    for step in steps:
        kept = next((n for n, date in enumerate(dates) if not step.fits(first, n, date)), len(dates))
        if kept > found[1]:
            found = (step, kept)
    return found


@dataclass(frozen=True)
class Calendar:
    """Dates of the periods of a run."""

    start: datetime.datetime
    step: Step

    def date(self, period: int) -> datetime.datetime:
        """When a period begins."""
        return self.step.after(self.start, period)

    def label(self, period: int) -> str:
        """The date at which a period begins, with the time of day where steps are shorter; '' after the year 9999."""
        by_hours = not self.step.months and self.step.seconds % _SECONDS["day"] != 0
        try:
            return written(self.date(period), by_hours)
        except (OverflowError, ValueError):
            return ""


def calendar_from(start: str | None, step: str | None, period: str) -> Calendar | None:
    """Dates of the periods of a run, where its start and its step are known.

    Args:
        start: date of period 0.
        step: time from one period to the next; None: the unit of periods says it.
        period: name of the unit of periods (``units.period``).
    """
    date = None if start is None else date_of(start)
    found = step_of(period if step is None else step)
    return None if date is None or found is None else Calendar(date, found)


def calendar_of(scenario: Scenario) -> Calendar | None:
    """Dates of the periods of a scenario; None where it gives none."""
    return calendar_from(scenario.run.start, scenario.run.step, scenario.units.period)

"""Dates as people write them, in cells and in headings: days, weeks, months, quarters."""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal

from esc_sim.scenario.calendar import date_of

Order = Literal["day first", "month first"]
"""How a date such as 03/04/2026 is read."""
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_name) if name} | {"sept": 9}
_NAMED = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY = re.compile(r"(?P<a>\d{1,4})(?P<mark>[-./])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{2,4})(?:[T ]\d{2}:\d{2}(:\d{2})?)?")
_DAY_NAMED = re.compile(rf"(?P<d>\d{{1,2}})[-. ]*(?P<m>{_NAMED})\.?[-, ]*(?P<y>\d{{4}}|\d{{2}})", re.IGNORECASE)
_MONTH_NAMED = re.compile(
    rf"(?:(?P<m1>{_NAMED})\.?[-/,' ]*(?P<y1>\d{{4}}|\d{{2}})|(?P<y2>\d{{4}})[-/ ]*(?P<m2>{_NAMED})\.?)", re.IGNORECASE
)
_MONTH = re.compile(r"(?:(?P<y1>\d{4})[-/. ]?M?(?P<m1>\d{1,2})|(?P<m2>\d{1,2})[-/.](?P<y2>\d{4}))", re.IGNORECASE)
_WEEK = re.compile(
    r"(?:(?P<y1>\d{4})[-/. ]*(?:W|WK|KW|CW|WEEK)[-. ]*(?P<w1>\d{1,2})|"
    r"(?:W|WK|KW|CW|WEEK)[-. ]*(?P<w2>\d{1,2})[-/,. ]*(?P<y2>\d{4}))",
    re.IGNORECASE,
)
_QUARTER = re.compile(r"(?:Q(?P<q1>[1-4])[-/ ]*(?P<y1>\d{4})|(?P<y2>\d{4})[-/ ]*Q(?P<q2>[1-4]))", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
ANY_YEAR = 2020
"""A year with a 29th of February and a 53rd week."""


@dataclass(frozen=True)
class Read:
    """A date as it was read.

    Attributes:
        date: the first day of what is named.
        step: day, week, month or quarter, as far as the writing says; a date in full says nothing.
    """

    date: datetime.date
    step: str | None = None


@lru_cache(maxsize=2**14)  # long tables name the same dates again and again
def read_date(value: Any, order: Order | None = None) -> Read | None:
    """The date in a cell or a heading; None where there is none, or where it may be two (see ``orders_of``)."""
    if isinstance(value, datetime.datetime):
        return Read(value.date())
    if isinstance(value, datetime.date):
        return Read(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        return _read(text, order)
    except ValueError:
        return None


def _read(text: str, order: Order | None) -> Read | None:
    iso = date_of(text)
    if iso is not None:
        return Read(iso.date(), "month" if len(text) == 7 else None)
    if found := _DAY.fullmatch(text):
        dates = _of_day(found)
        return (
            Read(dates[order] if order in dates else next(iter(dates.values())))
            if order in dates or len(set(dates.values())) == 1
            else None
        )
    if found := _DAY_NAMED.fullmatch(text):
        return Read(datetime.date(_year(found["y"]), _MONTHS[found["m"].lower()], int(found["d"])))
    if found := _MONTH_NAMED.fullmatch(text):
        month = _MONTHS[(found["m1"] or found["m2"]).lower()]
        return Read(datetime.date(_year(found["y1"] or found["y2"]), month, 1), "month")
    if found := _WEEK.fullmatch(text):
        year, week = int(found["y1"] or found["y2"]), int(found["w1"] or found["w2"])
        return Read(datetime.date.fromisocalendar(year, week, 1), "week")
    if found := _QUARTER.fullmatch(text):
        quarter = int(found["q1"] or found["q2"])
        return Read(datetime.date(int(found["y1"] or found["y2"]), 3 * quarter - 2, 1), "quarter")
    if found := _MONTH.fullmatch(text):
        return Read(datetime.date(int(found["y1"] or found["y2"]), int(found["m1"] or found["m2"]), 1), "month")
    return None


def yearless(value: Any, year: int | None = None) -> Read | None:
    """The date of a month, week or quarter without a year, such as 'Jan' or 'KW 1'; None for other texts.

    Args:
        value: a cell or a heading.
        year: the year that is meant; None: any, to see whether only the year is missing.
    """
    if not isinstance(value, str) or read_date(value) is not None or not value.strip()[:1].isalpha():
        return None
    return read_date(f"{value.strip()} {year or ANY_YEAR}")


def year_in(text: str) -> int | None:
    """The one year that a text names; None where there is none, or there are several."""
    years = {int(found) for found in _YEAR.findall(text)}
    return years.pop() if len(years) == 1 else None


def orders_of(value: Any) -> set[Order]:
    """The orders of day and month in which a text is a date; both where it may be two dates, none for other texts."""
    found = _DAY.fullmatch(value.strip()) if isinstance(value, str) else None
    return set(_of_day(found)) if found is not None else set()


def _of_day(found: re.Match[str]) -> dict[Order, datetime.date]:
    """The dates that three numbers may mean, by the order of day and month."""
    a, b, c = int(found["a"]), int(found["b"]), int(found["c"])
    if len(found["a"]) == 4:
        wanted: dict[Order, tuple[int, int, int]] = {"day first": (a, b, c), "month first": (a, b, c)}
    elif len(found["a"]) > 2:
        return {}
    elif found["mark"] == ".":
        wanted = {"day first": (_year(found["c"]), b, a)}
    else:
        wanted = {"day first": (_year(found["c"]), b, a), "month first": (_year(found["c"]), a, b)}
    dates: dict[Order, datetime.date] = {}
    for order, (year, month, day) in wanted.items():
        try:
            dates[order] = datetime.date(year, month, day)
        except ValueError:
            continue
    return dates


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)


def step_between(dates: list[datetime.date], said: set[str]) -> str:
    """The length of a period of a history: what its dates say, or what lies between them.

    Args:
        dates: all different, in order.
        said: steps that the writing of the dates names.
    """
    if len(said) == 1:
        return said.pop()
    if all(date.day == 1 for date in dates) and len(dates) > 1:
        return "quarter" if all((date.month - 1) % 3 == 0 for date in dates) and len(dates) > 2 else "month"
    if len(dates) > 1 and all(_is_last(date) for date in dates):
        return "month"
    gaps = [(after - before).days for before, after in pairwise(dates)]
    return "week" if gaps and all(gap % 7 == 0 for gap in gaps) else "day"


def _is_last(date: datetime.date) -> bool:
    return date.day == calendar.monthrange(date.year, date.month)[1]


def period_of(date: datetime.date, step: str, weekday: int = 0) -> datetime.date:
    """The first day of the period that a date lies in.

    Args:
        date: the date.
        step: day, week, month or quarter.
        weekday: on which weeks begin, 0 for Monday.
    """
    if step == "week":
        return date - datetime.timedelta(days=(date.weekday() - weekday) % 7)
    if step == "month":
        return date.replace(day=1)
    return date.replace(month=(date.month - 1) // 3 * 3 + 1, day=1) if step == "quarter" else date


def periods_between(first: datetime.date, last: datetime.date, step: str) -> list[datetime.date]:
    """First days of all periods from one to another, both included.

    Args:
        first, last: first days of the first and the last period.
        step: day, week, month or quarter.
    """
    months = {"month": 1, "quarter": 3}.get(step)
    if months:
        count = ((last.year - first.year) * 12 + last.month - first.month) // months + 1
        begun = [divmod(first.month - 1 + months * n, 12) for n in range(count)]
        return [datetime.date(first.year + years, month + 1, 1) for years, month in begun]
    days = 7 if step == "week" else 1
    count = (last - first).days // days + 1
    return [first + datetime.timedelta(days=days * n) for n in range(count)]

"""The length of a period, and what times and rates are in it."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from typing import Any, Final

from esc_sim.importing.content import Content, Rate, Times
from esc_sim.importing.history import DAYS

STEPS: Final = ("quarter", "month", "week", "day")
"""Periods that there may be, the longest first."""
IN_A_YEAR: Final[Mapping[str, int]] = {"quarter": 4, "month": 12, "week": 52, "day": 365}
_DIGITS = 6


def step_for(content: Content, default: str = "day") -> str:
    """The step of the history, or a shorter one where most lead times are shorter than it."""
    step = content.history.step or default
    usual = [time for lane in content.lanes if (time := usual_time(lane.times))]
    if not usual:
        return step
    typical = statistics.median(usual)
    return next((one for one in STEPS[STEPS.index(step) :] if DAYS[one] <= typical), STEPS[-1])


def usual_time(times: Times) -> float | None:
    """The usual one of shortest, usual and longest time, or what lies between the other two."""
    low, usual, high = times
    if usual is not None:
        return usual
    given = [time for time in (low, high) if time is not None]
    return sum(given) / len(given) if given else None


def lead_time_law(times: Times, step: str) -> Any:
    """A lead time as a scenario has it, in periods: a number, or a law between the shortest and the longest."""
    low, usual, high = (None if time is None else round(time / DAYS[step], _DIGITS) for time in times)
    if low is not None and high is not None and low < high:
        if usual is None:
            return {"law": "uniform", "low": low, "high": high}
        return {"law": "triangular", "low": low, "most_likely": usual, "high": high}
    given = usual_time(times)
    return None if given is None else round(given / DAYS[step], _DIGITS)


def in_a_period(rate: Rate, step: str, default: str) -> float:
    """Units in a period.

    Args:
        rate: units in a time that a cell names.
        step: length of the period.
        default: unit of the time, where the cell names none.
    """
    amount, unit = rate
    return round(amount * DAYS[step] / DAYS[unit or default], _DIGITS)

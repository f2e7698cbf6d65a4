"""Dates of periods in the tables and figures of a run, where its scenario gives dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from esc_sim.results.arrow import numbers, words
from esc_sim.scenario.calendar import Calendar, calendar_from


def period_columns(periods: np.ndarray, calendar: Calendar | None) -> dict[str, Any]:
    """Columns that say which period a row is of: its number and, with a calendar, its date."""
    columns: dict[str, Any] = {"period": numbers(periods.astype(np.int32))}
    if calendar is not None:
        first, last = (int(periods.min()), int(periods.max())) if len(periods) else (0, -1)
        columns["date"] = words(periods - first, [calendar.label(t) for t in range(first, last + 1)])
    return columns


def calendar_entry(calendar: Calendar | None) -> dict[str, Any]:
    """What summary.json says of the dates of periods; empty where there are none."""
    return {} if calendar is None else {"calendar": {"start": calendar.label(0), "step": str(calendar.step)}}


def summary_calendar(summary: Mapping[str, Any]) -> Calendar | None:
    """The dates of periods that a summary gives; None where it gives none."""
    entry = summary.get("calendar")
    if not isinstance(entry, dict):
        return None
    return calendar_from(str(entry.get("start")), str(entry.get("step")), "")

"""Final demand as a scenario has it, from histories or from means."""

from __future__ import annotations

import datetime
import math
import statistics
from collections.abc import Sequence
from typing import Any

from esc_sim.importing.history import DAYS, History, Item
from esc_sim.importing.periods import IN_A_YEAR

_DIGITS = 6


def demands_of(history: History, step: str, cv: float) -> dict[Item, dict[str, Any]]:
    """The key ``demand`` of every item that is asked for, without its price.

    Args:
        history: past demand, or its means.
        step: length of a period of the scenario.
        cv: standard deviation over mean where only a mean is known.
    """
    found = {item: _from_series(series, history.step, step) for item, series in history.series.items()}
    for item, (mean, sd) in history.means.items():
        spread = cv * mean if sd is None else sd
        found[item] = _normal(mean * DAYS[step], spread * math.sqrt(DAYS[step]) if sd is not None else spread * DAYS[step])
    return {item: demand for item, demand in found.items() if demand}


def _from_series(series: Sequence[float], of: str, step: str) -> dict[str, Any]:
    count = DAYS[of] / DAYS[step]
    sd = statistics.stdev(series) if len(series) > 1 else 0.0
    return _normal(statistics.fmean(series) / count, sd / math.sqrt(count))


def _normal(mean: float, sd: float) -> dict[str, Any]:
    if mean <= 0.0:
        return {}
    return {"mean": round(mean, _DIGITS)} | ({"sd": round(sd, _DIGITS)} if sd > 0.0 else {})


def mean_of(demand: dict[str, Any]) -> float:
    """Mean units in a period."""
    return float(demand["mean"])


def start_after(history: History, step: str) -> str | None:
    """The first day after a history; None where it has no dates."""
    if not history.dates:
        return None
    last = history.dates[-1]
    if history.step in ("month", "quarter"):
        months = last.month - 1 + (1 if history.step == "month" else 3)
        return datetime.date(last.year + months // 12, months % 12 + 1, 1).isoformat()
    return (last + datetime.timedelta(days=DAYS[history.step])).isoformat()


def periods_for(step: str) -> int:
    """Periods of a year."""
    return IN_A_YEAR[step]

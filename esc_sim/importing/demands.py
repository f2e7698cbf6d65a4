"""Final demand as a scenario has it: laws proposed for histories, brought to the scenario's periods."""

from __future__ import annotations

import datetime
import math
import statistics
from dataclasses import dataclass, field
from typing import Any

from esc_sim.fitting import fit_series
from esc_sim.importing.history import DAYS, History, Item

_DIGITS = 6


@dataclass
class Demands:
    """Final demand of every item that is asked for.

    Attributes:
        keys: the key ``demand``, without its price.
        means: units in a period, on average over the history.
        series: histories that laws draw again, by name.
        words: what was found in each history.
    """

    keys: dict[Item, dict[str, Any]] = field(default_factory=dict)
    means: dict[Item, float] = field(default_factory=dict)
    series: dict[str, list[float]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)


def demands_of(history: History, step: str, cv: float) -> Demands:
    """The demand that goes on where a history ends.

    Args:
        history: past demand, or its means.
        step: length of a period of the scenario, not longer than that of the history.
        cv: standard deviation over mean where only a mean is known.
    """
    found = Demands()
    for item, series in history.series.items():
        _from_history(found, item, series, DAYS[history.step] / DAYS[step] if history.step != step else 1.0)
    for item, (mean, sd) in history.means.items():
        length = DAYS[step]
        spread = cv * mean * length if sd is None else sd * math.sqrt(length)
        found.means[item] = mean * length
        found.keys[item] = {"mean": _rounded(mean * length)} | ({"sd": _rounded(spread)} if spread else {})
    return found


def series_name(item: Item) -> str:
    """Name of a column of the history."""
    return f"{item[1]} at {item[0]}"


def _from_history(found: Demands, item: Item, series: list[float], parts: float) -> None:
    mean = statistics.fmean(series)
    if mean <= 0.0:
        found.words.append(f"{series_name(item)}: nothing was asked for, and nothing will be")
        return
    fit = fit_series(series, name=series_name(item))
    found.means[item] = mean / parts
    found.keys[item] = fit.demand if parts == 1.0 else _in_parts(fit.demand, series, parts)
    found.words.append(fit.words)
    if found.keys[item].get("law", {}).get("law") == "empirical":
        found.series[series_name(item)] = series


def _in_parts(demand: dict[str, Any], series: list[float], parts: float) -> dict[str, Any]:
    """Demand of a period as that of shorter ones that do not depend on one another; seasons go on as steps."""
    found: dict[str, Any] = {}
    if "law" in demand:
        found["law"] = _law_in_parts(demand["law"], series, parts)
    elif "trend" in demand:
        found["mean"] = _rounded(demand["mean"] / parts)
        found["sd"] = _rounded(demand["sd"] / math.sqrt(parts))
        found["trend"] = float(f"{demand['trend'] / parts**2:.6g}")
    else:
        found["law"] = _law_in_parts(
            {"law": "normal", "mean": demand["mean"], "sd": demand.get("sd", 0.0)}, series, parts
        )
    if "season" in demand:
        factors = demand["season"]
        found["season"] = [factors[min(int(n / parts), len(factors) - 1)] for n in range(round(len(factors) * parts))]
    return found


def _law_in_parts(law: dict[str, Any], series: list[float], parts: float) -> dict[str, Any]:
    """A law whose sum over the parts has the mean and the standard deviation of the given one."""
    name = law["law"]
    if name == "poisson":
        return {"law": name, "mean": _rounded(law["mean"] / parts)}
    if name == "intermittent":
        return law | {"probability": _rounded(law["probability"] / parts)}
    if name in ("normal", "gamma", "lognormal", "negative_binomial"):
        mean, sd = law["mean"], law["sd"]
    else:
        values = law.get("values", series)
        mean, sd = statistics.fmean(values), statistics.pstdev(values)
    name = name if name == "negative_binomial" else "gamma"  # of a short period, a normal law would be cut at 0
    return {"law": name, "mean": _rounded(mean / parts), "sd": _rounded(max(sd, 1e-3 * mean) / math.sqrt(parts))}


def _rounded(value: float) -> float:
    return round(float(value), _DIGITS)


def start_after(history: History) -> str | None:
    """The first day after a history; None where it has no dates."""
    if not history.dates:
        return None
    last = history.dates[-1]
    if history.step in ("month", "quarter"):
        months = last.month - 1 + (1 if history.step == "month" else 3)
        return datetime.date(last.year + months // 12, months % 12 + 1, 1).isoformat()
    return (last + datetime.timedelta(days=DAYS[history.step])).isoformat()

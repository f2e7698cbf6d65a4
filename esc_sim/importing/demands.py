"""Final demand as a scenario has it: laws proposed for histories, brought to the scenario's periods."""

from __future__ import annotations

import datetime
import math
import statistics
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from esc_sim.fitting import fit_series
from esc_sim.fitting.families import is_intermittent
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
        lumpy: series in which periods without demand are many, and which is spread over shorter ones.
        unseasoned: series with gaps, of which no season is asked.
    """

    keys: dict[Item, dict[str, Any]] = field(default_factory=dict)
    means: dict[Item, float] = field(default_factory=dict)
    series: dict[str, list[float]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    lumpy: int = 0
    unseasoned: int = 0


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
    name = series_name(item)
    values = [value for value in series if not math.isnan(value)]
    mean = statistics.fmean(values) if values else 0.0
    if mean <= 0.0:
        found.words.append(f"{name}: nothing was asked for, and nothing will be")
        return
    begins, ends = _ends(series)
    gaps = ends - begins != len(values)
    fit = fit_series(values, name=name, season_length=0 if gaps else None)
    found.unseasoned += gaps
    found.means[item] = mean / parts
    found.words.append(fit.words)
    demand = _later(fit.demand, len(series) - ends)
    law = demand.get("law", {}).get("law")
    if parts > 1.0 and "season" not in demand and (law == "intermittent" or is_intermittent(np.array(values))):
        found.keys[item] = {"law": _spread(found, name, values, parts)}
        return
    found.keys[item] = demand if parts == 1.0 else _in_parts(demand, values, parts)
    if found.keys[item].get("law", {}).get("law") == "empirical":
        found.series[name] = values


def _ends(series: list[float]) -> tuple[int, int]:
    """Number of the first period that has an amount, and one more than that of the last."""
    there = [n for n, value in enumerate(series) if not math.isnan(value)]
    return there[0], there[-1] + 1


def _later(demand: dict[str, Any], periods: int) -> dict[str, Any]:
    """Demand that begins some periods later: a history ended before the others did."""
    found = dict(demand)
    if periods and "trend" in demand:
        found["mean"] = _rounded(max(demand["mean"] + periods * demand["trend"], 0.0))
    if periods and "season" in demand:
        factors, turned = demand["season"], periods % len(demand["season"])
        found["season"] = [*factors[turned:], *factors[:turned]]
    return found


def _spread(found: Demands, name: str, values: list[float], parts: float) -> dict[str, Any]:
    """Demand that many a period lacks, in shorter periods: none gets all that a whole one asked for.

    Periods of the history are drawn again, the amount of each spread evenly over its parts. Where that would be less
    than a unit a part, units come one by one.
    """
    found.lumpy += 1
    mean, variance = statistics.fmean(values), statistics.pvariance(values)
    if statistics.fmean(value for value in values if value > 0.0) >= parts:
        edges = [round(n * parts) for n in range(len(values) + 1)]
        shared = [value / (after - before) for value, before, after in zip(values, edges, edges[1:], strict=False)]
        found.series[name] = [_rounded(value) for n, value in enumerate(shared) for _ in range(edges[n + 1] - edges[n])]
        return {"law": "empirical", "series": name, "block": min(round(parts), len(found.series[name]))}
    if variance <= mean:
        return {"law": "poisson", "mean": _rounded(mean / parts)}
    return {"law": "negative_binomial", "mean": _rounded(mean / parts), "sd": _rounded(math.sqrt(variance / parts))}


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

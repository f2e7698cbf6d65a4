"""A law proposed for a history, and the laws that were rejected."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from esc_sim.counted import counted
from esc_sim.errors import InputError
from esc_sim.fitting.course import DEPENDENT, USUAL_SEASONS, Course, course_of, dependence
from esc_sim.fitting.families import (
    COUNTS,
    FAMILIES,
    Fitted,
    MisfitError,
    intervals_of,
    is_intermittent,
    law_as_written,
)

Floats = NDArray[np.float64]
FITS: Final = 0.001
"""Least p-value of the goodness-of-fit test with which a law is proposed."""
ENOUGH: Final = 8
"""Values below which no law is fitted: the history is drawn again."""
_SMALL: Final = 50.0
"""Whole numbers with a mean below are counts, for which laws of whole numbers are asked first."""


@dataclass(frozen=True)
class Candidate:
    """A law that was tried.

    Attributes:
        family: its name.
        law: the law as a scenario writes it; None where the family cannot be.
        parameters: name, value, and the ends of the 95 % interval (NaN where there is none) of what was fitted; beside
            a trend, the mean at the first value and the trend.
        bic: Bayesian information criterion, less is better; NaN where the family cannot be.
        chance: p-value of the goodness-of-fit test; NaN where there are too few values for one.
        why: why it is not proposed; "" for the one that is.
    """

    family: str
    law: dict[str, Any] | None
    parameters: tuple[tuple[str, float, float, float], ...] = ()
    bic: float = math.nan
    chance: float = math.nan
    why: str = ""


@dataclass(frozen=True)
class Fit:
    """What is proposed for a history.

    Attributes:
        name: of the series.
        values: the history.
        family: name of the proposed family, "empirical" where nothing fits.
        law: the proposed law as a scenario writes it; without trend and season.
        demand: ready for the key ``demand`` of a scenario: law, or mean and sd, with trend and season.
        words: a sentence that says what was found.
        candidates: all laws that were tried, the proposed one first.
        trend: change of the mean, units per period and period.
        season: factors of the season, from the first value's on.
        dependence: p-value of the test whether values hang together.
        rest: the values without trend and season, which laws were fitted to.
    """

    name: str
    values: tuple[float, ...]
    family: str
    law: dict[str, Any]
    demand: dict[str, Any]
    words: str
    candidates: tuple[Candidate, ...]
    trend: float = 0.0
    season: tuple[float, ...] = ()
    dependence: float = 1.0
    rest: tuple[float, ...] = ()

    @property
    def mean_interval(self) -> tuple[float, float]:
        """95 % interval of the law's mean: that of its parameter, or of the mean of the values.

        Beside a trend it is that of the mean at the first value. Of values that hang together it is as wide as the
        means of their blocks say.
        """
        known = {name: (low, high) for name, _, low, high in self.candidates[0].parameters if math.isfinite(low)}
        if "mean" in known and not self.candidates[0].why:
            return known["mean"]
        values = np.array(self.values)
        block = int(self.law.get("block", 1))
        means = np.convolve(values, np.full(block, 1.0 / block), "valid")
        wide = float(stats.t.ppf(0.975, max(len(values) / block - 1.0, 1.0)))
        half = wide * float(np.sqrt(np.mean((means - values.mean()) ** 2) * block / len(values)))
        return float(values.mean()) - half, float(values.mean()) + half

    @property
    def rejected(self) -> tuple[Candidate, ...]:
        """The laws that are not proposed, each with the reason."""
        return tuple(one for one in self.candidates if one.why)


def fit_series(
    values: Sequence[float] | Floats,
    *,
    season_length: int | None = None,
    count: bool = False,
    name: str = "history",
    by_period: bool = True,
    begins: str = "after",
    ahead: int = 0,
) -> Fit:
    """Propose a law for a history, with trend and season where it shows them.

    Among the laws that pass a chi-square test of fit (p of at least 0.001), the one with the least Bayesian information
    criterion is proposed. Where none passes, or values hang together from period to period, the history itself is drawn
    again, in blocks. An intermittent history (more than 1.32 periods from one demand to the next) gets no normal law.

    Args:
        values: the history, one value a period, none below 0; or observed lead times.
        season_length: periods of a season; None: 7, 12 and 52 are tried; 0 or 1: none is.
        count: goods come in whole numbers, so that only laws of whole numbers are proposed.
        name: of the series, which a law ``empirical`` names.
        by_period: values follow one another in time; False for lead times, which have no trend, season or blocks.
        begins: "after": the demand goes on where the history ends; "with": its first period is the history's.
        ahead: periods by which it begins later than that.

    Raises:
        InputError: there is no value, one is no finite number of at least 0, or goods are no whole numbers.

    Examples:
        >>> from esc_sim.fitting import fit_series
        >>> asked = [0, 0, 12, 0, 0, 0, 9, 0, 14, 0, 0, 0, 0, 11, 0, 10, 0, 0, 0, 13, 0, 0, 8, 0]
        >>> fit = fit_series(asked)
        >>> fit.family, round(fit.law["probability"], 2)
        ('intermittent, poisson', 0.29)
    """
    history = _history(values, name, count)
    lengths = USUAL_SEASONS if season_length is None else (season_length,)
    steady = not by_period or len(history) < ENOUGH
    course = course_of(history, () if steady else lengths, trended=not (steady or is_intermittent(history)))
    candidates, rest = _candidates(history, course, count)
    chance, block = (1.0, 1) if steady else dependence(rest)
    fits = [one for one in candidates if one.why == ""]
    if fits and (chance >= DEPENDENT or course.trend):
        best = fits[0]
        law, family = dict(best.law or {}), best.family
    else:
        best, family = None, "empirical"
        law = _drawn_again(name, rest, course, block if chance < DEPENDENT or not fits else 1, by_period)
    told = tuple(_with_reason(one, best, chance) for one in candidates)
    ordered = tuple(sorted(told, key=lambda one: (one.why != "", math.isnan(one.bic), one.bic)))
    demand = _demand(law, course, ahead + (len(history) if begins == "after" else 0))
    words = _words(name, history, course, family, law, best, chance)
    return Fit(
        name, tuple(history.tolist()), family, law, demand, words, ordered, course.trend, course.factors, chance,
        tuple(rest.tolist()),
    )  # fmt: skip


def _history(values: Sequence[float] | Floats, name: str, count: bool) -> Floats:
    history = np.asarray(values, np.float64)
    if history.ndim != 1 or not len(history):
        raise InputError(f"{name}: a history is a list of numbers, one for each period")
    wrong = np.flatnonzero(~np.isfinite(history) | (history < 0.0))
    if len(wrong):
        raise InputError(f"{name}: value {wrong[0] + 1} is {history[wrong[0]]:g}, no number of at least 0")
    broken = np.flatnonzero(history != np.floor(history)) if count else wrong
    if len(broken):
        raise InputError(f"{name}: value {broken[0] + 1} is {history[broken[0]]:g}, no whole number (count)")
    return history


def _candidates(history: Floats, course: Course, count: bool) -> tuple[list[Candidate], Floats]:
    """Every family fitted to the history without its season, and what these values are."""
    if course.trend:
        return _around_a_line(history, course), history - course.expected
    factor = course.factor
    values = history[factor > 0.0] / factor[factor > 0.0]
    if len(history) < ENOUGH and history.any():
        few = f"{counted(len(history), 'value')}: too few for a law"
        return [Candidate(name, None, why=few) for name in FAMILIES], values
    whole = bool((values == np.floor(values)).all())
    tried = {name: _candidate(name, values) for name in FAMILIES}
    if count and not course.factors:
        tried = {n: one if n in COUNTS else _not(one, "its values are not whole") for n, one in tried.items()}
    elif whole and values.mean() < _SMALL and any(not tried[name].why for name in COUNTS):
        why = "whole numbers, and a law of whole numbers fits"
        tried = {n: one if n in COUNTS else _not(one, why) for n, one in tried.items()}
    return sorted(tried.values(), key=lambda one: (one.why != "", math.isnan(one.bic), one.bic)), values


def _not(one: Candidate, why: str) -> Candidate:
    return one if one.why else Candidate(one.family, one.law, one.parameters, one.bic, one.chance, why)


def _around_a_line(history: Floats, course: Course) -> list[Candidate]:
    """With a trend a scenario has normal deviations only."""
    rest = history - course.expected
    sd = float(rest.std(ddof=min(2 + len(course.factors), len(history) - 1)))
    law = {"law": "normal", "mean": float(f"{course.level:.6g}"), "sd": float(f"{sd:.6g}")}
    wide = float(stats.t.ppf(0.975, max(len(history) - 2 - max(len(course.factors) - 1, 0), 1)))
    parameters = tuple(
        (name, value, value - wide * deviation, value + wide * deviation)
        for name, value, deviation in (
            ("mean", course.level, course.level_deviation),
            ("trend", course.trend, course.trend_deviation),
        )
    )
    logs = float(stats.norm.logpdf(rest, 0.0, max(sd, 1e-300)).sum())
    bic = (3 + len(course.factors)) * math.log(len(history)) - 2.0 * logs
    others = [Candidate(name, None, why="with a trend, deviations are normal") for name in FAMILIES if name != "normal"]
    return [Candidate("normal", law, parameters, bic), *others]


def _candidate(name: str, values: Floats) -> Candidate:
    try:
        fitted = FAMILIES[name](values)
    except MisfitError as reason:
        return Candidate(name, None, why=str(reason))
    bic = fitted.count * math.log(len(values)) - 2.0 * fitted.log_likelihood
    chance = goodness(fitted, values)
    ends = intervals_of(fitted)
    unknown = (math.nan, math.nan)
    parameters = tuple(
        (word, value, *(ends[k] if k < len(ends) else unknown)) for k, (word, value) in enumerate(fitted.parameters)
    )
    why = f"does not fit (p = {chance:.2g})" if chance < FITS else ""
    return Candidate(name, law_as_written(fitted.law), parameters, bic, chance, why)


def goodness(fitted: Fitted, values: Floats) -> float:
    """P-value of a chi-square test in cells of about equal chances under the law, each of 5 expected values or more.

    NaN where there are too few cells for the fitted parameters.
    """
    count = len(values)
    cells = max(2, min(round(2.0 * count**0.4), count // 5))
    edges = fitted.quantile(np.arange(1, cells) / cells)
    whole = bool((values == np.floor(values)).all())
    edges = np.unique(np.floor(edges) + 0.5 if whole else edges)  # between whole numbers, which may be rounded ones
    below = np.concatenate([[0.0], fitted.below(edges), [1.0]])
    expected = count * np.diff(below)
    observed = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1).astype(float)
    keep_e, keep_o = [0.0], [0.0]
    for e, o in zip(expected, observed, strict=True):
        if keep_e[-1] >= 5.0 - 1e-9:
            keep_e.append(0.0)
            keep_o.append(0.0)
        keep_e[-1] += e
        keep_o[-1] += o
    if len(keep_e) > 1 and keep_e[-1] < 5.0 - 1e-9:
        last_e, last_o = keep_e.pop(), keep_o.pop()
        keep_e[-1] += last_e
        keep_o[-1] += last_o
    free = len(keep_e) - 1 - fitted.count
    if free < 1:
        return math.nan
    wanted = np.array(keep_e)
    return float(stats.chi2.sf((((np.array(keep_o) - wanted) ** 2) / wanted).sum(), free))


def _drawn_again(name: str, rest: Floats, course: Course, block: int, by_period: bool) -> dict[str, Any]:
    """The history as a law of its own; without its season it is a table of values."""
    if not course.factors:
        law: dict[str, Any] = {"law": "empirical", "series": name}
        return {**law, "block": block} if by_period and block > 1 else law
    shown = [float(f"{value:.6g}") for value in rest]
    return {"law": "discrete", "values": shown, "probabilities": [1.0 / len(shown)] * len(shown)}


def _with_reason(one: Candidate, best: Candidate | None, chance: float) -> Candidate:
    if one is best or one.why:
        return one
    if best is None:
        return _not(one, f"values hang together from period to period (p = {chance:.2g})")
    return _not(one, f"fits less well (BIC {one.bic - best.bic:+.1f})")


def _demand(law: dict[str, Any], course: Course, shift: int) -> dict[str, Any]:
    """The key ``demand`` of a scenario whose first period is so many after the first value of the history."""
    found: dict[str, Any]
    if course.trend:
        level = max(course.level + course.trend * shift, 0.0)
        found = {"mean": float(f"{level:.6g}"), "sd": law["sd"], "trend": float(f"{course.trend:.6g}")}
    elif law["law"] == "normal" and not course.factors:
        found = {"mean": law["mean"], "sd": law["sd"]}
    elif law["law"] == "constant":
        found = {"mean": law["value"]}
    else:
        found = {"law": law}
    if course.factors:
        begin = shift % len(course.factors)
        turned = course.factors[begin:] + course.factors[:begin]
        found["season"] = [float(f"{factor:.4g}") for factor in turned]
    return found


def law_in_words(law: dict[str, Any]) -> str:
    """A law as one writes it down: gamma (mean 20, sd 6), constant 5."""
    if law["law"] == "constant":
        return f"constant {_in_words(law['value'])}"
    inner = [f"{key} {_in_words(value)}" for key, value in law.items() if key != "law" and not isinstance(value, list)]
    return f"{str(law['law']).replace('_', ' ')} ({', '.join(inner)})" if inner else str(law["law"])


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        return law_in_words(value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _words(
    name: str, history: Floats, course: Course, family: str, law: dict[str, Any], best: Candidate | None, chance: float
) -> str:
    """A sentence about what was found."""
    text = f"{name}: {law_in_words(law)}"
    if not history.any():
        return f"{text}; nothing in any of {counted(len(history), 'value')}"
    if course.trend:
        text += f", trend {course.trend:+.3g} a period"
    if course.factors:
        text += f", season of {len(course.factors)} periods ({min(course.factors):.2f} to {max(course.factors):.2f})"
    if best is not None and chance < DEPENDENT:
        text += f", whose deviations hang together (p = {chance:.2g})"
    if best is not None:
        fit = "" if math.isnan(best.chance) else f", fits with p = {best.chance:.2g}"
        return f"{text}; from {counted(len(history), 'value')}{fit}"
    if len(history) < ENOUGH:
        return f"{text}; {counted(len(history), 'value')} are too few for a law"
    why = f"values hang together (p = {chance:.2g})" if chance < DEPENDENT else "no law fits"
    return f"{text}; {why}, so the history is drawn again"

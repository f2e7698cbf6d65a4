"""What changes with time in a history: trend, season, and how long values hang together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
SEASONAL: Final = 0.01
"""Chance with which a season is seen in a history that has none."""
TRENDED: Final = 0.001
"""The same for a trend, which a run carries on beyond the history."""
DEPENDENT: Final = 0.001
"""The same for values that hang together from period to period."""
USUAL_SEASONS: Final = (7, 12, 52)
"""Lengths that are tried where the step of the history is not known: days of a week, months, weeks of a year."""
CYCLES: Final = 2
"""Whole seasons that a history must have."""
_SHORT: Final = 12
"""Longest season each of whose periods has a factor of its own; a longer one is smooth."""
_WAVES: Final = 3
"""Waves that a long season is made of, the longest as long as the season."""


@dataclass(frozen=True)
class Course:
    """Trend and season of a history y_t = (level + trend t) factor_t + rest.

    Attributes:
        level: at the first value.
        trend: change a period; 0 where none is seen.
        factors: of the season, with mean 1, from the first value's on; empty where none is seen.
        level_deviation, trend_deviation: standard deviations of the two as they were estimated.
        trend_chance: p-value of the trend.
        season_chance: p-value of the season, the least of the lengths that were tried; None where none could be.
        expected: [T] the course without the rest.
    """

    level: float
    trend: float
    factors: tuple[float, ...]
    level_deviation: float
    trend_deviation: float
    trend_chance: float
    season_chance: float | None
    expected: Floats

    @property
    def factor(self) -> Floats:
        """Factor of each value."""
        count = len(self.expected)
        return np.array(self.factors)[np.arange(count) % len(self.factors)] if self.factors else np.ones(count)


def course_of(values: Floats, lengths: tuple[int, ...], trended: bool = True) -> Course:
    """The trend and the season that a history shows.

    A season is seen where an F test of the means of its phases, beside a straight line, rejects chance at the level
    0.01, divided by the number of lengths that are tried; of several lengths the one with the least p-value is taken.
    A season of more than 12 periods is made of three waves. A trend is seen where its slope, beside the season, is not
    0 by a t test at 0.001.

    Args:
        values: [T] the history.
        lengths: lengths of seasons to try, in periods.
        trended: look for a trend.
    """
    tried = [length for length in lengths if length >= 2 and CYCLES * length <= len(values) and np.ptp(values) > 0.0]
    chances = {length: _season_chance(values, length) for length in tried}
    season = min(chances, key=chances.__getitem__, default=None)
    seen = season is not None and chances[season] * len(tried) < SEASONAL
    slope, deviation, noise, trend_chance = _slope(values, season if seen else None)
    trend = slope if trended and trend_chance < TRENDED else 0.0
    time = np.arange(len(values), dtype=float)
    level = float(values.mean() - trend * time.mean())
    # The mean of the values and the slope do not depend on each other; the level is carried back to the first value.
    level_deviation = math.hypot(noise / math.sqrt(len(values)), deviation * float(time.mean()))
    line = level + trend * time
    if (line <= 0.0).any():  # a straight line that leaves the positive numbers within the history is none
        level, trend, line = float(values.mean()), 0.0, np.full(len(values), values.mean())
    factors: tuple[float, ...] = ()
    if seen and season is not None:
        columns = _phases(len(values), season) * line[:, None]
        raw = np.maximum(_phases(season, season) @ _rest(values, columns)[0], 0.0)
        factors = tuple((raw / raw.mean()).tolist())
        line = line * np.resize(factors, len(values))
    return Course(
        level, trend, factors, level_deviation, deviation, trend_chance, min(chances.values(), default=None), line
    )


def _rest(values: Floats, columns: Floats) -> tuple[Floats, float]:
    """Coefficients and the sum of squares that a linear model leaves."""
    found, *_ = np.linalg.lstsq(columns, values, rcond=None)
    return np.asarray(found, np.float64), float(((values - columns @ found) ** 2).sum())


def _phases(count: int, season: int | None) -> Floats:
    """Columns of a season: one for each of its periods, or waves."""
    if not season:
        return np.ones((count, 1))
    if season <= _SHORT:
        return np.eye(season)[np.arange(count) % season]
    angle = 2.0 * math.pi * np.outer(np.arange(count), np.arange(1, _WAVES + 1)) / season
    return np.hstack([np.ones((count, 1)), np.cos(angle), np.sin(angle)])


def _season_chance(values: Floats, season: int) -> float:
    count = len(values)
    time = np.arange(count, dtype=float)[:, None]
    _, without = _rest(values, np.hstack([time, _phases(count, None)]))
    phases = _phases(count, season)
    _, left = _rest(values, np.hstack([time, phases]))
    more = phases.shape[1] - 1
    free = count - more - 2
    if free < 1:
        return 1.0
    if left <= 1e-12 * without:
        return 0.0
    return float(stats.f.sf((without - left) / more / (left / free), more, free))


def _slope(values: Floats, season: int | None) -> tuple[float, float, float, float]:
    """Slope beside a season, its standard deviation, that of the values around it, and the p-value of the slope.

    What hangs together from value to value counts as fewer values, by wider deviations.
    """
    count = len(values)
    columns = np.hstack([np.arange(count, dtype=float)[:, None], _phases(count, season)])
    free = count - columns.shape[1]
    if free < 2 or np.ptp(values) == 0.0:
        return 0.0, 0.0, 0.0, 1.0
    found, left = _rest(values, columns)
    rest = values - columns @ found
    again = max(float(rest[1:] @ rest[:-1]) / left, 0.0) if left else 0.0
    noise = math.sqrt(left / free * (1.0 + again) / (1.0 - again))
    deviation = noise * math.sqrt(np.linalg.inv(columns.T @ columns)[0, 0])
    chance = 0.0 if deviation == 0.0 else float(2.0 * stats.t.sf(abs(found[0]) / deviation, free))
    return float(found[0]), deviation, noise, chance


def dependence(rest: Floats) -> tuple[float, int]:
    """Whether values hang together: the p-value of Ljung and Box (1978), and a length of blocks that keeps it.

    The length is at least T^(1/3), and twice the lag from which on three autocorrelations lie within their noise
    (after Politis and White, 2004), at most a quarter of the history.
    """
    count = len(rest)
    lags = min(10, count // 5)
    centred = rest - rest.mean()
    power = float(centred @ centred)
    if lags < 1 or power == 0.0:
        return 1.0, 1
    correlation = np.array([centred[k:] @ centred[: count - k] / power for k in range(1, count // 4 + 4)])
    statistic = count * (count + 2) * sum(correlation[k] ** 2 / (count - k - 1) for k in range(lags))
    noise = 2.0 * math.sqrt(math.log10(count) / count)
    quiet = [k for k in range(len(correlation) - 2) if (np.abs(correlation[k : k + 3]) < noise).all()]
    block = max(math.ceil(count ** (1 / 3)), 2 * (quiet[0] if quiet else count))
    return float(stats.chi2.sf(statistic, lags)), max(1, min(block, count // 4))

"""The clock of a scenario: whole ticks, so that times that are equal on paper are equal in the run.

0.1 + 0.2 is not 0.3 in binary numbers, and three lead times of 0.2 periods are not 0.6. All times of a run are
therefore whole numbers of ticks. A tick is 2^-20 of a period, or a part of that: so small that every time which the
scenario states in decimals (0.35) or as a simple fraction (1/24, as far as it can be told from 0.041666666666666664) is
a whole number of ticks. Whole numbers below 2^53 are exact in floats, and so are their sums.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.times import stated_times

_BITS = 20
"""Ticks are 2^-20 of a period, or parts of that."""
_TICKS_OF_THE_SHORTEST = 10
"""The shortest time of a scenario has at least 2^10 ticks, whatever its unit of time."""
_MOST = 2.0**51
"""Longest time in ticks: few enough for the sum of a date, a lead time and what holds goods up to be exact."""
_LONGEST = 2.0**24
"""Longer lead times, events and repairs are cut to this many periods: more than any run has."""
_RUNS = 4
"""A time of so many runs can be told in ticks."""
_DIGITS = 12
"""Most decimal places looked for."""
_SIMPLE = 100_000
"""Greatest denominator of a simple fraction: more than the seconds of a day."""
_NEAR = 4 * 2.0**-52
"""Relative error of a float that a few operations gave."""


@dataclass(frozen=True)
class Clock:
    """So many ticks make a review period; all times of a run are whole numbers of ticks, held in floats."""

    ticks: int = 2**_BITS

    @property
    def longest(self) -> float:
        """Longest time, in ticks."""
        return min(_LONGEST * self.ticks, _MOST)

    def of(self, periods: float) -> float:
        """The whole number of ticks nearest to a time in periods."""
        return float(round(min(periods * self.ticks, self.longest)))

    def of_all(self, periods: NDArray[np.float64]) -> NDArray[np.float64]:
        """As :meth:`of`, of an array."""
        return np.asarray(np.round(np.minimum(periods * self.ticks, self.longest)), np.float64)

    def periods(self, ticks: float) -> float:
        """A time in periods: the float nearest to it, so that 3 times 0.2 reads 0.6."""
        return ticks / self.ticks


USUAL = Clock()
"""The clock of scenarios whose times are whole, or halves of halves of a period."""


def clock_of(scenario: Scenario) -> Clock:
    """The clock on which all times of a scenario are whole numbers of ticks, as far as they fit."""
    exact, means = stated_times(scenario)
    shortest = min((time for time in exact | means if time > 0.0), default=1.0)
    return clock_for(exact, scenario.run.periods, shortest)


def clock_for(times: Iterable[float], periods: int, shortest: float = 1.0) -> Clock:
    """The clock on which some times are whole numbers of ticks.

    Args:
        times: in periods, from 0.
        periods: horizon. The longer it is, the fewer ticks fit into a float; times that need more than fit, those of
            the most decimal places, are then rounded to the nearest tick.
        shortest: a time that must have many ticks, in periods.
    """
    most = int(_MOST) // (_RUNS * (periods + 1))
    odd, twos = 1, 0
    for denominator in _denominators(times):
        low = denominator & -denominator
        finer, bits = math.lcm(odd, denominator // low), max(twos, low.bit_length() - 1)
        if finer << bits <= most:
            odd, twos = finer, bits
    bits = max(_BITS, _TICKS_OF_THE_SHORTEST - math.floor(math.log2(shortest)))
    while bits > twos and odd << bits > most:
        bits -= 1
    return Clock(odd << max(bits, twos))


def _denominators(times: Iterable[float]) -> Iterator[int]:
    """Denominators that make the times whole: powers of two, then decimals, fewest places first, then simple fractions.

    A time that is neither was measured or computed, and equals no other by design: it is left out.
    """
    left = np.array(list(set(times)), np.float64)
    is_binary = (left * 2.0**_BITS) % 1.0 == 0.0
    yield next(2**bits for bits in range(_BITS + 1) if ((left[is_binary] * 2.0**bits) % 1.0 == 0.0).all())
    left = left[~is_binary]
    for places in range(1, _DIGITS + 1):
        if not left.size:
            return
        power = 10.0**places
        numerator = np.round(left * power)
        # The quotient of two whole numbers is the float nearest to that decimal: the one that reading it gave.
        is_decimal = (numerator / power == left) & (numerator < 2.0**53)
        if is_decimal.any():
            yield 10**places
            left = left[~is_decimal]
    yield from _simple_denominators(left)


def _simple_denominators(times: NDArray[np.float64]) -> list[int]:
    """Denominators of the simple fractions among some times, by their continued fractions."""
    found: set[int] = set()
    left, rest = times, times
    before, now = np.zeros(len(times)), np.ones(len(times))
    while len(left):
        whole = np.floor(rest)
        is_near = np.abs(np.round(left * now) / now - left) <= _NEAR * left
        found.update(now[is_near].astype(np.int64).tolist())
        with np.errstate(divide="ignore"):
            rest = 1.0 / (rest - whole)
        before, now = now, np.where(np.isfinite(rest), np.floor(rest), 0.0) * now + before
        kept = ~is_near & (now <= _SIMPLE) & np.isfinite(rest)
        left, rest, before, now = left[kept], rest[kept], before[kept], now[kept]
    return sorted(found)

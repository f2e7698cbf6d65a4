"""Random numbers as the design states them, from ``numpy.random.Philox`` and ``scipy.stats``, one at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from fractions import Fraction
from math import inf
from typing import Any

import numpy as np
from scipy import stats

from esc_sim.scenario.disruptions import Disruption
from esc_sim.scenario.schema import Arc


def word_of(seed: int, name: str, replication: int, index: int) -> int:
    """64 random bits of a stream."""
    key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
    counter = (index // 4 + (replication << 128) - 1) % 2**256
    return int(np.random.Philox(counter=counter, key=seed + (key << 64)).random_raw(4)[index % 4])


def time_of(value: float) -> Fraction:
    """A time that a scenario states: its decimals."""
    return Fraction(repr(value))


class Chances:
    """Draws of one replication; drawn times are rounded to ``ticks`` a period."""

    def __init__(self, seed: int, replication: int, ticks: int = 2**20) -> None:
        self.seed = seed
        self.replication = replication
        self.ticks = ticks

    def time(self, law: Any, uniform: float) -> Fraction:
        """A drawn time."""
        return Fraction(round(Fraction(self.value(law, uniform)) * self.ticks), self.ticks)

    def uniform(self, name: str, index: int) -> float:
        """Uniform in (0, 1) from the first 52 bits."""
        return ((word_of(self.seed, name, self.replication, index) >> 12) + 0.5) * 2.0**-52

    @staticmethod
    def normal(uniform: float) -> float:
        """Standard normal."""
        return float(stats.norm.ppf(uniform))

    @staticmethod
    def value(law: Any, uniform: float) -> float:
        """A law's value, never negative."""
        match law.law:
            case "constant":
                return float(law.value)
            case "uniform":
                return float(law.low + (law.high - law.low) * uniform)
            case "normal":
                return max(0.0, float(stats.norm.ppf(uniform, law.mean, law.sd)))
            case "truncated_normal":
                a, b = (law.low - law.mean) / law.sd, (law.high - law.mean) / law.sd
                return float(stats.truncnorm.ppf(uniform, a, b, law.mean, law.sd))
            case "exponential":
                return float(stats.expon.ppf(uniform, scale=law.mean))
            case "gamma":
                return float(stats.gamma.ppf(uniform, (law.mean / law.sd) ** 2, scale=law.sd**2 / law.mean))
            case "poisson":
                return float(stats.poisson.ppf(uniform, law.mean))
            case "geometric":
                return float(stats.geom.ppf(uniform, law.probability))
        below = 0.0
        for value, probability in sorted(zip(law.values, law.probabilities, strict=True)):
            below += probability
            if uniform <= below:
                return float(value)
        raise AssertionError("probabilities do not sum to 1")

    def lead_time(self, arc: Arc, name: str, time: int) -> tuple[Fraction, bool]:
        """Lead time of what leaves at a review, and whether it is a matter of chance."""
        if isinstance(arc.lead_time, float):
            return time_of(arc.lead_time), False
        longest = min(arc.lead_time.upper, inf if arc.max_lead_time is None else arc.max_lead_time)
        drawn = self.time(arc.lead_time, self.uniform(name, time))
        return drawn if longest == inf else min(drawn, time_of(longest)), arc.lead_time.law != "constant"

    def spans(self, disruption: Disruption, stream: str, periods: int) -> Iterator[tuple[int, Fraction, Fraction]]:
        """(place in the stream, start, end) of the events that begin within the horizon."""
        if disruption.dates is not None:
            for number, date in enumerate(disruption.dates):
                start = time_of(date.start)
                if start < periods:
                    yield number, start, start + time_of(date.duration)
        elif disruption.probability is not None:
            for time in range(periods):
                if self.uniform(stream, time) < disruption.probability:
                    duration = self._duration(disruption, stream, time)
                    if duration > 0:
                        yield time, Fraction(time), time + duration
        else:
            tick, now, index = Fraction(1, self.ticks), Fraction(0), 0
            while True:
                up = self.time(disruption.time_between_failures, self.uniform(stream, index))
                down = self.time(disruption.time_to_repair, self.uniform(stream, index + 1))
                start = now + max(up, tick)
                if start >= periods:
                    return
                now = start + max(down, tick)
                yield index // 2, start, now
                index += 2

    def news(self, known_after: Any, stream: str, place: int) -> Fraction:
        """How long it takes until buyers learn of an event."""
        if isinstance(known_after, float):
            return time_of(known_after)
        return self.time(known_after, self.uniform(f"known/{stream}", place))

    def _duration(self, disruption: Disruption, stream: str, time: int) -> Fraction:
        if isinstance(disruption.duration, float):
            return time_of(disruption.duration)
        return self.time(disruption.duration, self.uniform(f"{stream}/duration", time))

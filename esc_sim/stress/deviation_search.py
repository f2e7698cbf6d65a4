"""The search for the least deviation that breaks a limit, and for the front of distance against key figure.

Each factor is moved alone, then all along the ray on which a linear response would break first, then NSGA-II spreads
points over distance and key figure; at last the nearest point that breaks comes nearer step by step, while it still
does. All points are remembered; none of it proves that nothing nearer breaks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pymoo.core.problem import Problem

from esc_sim.optimize.nsga2 import generator_of, judged, next_generation, random_designs
from esc_sim.risk.intervals import Interval
from esc_sim.stress.deviations import STEP, Factor
from esc_sim.stress.parts import Parts, Row, as_stored
from esc_sim.stress.trial import Entry, Trial

Floats = NDArray[np.float64]
Steps = tuple[int, ...]
"""Steps of each factor, in hundredths: 0 where it is not moved."""

POPULATION: Final = 20
RUNGS: Final = 20
"""Points of a ray up to the distance that is looked at."""
_REACH: Final = 1.25
"""Part of the distance at which the nearest factor breaks the limit alone, to which NSGA-II spreads points."""
_UNMEASURED: Final = 1e300
"""Cost of a deviation that has no key figure; pymoo does not take infinity."""
_CHUNK: Final = 8
"""Points that are tried together; not the number of workers, which must change nothing."""


@dataclass(frozen=True)
class Point:
    """A deviation that was tried.

    Attributes:
        distance: scaled, from no deviation.
        interval: key figure, and its 95 % interval.
        start: start date at which it is furthest beyond the limit.
    """

    distance: float
    interval: Interval
    start: int


@dataclass(frozen=True)
class DeviationTrial:
    """How deviations are tried.

    Attributes:
        trial: how anything is.
        factors: K factors.
    """

    trial: Trial
    factors: tuple[Factor, ...]

    def entries(self, steps: Steps, start: int) -> list[Entry]:
        """A deviation from a start date on, as entries of ``disruptions``."""
        trial = self.trial
        return [
            factor.entry(step, start, trial.duration, trial.stops)
            for factor, step in zip(self.factors, steps, strict=True)
            if step
        ]

    def distance(self, steps: Steps) -> float:
        """Scaled distance, Euclidean."""
        return math.hypot(*(factor.distance(step) for factor, step in zip(self.factors, steps, strict=True)))

    def play(self, steps: Steps) -> Row:
        """Try a deviation at all start dates; gives a row fit for JSON, of the worst."""
        interval, start = self.trial.worst(lambda start: self.entries(steps, start))
        numbers = [as_stored(float(number)) for number in (interval.mean, interval.low, interval.high)]
        return {"steps": list(steps), "interval": [*numbers, interval.n], "start": start}

    def point(self, row: Row) -> Point:
        """What a row of :meth:`play` says."""
        mean, low, high, n = row["interval"]
        interval = Interval(float(mean), float(low), float(high), n)
        return Point(self.distance(tuple(row["steps"])), interval, row["start"])


def is_deviation_row(row: Row) -> bool:
    """Whether a stored line is what :meth:`DeviationTrial.play` gives."""
    return {"steps", "interval", "start"} <= row.keys()


def is_of_steps(row: Row, steps: Steps) -> bool:
    """Whether a row is that of a deviation."""
    return row.get("steps") == list(steps)


class DeviationSearch:
    """Deviations tried, remembered by their steps.

    Args:
        trial: how they are tried.
        factors: K factors.
        undisturbed: the key figure without a deviation.
        evaluations: deviations that NSGA-II and the descent may try together.
        seed: of NSGA-II.
        parts: does the work.
    """

    def __init__(
        self, trial: Trial, factors: Sequence[Factor], undisturbed: float, *, evaluations: int, seed: int, parts: Parts
    ) -> None:  # fmt: skip
        self.trial, self.factors, self.seed, self.parts = trial, tuple(factors), seed, parts
        self.deviations = DeviationTrial(trial, self.factors)
        self.undisturbed, self.evaluations = undisturbed, evaluations
        self._left = evaluations // 2
        self.points: dict[Steps, Point] = {}
        self.alone: list[Steps | None] = []
        """For each factor the least steps at which it breaks the limit alone."""

    def run(self) -> Steps | None:
        """Search; gives the nearest deviation that breaks the limit, or None."""
        self.alone = self._move_alone()
        self._move_jointly()
        self._spread()
        while (nearest := self._nearest()) is not None:
            self._descend(nearest)
            nearest = self._nearest()
            assert nearest is not None
            self.try_all(self.along(nearest))
            if self._nearest() == nearest:
                break
        return self._nearest()

    def along(self, steps: Steps) -> list[Steps]:
        """Points of the ray through a deviation, up to twice its distance."""
        shares = np.arange(1, 2 * RUNGS + 1) / RUNGS
        return [self.clipped(share * np.array(steps)) for share in shares]

    def breaks(self, steps: Steps) -> bool:
        """Whether a deviation that was tried breaks the limit."""
        point = self.points.get(steps)
        return point is not None and self.trial.limit.is_broken_by(float(point.interval.mean))

    def beyond(self, steps: Steps) -> float:
        """How far beyond the limit it is, at the worst start date."""
        value = float(self.points[steps].interval.mean) if any(steps) else self.undisturbed
        return self.trial.limit.beyond(value)

    def try_all(self, wanted: Sequence[Steps]) -> None:
        """Try deviations, but for those that are known."""
        new = [steps for steps in dict.fromkeys(wanted) if steps not in self.points and any(steps)]
        rows = self.parts.solve(new, self.deviations.play, is_of_steps)
        self.points.update(zip(new, map(self.deviations.point, rows), strict=True))

    def _nearest(self) -> Steps | None:
        """The nearest deviation known that breaks the limit; of equals the one furthest beyond."""
        breaking = [steps for steps in self.points if self.breaks(steps)]
        return min(breaking, key=lambda steps: (self.points[steps].distance, -self.beyond(steps)), default=None)

    def clipped(self, steps: Floats) -> Steps:
        """Whole steps, within the bounds of the factors."""
        pairs = zip(self.factors, steps.tolist(), strict=True)
        return tuple(min(factor.high, max(factor.low, round(step))) for factor, step in pairs)

    def _only(self, place: int, step: int) -> Steps:
        return tuple(step if i == place else 0 for i in range(len(self.factors)))

    def _move_alone(self) -> list[Steps | None]:
        """Each factor alone, each way: ever farther by doubling, then between the last two by halving."""
        ways = [(place, sign) for place, factor in enumerate(self.factors) for sign in factor.signs]
        ladders = {way: _ladder(abs(self._end(*way))) for way in ways}
        self.try_all([self._only(place, sign * rung) for (place, sign), of in ladders.items() for rung in of])
        between: dict[tuple[int, int], tuple[int, int]] = {}
        for (place, sign), ladder in ladders.items():
            at = next((k for k, rung in enumerate(ladder) if self.breaks(self._only(place, sign * rung))), None)
            if at is not None:
                between[place, sign] = (ladder[at - 1] if at else 0, ladder[at])
        while open_ways := {way: ends for way, ends in between.items() if ends[1] - ends[0] > 1}:
            middles = {way: sum(ends) // 2 for way, ends in open_ways.items()}
            self.try_all([self._only(place, sign * middle) for (place, sign), middle in middles.items()])
            for (place, sign), middle in middles.items():
                low, high = between[place, sign]
                broken = self.breaks(self._only(place, sign * middle))
                between[place, sign] = (low, middle) if broken else (middle, high)
        least: list[Steps | None] = []
        for place in range(len(self.factors)):
            found = [self._only(place, sign * high) for (of, sign), (_, high) in between.items() if of == place]
            least.append(min(found, key=self.deviations.distance, default=None))
        return least

    def _end(self, place: int, sign: int) -> int:
        return self.factors[place].high if sign > 0 else self.factors[place].low

    def _move_jointly(self) -> None:
        """All factors that break the limit alone, each the farther the less of it that takes."""
        alone = [steps for steps in self.alone if steps is not None]
        if len(alone) < 2:
            return
        whole = np.sum([np.array(steps) / self.deviations.distance(steps) ** 2 for steps in alone], axis=0)
        reach = min(map(self.deviations.distance, alone))
        unit = whole / math.hypot(*(self._distances(whole)))
        self.try_all([self.clipped(rung / RUNGS * reach * unit) for rung in range(1, RUNGS + 1)])

    def _distances(self, steps: Floats) -> list[float]:
        return [STEP * step / factor.scale for factor, step in zip(self.factors, steps.tolist(), strict=True)]

    def _spread(self) -> None:
        """NSGA-II on distance and key figure, with half of the evaluations."""
        reach = _REACH * min(
            (self.deviations.distance(steps) for steps in self.alone if steps is not None), default=math.inf
        )
        problem = _FrontProblem(self, reach)
        known = sorted(self.points, key=lambda steps: (not self.breaks(steps), self.points[steps].distance))
        first = np.array(known[: POPULATION // 4], np.float64).reshape(-1, len(self.factors))
        first = np.clip(first, problem.xl, problem.xu)
        drawn = random_designs(problem, POPULATION - len(first), generator_of(self.seed, 1))
        generation = judged(problem, np.concatenate([first, drawn]), 1)
        for _ in range(self.evaluations // (2 * POPULATION) - 1):
            generation = next_generation(problem, generation, self.seed)

    def _descend(self, nearest: Steps) -> None:
        """Bring a deviation nearer: a factor less, or less of one and more of another, by ever smaller strides."""
        stride = self.points[nearest].distance / 4.0
        while True:
            candidates = iter(self._nearer(nearest, stride))
            found = None
            while found is None and (chunk := list(islice(candidates, min(_CHUNK, self._left)))):
                self.try_all(chunk)
                self._left -= len(chunk)
                found = next((steps for steps in chunk if self.breaks(steps)), None)
            if found is not None:
                nearest = found
            elif all(self._stride(place, stride) == 1 for place in range(len(self.factors))):
                return
            else:
                stride /= 2.0

    def _stride(self, place: int, stride: float) -> int:
        return max(1, round(stride * self.factors[place].scale / STEP))

    def _nearer(self, steps: Steps, stride: float) -> list[Steps]:
        """Deviations that are nearer than one, at most a stride of it away, the nearest first."""
        found: set[Steps] = set()
        for place, step in enumerate(steps):
            if not step:
                continue
            less = list(steps)
            less[place] = int(math.copysign(max(0, abs(step) - self._stride(place, stride)), step))
            found.add(tuple(less))
            for other, factor in enumerate(self.factors):
                if other != place:
                    ways = factor.signs if not steps[other] else (int(math.copysign(1, steps[other])),)
                    for sign in ways:
                        more = np.array(less, np.float64)
                        more[other] += sign * self._stride(other, stride)
                        found.add(self.clipped(more))
        nearer = [one for one in found if any(one) and self.deviations.distance(one) < self.deviations.distance(steps)]
        return sorted(nearer, key=lambda one: (self.deviations.distance(one), one))


def _ladder(end: int) -> list[int]:
    """1, 2, 4 and so on, at last the end."""
    rungs = [1]
    while rungs[-1] < end:
        rungs.append(min(end, 2 * rungs[-1]))
    return rungs


class _FrontProblem(Problem):
    """Least distance, and a key figure as far beyond the limit as can be; variables are steps, rounded."""

    def __init__(self, search: DeviationSearch, reach: float) -> None:
        self.search = search
        ends = [max(1.0, reach * factor.scale / STEP) for factor in search.factors]
        low = [max(factor.low, -end) for factor, end in zip(search.factors, ends, strict=True)]
        high = [min(factor.high, end) for factor, end in zip(search.factors, ends, strict=True)]
        super().__init__(n_var=len(ends), n_obj=2, xl=np.array(low), xu=np.array(high))

    def _evaluate(self, x: Floats, out: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        designs = [self.search.clipped(row) for row in x]
        self.search.try_all(designs)
        beyond = np.array([max(self.search.beyond(steps), -_UNMEASURED) for steps in designs])
        out["F"] = np.column_stack([np.array([self.search.deviations.distance(steps) for steps in designs]), -beyond])

"""Reverse stress test of deviations: the point of least scaled distance at which a limit breaks, and the front."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from esc_sim.scenario.more_disruptions import patch_of
from esc_sim.stress.deviation_search import DeviationSearch, Steps
from esc_sim.stress.deviations import Factor, factor_words
from esc_sim.stress.parts import Parts
from esc_sim.stress.trial import Trial
from esc_sim.written import number

EVALUATIONS: Final = 400
"""Deviations that the search may try, beside those of single factors and of rays."""


@dataclass(frozen=True)
class FrontPoint:
    """A deviation that no nearer one outdoes.

    Attributes:
        distance: scaled.
        value: key figure at the start date at which it is furthest beyond the limit.
        breaks: whether it breaks the limit.
        start: that date.
        factors: of each factor, in order.
    """

    distance: float
    value: float
    breaks: bool
    start: int
    factors: tuple[float, ...]


@dataclass(frozen=True)
class Deviation:
    """What a reverse test of deviations has found.

    Attributes:
        limit: as it was given.
        undisturbed: the key figure without a deviation, mean over replications.
        scales: of each factor by name: the change that counts as a distance of 1.
        moved: factors of the nearest deviation that breaks the limit, by name; none where none does.
        distance: its scaled distance; nan where none breaks the limit.
        distance_low: along its ray, distance from which the 95 % interval of the key figure reaches beyond the limit.
        distance_high: the same, from which it is beyond as a whole; infinite where it is not up to twice the distance.
            Both are nan where there is no interval.
        start: start date at which it is furthest beyond the limit.
        value, value_low, value_high: key figure then, and its 95 % interval.
        change: a change for ``run --set`` that replays it, or "".
        alone: for each factor by name, its least value that breaks the limit alone; nan where none does.
        front: nearest deviations for each value of the key figure, that of none at all first.
        tried: deviations tried, each at all start dates.
        terms: how long a deviation lasts, when it may begin, and which statistic counts.
    """

    limit: str
    undisturbed: float
    scales: Mapping[str, float]
    moved: Mapping[str, float]
    distance: float
    distance_low: float
    distance_high: float
    start: int
    value: float
    value_low: float
    value_high: float
    change: str
    alone: Mapping[str, float]
    front: tuple[FrontPoint, ...]
    tried: int
    terms: Mapping[str, Any]

    def __str__(self) -> str:
        if not self.moved:
            return f"{self.limit}: no deviation found gets there ({self.tried:,} tried; not proved)"
        moved = ", ".join(factor_words(name, factor) for name, factor in self.moved.items())
        return (
            f"{self.limit}: broken at a distance of {number(self.distance, digits=3)}{self._between()} by {moved}, "
            f"from period {self.start} on for {self.terms['duration']:g}: {number(self.value, digits=6)} "
            f"({number(self.undisturbed, digits=6)} without; {self.tried:,} deviations tried; not proved)"
        )

    def _between(self) -> str:
        if math.isnan(self.distance_low):
            return ""
        if math.isinf(self.distance_high):
            return f" (95 % interval from {number(self.distance_low, digits=3)})"
        return f" (95 % interval {number(self.distance_low, digits=3)} to {number(self.distance_high, digits=3)})"


def least_deviation(
    trial: Trial,
    factors: Sequence[Factor],
    *,
    evaluations: int = EVALUATIONS,
    seed: int = 1,
    parts: Parts | None = None,
) -> Deviation:
    """The nearest deviation found that breaks the limit, with the front of distance against key figure.

    Args:
        trial: how deviations are tried; all on the same random numbers.
        factors: that may be moved.
        evaluations: deviations that the search may try, beside those of single factors and of rays.
        seed: of the search.
        parts: does the work; None: on all processors.

    Raises:
        InputError: the limit is broken without any deviation.
    """
    undisturbed = trial.undisturbed()
    search = DeviationSearch(trial, factors, undisturbed, evaluations=evaluations, seed=seed, parts=parts or Parts())
    nearest = search.run()
    terms = {key: value for key, value in trial.terms().items() if key != "health"}
    found = _Nearest() if nearest is None else _nearest(search, nearest)
    return Deviation(
        limit=str(trial.limit),
        undisturbed=undisturbed,
        scales={factor.name: factor.scale for factor in factors},
        moved={} if nearest is None else _moved(factors, nearest),
        **vars(found) | ({"start": trial.starts[0], "value": undisturbed} if nearest is None else {}),
        alone={
            factor.name: math.nan if steps is None else factor.value(steps[place])
            for place, (factor, steps) in enumerate(zip(factors, search.alone, strict=True))
        },
        front=_front(search, undisturbed),
        tried=len(search.points),
        terms=terms,
    )


@dataclass(frozen=True)
class _Nearest:
    """What is told of the nearest deviation that breaks the limit."""

    distance: float = math.nan
    distance_low: float = math.nan
    distance_high: float = math.nan
    start: int = 0
    value: float = math.nan
    value_low: float = math.nan
    value_high: float = math.nan
    change: str = ""


def _nearest(search: DeviationSearch, nearest: Steps) -> _Nearest:
    point = search.points[nearest]
    low, high = _distances(search, nearest)
    return _Nearest(
        distance=point.distance,
        distance_low=low,
        distance_high=high,
        start=point.start,
        value=float(point.interval.mean),
        value_low=float(point.interval.low),
        value_high=float(point.interval.high),
        change=patch_of(search.trial.scenario, *search.deviations.entries(nearest, point.start)),
    )


def _distances(search: DeviationSearch, nearest: Steps) -> tuple[float, float]:
    """Interval of the distance: along the ray, where that of the key figure reaches the limit, and where it is past."""
    limit = search.trial.limit
    if math.isnan(search.points[nearest].interval.low):
        return math.nan, math.nan
    ray = [search.points[steps] for steps in search.along(nearest) if any(steps)]
    reached = [point.distance for point in ray if limit.is_broken_by(limit.first_broken(point.interval))]
    past = [point.distance for point in ray if limit.is_broken_by(limit.last_broken(point.interval))]
    return min(reached), min(past, default=math.inf)


def _moved(factors: Sequence[Factor], steps: Steps) -> dict[str, float]:
    return {factor.name: factor.value(step) for factor, step in zip(factors, steps, strict=True) if step}


def _front(search: DeviationSearch, undisturbed: float) -> tuple[FrontPoint, ...]:
    """Deviations further beyond the limit than all nearer ones."""
    factors, limit = search.factors, search.trial.limit
    front = [FrontPoint(0.0, undisturbed, False, search.trial.starts[0], (1.0,) * len(factors))]
    furthest = limit.beyond(undisturbed)
    for steps, point in sorted(search.points.items(), key=lambda one: (one[1].distance, -search.beyond(one[0]))):
        if search.beyond(steps) > furthest:
            furthest = search.beyond(steps)
            values = tuple(factor.value(step) for factor, step in zip(factors, steps, strict=True))
            value = float(point.interval.mean)
            front.append(FrontPoint(point.distance, value, search.breaks(steps), point.start, values))
    return tuple(front)

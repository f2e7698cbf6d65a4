"""Where a sweep breaks: boxes of parameters in which a condition mostly holds, by PRIM.

PRIM, the patient rule induction method, begins with all points and peels off a thin slice of one parameter at a time,
that whose loss raises the share of points of interest most. Ends that chance explains are dropped from each box on the
way, the likeliest first; of what is left the box with the best balance of coverage and density is kept; then the search
goes on without its points.

Sources:
    Friedman, Fisher (1999), Statistics and Computing 9(2), 123-143 (PRIM).
    Bryant, Lempert (2010), Technological Forecasting and Social Change 77(1), 34-49 (scenario discovery: coverage,
    density, and a quasi-p-value of each limit).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Booleans = NDArray[np.bool_]
Floats = NDArray[np.float64]

PEEL: Final = 0.05
"""Share of the points of a box that is peeled off at a time."""
LEAST_MASS: Final = 0.05
"""Share of all points that a box holds at least."""
LEAST_POINTS: Final = 5
"""Points that a box holds at least."""
CHANCE: Final = 0.05
"""Quasi-p-value above which an end of a limit is dropped."""
MOST_BOXES: Final = 3


@dataclass(frozen=True)
class Axis:
    """A parameter as boxes see it.

    Attributes:
        places: float64[n], the value at each point; of values that are no numbers the number of the value.
        values: what the numbers stand for, in order; empty where they are numbers themselves.
    """

    places: Floats
    values: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Limit:
    """What a box asks of a parameter: a value between two ends, or one of some; none of both asks nothing.

    Attributes:
        low, high: the ends; infinite where there is none.
        among: numbers of the values; None: any.
    """

    low: float = -math.inf
    high: float = math.inf
    among: frozenset[int] | None = None

    def holds(self, places: Floats) -> Booleans:
        """At which points."""
        inside: Booleans = (places >= self.low) & (places <= self.high)
        return inside if self.among is None else inside & np.isin(places, sorted(self.among))


@dataclass(frozen=True)
class Step:
    """A box that the peeling passes.

    Attributes:
        limits: by number of the parameter.
        points, hits: that it holds, and those of interest among them.
        coverage: share of all points of interest.
        density: share of its points.
        mass: share of all points that it holds.
    """

    limits: Mapping[int, Limit]
    points: int
    hits: int
    coverage: float
    density: float
    mass: float

    @property
    def balance(self) -> float:
        """Harmonic mean of coverage and density."""
        return 2.0 * self.coverage * self.density / max(self.coverage + self.density, 1e-300)


@dataclass(frozen=True)
class Box:
    """A box that was found.

    Attributes:
        step: what it holds, of the points that earlier boxes have left.
        chance: quasi-p-value of each limit, by number of the parameter: how likely as many points of interest would be
            if the limit meant nothing.
        path: the boxes on the way to it.
    """

    step: Step
    chance: Mapping[int, float]
    path: tuple[Step, ...]


def find_boxes(axes: Sequence[Axis], hits: Booleans) -> list[Box]:
    """Boxes in which most points are of interest, the first one first.

    Args:
        axes: the parameters, n points each.
        hits: bool[n], the points of interest.
    """
    found: list[Box] = []
    left = np.ones(len(hits), np.bool_)
    while len(found) < MOST_BOXES and (hits & left).sum() >= LEAST_POINTS and not hits[left].all():
        path = tuple(_peeled(axes, hits, left))
        pruned = [_without_chance(axes, hits, left, step) for step in path]
        step, chance = max(pruned, key=lambda one: (bool(one[0].limits), one[0].balance, -len(one[0].limits)))
        if not step.limits:
            break
        found.append(Box(step, chance, path))
        left = left & ~_inside(axes, step.limits)
    return found


def _inside(axes: Sequence[Axis], limits: Mapping[int, Limit]) -> Booleans:
    inside = np.ones(len(axes[0].places), np.bool_)
    for number, limit in limits.items():
        inside &= limit.holds(axes[number].places)
    return inside


def _step(axes: Sequence[Axis], hits: Booleans, left: Booleans, limits: Mapping[int, Limit]) -> Step:
    inside = left & _inside(axes, limits)
    points, good = int(inside.sum()), int((hits & inside).sum())
    return Step(limits, points, good, good / int(hits.sum()), good / max(points, 1), points / len(hits))


def _peeled(axes: Sequence[Axis], hits: Booleans, left: Booleans) -> Iterator[Step]:
    """The boxes from all points that are left to the smallest."""
    least = max(LEAST_POINTS, math.ceil(LEAST_MASS * len(hits)))
    step = _step(axes, hits, left, {})
    yield step
    while step.density < 1.0:
        inside = left & _inside(axes, step.limits)
        slimmer = [(_step(axes, hits, left, {**step.limits, n: limit}), away)
                   for n, axis in enumerate(axes)
                   for limit, away in _slices(axis, inside, hits, step.limits.get(n, Limit()))]  # fmt: skip
        slimmer = [one for one in slimmer if least <= one[0].points < step.points]
        if not slimmer:
            return
        step = max(slimmer, key=lambda one: (one[0].density, one[0].points, one[0].hits < step.hits and one[1]))[0]
        yield step


def _slices(axis: Axis, inside: Booleans, hits: Booleans, limit: Limit) -> Iterator[tuple[Limit, float]]:
    """The limit with a thin slice less, below or above, or with one value less; and how far from it the hits lie.

    Far is the mean of the hits from that of all points of the box, in standard deviations: it decides between slices
    that lose the same number of hits.
    """
    levels, counts = np.unique(axis.places[inside], return_counts=True)
    if len(levels) < 2:
        return
    if axis.values:
        for level in levels:
            yield replace(limit, among=frozenset(int(other) for other in levels if other != level)), 0.0
        return
    thin = max(1, math.floor(PEEL * counts.sum()))
    below = min(int(np.searchsorted(np.cumsum(counts), thin)) + 1, len(levels) - 1)
    above = min(int(np.searchsorted(np.cumsum(counts[::-1]), thin)) + 1, len(levels) - 1)
    places = axis.places[inside]
    up = float((axis.places[inside & hits].mean() - places.mean()) / places.std())
    yield replace(limit, low=(levels[below - 1] + levels[below]) / 2.0), up
    yield replace(limit, high=(levels[-above] + levels[-above - 1]) / 2.0), -up


def _without_chance(axes: Sequence[Axis], hits: Booleans, left: Booleans, step: Step) -> tuple[Step, dict[int, float]]:
    """The box without ends that chance explains, and the quasi-p-values of the limits that stay."""
    while True:
        looser = [_step(axes, hits, left, limits) for limits in _loosened(step.limits)]
        chances = [_chance(step, wider) for wider in looser]
        if not chances or max(chances) <= CHANCE:
            return step, {n: _chance(step, _step(axes, hits, left, _but(step.limits, n))) for n in step.limits}
        step = looser[int(np.argmax(chances))]


def _loosened(limits: Mapping[int, Limit]) -> Iterator[dict[int, Limit]]:
    """The limits with one end less, each in turn."""
    for n, limit in limits.items():
        for looser in (replace(limit, low=-math.inf), replace(limit, high=math.inf), replace(limit, among=None)):
            if looser != limit:
                yield _but(limits, n) if looser == Limit() else {**limits, n: looser}


def _but(limits: Mapping[int, Limit], number: int) -> dict[int, Limit]:
    return {n: limit for n, limit in limits.items() if n != number}


def _chance(step: Step, wider: Step) -> float:
    """How likely as many hits are among the points of a box, at the density of a wider one."""
    from scipy.stats import binom

    return float(binom.sf(step.hits - 1, step.points, wider.density))

"""The search for the parameters at which simulated moments come closest to those observed.

A Latin hypercube covers the box; a surrogate of the moments says where they come closest, which is simulated next, with
some points around it in a region that shrinks. The first estimate weights each moment by its variance. There the
variance of all moments is estimated from replications, whose inverse weights the second step (two-step estimation).
All points have the same random numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from esc_sim.calibration.estimate import Estimate, estimated, root_of
from esc_sim.calibration.moments import Moment
from esc_sim.calibration.simulated import Row
from esc_sim.calibration.store import Points, means_of
from esc_sim.calibration.surrogate import Criterion, Surrogate, closest, starts_of

Floats = NDArray[np.float64]

_COVER: Final = 10
"""Points of the hypercube for each parameter."""
_ROUNDS: Final = 8
"""Rounds of a step, at most."""
_REGION: Final = 0.2
"""Half width of the first region around the best place, a part of the box."""
_SHRINKS: Final = 0.6
_SETTLED: Final = 0.01
"""Squared movement, in standard errors, below which a place has settled."""
_MOVES: Final = 0.25
"""The same, below which nothing is said of a search that ends before its place has settled."""
_NEAR: Final = 1e-4
"""Distance below which two places are one."""
_OF_MOMENT: Final = 20
"""Replications for each moment from which their variance is estimated."""
_STILL: Final = 1e-3
"""Least variance of a moment, a part of its usual one within the bounds; without any it would have no weight."""
_SLOPE: Final = (0.01, 0.05)
"""Least and most step of a slope, a part of the box; between them it is a standard error."""


@dataclass(frozen=True)
class Size:
    """How much is simulated.

    Attributes:
        parameters, moments: their numbers K and M.
        replications: of a point.
        budget: replications in all, at most; None: as many as the rounds of both steps may take.
    """

    parameters: int
    moments: int
    replications: int
    budget: int | None = None

    @property
    def cover(self) -> int:
        """Points of the hypercube."""
        return _COVER * self.parameters

    @property
    def of_variance(self) -> int:
        """Replications from which the variance of the moments is estimated."""
        return max(self.replications, _OF_MOMENT * self.moments)

    @property
    def batch(self) -> int:
        """Points of a round."""
        return self.parameters + 2

    @property
    def after(self) -> int:
        """Replications that are needed beside the search: variances at both estimates, and slopes."""
        return 2 * self.of_variance + (2 * self.parameters + 1) * self.replications

    @property
    def least(self) -> int:
        """The least budget: the hypercube, and a round of both steps."""
        return self.after + (self.cover + 2 * self.batch) * self.replications

    @property
    def most(self) -> int:
        """Replications in all, at most."""
        usual = self.after + (self.cover + 2 * _ROUNDS * self.batch) * self.replications
        return usual if self.budget is None else min(self.budget, usual)


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes:
        estimate: with what is known of it.
        means: mean simulated moments there, float64[M].
        variance: of the observed less the simulated moments, float64[M, M].
        criterion: of the second step.
        surrogate: of all points.
        weightless: bool[M], moments that vary between replications nowhere, which no weight can be given.
        still: bool[M], moments that vary elsewhere but not at the estimate.
        settled: whether the search ended before its budget did.
    """

    estimate: Estimate
    means: Floats
    variance: Floats
    criterion: Criterion
    surrogate: Surrogate
    weightless: NDArray[np.bool_]
    still: NDArray[np.bool_]
    settled: bool


def variance_of(moments: Sequence[Moment], covariance: Floats, replications: int) -> Floats:
    """Variance of the observed less the mean simulated moments, float64[M, M].

    Args:
        moments: what was observed; one with a standard error of its own is independent of the others.
        covariance: of the moments of one run, float64[M, M].
        replications: of which the simulated moments are the mean.
    """
    own = np.array([moment.standard_error is not None for moment in moments])
    errors = np.array([moment.standard_error or 0.0 for moment in moments])
    of_data = np.where(own[:, np.newaxis] | own, np.diag(errors**2), covariance)
    found: Floats = of_data + covariance / replications
    return found


class Search:
    """Looks for the estimate."""

    def __init__(self, points: Points, moments: Sequence[Moment], size: Size, seed: int) -> None:
        """Begin.

        Args:
            points: simulates.
            moments: what was observed.
            size: how much is simulated.
            seed: of the placement of points.
        """
        self._points, self._moments, self._size = points, moments, size
        self._observed = np.array([moment.observed for moment in moments])
        self._draws = np.random.default_rng(seed)
        self._places = np.empty((0, size.parameters))
        self._means = np.empty((0, size.moments))
        self._least = np.zeros(size.moments)

    def run(self) -> Found:
        """Both steps, and what is known of the estimate."""
        size = self._size
        rows = self._play(self._scattered(size.cover), size.replications)
        found = np.array([np.diag(row["covariance"]) for row in rows])
        spread = np.where(np.median(found, axis=0) > 0.0, np.median(found, axis=0), found.max(axis=0))
        self._least = _STILL * spread
        first = Criterion(self._observed, root_of(np.diag(np.diag(self._variance(np.diag(spread))))))
        half = (size.most - size.after - self._points.replications) // 2
        place, settled = self._step(first, _REGION, self._points.replications + half)
        covariance = np.array(self._points.play(place[np.newaxis], size.of_variance)[0]["covariance"])
        second = Criterion(self._observed, root_of(self._variance(covariance)))
        place, also = self._step(second, _REGION * _SHRINKS, size.most - size.after + size.of_variance)
        return self._known(place, second, settled and also)

    def _step(self, criterion: Criterion, region: float, until: int) -> tuple[Floats, bool]:
        """The closest place, and whether it has settled, or moves little, when there are ``until`` replications."""
        before: Floats | None = None
        moved = np.inf
        for _ in range(_ROUNDS):
            surrogate = self._surrogate()
            place = closest(surrogate, criterion, starts_of(surrogate, criterion, self._places, self._means))
            if before is not None:
                moved = float(np.square(criterion.root @ (surrogate.slopes(place)[1] @ (place - before))).sum())
            if moved < _SETTLED:
                return place, True
            if self._points.replications + self._size.batch * self._size.replications > until:
                return place, moved < _MOVES
            around = place + region * (2.0 * self._scattered(self._size.batch - 1) - 1.0)
            self._play(np.clip(np.concatenate([place[np.newaxis], around]), 0.0, 1.0), self._size.replications)
            before, region = place, region * _SHRINKS
        return place, moved < _MOVES

    def _known(self, place: Floats, criterion: Criterion, settled: bool) -> Found:
        """Slopes and variance at the estimate."""
        size = self._size
        near = self._surrogate().slopes(place)[1]
        spread = np.sqrt(np.diag(np.linalg.pinv((criterion.root @ near).T @ (criterion.root @ near))))
        steps = np.diag(np.clip(spread, *_SLOPE))
        ends = np.clip(np.concatenate([place + steps, place - steps]), 0.0, 1.0)
        rows = self._play(np.concatenate([place[np.newaxis], ends]), size.replications)
        means, count = means_of(rows), size.parameters
        up, down = ends[:count], ends[count:]
        slopes = ((means[1 : count + 1] - means[count + 1 :]) / np.diag(up - down)[:, np.newaxis]).T
        covariance = np.array(self._points.play(place[np.newaxis], size.of_variance)[0]["covariance"])
        variance = self._variance(covariance)
        own = np.array([moment.standard_error is not None for moment in self._moments])
        return Found(
            estimate=estimated(place, slopes, self._observed - means[0], criterion.root, variance),
            means=means[0],
            variance=variance,
            criterion=criterion,
            surrogate=self._surrogate(),
            weightless=np.diag(variance) <= 0.0,
            still=(np.diag(covariance) <= 0.0) & (np.diag(variance) > 0.0) & ~own,
            settled=settled,
        )

    def _variance(self, covariance: Floats) -> Floats:
        lifted = covariance + np.diag(np.maximum(self._least - np.diag(covariance), 0.0))
        return variance_of(self._moments, lifted, self._size.replications)

    def _scattered(self, count: int) -> Floats:
        """A Latin hypercube, float64[count, K]."""
        return np.asarray(qmc.LatinHypercube(self._size.parameters, rng=self._draws).random(count))

    def _play(self, places: Floats, replications: int) -> list[Row]:
        """Simulate points and keep those that are not known yet."""
        rows = self._points.play(places, replications)
        for row in rows:
            place = np.array(row["place"])
            if not len(self._places) or np.abs(self._places - place).max(axis=1).min() > _NEAR:
                self._places = np.concatenate([self._places, place[np.newaxis]])
                self._means = np.concatenate([self._means, [row["mean"]]])
        return rows

    def _surrogate(self) -> Surrogate:
        return Surrogate(self._places, self._means)

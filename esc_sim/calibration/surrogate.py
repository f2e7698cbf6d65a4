"""A surrogate of the simulated moments, and where on it they come closest to what was observed.

The moments are interpolated, not their distance from what was observed: under common random numbers they move smoothly
with the parameters, and the distance, a sum of squares, stays one when the weights change.

Source: Powell (1992), The theory of radial basis function approximation in 1990.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator
from scipy.optimize import least_squares
from scipy.stats import qmc

Floats = NDArray[np.float64]

_STEP: Final = 1e-4
"""Step of slopes, a part of the box."""
_SCATTERED: Final = 256
_STARTS: Final = 3
_ROUNDS: Final = 40
"""Evaluations of a descent, at most."""


@dataclass(frozen=True)
class Criterion:
    """How far moments are from what was observed: the square of L (observed - moments).

    Attributes:
        observed: float64[M].
        root: L, float64[r, M]; the weights are L' L.
    """

    observed: Floats
    root: Floats

    def residuals(self, moments: Floats) -> Floats:
        """L (observed - moments), float64[..., r]."""
        found: Floats = (self.observed - moments) @ self.root.T
        return found

    def __call__(self, moments: Floats) -> Floats:
        """The distance, float64[...]."""
        found: Floats = np.square(self.residuals(moments)).sum(axis=-1)
        return found


class Surrogate:
    """Moments between the points that were simulated, by cubic radial basis functions."""

    def __init__(self, places: Floats, moments: Floats) -> None:
        """Interpolate.

        Args:
            places: float64[n, K] in the unit cube, n > K.
            moments: float64[n, M].
        """
        self._size = places.shape[1]
        self._of = RBFInterpolator(places, moments, kernel="cubic", degree=1)

    def __call__(self, places: Floats) -> Floats:
        """Moments at places [n, K], float64[n, M]."""
        found: Floats = self._of(places)
        return found

    def slopes(self, place: Floats) -> tuple[Floats, Floats]:
        """Moments at a place [K], float64[M], and their slopes, float64[M, K]."""
        steps = _STEP * np.eye(self._size)
        found = self(np.concatenate([place[np.newaxis], place + steps, place - steps]))
        count = self._size
        return found[0], (found[1 : count + 1] - found[count + 1 :]).T / (2.0 * _STEP)


def closest(surrogate: Surrogate, criterion: Criterion, starts: Sequence[Floats], fixed: int | None = None) -> Floats:
    """The place in the unit cube at which the moments come closest to what was observed, float64[K].

    Args:
        surrogate: gives the moments.
        criterion: the distance.
        starts: places [K] at which descents begin.
        fixed: number of a parameter that stays as it is at the start.
    """
    best, least = starts[0], np.inf
    for start in starts:
        place, distance = _descended(surrogate, criterion, np.asarray(start, np.float64), fixed)
        if distance < least:
            best, least = place, distance
    return best


def _descended(surrogate: Surrogate, criterion: Criterion, start: Floats, fixed: int | None) -> tuple[Floats, float]:
    moving = np.arange(len(start)) != (-1 if fixed is None else fixed)
    if not moving.any():
        return start, float(criterion(surrogate(start[np.newaxis]))[0])

    def whole(moved: Floats) -> Floats:
        place = start.copy()
        place[moving] = moved
        return place

    def residuals(moved: Floats) -> Floats:
        return criterion.residuals(surrogate(whole(moved)[np.newaxis])[0])

    def slopes(moved: Floats) -> Floats:
        found: Floats = -criterion.root @ surrogate.slopes(whole(moved))[1][:, moving]
        return found

    found = least_squares(
        residuals, np.clip(start[moving], 1e-6, 1.0 - 1e-6), jac=slopes, bounds=(0.0, 1.0), max_nfev=_ROUNDS
    )
    return whole(found.x), float(2.0 * found.cost)


def starts_of(surrogate: Surrogate, criterion: Criterion, places: Floats, moments: Floats) -> list[Floats]:
    """Where descents begin: the best places that were simulated, and the best of many on the surrogate.

    Args:
        surrogate: gives the moments.
        criterion: the distance.
        places, moments: float64[n, K] and float64[n, M] that were simulated.
    """
    scattered = np.asarray(qmc.Sobol(places.shape[1], scramble=False).random(_SCATTERED))
    best = places[np.argsort(criterion(moments), kind="stable")[:_STARTS]]
    others = scattered[np.argsort(criterion(surrogate(scattered)), kind="stable")[:_STARTS]]
    return [*best, *others]

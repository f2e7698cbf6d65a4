"""A surrogate of what was seen of designs, replication by replication.

What a design gives in a replication is taken for the sum of what it is worth, of what the replication does to all
designs, of what it does to designs like this one, and of a rest: Gaussian processes of which only the first matters,
and all others are averaged away. So designs that were played on different replications can be compared, and neighbours
lend what they know to one another.

Sources:
    Rasmussen, Williams (2006), Gaussian Processes for Machine Learning, chapters 2 and 5.
    Chen, Ankenman, Nelson (2012), "The effects of common random numbers on stochastic kriging metamodels", ACM TOMACS
    22(2), article 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve, solve_triangular
from scipy.optimize import minimize

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

SEPARATE: Final = 8
"""Variables up to which each has a length scale of its own."""
_FITTED: Final = 300
"""Values, the latest, that parameters are fitted to at most."""
_STEPS: Final = 12
_LENGTH: Final = (np.log(0.5), 1.0)
"""Mean and standard deviation of what is believed of the logarithm of a length scale, in ranges of a variable."""
_SCALES: Final = (np.log(1.0), np.log(0.5), np.log(0.3), np.log(0.1))
"""Believed logarithms of standard deviations: of worth, replications, their doing to like designs, the rest."""
_SPREAD: Final = 1.5
_REACH: Final = 4.0
"""Parameters stay within so many standard deviations of what is believed."""
_JITTER: Final = 1e-8


@dataclass(frozen=True)
class Values:
    """What was seen: N values of U designs.

    Attributes:
        points: float64[U, D], designs in the unit cube.
        rows: int64[N], design of each value.
        blocks: int64[N], which replications it is the mean of.
        sizes: float64[N], how many these are.
        values: float64[N].
    """

    points: Floats
    rows: Rows
    blocks: Rows
    sizes: Floats
    values: Floats


@dataclass(frozen=True)
class Surrogate:
    """A fitted process; worths of designs.

    Attributes:
        points: float64[U, D], designs that it knows.
        parameters: logarithms of length scales, then of four standard deviations.
        weights: float64[U], by which what is known of designs makes up a mean.
        known: float64[U, U], by which it takes away variance.
        centre, scale: of the values.
    """

    points: Floats
    parameters: Floats
    weights: Floats
    known: Floats
    centre: float
    scale: float

    def at(self, points: Floats, other: int) -> tuple[Floats, Floats, Floats]:
        """Worths float64[n] of points float64[n, D]: mean, standard deviation, and that of the difference to a design.

        Args:
            points: in the unit cube.
            other: row of the design.
        """
        variance = float(np.exp(2.0 * self.parameters[-4]))
        near = variance * _correlation(points, self.points, self.parameters)
        own = variance * _correlation(self.points[[other]], self.points, self.parameters)
        taken = near @ self.known
        spread = variance - (taken * near).sum(axis=1)
        others = variance - float((own @ self.known @ own.T)[0, 0])
        together = near[:, other] - taken @ own[0]
        between = spread + others - 2.0 * together
        mean = self.centre + self.scale * (near @ self.weights)
        return mean, self.scale * _root(spread), self.scale * _root(between)


def _root(variances: Floats) -> Floats:
    return np.sqrt(np.maximum(variances, 0.0))


def _correlation(left: Floats, right: Floats, parameters: Floats) -> Floats:
    lengths = np.exp(parameters[:-4])
    return matern(np.sqrt(5.0 * squared_distances(left / lengths, right / lengths)))


def matern(distances: Floats) -> Floats:
    """Matérn correlation of smoothness 5/2, of distances in length scales times the square root of 5."""
    return np.asarray((1.0 + distances + distances * distances / 3.0) * np.exp(-distances))


def squared_distances(left: Floats, right: Floats) -> Floats:
    """Squared distances of points float64[n, D] and float64[m, D], float64[n, m]."""
    found = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1)[None] - 2.0 * left @ right.T
    return np.maximum(found, 0.0)


def _covariance(seen: Values, parameters: Floats) -> Floats:
    """Covariance of values, float64[N, N]."""
    worth, common, like, rest = np.exp(2.0 * parameters[-4:])
    alike = _correlation(seen.points, seen.points, parameters)[np.ix_(seen.rows, seen.rows)]
    together = (seen.blocks[:, None] == seen.blocks[None]) / seen.sizes[:, None]
    found = worth * alike + together * (common + like * alike)
    found[np.diag_indices_from(found)] += rest / seen.sizes + _JITTER
    return found


def _believed(seen: Values) -> Floats:
    """What is believed of parameters, float64[2, P]: mean and standard deviation."""
    variables = seen.points.shape[1]
    lengths = variables if variables <= SEPARATE else 1
    # In many dimensions everything is far from everything.
    far = 0.5 * np.log(max(1.0, variables / SEPARATE))
    mean = np.r_[np.full(lengths, _LENGTH[0] + far), _SCALES]
    return np.stack([mean, np.r_[np.full(lengths, _LENGTH[1]), np.full(4, _SPREAD)]])


def _latest(seen: Values) -> Values:
    """The latest values, and the designs that they are of."""
    if len(seen.rows) <= _FITTED:
        return seen
    kept = slice(len(seen.rows) - _FITTED, None)
    designs, rows = np.unique(seen.rows[kept], return_inverse=True)
    return Values(seen.points[designs], rows, seen.blocks[kept], seen.sizes[kept], seen.values[kept])


def fitted_parameters(seen: Values, parameters: Floats) -> Floats:
    """Parameters that fit values best, together with what is believed of them.

    Args:
        seen: the values.
        parameters: to begin from; empty for what is believed.
    """
    seen = _latest(seen)
    mean, spread = _believed(seen)
    scaled = (seen.values - np.median(seen.values)) / (float(np.std(seen.values)) or 1.0)

    def surprise(tried: Floats) -> float:
        try:
            factor = cho_factor(_covariance(seen, tried), lower=True, check_finite=False)
        except LinAlgError:
            return 1e10
        fit = scaled @ cho_solve(factor, scaled, check_finite=False)
        odds = (((tried - mean) / spread) ** 2).sum()
        return float(0.5 * fit + np.log(np.diag(factor[0])).sum() + 0.5 * odds)

    bounds = list(zip(mean - _REACH * spread, mean + _REACH * spread, strict=True))
    start = parameters if len(parameters) else mean
    found = minimize(surprise, start, method="L-BFGS-B", bounds=bounds, options={"maxiter": _STEPS})
    return np.asarray(found.x, np.float64)


def surrogate_of(seen: Values, parameters: Floats) -> Surrogate:
    """The process of values under parameters."""
    centre, scale = float(np.median(seen.values)), float(np.std(seen.values)) or 1.0
    factor = cho_factor(_covariance(seen, parameters), lower=True, check_finite=False)
    weights = cho_solve(factor, (seen.values - centre) / scale, check_finite=False)
    count = len(seen.points)
    whose = np.zeros((len(seen.rows), count))
    whose[np.arange(len(seen.rows)), seen.rows] = 1.0
    reduced = solve_triangular(factor[0], whose, lower=True, check_finite=False)
    return Surrogate(
        seen.points,
        parameters,
        np.asarray(np.bincount(seen.rows, weights, count), np.float64),
        reduced.T @ reduced,
        centre,
        scale,
    )

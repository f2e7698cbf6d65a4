"""Standard errors, over-identification and identifiability of an estimate by simulated moments.

The estimate minimises g' W g, g the observed less the mean simulated moments. Where G is the matrix of slopes of the
simulated moments and V the variance of g, which is that of the observations plus that of R replications (a factor
1 + 1/R where both are of runs of one length), the estimate has the variance (G'WG)^-1 G'W V W G (G'WG)^-1. What is left
of g has a chi-square length, with as many degrees of freedom as there are more moments than parameters. Directions that
hardly vary follow no normal law (two series that are alike but for rare events), and are left out of it; the moment
that is farthest off is tested as well, by Bonferroni's bound.

Sources:
    McFadden (1989), Econometrica 57(5), 995-1026; Pakes, Pollard (1989), Econometrica 57(5), 1027-1057.
    Lee, Ingram (1991), Journal of Econometrics 47, 197-205; Duffie, Singleton (1993), Econometrica 61(4), 929-952.
    Hansen (1982), Econometrica 50(4), 1029-1054 (the test).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, norm

Floats = NDArray[np.float64]

NORMAL_95: Final = 1.959963984540054
"""Standard errors on either side of an estimate that a 95 % interval spans."""
EDGE: Final = 1e-3
"""Distance from the edge of the unit cube up to which an estimate lies on its bound."""
_SHRUNK: Final = 0.5
"""Part of the identity in the correlations of the moments that weights are the inverse of."""
_SAME: Final = 0.01
"""Part of the largest variance below which a direction of the moments is left out of J."""
_MOVED: Final = 0.05
"""Part of a moment's variance that parameters have to leave it for it to be tested by itself."""
_OPEN: Final = 0.5
"""Half width of a 95 % interval, a part of the box, above which the bounds say more than what was observed."""
_NOTHING: Final = 1e-4
"""Curvature of the distance below which nothing is known along a direction: a standard error of a hundred boxes."""
_TAKES_PART: Final = 0.3
"""Least part of a parameter in a direction, from 0 to 1, for it to be named."""


def root_of(variance: Floats) -> Floats:
    """L with L' L the weights, float64[M, M]: the inverse of a variance whose correlations are shrunk.

    Moments that almost say the same would get weights against one another that rest on how small their difference is
    at one place; shrinking bounds those weights. Standard errors are right for any weights.

    Args:
        variance: float64[M, M]; a moment of no variance has no weight.
    """
    spread = np.sqrt(np.diag(variance))
    varies = spread > 0.0
    scale = np.where(varies, spread, 1.0)
    correlation = np.where(np.outer(varies, varies), variance / np.outer(scale, scale), 0.0)
    shrunk = (1.0 - _SHRUNK) * correlation + _SHRUNK * np.eye(len(variance))
    values, vectors = np.linalg.eigh(shrunk)
    root: Floats = (vectors / np.sqrt(values)).T / scale
    root[:, ~varies] = 0.0
    return root


def misfit(away: Floats, slopes: Floats, root: Floats, variance: Floats) -> tuple[float, int]:
    """Hansen's J for any weights: how far g is from 0 in the directions that no parameter moves, and how many they are.

    Args:
        away: g, observed less mean simulated moments, float64[M].
        slopes: G, float64[M, K].
        root: L of the weights.
        variance: V of g, float64[M, M].
    """
    weighted = root @ slopes
    left = np.eye(len(root)) - weighted @ np.linalg.pinv(weighted)
    values, vectors = np.linalg.eigh(left @ (root @ variance @ root.T) @ left)
    kept = values > _SAME * max(float(values[-1]), 0.0)
    found = (vectors.T @ (left @ (root @ away)))[kept]
    return float((found**2 / values[kept]).sum()), int(kept.sum())


def farthest(away: Floats, slopes: Floats, root: Floats, variance: Floats) -> tuple[float, int]:
    """How far the farthest moment is from what parameters can explain, in standard errors, and how many are tested.

    Args:
        away, slopes, root, variance: as of :func:`misfit`.
    """
    left = np.eye(len(away)) - slopes @ np.linalg.pinv(root @ slopes) @ root
    found = np.diag(left @ variance @ left.T)
    tested = (found > _MOVED * np.diag(variance)) & root.any(axis=0)
    apart = np.abs(left @ away)[tested] / np.sqrt(found[tested])
    return float(apart.max(initial=0.0)), int(tested.sum())


@dataclass(frozen=True)
class Estimate:
    """An estimate in the unit cube, K parameters, with what is known of it.

    Attributes:
        place: float64[K].
        slopes: G, float64[M, K].
        variance: of the place, float64[K, K]; very large along directions that nothing says anything of.
        spreads: standard deviation along each direction, float64[K], the widest first.
        directions: unit vectors, float64[K, K], a row each.
        stretch: float64[K], variance of each parameter over what the curvature of the distance alone would give; 1 for
            the best weights.
        statistic: J, see :func:`misfit`.
        degrees: its degrees of freedom.
        farthest: standard errors that the farthest moment is off, see :func:`farthest`.
        tested: moments that it is the farthest of.
    """

    place: Floats
    slopes: Floats
    variance: Floats
    spreads: Floats
    directions: Floats
    stretch: Floats
    statistic: float
    degrees: int
    farthest: float
    tested: int

    @property
    def p_value(self) -> float | None:
        """How likely J or the farthest moment would be as far off if the scenario were right (Bonferroni).

        None where there is nothing to test.
        """
        if self.degrees == 0:
            return None
        by_length, by_moment = chi2.sf(self.statistic, self.degrees), 2.0 * self.tested * norm.sf(self.farthest)
        return float(min(1.0, 2.0 * min(by_length, by_moment if self.tested else 1.0)))

    @property
    def open_directions(self) -> NDArray[np.bool_]:
        """bool[K], directions along which the bounds say more than what was observed."""
        return np.asarray(NORMAL_95 * self.spreads > _OPEN)

    @property
    def open_groups(self) -> list[list[int]]:
        """Parameters that take part in each direction of which nothing is known, those that take part most first."""
        found = []
        for direction in self.directions[self.open_directions]:
            order = np.argsort(-np.abs(direction), kind="stable").tolist()
            found.append([k for k in order if abs(direction[k]) > _TAKES_PART])
        return found

    @property
    def identified(self) -> NDArray[np.bool_]:
        """bool[K], parameters that take part in no direction of which nothing is known."""
        found = np.ones(len(self.place), np.bool_)
        for group in self.open_groups:
            found[group] = False
        return found

    @property
    def errors(self) -> Floats:
        """Standard errors, float64[K], parts of the box; infinite where nothing is known."""
        found: Floats = np.where(self.identified, np.sqrt(np.diag(self.variance)), np.inf)
        return found

    @property
    def correlation(self) -> Floats:
        """Correlation of the estimates, float64[K, K]; nan where a parameter is not identified."""
        spread = np.sqrt(np.diag(self.variance))
        known = np.outer(self.identified, self.identified)
        return np.where(known, self.variance / np.outer(spread, spread), np.nan)


def estimated(place: Floats, slopes: Floats, away: Floats, root: Floats, variance: Floats) -> Estimate:
    """What is known of an estimate.

    Args:
        place: float64[K] in the unit cube.
        slopes: G, float64[M, K].
        away: g, observed less mean simulated moments, float64[M].
        root: L of the weights W = L' L.
        variance: V of g, float64[M, M].
    """
    weighted = root @ slopes
    values, vectors = np.linalg.eigh(weighted.T @ weighted)
    bread = (vectors / np.maximum(values, _NOTHING)) @ vectors.T
    meat = weighted.T @ (root @ variance @ root.T) @ weighted
    found = bread @ meat @ bread
    # What nothing says anything of has no variance in the sandwich, where G'WG is 0: it is given a large one.
    found += (vectors * np.where(values > _NOTHING, 0.0, 1.0 / _NOTHING)) @ vectors.T
    spreads, directions = np.linalg.eigh(found)
    inside = (place > EDGE) & (place < 1.0 - EDGE)  # a bound does not let its parameter move what is left
    statistic, degrees = misfit(away, slopes[:, inside], root, variance)
    apart, tested = farthest(away, slopes[:, inside], root, variance)
    return Estimate(
        place=place,
        slopes=slopes,
        variance=found,
        spreads=np.sqrt(np.maximum(spreads[::-1], 0.0)),
        directions=directions.T[::-1],
        stretch=np.diag(found) / np.diag(bread),
        statistic=statistic,
        degrees=degrees,
        farthest=apart,
        tested=tested,
    )

"""Support vector clustering: an uncertainty set learned from past demand.

Wang, Chen, Liu, sec. 3.3.1, after Shang, Huang, You (2017). The set is
U = {d : sum_j alpha_j |Q (d - d_j)|_1 <= tau} with Q = Sigma^(-1/2), alpha from the dual (9) with the weighted
generalized intersection kernel (14). Equation (16) as printed lacks a factor 1/J: Sigma is the sample covariance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.design.uncertainty.samples import check_samples, check_theta
from esc_sim.design.uncertainty.sets import TOLERANCE, AffineSet, BoolArray, BoxSet, UncertaintySet
from esc_sim.errors import InputError

FloatArray = NDArray[np.float64]

ZERO = 1e-8
"""Share of the upper bound below which a dual variable counts as zero, and as near to it as at the bound; and slope of
the distance below which it is flat."""

EDGE = 1e-6
"""Share of the radius by which a point of the set may pass it, as boundary vectors do: they carry the solver's dust."""

DEPENDENT = 1e-6
"""Share of a buyer's deviation that the other buyers must leave unexplained for it to count as a buyer of its own."""


@dataclass(frozen=True)
class SvcSet:
    """{d : sum_j alpha_j |weight (d - vectors_j)|_1 <= radius}.

    Attributes:
        vectors: support vectors, shape (count, size).
        alpha: their weights, positive, summing to one, shape (count,).
        weight: Q, the inverse square root of the covariance, symmetric, shape (size, size).
        root: its inverse, shape (size, size).
        radius: tau.
        boundary: number of support vectors on the boundary.
    """

    vectors: FloatArray
    alpha: FloatArray
    weight: FloatArray
    root: FloatArray
    radius: float
    boundary: int

    @property
    def size(self) -> int:
        """Number of coordinates."""
        return int(self.vectors.shape[1])

    def distance(self, points: ArrayLike) -> FloatArray:
        """sum_j alpha_j |Q (d - d_j)|_1 for points of shape (n, size)."""
        from scipy.spatial.distance import cdist

        d = np.atleast_2d(np.asarray(points, dtype=float))
        return cdist(d @ self.weight, self.vectors @ self.weight, "cityblock") @ self.alpha

    def contains(self, points: ArrayLike) -> BoolArray:
        """Whether points of shape (n, size) lie in the set."""
        return np.asarray(self.distance(points) <= self.radius * (1.0 + EDGE))

    def support(self, direction: ArrayLike) -> float:
        """max c.d over the set, exactly.

        In u = Q d the constraint is a sum of one-dimensional convex functions sum_j alpha_j |u_i - u_ji| and the
        objective is (Q^-1 c).u. From each coordinate's weighted median, moving outwards costs piecewise constant
        slopes: a continuous knapsack, filled by sorting the pieces by cost per gain.
        """
        return float(self._support(np.atleast_2d(np.asarray(direction, dtype=float)))[0])

    def worst_case(self) -> FloatArray:
        """max d_a for every coordinate a alone, shape (size,)."""
        return self._support(np.eye(self.size))

    def _support(self, directions: FloatArray) -> FloatArray:
        center, least, lengths, slopes = self._pieces()
        gains = directions @ self.root  # (directions, size); root is symmetric
        budget = max(self.radius - least, 0.0)
        best = np.empty(gains.shape[0])
        for n, gain in enumerate(gains):
            side = (gain < 0.0).astype(int)
            at = np.arange(self.size)
            length, slope = lengths[side, at], slopes[side, at]
            size = np.abs(gain)[:, None] + np.zeros_like(slope)
            order = np.argsort(slope.ravel() / np.maximum(size.ravel(), 1e-300), kind="stable")
            cost = np.minimum(length * slope, budget).ravel()[order]  # no piece can take more than the budget
            spent = np.clip(budget - (np.cumsum(cost) - cost), 0.0, cost)
            per_cost = np.where(slope > 0.0, size / np.where(slope > 0.0, slope, 1.0), 0.0).ravel()[order]
            free = (np.where(slope > 0.0, 0.0, length) * size).ravel()[order]
            best[n] = gain @ center + (spent * per_cost).sum() + free.sum()
        return best

    def _pieces(self) -> tuple[FloatArray, float, FloatArray, FloatArray]:
        """Of the coordinates' functions: medians, least sum, and outward pieces (side, coordinate, piece).

        Side 0 walks up from the median, side 1 down; the last piece of each is endless with slope 1.
        """
        u = self.vectors @ self.weight
        count = self.alpha.size
        order = np.argsort(u, axis=0, kind="stable")
        points = np.take_along_axis(u, order, axis=0).T  # (size, count)
        weights = self.alpha[order].T
        cumulative = np.cumsum(weights, axis=1)
        middle = np.minimum((cumulative < 0.5 * cumulative[:, -1:]).sum(axis=1), count - 1)
        center = points[np.arange(self.size), middle]
        least = float((weights * np.abs(points - center[:, None])).sum())
        lengths = np.zeros((2, self.size, count + 1))
        slopes = np.ones((2, self.size, count + 1))
        inner = np.diff(points, axis=1)
        tilt = 2.0 * cumulative[:, :-1] - cumulative[:, -1:]
        tilt[np.abs(tilt) < ZERO] = 0.0  # where half of the weights lie on either side the distance is flat
        above, below = np.clip(tilt, 0.0, None), np.clip(-tilt, 0.0, None)
        up = np.arange(count - 1)[None, :] >= middle[:, None]
        lengths[0, :, : count - 1] = np.where(up, inner, 0.0)
        slopes[0, :, : count - 1] = np.where(up, above, 1.0)
        lengths[1, :, : count - 1] = np.where(up, 0.0, inner)
        slopes[1, :, : count - 1] = np.where(up, 1.0, below)
        lengths[:, :, count] = np.inf
        return center, least, lengths, slopes


def svc_set(samples: ArrayLike, theta: float) -> SvcSet:
    """Learn one set over all buyers from past demand (the paper's reading, "joint").

    scikit-learn's one-class SVM with this kernel and nu = theta is the dual (9): the kernel's diagonal is constant,
    and its weights are those of (9) times J theta. With one buyer the dual is solved by sorting.

    In theory every boundary vector lies at the distance tau. The solver leaves dust, and where the distance is flat
    there may be no boundary vector at all; so tau is taken from the samples: the least distance at which no more than
    the share theta of them lies outside. Where there are boundary vectors, it is theirs.

    Args:
        samples: past demand, shape (J, buyers).
        theta: share of samples that may lie outside, in (0, 1).

    Raises:
        InputError: theta outside (0, 1), too few samples, or buyers whose demands are linearly dependent.
    """
    from scipy.spatial.distance import cdist

    d = check_samples(samples)
    check_theta(theta)
    count = d.shape[0]
    weight, root = _roots(d)
    u = d @ weight
    distances = cdist(u, u, "cityblock")
    alpha = _weights_on_a_line(u[:, 0], theta) if u.shape[1] == 1 else _weights(u, distances, theta)
    bound = 1.0 / (count * theta)
    alpha[alpha < ZERO * bound] = 0.0
    alpha /= alpha.sum()
    chosen = np.flatnonzero(alpha)
    reach = distances[:, chosen] @ alpha[chosen]
    radius = float(np.sort(reach)[count - 1 - most_outside(count, theta)])
    edge = int((alpha[chosen] < (1.0 - ZERO) * bound).sum())
    return SvcSet(d[chosen], alpha[chosen], weight, root, radius, edge)


def svc_joint(samples: ArrayLike, theta: float) -> UncertaintySet:
    """`svc_set` for any buyers: those whose demand follows from that of others take no part in learning the set.

    Such are constant demands, and buyers that move in step. They are put back as they follow from the others.

    Raises:
        InputError: theta outside (0, 1), or no more rows than buyers whose demand varies: then any demands depend.
    """
    d = check_samples(samples)
    check_theta(theta)
    free, matrix = _independent(d)
    if free.size == d.shape[1]:
        return svc_set(d, theta)
    mean = d.mean(axis=0)
    if free.size == 0:
        return BoxSet(mean, mean)
    return AffineSet(svc_set(d[:, free], theta), matrix, mean - matrix @ mean[free])


def svc_marginal(samples: ArrayLike, theta: float) -> BoxSet:
    """One set per buyer, learned from that buyer's demand alone (the reading "marginal").

    In one dimension every d between the theta/2 and 1 - theta/2 sample quantiles minimises the dual equally well:
    the set is that interval, and the product over buyers is a box. Its ends are quantiles by linear interpolation;
    where one of them would leave out more samples than theta/2 allows, as with few rows, the next sample outwards.

    Raises:
        InputError: theta outside (0, 1), or too few samples.
    """
    d = np.sort(check_samples(samples), axis=0)
    beyond = most_outside(d.shape[0], check_theta(theta) / 2.0)
    low, high = np.quantile(d, [theta / 2.0, 1.0 - theta / 2.0], axis=0)
    return BoxSet(np.minimum(low, d[beyond]), np.maximum(high, d[-1 - beyond]))


def most_outside(count: int, share: float) -> int:
    """Whole samples in a share of them, of which rounding takes none away.

    Args:
        count: number of samples.
        share: between 0 and 1.
    """
    return int(count * share * (1.0 + TOLERANCE))


def _weights(u: FloatArray, distances: FloatArray, theta: float) -> FloatArray:
    """The dual (9) by the one-class SVM, shape (J,)."""
    from sklearn.svm import OneClassSVM

    kernel = np.ptp(u, axis=0).sum() - distances
    machine = OneClassSVM(kernel="precomputed", nu=theta, tol=1e-8, cache_size=500.0).fit(kernel)
    alpha = np.zeros(len(u))
    alpha[machine.support_] = machine.dual_coef_.ravel() / (theta * len(u))
    return alpha


def _weights_on_a_line(u: FloatArray, theta: float) -> FloatArray:
    """The dual (9) of one buyer, exactly: half of the weights on the lowest samples, half on the highest."""
    room = theta * u.size / 2.0 - np.arange(u.size)
    share = np.empty(u.size)
    share[np.argsort(u, kind="stable")] = np.clip(room, 0.0, 1.0) + np.clip(room[::-1], 0.0, 1.0)
    return share / (theta * u.size)


def _independent(d: FloatArray) -> tuple[NDArray[np.int_], FloatArray]:
    """Columns that vary by themselves, and how all columns deviate with them, shape (buyers, such columns)."""
    deviation = d - d.mean(axis=0)
    scale = np.sqrt((deviation**2).sum(axis=0))
    varies = scale > TOLERANCE * np.sqrt(len(d)) * np.abs(d).max(axis=0)
    unit = np.where(varies, deviation / np.where(varies, scale, 1.0), 0.0)
    free: list[int] = []
    for column in np.flatnonzero(varies):
        rest = unit[:, column] - (unit[:, free] @ np.linalg.lstsq(unit[:, free], unit[:, column])[0] if free else 0.0)
        if np.sqrt(rest @ rest) > DEPENDENT:
            free.append(int(column))
    rows = d.shape[0]
    buyers = int(varies.sum())
    if free and rows - 1 <= len(free) < buyers:
        raise InputError(
            f"demand samples: {rows} rows do not span the {buyers} buyers whose demand varies; give at least "
            f"{buyers + 1} rows, or take the marginal reading"
        )
    slopes = np.linalg.lstsq(unit[:, free], unit)[0].T if free else np.zeros((d.shape[1], 0))
    return np.array(free, dtype=int), slopes * scale[:, None] / scale[free]


def _roots(d: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sigma^(-1/2) and Sigma^(1/2) of the sample covariance."""
    sigma = np.atleast_2d(np.cov(d, rowvar=False))
    values, vectors = np.linalg.eigh(sigma)
    if values[0] <= 1e-12 * max(values[-1], 1e-300):
        raise InputError(
            f"demand samples: {d.shape[0]} rows do not span the {d.shape[1]} buyers (the covariance is singular); "
            "give more rows, drop buyers that move in step, or take the marginal reading"
        )
    half = np.sqrt(values)
    return (vectors / half) @ vectors.T, (vectors * half) @ vectors.T

"""Boxes, budgeted sets and box-ball sets; what all uncertainty sets can do.

Every set answers three questions about vectors d of demand: how large can c.d become (support function), what is
the worst case of each coordinate alone, and does a given d lie in the set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.design.uncertainty.samples import check_samples, check_theta

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

TOLERANCE = 1e-9
"""Relative slack of membership tests."""


class UncertaintySet(Protocol):
    """A bounded set of demand vectors."""

    @property
    def size(self) -> int:
        """Number of coordinates (buyers)."""
        ...

    def support(self, direction: ArrayLike) -> float:
        """max c.d over the set, exactly."""
        ...

    def worst_case(self) -> FloatArray:
        """max d_a for every coordinate a alone, shape (size,)."""
        ...

    def contains(self, points: ArrayLike) -> BoolArray:
        """Whether points of shape (n, size) lie in the set, shape (n,)."""
        ...


@dataclass(frozen=True)
class BoxSet:
    """lower <= d <= upper, coordinate by coordinate (shapes (size,))."""

    lower: FloatArray
    upper: FloatArray

    @property
    def size(self) -> int:
        """Number of coordinates."""
        return int(self.lower.size)

    def support(self, direction: ArrayLike) -> float:
        """max c.d: each coordinate at the end that its sign prefers."""
        c = np.asarray(direction, dtype=float)
        return float(np.where(c > 0.0, c * self.upper, c * self.lower).sum())

    def worst_case(self) -> FloatArray:
        """The upper ends."""
        return self.upper.copy()

    def contains(self, points: ArrayLike) -> BoolArray:
        """Whether points of shape (n, size) lie in the box."""
        d = np.asarray(points, dtype=float)
        slack = TOLERANCE * np.maximum(np.abs(self.lower), np.abs(self.upper))
        return np.asarray(((d >= self.lower - slack) & (d <= self.upper + slack)).all(axis=1))


@dataclass(frozen=True)
class BudgetedSet:
    """d = nominal + sum_i zeta_i shift_i with |zeta|_inf <= 1 and |zeta|_1 <= budget (Wang, Chen, Liu, eq. D.1-D.2).

    Attributes:
        nominal: shape (size,).
        shifts: basic shifts, shape (number of shifts, size).
        budget: sigma of the paper.
    """

    nominal: FloatArray
    shifts: FloatArray
    budget: float

    @property
    def size(self) -> int:
        """Number of coordinates."""
        return int(self.nominal.size)

    def support(self, direction: ArrayLike) -> float:
        """max c.d: the floor(budget) largest |shift.c| and a fraction of the next."""
        c = np.asarray(direction, dtype=float)
        return float(self.nominal @ c) + budget_margin(self.shifts @ c, self.budget)

    def worst_case(self) -> FloatArray:
        """max d_a for every coordinate alone."""
        return self.nominal + np.array([budget_margin(column, self.budget) for column in self.shifts.T])

    def contains(self, points: ArrayLike) -> BoolArray:
        """Whether points lie in the set: for each, the least |zeta|_1 that reaches it (a linear program)."""
        from esc_sim.lp import BlockModel, InfeasibleError

        model = BlockModel("budgeted set")
        model.index("shift", self.shifts.shape[0])
        model.index("axis", self.size)
        up, down = (model.variables(n, "shift", upper=1.0, cost=1.0) for n in ("up", "down"))
        model.rows("reach", "axis").add(up, self.shifts.T, "axis shift").add(down, -self.shifts.T, "axis shift")
        problem = model.compile()
        inside = []
        for point in np.atleast_2d(np.asarray(points, dtype=float)):
            problem.set_row_bounds("reach", lower=point - self.nominal, upper=point - self.nominal)
            try:
                least = problem.solve(explain=False).objective
            except InfeasibleError:
                least = np.inf
            inside.append(least <= self.budget * (1.0 + 1e-7))
        return np.array(inside, dtype=bool)


@dataclass(frozen=True)
class BoxBallSet:
    """d = nominal + deviation * z with |z|_inf <= 1 and |z|_2 <= radius (Ben-Tal et al., 2009, sec. 2.3).

    Attributes:
        nominal: shape (size,).
        deviation: largest deviation of each coordinate, shape (size,), >= 0.
        radius: Omega; `ball_radius(eps)` for a violation probability of eps.
    """

    nominal: FloatArray
    deviation: FloatArray
    radius: float

    @property
    def size(self) -> int:
        """Number of coordinates."""
        return int(self.nominal.size)

    def support(self, direction: ArrayLike) -> float:
        """max c.d, exactly, by sorting."""
        c = np.asarray(direction, dtype=float)
        return float(self.nominal @ c) + box_ball_margin(self.deviation * c, self.radius)

    def worst_case(self) -> FloatArray:
        """max d_a for every coordinate alone: the full deviation once the radius reaches 1."""
        return self.nominal + min(self.radius, 1.0) * self.deviation

    def contains(self, points: ArrayLike) -> BoolArray:
        """Whether points of shape (n, size) lie in the set."""
        gap = np.atleast_2d(np.asarray(points, dtype=float)) - self.nominal
        fixed = self.deviation == 0.0
        z = gap / np.where(fixed, 1.0, self.deviation)
        z[:, fixed] = np.where(np.abs(gap[:, fixed]) > TOLERANCE * np.abs(self.nominal[fixed]), np.inf, 0.0)
        box = np.abs(z).max(axis=1) <= 1.0 + TOLERANCE
        return np.asarray(box & (np.sqrt((z * z).sum(axis=1)) <= self.radius * (1.0 + TOLERANCE)))


@dataclass(frozen=True)
class AffineSet:
    """{offset + matrix u : u in base}: demands of which some follow from others.

    Attributes:
        base: set of the free coordinates.
        matrix: shape (size, base.size), of full column rank.
        offset: shape (size,).
    """

    base: UncertaintySet
    matrix: FloatArray
    offset: FloatArray

    @property
    def size(self) -> int:
        """Number of coordinates."""
        return int(self.offset.size)

    def support(self, direction: ArrayLike) -> float:
        """max c.d: the base's in the direction that c has there."""
        c = np.asarray(direction, dtype=float)
        return float(self.offset @ c) + self.base.support(c @ self.matrix)

    def worst_case(self) -> FloatArray:
        """max d_a for every coordinate alone."""
        return self.offset + np.array([self.base.support(row) for row in self.matrix])

    def contains(self, points: ArrayLike) -> BoolArray:
        """Whether points of shape (n, size) lie in the set: they follow from free coordinates that lie in the base."""
        d = np.atleast_2d(np.asarray(points, dtype=float)) - self.offset
        free = np.linalg.lstsq(self.matrix, d.T)[0].T
        off = np.abs(free @ self.matrix.T - d) > TOLERANCE * np.maximum(np.abs(self.offset), np.abs(d))
        return np.asarray(self.base.contains(free) & ~off.any(axis=1))


def budget_margin(deviations: ArrayLike, budget: float) -> float:
    """max sum_i x_i z_i with |z|_inf <= 1 and |z|_1 <= budget: the largest |x_i| first."""
    sizes = np.sort(np.abs(np.asarray(deviations, dtype=float)))[::-1]
    whole = min(int(budget), sizes.size)
    margin = float(sizes[:whole].sum())
    return margin + (budget - whole) * float(sizes[whole]) if whole < sizes.size else margin


def box_ball_margin(deviations: ArrayLike, radius: float) -> float:
    """max sum_i x_i z_i with |z|_inf <= 1 and |z|_2 <= radius, exactly.

    At the optimum the largest |x_i| sit at z_i = 1 and the others are proportional to |x_i| with the rest of the
    ball: with m of them at 1 the rest has length sqrt(radius^2 - m). The right m is the first whose next z is <= 1.
    """
    x = np.sort(np.abs(np.asarray(deviations, dtype=float)))[::-1]
    if radius * radius >= x.size:
        return float(x.sum())
    squares = np.concatenate([np.cumsum((x * x)[::-1])[::-1], [0.0]])  # sum of squares from position m on
    for m in range(int(radius * radius) + 1):
        rest = np.sqrt(max(radius * radius - m, 0.0))
        norm = np.sqrt(squares[m])
        if norm == 0.0 or x[m] * rest <= norm * (1.0 + 1e-12):
            break
    return float(x[:m].sum() + rest * norm)


def ball_radius(eps: float) -> float:
    """Radius Omega whose box-ball set is violated with probability at most eps = exp(-Omega^2 / 2)."""
    return float(np.sqrt(2.0 * np.log(1.0 / eps)))


def sample_box(samples: ArrayLike) -> BoxSet:
    """The box that holds every sample; samples of shape (periods, buyers)."""
    d = check_samples(samples)
    return BoxSet(d.min(axis=0), d.max(axis=0))


def sample_budgeted_set(samples: ArrayLike, theta: float) -> BudgetedSet:
    """Budgeted set around the sample mean, budget sqrt(2 ln(1/theta)) (Wang, Chen, Liu, app. D).

    The paper gives neither the number nor the size of its shifts; here every sample's distance from the mean is one.

    Raises:
        InputError: theta outside (0, 1), or samples that are no table.
    """
    d = check_samples(samples)
    return BudgetedSet(d.mean(axis=0), d - d.mean(axis=0), float(np.sqrt(2.0 * np.log(1.0 / check_theta(theta)))))

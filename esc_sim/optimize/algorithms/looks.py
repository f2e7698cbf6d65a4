"""What was seen of designs, replication by replication, and what is to be expected of them.

A look is a replication; where a measure is none of a single replication (a tail), it is as many replications as judge a
design otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from esc_sim.errors import InputError
from esc_sim.optimize.algorithms.algorithm import Task
from esc_sim.optimize.algorithms.surrogate import Surrogate, fitted
from esc_sim.optimize.nsga2 import Generation, ranked

Floats = NDArray[np.float64]

MODELLED: Final = 250
"""Designs that a surrogate is fitted to at most: the best."""
_NEIGHBOURS: Final = 8
"""Designs of nearly the same cost that tell how noisy one is."""
_BELIEF: Final = 3.0
"""Looks that what they tell is worth."""


class Looks:
    """Designs and what was seen of them: looks of a design are the first ones of all.

    Attributes:
        designs: float64[N, D].
        seen: float64[N, L, M], measures by look; nan where there was none, or no number.
        counts: int64[N], looks of each design.
        block: replications of a look.
    """

    def __init__(
        self, task: Task, designs: Floats, seen: Floats, counts: NDArray[np.int64], parameters: Floats
    ) -> None:
        self.task, self.designs, self.seen, self.counts = task, designs, seen, counts
        self.block, self._parameters = task.look_size, parameters
        self._outlook: Outlook | None = None

    @classmethod
    def of(cls, task: Task, last: Generation | None) -> Looks:
        """What a generation holds; nothing at the beginning."""
        if last is None:
            nothing = np.empty((0, task.problem.n_var))
            return cls(task, nothing, np.empty((0, 0, task.problem.measured)), np.empty(0, np.int64), np.empty(0))
        counts = last.memory["counts"].astype(np.int64)
        return cls(task, last.designs, last.memory["seen"], counts, last.memory["kernels"])

    def add(self, designs: Floats, looks: int) -> None:
        """Look at new designs, as far as the budget allows."""
        looks = min(looks, self._affordable)
        designs = self.unknown(designs)[: self._affordable // max(looks, 1)]
        if not len(designs) or not looks:
            return
        self._is_new()
        new = self.task.look(designs, 0, looks)
        self.designs = np.concatenate([self.designs, designs])
        self.seen = np.concatenate([self._wide(looks), _padded(new, max(looks, self.seen.shape[1]))])
        self.counts = np.r_[self.counts, np.full(len(designs), looks)]

    def again(self, rows: list[int], looks: int) -> None:
        """Look at known designs again, all of which have had as many looks."""
        first = int(self.counts[rows[0]])
        rows = list(dict.fromkeys(rows))[: self._affordable]
        looks = min(looks, self._affordable // max(len(rows), 1))
        if not looks:
            return
        self._is_new()
        new = self.task.look(self.designs[rows], first, looks)
        self.seen = self._wide(first + looks)
        self.seen[rows, first : first + looks] = new
        self.counts[rows] += looks

    def unknown(self, designs: Floats) -> Floats:
        """Those that have not been looked at, each once, in their order."""
        both = np.concatenate([self.designs, designs])
        _, first = np.unique(both, axis=0, return_index=True)
        return both[np.sort(first[first >= len(self.designs)])]

    @property
    def points(self) -> Floats:
        """Designs in the unit cube."""
        return self.task.unit(self.designs)

    @property
    def _affordable(self) -> int:
        return self.task.left // self.block

    def _wide(self, looks: int) -> Floats:
        return _padded(self.seen, max(looks, self.seen.shape[1]))

    @property
    def outlook(self) -> Outlook:
        """What is to be expected; worked out once until there is something new."""
        if self._outlook is None:
            self._outlook = outlook_of(self, self._parameters)
        return self._outlook

    def _is_new(self) -> None:
        if self._outlook is not None:
            self._parameters, self._outlook = self._outlook.parameters, None

    def generation(self, number: int) -> Generation:
        """All designs with what is expected of them; kernels are kept as they were before they were fitted to these."""
        memory = {"seen": self.seen, "counts": self.counts.astype(np.float64), "kernels": self._parameters}
        return Generation(number, self.designs, self.outlook.costs[:, None], self.outlook.violations, memory)


def _padded(seen: Floats, looks: int) -> Floats:
    return np.pad(seen, ((0, 0), (0, looks - seen.shape[1]), (0, 0)), constant_values=np.nan)


@dataclass(frozen=True)
class _Estimate:
    """A quantity of all designs, float64[N] each: value, and variance of its difference from the leading design's."""

    values: Floats
    noise: Floats


def _estimated(seen: Floats, counts: NDArray[np.int64]) -> _Estimate:
    """Values by paired differences from the design that was looked at most.

    Args:
        seen: float64[N, L], by look.
        counts: int64[N].
    """
    most = int(counts.argmax())
    with np.errstate(invalid="ignore"):
        differences = seen - seen[most]
    known = ~np.isnan(differences)
    count = known.sum(axis=1)
    total = np.where(known, differences, 0.0).sum(axis=1)
    mean = np.divide(total, count, out=np.full(len(seen), np.nan), where=count > 0)
    values = mean + np.nanmean(seen[most]) if count[most] else mean
    squares = np.where(known, (differences - mean[:, None]) ** 2, 0.0).sum(axis=1)
    return _Estimate(values, _noise(values, squares, count, most))


def _noise(values: Floats, squares: Floats, count: NDArray[np.int64], most: int) -> Floats:
    """Variance of each mean difference; designs of nearly the same value lend what they know."""
    freedom = np.maximum(count - 1, 0).astype(np.float64)
    freedom[most] = 0.0
    order = np.argsort(values)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    near = np.abs(place[:, None] - place[None]) <= _NEIGHBOURS
    pooled = (near @ squares) / np.maximum(near @ freedom, 1.0)
    single = (squares + _BELIEF * pooled) / (freedom + _BELIEF)
    return single / np.maximum(count, 1)


@dataclass(frozen=True)
class _Modelled:
    """A surrogate of a quantity, of which it knows a bent form in which large values are nearer together."""

    surrogate: Surrogate
    origin: float
    unit: float

    def at(self, points: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the bent form."""
        return self.surrogate.at(points)

    def bent(self, values: Floats | float) -> Floats:
        """Values bent."""
        return np.arcsinh((np.asarray(values) - self.origin) / self.unit)

    def straight(self, values: Floats) -> Floats:
        """Bent values as they were."""
        return self.origin + self.unit * np.sinh(values)


def _modelled(points: Floats, estimate: _Estimate, origin: float, parameters: Floats | None) -> _Modelled:
    """A surrogate of the bent values."""
    away = np.abs(estimate.values - origin)
    unit = float(np.median(away)) or float(away.max()) or 1.0
    slope = 1.0 / np.hypot(unit, estimate.values - origin)
    values = np.arcsinh((estimate.values - origin) / unit)
    return _Modelled(fitted(points, values, estimate.noise * slope**2, parameters), origin, unit)


@dataclass(frozen=True)
class Outlook:
    """What is expected of all designs that were looked at, and of others.

    Attributes:
        looks: what was seen.
        objective: surrogate of the cost.
        limits: surrogates of the violations.
        costs: float64[N]; infinite where a design cannot be measured.
        violations: float64[N, C].
        spread: float64[N], standard deviation of the bent costs.
    """

    looks: Looks
    objective: _Modelled
    limits: tuple[_Modelled, ...]
    costs: Floats
    violations: Floats
    spread: Floats

    @property
    def parameters(self) -> Floats:
        """Of the kernels, to go on from."""
        return np.concatenate([one.surrogate.parameters for one in (self.objective, *self.limits)])

    @cached_property
    def order(self) -> list[int]:
        """Rows, the best first."""
        return [int(row) for row in ranked(self.costs, self.violations)]

    @property
    def leader(self) -> int:
        """Row of the leading design."""
        return self.order[0]

    @cached_property
    def rival(self) -> int:
        """Row of the design that is most likely to be better than the leading one."""
        bent = self.objective.bent(self.costs)
        chance = ndtr((bent[self.leader] - bent) / np.maximum(self.spread, 1e-12))
        chance = np.where(np.isfinite(bent), chance, 0.0) * self._feasible(self.looks.points)
        chance[self.leader] = -1.0
        return int(chance.argmax())

    def improvement(self, designs: Floats) -> Floats:
        """Expected improvement on the leading design, float64[n], times the chance that all limits are kept.

        Where no design keeps all limits, that chance alone.
        """
        points = self.looks.task.unit(designs)
        if self.violations[self.leader].max() > 0.0:
            return self._feasible(points)
        mean, spread = self.objective.at(points)
        gap = float(self.objective.bent(self.costs[self.leader])) - mean
        z = gap / np.maximum(spread, 1e-12)
        density = np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi)
        return (gap * ndtr(z) + spread * density) * self._feasible(points)

    def _feasible(self, points: Floats) -> Floats:
        chance = np.ones(len(points))
        for limit in self.limits:
            mean, spread = limit.at(points)
            chance *= ndtr(-mean / np.maximum(spread, 1e-12))
        return chance


def outlook_of(looks: Looks, parameters: Floats) -> Outlook:
    """Fit surrogates to all that was seen.

    Args:
        looks: what was seen.
        parameters: of the kernels, to begin from; empty for the usual ones.

    Raises:
        InputError: none of the designs could be measured.
    """
    problem, points = looks.task.problem, looks.points
    estimates = [_estimated(looks.seen[:, :, column], looks.counts) for column in range(looks.seen.shape[2])]
    measured = np.stack([one.values for one in estimates], axis=1)
    raw, broken = problem.costs(measured)[:, 0], problem.violations(measured)
    known = np.isfinite(raw)
    if not known.any():
        raise InputError(
            "no design of the first generation gives a number for every measure: ask for more --replications"
        )
    kept = np.flatnonzero(known)[np.argsort(raw[known], kind="stable")[:MODELLED]]
    count = 1 + len(problem.limit_columns)
    pieces = np.split(parameters, count) if len(parameters) else [None] * count
    cost = _Estimate(raw[kept], estimates[0].noise[kept])
    objective = _modelled(points[kept], cost, float(cost.values.min()), pieces[0])
    limits = []
    for place, (column, bound) in enumerate(problem.limit_columns):
        scale = abs(bound) or 1.0
        share = _Estimate(broken[kept, place], estimates[column].noise[kept] / scale**2)
        limits.append(_modelled(points[kept], share, 0.0, pieces[1 + place]))
    mean, spread = objective.at(points)
    costs = np.where(known, objective.straight(mean), np.inf)
    violations = broken.copy()
    for place, limit in enumerate(limits):
        violations[:, place] = np.where(known, limit.straight(limit.at(points)[0]), broken[:, place])
    return Outlook(looks, objective, tuple(limits), costs, violations, spread)

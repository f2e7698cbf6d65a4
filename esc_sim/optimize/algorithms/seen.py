"""What was seen of designs, and what is to be expected of them and of others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from esc_sim.errors import InputError
from esc_sim.optimize.algorithms.algorithm import Task
from esc_sim.optimize.algorithms.surrogate import Surrogate, Values, fitted_parameters, squared_distances, surrogate_of
from esc_sim.optimize.nsga2 import Generation, ranked

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

GROWTH: Final = 1.25
"""Parameters of surrogates are fitted anew once there are so many times the values."""
_LEAST: Final = 1e-12
_DOUBT: Final = 1.0
"""Standard deviations by which a limit must seem to be kept: among many designs some seem to keep it by luck."""
_BEYOND: Final = 0.02
"""Chance that a design can be measured whose neighbour could not."""


class Seen:
    """Designs, and measures of them on blocks of replications.

    Attributes:
        designs: float64[U, D].
        rows: int64[N], design of each observation.
        blocks: int64[N], number of its block of looks.
        sizes: float64[N], looks of the block.
        measures: float64[N, M]; nan where there was no number.
        looks: how many looks were taken so far: the next block begins there.
        fits: float64[1 + L, P], parameters of the surrogates of the cost and of L limits; empty before the first.
        fitted_at: observations when they were fitted.
    """

    def __init__(self, task: Task, last: Generation | None) -> None:
        """Take over what a generation holds; nothing at the beginning."""
        self.task = task
        memory = {} if last is None else last.memory
        self.designs = np.empty((0, task.problem.n_var)) if last is None else last.designs
        self.rows = memory.get("rows", np.empty(0)).astype(np.int64)
        self.blocks = memory.get("blocks", np.empty(0)).astype(np.int64)
        self.sizes = memory.get("sizes", np.empty(0))
        self.measures = memory.get("measures", np.empty((0, task.problem.measured)))
        self.fits = memory.get("fits", np.empty((0, 0)))
        self._outlook: Outlook | None = None
        self.looks, self.fitted_at = (int(number) for number in memory.get("counts", np.zeros(2)))

    def memory(self) -> dict[str, Floats]:
        """All of it as arrays."""
        return {
            "rows": self.rows.astype(np.float64),
            "blocks": self.blocks.astype(np.float64),
            "sizes": self.sizes,
            "measures": self.measures,
            "fits": self.fits,
            "counts": np.array([self.looks, self.fitted_at], np.float64),
        }

    def play(self, designs: Floats, size: int) -> None:
        """Play designs, known ones or new, on the next looks, all on the same; as far as the budget allows."""
        affordable = self.task.left // self.task.look_size
        designs = self.task.problem.snapped(designs)[:affordable]
        size = min(size, affordable // max(len(designs), 1))
        if not size:
            return
        self._outlook = None
        found = self.task.look(designs, self.looks, size)
        count = np.maximum((~np.isnan(found)).sum(axis=1), 1)
        missing = np.isnan(found).all(axis=1)
        self.rows = np.r_[self.rows, [self._row(design) for design in designs]].astype(np.int64)
        self.blocks = np.r_[self.blocks, np.full(len(designs), self.looks)]
        self.sizes = np.r_[self.sizes, np.full(len(designs), float(size))]
        means = np.where(missing, np.nan, np.nansum(found, axis=1) / count)
        self.measures = np.concatenate([self.measures, means])
        self.looks += size

    def _row(self, design: Floats) -> int:
        known = np.flatnonzero((self.designs == design).all(axis=1))
        if len(known):
            return int(known[0])
        self.designs = np.concatenate([self.designs, design[None]])
        return len(self.designs) - 1

    def unknown(self, designs: Floats) -> Floats:
        """Those of designs that have not been played, each once, in their order."""
        both = np.concatenate([self.designs, self.task.problem.snapped(designs)])
        _, first = np.unique(both, axis=0, return_index=True)
        return both[np.sort(first[first >= len(self.designs)])]

    def outlook(self) -> Outlook:
        """What is to be expected; parameters are fitted anew now and then, which is remembered.

        Raises:
            InputError: nothing could be measured.
        """
        if self._outlook is None:
            self._outlook = self._new_outlook()
        return self._outlook

    def _new_outlook(self) -> Outlook:
        problem = self.task.problem
        known = np.isfinite(problem.costs(self.measures)[:, 0])
        if not known.any():
            raise InputError(
                "no design of the first generation gives a number for every measure: ask for more --replications"
            )
        measures, rows = self.measures[known], self.rows[known]
        kept, rows = np.unique(rows, return_inverse=True)
        columns = np.column_stack([problem.costs(measures)[:, 0], problem.violations(measures)[:, :-1]])
        bends = [_bend(columns[:, 0], rows, None), *(_bend(column, rows, 0.0) for column in columns.T[1:])]
        points = self.task.unit(self.designs[kept])
        seen = [
            Values(points, rows, self.blocks[known], self.sizes[known], bend.bent(column))
            for bend, column in zip(bends, columns.T, strict=True)
        ]
        if len(self.rows) >= GROWTH * self.fitted_at:
            before = self.fits if len(self.fits) else [np.empty(0)] * len(seen)
            self.fits = np.stack([fitted_parameters(*pair) for pair in zip(seen, before, strict=True)])
            self.fitted_at = len(self.rows)
        surrogates = [surrogate_of(*pair) for pair in zip(seen, self.fits, strict=True)]
        lost = np.setdiff1d(np.arange(len(self.designs)), kept)
        unmeasured = self.task.unit(self.designs[lost])
        return Outlook(self.task, kept, points, unmeasured, tuple(surrogates), tuple(bends))

    def generation(self, number: int) -> Generation:
        """All designs with what is expected of them.

        Args:
            number: of the generation.
        """
        outlook = self.outlook()
        problem, count = self.task.problem, len(self.designs)
        costs, violations = np.full(count, np.inf), np.zeros((count, problem.n_ieq_constr))
        violations[:, -1] = np.inf
        costs[outlook.kept] = outlook.costs
        violations[outlook.kept] = np.column_stack([outlook.violations, np.zeros(len(outlook.kept))])
        return Generation(number, self.designs, costs[:, None], violations, self.memory())


@dataclass(frozen=True)
class Bend:
    """A quantity in a bent form, in which values far from an origin are nearer together; it stands still at 0."""

    origin: float
    unit: float

    def bent(self, values: Floats) -> Floats:
        """Values bent.

        Args:
            values: as they are.
        """
        return np.arcsinh((values - self.origin) / self.unit)

    def straight(self, values: Floats) -> Floats:
        """Values as they were.

        Args:
            values: bent.
        """
        return self.origin + self.unit * np.sinh(values)


def _bend(values: Floats, rows: Rows, origin: float | None) -> Bend:
    """A bend around an origin, the best design's mean where none is given, as wide as noise and half of the designs."""
    counts = np.bincount(rows)
    means = np.bincount(rows, values) / counts
    noise = float(np.sqrt(np.mean((values - means[rows]) ** 2)))
    start = float(means.min()) if origin is None else origin
    return Bend(start, max(2.0 * noise, float(np.median(np.abs(means - start)))) or 1.0)


@dataclass(frozen=True)
class Outlook:
    """What is to be expected of designs; K of them could be measured.

    Attributes:
        task: what is solved.
        kept: int64[K], their rows among all.
        points: float64[K, D], they in the unit cube.
        unmeasured: float64[., D], the others.
        surrogates: of the bent cost, and of bent violations.
        bends: how they are bent.
    """

    task: Task
    kept: Rows
    points: Floats
    unmeasured: Floats
    surrogates: tuple[Surrogate, ...]
    bends: tuple[Bend, ...]

    @cached_property
    def _expected(self) -> Floats:
        """Expected costs, and violations with a margin, of the known designs, float64[K, 1 + L]."""
        found = []
        for number, (surrogate, bend) in enumerate(zip(self.surrogates, self.bends, strict=True)):
            mean, spread, _ = surrogate.at(self.points, 0)
            found.append(bend.straight(mean + _DOUBT * spread if number else mean))
        return np.stack(found, axis=1)

    @property
    def costs(self) -> Floats:
        """Costs of the known designs, float64[K]."""
        return self._expected[:, 0]

    @property
    def violations(self) -> Floats:
        """Their violations with a margin for doubt, float64[K, L]."""
        return self._expected[:, 1:]

    @cached_property
    def order(self) -> Rows:
        """Places of the known designs, the best first."""
        return ranked(self.costs, self.violations)

    @property
    def leader(self) -> int:
        """Place of the leading design."""
        return int(self.order[0])

    @cached_property
    def rival(self) -> int:
        """Place of the design that is most likely to be better than the leading one."""
        mean, _, between = self.surrogates[0].at(self.points, self.leader)
        chance = ndtr((mean[self.leader] - mean) / np.maximum(between, _LEAST)) * self._kept_chance(self.points)
        chance[self.leader] = -1.0
        return int(chance.argmax())

    def improvement(self, designs: Floats) -> Floats:
        """Expected improvement on the leading design, float64[n], times the chance that all limits are kept.

        Where no known design is expected to keep them, that chance alone.

        Args:
            designs: float64[n, D].
        """
        points = self.task.unit(designs)
        chance = self._kept_chance(points)
        if (self.violations[self.leader] > 0.0).any():
            return chance
        mean, _, between = self.surrogates[0].at(points, self.leader)
        leading = self.surrogates[0].at(self.points[[self.leader]], self.leader)[0]
        gap, spread = float(leading[0]) - mean, np.maximum(between, _LEAST)
        z = gap / spread
        return (gap * ndtr(z) + spread * np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi)) * chance

    def _kept_chance(self, points: Floats) -> Floats:
        """Chance that all limits are kept; small where the nearest design that was played could not be measured."""
        chance = np.ones(len(points))
        if len(self.unmeasured):
            away, near = (squared_distances(points, known).min(axis=1) for known in (self.unmeasured, self.points))
            chance[away < near] = _BEYOND
        for surrogate in self.surrogates[1:]:
            mean, spread, _ = surrogate.at(points, 0)
            chance *= ndtr(-mean / np.maximum(spread, _LEAST))
        return chance

"""What a search for sets maximises within a budget, counted and remembered; for recovery sets it is resilience."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.cascade.cascade import Cascade, CascadeResult
from esc_sim.cascade.kernels import RN, STRICT
from esc_sim.crews.crew import Crew, alone
from esc_sim.errors import InputError

Progress = Callable[[int, int, float], None]  # evaluations done, their limit, best resilience so far
BoolArray = NDArray[np.bool_]
ROUNDING = 1e-12  # loads added up in another order may exceed the budget by that part of it


class SetsInBudget(ABC):
    """Choose some of R things: the largest fitness, the sum of their loads within a budget; counted and remembered.

    A set met again is looked up and costs nothing (unless `remember` is off).

    Args:
        load: (R,) loads.
        budget: largest sum of the loads of a set.
        per_set: evaluations that a set costs.
        limit: largest number of evaluations.
        progress: called after every batch.
        remember: look up sets met again; otherwise every set is run and counted.

    Attributes:
        trace: (evaluations, best fitness so far) after every set that was run.
        iterations: the same at the end of every generation of a search.
        has_niches: whether every combination of things of large load keeps its place while the search is young.
    """

    has_niches = True

    def __init__(
        self, load: NDArray[np.float64], budget: float, *, per_set: int, limit: int,
        progress: Progress | None = None, remember: bool = True,
    ) -> None:  # fmt: skip
        self.load = load
        self.budget = float(budget)
        self.per_set = per_set
        self.limit = limit
        self.progress = progress
        self.remember = remember
        self.evaluations = 0
        self.best: BoolArray = np.zeros(len(load), dtype=bool)
        self.best_fitness = -math.inf
        self.trace: list[tuple[int, float]] = []
        self.iterations: list[tuple[int, float]] = []
        self._known: dict[bytes, float] = {}

    @abstractmethod
    def measure(self, sets: BoolArray) -> list[float]:
        """Fitness of (S, R) sets, in order."""

    @property
    def size(self) -> int:
        """R, number of things."""
        return len(self.load)

    @property
    def sets_left(self) -> int:
        """New sets that may still be evaluated."""
        return (self.limit - self.evaluations) // self.per_set

    def feasible(self, sets: BoolArray) -> BoolArray:
        """(S,) whether each of the (S, R) sets is within the budget."""
        return sets.astype(np.float64) @ self.load <= self.budget * (1 + ROUNDING)

    def used(self, chosen: BoolArray) -> float:
        """Load of one set."""
        return math.fsum(self.load[chosen].tolist())

    def known(self, chosen: BoolArray) -> bool:
        """Whether a set was evaluated before."""
        return _key(chosen) in self._known

    def evaluate(self, sets: BoolArray) -> NDArray[np.float64]:
        """(S,) fitness of (S, R) sets; -inf for sets beyond the evaluations left.

        Raises:
            InputError: a set is over the budget.
        """
        keys = [_key(chosen) for chosen in sets]
        rows = self._to_run(keys)
        if rows:
            if not self.feasible(sets[rows]).all():
                raise InputError("a recovery set is over the budget")
            for at, fitness in zip(rows, self.measure(sets[rows]), strict=True):
                self.evaluations += self.per_set
                self._record(sets[at], keys[at], fitness)
            if self.progress is not None:
                self.progress(self.evaluations, self.limit, self.best_fitness)
        return np.array([self._known.get(key, -math.inf) for key in keys])

    def _to_run(self, keys: list[bytes]) -> list[int]:
        """Rows to run, as far as the evaluations go."""
        if not self.remember:
            return list(range(min(len(keys), self.sets_left)))
        new: dict[bytes, int] = {}
        for at, key in enumerate(keys):
            if key not in self._known:
                new.setdefault(key, at)
        return list(new.values())[: self.sets_left]

    def _record(self, chosen: BoolArray, key: bytes, fitness: float) -> None:
        self._known[key] = fitness
        better = fitness > self.best_fitness
        if better or (fitness == self.best_fitness and self.used(chosen) < self.used(self.best)):
            self.best = np.array(chosen, dtype=bool)
            self.best_fitness = fitness
        self.trace.append((self.evaluations, self.best_fitness))


class RecoveryProblem(SetsInBudget):
    """Choose the removed nodes to restore: maximal resilience, the sum of their loads within the budget.

    The resilience of a set is the mean RN (strict RN if the settings say so) over the cascade seeds. One cascade run is
    one evaluation.

    Args:
        cascade: the network.
        removed: (R,) indices of the removed nodes; kept in ascending order as `nodes`.
        budget: C_R, in units of load, or the number of nodes that may be restored.
        seeds: Q cascade seeds.
        limit: largest number of evaluations.
        crew: who does the cascades; no number depends on it.
        progress: called after every batch.
        remember: look up sets met again; otherwise every set is run and counted.
        by_count: the budget is a number of nodes, of whatever load.

    Raises:
        InputError: negative budget, unknown nodes, a limit below the number of seeds.
    """

    def __init__(
        self, cascade: Cascade, removed: ArrayLike, budget: float, seeds: Sequence[int] = (1,), limit: int = 2000,
        crew: Crew = alone, progress: Progress | None = None, remember: bool = True, by_count: bool = False,
    ) -> None:  # fmt: skip
        if not (math.isfinite(budget) and budget >= 0):
            what = "number" if by_count else "load"
            raise InputError(f"budget: {budget} is not a number of at least 0 (the {what} of the nodes to restore)")
        if limit < len(seeds):
            raise InputError(f"evaluations: {limit} is less than one for each of the {len(seeds)} cascade seeds")
        self.cascade = cascade
        self.nodes = cascade.failed_at_start(removed)
        self.seeds = tuple(int(seed) for seed in seeds)
        self.crew = crew
        self.by_count = by_count
        load = np.ones(len(self.nodes)) if by_count else cascade.loads[self.nodes]
        super().__init__(load, budget, per_set=len(self.seeds), limit=limit, progress=progress, remember=remember)

    def measure(self, sets: BoolArray) -> list[float]:
        """Resilience of (S, R) sets."""
        strict = self.cascade.settings.strict
        measures = self.cascade.evaluate(self.nodes, sets, self.seeds, strict, self.crew)
        resilience: list[float] = measures[:, :, STRICT if strict else RN].mean(axis=1).tolist()
        return resilience

    def trial(self, chosen: BoolArray) -> CascadeResult:
        """One cascade of a set in full, for the first seed; it counts as one evaluation."""
        result = self.cascade.run(self.nodes, self.nodes[chosen], self.seeds[0])
        self.evaluations += 1
        if len(self.seeds) == 1:
            fitness = float(result.strict_rn if self.cascade.settings.strict else result.rn)
            self._record(chosen, _key(chosen), fitness)
        return result


def _key(chosen: BoolArray) -> bytes:
    return np.packbits(chosen).tobytes()

"""The recovery problem and its populations in pymoo's terms, shared by the searches."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymoo.algorithms.soo.nonconvex.ga import GA
from pymoo.core.problem import Problem
from pymoo.core.survival import Survival
from pymoo.core.termination import Termination

from esc_sim.recovery.problem import BoolArray, SetsInBudget

STALE = 20  # generations without a new set after which a search ends


class SetProblem(Problem):
    """pymoo's view: R binary variables, minimise minus the resilience."""

    def __init__(self, recovery: SetsInBudget) -> None:
        super().__init__(n_var=recovery.size, n_obj=1, xl=0, xu=1, vtype=bool)
        self.recovery = recovery

    def _evaluate(self, x: BoolArray, out: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        out["F"] = -self.recovery.evaluate(x)[:, None]


class EvaluationsUsed(Termination):
    """Ends when no further set may be evaluated, or when no new one turned up for `STALE` generations."""

    def __init__(self, recovery: SetsInBudget) -> None:
        super().__init__()
        self.recovery = recovery
        self.seen = -1
        self.stale = 0

    def _update(self, algorithm: Any) -> float:
        self.stale = self.stale + 1 if self.recovery.evaluations == self.seen else 0
        self.seen = self.recovery.evaluations
        return 1.0 if self.recovery.sets_left == 0 or self.stale >= STALE else 0.0


class BestOfAll(Survival):
    """Parents and offspring compete; equal sets count once, equal fitness goes by age. Stable, so that no sorting
    routine decides between ties."""

    def __init__(self) -> None:
        super().__init__(filter_infeasible=False)

    def _do(self, problem: SetProblem, pop: Any, *args: Any, n_survive: int | None = None, **kwargs: Any) -> Any:
        return pop[self.choose(problem, pop, best_first(pop), n_survive or len(pop))]

    def choose(self, problem: SetProblem, pop: Any, order: list[int], count: int) -> list[int]:
        """Which of the different sets, best first, survive.

        Args:
            problem: the problem.
            pop: pymoo's population.
            order: places of the different sets, best first.
            count: how many survive.
        """
        return order[:count]


def best_first(pop: Any) -> list[int]:
    """Places of the different sets of a population, best first."""
    order: dict[bytes, int] = {}
    for at in np.argsort(pop.get("F")[:, 0], kind="stable").tolist():
        order.setdefault(np.packbits(pop[at].X).tobytes(), at)
    return list(order.values())


def random_sets(recovery: SetsInBudget, count: int, rng: np.random.Generator) -> BoolArray:
    """(count, R) sets that restore nodes in random order up to the first that does not fit the budget.

    Args:
        recovery: loads and budget of the R removed nodes.
        count: number of sets.
        rng: random numbers of the search.
    """
    order = np.argsort(rng.random((count, recovery.size)), axis=1)
    fits = np.cumsum(recovery.load[order], axis=1) <= recovery.budget
    sets = np.zeros((count, recovery.size), dtype=bool)
    np.put_along_axis(sets, order, fits, axis=1)
    return sets


def best_of_pairs(fitness: NDArray[np.float64], count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """(count,) winners of binary tournaments (larger fitness; the first of equals).

    Args:
        fitness: (K,) fitness of the candidates.
        count: number of tournaments.
        rng: random numbers of the search.
    """
    a, b = rng.integers(len(fitness), size=(2, count))
    return np.where(fitness[a] >= fitness[b], a, b)


def run_ga(recovery: SetsInBudget, algorithm: GA, seed: int) -> None:
    """Run a pymoo algorithm on the problem; the problem remembers the best set.

    Args:
        recovery: the problem.
        algorithm: pymoo's algorithm.
        seed: of the algorithm's numpy Generator.
    """
    algorithm.setup(SetProblem(recovery), termination=EvaluationsUsed(recovery), seed=seed)
    while algorithm.has_next():
        algorithm.next()
        recovery.iterations.append((recovery.evaluations, recovery.best_fitness))

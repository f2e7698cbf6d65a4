"""The published searches, as baselines: genetic and memetic algorithm (Li, Zhao, Wang, Mi, section 2.2).

Binary chromosome over the removed nodes, population of 30, crossover at one random point, mutation of a single bit,
offspring over the budget discarded, parents and offspring compete. The memetic one also exchanges fragments of a
chromosome and keeps what is better. The paper prints no probabilities and no length of the local search; those below
are ours, and can be set.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pymoo.algorithms.soo.nonconvex.ga import GA
from pymoo.core.infill import InfillCriterion
from pymoo.core.population import Population
from pymoo.core.sampling import Sampling

from esc_sim.recovery.operators import BestOfAll, SetProblem, best_of_pairs, random_sets, run_ga
from esc_sim.recovery.problem import BoolArray, RecoveryProblem
from esc_sim.recovery.settings import OWN, SearchSettings

POPULATION = 30
CROSSOVER = 0.8  # P_c
MUTATION = 0.2  # P_m, of one bit of a chromosome
LOCAL_STEPS = 30  # exchanges of fragments tried in a generation
ATTEMPTS = 200  # matings in a generation until one has to do with fewer offspring


def search_ga(recovery: RecoveryProblem, seed: int, settings: SearchSettings = OWN) -> None:
    """The paper's genetic algorithm.

    Args:
        recovery: the problem.
        seed: of the search.
        settings: sizes and chances.
    """
    run_ga(recovery, _PaperAlgorithm(settings, local_steps=0), seed)


def search_paper_memetic(recovery: RecoveryProblem, seed: int, settings: SearchSettings = OWN) -> None:
    """The paper's memetic algorithm.

    Args:
        recovery: the problem.
        seed: of the search.
        settings: sizes and chances.
    """
    steps = LOCAL_STEPS if settings.local_steps is None else settings.local_steps
    run_ga(recovery, _PaperAlgorithm(settings, steps), seed)


class RandomSets(Sampling):
    """Random sets within the budget."""

    def _do(
        self, problem: SetProblem, n_samples: int, *args: Any, random_state: np.random.Generator, **kwargs: Any
    ) -> BoolArray:
        return random_sets(problem.recovery, n_samples, random_state)


class PaperMating(InfillCriterion):
    """Single-point crossover and single-bit mutation; offspring over the budget are discarded."""

    def __init__(self, crossover: float, mutation: float) -> None:
        super().__init__()
        self.crossover = crossover
        self.mutation = mutation

    def _do(
        self, problem: SetProblem, pop: Any, n_offsprings: int, *args: Any, random_state: np.random.Generator, **_: Any
    ) -> Any:
        rng, size = random_state, problem.recovery.size
        parents, fitness = pop.get("X"), -pop.get("F")[:, 0]
        kept: list[BoolArray] = []
        for _attempt in range(ATTEMPTS):
            a, b = best_of_pairs(fitness, 2, rng)
            children = np.array([parents[a], parents[b]])
            if rng.random() < self.crossover and size > 1:
                cut = int(rng.integers(1, size))
                children[:, cut:] = children[::-1, cut:]
            for child in children:
                if rng.random() < self.mutation:
                    child[rng.integers(size)] ^= True
            kept.extend(children[problem.recovery.feasible(children)])
            if len(kept) >= n_offsprings:
                break
        return Population.new("X", np.array(kept[:n_offsprings]))


class _PaperAlgorithm(GA):
    """pymoo's GA with the paper's operators and, each generation, its local search."""

    def __init__(self, settings: SearchSettings, local_steps: int) -> None:
        super().__init__(
            pop_size=settings.population or POPULATION,
            sampling=RandomSets(),
            mating=PaperMating(
                CROSSOVER if settings.crossover is None else settings.crossover,
                MUTATION if settings.mutation is None else settings.mutation,
            ),
            survival=BestOfAll(),
            eliminate_duplicates=False,
            advance_after_initial_infill=True,
        )
        self.local_steps = local_steps
        self.local_first = settings.local_first

    def _initialize_advance(self, infills: Any = None, **kwargs: Any) -> None:
        super()._initialize_advance(infills, **kwargs)
        if self.local_first:
            self._search_locally()

    def _advance(self, infills: Any = None, **kwargs: Any) -> None:
        super()._advance(infills, **kwargs)
        self._search_locally()

    def _search_locally(self) -> None:
        for _ in range(self.local_steps):
            self._exchange_fragments()

    def _exchange_fragments(self) -> None:
        """Swap two fragments of equal length of a random chromosome; keep the result if it is better."""
        recovery, rng = self.problem.recovery, self.random_state
        if recovery.size < 2 or recovery.sets_left == 0:
            return
        one = self.pop[int(rng.integers(len(self.pop)))]
        length = int(rng.integers(1, recovery.size // 2 + 1))
        first = int(rng.integers(0, recovery.size - 2 * length + 1))
        second = int(rng.integers(first + length, recovery.size - length + 1))
        chosen = one.X.copy()
        chosen[first : first + length] = one.X[second : second + length]
        chosen[second : second + length] = one.X[first : first + length]
        if recovery.feasible(chosen[None])[0]:
            fitness = recovery.evaluate(chosen[None])[0]
            if -fitness < one.F[0]:
                one.set("X", chosen)
                one.set("F", np.array([-fitness]))

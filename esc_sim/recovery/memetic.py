"""The default recovery search: a genetic algorithm that starts from reverse cascades and asks a surrogate first.

pymoo's GA with these parts:

- sampling: sets built from reverse cascades (`reverse.py`), and doing nothing;
- mating: uniform crossover, then local search by swaps, with knapsack repair: one or two nodes are forced in, the
  others fill the budget in random order, the parents' nodes first;
- of the many children of a couple, only the one that a linear surrogate (`surrogate.py`) ranks highest is evaluated,
  and never a set that is already known;
- parents and offspring compete, equal sets count once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymoo.algorithms.soo.nonconvex.ga import GA
from pymoo.core.infill import InfillCriterion
from pymoo.core.population import Population
from pymoo.core.sampling import Sampling

from esc_sim.recovery.operators import BestOfAll, SetProblem, best_of_pairs, run_ga
from esc_sim.recovery.problem import BoolArray, RecoveryProblem, SetsInBudget
from esc_sim.recovery.reverse import reverse_cascade_set
from esc_sim.recovery.settings import OWN, SearchSettings
from esc_sim.recovery.surrogate import LinearSurrogate, worth

POPULATION = 15
OFFSPRING = 10
CHILDREN = 20  # of a couple; one of them is evaluated
CROSSOVER = 0.5
SWAPS = (1, 2)  # nodes forced in
REFILL = 0.8  # probability that left-over budget is spent
BIG = 0.25  # of the budget: what a big node costs at least
YOUNG = 0.4  # part of the evaluations during which niches are kept apart
SEEDING = 0.08  # part of the evaluations that may go into the first population


def search_memetic(recovery: RecoveryProblem, seed: int, settings: SearchSettings = OWN) -> None:
    """Search for a recovery set; the problem remembers the best one.

    Args:
        recovery: the problem.
        seed: of the search's numpy Generator.
        settings: sizes and chances.
    """
    if recovery.size == 0:
        recovery.evaluate(np.zeros((1, 0), dtype=bool))
        return
    search_from(recovery, ReverseCascades(), seed, settings)


def search_from(problem: SetsInBudget, first: Sampling, seed: int, settings: SearchSettings = OWN) -> None:
    """The search, from a first population of any kind; the problem remembers the best set.

    Args:
        problem: of at least one thing to choose.
        first: gives the first sets.
        seed: of the search's numpy Generator.
        settings: sizes and chances.
    """
    crossover = CROSSOVER if settings.crossover is None else settings.crossover
    algorithm = GA(
        pop_size=settings.population or POPULATION,
        n_offsprings=OFFSPRING,
        sampling=first,
        mating=GuidedMating(LinearSurrogate(problem.size), crossover),
        survival=Niches(),
        eliminate_duplicates=False,
        advance_after_initial_infill=True,
    )
    run_ga(problem, algorithm, seed)


class Niches(BestOfAll):
    """While the search is young, every combination of big nodes keeps its share of the population.

    A big node costs a large part of the budget: a set with it is worse than one without until the rest of the set has
    been fitted to it.
    """

    def choose(self, problem: SetProblem, pop: Any, order: list[int], count: int) -> list[int]:
        """Which of the different sets survive: no niche takes more than its part while the search is young.

        Args:
            problem: the problem.
            pop: pymoo's population.
            order: places of the different sets, best first.
            count: how many survive.
        """
        recovery = problem.recovery
        if not young(recovery):
            return order[:count]
        kinds = niches(recovery, np.array([pop[at].X for at in order], dtype=bool))
        share = max(1, count // len(set(kinds)))
        seen: dict[bytes, int] = {}
        protected = []
        for at, kind in zip(order, kinds, strict=True):
            seen[kind] = seen.get(kind, 0) + 1
            if seen[kind] <= share:
                protected.append(at)
        protected = protected[:count]
        rest = [at for at in order if at not in protected][: count - len(protected)]
        return [at for at in order if at in protected or at in rest]


def young(recovery: SetsInBudget) -> bool:
    """Whether niches are still kept apart."""
    return recovery.has_niches and recovery.evaluations < YOUNG * recovery.limit


def big_nodes(recovery: SetsInBudget) -> NDArray[np.int64]:
    """Places of the removed nodes that cost a large part of the budget but not more than it."""
    load = recovery.load
    return np.flatnonzero((load >= BIG * recovery.budget) & (load <= recovery.budget))


def niches(recovery: SetsInBudget, sets: BoolArray) -> list[bytes]:
    """The combination of big nodes of each set."""
    return [row.tobytes() for row in sets[:, big_nodes(recovery)]]


class ReverseCascades(Sampling):
    """Doing nothing, the plain reverse-cascade set, one that begins with each big node, and noisy ones as far as the
    evaluations for seeding go."""

    def _do(
        self, problem: SetProblem, n_samples: int, *args: Any, random_state: np.random.Generator, **kwargs: Any
    ) -> BoolArray:
        recovery = problem.recovery
        assert isinstance(recovery, RecoveryProblem)
        sets = [np.zeros(recovery.size, dtype=bool)]
        start = recovery.trial(sets[0])
        big = big_nodes(recovery)
        begins: list[int | None] = [None, *big[np.argsort(-recovery.load[big], kind="stable")].tolist()]
        while len(sets) < n_samples and recovery.sets_left > 0:
            first = begins[len(sets) - 1] if len(sets) <= len(begins) else None
            sets.append(reverse_cascade_set(recovery, random_state, start, plain=len(sets) == 1, first=first))
            if recovery.evaluations + len(sets) * len(recovery.seeds) > SEEDING * recovery.limit:
                break
        return np.array(sets)


class GuidedMating(InfillCriterion):
    """Children by crossover and swaps; the surrogate chooses which are evaluated."""

    def __init__(self, surrogate: LinearSurrogate, crossover: float = CROSSOVER) -> None:
        super().__init__()
        self.surrogate = surrogate
        self.crossover = crossover

    def do(self, problem: SetProblem, pop: Any, n_offsprings: int, *args: Any, **kwargs: Any) -> Any:
        """Offspring of a population, never two alike.

        Args:
            problem: the problem.
            pop: pymoo's population.
            n_offsprings: how many are made.
            args: of pymoo, not used.
            kwargs: of pymoo: algorithm and random numbers.
        """
        return self._do(problem, pop, n_offsprings, **kwargs)

    def _do(
        self, problem: SetProblem, pop: Any, n_offsprings: int, *args: Any, algorithm: GA,
        random_state: np.random.Generator, **kwargs: Any,
    ) -> Any:  # fmt: skip
        recovery, rng = problem.recovery, random_state
        self._learn(algorithm.off if algorithm.off is not None else pop)
        count = min(n_offsprings, recovery.sets_left)
        couple = np.repeat(np.arange(count), CHILDREN)
        parents = np.array(pop.get("X"), dtype=bool)
        first, second = self._parents(recovery, parents, -pop.get("F")[:, 0], couple, rng)
        children = swapped(recovery, crossed(parents[first], parents[second], rng, self.crossover), rng)
        score = worth(children, self.surrogate.draw(count, rng), couple)
        chosen: dict[bytes, BoolArray] = {}
        for a in range(count):
            family = range(a * CHILDREN, (a + 1) * CHILDREN)
            for at in sorted(family, key=lambda at: -score[at]):
                key = children[at].tobytes()
                if key not in chosen and not recovery.known(children[at]):
                    chosen[key] = children[at]
                    break
        return Population.new("X", np.array(list(chosen.values())).reshape(-1, recovery.size))

    def _learn(self, new: Any) -> None:
        fitness = -new.get("F")[:, 0]
        told = np.isfinite(fitness)
        self.surrogate.learn(np.array(new.get("X"), dtype=bool)[told], fitness[told])

    def _parents(
        self, recovery: SetsInBudget, sets: BoolArray, fitness: NDArray[np.float64], couple: NDArray[np.int64],
        rng: np.random.Generator,
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:  # fmt: skip
        """First and second parent of every child: one first parent a couple. While the search is young, a couple is of
        one niche, and every niche has the same chance."""
        count = int(couple[-1]) + 1
        if not young(recovery) or len(big_nodes(recovery)) == 0:
            return best_of_pairs(fitness, count, rng)[couple], best_of_pairs(fitness, len(couple), rng)
        _, kind = np.unique(sets[:, big_nodes(recovery)], axis=0, return_inverse=True)
        first, second = np.zeros(len(couple), dtype=np.int64), np.zeros(len(couple), dtype=np.int64)
        for a in range(count):
            of_kind = np.flatnonzero(kind == rng.integers(kind.max() + 1))
            rows = slice(a * CHILDREN, (a + 1) * CHILDREN)
            first[rows] = of_kind[best_of_pairs(fitness[of_kind], 1, rng)]
            second[rows] = of_kind[best_of_pairs(fitness[of_kind], CHILDREN, rng)]
        return first, second


def crossed(first: BoolArray, second: BoolArray, rng: np.random.Generator, chance: float = CROSSOVER) -> BoolArray:
    """Uniform crossover of (K, R) parents; otherwise the first parent.

    Args:
        first, second: (K, R) sets.
        rng: random numbers of the search.
        chance: of a crossover.
    """
    mixed = rng.random(first.shape) < 0.5
    mixed &= (rng.random(len(first)) < chance)[:, None]
    return np.where(mixed, second, first)


def swapped(recovery: SetsInBudget, sets: BoolArray, rng: np.random.Generator) -> BoolArray:
    """Force one or two nodes into each of (K, R) sets and repair it: others leave at random until the budget holds;
    then, with probability `REFILL`, any others enter at random that fit.

    Args:
        recovery: loads and budget of the R removed nodes.
        sets: (K, R) sets.
        rng: random numbers of the search.
    """
    load, budget = recovery.load, recovery.budget
    forced = np.zeros(sets.shape, dtype=bool)
    outside = np.argsort(np.where(sets | (load > budget), np.inf, rng.random(sets.shape)), axis=1, kind="stable")
    used, swaps = np.zeros(len(sets)), rng.integers(SWAPS[0], SWAPS[1] + 1, size=len(sets))
    for turn in range(min(SWAPS[1], recovery.size)):
        node = outside[:, turn]
        fits = (swaps > turn) & ~sets[np.arange(len(sets)), node] & (used + load[node] <= budget)
        forced[np.flatnonzero(fits), node[fits]] = True
        used += np.where(fits, load[node], 0.0)
    kept = dropped(load, budget, sets | forced, forced, rng)
    return filled(load, budget, kept, rng.random(len(sets)) < REFILL, rng)


def dropped(
    load: NDArray[np.float64], budget: float, sets: BoolArray, forced: BoolArray, rng: np.random.Generator
) -> BoolArray:
    """Nodes that are not forced leave in random order until each of (K, R) sets is within the budget.

    Args:
        load: (R,) loads.
        budget: largest sum of the loads of a set.
        sets: (K, R) sets.
        forced: (K, R) nodes that stay.
        rng: random numbers of the search.
    """
    free = sets & ~forced
    order = np.argsort(np.where(free, rng.random(sets.shape), np.inf), axis=1, kind="stable")
    cost = np.where(np.take_along_axis(free, order, axis=1), load[order], 0.0)
    gone = np.cumsum(cost, axis=1) - cost  # what has left before each
    over = np.where(sets, load, 0.0).sum(axis=1) - budget
    leaves = np.zeros(sets.shape, dtype=bool)
    np.put_along_axis(leaves, order, (gone < over[:, None]) & (cost > 0), axis=1)
    return sets & ~leaves


def filled(
    load: NDArray[np.float64], budget: float, sets: BoolArray, refill: BoolArray, rng: np.random.Generator
) -> BoolArray:
    """Other nodes enter in random order while they fit, in those of (K, R) sets marked by `refill` (K,).

    Args:
        load: (R,) loads.
        budget: largest sum of the loads of a set.
        sets: (K, R) sets.
        refill: (K,) sets that nodes enter.
        rng: random numbers of the search.
    """
    order = np.argsort(np.where(sets, np.inf, rng.random(sets.shape)), axis=1, kind="stable")
    used = np.where(sets, load, 0.0).sum(axis=1)
    result = sets.copy()
    rows = np.flatnonzero(refill)
    for place in range(sets.shape[1]):
        node = order[rows, place]
        enters = ~result[rows, node] & (used[rows] + load[node] <= budget)
        result[rows[enters], node[enters]] = True
        used[rows[enters]] += load[node[enters]]
    return result

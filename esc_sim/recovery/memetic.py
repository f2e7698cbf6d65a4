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
from esc_sim.recovery.problem import BoolArray, RecoveryProblem
from esc_sim.recovery.reverse import reverse_cascade_set
from esc_sim.recovery.surrogate import LinearSurrogate, worth

POPULATION = 30
OFFSPRING = 30
CHILDREN = 20  # of a couple; one of them is evaluated
CROSSOVER = 0.5
SWAPS = (1, 2)  # nodes forced in
REFILL = 0.8  # probability that left-over budget is spent
SEEDING = 0.08  # part of the evaluations that may go into the first population


def search_memetic(recovery: RecoveryProblem, seed: int) -> None:
    """Search for a recovery set; the problem remembers the best one.

    Args:
        seed: of the search's numpy Generator.
    """
    if recovery.size == 0:
        recovery.evaluate(np.zeros((1, 0), dtype=bool))
        return
    algorithm = GA(
        pop_size=POPULATION,
        n_offsprings=OFFSPRING,
        sampling=ReverseCascades(),
        mating=GuidedMating(LinearSurrogate(recovery.size)),
        survival=BestOfAll(),
        eliminate_duplicates=False,
        advance_after_initial_infill=True,
    )
    run_ga(recovery, algorithm, seed)


class ReverseCascades(Sampling):
    """Doing nothing, the plain reverse-cascade set, and noisy ones as far as the evaluations for seeding go."""

    def _do(
        self, problem: SetProblem, n_samples: int, *args: Any, random_state: np.random.Generator, **kwargs: Any
    ) -> BoolArray:
        recovery = problem.recovery
        sets = [np.zeros(recovery.size, dtype=bool)]
        start = recovery.trial(sets[0])
        while len(sets) < n_samples and recovery.sets_left > 0:
            sets.append(reverse_cascade_set(recovery, random_state, start, plain=len(sets) == 1))
            if recovery.evaluations + len(sets) * len(recovery.seeds) > SEEDING * recovery.limit:
                break
        return np.array(sets)


class GuidedMating(InfillCriterion):
    """Children by crossover and swaps; the surrogate chooses which are evaluated."""

    def __init__(self, surrogate: LinearSurrogate) -> None:
        super().__init__()
        self.surrogate = surrogate
        self.learned: set[int] = set()

    def do(self, problem: SetProblem, pop: Any, n_offsprings: int, *args: Any, **kwargs: Any) -> Any:
        return self._do(problem, pop, n_offsprings, **kwargs)

    def _do(
        self, problem: SetProblem, pop: Any, n_offsprings: int, *args: Any, algorithm: GA,
        random_state: np.random.Generator, **kwargs: Any,
    ) -> Any:  # fmt: skip
        recovery, rng = problem.recovery, random_state
        new = algorithm.off if algorithm.off is not None else pop
        fitness = -new.get("F")[:, 0]
        told = np.isfinite(fitness)
        self.surrogate.learn(np.array(new.get("X"), dtype=bool)[told], fitness[told])
        count = min(n_offsprings, recovery.sets_left)
        parents, quality = np.array(pop.get("X"), dtype=bool), -pop.get("F")[:, 0]
        couple = np.repeat(np.arange(count), CHILDREN)
        first = np.repeat(best_of_pairs(quality, count, rng), CHILDREN)
        second = best_of_pairs(quality, len(couple), rng)
        children = swapped(recovery, crossed(parents[first], parents[second], rng), rng)
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


def crossed(first: BoolArray, second: BoolArray, rng: np.random.Generator) -> BoolArray:
    """Uniform crossover of (K, R) parents, with probability `CROSSOVER`; otherwise the first parent."""
    mixed = rng.random(first.shape) < 0.5
    mixed &= (rng.random(len(first)) < CROSSOVER)[:, None]
    return np.where(mixed, second, first)


def swapped(recovery: RecoveryProblem, sets: BoolArray, rng: np.random.Generator) -> BoolArray:
    """Force one or two nodes into each of (K, R) sets and repair it: others leave at random until the budget holds;
    then, with probability `REFILL`, any others enter at random that fit."""
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
    """Nodes that are not forced leave in random order until each of (K, R) sets is within the budget."""
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
    """Other nodes enter in random order while they fit, in those of (K, R) sets marked by `refill` (K,)."""
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

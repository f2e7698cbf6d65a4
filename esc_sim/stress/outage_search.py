"""The recovery search in reverse: the lightest set of sites whose outage breaks a limit, beyond what can be enumerated.

Where recovery looks for the set within a budget that restores most, this looks for the one that hurts most.
As soon as one breaks the limit, sites leave it while it still does, and the search goes on among lighter sets. It
proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pymoo.core.sampling import Sampling

from esc_sim.recovery.memetic import search_from
from esc_sim.recovery.operators import SetProblem, random_sets
from esc_sim.recovery.problem import BoolArray, SetsInBudget
from esc_sim.stress.parts import Parts
from esc_sim.stress.trial import Trial, is_of_nodes, outage_of

Known = dict[tuple[int, ...], tuple[float, int]]
"""Key figure and start date of sets that were tried, by their nodes."""
_LIGHTER: Final = 1.0 - 1e-9
"""Part of the weight of a set within which all others are lighter."""
_GROWTH: Final = 1.2
"""How much larger the next set of the worst sites is."""
_FROM_LIGHTEST: Final = 5
"""Sets of the first population that are the lightest one known, with a site less."""


class OutageProblem(SetsInBudget):
    """Choose the sites that are out; the fitness is how far the key figure is beyond the limit.

    Args:
        trial: how sets are tried.
        weight_of: weights of the R nodes that may be out.
        known: what sets that were tried before gave, that of no outage among them; is told of all others.
        limit: largest number of sets tried.
        parts: does the work.

    Attributes:
        lightest: the lightest set known that breaks the limit, of equals the one furthest beyond; None: none is known.
        results: what each set gave.
    """

    has_niches = False

    def __init__(self, trial: Trial, weight_of: Mapping[int, float], known: Known, limit: int, parts: Parts) -> None:
        weight = np.array(list(weight_of.values()))
        super().__init__(weight, float(weight.sum()), per_set=1, limit=limit)
        self.trial = trial
        self.sites = np.array(list(weight_of), dtype=np.int64)
        self.results = known
        self.parts = parts
        self.lightest: BoolArray | None = None

    def nodes(self, chosen: BoolArray) -> tuple[int, ...]:
        """Nodes of a set."""
        return tuple(self.sites[chosen].tolist())

    def measure(self, sets: BoolArray) -> list[float]:
        """How far each of (S, R) sets is beyond the limit."""
        named = [self.nodes(chosen) for chosen in sets]
        new = [nodes for nodes in named if nodes not in self.results]
        rows = self.parts.solve(new, self.trial.play, is_of_nodes)
        self.results.update(zip(new, map(outage_of, rows), strict=True))
        return [self.trial.limit.beyond(self.results[nodes][0]) for nodes in named]

    @property
    def sets_left(self) -> int:
        """New sets that may still be tried: none once the lightest set known is within the budget."""
        if self.lightest is not None and self.used(self.lightest) <= self.budget:
            return 0
        return super().sets_left

    def lighten(self) -> None:
        """Go on among sets that are lighter than the lightest known."""
        if self.lightest is not None:
            self.budget = self.used(self.lightest) * _LIGHTER

    def _record(self, chosen: BoolArray, key: bytes, fitness: float) -> None:
        super()._record(chosen, key, fitness)
        if fitness > 0.0 and self._is_better(chosen, fitness):
            self.lightest = np.array(chosen, dtype=bool)

    def _is_better(self, chosen: BoolArray, fitness: float) -> bool:
        if self.lightest is None:
            return True
        weight, least = self.used(chosen), self.used(self.lightest)
        known = self.trial.limit.beyond(self.results[self.nodes(self.lightest)][0])
        return weight < least or (weight == least and fitness > known)


def search_outage(problem: OutageProblem, seed: int, enough: float = 0.0) -> None:
    """Search for the lightest set that breaks the limit; the problem remembers it.

    Args:
        problem: of at least one site; it may know a set already.
        seed: of the search.
        enough: weight that no set can be lighter than, at which the search ends.
    """
    problem.lighten()
    order = _worst_first(problem)
    if problem.lightest is None:
        problem.evaluate(_worst_together(problem, order))
    _prune(problem)
    turn = 0
    while problem.sets_left > 0 and (problem.lightest is None or problem.used(problem.lightest) > enough):
        before, turn = problem.lightest, turn + 1
        search_from(problem, _FirstSets(problem, order), seed + turn)
        if problem.lightest is before:
            return
        _prune(problem)


def _worst_first(problem: OutageProblem) -> NDArray[np.int64]:
    """Places of the sites, those first that do most harm alone for their weight."""
    alone = np.eye(problem.size, dtype=bool)
    alone = alone[problem.feasible(alone)]
    harm = np.full(problem.size, -np.inf)
    harm[alone.argmax(axis=1)] = problem.evaluate(alone) - problem.trial.limit.beyond(problem.results[()][0])
    return np.argsort(-harm / problem.load, kind="stable")


def _worst_together(problem: OutageProblem, order: NDArray[np.int64]) -> BoolArray:
    """Ever more of the worst sites, at last all."""
    sizes = [1]
    while sizes[-1] < problem.size:
        sizes.append(min(problem.size, max(sizes[-1] + 1, int(sizes[-1] * _GROWTH))))
    sets = np.zeros((len(sizes), problem.size), dtype=bool)
    for row, size in enumerate(sizes):
        sets[row, order[:size]] = True
    return sets


def _prune(problem: OutageProblem) -> None:
    """Sites leave the lightest set known, one at a time, while it still breaks the limit."""
    while problem.lightest is not None:
        chosen = problem.lightest
        problem.lighten()
        problem.evaluate(_with_one_less(chosen))
        if problem.lightest is chosen:
            return


def _with_one_less(chosen: BoolArray) -> BoolArray:
    """A set without each of its sites in turn, where any is left."""
    places = np.flatnonzero(chosen) if chosen.sum() > 1 else np.zeros(0, np.int64)
    sets = np.repeat(chosen[None], len(places), axis=0)
    sets[np.arange(len(places)), places] = False
    return sets


class _FirstSets(Sampling):
    """The worst sites as far as the budget goes, the lightest set known with a site less, and random sets."""

    def __init__(self, problem: OutageProblem, order: NDArray[np.int64]) -> None:
        super().__init__()
        self.outages, self.order = problem, order

    def _do(
        self, problem: SetProblem, n_samples: int, *args: Any, random_state: np.random.Generator, **kwargs: Any
    ) -> BoolArray:
        known = self.outages
        worst = np.zeros((1, known.size), dtype=bool)
        worst[0, self.order] = np.cumsum(known.load[self.order]) <= known.budget
        less = np.zeros((0, known.size), dtype=bool)
        if known.lightest is not None:
            less = random_state.permutation(_with_one_less(known.lightest))[:_FROM_LIGHTEST]
        first = np.concatenate([worst, less])[:n_samples]
        return np.concatenate([first, random_sets(known, n_samples - len(first), random_state)])

"""What an algorithm of a search is: a name, and a function that gives one generation after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from esc_sim.optimize.judge import Draws
from esc_sim.optimize.nsga2 import Generation, ranked
from esc_sim.optimize.problem import PlanningProblem
from esc_sim.optimize.settings import Settings
from esc_sim.sampling.streams import STRATA

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Task:
    """What an algorithm is asked to solve.

    Attributes:
        problem: judges designs, and counts the replications that it takes for it.
        settings: sizes and seed; ``settings.budget`` is the number of replications that may be spent, or None.
        base: float64[D], the scenario's own plan.
        starts: designs float64[D] that the first generation is to hold beside its own; often none.
        reserve: replications of the budget that are not for the algorithm.
    """

    problem: PlanningProblem
    settings: Settings
    base: Floats
    starts: Sequence[Floats] = ()
    reserve: int = 0

    @property
    def left(self) -> int:
        """Replications that may still be spent."""
        budget = self.settings.budget
        return np.iinfo(np.int64).max if budget is None else budget - self.reserve - self.problem.spent

    def affords(self, designs: int) -> bool:
        """Whether the budget is enough to judge so many designs more."""
        return designs * self.settings.replications <= self.left

    @property
    def start(self) -> Floats:
        """The scenario's own plan within the bounds, float64[D]."""
        return self.problem.snapped(np.clip(self.base, self.problem.xl, self.problem.xu))

    def with_starts(self, designs: Floats) -> Floats:
        """Designs float64[n, D], the last of which give way to those that the search is to begin with."""
        count = min(len(self.starts), len(designs) - 1)
        return np.vstack([designs[: len(designs) - count], *self.starts[:count]])

    def unit(self, designs: Floats) -> Floats:
        """Designs float64[n, D] in the unit cube."""
        return np.asarray((designs - self.problem.xl) / (self.problem.xu - self.problem.xl))

    @property
    def look_size(self) -> int:
        """Replications of a look: one, or as many as judge a design where a measure is none of a single one."""
        return 1 if self.problem.is_of_each else self.settings.replications

    def look(self, designs: Floats, first: int, looks: int) -> Floats:
        """Measures of designs look by look, float64[n, looks, M]; all designs meet the same random numbers.

        Args:
            designs: float64[n, D].
            first: number of the first look.
            looks: how many.
        """
        problem, size = self.problem, self.look_size
        problem.spent += len(designs) * looks * size
        if size == 1:
            draws = Draws(self.settings.seed, first, looks, STRATA)
            return problem.judge.by_replication(designs, [draws] * len(designs))
        each = [Draws(self.settings.seed, (first + k) * size, size, size) for k in range(looks)]
        rows = problem.judge(np.repeat(designs, looks, axis=0), each * len(designs))
        return rows.reshape(len(designs), looks, -1)


Search = Callable[[Task, Generation | None], Iterator[Generation]]
"""Gives generations, one after the other, from the one after the second argument on (None: from the first).

What is carried from one generation to the next stands in the generation: a search that goes on from a stored one must
give the same bits as one that was never interrupted. It ends when it has nothing more to try or to spend; the number of
generations is watched by who asks.
"""


@dataclass(frozen=True)
class Algorithm:
    """An algorithm.

    Attributes:
        name: what ``--algorithm`` takes.
        words: what it does, for the list of algorithms.
        search: does it.
        objectives: how many it takes: "one", "several" or "any".
        common: whether designs are judged on common random numbers, in a Latin hypercube; else each on its own.
        by_budget: whether it decides itself how many replications a design gets; its size is a budget alone.
    """

    name: str
    words: str
    search: Search
    objectives: Literal["one", "several", "any"] = "any"
    common: bool = True
    by_budget: bool = False

    def takes(self, objectives: int) -> bool:
        """Whether it can search for so many objectives."""
        return self.objectives == "any" or (objectives == 1) == (self.objectives == "one")


def bred(
    task: Task,
    last: Generation | None,
    first: Callable[[], Generation],
    following: Callable[[Generation], Generation],
) -> Iterator[Generation]:
    """Generations each of which follows from the one before, while the budget lasts.

    Args:
        task: what is solved.
        last: where to go on, or None.
        first: makes the first generation.
        following: makes the next one.
    """
    generation = last
    if generation is None:
        generation = first()
        yield generation
    while task.affords(task.settings.population):
        generation = following(generation)
        yield generation


def best_of(last: Generation | None, new: Generation, count: int) -> Generation:
    """The best designs of two generations with one objective, each once.

    Args:
        last: the generation before, or None.
        new: the new one, whose number is kept.
        count: how many designs.
    """
    both = [new] if last is None else [last, new]
    designs, costs, violations = (
        np.concatenate([getattr(one, name) for one in both]) for name in ("designs", "costs", "violations")
    )
    order = ranked(costs[:, 0], violations)
    _, first = np.unique(designs[order], axis=0, return_index=True)
    rows = order[np.sort(first)][:count]
    return Generation(new.number, designs[rows], costs[rows], violations[rows])

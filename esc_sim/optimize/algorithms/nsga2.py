"""NSGA-II as in the paper: a random first population, and random numbers of its own for each design.

Source: Deb, Pratap, Agarwal, Meyarivan (2002), see :mod:`esc_sim.optimize.nsga2`; Chen, Wang, Zio search so.
"""

from __future__ import annotations

from collections.abc import Iterator

from esc_sim.optimize.algorithms.algorithm import Algorithm, Task, bred
from esc_sim.optimize.nsga2 import Generation, generator_of, judged, next_generation, random_designs


def search(task: Task, last: Generation | None) -> Iterator[Generation]:
    """Generations of NSGA-II."""
    problem, settings = task.problem, task.settings

    def first() -> Generation:
        random = random_designs(problem, settings.population, generator_of(settings.seed, 1))
        return judged(problem, task.with_starts(random), 1)

    def following(parents: Generation) -> Generation:
        return next_generation(problem, parents, settings.seed, settings.crossover, settings.mutation)

    return bred(task, last, first, following)


ALGORITHM = Algorithm(
    "nsga2", "NSGA-II from random designs, each judged on draws of its own", search, "several", common=False
)

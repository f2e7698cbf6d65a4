"""A genetic algorithm for one objective: pymoo's, with the operators of NSGA-II, which keeps the best designs.

Source: Goldberg (1989), Genetic Algorithms in Search, Optimization and Machine Learning; limits are kept by comparing
designs as Deb (2000), "An efficient constraint handling method for genetic algorithms", does.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from pymoo.algorithms.soo.nonconvex.ga import GA

from esc_sim.optimize.algorithms.algorithm import Algorithm, Task, bred
from esc_sim.optimize.nsga2 import Generation, generator_of, judged, next_generation, random_designs


def search(task: Task, last: Generation | None) -> Iterator[Generation]:
    """Generations, the first of which holds the scenario's own plan and random designs."""
    problem, settings = task.problem, task.settings

    def first() -> Generation:
        random = random_designs(problem, settings.population - 1, generator_of(settings.seed, 1))
        return judged(problem, task.with_starts(np.vstack([task.start, random])), 1)

    def following(parents: Generation) -> Generation:
        return next_generation(problem, parents, settings.seed, settings.crossover, settings.mutation, GA)

    return bred(task, last, first, following)


ALGORITHM = Algorithm("ga", "a genetic algorithm", search, "one")

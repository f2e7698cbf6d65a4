"""NSGA-II from a warm start, on common random numbers that are drawn as a Latin hypercube."""

from __future__ import annotations

from collections.abc import Iterator

from esc_sim.optimize.algorithms.algorithm import Algorithm, Task, bred
from esc_sim.optimize.nsga2 import Generation, generator_of, judged, next_generation
from esc_sim.optimize.screening import warm_designs


def search(task: Task, last: Generation | None) -> Iterator[Generation]:
    """Generations of NSGA-II, the first of which a screening suggests."""
    problem, settings = task.problem, task.settings

    def first() -> Generation:
        generator = generator_of(settings.seed, 1)
        screened = warm_designs(problem, task.base, settings.population, generator)
        return judged(problem, task.with_starts(screened), 1)

    def following(parents: Generation) -> Generation:
        return next_generation(problem, parents, settings.seed, settings.crossover, settings.mutation)

    return bred(task, last, first, following)


ALGORITHM = Algorithm("warm-nsga2", "NSGA-II from a screening, on common stratified draws", search, "several")

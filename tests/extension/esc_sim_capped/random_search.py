"""Random search (Brooks, 1958): random designs, of which the best are kept."""

from __future__ import annotations

from collections.abc import Iterator

from esc_sim.optimize.algorithms.algorithm import Algorithm, Task, best_of
from esc_sim.optimize.nsga2 import Generation, generator_of, judged, random_designs


def search(task: Task, last: Generation | None) -> Iterator[Generation]:
    """Generations; what one begins from is the one before, and the numbers that belong to its own number."""
    problem, settings = task.problem, task.settings
    number = 0 if last is None else last.number
    while task.affords(settings.population):
        number += 1
        designs = random_designs(problem, settings.population, generator_of(settings.seed, number))
        last = best_of(last, judged(problem, designs, number), settings.population)
        yield last


ALGORITHM = Algorithm("random", "random search on common random numbers", search, "one")

"""A genetic algorithm for real numbers, whole numbers and choices together: pymoo's search for mixed variables.

Choices are crossed and changed as such, without an order; whole numbers are rounded after crossover and mutation. With
several objectives survivors are those of NSGA-II.

Source: Blank, Deb (2020), "pymoo: multi-objective optimization in Python", IEEE Access 8, 89497-89509.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymoo.algorithms.moo.nsga2 import RankAndCrowdingSurvival
from pymoo.algorithms.soo.nonconvex.ga import FitnessSurvival
from pymoo.core.mixed import MixedVariableDuplicateElimination, MixedVariableGA, MixedVariableMating
from pymoo.core.population import Population
from pymoo.core.problem import Problem
from pymoo.core.termination import NoTermination
from pymoo.core.variable import Choice, Integer, Real
from pymoo.operators.crossover.sbx import SBX
from pymoo.operators.crossover.ux import UX
from pymoo.operators.mutation.pm import PM
from pymoo.operators.mutation.rm import ChoiceRandomMutation
from pymoo.operators.repair.rounding import RoundingRepair

from esc_sim.optimize.algorithms.algorithm import Algorithm, Task, bred
from esc_sim.optimize.nsga2 import Generation, generator_of, judged, random_designs

Floats = NDArray[np.float64]


def search(task: Task, last: Generation | None) -> Iterator[Generation]:
    """Generations, the first of which holds the scenario's own plan and random designs."""
    problem, settings = task.problem, task.settings

    def first() -> Generation:
        random = random_designs(problem, settings.population - 1, generator_of(settings.seed, 1))
        return judged(problem, task.with_starts(np.vstack([task.start, random])), 1)

    return bred(task, last, first, lambda parents: _next(task, parents))


def _next(task: Task, parents: Generation) -> Generation:
    """Offspring, and the best of all."""
    problem, number = task.problem, parents.number + 1
    survival = FitnessSurvival() if problem.n_obj == 1 else RankAndCrowdingSurvival()
    algorithm = MixedVariableGA(
        pop_size=len(parents.designs), sampling=_population(parents), survival=survival, mating=_mating(task)
    )
    algorithm.setup(_variables(task), termination=NoTermination())
    algorithm.random_state = generator_of(task.settings.seed, number)
    algorithm.tell(infills=algorithm.ask())
    offspring = algorithm.ask()
    if offspring is None or not len(offspring):
        return Generation(number, parents.designs, parents.costs, parents.violations)
    children = judged(problem, _designs(offspring), number)
    algorithm.tell(infills=_population(children))
    survivors = algorithm.pop
    violations = survivors.get("G").reshape(len(survivors), problem.n_ieq_constr)
    return Generation(number, _designs(survivors), survivors.get("F"), violations)


def _variables(task: Task) -> Problem:
    """The decisions as pymoo's variables, named by their columns."""
    problem, space = task.problem, task.problem.space
    found: dict[str, Any] = {}
    for column, (low, high) in enumerate(zip(problem.xl, problem.xu, strict=True)):
        if space.is_category[column]:
            found[str(column)] = Choice(options=np.arange(low, high + 1.0))
        elif space.steps[column] > 0.0:
            found[str(column)] = Integer(bounds=(int(low), int(high)))
        else:
            found[str(column)] = Real(bounds=(float(low), float(high)))
    return Problem(vars=found, n_obj=problem.n_obj, n_ieq_constr=problem.n_ieq_constr)


def _mating(task: Task) -> MixedVariableMating:
    """Operators with the chances of the search."""
    crossed, mutated = task.settings.crossover, task.settings.mutation
    rounded = {"vtype": float, "repair": RoundingRepair()}
    return MixedVariableMating(
        crossover={Real: SBX(prob=crossed), Integer: SBX(prob=crossed, **rounded), Choice: UX(prob=crossed)},
        mutation={Real: PM(prob=mutated), Integer: PM(prob=mutated, **rounded), Choice: ChoiceRandomMutation()},
        eliminate_duplicates=MixedVariableDuplicateElimination(),
    )


def _population(generation: Generation) -> Population:
    designs = [{str(column): number for column, number in enumerate(row)} for row in generation.designs]
    return Population.new(X=designs, F=generation.costs, G=generation.violations)


def _designs(population: Population) -> Floats:
    """Designs float64[P, D]."""
    return np.array([[float(one[str(column)]) for column in range(len(one))] for one in population.get("X")])


ALGORITHM = Algorithm("mixed", "a genetic algorithm for whole numbers and choices as well", search)

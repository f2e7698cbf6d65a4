"""NSGA-II, one generation at a time, as a function of the population, a seed and the generation's number.

Nothing else is carried from one generation to the next, so a search goes on from a stored population exactly as if it
had never stopped.

Source: Deb, Pratap, Agarwal, Meyarivan (2002), "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE
Transactions on Evolutionary Computation 6(2), 182-197. The operators are pymoo's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pymoo.algorithms.base.genetic import GeneticAlgorithm
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.population import Population
from pymoo.core.problem import Problem
from pymoo.core.termination import NoTermination
from pymoo.operators.crossover.sbx import SBX
from pymoo.operators.mutation.pm import PM

from esc_sim.optimize.settings import CHANCE

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Generation:
    """A population of P designs.

    Attributes:
        number: of the generation, the first is 1.
        designs: float64[P, D].
        costs: float64[P, M], objectives to be minimized; infinite where a design could not be measured.
        violations: float64[P, C], at most 0 where a constraint is kept.
        memory: what else an algorithm carries on to the next generation.
    """

    number: int
    designs: Floats
    costs: Floats
    violations: Floats
    memory: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def feasible(self) -> NDArray[np.bool_]:
        """bool[P], which designs keep all constraints."""
        return np.asarray((self.violations <= 0.0).all(axis=1))


def generator_of(seed: int, *numbers: int) -> np.random.Generator:
    """The generator of random numbers that belongs to a seed and a place in the search."""
    return np.random.default_rng(np.random.SeedSequence([seed, *numbers]))


def random_designs(problem: Problem, count: int, generator: np.random.Generator) -> Floats:
    """Designs drawn uniformly within the bounds, float64[count, D].

    Args:
        problem: with D decision variables and their bounds.
        count: number of designs.
        generator: random numbers of the search.
    """
    return generator.uniform(problem.xl, problem.xu, size=(count, problem.n_var))


def judged(problem: Problem, designs: Floats, number: int) -> Generation:
    """Designs with what the simulation says of them, rounded where the problem takes whole numbers only.

    Args:
        problem: the problem.
        designs: float64[., D].
        number: number of the generation, from 1.
    """
    designs = getattr(problem, "snapped", np.asarray)(designs)
    out = problem.evaluate(designs, return_as_dictionary=True, generation=number)
    return Generation(number, designs, out["F"], out.get("G", np.empty((len(designs), 0))))


def ranked(costs: Floats, violations: Floats) -> NDArray[np.int64]:
    """Rows of designs, the best of one objective first; those that break limits come last, by how far they do.

    Args:
        costs: float64[P].
        violations: float64[P, C].
    """
    return np.lexsort((costs, np.maximum(violations, 0.0).sum(axis=1)))


def next_generation(
    problem: Problem,
    parents: Generation,
    seed: int,
    crossover: float = CHANCE,
    mutation: float = CHANCE,
    kind: type[GeneticAlgorithm] = NSGA2,
) -> Generation:
    """One step of NSGA-II or its like: offspring by tournament, crossover and mutation; the best of all survive.

    Args:
        problem: what to solve.
        parents: the population.
        seed: seed of the search.
        crossover, mutation: chances of the two operators.
        kind: how parents are chosen, and who survives.

    Returns:
        The next population, of the same size; the same designs again when no new offspring can be made.
    """
    number = parents.number + 1
    algorithm = kind(
        pop_size=len(parents.designs),
        sampling=_population(parents),
        crossover=SBX(eta=15, prob=crossover),
        mutation=PM(eta=20, prob=mutation),
    )
    algorithm.setup(problem, termination=NoTermination())
    algorithm.random_state = generator_of(seed, number)
    algorithm.tell(infills=algorithm.ask())
    offspring = algorithm.ask()
    if offspring is None:
        return Generation(number, parents.designs, parents.costs, parents.violations)
    children = judged(problem, offspring.get("X"), number)
    algorithm.tell(infills=_population(children))
    survivors = algorithm.pop
    return Generation(
        number,
        survivors.get("X"),
        survivors.get("F"),
        survivors.get("G").reshape(len(survivors), problem.n_ieq_constr),
    )


def _population(generation: Generation) -> Population:
    return Population.new(X=generation.designs, F=generation.costs, G=generation.violations)

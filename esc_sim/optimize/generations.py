"""The loop over generations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from esc_sim.optimize.checkpoint import State
from esc_sim.optimize.nsga2 import Generation, generator_of, judged, next_generation, random_designs
from esc_sim.optimize.problem import PlanningProblem
from esc_sim.optimize.settings import Settings
from esc_sim.optimize.volume import hypervolume, reference_point
from esc_sim.optimize.warm import warm_designs

Floats = NDArray[np.float64]
Keep = Callable[[State], object]


def run_generations(
    problem: PlanningProblem, settings: Settings, base: Floats, state: State | None, keep: Keep
) -> State:
    """Search until the wanted generation.

    Args:
        problem: what to solve.
        settings: algorithm, sizes and seed.
        base: float64[D], the scenario's own plan.
        state: where to go on; None begins anew.
        keep: called with the state after each generation.

    Raises:
        InputError: no design of the first generation could be measured.
    """
    if state is not None:
        problem.unmeasured[:] = state.unmeasured
    while state is None or state.generation.number < settings.generations:
        if state is None:
            generation = _first(problem, settings, base)
            reference = reference_point(problem.section, problem.signs, generation.costs)
            history = np.empty((0, 1 + problem.n_obj))
        else:
            generation = next_generation(
                problem, state.generation, settings.seed, settings.crossover, settings.mutation
            )
            reference, history = state.reference, state.history
        rows = np.vstack([history, _row(generation, reference)])
        state = State(generation, reference, rows, problem.unmeasured.copy())
        keep(state)
    return state


def _first(problem: PlanningProblem, settings: Settings, base: Floats) -> Generation:
    generator = generator_of(settings.seed, 1)
    if settings.algorithm == "warm-nsga2":
        designs = warm_designs(problem, base, settings.population, generator)
    else:
        designs = random_designs(problem, settings.population, generator)
    return judged(problem, designs, 1)


def _row(generation: Generation, reference: Floats) -> Floats:
    """Hypervolume and least costs of the designs that keep all constraints; nan where none does."""
    kept = generation.costs[generation.feasible]
    best = kept.min(axis=0) if len(kept) else np.full(len(reference), np.nan)
    return np.r_[hypervolume(kept, reference), best]

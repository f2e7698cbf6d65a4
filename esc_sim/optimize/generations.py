"""The loop over generations."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from esc_sim.optimize.algorithms.algorithm import Task
from esc_sim.optimize.algorithms.registry import algorithm_of
from esc_sim.optimize.checkpoint import State
from esc_sim.optimize.nsga2 import Generation, ranked
from esc_sim.optimize.problem import PlanningProblem
from esc_sim.optimize.proof import reserve_of
from esc_sim.optimize.settings import Settings
from esc_sim.optimize.volume import hypervolume, reference_point

Floats = NDArray[np.float64]
Keep = Callable[[State], object]


def run_generations(
    problem: PlanningProblem,
    settings: Settings,
    base: Floats,
    state: State | None,
    keep: Keep,
    starts: Sequence[Floats] = (),
) -> State:
    """Search until the wanted generation, or until the budget is spent.

    Args:
        problem: what to solve.
        settings: algorithm, sizes and seed.
        base: float64[D], the scenario's own plan.
        state: where to go on; None begins anew.
        keep: called with the state after each generation.
        starts: designs float64[D] that the first generation holds beside its own.

    Raises:
        InputError: no design of the first generation could be measured.
    """
    if state is not None:
        problem.unmeasured[:] = state.unmeasured
        problem.spent = int(state.spent[-1])
        if state.generation.number >= settings.generations:
            return state
    last = None if state is None else state.generation
    algorithm = algorithm_of(settings.algorithm)
    task = Task(problem, settings, base, starts, reserve_of(problem, settings, algorithm.by_budget))
    for generation in algorithm.search(task, last):
        state = _after(problem, state, generation)
        keep(state)
        if generation.number >= settings.generations:
            break
    assert state is not None
    return state


def _after(problem: PlanningProblem, state: State | None, generation: Generation) -> State:
    """The state after one generation more."""
    if state is None:
        reference = reference_point(problem.section, problem.signs, generation.costs)
        history, spent = np.empty((0, 1 + problem.n_obj)), np.empty(0, np.int64)
        leaders = np.empty((0, problem.n_var if problem.n_obj == 1 else 0))
    else:
        reference, history, spent, leaders = state.reference, state.history, state.spent, state.leaders
    if problem.n_obj == 1:
        leader = generation.designs[ranked(generation.costs[:, 0], generation.violations)[:1]]
    else:
        leader = np.empty((1, 0))
    return State(
        generation,
        reference,
        np.vstack([history, _row(generation, reference)]),
        problem.unmeasured.copy(),
        np.r_[spent, problem.spent],
        np.vstack([leaders, leader]),
    )


def _row(generation: Generation, reference: Floats) -> Floats:
    """Hypervolume and least costs of the designs that keep all constraints; nan where none does."""
    kept = generation.costs[generation.feasible]
    best = kept.min(axis=0) if len(kept) else np.full(len(reference), np.nan)
    return np.r_[hypervolume(kept, reference), best]

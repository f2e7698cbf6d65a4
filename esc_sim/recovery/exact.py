"""Exact search: every recovery set within the budget, for few removed nodes."""

from __future__ import annotations

import numpy as np

from esc_sim.errors import InputError
from esc_sim.recovery.problem import BoolArray, RecoveryProblem

LARGEST = 20  # removed nodes: 2 ** 20 sets
BATCH = 4096


def feasible_sets(problem: RecoveryProblem) -> BoolArray:
    """(S, R) all sets within the budget, the empty one first.

    Raises:
        InputError: more than `LARGEST` removed nodes.
    """
    if problem.size > LARGEST:
        raise InputError(
            f"exact search enumerates every set of at most {LARGEST} removed nodes, here are {problem.size}: "
            "use the strategy 'memetic'"
        )
    bits = np.arange(2**problem.size, dtype=np.int32)[:, None] >> np.arange(problem.size, dtype=np.int32)
    sets = (bits & 1).astype(bool)
    return sets[problem.feasible(sets)]


def fits(problem: RecoveryProblem) -> bool:
    """Whether all sets within the budget can be run with the evaluations of the problem."""
    return problem.size <= LARGEST and len(feasible_sets(problem)) <= problem.sets_left


def search_exact(problem: RecoveryProblem) -> None:
    """Evaluate every set within the budget; the best is the optimum. The problem's limit is raised to their number."""
    sets = feasible_sets(problem)
    problem.limit = max(problem.limit, len(sets) * len(problem.seeds))
    for at in range(0, len(sets), BATCH):
        problem.evaluate(sets[at : at + BATCH])

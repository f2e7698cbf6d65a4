"""Objectives and constraints that no design of the first generation moved."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from esc_sim.optimize.nsga2 import Generation
from esc_sim.optimize.problem import PlanningProblem

Floats = NDArray[np.float64]


def unmoved_notices(problem: PlanningProblem, generation: Generation) -> list[str]:
    """A sentence for each objective and constraint that was the same for all designs of a generation."""
    measured: dict[str, Floats] = {name: generation.costs[:, place] for place, name in enumerate(problem.objectives)}
    for place, limit in enumerate(problem.limited):
        measured.setdefault(limit, generation.violations[:, place])
    return [
        f"{name} was the same for all {len(values)} designs of the first generation: what may be decided does not move "
        "it; take another measure, wider bounds or more variables"
        for name, values in measured.items()
        if len(values) > 1 and _is_constant(values)
    ]


def _is_constant(values: Floats) -> bool:
    known = values[~np.isnan(values)]
    return bool(known.size) and float(known.min()) == float(known.max())

"""The warm start: what a screening of single moves suggests.

Each variable (or group of variables, where there are more than designs in a population) is moved alone to its lower and
to its upper bound. If the objectives were sums of the effects of single moves, every weighted sum of objectives would
be best where each variable stands at the level with the least weighted effect. These designs, for weights from one
objective to the other, make up half of the first population; the scenario's own plan is one more; the rest is random.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.optimize.nsga2 import Generation, judged, random_designs
from esc_sim.optimize.problem import PlanningProblem

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Screening:
    """What single moves do.

    Attributes:
        probes: the designs that were judged: the scenario's own plan, and each group at its lower and upper bound.
        levels: float64[3, D], lower bounds, own plan, upper bounds.
        groups: variables that are moved together.
        effects: float64[3, groups, M], of each group at each level, scaled to the largest of each objective.
    """

    probes: Generation
    levels: Floats
    groups: list[NDArray[np.int64]]
    effects: Floats


def warm_designs(problem: PlanningProblem, base: Floats, count: int, generator: np.random.Generator) -> Floats:
    """The first population, float64[count, D].

    Args:
        problem: what to solve; the screening takes 2 * min(D, count) + 1 of its judgements.
        base: float64[D], the scenario's own plan.
        count: designs wanted.
        generator: for the random ones.
    """
    return suggested(problem, screened(problem, base, count), count, generator)


def suggested(problem: PlanningProblem, screening: Screening, count: int, generator: np.random.Generator) -> Floats:
    """Designs that a screening suggests, float64[count, D].

    Args:
        problem: what to solve; judges nothing here.
        screening: of this problem, see :func:`screened`.
        count: designs wanted.
        generator: for the random ones.
    """
    levels = screening.levels
    designs = [levels[1]]
    for weights in _weights(problem.n_obj, count // 2, generator):
        chosen = (screening.effects @ weights).argmin(axis=0)  # level of each group
        design = levels[1].copy()
        for group, level in zip(screening.groups, chosen, strict=True):
            design[group] = levels[level, group]
        designs.append(design)
    kept = np.unique(np.array(designs), axis=0)[:count]
    return np.concatenate([kept, random_designs(problem, count - len(kept), generator)])


def screened(problem: PlanningProblem, base: Floats, count: int) -> Screening:
    """Move each variable alone, or groups of them where there are more variables than ``count``.

    A move to where nothing can be measured counts as the worst of all.

    Args:
        problem: what to solve; judges 2 * min(D, count) + 1 designs.
        base: float64[D], the scenario's own plan.
        count: groups at most.
    """
    groups = np.array_split(np.arange(problem.n_var), min(problem.n_var, count))
    levels = np.stack([problem.xl, np.clip(base, problem.xl, problem.xu), problem.xu])
    designs = np.repeat(levels[1][None], 2 * len(groups) + 1, axis=0)
    for number, group in enumerate(groups):
        designs[1 + 2 * number, group] = levels[0, group]
        designs[2 + 2 * number, group] = levels[2, group]
    probes = judged(problem, designs, 1)
    costs = probes.costs
    levels_costs = np.stack([costs[1::2], np.repeat(costs[:1], len(groups), axis=0), costs[2::2]])
    known = np.isfinite(levels_costs) & np.isfinite(costs[0])
    effects = np.subtract(levels_costs, costs[0], out=np.zeros_like(levels_costs), where=known)
    largest = np.abs(effects).max(axis=(0, 1))
    scaled: Floats = effects / np.where(largest > 0.0, largest, 1.0)
    return Screening(probes, levels, groups, np.where(known, scaled, 1.0))


def _weights(objectives: int, count: int, generator: np.random.Generator) -> Floats:
    """Weights of the objectives, float64[count, M], from each objective alone to all mixtures."""
    if objectives == 2:
        first = np.linspace(0.0, 1.0, max(count, 2))
        return np.stack([first, 1.0 - first], axis=1)
    mixed = generator.dirichlet(np.ones(objectives), size=max(count - objectives, 0))
    return np.concatenate([np.eye(objectives), mixed])

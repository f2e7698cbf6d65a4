"""CMA-ES for one objective: pymoo's, told ranks, so that limits come first and no scale of costs matters.

A search that goes on is asked again for all its designs, and told again what they were worth: what it is told is all
that is stored.

Source: Hansen, Ostermeier (2001), "Completely derandomized self-adaptation in evolution strategies", Evolutionary
Computation 9(2), 159-195; restarts with larger populations after Auger, Hansen (2005).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pymoo.algorithms.soo.nonconvex.cmaes import CMAES
from pymoo.core.problem import Problem

from esc_sim.optimize.algorithms.algorithm import Algorithm, Task
from esc_sim.optimize.nsga2 import Generation, generator_of, judged, ranked

Floats = NDArray[np.float64]

STEP: Final = 0.25
"""First standard deviation, as a share of the range of each variable."""
_RESTARTS: Final = 20


def search(task: Task, last: Generation | None) -> Iterator[Generation]:
    """Generations; each holds the best designs so far, and the ranks that CMA-ES was told."""
    problem, count = task.problem, task.settings.population
    strategy = _strategy(task)
    told = np.empty(0) if last is None else last.memory["told"]
    done = 0
    while (asked := strategy.ask()) is not None:
        designs = np.clip(asked.get("X"), problem.xl, problem.xu)
        is_new = done == len(told)
        if is_new:
            if not task.affords(len(designs)):
                return
            new = judged(problem, designs, 1 if last is None else last.number + 1)
            told = np.r_[told, _ranks(new)]
            last = _best_of(last, new, count, told)
        ranks = told[done : done + len(designs)]
        asked.set("F", ranks[:, None])
        strategy.tell(infills=asked)
        done += len(designs)
        if is_new and last is not None:
            yield last


def _strategy(task: Task) -> CMAES:
    """CMA-ES around the scenario's own plan, with random numbers of its own."""
    generator = generator_of(task.settings.seed, 1)
    problem = task.problem
    free = Problem(n_var=problem.n_var, n_obj=1, xl=problem.xl, xu=problem.xu)
    strategy = CMAES(
        x0=task.starts[0] if task.starts else task.start,
        sigma=STEP,
        restarts=_RESTARTS,
        pop_size=task.settings.population,
        randn=lambda *shape: generator.standard_normal(shape),
    )
    strategy.setup(free, seed=1)
    return strategy


def _ranks(generation: Generation) -> Floats:
    """Rank of each design, the best is 0."""
    order = ranked(generation.costs[:, 0], generation.violations)
    ranks = np.empty(len(order))
    ranks[order] = np.arange(len(order))
    return ranks


def _best_of(last: Generation | None, new: Generation, count: int, told: Floats) -> Generation:
    """The best designs of two generations, each once."""
    both = [new] if last is None else [last, new]
    designs, costs, violations = (
        np.concatenate([getattr(one, name) for one in both]) for name in ("designs", "costs", "violations")
    )
    order = ranked(costs[:, 0], violations)
    _, first = np.unique(designs[order], axis=0, return_index=True)
    rows = order[np.sort(first)][:count]
    return Generation(new.number, designs[rows], costs[rows], violations[rows], {"told": told})


ALGORITHM = Algorithm("cma-es", "CMA-ES around the scenario's own plan", search, "one")

"""The search for one objective: few replications a design, a surrogate, and a race where designs are close.

Each round plays a few designs on fresh replications, all on the same (common random numbers, in a Latin hypercube): the
leading design, the one that is most likely to be better than it, and new ones that are expected to improve most. So
replications go where designs are close, and the surrogate compares all designs ever played, whichever replications they
met. Rounds get longer as the search goes on.

Sources:
    Jones, Schonlau, Welch (1998), "Efficient global optimization of expensive black-box functions", Journal of Global
    Optimization 13(4), 455-492 (expected improvement).
    Russo (2020), "Simple Bayesian algorithms for best-arm identification", Operations Research 68(6), 1625-1647 (the
    race of the leading design and its rival).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.optimize.algorithms.algorithm import Algorithm, Task
from esc_sim.optimize.algorithms.seen import Outlook, Seen
from esc_sim.optimize.nsga2 import Generation, generator_of, random_designs

Floats = NDArray[np.float64]

FIRST_LOOKS: Final = 2
"""Looks at each design of the first round."""
SLOWER: Final = 300
"""A round is one look longer for so many looks that were taken at designs before."""
_SCREENED: Final = 6
"""Variables from which on the first round moves each of them alone."""
_GLOBAL: Final = 500
_AROUND: Final = 40
"""Candidates in the whole space, and around each leading design at each distance."""
_DISTANCES: Final = (0.2, 0.1, 0.05, 0.02, 0.01)
_LEADERS: Final = 4
_MOVED: Final = 4
"""Variables that a candidate moves, in the mean, where there are many."""


def search(task: Task, last: Generation | None) -> Iterator[Generation]:
    """Rounds of the search."""
    seen = Seen(task, last)
    number = 0 if last is None else last.number
    while task.left >= task.look_size:
        number += 1
        generator = generator_of(task.settings.seed, number)
        if number == 1:
            designs = _first(task, generator)
            for _ in range(FIRST_LOOKS):
                seen.play(designs, 1)
        else:
            seen.play(_next(seen, generator), 1 + int(seen.sizes.sum()) // SLOWER)
        yield seen.generation(number)


def _first(task: Task, generator: np.random.Generator) -> Floats:
    """The scenario's own plan; single moves of each variable where there are many; a Latin hypercube."""
    problem, start = task.problem, task.start
    count = 4 + 2 * min(problem.n_var, _SCREENED)
    order = np.stack([generator.permutation(count) for _ in range(problem.n_var)], axis=1)
    spread = problem.xl + (order + generator.random(order.shape)) / count * (problem.xu - problem.xl)
    designs = [np.stack([start, *task.starts]), spread]
    if problem.n_var >= _SCREENED:
        moves = np.repeat(start[None], 2 * problem.n_var, axis=0)
        each = np.arange(problem.n_var)
        moves[each, each], moves[problem.n_var + each, each] = problem.xl, problem.xu
        designs.append(moves)
    return np.concatenate(designs)


def _next(seen: Seen, generator: np.random.Generator) -> Floats:
    """The leading design, its rival, and new ones: the most promising anywhere, and near the leading one."""
    outlook = seen.outlook()
    designs = seen.designs[outlook.kept[[outlook.leader, outlook.rival]]]
    found = [designs]
    for candidates in _candidates(seen, outlook, generator):
        new = seen.unknown(candidates)
        if len(new):
            found.append(new[[int(outlook.improvement(new).argmax())]])
    return np.unique(np.concatenate(found), axis=0)


def _candidates(seen: Seen, outlook: Outlook, generator: np.random.Generator) -> Iterator[Floats]:
    """Designs anywhere and around the leading ones; then those around the leading one alone."""
    problem = seen.task.problem
    chance = min(1.0, _MOVED / problem.n_var)
    around = []
    for place in outlook.order[:_LEADERS]:
        for distance in _DISTANCES:
            moves = generator.normal(0.0, distance, (_AROUND, problem.n_var)) * (problem.xu - problem.xl)
            moves[generator.random(moves.shape) > chance] = 0.0
            around.append(np.clip(seen.designs[outlook.kept[place]] + moves, problem.xl, problem.xu))
    yield np.concatenate([random_designs(problem, _GLOBAL, generator), *around])
    yield np.concatenate(around[: len(_DISTANCES)])


ALGORITHM = Algorithm("warm", "a surrogate and a race on common stratified draws", search, "one", by_budget=True)

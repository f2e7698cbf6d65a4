"""The search for one objective: few replications a design, a surrogate, more replications where designs are close.

Designs are looked at on the same replications in the same order (common random numbers, in a Latin hypercube), so that
a design is compared with the leading one replication by replication, and few replications tell which is better. A
Gaussian process over all designs says where the next ones are expected to improve most. Half of the replications go to
new designs; the other half to a race between the leading design and whichever may still turn out to be better.

Sources:
    Jones, Schonlau, Welch (1998), "Efficient global optimization of expensive black-box functions", Journal of Global
    Optimization 13(4), 455-492 (expected improvement).
    Kim, Nelson (2001), see :mod:`esc_sim.optimize.selection` (paired differences under common random numbers).
    Russo (2020), "Simple Bayesian algorithms for best-arm identification", Operations Research 68(6) (top two).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.optimize.algorithms.algorithm import Algorithm, Task
from esc_sim.optimize.algorithms.looks import Looks, Outlook
from esc_sim.optimize.nsga2 import Generation, generator_of, random_designs

Floats = NDArray[np.float64]

FIRST_LOOKS: Final = 2
"""Replications of each design of the first generation."""
LOOKS_OF_NEW: Final = 4
"""A new design gets the looks of the leading one divided by this."""
_GLOBAL: Final = 400
_AROUND: Final = 60
"""Candidates in the whole space, and around each leading design at each distance."""
_DISTANCES: Final = (0.2, 0.06, 0.02, 0.005)
_LEADERS: Final = 4
_MOVED: Final = 4
"""Variables that a candidate moves, in the mean, where there are many."""
_SCREENED: Final = 6
"""Variables from which on the first designs move each of them alone."""


def search(task: Task, last: Generation | None) -> Iterator[Generation]:
    """Rounds of the search: new designs, then a race."""
    looks = Looks.of(task, last)
    number = 0 if last is None else last.number
    while task.left >= looks.block:
        number += 1
        generator = generator_of(task.settings.seed, number)
        if number == 1:
            looks.add(_first(task, generator), FIRST_LOOKS)
        elif number % 2 == 0:
            _explore(task, looks, generator)
        else:
            _race(looks)
        yield looks.generation(number)


def _first(task: Task, generator: np.random.Generator) -> Floats:
    """The scenario's own plan; single moves of each variable where there are many; a Latin hypercube."""
    problem, start = task.problem, task.start
    count = 4 + 3 * min(problem.n_var, _SCREENED)
    designs = [np.stack([start, *task.starts]), _hypercube(task, count, generator)]
    if problem.n_var >= _SCREENED:
        moves = np.repeat(start[None], 2 * problem.n_var, axis=0)
        each = np.arange(problem.n_var)
        moves[each, each], moves[problem.n_var + each, each] = problem.xl, problem.xu
        designs.append(moves)
    return np.concatenate(designs)


def _hypercube(task: Task, count: int, generator: np.random.Generator) -> Floats:
    """A Latin hypercube of designs."""
    problem = task.problem
    order = np.stack([generator.permutation(count) for _ in range(problem.n_var)], axis=1)
    return problem.xl + (order + generator.random(order.shape)) / count * (problem.xu - problem.xl)


def _explore(task: Task, looks: Looks, generator: np.random.Generator) -> None:
    """Look at the design that is expected to improve most."""
    outlook = looks.outlook
    count = max(1, int(looks.counts[outlook.leader]) // LOOKS_OF_NEW)
    candidates = _candidates(task, looks, outlook, generator)
    looks.add(candidates[[int(outlook.improvement(candidates).argmax())]], count)


def _candidates(task: Task, looks: Looks, outlook: Outlook, generator: np.random.Generator) -> Floats:
    """Designs that have not been looked at: anywhere, and around the leading ones."""
    problem = task.problem
    found = [random_designs(problem, _GLOBAL, generator)]
    chance = min(1.0, _MOVED / problem.n_var)
    for row in outlook.order[:_LEADERS]:
        for distance in _DISTANCES:
            moves = generator.normal(0.0, distance, (_AROUND, problem.n_var)) * (problem.xu - problem.xl)
            moves[generator.random(moves.shape) > chance] = 0.0
            found.append(np.clip(looks.designs[row] + moves, problem.xl, problem.xu))
    return looks.unknown(np.concatenate(found))


def _race(looks: Looks) -> None:
    """One look more for the leading design and the one that may be better, or for this one up to as many looks."""
    leader, rival = looks.outlook.leader, looks.outlook.rival
    counts = looks.counts.tolist()
    slower, behind = (rival, counts[leader] - counts[rival]) if counts[rival] < counts[leader] else (leader, 0)
    if counts[leader] < counts[rival]:
        behind = counts[rival] - counts[leader]
    if behind:
        looks.again([slower], min(behind, counts[slower]))
    else:
        looks.again([leader, rival], max(1, counts[leader] // LOOKS_OF_NEW))


ALGORITHM = Algorithm("warm", "a surrogate and a race on common stratified draws", search, "one", by_budget=True)

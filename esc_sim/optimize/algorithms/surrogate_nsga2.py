"""NSGA-II from a screening, whose first offspring a model of all that was judged looks at before the simulation does.

A generation is made in rounds. In each, Gaussian processes of all objectives and limits are fitted to every design so
far; of many children of the front, those are simulated that would survive best by NSGA-II's rules if a random draw of
the processes were true. Draws that differ from round to round keep the search from trusting the model too much. When
there are more designs than a model takes, the best of them are the population of plain NSGA-II.

Sources: Bradford, Schweidtmann, Lapkin (2018), "Efficient multiobjective optimization employing Gaussian processes,
spectral sampling and a genetic algorithm", Journal of Global Optimization 71(2), 407-438, for draws of the processes;
Deb, Pratap, Agarwal, Meyarivan (2002) for who survives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pymoo.operators.survival.rank_and_crowding.metrics import calc_crowding_distance
from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

from esc_sim.optimize.algorithms.algorithm import Algorithm, Task
from esc_sim.optimize.algorithms.belief import drawn
from esc_sim.optimize.nsga2 import Generation, generator_of, judged, next_generation
from esc_sim.optimize.screening import screened, suggested

Floats = NDArray[np.float64]

MODELLED: Final = 1000
"""Designs that a model is fitted to at most; a search that has judged more goes on without one."""
_ROUNDS: Final = 5
"""Fits of the model in a generation."""
_CHILDREN: Final = 300
"""Children that the model looks at in a round."""
_PARENTS: Final = 10
"""Parents at least, where the front has fewer plans."""
_MOVED: Final = 4
"""Variables that a child moves at most, on average."""


def search(task: Task, last: Generation | None) -> Iterator[Generation]:
    """Generations; each holds all designs so far while there is a model, and the best ones afterwards."""
    problem, settings = task.problem, task.settings
    known, size = last, settings.population
    if known is None:
        screening = screened(problem, task.base, size)
        designs = suggested(problem, screening, size, generator_of(settings.seed, 1))
        known = _joined(screening.probes, judged(problem, designs, 1))
        yield known
    while task.affords(size):
        spent = problem.spent
        if len(known.designs) + size <= MODELLED and len(known.designs) > size:
            known = _modelled(task, known)
        else:
            parents = _rows(known, best_first(known.costs, known.violations)[:size])
            known = next_generation(problem, parents, settings.seed, settings.crossover, settings.mutation)
        if problem.spent == spent:  # all that can be had is known
            return
        yield known


def _modelled(task: Task, known: Generation) -> Generation:
    """All designs so far and a generation more, made in rounds."""
    size, number = task.settings.population, known.number + 1
    generator = generator_of(task.settings.seed, number)
    for part in np.array_split(np.arange(size), min(_ROUNDS, size)):
        designs = _promising(task, known, len(part), generator)
        if len(designs):
            known = _joined(known, judged(task.problem, designs, number))
    return replace(known, number=number)


def _promising(task: Task, known: Generation, count: int, generator: np.random.Generator) -> Floats:
    """New children that may be worth a simulation, float64[count, D] or fewer."""
    problem = task.problem
    front, order = _front(known), best_first(known.costs, known.violations)
    parents = task.unit(known.designs[order[: max(_PARENTS, len(front))]])
    bred = problem.xl + varied(parents, _CHILDREN, generator) * (problem.xu - problem.xl)
    both = np.concatenate([known.designs, problem.snapped(bred)])
    _, first = np.unique(both, axis=0, return_index=True)
    children: Floats = both[np.sort(first[first >= len(known.designs)])]
    measured = np.isfinite(known.violations).all(axis=1)
    if measured.sum() < _PARENTS or not len(children):
        return children[:count]
    limits, points = known.violations[:, :-1], task.unit(known.designs[measured])
    values = np.concatenate([known.costs, limits], axis=1)[measured]
    believed = np.stack([drawn(points, one, task.unit(children), generator) for one in values.T], axis=1)
    costs = np.concatenate([known.costs[front], believed[:, : problem.n_obj]])
    broken = np.concatenate([limits[front], believed[:, problem.n_obj :]])
    ranking = best_first(costs, broken) - len(front)
    return children[ranking[ranking >= 0][:count]]


def varied(parents: Floats, count: int, generator: np.random.Generator) -> Floats:
    """Children of designs in the unit cube, float64[count, D].

    Half of them mix two parents variable by variable; then each moves a few variables: to a bound, to anywhere, or a
    little.

    Args:
        parents: float64[P, D], designs in the unit cube.
        count: children wanted.
        generator: of the random numbers.
    """
    shape = (count, parents.shape[1])
    mothers, fathers = parents[generator.integers(len(parents), size=(2, count))]
    mixed = (generator.random(shape) < 0.5) & (generator.random((count, 1)) < 0.5)
    children = np.where(mixed, fathers, mothers)
    moved = generator.random(shape) < generator.integers(1, _MOVED + 1, size=(count, 1)) / shape[1]
    moved[np.arange(count), generator.integers(shape[1], size=count)] = True
    anywhere = np.clip(generator.uniform(-0.5, 1.5, size=shape), 0.0, 1.0)
    near = np.clip(children + 0.1 * generator.standard_normal(shape), 0.0, 1.0)
    return np.where(moved, np.where(generator.random((count, 1)) < 0.3, near, anywhere), children)


def best_first(costs: Floats, violations: Floats) -> NDArray[np.int64]:
    """Rows in the order in which NSGA-II lets designs survive.

    First those that keep all limits, front by front, those in empty regions before others; then the rest, by how far
    they break limits.

    Args:
        costs: float64[n, M].
        violations: float64[n, C].
    """
    broken = np.maximum(violations, 0.0).sum(axis=1)
    kept = np.flatnonzero(broken <= 0.0)
    order = [np.flatnonzero(broken > 0.0)[np.argsort(broken[broken > 0.0], kind="stable")]]
    fronts = NonDominatedSorting().do(costs[kept]) if len(kept) else []
    crowded = [kept[front[np.argsort(-calc_crowding_distance(costs[kept[front]]), kind="stable")]] for front in fronts]
    return np.concatenate([*crowded, *order]).astype(np.int64)


def _front(known: Generation) -> NDArray[np.int64]:
    """Rows that keep all limits and that none does better than."""
    kept = np.flatnonzero(known.feasible)
    return kept[NonDominatedSorting().do(known.costs[kept], only_non_dominated_front=True)] if len(kept) else kept


def _joined(one: Generation, other: Generation) -> Generation:
    """All designs of both, the number of the other."""
    return Generation(
        other.number,
        np.concatenate([one.designs, other.designs]),
        np.concatenate([one.costs, other.costs]),
        np.concatenate([one.violations, other.violations]),
    )


def _rows(known: Generation, rows: NDArray[np.int64]) -> Generation:
    return Generation(known.number, known.designs[rows], known.costs[rows], known.violations[rows])


ALGORITHM = Algorithm(
    "surrogate-nsga2", "NSGA-II from a screening, its first offspring chosen by a model", search, "several"
)

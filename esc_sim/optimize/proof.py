"""Whether the last few designs keep their limits: played on fresh replications before any of them counts as one.

Among many designs some seem to keep a limit by luck, and the search prefers these. So part of its budget is left for
replications that it has not seen. The cheapest design that is still likely to keep all limits gets most of them.

How likely that is: for the chance of keeping a limit a beta distribution (Jeffreys' prior), for a mean Student's t.

Source: Gelman et al. (2013), Bayesian Data Analysis, 3rd edition, sections 2.8 and 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, stdtr

from esc_sim.measures.chances import Chance
from esc_sim.optimize.algorithms.algorithm import Task
from esc_sim.scenario.own import searched_by

if TYPE_CHECKING:
    from esc_sim.optimize.problem import PlanningProblem
    from esc_sim.optimize.settings import Settings

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

SHARE: Final = 5
"""One replication in so many of a budget is left for the proof."""
FEW: Final = 5
"""Designs that are played at most."""
SURE: Final = 0.8
"""A design that keeps all limits with this probability is taken before any cheaper one."""
LIKELY: Final = 0.5
"""One that keeps them with less probability counts as breaking them."""


@dataclass(frozen=True)
class Proof:
    """What fresh replications say of K designs, given the best first.

    Attributes:
        chances: float64[K], probability that all limits are kept.
        counts: int64[K], looks at each; all begin with the same.
        costs: mean costs of each, float64[looks] a design.
    """

    chances: Floats
    counts: Rows
    costs: tuple[Floats, ...]

    def sorted(self, order: Rows) -> Proof:
        """The same designs in another order."""
        return Proof(self.chances[order], self.counts[order], tuple(self.costs[row] for row in order))

    @property
    def order(self) -> Rows:
        """Rows: the sure ones as given, then the likelier first."""
        sure = self.chances >= SURE
        return np.lexsort((np.where(sure, 0.0, -self.chances), ~sure))

    @property
    def believed(self) -> NDArray[np.bool_]:
        """bool[K], which designs count as keeping all limits."""
        return np.asarray(self.chances >= LIKELY)


def reserve_of(problem: PlanningProblem, settings: Settings, by_budget: bool) -> int:
    """Replications of the budget that are left for the proof.

    Args:
        problem: with its limits.
        settings: with the budget.
        by_budget: whether the algorithm decides itself how many replications a design gets.
    """
    wanted = by_budget and problem.n_obj == 1 and bool(problem.limited) and settings.budget is not None
    return (settings.budget or 0) // SHARE if wanted else 0


def few_of(costs: Floats, violations: Floats) -> Rows:
    """Rows of a few designs to play: the cheapest one, and dearer ones that keep the limits by more; others to fill up.

    Args:
        costs: float64[P], sorted, the best first.
        violations: float64[P].
    """
    least = np.minimum.accumulate(violations)
    safer = np.flatnonzero(np.r_[True, least[1:] < least[:-1]])
    places = np.unique(np.linspace(0, len(safer) - 1, FEW).round().astype(np.int64))
    taken = safer[places] if len(safer) > FEW else safer
    others = np.setdiff1d(np.arange(len(costs)), safer)[: FEW - len(taken)]
    return np.sort(np.r_[taken, others])


def proven(problem: PlanningProblem, settings: Settings, designs: Floats, most: int) -> Proof:
    """Play designs on fresh replications, the same for all.

    Args:
        problem: counts the replications.
        settings: sizes, and the seed of fresh replications.
        designs: float64[K, D], the best first.
        most: replications that may be spent.
    """
    task = Task(problem, replace(settings, seed=settings.proof_seed), designs[0])
    looks = most // task.look_size
    first = max(1, looks // (2 * len(designs)))
    played = list(task.look(designs, 0, first))
    left = looks - first * len(designs)
    chances = np.array([_kept_chance(problem, one) for one in played])
    while left > 0:
        step = min(first, left)
        likely = np.flatnonzero(chances >= LIKELY)
        row = int(likely[0]) if len(likely) else int(chances.argmax())
        played[row] = np.concatenate([played[row], task.look(designs[[row]], len(played[row]), step)[0]])
        chances[row] = _kept_chance(problem, played[row])
        left -= step
    costs = tuple(one[:, 0] * problem.signs[0] for one in played)
    return Proof(chances, np.array([len(one) for one in played]), costs)


def paired_costs(problem: PlanningProblem, settings: Settings, design: Floats, looks: int) -> Floats:
    """Costs of another design in the first so many looks, float64[looks]; they are not counted.

    Args:
        problem: judges the design.
        settings: seed of the proof.
        design: float64[D].
        looks: replications.
    """
    spent = problem.spent
    task = Task(problem, replace(settings, seed=settings.proof_seed), design)
    found = np.asarray(task.look(design[None], 0, looks)[0, :, 0] * problem.signs[0])
    problem.spent = spent
    return found


def _kept_chance(problem: PlanningProblem, looks: Floats) -> float:
    """Probability that a design keeps all limits, of looks float64[n, M] at it; 0 where one gives no number."""
    if np.isnan(looks).any():
        return 0.0
    chance = 1.0
    for name, (column, sign, bound) in zip(problem.limited, problem.limits, strict=True):
        is_chance = isinstance(searched_by(name, problem.space.scenario), Chance)
        chance *= (_of_share if is_chance else _of_mean)(looks[:, column], sign, bound)
    return chance


def _of_share(values: Floats, sign: float, bound: float) -> float:
    hits = float(values.sum())
    below = float(betainc(hits + 0.5, len(values) - hits + 0.5, min(max(bound, 0.0), 1.0)))
    return below if sign > 0.0 else 1.0 - below


def _of_mean(values: Floats, sign: float, bound: float) -> float:
    slack = -sign * (float(values.mean()) - bound)
    error = float(values.std(ddof=1)) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    if len(values) < 2 or error == 0.0:
        return 1.0 if slack >= 0.0 else 0.0
    return float(stdtr(len(values) - 1, slack / error))

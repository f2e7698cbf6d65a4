"""The last few designs of a search with one objective: whether they keep their limits, and which of them is best."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.counted import counted
from esc_sim.optimize.algorithms.registry import algorithm_of
from esc_sim.optimize.judge import Judging
from esc_sim.optimize.nsga2 import Generation
from esc_sim.optimize.problem import PlanningProblem
from esc_sim.optimize.proof import Proof, few_of, paired_costs, proven
from esc_sim.optimize.selection import Selection, selected
from esc_sim.optimize.settings import Settings

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

EACH: Final = 100
"""Replications on which a selection proves the limits of each design, where the search has not."""


@dataclass(frozen=True)
class LastFew:
    """The last few designs.

    Attributes:
        rows: int64[P], of the generation, the best first.
        believed: bool[P], which of them count as keeping all limits.
        proof: of the limits, on fresh replications; its designs in the order of ``rows``. None where there was none.
        designs: float64[P, D].
        selection: among those that keep their limits.
        spent: replications of the budget that the proof took.
        notices: what the user should know.
    """

    rows: Rows
    believed: NDArray[np.bool_]
    proof: Proof | None
    designs: Floats
    selection: Selection | None
    spent: int
    notices: list[str]

    def gain_in_proof(self, problem: PlanningProblem, settings: Settings, own: Floats) -> float:
        """How much less the first design costs than another one in the proof, both on the same replications.

        Args:
            problem: judges the other design.
            settings: seed of the proof.
            own: the other design, float64[D].
        """
        assert self.proof is not None
        costs = self.proof.costs[0]
        return float((paired_costs(problem, settings, own, len(costs)) - costs).mean())


def last_few(
    problem: PlanningProblem, judge: Judging, settings: Settings, generation: Generation, rows: Rows
) -> LastFew:
    """Prove the limits of designs and select among those that keep them, as the settings want it.

    Args:
        problem: with its limits.
        judge: judges designs.
        settings: budget and selection.
        generation: the last one.
        rows: of designs in it, of one objective the best first.

    Raises:
        InputError: a selection is not possible.
    """
    believed = generation.feasible[rows]
    if problem.n_obj > 1:
        return LastFew(rows, believed, None, generation.designs[rows], None, 0, [])
    proof, spent, looked = None, 0, 0
    by_budget = algorithm_of(settings.algorithm).by_budget and settings.budget is not None
    if problem.limited and (by_budget or settings.select is not None):
        before = problem.spent
        most = (settings.budget or 0) - before if by_budget else EACH * len(rows)
        if by_budget:
            worst = generation.violations[rows].max(axis=1)
            rows = rows[few_of(generation.costs[rows, 0], worst)]
        proof = proven(problem, settings, generation.designs[rows], most)
        looked = problem.spent - before
        spent, problem.spent = (looked if by_budget else 0), before
        order = proof.order
        rows, proof = rows[order], proof.sorted(order)
        believed = proof.believed
    selection, notices = _selection(problem, judge, settings, generation, rows, believed, looked - spent)
    if selection is not None:
        order = np.r_[selection.order, np.arange(len(selection.order), len(rows))]
        rows, believed = rows[order], believed[order]
        proof = None if proof is None else proof.sorted(order)
    return LastFew(rows, believed, proof, generation.designs[rows], selection, spent, notices)


def _selection(
    problem: PlanningProblem,
    judge: Judging,
    settings: Settings,
    generation: Generation,
    rows: Rows,
    believed: NDArray[np.bool_],
    looked: int,
) -> tuple[Selection | None, list[str]]:
    """What is selected among the first designs, those that keep their limits, and why nothing is.

    Args:
        problem, judge, settings, generation, rows: as of :func:`last_few`.
        believed: bool[P], which designs keep their limits; those that do come first.
        looked: replications on which the selection itself proved the limits.
    """
    if settings.select is None:
        return None, []
    among = rows[: int(believed.sum())]
    if len(among) < 2:
        kept = counted(len(among), "design")
        likely = " that is likely to keep all limits" if problem.limited else ""
        return None, [f"--select: there is {kept}{likely}: nothing to select" if len(among) else
                      "--select: no design is likely to keep all limits: nothing is selected"]  # fmt: skip
    leading = float(generation.costs[among[0], 0])
    found = selected(problem, judge, generation.designs[among], settings, leading)
    assert found is not None
    return replace(found, limited=bool(problem.limited), looked=looked), []

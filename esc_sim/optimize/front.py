"""The front that a search found: plans, what they promised in training, and what they keep on held-out numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from esc_sim.optimize.compromise import Reading, min_max_compromise, non_dominated
from esc_sim.optimize.draws import held_out_draws, training_draws
from esc_sim.optimize.judge import Judge, Judging
from esc_sim.optimize.measures import is_maximized
from esc_sim.optimize.problem import PlanningProblem
from esc_sim.optimize.settings import Settings
from esc_sim.optimize.space import DecisionSpace
from esc_sim.optimize.volume import hypervolume
from esc_sim.plans.decisions import DecisionsPlan
from esc_sim.plans.plan import Origin
from esc_sim.results.manifest import scenario_hash

if TYPE_CHECKING:
    from esc_sim.network.model import Network
    from esc_sim.optimize.checkpoint import State
    from esc_sim.scenario.schema import Scenario

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class Front:
    """What a search found; P designs of D variables, M objectives, all measures in their own sign.

    Attributes:
        scenario, settings, space, network: what was searched, and how.
        measures: names; the first M are the objectives, the others are needed by constraints only.
        designs: float64[P, D], sorted by the first objective as held out, the best first.
        training: float64[P, M], objectives on the draws of the search (optimistic).
        held_out: float64[P, len(measures)], on draws that the search has not seen.
        base_training, base_held_out: float64[len(measures)] of the scenario's own plan.
        kept: bool[P], whether all constraints are kept on the held-out draws.
        reference: float64[M], reference point of the hypervolume.
        history: float64[G, 1 + M], after each generation the hypervolume (training) and the best of each objective.
        held_out_volume: hypervolume of the designs on the held-out draws.
        notices: what the user should know.
        command: how the search was started.
    """

    scenario: Scenario
    settings: Settings
    space: DecisionSpace
    network: Network
    measures: tuple[str, ...]
    designs: Floats
    training: Floats
    held_out: Floats
    base_training: Floats
    base_held_out: Floats
    kept: Booleans
    reference: Floats
    history: Floats
    held_out_volume: float
    notices: tuple[str, ...]
    command: str

    @property
    def objectives(self) -> tuple[str, ...]:
        """Names of the objectives."""
        return self.measures[: self.training.shape[1]]

    @property
    def maximize(self) -> list[bool]:
        """Whether more is better, for each objective."""
        return [is_maximized(name) for name in self.objectives]

    @property
    def judged(self) -> Floats:
        """Objectives on the held-out draws, float64[P, M]."""
        return self.held_out[:, : len(self.objectives)]

    @cached_property
    def non_dominated(self) -> Booleans:
        """bool[P], which designs no other one dominates on the held-out draws."""
        return non_dominated(self.judged, self.maximize)

    def pick(self, reading: Reading = "corrected") -> int:
        """Row of the min-max compromise (Chen, Wang, Zio, eqs 18 to 20) on the held-out draws.

        It is chosen among the designs that keep all constraints there, or among all where none does.
        """
        rows = np.flatnonzero(self.kept) if self.kept.any() else np.arange(len(self.designs))
        return int(rows[min_max_compromise(self.judged[rows], self.maximize, reading)])

    def plan(self, row: int, name: str) -> DecisionsPlan:
        """A design as a plan."""
        origin = Origin(
            scenario=self.scenario.name,
            scenario_hash=scenario_hash(self.scenario),
            command=self.command,
            objectives=dict(zip(self.measures, map(float, self.held_out[row]), strict=True)),
        )
        return self.space.plan(self.designs[row], self.network, name, origin)


def judged_again(
    scenario: Scenario,
    settings: Settings,
    problem: PlanningProblem,
    local: Judge,
    judge: Judging,
    state: State,
    notices: list[str],
    command: str,
) -> Front:
    """The best of the final population, and the scenario's own plan, on held-out draws.

    Args:
        local: judges the base plan on the draws of the search.
        judge: judges the front.
        state: where the search ended.
    """
    generation = state.generation
    rows = np.flatnonzero(generation.feasible)
    if not len(rows):
        notices = [*notices, "no design keeps all constraints: the front shows those found, none of which is a plan"]
        rows = np.arange(len(generation.designs))
    rows = rows[non_dominated(generation.costs[rows], [False] * problem.n_obj)]
    designs, first = np.unique(generation.designs[rows], axis=0, return_index=True)
    rows = rows[first]
    with_base = np.vstack([local.space.base, designs])
    held_out = judge(with_base, held_out_draws(settings, len(with_base)))
    costs, broken = problem.costs(held_out[1:]), problem.violations(held_out[1:])
    order = np.argsort(costs[:, 0], kind="stable")
    return Front(
        scenario=scenario,
        settings=settings,
        space=local.space,
        network=local.instance.network,
        measures=local.measure.names,
        designs=designs[order],
        training=generation.costs[rows][order] * problem.signs,
        held_out=held_out[1:][order],
        base_training=local(local.space.base[None], training_draws(settings, 1, 1))[0],
        base_held_out=held_out[0],
        kept=np.asarray((broken <= 0.0).all(axis=1))[order],
        reference=state.reference * problem.signs,
        history=state.history * np.r_[1.0, problem.signs],
        held_out_volume=hypervolume(costs, state.reference),
        notices=tuple(notices),
        command=command,
    )

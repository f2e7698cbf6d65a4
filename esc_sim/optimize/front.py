"""The front that a search found: plans, what they promised in training, and what they keep on held-out numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.counted import counted
from esc_sim.errors import InputError
from esc_sim.findings.drawings import Drawing
from esc_sim.findings.study import Cells, Kind, Study
from esc_sim.findings.tables import read_as_text
from esc_sim.optimize.compromise import Reading, min_max_compromise, non_dominated
from esc_sim.optimize.held_out import limits_of
from esc_sim.optimize.measures import is_maximized
from esc_sim.optimize.selection import Selection
from esc_sim.optimize.settings import Settings
from esc_sim.optimize.space import DecisionSpace
from esc_sim.optimize.verdict import Verdict
from esc_sim.plans.decisions import DecisionsPlan
from esc_sim.plans.plan import Origin
from esc_sim.results.manifest import scenario_hash

if TYPE_CHECKING:
    import pandas as pd

    from esc_sim.findings.plots import Draw
    from esc_sim.network.model import Network
    from esc_sim.scenario.schema import Scenario
    from esc_sim.storage.place import Fill

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

NO_PLAN: Final = "no design keeps all constraints on the held-out draws: there is no compromise to run"
NO_BEST: Final = "no design is likely to keep all constraints: there is no plan to run"

KIND: Final = Kind(
    "esc_sim optimize",
    "Pareto front",
    {"front": (), "progress": ("generation",)},
    {"front": "design"},
)
ONE: Final = replace(KIND, words="Best plan")
CANDIDATES: Final = 10
"""Designs of a search with one objective that are judged again."""


@dataclass(frozen=True, repr=False, eq=False)
class Front(Study):
    """What a search found; P designs of D variables, M objectives, all measures in their own sign.

    With one objective it is the best plan, with those that come next.

    Attributes:
        scenario, settings, space, network: what was searched, and how.
        measures: names; the first M are the objectives, the others are needed by constraints only.
        designs: float64[P, D], sorted by the first objective as held out, the best first; with one objective in the
            order in which the search ranks them.
        training: float64[P, M], objectives on the draws of the search (optimistic).
        held_out: float64[P, len(measures)], on draws that the search has not seen.
        low, high: float64[P, len(measures)], ends of the 95 % intervals of ``held_out``; nan for objectives of several.
        base_training, base_held_out: float64[len(measures)] of the scenario's own plan.
        excess: float64[P], sum of the shares by which limits are broken on the held-out draws; 0 where all are kept.
        believed: bool[P], which designs count as keeping all limits by what the search, or replications of its budget
            that it had not seen, say; what is chosen of one objective is chosen by it, not by held-out numbers.
        reference: float64[M], reference point of the hypervolume.
        history: float64[G, 1 + M], after each generation the hypervolume (training) and the best of each objective.
        spent: int64[G], replications spent by the end of each generation.
        leaders: float64[G, D], the best design after each generation of a search with one objective; else [G, 0].
        selection: what was selected among the last few designs; None where nothing was asked.
        verdict: what is left of the hypervolume on the held-out draws.
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
    low: Floats
    high: Floats
    base_training: Floats
    base_held_out: Floats
    excess: Floats
    believed: Booleans
    reference: Floats
    history: Floats
    spent: NDArray[np.int64]
    leaders: Floats
    selection: Selection | None
    verdict: Verdict
    notices: tuple[str, ...]
    command: str

    @property
    def objectives(self) -> tuple[str, ...]:
        """Names of the objectives."""
        return self.measures[: self.training.shape[1]]

    @property
    def maximize(self) -> list[bool]:
        """Whether more is better, for each objective."""
        return [is_maximized(name, self.scenario) for name in self.objectives]

    @property
    def judged(self) -> Floats:
        """Objectives on the held-out draws, float64[P, M]."""
        return self.held_out[:, : len(self.objectives)]

    @property
    def kept(self) -> Booleans:
        """bool[P], whether all constraints are kept on the held-out draws."""
        return self.excess <= 0.0

    @cached_property
    def non_dominated(self) -> Booleans:
        """bool[P], which designs keep all constraints on the held-out draws, dominated there by none that does."""
        found = self.kept.copy()
        if found.any():
            found[found] = non_dominated(self.judged[found], self.maximize)
        return found

    @cached_property
    def chosen(self) -> int | None:
        """Row of the plan to take: with one objective the best, else the min-max compromise.

        None where no design keeps all constraints: as the search sees it with one objective, else held out.
        """
        there_is_one = self.believed[0] if self.has_one else self.kept.any()
        return self.pick() if there_is_one else None

    @property
    def compromise(self) -> DecisionsPlan | None:
        """The plan to take; None where no design keeps all constraints."""
        return None if self.chosen is None else self.plan(self.chosen, self.choice)

    @property
    def best(self) -> DecisionsPlan | None:
        """The best plan of a search with one objective; of several, the compromise."""
        return self.compromise

    @property
    def has_one(self) -> bool:
        """Whether there is one objective."""
        return len(self.objectives) == 1

    @property
    def choice(self) -> str:
        """What the plan to take is called: "best" or "compromise"."""
        return "best" if self.has_one else "compromise"

    def limits_kept(self, row: int) -> list[dict[str, Any]]:
        """What a design gives held out where there are limits, with the verdict "kept", "open" or "broken"."""
        return [
            limit.entry(*(float(values[row, limit.column]) for values in (self.held_out, self.low, self.high)))
            for limit in limits_of(self.scenario, self.measures)
        ]

    @property
    def study_kind(self) -> Kind:
        """Tables front (a row a design) and progress (a row a generation)."""
        return ONE if self.has_one else KIND

    @property
    def subject(self) -> str:
        """Title of the scenario, and the size of the front."""
        return f"{self.scenario.title or self.scenario.name}, {counted(len(self.designs), 'design')}"

    def written_tables(self) -> Mapping[str, Cells]:
        """Designs with objectives and decisions, the best of the first objective first; and the search's progress."""
        from esc_sim.optimize.writing import front_table, progress_table

        return {"front": Cells.of(front_table(self)), "progress": Cells.of(progress_table(self))}

    def shown_table(self) -> pd.DataFrame:
        """Objectives in training, all measures held out, and what stands out; without the decisions."""
        return read_as_text(self.frame.drop(columns=list(self.space.names)))

    def figures_by_name(self) -> Mapping[str, Draw]:
        """The front; with one objective the course of the search."""
        from esc_sim.optimize.writing import best_course, front_points

        if self.has_one:
            return {"progress": Drawing("esc_sim.optimize.drawing_course:best_by_replications", (best_course(self),))}
        return {"front": Drawing("esc_sim.optimize.drawing:pareto_front", (front_points(self),))}

    def folder_files(self) -> Fill:
        """What writes it into a folder."""
        from esc_sim.optimize.writing import front_files

        return front_files(self)

    @property
    def nearest(self) -> int:
        """Row of the design that breaks constraints least: as the search sees it with one objective, else held out."""
        return 0 if self.has_one else int(self.excess.argmin())

    def pick(self, reading: Reading = "corrected") -> int:
        """Row of the min-max compromise (Chen, Wang, Zio, eqs 18 to 20) on the held-out draws.

        It is chosen among the designs that keep all constraints there. With one objective it is the first design, where
        that one counts as keeping them.

        Raises:
            InputError: none does.
        """
        if self.has_one:
            if not self.believed[0]:
                raise InputError(NO_BEST)
            return 0
        rows = np.flatnonzero(self.kept)
        if not len(rows):
            raise InputError(NO_PLAN)
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

"""What every kind of design hands over: a plan, tables, figures, a summary, and what they depend on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from esc_sim.errors import InputError
from esc_sim.findings.study import Cells, Kind, Study

if TYPE_CHECKING:
    from esc_sim.crews.crew import Crew
    from esc_sim.findings.plots import Draw
    from esc_sim.plans.plan import Plan
    from esc_sim.scenario.schema import Scenario
    from esc_sim.storage.place import Fill

Cell = str | int | float


KIND: Final = Kind("esc_sim design", "Design", {}, {})


@dataclass(frozen=True)
class OutTable:
    """A table to be written as CSV; floats are written so that they read back bit for bit."""

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def unproven(status: str) -> list[str]:
    """A line to print where a search ended before the gap that was asked for was proven.

    Args:
        status: how the search ended (see `esc_sim.lp.Solution`).
    """
    why = {
        "time limit": "its time was up: allow more of it",
        "stopped": "it was stopped",
        "gap not reached": "the solver's tolerances allow no more: allow a larger gap",
    }
    return [f"  note                 the gap asked for is not proven, {why[status]}"] if status in why else []


@dataclass(frozen=True, repr=False, eq=False)
class DesignResult(Study):
    """A finished design.

    Attributes:
        kind: of the design ("sourcing").
        plan: what the agents are to carry out, None where the design has no counterpart in the simulation.
        summary: content of summary.json: plain values, finite numbers.
        settings: everything that was asked for, defaults filled in, for the manifest.
        tables: name (without .csv) -> table.
        figures: name (without .png) -> what draws it; a :class:`esc_sim.findings.drawings.Drawing` can be drawn again
            from the folder.
        inputs: files that the design was read from, for the manifest's hashes.
        lines: what to print.
        further_plans: name (without .yaml) -> another way to carry the design out.
        scenario: what it was made for; set by ``run_design``.
        command: how it was started.
    """

    kind: str
    plan: Plan | None
    summary: Mapping[str, Any]
    settings: Mapping[str, Any]
    tables: Mapping[str, OutTable] = field(default_factory=dict)
    figures: Mapping[str, Draw] = field(default_factory=dict)
    inputs: Sequence[Path] = ()
    lines: Sequence[str] = ()
    further_plans: Mapping[str, Plan] = field(default_factory=dict)
    scenario: Scenario | None = None
    command: str = ""

    @property
    def study_kind(self) -> Kind:
        """The tables that the kind of design has."""
        return KIND

    @property
    def subject(self) -> str:
        """The kind of design, and title of the scenario."""
        about = "" if self.scenario is None else f", {self.scenario.title or self.scenario.name}"
        return f"{self.kind}{about}"

    def written_tables(self) -> Mapping[str, Cells]:
        """The design's tables."""
        return {name: Cells(table.header, table.rows) for name, table in self.tables.items()}

    def figures_by_name(self) -> Mapping[str, Draw]:
        """The design's figures."""
        return self.figures

    def folder_files(self) -> Fill:
        """What writes it into a folder.

        Raises:
            InputError: nobody said for which scenario it was made.
        """
        from esc_sim.design.folder import design_files

        if self.scenario is None:
            raise InputError("the design does not say for which scenario it was made: make it by esc_sim.design")
        return design_files(self, self.scenario, self.command)


Report = Callable[[str], None]
"""Told what the design is doing: a step in words, or the state of a search."""


class DesignKind(Protocol):
    """A module that designs; see ``esc_sim.design.kinds``.

    Attributes:
        OPTIONS: options of the command that this kind understands, such as "reading"; others are refused.
    """

    OPTIONS: frozenset[str]

    def run_design(self, scenario: Scenario, options: Mapping[str, Any], report: Report, crew: Crew) -> DesignResult:
        """Solve, re-check against the original model, and describe.

        Args:
            scenario: with its section ``design`` for this kind.
            options: those of OPTIONS that were given.
            report: told about progress.
            crew: does solves that do not need one another; which never changes a number.

        Raises:
            InputError: data or options that cannot be used; no plan keeps every limit.
        """

"""What every kind of design hands over: a plan, tables, figures, a summary, and what they depend on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from esc_sim.plans.plan import Plan
    from esc_sim.scenario.schema import Scenario

Cell = str | int | float


@dataclass(frozen=True)
class OutTable:
    """A table to be written as CSV; floats are written so that they read back bit for bit."""

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class DesignResult:
    """A finished design.

    Attributes:
        kind: of the design ("sourcing").
        plan: what the agents are to carry out, None where the design has no counterpart in the simulation.
        summary: content of summary.json: plain values, finite numbers.
        settings: everything that was asked for, defaults filled in, for the manifest.
        tables: name (without .csv) -> table.
        figures: name (without .png) -> function that draws it; called only when a folder is written.
        inputs: files that the design was read from, for the manifest's hashes.
        lines: what to print.
        further_plans: name (without .yaml) -> another way to carry the design out.
    """

    kind: str
    plan: Plan | None
    summary: Mapping[str, Any]
    settings: Mapping[str, Any]
    tables: Mapping[str, OutTable] = field(default_factory=dict)
    figures: Mapping[str, Callable[[], Figure]] = field(default_factory=dict)
    inputs: Sequence[Path] = ()
    lines: Sequence[str] = ()
    further_plans: Mapping[str, Plan] = field(default_factory=dict)


Report = Callable[[str], None]
"""Told what the design is doing: a step in words, or the state of a search."""


class DesignKind(Protocol):
    """A module that designs; see ``esc_sim.design.kinds``.

    Attributes:
        OPTIONS: options of the command that this kind understands, such as "reading"; others are refused.
    """

    OPTIONS: frozenset[str]

    def run_design(self, scenario: Scenario, options: Mapping[str, Any], report: Report) -> DesignResult:
        """Solve, re-check against the original model, and describe.

        Args:
            scenario: with its section ``design`` for this kind.
            options: those of OPTIONS that were given.
            report: told about progress.

        Raises:
            InputError: data or options that cannot be used; no plan keeps every limit.
        """

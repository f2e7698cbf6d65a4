"""The work of a stress test, cut into parts: one stressor with one state of knowledge, at all start dates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.instance.struck import Outage
from esc_sim.stress.durations import Durations
from esc_sim.stress.impact import Twin, impact_of
from esc_sim.stress.parts import Row
from esc_sim.stress.replay import as_disruption
from esc_sim.stress.stressors import Stressor

Floats = NDArray[np.float64]

KNOWLEDGE: Final = {"scenario": None, "at once": 0.0, "never": math.inf}
"""When buyers learn of the outage: as the scenario's rules say, at once, never."""
NUMBERS: Final = ("impact", "lost", "late", "survive", "recover", "in_vain", "met")
"""What a part gives for each start date and replication."""


@dataclass(frozen=True)
class Task:
    """A part of the work.

    Attributes:
        stressor: what is out.
        known: of ``KNOWLEDGE``.
    """

    stressor: Stressor
    known: str


@dataclass(frozen=True)
class Plan:
    """What all parts have in common.

    Attributes:
        twin: the runs without an outage.
        starts: periods in which outages begin.
        durations: how long they last.
        health: share of capacity left.
        stops: what nodes that are out cannot do.
        tolerance: see :data:`esc_sim.stress.impact.TOLERANCE`.
    """

    twin: Twin
    starts: tuple[int, ...]
    durations: Durations
    health: float
    stops: tuple[str, ...]
    tolerance: float

    def outages(self, stressor: Stressor, start: int, known: str, durations: Durations | None = None) -> list[Outage]:
        """A stressor at a start date: what is out for equally long, the longest first.

        Args:
            stressor: what is out.
            start: period in which it begins.
            known: of ``KNOWLEDGE``.
            durations: how long it lasts, if otherwise than by the plan.
        """
        return [
            Outage("stress", part.nodes, part.arcs, self.stops, self.health, start, time, KNOWLEDGE[known])
            for part, time in (durations or self.durations).parts(stressor)
        ]

    def entries(self, stressor: Stressor, start: int, durations: Durations | None = None) -> list[dict[str, Any]]:
        """The same as entries of ``disruptions``.

        Args:
            stressor: what is out.
            start: period in which it begins.
            durations: how long it lasts, if otherwise than by the plan.
        """
        network = self.twin.instance.network
        return [
            as_disruption(part, network, start, time, self.health, self.stops)
            for part, time in (durations or self.durations).parts(stressor)
        ]

    def play(self, task: Task) -> Row:
        """Run a part; gives a row fit for JSON, whose lists are by start date, then by replication."""
        found = []
        for start in self.starts:
            first, *also = self.outages(task.stressor, start, task.known)
            found.append(impact_of(self.twin, first, self.tolerance, also))
        return {
            "stressor": task.stressor.name,
            "kind": task.stressor.kind,
            "known": task.known,
            "impact": [one.impact.tolist() for one in found],
            "lost": [one.lost.sum(axis=1).tolist() for one in found],
            "late": [one.late.sum(axis=1).tolist() for one in found],
            "survive": [_finite(one.survive) for one in found],
            "recover": [_finite(one.recover) for one in found],
            "in_vain": [one.in_vain.tolist() for one in found],
            "met": [_finite(one.met) for one in found],
            "lost_by": np.mean([one.lost for one in found], axis=(0, 1)).tolist(),
            "late_by": np.mean([one.late for one in found], axis=(0, 1)).tolist(),
        }


def is_row(row: Row) -> bool:
    """Whether a stored line is what :meth:`Plan.play` gives."""
    return {"stressor", "kind", "known", "lost_by", "late_by", *NUMBERS} <= row.keys()


def is_of(row: Row, task: Task) -> bool:
    """Whether a row is that of a part."""
    found = (row.get("stressor"), row.get("kind"), row.get("known"))
    return found == (task.stressor.name, task.stressor.kind, task.known)


def numbers_of(row: Row, name: str, missing: float = math.nan) -> Floats:
    """Numbers of a row, float64[starts, R].

    Args:
        row: of :meth:`Plan.play`.
        name: of ``NUMBERS``.
        missing: what stands for a time that was not seen.
    """
    return np.array([[missing if v is None else v for v in values] for values in row[name]], np.float64)


def _finite(values: Floats) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values.tolist()]


def tasks_of(stressors: Sequence[Stressor], knowledge: Sequence[str]) -> list[Task]:
    """All parts, those of the scenario's own knowledge first."""
    return [Task(stressor, known) for known in knowledge for stressor in stressors]

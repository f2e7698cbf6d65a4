"""What a simulation hands over: periods of every replication, means over them, and traces on request."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from esc_sim.results.engines import EnginePart, joined
from esc_sim.results.period_table import DISRUPTED, UNDISRUPTED, Booleans, Floats, PeriodTable, column
from esc_sim.results.result import RUN_FORMAT, About, Result
from esc_sim.sampling.clock import clock_of
from esc_sim.scenario.calendar import calendar_of

if TYPE_CHECKING:
    from esc_sim.results.circular import Reference
    from esc_sim.results.links import LinkRow
    from esc_sim.results.lots import LotTable
    from esc_sim.results.promise import Promise
    from esc_sim.scenario.calendar import Calendar
    from esc_sim.scenario.schema import Scenario, Units
    from esc_sim.storage.place import Fill

__all__ = [
    "DISRUPTED",
    "RUN_FORMAT",
    "UNDISRUPTED",
    "About",
    "Booleans",
    "EnginePart",
    "Floats",
    "PeriodTable",
    "Result",
    "RunResult",
    "Traces",
    "activity_of",
    "column",
    "joined",
]


@dataclass(frozen=True)
class Traces:
    """Everything that happened, replication by replication; only on request, for its size.

    Attributes:
        items: float64[R, T, I, len(ITEM_COLUMNS)].
        nodes: float64[R, T, N, len(NODE_COLUMNS)].
    """

    items: Floats
    nodes: Floats


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class RunResult(Result):
    """A run as it comes from the engines, with its scenario.

    Attributes:
        scenario: what was run.
        traces: of the run as configured, or None.
        promises: what the plan promises, beside what the run gave.
        lots: amounts of goods by their origin; None where they were not followed.
        links: what was shipped over links that cascades have made; none where they carry no orders.
        reference: the run that its investments are set against; None where there are none.
        found: entries of the summary that say how its length was found: ``warm_up_found``, ``precision``.
        code: names of the classes of a user's own that took part, for the manifest.
    """

    scenario: Scenario
    traces: Traces | None = None
    promises: Sequence[Promise] = ()
    lots: LotTable | None = None
    links: tuple[LinkRow, ...] = ()
    reference: Reference | None = None
    found: Mapping[str, Any] = field(default_factory=dict)
    code: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def about(self) -> About:
        """What tables and figures need to know of the scenario."""
        from esc_sim.results.summary import about_of

        return about_of(self)

    @property
    def label(self) -> str:
        """Name of the run as configured: "disrupted", or "undisrupted" for a scenario without disruptions."""
        return DISRUPTED if self.scenario.is_disrupted else UNDISRUPTED

    @property
    def units(self) -> Units:
        """Names of the units."""
        return self.scenario.units

    @property
    def calendar(self) -> Calendar | None:
        """Dates of the periods; None where the scenario gives none."""
        return calendar_of(self.scenario)

    def folder_files(self) -> Fill:
        """What writes it into a folder, figures included."""
        from esc_sim.results.writing import run_files

        return run_files(self, self.summary, self.draw)

    def without_warm_up(self) -> RunResult:
        """The run without the periods that the scenario calls its warm-up."""
        first = self.scenario.run.warm_up
        if not 0 < first < self.period_count:
            return self
        active = self.activity()
        return replace(
            self,
            values=self.values[:, first:],
            twin=None if self.twin is None else self.twin[:, first:],
            observations=None if self.observations is None else self.observations[:, first:],
            disruption_active=None if active is None else active[:, first:],
        )

    def activity(self) -> Booleans | None:
        """Whether a disruption is in force, bool[R, T]: as recorded, or worked out where all disruptions are dated."""
        if self.disruption_active is not None:
            return self.disruption_active
        disruptions, clock = self.scenario.disruptions, clock_of(self.scenario)
        spans = [
            (
                clock.periods(clock.of(date.start)),
                clock.periods(clock.of(date.start) + clock.of(date.duration) + clock.of(disruption.recovery.duration)),
            )
            for disruption in disruptions
            for date in disruption.dates or []
        ]
        if (
            self.scenario.joint_disruptions
            or not disruptions
            or any(disruption.dates is None for disruption in disruptions)
        ):
            return None
        return np.broadcast_to(activity_of(spans, self.period_count), (self.replications, self.period_count))


def activity_of(spans: Iterable[tuple[float, float]], periods: int) -> Booleans:
    """Whether a disruption is in force at each review, bool[T].

    Args:
        spans: (start, end of the event and of its gradual recovery) in review periods; in force while
            start <= t < end.
        periods: T.
    """
    change = np.zeros(periods + 1, dtype=np.int64)
    for start, end in spans:
        change[min(periods, max(0, math.ceil(start)))] += 1
        change[min(periods, max(0, math.ceil(end)))] -= 1
    return np.cumsum(change[:periods]) > 0

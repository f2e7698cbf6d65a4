"""What a simulation hands over: periods of every replication, means over them, and traces on request."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.results.spool import in_memory
from esc_sim.sampling.clock import clock_of

if TYPE_CHECKING:
    from esc_sim.network.model import Network
    from esc_sim.results.lots import LotTable
    from esc_sim.results.observed import Observed
    from esc_sim.results.promise import Promise
    from esc_sim.scenario.schema import Scenario

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

DISRUPTED = "disrupted"
UNDISRUPTED = "undisrupted"

_INDEX = {name: i for i, name in enumerate(PERIOD_COLUMNS)}


def column(values: Floats, name: str) -> Floats:
    """One of PERIOD_COLUMNS: values [R, T, K] -> [R, T]; a copy where the values lie in a file.

    Raises:
        KeyError: no such column.
    """
    picked: Floats = in_memory(values[..., _INDEX[name]])
    return picked


@dataclass(frozen=True)
class PeriodTable:
    """Periods [R, T, K] whose columns are asked for by name, as measures do."""

    values: Floats

    def __getitem__(self, name: str, /) -> Floats:
        """One of PERIOD_COLUMNS, [R, T].

        Raises:
            KeyError: no such column.
        """
        if name not in _INDEX:
            raise KeyError(f"no column of periods is called '{name}'; columns: {', '.join(PERIOD_COLUMNS)}")
        return column(self.values, name)


@dataclass(frozen=True)
class Traces:
    """Everything that happened, replication by replication; only on request, for its size.

    Attributes:
        items: float64[R, T, I, len(ITEM_COLUMNS)].
        nodes: float64[R, T, N, len(NODE_COLUMNS)].
    """

    items: Floats
    nodes: Floats


@dataclass(frozen=True)
class EnginePart:
    """Replications that one engine played.

    Attributes:
        engine: "agents" or "compiled".
        first: number of the first of them.
        stop: one past the last.
    """

    engine: str
    first: int
    stop: int


def joined(parts: Iterable[EnginePart]) -> tuple[EnginePart, ...]:
    """Parts in the order of the replications, neighbours of one engine as one."""
    found: list[EnginePart] = []
    for part in parts:
        if found and (found[-1].engine, found[-1].stop) == (part.engine, part.first):
            part = EnginePart(part.engine, found.pop().first, part.stop)
        found.append(part)
    return tuple(found)


@dataclass(frozen=True)
class RunResult:
    """Outcome of R replications of T periods; N nodes, I items, A arcs, K period columns.

    Attributes:
        scenario: what was run.
        network: its arrays.
        engine: asked for: "agents", "compiled", or "auto", which takes what is ready; "agents" where only they can.
        seed: seed of all random numbers.
        values: float64[R, T, K], the run as configured.
        twin: float64[R, T, K], the undisrupted twin on the same random numbers; None when the scenario has no
            disruption.
        arc_shipped: float64[A], mean shipped per period over periods and replications, arcs in the scenario's order.
        item_stock: float64[T, I], mean stock at the end of each period.
        item_health: float64[T, N], mean share of capacity that each node can ship.
        twin_arc_shipped, twin_item_stock: the same of the twin, or None.
        disruption_active: bool[R, T], whether any disruption is in force at the review; None when not recorded.
        traces: of the run as configured, or None.
        plan, plan_hash: name of the plan that was carried out and hash of what it decides, or None.
        command: how the run was started.
        notices: what the user should know about how it was run.
        batch: replications that were stratified together (1 = independent replications); intervals rest on batches.
        tally: float64[R, I, len(TALLY_COLUMNS)], sums after the warm-up; no items where no order policy asks for them.
        customers: int64[C], the items with final demand.
        service: float64[R, C, len(SERVICE_COLUMNS)], sums after the warm-up; None when not recorded.
        flows: float64[R, I, len(FLOW_COLUMNS)], sums over all periods; no items where they are not kept.
        observed: names and units of the X numbers that features show of themselves in every period.
        observations: float64[R, T, X] of them; None when not recorded.
        promises: what the plan promises, beside what the run gave.
        lots: amounts of goods by their origin; None where they were not followed.
        engines: which engine played which replications.
        code: names of the classes of a user's own that took part, for the manifest.
    """

    scenario: Scenario
    network: Network
    engine: str
    seed: int
    values: Floats
    twin: Floats | None
    arc_shipped: Floats
    item_stock: Floats
    item_health: Floats
    twin_arc_shipped: Floats | None = None
    twin_item_stock: Floats | None = None
    disruption_active: Booleans | None = None
    traces: Traces | None = None
    plan: str | None = None
    plan_hash: str | None = None
    command: str = ""
    notices: list[str] = field(default_factory=list)
    batch: int = 1
    tally: Floats | None = None
    customers: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    service: Floats | None = None
    flows: Floats | None = None
    observed: Sequence[Observed] = ()
    observations: Floats | None = None
    promises: Sequence[Promise] = ()
    lots: LotTable | None = None
    engines: tuple[EnginePart, ...] = ()
    code: Mapping[str, Any] = field(default_factory=dict)

    @property
    def replications(self) -> int:
        """Replications that were finished; fewer than the scenario asks for after an interruption."""
        return int(self.values.shape[0])

    @property
    def periods(self) -> int:
        """Review periods per replication."""
        return int(self.values.shape[1])

    @property
    def label(self) -> str:
        """Name of the run as configured: "disrupted", or "undisrupted" for a scenario without disruptions."""
        return DISRUPTED if self.scenario.is_disrupted else UNDISRUPTED

    def without_warm_up(self) -> RunResult:
        """The run without the periods that the scenario calls its warm-up."""
        first = self.scenario.run.warm_up
        if not 0 < first < self.periods:
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
        return np.broadcast_to(activity_of(spans, self.periods), (self.replications, self.periods))


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

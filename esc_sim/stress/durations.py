"""How long what is out stays out: its own time to recover where the tables give it, else what all others take."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from esc_sim.errors import InputError
from esc_sim.instance.model import Instance
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.unread import Reads
from esc_sim.scenario.written_times import dates_given, is_dated, labels_of
from esc_sim.stress.starts import start_dates
from esc_sim.stress.stressors import Stressor

MOST_USUAL: Final = 2
"""Times that count as usual."""


@dataclass(frozen=True)
class Durations:
    """Periods for which nodes and arcs are out.

    Attributes:
        others: of all that have no time to recover of their own; None where nothing is said.
        nodes, arcs: own times to recover, by number.
    """

    others: float | None
    nodes: Mapping[int, float] = field(default_factory=dict)
    arcs: Mapping[int, float] = field(default_factory=dict)

    def sooner(self, nodes: Mapping[int, float], arcs: Mapping[int, float]) -> Durations:
        """The same with some nodes and arcs back after other times, where those are shorter."""
        back = [
            {i: min(time, own.get(i, math.inf if self.others is None else self.others)) for i, time in new.items()}
            for own, new in ((self.nodes, nodes), (self.arcs, arcs))
        ]
        return Durations(self.others, {**self.nodes, **back[0]}, {**self.arcs, **back[1]})

    def at(self, arcs: Mapping[int, int]) -> Durations:
        """The same where arcs have other numbers; those that are new have no time of their own."""
        return Durations(self.others, self.nodes, {arcs[arc]: time for arc, time in self.arcs.items()})

    def parts(self, stressor: Stressor) -> Iterator[tuple[Stressor, float]]:
        """What is out together, by the time for which it is, the longest first.

        Raises:
            InputError: nothing says how long a part of it is out.
        """
        nodes = {i: self._of(self.nodes.get(i), stressor) for i in stressor.nodes}
        arcs = {i: self._of(self.arcs.get(i), stressor) for i in stressor.arcs}
        for time in sorted({*nodes.values(), *arcs.values()}, reverse=True):
            same = [tuple(i for i, own in found.items() if own == time) for found in (nodes, arcs)]
            yield Stressor(stressor.name, stressor.kind, *same), time

    def of(self, stressor: Stressor) -> float:
        """Periods until all of it is back."""
        return max(time for _, time in self.parts(stressor))

    def longest(self, stressors: Sequence[Stressor]) -> float:
        """Periods until all of the slowest is back; that of others where that is longer."""
        return max([*(self.of(one) for one in stressors), *([] if self.others is None else [self.others])])

    def usual(self) -> list[float]:
        """The few times for which most is out."""
        own = Counter([*self.nodes.values(), *self.arcs.values()])
        often = [time for time, _ in own.most_common(MOST_USUAL)]
        return often if self.others is None else [self.others, *often[: MOST_USUAL - 1]]

    def content(self) -> dict[str, Any]:
        """What is said, fit for JSON."""
        return {"others": self.others, "nodes": list(self.nodes.items()), "arcs": list(self.arcs.items())}

    def _of(self, own: float | None, stressor: Stressor) -> float:
        time = self.others if own is None else own
        if time is None:
            raise InputError(
                f"--duration: say how long an outage lasts: '{stressor.name}' has no time_to_recover in the tables"
            )
        return time


def durations_of(scenario: Scenario, others: float | None) -> Durations:
    """What the tables of a scenario say, and what holds for all others.

    Args:
        scenario: the scenario.
        others: periods that an outage lasts where the tables say nothing.

    Raises:
        InputError: they are not above 0.
    """
    if others is not None and not others > 0.0:
        raise InputError(f"--duration {others:g}: an outage lasts more than 0 periods")
    nodes = {i: float(node.time_to_recover) for i, node in enumerate(scenario.nodes) if node.time_to_recover}
    arcs = {i: float(arc.time_to_recover) for i, arc in enumerate(scenario.arcs) if arc.time_to_recover}
    return Durations(None if others is None else float(others), nodes, arcs)


def dates_of(
    starts: Any, scenario: Scenario, instance: Instance, durations: Durations, stressors: Sequence[Stressor]
) -> tuple[int, ...]:
    """Start dates at which the longest outage fits into the run.

    Args:
        starts: how many, or which, see :func:`esc_sim.stress.starts.start_dates`; dates of its calendar, too.
        scenario: the scenario.
        instance: the network.
        durations: how long outages last.
        stressors: what is put out.

    Raises:
        InputError: an outage does not fit into the run, nothing says how long it lasts, or the dates do not fit.
    """
    longest = durations.longest(stressors)
    own = {*durations.nodes.values(), *durations.arcs.values()}
    said = "time_to_recover" if longest in own and longest != durations.others else "--duration"
    found = dates_given("starts", starts, scenario)
    label = labels_of(scenario) if is_dated(starts) else str
    return start_dates(found, instance.warm_up, instance.periods, longest, said, label)


def duration_reads(reads: Reads) -> Reads:
    """What a stress test reads: what a run does, and times to recover."""
    return lambda scenario: f"{reads(scenario)} {durations_of(scenario, None).content()}"

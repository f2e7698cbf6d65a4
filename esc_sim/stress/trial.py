"""How a reverse test tries something: as disruptions more, at each start date, played as `run` plays them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from esc_sim.errors import InputError
from esc_sim.network.model import Network
from esc_sim.results.run import RunResult
from esc_sim.results.sampled import sample_of
from esc_sim.risk.intervals import Interval
from esc_sim.scenario.disruptions import Disruption
from esc_sim.scenario.more_disruptions import renamed
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import simulate
from esc_sim.stress.limits import Limit
from esc_sim.stress.parts import Row, as_stored
from esc_sim.stress.replay import as_disruption
from esc_sim.stress.stressors import Stressor

Entry = dict[str, Any]
"""An entry of ``disruptions``."""


@dataclass(frozen=True)
class Trial:
    """How sets of sites, and deviations, are tried.

    Attributes:
        scenario: with its own disruptions.
        network: its network.
        limit: of which key figure.
        starts: start dates, each tried by itself.
        duration, health, stops: what an outage is.
        options: of the simulation: replications, seed, engine, plan.
    """

    scenario: Scenario
    network: Network
    limit: Limit
    starts: tuple[int, ...]
    duration: float
    health: float
    stops: tuple[str, ...]
    options: Mapping[str, Any]

    def terms(self) -> dict[str, Any]:
        """What an outage is, and which statistic counts: said beside each result."""
        return {
            "duration": self.duration,
            "starts": list(self.starts),
            "health": self.health,
            "stops": list(self.stops),
            "statistic": f"mean over {self.options['replications']} replications, at the start date that is worst",
            "seed": self.options["seed"],
        }

    def interval(self, disruptions: Sequence[Entry]) -> Interval:
        """The key figure with some disruptions more: mean over replications, as ``run`` gives it, and interval."""
        scenario = self.scenario
        if disruptions:
            own = [*scenario.disruptions, *map(Disruption.model_validate, renamed(scenario, disruptions))]
            scenario = scenario.model_copy(update={"disruptions": own})
        run: RunResult = simulate(scenario, workers=1, **self.options)
        sample = sample_of(run)
        if sample.twin is None:  # nothing is disrupted, so that the run is its own twin
            sample = replace(sample, twin=sample.periods)
        if not self.limit.measure.is_asked(sample):
            raise InputError(f"--reverse {self.limit}: the scenario has no such key figure")
        return self.limit.measure.interval(sample)

    def undisturbed(self) -> float:
        """The key figure with nothing more.

        Raises:
            InputError: it breaks the limit.
        """
        value = float(self.interval(()).mean)
        if self.limit.is_broken_by(value):
            raise InputError(f"--reverse {self.limit}: is broken without any outage ({value:.6g})")
        return value

    def entry(self, nodes: Sequence[int], start: int) -> Entry:
        """An outage of some nodes, as an entry of ``disruptions``."""
        out = Stressor("", "pair", tuple(nodes))
        return as_disruption(out, self.network, start, self.duration, self.health, self.stops)

    def worst_outage(self, nodes: tuple[int, ...]) -> tuple[float, int]:
        """The key figure that is furthest beyond the limit while some nodes are out, and its start date."""
        interval, start = self.worst(lambda start: [self.entry(nodes, start)])
        return float(interval.mean), start

    def play(self, nodes: tuple[int, ...]) -> Row:
        """What :meth:`worst_outage` gives, as a row fit for JSON."""
        value, start = self.worst_outage(nodes)
        return {"nodes": list(nodes), "value": as_stored(value), "start": start}

    def worst(self, entries: Callable[[int], Sequence[Entry]]) -> tuple[Interval, int]:
        """The key figure that is furthest beyond the limit, and its start date.

        Args:
            entries: disruptions, given the start date.
        """
        found = [(self.interval(entries(start)), start) for start in self.starts]
        return max(found, key=lambda one: self.limit.beyond(float(one[0].mean)))


def is_outage_row(row: Row) -> bool:
    """Whether a stored line is what :meth:`Trial.play` gives."""
    return {"nodes", "value", "start"} <= row.keys()


def is_of_nodes(row: Row, nodes: tuple[int, ...]) -> bool:
    """Whether a row is that of an outage of some nodes."""
    return row.get("nodes") == list(nodes)


def outage_of(row: Row) -> tuple[float, int]:
    """What :meth:`Trial.worst_outage` gave."""
    return float(row["value"]), row["start"]

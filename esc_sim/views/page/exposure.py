"""What a stress test says of outages: how much each hurts, and the change of the scenario that plays it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from esc_sim.scenario.checked import changed
from esc_sim.scenario.schema import Scenario
from esc_sim.views.page.variants import Variant


@dataclass(frozen=True)
class Exposure:
    """What an outage does.

    Attributes:
        name, kind: what is out, such as "factory", "node".
        rank: 1 is the worst.
        impact, low, high: profit lost, with its 95 % interval (nan where there is none).
        survive: periods until service falls short; infinite where it never does.
        recover: periods until service is back; nan where the runs end before.
        index: impact over the largest; nan where none is positive.
        duration: periods that it lasts.
        start: period in which the stored case begins.
        change: 'path=value' text that plays that case, as for ``run --set``.
    """

    name: str
    kind: str
    rank: int
    impact: float
    low: float
    high: float
    survive: float
    recover: float
    index: float
    duration: float
    start: int
    change: str

    @property
    def label(self) -> str:
        """Rank, name and kind: unique, and what the list shows."""
        return f"{self.rank}. {self.name}" + ("" if self.kind == "node" else f" ({self.kind})")

    def variant(self, scenario: Scenario, allow_code: bool) -> Variant:
        """The scenario with this outage, as a run with the change has it.

        Args:
            scenario: without it.
            allow_code: may Python files that the scenario names be run.

        Raises:
            InputError: the change does not fit the scenario.
        """
        name = f"Outage of {self.name}" + ("" if self.kind == "node" else f" ({self.kind})")
        hit = changed(scenario, [self.change])
        return Variant(name, words=("--set", self.change), allow_code=allow_code, scenario=hit)


@dataclass(frozen=True)
class Exposures:
    """A finished stress test.

    Attributes:
        found: outages by label, the worst first.
        seed: of its random numbers.
        words: how it was done.
    """

    found: Mapping[str, Exposure]
    seed: int
    words: str

    @cached_property
    def of_node(self) -> dict[str, str]:
        """Label of the outage of each node that was put out alone."""
        return {one.name: label for label, one in self.found.items() if one.kind == "node"}

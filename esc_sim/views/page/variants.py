"""What can be run side by side: the scenario itself, the scenario without disruptions, and plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.instance.build import instance_of
from esc_sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Variant:
    """A way to run a scenario.

    Attributes:
        name: shown in the lists of the page, unique.
        disrupted: play the scenario's disruptions.
    """

    name: str
    disrupted: bool = True

    def model(self, scenario: Scenario, seed: int, replication: int) -> SupplyChainModel:
        """A model at day 0. The same seed and replication give every variant the same random numbers."""
        return SupplyChainModel(
            instance_of(scenario),
            seed=seed,
            replication=replication,
            disrupted=self.disrupted,
            keep_stock=True,
            watch=True,
        )


BASE: Final = Variant("Scenario as written")
UNDISRUPTED: Final = Variant("Without disruptions", disrupted=False)

"""What can be run side by side: the scenario itself, plans, and the scenario without disruptions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.instance.build import instance_of
from esc_sim.plans.apply import apply_plan
from esc_sim.plans.files import read_plan
from esc_sim.plans.plan import Plan
from esc_sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Variant:
    """A way to run a scenario.

    Attributes:
        name: shown in the lists of the page, unique.
        plan: what is carried out; None = the scenario as written.
        disrupted: play the scenario's disruptions.
        source: file of the plan as the user named it.
    """

    name: str
    plan: Plan | None = None
    disrupted: bool = True
    source: str = ""

    def model(self, scenario: Scenario, seed: int, replication: int) -> SupplyChainModel:
        """A model at day 0. The same seed and replication give every variant the same random numbers.

        Raises:
            InputError: the plan does not fit the scenario.
        """
        instance = instance_of(scenario)
        if self.plan is not None:
            instance = apply_plan(instance, self.plan, scenario)
        return SupplyChainModel(
            instance, seed=seed, replication=replication, disrupted=self.disrupted, keep_stock=True, watch=True
        )


BASE: Final = Variant("Scenario as written")
UNDISRUPTED: Final = Variant("Without disruptions", disrupted=False)


def plan_variants(files: Iterable[Path], scenario: Scenario) -> tuple[Variant, ...]:
    """A variant per plan file, each checked against the scenario; plans of one name are told apart by a number.

    Raises:
        InputError: a file that is no plan, or a plan made for another network.
    """
    found: list[Variant] = []
    for file in files:
        plan = read_plan(file)
        apply_plan(instance_of(scenario), plan, scenario)
        name = f"Plan {plan.name}"
        same = sum(variant.name == name or variant.name.startswith(f"{name} (") for variant in found)
        found.append(Variant(f"{name} ({same + 1})" if same else name, plan, source=str(file)))
    return tuple(found)

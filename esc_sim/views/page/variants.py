"""What can be run side by side: the scenario, its variants, plans, and the scenario without disruptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.instance.build import instance_of
from esc_sim.plans.apply import apply_plan, planned_instance
from esc_sim.plans.files import read_plan
from esc_sim.plans.plan import Plan
from esc_sim.plans.settings import settled
from esc_sim.scenario.run import check_warm_up
from esc_sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Variant:
    """A way to run a scenario.

    Attributes:
        name: shown in the lists of the page, unique.
        plan: what is carried out; None = the scenario as written.
        disrupted: play the scenario's disruptions.
        words: of the command that runs it, after the scenario.
        allow_code: may Python files that the scenario names be run.
        scenario: the scenario where it is another than the page's: a variant with other switches.
    """

    name: str
    plan: Plan | None = None
    disrupted: bool = True
    words: tuple[str, ...] = ()
    allow_code: bool = False
    scenario: Scenario | None = None

    def model(self, scenario: Scenario, seed: int, replication: int) -> SupplyChainModel:
        """A model at day 0. The same seed and replication give every variant the same random numbers.

        Args:
            scenario: the scenario.
            seed: seed of all random numbers.
            replication: number of the replication.

        Raises:
            InputError: the plan does not fit the scenario, or the scenario names code and that is not allowed.
        """
        instance = planned_instance(scenario, self.plan, allow_code=self.allow_code)
        instance = replace(instance, tally=True)  # service and orders tier by tier, as in a run
        return SupplyChainModel(instance, seed=seed, replication=replication, disrupted=self.disrupted, watch=True)


def changed_variant(name: str, scenario: Scenario, changes: Iterable[str], *, allow_code: bool = False) -> Variant:
    """The scenario with changes, as a variant.

    Args:
        name: of the variant.
        scenario: with the changes.
        changes: 'path=value' texts, as for ``--set``.
        allow_code: may Python files that the scenario names be run.

    Raises:
        InputError: code that is not allowed.
    """
    check_warm_up(scenario.run)
    instance_of(scenario, allow_code=allow_code)
    words = tuple(word for text in changes for word in ("--set", text))
    return Variant(name, words=words, allow_code=allow_code, scenario=scenario)


BASE: Final = "Scenario as written"
UNDISRUPTED: Final = "Without disruptions"


def variants_of(
    scenario: Scenario,
    plans: Iterable[Path] = (),
    *,
    allow_code: bool = False,
    settings: Mapping[str, Scenario] | None = None,
) -> dict[str, Variant]:
    """Everything that can be run, by name: the scenario, its variants, plans, the scenario without disruptions.

    Args:
        scenario: the scenario; each plan is checked against it. Plans of one name are told apart by a number.
        plans: plan files.
        allow_code: may Python files that the scenario names be run.
        settings: the scenario as each of its ``variants`` sets its switches; the one in force is not offered again.

    Raises:
        InputError: a file that is no plan, a plan made for another network, or code that is not allowed.
    """
    instance = instance_of(scenario, allow_code=allow_code)
    found = {BASE: Variant(BASE, allow_code=allow_code)}
    for name, other in (settings or {}).items():
        if other.switches != scenario.switches:
            shown = f"Variant {name}"
            found[shown] = changed_variant(shown, other, [f"variant={name}"], allow_code=allow_code)
    for file in plans:
        plan = read_plan(file)
        own = settled(scenario, plan)
        apply_plan(instance if own is scenario else instance_of(own, allow_code=allow_code), plan, scenario)
        name, number = f"Plan {plan.name}", 1
        while (shown := name if number == 1 else f"{name} ({number})") in found:
            number += 1
        words = ("--plan", str(file))
        changed = None if own is scenario else own
        found[shown] = Variant(shown, plan, words=words, allow_code=allow_code, scenario=changed)
    sections = [name for name in ("disruptions", "joint_disruptions") if getattr(scenario, name)]
    none = tuple(word for name in sections for word in ("--set", f"{name}=[]"))
    found[UNDISRUPTED] = Variant(UNDISRUPTED, disrupted=False, words=none, allow_code=allow_code)
    return found

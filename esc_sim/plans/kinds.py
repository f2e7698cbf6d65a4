"""The kinds of plans. A new kind is a subclass of ``Plan`` in a module of its own and a line here."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from esc_sim.plans.plan import Plan

KINDS: Final[dict[str, str]] = {
    "decisions": "esc_sim.plans.decisions:DecisionsPlan",
    "sourcing": "esc_sim.plans.sourcing:SourcingContractPlan",
    "retail": "esc_sim.plans.retail:RetailNetworkPlan",
    "recovery": "esc_sim.plans.recovery:RecoveryPlan",
    "energy": "esc_sim.plans.energy:EnergyDaysPlan",
}
"""Kind as written in a plan -> module and class, imported when a plan of that kind is read."""


def plan_class(kind: str) -> type[Plan]:
    """The class of plans of a kind.

    Raises:
        KeyError: no such kind.
    """
    module, _, name = KINDS[kind].partition(":")
    found: type[Plan] = getattr(import_module(module), name)
    return found

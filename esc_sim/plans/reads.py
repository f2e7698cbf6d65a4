"""What a run reads of a scenario: a fingerprint, equal where a change means nothing to the run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from esc_sim.instance.build import instance_of
from esc_sim.instance.fingerprint import fingerprint
from esc_sim.instance.model import Instance
from esc_sim.plans.apply import apply_plan
from esc_sim.plans.plan import Plan
from esc_sim.plans.settings import settled
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.unread import Reads

_SHOWN = ("x", "y", "unit", "notices")
"""Fields of an instance that no number depends on."""


def run_reads(
    plan: Plan | None = None,
    *,
    given: Collection[str] = (),
    allow_code: bool = False,
    policies: Any = None,
) -> Reads:
    """What a simulation reads: the instance with the plan carried out, and how its numbers are summed up.

    Args:
        plan: the plan, or None.
        given: numbers of `run` that an option of the command gives: "replications", "seed".
        allow_code: may Python files that the scenario names be run.
        policies: order policies that are handed in.
    """

    def reads(scenario: Scenario) -> str:
        scenario = settled(scenario, plan)
        instance = instance_of(scenario, policies=policies, allow_code=allow_code)
        if plan is not None:
            instance = apply_plan(instance, plan)
        run = scenario.run
        numbers = {name: getattr(run, name) for name in ("seed", "replications") if name not in given}
        worth = scenario.appraisal, [product.id for product in scenario.products if product.waste]
        return instance_read(instance, run.batches, scenario.risk, numbers, *worth)

    return reads


def instance_read(instance: Instance, *rest: object) -> str:
    """Fingerprint of all in an instance, and of what else is handed in, that a number may depend on."""
    return fingerprint(replace(instance, tally=False), *rest, leave_out=_SHOWN)

"""What a search reads of a scenario: fingerprints, equal where a change means nothing to the search."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from esc_sim.instance.build import instance_of
from esc_sim.instance.fingerprint import fingerprint
from esc_sim.optimize.space import decision_space
from esc_sim.plans.apply import apply_plan
from esc_sim.plans.plan import Plan
from esc_sim.plans.reads import instance_read, run_reads
from esc_sim.plans.settings import settled
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.unread import Reads


def search_reads(
    plan: Plan | None = None, *, given: Collection[str] = (), allow_code: bool = False, policies: Any = None
) -> Reads:
    """What a search reads: as a run without its number of replications, and the section `optimize`.

    Args:
        plan: the plan that designs change, or None.
        given: numbers of `run` that an option of the command gives: "seed".
        allow_code: may Python files that the scenario names be run.
        policies: order policies that are handed in.
    """
    ran = run_reads(plan, given=(*given, "replications"), allow_code=allow_code, policies=policies)
    return lambda scenario: fingerprint(ran(scenario), scenario.optimize)


def decided_reads(plan: Plan | None = None, *, allow_code: bool = False, policies: Any = None) -> Reads:
    """What the result of a search depends on beside the plan that it starts from: all but the decisions' own values.

    Args:
        plan: the plan that designs change, or None.
        allow_code: may Python files that the scenario names be run.
        policies: order policies that are handed in.
    """

    def reads(scenario: Scenario) -> str:
        own = settled(scenario, plan)
        instance = instance_of(own, policies=policies, allow_code=allow_code)
        if plan is not None:
            instance = apply_plan(instance, plan)
        space = decision_space(scenario, instance.network, plan, None if plan is None else instance)
        if space.has_settings:
            own, _ = space.scenario_of(space.settings(space.lower))
            instance = instance_of(own, policies=policies, allow_code=allow_code)
            instance = instance if plan is None else apply_plan(instance, plan)
        fixed = space.decided(instance, space.lower)
        return fingerprint(
            instance_read(fixed, scenario.risk, scenario.optimize), space.lower, space.upper, space.names
        )

    return reads

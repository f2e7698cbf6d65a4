"""What the commands read of a scenario: a fingerprint for each, equal where a change means nothing to the command."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from esc_sim.instance.build import instance_of
from esc_sim.instance.fingerprint import fingerprint
from esc_sim.network.model import network_of
from esc_sim.plans.apply import apply_plan

if TYPE_CHECKING:
    from esc_sim.instance.model import Instance
    from esc_sim.plans.plan import Plan
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
        instance = instance_of(scenario, policies=policies, allow_code=allow_code)
        if plan is not None:
            instance = apply_plan(instance, plan)
        run = scenario.run
        numbers = {name: getattr(run, name) for name in ("seed", "replications") if name not in given}
        return _of_instance(instance, run.batches, scenario.risk, numbers)

    return reads


def search_reads(*, given: Collection[str] = (), allow_code: bool = False, policies: Any = None) -> Reads:
    """What a search reads: as a run without its number of replications, and the section `optimize`."""
    ran = run_reads(given=(*given, "replications"), allow_code=allow_code, policies=policies)
    return lambda scenario: fingerprint(ran(scenario), scenario.optimize)


def decided_reads(*, allow_code: bool = False, policies: Any = None) -> Reads:
    """What the result of a search depends on beside the scenario's own plan: all but the decisions' own values."""
    from esc_sim.optimize.space import decision_space

    def reads(scenario: Scenario) -> str:
        instance = instance_of(scenario, policies=policies, allow_code=allow_code)
        space = decision_space(scenario, instance.network)
        fixed = space.decided(instance, space.lower)
        return fingerprint(_of_instance(fixed, scenario.risk, scenario.optimize), space.lower, space.upper, space.names)

    return reads


def design_reads(kind: str | None = None) -> Reads:
    """What `design` reads: the section of the chosen kind, and which nodes and arcs there are.

    Args:
        kind: the kind asked for; by default the only one.
    """
    from esc_sim.design.kinds import chosen_kind

    def reads(scenario: Scenario) -> str:
        chosen = chosen_kind(scenario, kind)
        structure = network_of(scenario).structure_hash
        if chosen == "dispatch":
            return fingerprint(chosen, structure, instance_of(scenario).power)
        return fingerprint(chosen, structure, getattr(scenario.design, chosen))

    return reads


def recovery_reads(scenario: Scenario) -> str:
    """What `recover` reads: the network with roles, how failures spread, and what disruptions strike.

    Loads that are measured in a run depend on all that the run does, and on its seed.
    """
    network, measured = network_of(scenario), None
    if scenario.cascade is not None and scenario.cascade.load != "eigenvector":
        measured = fingerprint(_of_instance(instance_of(scenario, network)), scenario.run.seed)
    struck = [(d.name, d.nodes, d.regions, d.roles, d.cascade) for d in scenario.disruptions]
    return fingerprint(network.structure_hash, network.roles, network.regions, scenario.cascade, struck, measured)


def _of_instance(instance: Instance, *rest: object) -> str:
    return fingerprint(replace(instance, tally=False), *rest, leave_out=_SHOWN)

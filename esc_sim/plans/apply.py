"""Carrying a plan out: scenario and plan become an instance."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.plans.plan import Plan
from esc_sim.plans.settings import settled
from esc_sim.scenario.messages import Problem

if TYPE_CHECKING:
    from esc_sim.instance.model import Instance
    from esc_sim.scenario.schema import Scenario


def apply_plan(instance: Instance, plan: Plan, scenario: Scenario | None = None) -> Instance:
    """The instance with a plan carried out.

    Args:
        instance: what the scenario says; it stays as it is.
        plan: what to change.
        scenario: the scenario, for the notice that says when the plan was made for other values.

    Returns:
        The new instance; among its notices whether the plan was made for this very scenario.

    Raises:
        InputError: the plan was made for another structure, or names what the network does not have.
    """
    structure = instance.network.structure_hash
    if plan.structure_hash is not None and plan.structure_hash != structure:
        made_for = f" ('{plan.origin.scenario}')" if plan.origin.scenario else ""
        text = f"made for another network{made_for}: its nodes, products or arcs are not those of this scenario"
        raise InputError(plan.message(Problem(("structure_hash",), text)))
    problems = [plan.message(problem) for problem in plan.problems(instance)]
    if problems:
        raise InputError(problems)
    return replace(plan.applied(instance), notices=(*instance.notices, *_notices(plan, scenario)))


def planned_instance(scenario: Scenario, plan: Plan | None, *, allow_code: bool = False) -> Instance:
    """The instance of a scenario with a plan's settings, the plan carried out.

    Args:
        scenario: as it was read.
        plan: the plan, or None.
        allow_code: may Python files that the scenario names be run.

    Raises:
        InputError: as :func:`apply_plan`, or the scenario cannot take a setting, or be run.
    """
    instance = instance_of(settled(scenario, plan), allow_code=allow_code)
    return instance if plan is None else apply_plan(instance, plan, scenario)


def _notices(plan: Plan, scenario: Scenario | None) -> list[str]:
    from esc_sim.results.manifest import scenario_hash

    if plan.structure_hash is None:
        return [f"plan '{plan.name}' does not say for which network it was made: only its names were checked"]
    made_for = plan.origin.scenario_hash
    if scenario is None or not made_for or made_for == scenario_hash(scenario):
        return []
    return [
        f"plan '{plan.name}' was made for scenario '{plan.origin.scenario}' with other values: "
        "the network is the same, some numbers or switches are not"
    ]

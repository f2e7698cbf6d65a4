"""Scenarios with the settings of a plan: what a plan changes beside orders, prices and stocks of an instance."""

from __future__ import annotations

from esc_sim.errors import InputError
from esc_sim.plans.plan import Plan
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.settings import with_settings


def settled(scenario: Scenario, plan: Plan | None) -> Scenario:
    """The scenario with a plan's settings; itself where the plan has none.

    Args:
        scenario: checked.
        plan: the plan, or None.

    Raises:
        InputError: the scenario cannot take a setting.
    """
    if plan is None or not plan.changes:
        return scenario
    try:
        return with_settings(scenario, plan.changes)
    except InputError as error:
        said = (problem.replace("--set ", "settings: ", 1) for problem in error.problems)
        raise InputError([f"plan '{plan.name}': {problem}" for problem in said]) from None

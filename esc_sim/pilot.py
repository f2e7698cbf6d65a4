"""The warm-up of a study: found once, for the scenario as it is, where the scenario says ``run.warm_up: auto``."""

from __future__ import annotations

from typing import Any

from esc_sim.errors import InputError
from esc_sim.plans.plan import Plan
from esc_sim.scenario.run import FoundWarmUp
from esc_sim.scenario.schema import Scenario
from esc_sim.settling import is_to_be_found
from esc_sim.simulation import simulate


def piloted(
    scenario: Scenario, plan: Plan | None = None, *, whose: str = "once, for the scenario as it is", **options: Any
) -> tuple[Scenario, list[str]]:
    """A scenario with a number for its warm-up, and what to say of it.

    Args:
        scenario: a checked scenario; one whose warm-up is a number stays as it is.
        plan: that is carried out.
        whose: warm-up it is, in words.
        options: of :func:`esc_sim.simulation.simulate` that the pilot run depends on: seed, members, policies, ...
    """
    if not is_to_be_found(scenario.run):
        return scenario, []
    pilot = simulate(scenario, replications=1, plan=plan, **options)
    found = pilot.scenario.run.warm_up
    said = f"warm-up: {found} periods are left out, found by MSER-5 {whose}"
    return with_warm_up_of(pilot.scenario, scenario), [said, *(n for n in pilot.notices if n.startswith("warm-up:"))]


def with_warm_up_of(base: Scenario, scenario: Scenario) -> Scenario:
    """A scenario whose warm-up is to be found with that of another.

    Args:
        base: says the number.
        scenario: one whose warm-up is a number of its own stays as it is.

    Raises:
        InputError: none was found for the base, which counts periods of its own, or it leaves too few periods.
    """
    if not is_to_be_found(scenario.run):
        return scenario
    found, run = base.run.warm_up, scenario.run
    if not isinstance(found, FoundWarmUp):
        raise InputError("run.warm_up: auto is found for the scenario as it is, which says a number: set auto there")
    if run.batches > run.periods - found:
        raise InputError(f"run.warm_up: the {found} periods found are too many: run.periods is {run.periods}")
    return scenario.model_copy(update={"run": run.model_copy(update={"warm_up": found})})

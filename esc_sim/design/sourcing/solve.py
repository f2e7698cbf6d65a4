"""Solving a sourcing design: choice of form and method, and the checked result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from esc_sim.design.sourcing.demand import DesignDemand
from esc_sim.design.sourcing.full import full_model
from esc_sim.design.sourcing.instance import SourcingInstance
from esc_sim.design.sourcing.model import RISK_LIMIT, collapses, plan_of, scenario_model, small_model
from esc_sim.design.sourcing.options import SourcingOptions
from esc_sim.design.sourcing.plan import SourcingPlan
from esc_sim.design.sourcing.recheck import recheck
from esc_sim.errors import EscSimError, InputError
from esc_sim.lp import Binding, BlockModel, InfeasibleError, Progress, Solution

FEW_INTEGERS = 100
"""Up to so many integers the search does without HiGHS's sub-searches for better plans: branching finds them sooner.

At the paper's size with demand by scenario they took 4 of 5.7 s of processor time.
"""

Form = Literal["auto", "small", "scenario", "full"]


@dataclass(frozen=True)
class SourcingDesign:
    """A solved design.

    Attributes:
        instance, demand, options: what was asked.
        form: the form that was solved ("small", "scenario", "full", "benders").
        plan: the decisions.
        objective: cost of the plan.
        bound: proven lower bound.
        gap: (objective - bound) / objective.
        status: how the search ended (see `blocks.Solution`).
        time: seconds.
    """

    instance: SourcingInstance
    demand: DesignDemand
    options: SourcingOptions
    form: str
    plan: SourcingPlan
    objective: float
    bound: float
    gap: float
    status: str
    time: float


def design_sourcing(
    instance: SourcingInstance,
    demand: DesignDemand,
    options: SourcingOptions | None = None,
    *,
    form: Form = "auto",
    gap: float = 1e-6,
    time_limit: float | None = None,
    progress: Callable[[Progress], None] | None = None,
    explain: bool = True,
) -> SourcingDesign:
    """Cheapest plan that keeps every limit; re-checked against the original model before it is returned.

    Args:
        instance: data.
        demand: what to cover (`nominal_demand`, `design_demand`).
        options: objective and limits; by default the expected cost without limits.
        form: "auto" takes the small form where it is exact, else the scenario form; "full" is MILP (27).
        gap: relative gap at which the search may stop.
        time_limit: seconds, or None.
        progress: called while the search runs.
        explain: name the limits that bind when no plan keeps them all (some seconds).

    Raises:
        InfeasibleError: no plan keeps every limit (an InputError that names them).
        InputError: a form that does not fit the data.
        EscSimError: no plan found within the time limit, or a returned plan that breaks a constraint.
    """
    options = options or SourcingOptions()
    check_fit(instance, demand)
    small = collapses(instance, demand.worst)
    if form == "small" and not small:
        raise InputError(
            "the small form needs demand and backup prices alike in all scenarios, none above the spot price"
        )
    chosen = ("small" if small else "scenario") if form == "auto" else form
    problem = build_model(instance, demand, options, chosen).compile()
    if problem.data.integer.sum() <= FEW_INTEGERS:
        problem.without_heuristics()
    try:
        solution = problem.solve(gap=gap, time_limit=time_limit, progress=progress, explain=False)
    except InfeasibleError:
        raise why_none(instance, demand, options, explain=explain) from None
    return checked_design(instance, demand, options, chosen, solution)


def build_model(instance: SourcingInstance, demand: DesignDemand, options: SourcingOptions, form: str) -> BlockModel:
    """The block model of a form ("small", "scenario" or "full").

    Args:
        instance: the data.
        demand: the demand to cover.
        options: objective and limits.
        form: "small", "scenario" or "full".

    Raises:
        InputError: an effort level that is unknown.
    """
    if form == "full":
        return full_model(instance, demand, options)
    if form == "small":
        return small_model(instance, demand.worst, options)
    return scenario_model(instance, demand.worst, options)


def checked_design(
    instance: SourcingInstance, demand: DesignDemand, options: SourcingOptions, form: str, solution: Solution
) -> SourcingDesign:
    """The result of a solve, its plan re-checked against every constraint of the original model.

    Args:
        instance: the data.
        demand: the demand to cover.
        options: objective and limits.
        form: form of the model that was solved.
        solution: what the solver found.

    Raises:
        EscSimError: no plan was found in time, or it breaks a constraint.
    """
    if not solution.found:
        raise no_plan_in_time(solution.bound)
    return checked_plan(instance, demand, options, form, solution, plan_of(instance, solution))


def checked_plan(
    instance: SourcingInstance,
    demand: DesignDemand,
    options: SourcingOptions,
    form: str,
    solution: Solution,
    plan: SourcingPlan,
) -> SourcingDesign:
    """The result with a given plan, re-checked against every constraint of the original model.

    Args:
        instance: the data.
        demand: the demand to cover.
        options: objective and limits.
        form: form of the model that was solved.
        solution: what the solver found, for objective and bound.
        plan: the plan.

    Raises:
        EscSimError: the plan breaks a constraint.
    """
    broken = recheck(instance, demand, options, plan, solution.objective)
    if broken:
        shown = "; ".join(str(v) for v in broken[:5])
        raise EscSimError(f"sourcing design: the solver's plan breaks {len(broken)} constraints: {shown}")
    cost, bound, gap = solution.objective, solution.bound, solution.gap
    return SourcingDesign(instance, demand, options, form, plan, cost, bound, gap, solution.status, solution.time)


def no_plan_in_time(bound: float) -> EscSimError:
    """The error of a search that ended before it found a plan."""
    known = f"; any plan costs at least {bound:.6g}" if np.isfinite(bound) and bound > 0.0 else ""
    return EscSimError(f"sourcing design: no plan found in time{known}; allow more time or a larger gap")


def check_fit(instance: SourcingInstance, demand: DesignDemand) -> None:
    """Check that the demand has the instance's buyers (and scenarios).

    Raises:
        InputError: another shape.
    """
    a, k = len(instance.buyers), len(instance.scenarios)
    if demand.worst.shape not in ((a,), (k, a)):
        raise InputError(f"demand has shape {demand.worst.shape}; the instance has {a} buyers and {k} scenarios")


def why_none(
    instance: SourcingInstance, demand: DesignDemand, options: SourcingOptions, *, explain: bool
) -> InfeasibleError:
    """The error that names the limits that bind.

    No row holds epsilon alone, as bounds of the program rest on it: it is looked up apart.

    Args:
        instance: the data.
        demand: the demand to cover.
        options: objective and limits, which no plan keeps.
        explain: look for the limits (some seconds); else none is named.
    """
    if not explain:
        return InfeasibleError("sourcing design", [])
    binding: list[Binding] = []
    try:
        form: Form = "small" if collapses(instance, demand.worst) else "scenario"
        build_model(instance, demand, options, form).solve(gap=1.0)
    except InfeasibleError as error:
        binding = error.binding
    if options.limits_excess:
        from esc_sim.design.sourcing.front import least_excess

        try:
            least = least_excess(instance, demand, options)
        except InfeasibleError:
            least = float("nan")
        if least > options.epsilon:
            binding = [limit for limit in binding if limit.alone and limit.block != "risk"]
            binding.append(Binding("risk", "risk", RISK_LIMIT, "upper", options.epsilon, least, True))
    return InfeasibleError("sourcing design", binding)

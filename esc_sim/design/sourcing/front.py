"""Cost against excess probability: the range of epsilon (Algorithm 2) and the Pareto front."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from esc_sim.design.sourcing.assess import assess
from esc_sim.design.sourcing.demand import DesignDemand
from esc_sim.design.sourcing.instance import SourcingInstance
from esc_sim.design.sourcing.model import collapses, scenario_model, small_model
from esc_sim.design.sourcing.options import SourcingOptions
from esc_sim.design.sourcing.solve import SourcingDesign, check_fit, design_sourcing
from esc_sim.errors import InputError
from esc_sim.lp import InfeasibleError

STEP = 1e-5
"""How far below the last excess probability the next limit is set: ten times what the solver's tolerance lets pass."""


@dataclass(frozen=True)
class FrontPoint:
    """One plan of the front.

    Attributes:
        epsilon: limit of the excess probability under which it was found.
        epf: excess probability of the plan, recomputed from its scenario costs.
        design: the plan with its cost.
    """

    epsilon: float
    epf: float
    design: SourcingDesign


def epsilon_range(
    instance: SourcingInstance, demand: DesignDemand, options: SourcingOptions, *, gap: float = 1e-6
) -> tuple[float, float]:
    """Range in which epsilon matters (Wang, Chen, Liu, Algorithm 2).

    Args:
        instance: the data.
        demand: the demand to cover.
        options: with a budget; its epsilon is not used.
        gap: relative gap at which the search for the cheapest plan may stop.

    Returns:
        The least excess probability that any plan reaches, and that of the cheapest plan without the EPF constraint.

    Raises:
        InputError: no budget is set.
        InfeasibleError: even without the EPF constraint no plan keeps the limits.
    """
    free = design_sourcing(instance, demand, replace(_with_budget(options), epsilon=1.0), gap=gap)
    return least_excess(instance, demand, options), _epf(free)


def least_excess(instance: SourcingInstance, demand: DesignDemand, options: SourcingOptions) -> float:
    """Least excess probability that any plan reaches, whatever it costs.

    In the small form the scenarios exceed the budget in the order of their spot prices, so the least probability is
    found by bisection over the distinct prices; else by minimising sum_k p_k rho_k.

    Args:
        instance: the data.
        demand: the demand to cover.
        options: with a budget; its epsilon is not used.

    Raises:
        InputError: no budget is set.
        InfeasibleError: no plan keeps the other limits.
    """
    options = _with_budget(options)
    check_fit(instance, demand)
    if not collapses(instance, demand.worst):
        nearly_free = replace(options, epsilon=1.0 - 1e-9)  # an epsilon of 1 would drop the EPF rows
        model = scenario_model(instance, demand.worst, nearly_free, ordered=False)
        model.set_objective({"rho": instance.probability})
        problem = model.compile()
        problem.set_row_bounds("risk", upper=1.0)
        return problem.solve(gap=1e-9, explain=False).objective
    small_model(instance, demand.worst, replace(options, epsilon=1.0)).solve(gap=1.0, explain=False)
    prices = np.unique(instance.spot_price)
    above = [float(instance.probability[instance.spot_price > q].sum()) for q in prices]
    low, high = -1, prices.size - 1  # the budget can be kept up to prices[low]; index high is still to be tried
    while low < high:
        middle = (low + high + 1) // 2
        try:
            limited = replace(options, epsilon=min(above[middle], 1.0 - 1e-12))
            small_model(instance, demand.worst, limited).solve(gap=1.0, explain=False)
            low = middle
        except InfeasibleError:
            high = middle - 1
    return above[low] if low >= 0 else 1.0


def pareto_front(
    instance: SourcingInstance,
    demand: DesignDemand,
    options: SourcingOptions,
    *,
    gap: float = 1e-6,
    time_limit: float | None = None,
    on_point: Callable[[FrontPoint], None] | None = None,
) -> list[FrontPoint]:
    """All non-dominated pairs of cost and excess probability, by the epsilon-constraint method.

    From the cheapest plan on, epsilon is set just below the last plan's excess probability until no plan is left, so
    that no step of the front is missed (excess probabilities are sums of the p_k).

    Args:
        instance, demand: data.
        options: variant; its budget is used, its epsilon is the largest one tried.
        gap: relative gap of each solve.
        time_limit: seconds for each solve.
        on_point: called with each point as it is found.

    Returns:
        Points by falling excess probability and rising cost.

    Raises:
        InputError: no budget is set.
        InfeasibleError: no plan even at the largest epsilon.
    """
    options = _with_budget(options)
    points: list[FrontPoint] = []
    epsilon = options.epsilon
    while epsilon >= 0.0:
        try:
            design = design_sourcing(
                instance,
                demand,
                replace(options, epsilon=epsilon),
                gap=gap,
                time_limit=time_limit,
                explain=not points,
            )
        except InfeasibleError:
            if not points:
                raise
            break
        point = FrontPoint(epsilon, _epf(design), design)
        if points and point.epf >= points[-1].epf:
            break  # probabilities closer together than STEP
        if points and design.objective <= points[-1].design.objective * (1.0 + gap):
            points.pop()  # as cheap as its neighbour and less risky: the neighbour is dominated
        points.append(point)
        if on_point is not None:
            on_point(point)
        if point.epf == 0.0:
            break
        epsilon = max(point.epf - STEP, 0.0)
    return points


def _epf(design: SourcingDesign) -> float:
    budget = design.options.budget
    assert budget is not None
    return assess(design.instance, design.plan, [budget]).epf[budget]


def _with_budget(options: SourcingOptions) -> SourcingOptions:
    if options.budget is None:
        raise InputError("an excess probability needs a budget to exceed: set design.sourcing.budget")
    return options

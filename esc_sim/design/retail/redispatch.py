"""A fixed network under other demand: kept as designed, or with its flows dispatched anew.

The second stage of Chen and Chen, Comput. Chem. Eng. 179 (2023) 108428, with levels, links and stock as they stand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from esc_sim.design.retail.data import FACILITY_ROLES, KINDS, FloatArray
from esc_sim.design.retail.laws import DeviationLaw, draw_deviations
from esc_sim.design.retail.model import build
from esc_sim.design.retail.solution import RetailPlan, plan_of


class Redispatch:
    """Cheapest flows of a plan's network for other demands: what full information and central control could do.

    Levels, links and stock are fixed; flows, unused stock, transshipment and shortage are free within all constraints.

    Args:
        plan: the network.
    """

    def __init__(self, plan: RetailPlan) -> None:
        self.plan = plan
        none = np.zeros_like(plan.margin)
        model = build(plan.instance, plan.coverage, none, tighten=False)
        self._problem = model.compile(relax=True)
        levels = np.arange(len(plan.instance.levels))
        for role in FACILITY_ROLES:
            chosen = (plan.level[role][:, None] == levels).astype(float)
            self._problem.set_bounds(f"{role} level", chosen, chosen)
        for kind, _, _ in KINDS:
            opened = plan.opened[kind].astype(float)
            self._problem.set_bounds(f"{kind} open", opened, opened)
        self._problem.set_bounds("stock", plan.stock, plan.stock)

    def __call__(self, demand: ArrayLike) -> RetailPlan:
        """The plan with flows for this demand.

        Args:
            demand: shape F x S, met exactly as given (no margin).

        Raises:
            InfeasibleError: the network cannot meet it; names the areas, capacities or sales that would have to give
                way, and by how much (an InputError).
            InputError: a demand of the wrong shape, negative or not a number.
        """
        changed = self.plan.instance.with_demand(demand)
        self._problem.set_row_bounds("demand", lower=changed.demand)
        solution = self._problem.solve()
        p = self.plan
        return plan_of(changed, solution, p.coverage, p.model, p.eps, p.reading, np.zeros_like(p.margin))


@dataclass(frozen=True)
class StaticStress:
    """How flows kept as designed fare under demand drawn from one law (F: areas, S: scenarios).

    Attributes:
        law: of the deviations.
        row_violation: share of draws in which an area's demand is not covered, shape F x S.
        any_violation: share of draws in which some area's demand is not covered, shape S.
        shortage: mean quantity not covered, beyond the shortage that was planned, shape F x S.
    """

    law: DeviationLaw
    row_violation: FloatArray
    any_violation: FloatArray
    shortage: FloatArray


def static_stress(plan: RetailPlan, law: DeviationLaw, *, draws: int, seed: int) -> StaticStress:
    """Demand drawn from a law of the ambiguity set against the flows as designed.

    Args:
        plan: the network with its flows.
        law: of the deviations, see `laws`.
        draws: how many demands.
        seed: of the draws; every law and every plan sees the same uniform draws.
    """
    i = plan.instance
    zeta = draw_deviations(law, i.areas.ids, draws, seed)
    served = plan.inflow("area") + plan.shortage
    short = i.demand[None] + zeta[:, :, None] * i.deviation[None] - served[None]
    counted = short > 1e-6 * i.quantity_unit
    return StaticStress(
        law=law,
        row_violation=counted.mean(axis=0),
        any_violation=counted.any(axis=1).mean(axis=0),
        shortage=np.where(counted, short, 0.0).mean(axis=0),
    )

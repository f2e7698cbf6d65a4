"""From a sourcing design to a plan that buyer agents follow."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.sourcing.assess import assess
from esc_sim.design.sourcing.guarantee import CONFIDENCE, demand_guarantee
from esc_sim.design.sourcing.solve import SourcingDesign
from esc_sim.plans.plan import Origin
from esc_sim.plans.sourcing import Contract, Recourse, Reserve, Signed, SourcingContractPlan, SourcingPromise

FloatArray = NDArray[np.float64]

JOINT_READING: Final = (
    "theta is a share of each buyer's demands; --reading joint, as printed, is of all buyers together"
)


def reading_note(design: SourcingDesign) -> str:
    """What to know of a marginal set of several buyers where its promises are shown; nothing of other designs."""
    return JOINT_READING if design.demand.kind == "ddro-marginal" and len(design.instance.buyers) > 1 else ""


def contract_plan(
    design: SourcingDesign,
    *,
    name: str,
    spot_market: str | None,
    past: FloatArray | None = None,
    structure_hash: str | None = None,
    origin: Origin | None = None,
) -> SourcingContractPlan:
    """Contracts, efforts, reserves and recourse of a design, with what it promises.

    Args:
        design: the design.
        name: of the plan.
        spot_market: node of the spot market; None where the design may not use it.
        past: past demand, shape (J, A), from which follows what is promised of demand to come; None: nothing.
        structure_hash: of the network of the scenario that it is for.
        origin: where it comes from.
    """
    i, plan = design.instance, design.plan
    regained = (i.recovery_rate * i.recovery_time * plan.effort).sum(axis=1)
    fee = i.fixed_cost * plan.effort.sum(axis=1) + (i.effort_cost * plan.effort).sum(axis=1)
    levels = plan.level(i)
    return SourcingContractPlan(
        version=1,
        kind="sourcing",
        name=name,
        structure_hash=structure_hash,
        origin=origin or Origin(),
        cases=list(i.scenarios),
        primaries=[
            Signed(supplier=m, level=levels[m], regained=min(1.0, float(regained[k])), fee=float(fee[k]))
            for k, m in enumerate(i.primaries)
            if m in levels
        ],
        reserves=[
            Reserve(supplier=b, units=float(q), fee=float(q * i.reserve_cost[k]))
            for k, (b, q) in enumerate(zip(i.backups, plan.reserve, strict=True))
            if q > 0.0
        ],
        contracts=[
            Contract(buyer=buyer, supplier=m, units=float(plan.contract[k, a]))
            for a, buyer in enumerate(i.buyers)
            for k, m in enumerate(i.primaries)
            if plan.contract[k, a] > 0.0
        ],
        backup=[
            Recourse(buyer=buyer, supplier=b, units=_by_case(plan.backup[:, k, a]))
            for a, buyer in enumerate(i.buyers)
            for k, b in enumerate(i.backups)
            if plan.backup[:, k, a].any()
        ],
        spot=[
            Recourse(buyer=buyer, supplier=spot_market, units=_by_case(plan.spot[:, a]))
            for a, buyer in enumerate(i.buyers)
            if spot_market is not None and plan.spot[:, a].any()
        ],
        spot_market=spot_market,
        promise=_promise(design, past),
    )


def _by_case(units: FloatArray) -> list[float]:
    """One number where all cases are alike."""
    return [float(units[0])] if (units == units[0]).all() else [float(u) for u in units]


def _promise(design: SourcingDesign, past: FloatArray | None) -> SourcingPromise:
    i, plan, options = design.instance, design.plan, design.options
    budgets = () if options.budget is None else (options.budget,)
    risk = assess(i, plan, budgets, options.confidence)
    shown = None if past is None else demand_guarantee(design.demand, past)
    return SourcingPromise(
        cost=plan.first_stage_cost(i) + risk.expected,
        second_stage=risk.expected,
        budget=options.budget,
        epf=None if options.budget is None else risk.epf[options.budget],
        epsilon=options.epsilon,
        confidence=options.confidence,
        cvar=risk.cvar,
        violation=None if shown is None else shown.most_short_demands,
        short_periods=None if shown is None else shown.most_short_periods,
        violation_confidence=CONFIDENCE if shown is None else shown.confidence,
        note=reading_note(design),
    )

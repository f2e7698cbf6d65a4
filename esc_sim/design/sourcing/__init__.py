"""Resilient sourcing for risk-averse buyers (Wang, Chen, Liu): which suppliers, reserves and efforts to buy."""

from __future__ import annotations

from esc_sim.design.sourcing.assess import (
    Assessment,
    assess,
    plan_cost,
    price_of_robustness,
    violation_share,
    violation_shares,
)
from esc_sim.design.sourcing.benders import BendersReport, design_by_benders
from esc_sim.design.sourcing.demand import DEMAND_KINDS, DesignDemand, design_demand, from_set, nominal_demand
from esc_sim.design.sourcing.front import FrontPoint, epsilon_range, least_excess, pareto_front
from esc_sim.design.sourcing.guarantee import DemandGuarantee, demand_guarantee
from esc_sim.design.sourcing.instance import SourcingInstance, independent_failures
from esc_sim.design.sourcing.options import SourcingOptions
from esc_sim.design.sourcing.plan import SourcingPlan
from esc_sim.design.sourcing.read import read_tables
from esc_sim.design.sourcing.recheck import Violation, recheck
from esc_sim.design.sourcing.solve import SourcingDesign, design_sourcing
from esc_sim.design.sourcing.switches import SwitchPrice, price_of_switches, with_rates

__all__ = [
    "DEMAND_KINDS",
    "Assessment",
    "BendersReport",
    "DemandGuarantee",
    "DesignDemand",
    "FrontPoint",
    "SourcingDesign",
    "SourcingInstance",
    "SourcingOptions",
    "SourcingPlan",
    "SwitchPrice",
    "Violation",
    "assess",
    "demand_guarantee",
    "design_by_benders",
    "design_demand",
    "design_sourcing",
    "epsilon_range",
    "from_set",
    "independent_failures",
    "least_excess",
    "nominal_demand",
    "pareto_front",
    "plan_cost",
    "price_of_robustness",
    "price_of_switches",
    "read_tables",
    "recheck",
    "violation_share",
    "violation_shares",
    "with_rates",
]

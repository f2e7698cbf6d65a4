"""Two-stage distributionally robust design of a retail network (Chen and Chen, Comput. Chem. Eng. 179, 2023)."""

from __future__ import annotations

from esc_sim.design.retail.data import Coverage, Facilities, Links, Places, RetailInstance
from esc_sim.design.retail.margins import box_ball_margin, budget_margin, margins, radius
from esc_sim.design.retail.recheck import Violation, recheck
from esc_sim.design.retail.solution import CostPieces, RetailPlan, cost_pieces, price_of_robustness
from esc_sim.design.retail.solve import RetailOptions, design_retail

__all__ = [
    "CostPieces",
    "Coverage",
    "Facilities",
    "Links",
    "Places",
    "RetailInstance",
    "RetailOptions",
    "RetailPlan",
    "Violation",
    "box_ball_margin",
    "budget_margin",
    "cost_pieces",
    "design_retail",
    "margins",
    "price_of_robustness",
    "radius",
    "recheck",
]

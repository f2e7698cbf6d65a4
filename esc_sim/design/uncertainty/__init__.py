"""Uncertainty sets of demand, with exact support functions and membership tests."""

from __future__ import annotations

from esc_sim.design.uncertainty.samples import check_samples, check_theta, read_samples
from esc_sim.design.uncertainty.sets import (
    AffineSet,
    BoxBallSet,
    BoxSet,
    BudgetedSet,
    UncertaintySet,
    ball_radius,
    box_ball_margin,
    budget_margin,
    sample_box,
    sample_budgeted_set,
)
from esc_sim.design.uncertainty.svc import SvcSet, most_outside, svc_joint, svc_marginal, svc_set

__all__ = [
    "AffineSet",
    "BoxBallSet",
    "BoxSet",
    "BudgetedSet",
    "SvcSet",
    "UncertaintySet",
    "ball_radius",
    "box_ball_margin",
    "budget_margin",
    "check_samples",
    "check_theta",
    "most_outside",
    "read_samples",
    "sample_box",
    "sample_budgeted_set",
    "svc_joint",
    "svc_marginal",
    "svc_set",
]

"""Proportional: all get the same part of what they ask for."""

from __future__ import annotations

from esc_sim.allocations.allocation import Allocation
from esc_sim.behaviours.accept import in_proportion

ALLOCATION = Allocation(
    "proportional", "all in proportion to what they ask for", share=in_proportion, partial_only=True
)

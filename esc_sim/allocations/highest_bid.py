"""Highest bid first (Chen, Wang, Zio, eq. 2)."""

from __future__ import annotations

from esc_sim.allocations.allocation import Allocation

ALLOCATION = Allocation("highest_bid", "the highest bid")

"""Priority: buyers by the rank that their arc from the supplier gives them."""

from __future__ import annotations

from esc_sim.allocations.allocation import Allocation, Claim


def by_priority(claim: Claim) -> int:
    """The arc's priority; lower first."""
    return claim.priority


ALLOCATION = Allocation("priority", "the buyer of the lowest priority number", rank=by_priority)

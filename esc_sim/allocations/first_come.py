"""First come, first served: what is owed goes by age; what is of one age shares what there is in proportion."""

from __future__ import annotations

from esc_sim.allocations.allocation import Allocation, Claim
from esc_sim.behaviours.accept import in_proportion


def as_listed(claim: Claim) -> int:
    """Buyers of whole orders of one age: in the order of the scenario."""
    return claim.listed


ALLOCATION = Allocation("first_come", "the oldest order that is owed", rank=as_listed, share=in_proportion, by_age=True)

"""Customer classes: the first class is served before the second; customers of one class get the same amount, as far as
they ask for it (uniform allocation: Cachon, Lariviere, 1999)."""

from __future__ import annotations

from esc_sim.allocations.allocation import Allocation, Claim
from esc_sim.behaviours.grid import to_grid
from esc_sim.fields.sequences import Changing, Floats

OPEN = -1.0


def by_priority(claim: Claim) -> int:
    """The arc's priority is the customer's class."""
    return claim.priority


def evenly(asked: Floats, first: int, last: int, limit: float, offset: float, given: Changing) -> None:
    """Whoever asks for less than an even part is met; what that leaves is divided among the others."""
    count = last - first
    for k in range(first, last):
        given[k] = OPEN
    met = True
    while met and count > 0:
        met = False
        even = limit / count
        for k in range(first, last):
            if given[k] == OPEN and asked[k] <= even:
                given[k] = asked[k]
                limit -= asked[k]
                count -= 1
                met = True
    for k in range(first, last):
        if given[k] == OPEN:
            given[k] = to_grid(limit / count, offset)
            limit -= given[k]
            count -= 1


ALLOCATION = Allocation(
    "customer_class",
    "the customers of the first class (lowest priority number), those of one class alike",
    customer_class=by_priority,
    share=evenly,
)

"""Responding: whom a buyer asks next, and for how much (Chen, Wang, Zio)."""

from __future__ import annotations

from esc_sim.behaviours.grid import to_grid
from esc_sim.fields.sequences import Floats, Integers


def next_supplier(pointer: int, end: int, suppliers: Integers, limits: Floats, caps: Floats) -> int:
    """First untried arc of a line whose supplier can still sell; ``end`` if there is none.

    A line's arcs are sorted by (p + o, supplier). Within a market a sellable limit only falls, so an arc once passed
    over stays useless and a pointer that only moves forward is exact.

    Args:
        pointer: first untried arc.
        end: one past the line's last arc.
        suppliers: supplier item of each arc.
        limits: what can still be sold of each item (U).
        caps: what each arc can still carry in this period (contract cap, or less while the arc is disrupted).
    """
    while pointer < end and (limits[suppliers[pointer]] <= 0.0 or caps[pointer] <= 0.0):
        pointer += 1
    return pointer


def part_of_order(order: float, share: float, left: float, last: bool, offset: float) -> float:
    """What one of several suppliers is asked for when an order is split by shares.

    Args:
        order: the whole order.
        share: the supplier's share of it, 0 to 1.
        left: what earlier suppliers of the line leave of it.
        last: whether no later supplier has a share: it is then asked for all that is left.
        offset: of the grid of goods.
    """
    if last:
        return left
    part = to_grid(share * order, offset)
    if part > left:
        return left
    return part


def bid_quantity(residual: float, cap: float) -> float:
    """A buyer sends the whole of its residual, as far as the contract cap allows."""
    if cap <= 0.0:
        return 0.0
    if cap < residual:
        return cap
    return residual

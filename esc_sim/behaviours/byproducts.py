"""Goods that nobody ordered and that exceed their store: whom they go to."""

from __future__ import annotations


def excess(stock: float, owed: float, room: float) -> float:
    """What a node offers at the end of a period: what no order waits for and its store has no room for.

    Args:
        stock: units on hand.
        owed: units that orders wait for.
        room: most that the store keeps, units.
    """
    over = stock - owed - room
    if over <= 0.0:
        return 0.0
    return over


def taken_in(offered: float, capacity: float, stock: float, room: float) -> float:
    """What a taker accepts of an offer: all of it, within its capacity in a period and the room of its store.

    Args:
        offered: units.
        capacity: most that the taker takes in a period, units.
        stock: what the taker has on hand, units.
        room: most that its store keeps, units.
    """
    amount = room - stock
    if amount > capacity:
        amount = capacity
    if amount > offered:
        amount = offered
    if amount <= 0.0:
        return 0.0
    return amount

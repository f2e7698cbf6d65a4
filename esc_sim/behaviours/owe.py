"""Owing: what suppliers could not accept, and deliver later."""

from __future__ import annotations

from esc_sim.fields.item import Item


def owe_more(seller: Item, buyer: Item, amount: float) -> None:
    """Count what a supplier owes a buyer as so much more (or less), whatever its age.

    Args:
        seller, buyer: items; written.
        amount: units; negative: less.
    """
    seller.owes += amount
    buyer.awaits += amount

"""What sources make and what receipts become."""

from __future__ import annotations

from esc_sim.behaviours.grid import to_grid


def stock_after_production(stock: float, target: float, drawn: float) -> float:
    """S = min(S_tgt, S + drawn); stock that exceeds the target already (at the start) is kept, never destroyed.

    Args:
        stock: S, units on hand.
        target: S_tgt, the stock aimed at, units.
        drawn: what could be produced, units.
    """
    if stock >= target:
        return stock
    full = stock + drawn
    if full > target:
        return target
    return full


def stock_gained(received: float, factor: float, offset: float) -> float:
    """Goods received times the yield factor k (Chen, Wang, Zio, eq. 5).

    Args:
        received: units taken in from the dock.
        factor: yield factor k.
        offset: of the grid of goods.
    """
    if factor == 1.0:
        return received
    return to_grid(factor * received, offset)

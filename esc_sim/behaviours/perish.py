"""Goods that do not keep: what is oldest leaves first, and what outlives its shelf life is waste."""

from __future__ import annotations


def outlived(stock: float, recent: float) -> float:
    """What of a stock has reached the end of its shelf life.

    First expired, first out: whatever left the stock was the oldest, so what is on hand came in last. A shelf life of
    L periods therefore needs no book of age classes, only what came in during the latest L - 1 periods: as far as the
    stock exceeds that, it is older, and goods live on the grid, so the sums are exact.

    Args:
        stock: units on hand at the end of the period.
        recent: units that came into stock in this period and the L - 2 before it.
    """
    old = stock - recent
    if old <= 0.0:
        return 0.0
    return old

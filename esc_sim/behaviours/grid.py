"""Goods live on a grid of 2^-n units, so that sums and minima of goods are exact in any order."""

from __future__ import annotations


def grid_offset(bits: int) -> float:
    """Constant that rounds to multiples of 2^-bits when added and taken away again, for amounts below 2^(51 - bits).

    At the size of the constant the spacing of double precision numbers is 2^-bits.
    """
    return 1.5 * 2.0 ** (52 - bits)


def to_grid(amount: float, offset: float) -> float:
    """The multiple of the quantum nearest to ``amount``."""
    return (amount + offset) - offset


def down_to_grid(amount: float, offset: float) -> float:
    """The largest multiple of the quantum that does not exceed ``amount``."""
    near = (amount + offset) - offset
    if near > amount:
        near -= offset / 1.5 * 2.220446049250313e-16  # the quantum, 2^-bits
    return near

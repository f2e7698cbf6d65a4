"""Receiving: goods that have arrived are taken in from the dock."""

from __future__ import annotations

from esc_sim.behaviours.grid import to_grid
from esc_sim.behaviours.sell import reduced
from esc_sim.behaviours.terms import Terms
from esc_sim.fields.item import Goods


def receive(terms: Terms, goods: Goods, health: float) -> None:
    """Take in what waits on an item's dock; goods received times the yield factor become stock.

    Args:
        terms: of the run.
        goods: what is received; written.
        health: share of its work that the node can do.
    """
    taken = goods.dock if health >= 1.0 else reduced(goods.dock, health, terms.offset)
    goods.dock -= taken
    goods.in_transit -= taken
    goods.received += taken
    goods.stock += stock_gained(taken, goods.yield_factor, terms.offset) if terms.yields != 0 else taken


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

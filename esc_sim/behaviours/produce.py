"""Producing: what sources make (Chen, Wang, Zio)."""

from __future__ import annotations

from esc_sim.behaviours.order import drawn_amount
from esc_sim.behaviours.sell import reduced
from esc_sim.behaviours.terms import Terms
from esc_sim.fields.item import Goods
from esc_sim.fields.law import Law


def produce(terms: Terms, goods: Goods, law: Law, draw: float, health: float) -> float:
    """A source makes goods, up to the target stock.

    Args:
        terms: of the run.
        goods: what is made; written.
        law: of its production.
        draw: of the period, from the tape.
        health: share of its work that the node can do.

    Returns:
        Emissions.
    """
    drawn = drawn_amount(law.loc, law.scale, draw, terms.offset)
    after = stock_after_production(goods.stock, goods.target_stock, reduced(drawn, health, terms.offset))
    made = after - goods.stock
    goods.stock = after
    goods.produced += made
    return goods.emissions * made


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

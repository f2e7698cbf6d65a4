"""Ordering: what a buyer wants of a product in a period (Chen, Wang, Zio)."""

from __future__ import annotations

from math import inf

from esc_sim.behaviours.replenish import order_size
from esc_sim.behaviours.sell import reduced
from esc_sim.behaviours.switches import FEEDBACK_NONE, FEEDBACK_SURPLUS
from esc_sim.behaviours.terms import Terms
from esc_sim.fields.item import Goods, Item
from esc_sim.fields.law import Law
from esc_sim.fields.node import Money


def drawn_order(terms: Terms, goods: Goods, law: Law, draw: float) -> float:
    """What an item whose orders are drawn wants to order, after the order feedback.

    Args:
        terms: of the run.
        goods: what is ordered.
        law: of its orders.
        draw: of the period, from the tape.
    """
    drawn = drawn_amount(law.loc, law.scale, draw, terms.offset)
    if terms.feedback == FEEDBACK_NONE:
        return drawn
    return planned_order(drawn, goods.stock, goods.target_stock, terms.feedback)


def place_order(terms: Terms, goods: Goods, item: Item, money: Money, wanted: float, health: float) -> None:
    """An order is of a size that may be ordered, as far as health lets the node order; it costs its fixed cost.

    Args:
        terms: of the run.
        goods, item: what is ordered; goods are written.
        money: of the node that orders; written.
        wanted: units.
        health: share of its orders that the node can place.
    """
    if terms.order_terms != 0:
        wanted = order_size(wanted, item.minimum, item.order_multiple)
    if health < 1.0:
        wanted = reduced(wanted, health, terms.offset)
    goods.residual = wanted
    goods.ordered = wanted
    if terms.order_terms != 0 and wanted > 0.0:
        money.fixed_cost += item.fixed_cost


def drawn_amount(loc: float, scale: float, draw: float, offset: float) -> float:
    """max(0, loc + scale * draw), on the grid: demand, planned order or production of a period.

    Args:
        loc, scale: of the amount's law, units.
        draw: draw of the period from the tape.
        offset: of the grid of goods.
    """
    amount = loc + scale * draw
    if amount <= 0.0:
        return 0.0
    return (amount + offset) - offset  # to_grid, in one call less: what is drawn in each period


def planned_order(drawn: float, stock: float, target: float, feedback: int) -> float:
    """Planned order y of a line after the order feedback.

    Args:
        drawn: ybar + sigma_y n, cut at 0.
        stock: on hand at the review.
        target: target stock, infinite where there is none.
        feedback: none; surplus: less the stock above target; two_sided: also more for the stock below it.
    """
    if feedback == FEEDBACK_NONE or target == inf:
        return drawn
    surplus = stock - target
    if feedback == FEEDBACK_SURPLUS and surplus < 0.0:
        surplus = 0.0
    wanted = drawn - surplus
    if wanted < 0.0:
        return 0.0
    return wanted

"""Goods that do not keep: what is oldest leaves first, and what outlives its shelf life is waste."""

from __future__ import annotations

from esc_sim.behaviours.receive import stock_gained
from esc_sim.behaviours.terms import Terms
from esc_sim.behaviours.types import AllGoods, Items, Perishables
from esc_sim.fields.item import Goods, Item
from esc_sim.fields.making import Perishable
from esc_sim.fields.node import Node
from esc_sim.fields.rows import NO_ROW
from esc_sim.fields.sequences import Changing


def expire(terms: Terms, perishable: Perishable, goods: Goods, item: Item, entered: Changing, period: int) -> None:
    """At the end of a period, what has outlived its shelf life leaves the stock.

    First expired, first out: whatever left the stock was the oldest, so what is on hand came in last. A shelf life of
    L periods therefore needs no book of age classes, only what came in during the latest L - 1 periods: as far as the
    stock exceeds that, it is older, and goods live on the grid, so the sums are exact.

    Args:
        terms: of the run.
        perishable: which; written.
        goods, item: of it; written.
        entered: what came in, in rings of periods; written.
        period: number of the period.
    """
    gained = perishable.late + stock_gained(goods.received, goods.yield_factor, terms.offset)
    gained += goods.produced
    perishable.late = 0.0
    if perishable.shelf_life > 1:
        place = perishable.first_entry + period % (perishable.shelf_life - 1)
        perishable.recent += gained - entered[place]
        entered[place] = gained
    gone = goods.stock - perishable.recent
    if gone < 0.0:
        gone = 0.0
    goods.stock -= gone
    item.expired = gone


def become_waste(perishable: Perishable, goods: AllGoods, items: Items, perishables: Perishables, node: Node) -> None:
    """What has expired of an item becomes waste, or is disposed of.

    Args:
        perishable: which.
        goods, items: all of them; waste is written.
        perishables: all of them; written.
        node: where the item is; written.
    """
    gone, waste = items[perishable.item].expired, perishable.waste
    if waste != NO_ROW:
        goods[waste].produced += gone
        take_in_late(goods[waste], items[waste], perishables, gone)
    else:
        node.disposal_cost += items[perishable.item].disposal_cost * gone


def take_in_late(goods: Goods, item: Item, perishables: Perishables, amount: float) -> None:
    """Goods come into stock after the review; if they perish they are fresh at the next.

    Args:
        goods, item: which; written.
        perishables: all of them; written.
        amount: units.
    """
    goods.stock += amount
    if item.perishable != NO_ROW:
        perishables[item.perishable].late += amount

"""Goods that do not keep: what is oldest leaves first, and what outlives its shelf life is waste."""

from __future__ import annotations

from esc_sim.behaviours.receive import stock_gained
from esc_sim.behaviours.terms import Terms
from esc_sim.fields.item import Goods, Item
from esc_sim.fields.making import Making
from esc_sim.fields.sequences import Changing


def expire(
    terms: Terms,
    making: Making,
    goods: Goods,
    item: Item,
    late: Changing,
    recent: Changing,
    entered: Changing,
    period: int,
    k: int,
) -> None:
    """At the end of a period, what has outlived its shelf life leaves the stock.

    Args:
        terms: of the run.
        making: perishable goods.
        goods, item: which; written.
        late: what came into stock after the review, of each perishable item; written.
        recent: what came in during its shelf life; written.
        entered: what came in, in rings of periods; written.
        period: number of the period.
        k: place of the item among the perishable ones.
    """
    gained = late[k] + stock_gained(goods.received, goods.yield_factor, terms.offset)
    gained += goods.produced
    late[k] = 0.0
    if making.shelf_life[k] > 1:
        place = making.ring_start[k] + period % (making.shelf_life[k] - 1)
        recent[k] += gained - entered[place]
        entered[place] = gained
    gone = outlived(goods.stock, recent[k])
    goods.stock -= gone
    item.expired = gone


def take_in_late(making: Making, goods: Goods, late: Changing, amount: float) -> None:
    """Goods come into stock after the review; if they perish they are fresh at the next.

    Args:
        making: perishable goods.
        goods: which; written.
        late: what came into stock after the review, of each perishable item; written.
        amount: units.
    """
    goods.stock += amount
    if making.perishable_of[goods.index] >= 0:
        late[making.perishable_of[goods.index]] += amount


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

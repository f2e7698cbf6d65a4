"""What orders by inventory position have in common: the position, reviews, sizes.

The policies themselves are in ``esc_sim.policies``.
"""

from __future__ import annotations

from esc_sim.behaviours.grid import to_grid
from esc_sim.behaviours.receive import stock_gained
from esc_sim.behaviours.terms import Terms
from esc_sim.behaviours.types import AllGoods
from esc_sim.fields.item import Goods, Item
from esc_sim.fields.sequences import Integers


def position(terms: Terms, goods: Goods, item: Item) -> float:
    """Inventory position of an item by itself.

    Args:
        terms: of the run.
        goods, item: of which.
    """
    available = goods.stock - (goods.contracted - goods.shipped)
    return inventory_position(available, goods.safety_stock, on_order(terms, goods, item), goods.backlog + item.owes)


def echelon_position(
    terms: Terms, goods: AllGoods, item: Item, number: int, starts: Integers, members: Integers
) -> float:
    """Inventory position of an item's echelon: of all stock that has to pass it, or has passed it.

    Args:
        terms: of the run.
        goods: of all items.
        item, number: of which.
        starts, members: where each item's echelon begins, and its members.
    """
    stock, safety, owed = 0.0, 0.0, 0.0
    for k in range(starts[number], starts[number + 1]):
        member = goods[members[k]]
        stock += member.stock
        safety += member.safety_stock
        owed += member.backlog
        if members[k] != number:
            # What members ship to one another leaves the sum unchanged, whether it has left already or not.
            stock += member.in_transit
    return inventory_position(stock, safety, on_order(terms, goods[number], item), owed)


def on_order(terms: Terms, goods: Goods, item: Item) -> float:
    """Stock that will come of what an item has ordered: on the way, or owed by its suppliers.

    Args:
        terms: of the run.
        goods, item: of which.
    """
    return stock_gained(goods.in_transit + item.awaits, goods.yield_factor, terms.offset)


def inventory_position(available: float, safety: float, on_order: float, owed: float) -> float:
    """Inventory position: on hand (and not promised), without the safety stock, + on order - backorders.

    Args:
        available: units on hand less what is promised and has not left yet.
        safety: safety stock, which is kept back from sale.
        on_order: units in transit and units that suppliers owe.
        owed: units owed to customers and buyers.
    """
    return available - safety + on_order - owed


def is_review(period: int, first: int, every: int) -> bool:
    """Whether a line that is reviewed every so many periods, from ``first`` on, is reviewed now.

    Args:
        period: the current one.
        first: period of the first review.
        every: periods from one review to the next.
    """
    return period >= first and (period - first) % every == 0


def lifted(position: float, level: float) -> float:
    """What lifts an inventory position to a level; nothing where it is there or above."""
    if position > level:
        return 0.0
    return level - position


def order_size(wanted: float, minimum: float, order_multiple: float) -> float:
    """An order of at least the minimum quantity, a whole multiple of ``order_multiple`` (0: any amount); 0 stays 0.

    Args:
        wanted: units.
        minimum: least quantity, units.
        order_multiple: units.
    """
    if wanted <= 0.0:
        return 0.0
    if wanted < minimum:
        wanted = minimum
    if order_multiple <= 0.0:
        return wanted
    count = int(wanted / order_multiple)
    while count * order_multiple < wanted:
        count += 1
    while count > 1 and (count - 1) * order_multiple >= wanted:
        count -= 1
    return count * order_multiple


def ordered_for(stock_wanted: float, yield_factor: float, offset: float) -> float:
    """Units to order so that ``stock_wanted`` units become stock, given the yield factor.

    Args:
        stock_wanted: units.
        yield_factor: units of stock from a unit received.
        offset: of the grid of goods.
    """
    if yield_factor == 1.0 or yield_factor <= 0.0:
        return stock_wanted
    return to_grid(stock_wanted / yield_factor, offset)

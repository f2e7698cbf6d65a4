"""What a supplier and its buyer do for a row of paths: keeping what is owed, bids, goods that leave."""

from __future__ import annotations

from esc_sim.behaviours.accept import accepted_amount, limit_for_new
from esc_sim.behaviours.respond import bid_quantity
from esc_sim.engine.compiled.lean_rows import Row


def begin_keeping(limit: Row, rest: Row, kept: Row, n: int) -> None:
    """A supplier looks at what it can sell before it keeps goods for orders that it owes.

    Args:
        n: number of paths.
    """
    for r in range(n):
        rest[r] = limit[r]
        kept[r] = 0.0


def keep_for(cap: float, owed: Row, rest: Row, kept: Row, all_kept: Row, n: int) -> None:
    """It keeps what it owes a buyer, as far as it goes.

    Args:
        cap: of the arc, units.
        n: number of paths.
    """
    for r in range(n):
        wanted = bid_quantity(owed[r], cap)
        amount = accepted_amount(wanted, rest[r], True)
        kept[r] = amount
        all_kept[r] += amount
        rest[r] = 0.0 if amount < wanted else rest[r] - amount


def end_keeping(limit: Row, rest: Row, kept: Row, n: int) -> None:
    """What is left for new orders.

    Args:
        n: number of paths.
    """
    for r in range(n):
        limit[r] = limit_for_new(limit[r], kept[r], rest[r])


def keep_for_one(cap: float, owed: Row, limit: Row, kept: Row, n: int) -> None:
    """The same of a supplier with one buyer.

    Args:
        cap: of the arc, units.
        n: number of paths.
    """
    for r in range(n):
        wanted = bid_quantity(owed[r], cap)
        amount = accepted_amount(wanted, limit[r], True)
        kept[r] = amount
        limit[r] = limit_for_new(limit[r], amount, 0.0 if amount < wanted else limit[r] - amount)


def promise(
    price: float, unit_cost: float, emissions: float, kept: Row, owed: Row, owes: Row, awaits: Row, stock: Row,
    transit: Row, ring: Row, shipped: Row, income: Row, paid: Row, emitted: Row, total: Row, n: int,
) -> None:  # fmt: skip
    """What was kept leaves.

    Args:
        price, unit_cost, emissions: of a unit of goods.
        n: number of paths.
    """
    for r in range(n):
        goods = kept[r]
        owed[r] -= goods
        owes[r] -= goods
        awaits[r] -= goods
        ring[r] += goods
        stock[r] -= goods
        transit[r] += goods
        shipped[r] += goods
        income[r] += price * goods
        paid[r] += unit_cost * goods
        emitted[r] += emissions * goods
        total[r] += goods


def bid(
    cap: float, price: float, unit_cost: float, emissions: float, kept: Row, residual: Row, limit: Row, asked: Row,
    filled: Row, stock: Row, transit: Row, ring: Row, shipped: Row, income: Row, paid: Row, emitted: Row, total: Row,
    n: int,
) -> None:  # fmt: skip
    """A buyer bids for what it wants; its supplier accepts what it has, and sends it.

    Args:
        cap: of the arc, units.
        price, unit_cost, emissions: of a unit of goods.
        n: number of paths.
    """
    for r in range(n):
        goods = accepted_amount(bid_quantity(residual[r], cap - kept[r]), limit[r], True)
        residual[r] -= goods
        limit[r] -= goods
        asked[r] += goods
        filled[r] += goods
        ring[r] += goods
        stock[r] -= goods
        transit[r] += goods
        shipped[r] += goods
        income[r] += price * goods
        paid[r] += unit_cost * goods
        emitted[r] += emissions * goods
        total[r] += goods


def owe(residual: Row, asked: Row, owed: Row, owes: Row, awaits: Row, n: int) -> None:
    """A supplier was asked for what it did not accept, and owes it.

    Args:
        n: number of paths.
    """
    for r in range(n):
        left = residual[r]
        asked[r] += left
        owed[r] += left
        owes[r] += left
        awaits[r] += left
        residual[r] = 0.0

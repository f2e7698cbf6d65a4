"""Accepting: which bids a supplier serves, and what it promises (Chen, Wang, Zio, eq. 2)."""

from __future__ import annotations

from esc_sim.behaviours.grid import to_grid
from esc_sim.behaviours.terms import Terms
from esc_sim.fields.item import Goods, Item
from esc_sim.fields.sequences import Changing, Floats


def accept(terms: Terms, seller: Goods, buyer: Goods, item: Item, limit: float, quantity: float) -> float:
    """A supplier answers the highest bid it has not answered yet: it promises what it can still sell.

    Args:
        terms: of the run.
        seller: what is sold; written.
        buyer: what is bought; written.
        item: the rest of what is sold; written.
        limit: what can still be sold (U).
        quantity: what the bid asks for.

    Returns:
        What it promises; so much less can be sold from now on.
    """
    amount = quantity if quantity <= limit else accepted_amount(quantity, limit, terms.partial != 0)
    if amount > 0.0:
        seller.contracted += amount
        buyer.residual -= amount
        if terms.tally != 0:
            item.requested += amount
            item.filled += amount
    return amount


def limit_for_new(limit: float, kept: float, rest: float) -> float:
    """What a supplier has for new orders when it keeps goods for those it owes.

    Buyers who do not know yet that a supplier is back ask it for less than it could send; what it owes they have asked
    for already.

    Args:
        limit: what buyers believe that it can sell.
        kept: what it keeps for orders it owes.
        rest: what it could sell besides; none where an order that must leave as a whole waits for more.
    """
    left = limit - kept
    if left > rest:
        left = rest
    if left <= 0.0:
        return 0.0
    return left


def accepted_amount(quantity: float, limit: float, partial: bool) -> float:
    """What a supplier accepts of the highest bid it has not answered yet (eq. 2).

    Bids are answered from the highest down, ties by the lower buyer. The first that does not fit is accepted in part,
    or refused with ``partial`` false; all lower ones of the round are refused.

    Args:
        quantity: what the bid asks for.
        limit: what the supplier can still sell (U).
        partial: accept the marginal order in part.
    """
    if limit < quantity:
        return limit if partial else 0.0
    return quantity


def fair_share(quantity: float, limit: float, total: float, offset: float) -> float:
    """A bid's part of what a supplier can sell when it shares it in proportion to what is asked for.

    Where bids are answered one after the other, each from what those before it left, they use up all there is: no
    rounding dust is left that a later order could get.

    Args:
        quantity: what the bid asks for.
        limit: what there is for this bid and those not answered yet.
        total: what this bid and those not answered yet ask for.
        offset: of the grid of goods.
    """
    if total <= limit:
        return quantity
    return to_grid(quantity * (limit / total), offset)


def in_proportion(asked: Floats, first: int, last: int, limit: float, offset: float, given: Changing) -> None:
    """Claims of one class get the same part of what each asks for.

    Args:
        asked: units that each claim asks for.
        first, last: the claims of the class, from ``first`` to the one before ``last``.
        limit: what there is for them, units.
        offset: of the grid of goods.
        given: units for each claim, written from ``first`` to the one before ``last``.
    """
    total = 0.0
    for k in range(first, last):
        total += asked[k]
    for k in range(first, last):
        given[k] = fair_share(asked[k], limit, total, offset) if asked[k] > 0.0 else 0.0
        limit -= given[k]
        total -= asked[k]


def granted(part: float, asked: float, limit: float, offset: float) -> float:
    """What the part that a rule of allocation gives to a claim comes to: on the grid, within what is asked and there.

    Args:
        part: what the rule says; what is no number counts as nothing.
        asked: what the claim asks for.
        limit: what there is for it.
        offset: of the grid of goods.
    """
    most = limit if limit < asked else asked
    if not part > 0.0 or most <= 0.0:
        return 0.0
    if part >= most:
        return most
    return to_grid(part, offset)

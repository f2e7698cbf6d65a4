"""What a node can sell, which bids it accepts, and what it ships (behaviours: receiving orders, selling)."""

from __future__ import annotations

from math import inf

from esc_sim.behaviours.grid import to_grid
from esc_sim.behaviours.types import Changing, Floats


def sellable(stock: float, safety: float, capacity: float) -> float:
    """Sellable limit U = max(0, S - S*) (Chen, Wang, Zio, eq. 1), and no more than the throughput capacity."""
    limit = stock - safety
    if limit <= 0.0:
        return 0.0
    if limit > capacity:
        return capacity
    return limit


def reduced(amount: float, health: float, offset: float) -> float:
    """The share of an amount that a node or arc of that health can handle, on the grid."""
    if health >= 1.0:
        return amount
    return to_grid(health * amount, offset)


def capacity_left(capacity: float, health: float, served: float, offset: float) -> float:
    """What a node of that health can still ship, of its capacity, after final demand was served."""
    left = reduced(capacity, health, offset) - served
    if left <= 0.0:
        return 0.0
    return left


def announced_limit(limit: float, capacity: float, health: float, served: float, offset: float) -> float:
    """What a disrupted node offers when buyers know of its state.

    Health scales the capacity of a node that has one, and else what the node has on hand.
    """
    if capacity == inf:
        return reduced(limit, health, offset)
    left = capacity_left(capacity, health, served, offset)
    if limit > left:
        return left
    return limit


def reduced_cap(cap: float, health: float, offset: float) -> float:
    """What a disrupted arc can carry when buyers know of its state; an uncapped arc only closes at 0."""
    if health >= 1.0:
        return cap
    if health <= 0.0:
        return 0.0
    if cap == inf:
        return cap
    return to_grid(health * cap, offset)


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


def share_kept(health: float, known: float) -> float:
    """The share of what was contracted that a node or arc can handle, when buyers knew of another health than it has.

    All of it where they knew of that health or a lower one; health itself where they knew of nothing.
    """
    if known <= health:
        return 1.0
    return health / known


def shipping_limit(
    contracted: float, capacity: float, health: float, known: float, served: float, stock: float, offset: float
) -> float:
    """All that a node can ship in a period, no more than it has.

    The share of what it sold that its health leaves; of a node with a capacity, what it sold as far as health times
    the capacity goes.

    Args:
        contracted: what it sold.
        capacity: most that leaves in a period.
        health: share of its capacity left.
        known: the share that buyers knew of.
        served: what final customers took.
        stock: what it has.
        offset: of the grid of goods.
    """
    if capacity == inf:
        amount = reduced(contracted, share_kept(health, known), offset)
    else:
        amount = capacity_left(capacity, health, served, offset)
        if amount > contracted:
            amount = contracted
    if amount > stock:
        return stock
    return amount


def served_demand(wanted: float, limit: float, partial: bool) -> float:
    """Final demand met from the sellable limit: in part where the scenario allows it, else the whole or nothing."""
    if limit < wanted:
        return limit if partial else 0.0
    return wanted


def moved_price(price: float, factor: float) -> float:
    """What a supplier earns for a unit while its price is multiplied by a factor."""
    return price * factor


def moved_unit_cost(unit_cost: float, price: float, factor: float) -> float:
    """What a buyer pays for a unit while its supplier's price is multiplied by a factor; other costs stay."""
    return unit_cost + (price * factor - price)

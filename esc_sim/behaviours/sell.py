"""Selling: what a node can sell, and what it ships (Chen, Wang, Zio)."""

from __future__ import annotations

from math import inf

from esc_sim.behaviours.grid import to_grid
from esc_sim.behaviours.terms import Terms
from esc_sim.fields.arc import Arc
from esc_sim.fields.item import Goods
from esc_sim.fields.node import Money


def sell(
    terms: Terms, arc: Arc, seller: Goods, buyer: Goods, income: Money, cost: Money, amount: float, factor: float
) -> float:
    """Goods leave on an arc and money changes hands.

    Args:
        terms: of the run.
        arc: at whose terms they are sold.
        seller, buyer: items at its ends; written.
        income, cost: money of the node that earns, and of the one that pays; written.
        amount: units.
        factor: by which a disruption multiplies the price.

    Returns:
        Emissions.
    """
    price, unit_cost, emitted = arc.price, arc.unit_cost, arc.emissions * amount
    if terms.prices_move != 0 and factor != 1.0:
        unit_cost = moved_unit_cost(unit_cost, price, factor)
        price = moved_price(price, factor)
    seller.stock -= amount
    seller.shipped += amount
    buyer.in_transit += amount
    income.internal_income += price * amount
    cost.procurement += unit_cost * amount
    return emitted


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


def moved_price(price: float, factor: float) -> float:
    """What a supplier earns for a unit while its price is multiplied by a factor."""
    return price * factor


def moved_unit_cost(unit_cost: float, price: float, factor: float) -> float:
    """What a buyer pays for a unit while its supplier's price is multiplied by a factor; other costs stay."""
    return unit_cost + (price * factor - price)

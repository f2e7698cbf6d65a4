"""Goods that nobody ordered and that exceed their store: whom they go to."""

from __future__ import annotations

from esc_sim.behaviours.perish import take_in_late
from esc_sim.behaviours.sell import reduced_cap
from esc_sim.behaviours.settle import pay
from esc_sim.behaviours.terms import Terms
from esc_sim.behaviours.types import AllGoods, Items, Perishables
from esc_sim.fields.item import Goods, Item
from esc_sim.fields.making import Giver, Taker
from esc_sim.fields.network import NetworkSums
from esc_sim.fields.node import Money, Node


def excess(goods: Goods, item: Item) -> float:
    """What a node offers at the end of a period: what no order waits for and its store has no room for.

    Args:
        goods, item: that are offered.
    """
    over = goods.stock - item.owes - item.room
    if over <= 0.0:
        return 0.0
    return over


def give(
    terms: Terms,
    giver: Giver,
    taker: Taker,
    goods: AllGoods,
    items: Items,
    perishables: Perishables,
    offered: float,
    health: float,
) -> float:
    """A taker takes an offer: all of it, within its capacity in a period and the room of its store.

    Args:
        terms: of the run.
        giver, taker: whose goods become whose.
        goods, items, perishables: all of them; written.
        offered: units.
        health: share of its capacity with which the taker can take in.

    Returns:
        Units that are taken.
    """
    takes = taker.item
    amount = items[takes].room - goods[takes].stock
    capacity = reduced_cap(taker.capacity, health, terms.offset)
    if amount > capacity:
        amount = capacity
    if amount > offered:
        amount = offered
    if amount <= 0.0:
        return 0.0
    goods[giver.item].stock -= amount
    items[giver.item].given += amount
    items[takes].taken += amount
    take_in_late(goods[takes], items[takes], perishables, amount)
    return amount


def hand_over(taker: Taker, giver: Money, to: Money, sums: NetworkSums, amount: float) -> None:
    """A giver pays for what is taken, and for its way, which emits.

    Args:
        taker: at what terms.
        giver, to: money of the giver's node and of the taker's; written.
        sums: of the network; written.
        amount: units.
    """
    pay(giver, to, taker.gate_fee * amount)
    giver.procurement += taker.haul * amount
    sums.making_emissions += taker.emissions * amount


def dispose(goods: Goods, item: Item, node: Node, amount: float) -> None:
    """Goods are thrown away.

    Args:
        goods, item: of which; written.
        node: that pays for it; written.
        amount: units.
    """
    goods.stock -= amount
    item.disposed += amount
    node.disposal_cost += item.disposal_cost * amount

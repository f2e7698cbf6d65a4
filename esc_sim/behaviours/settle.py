"""Settling: stock and debts cost money, and the ledger of a period is closed (Chen, Wang, Zio, eqs 8-13)."""

from __future__ import annotations

from esc_sim.behaviours.terms import Terms
from esc_sim.fields.item import Goods, Item
from esc_sim.fields.node import Money, Node


def hold(goods: Goods, money: Money) -> None:
    """Stock on hand costs its holding cost for a period."""
    money.storage += goods.holding_cost * goods.stock


def hold_in_transit(goods: Goods, item: Item, money: Money) -> None:
    """Goods on the way cost their holding cost for a period.

    Args:
        goods, item: which.
        money: of the node that pays; written.
    """
    money.storage += item.in_transit_holding_cost * goods.in_transit


def owe_for_period(item: Item, money: Money) -> None:
    """What is owed to buyers costs its backorder cost for a period."""
    money.shortage_cost += item.backorder_cost * item.owes


def pay(payer: Money, payee: Money, money: float) -> None:
    """Money changes hands between two nodes without an order; below 0 the payee pays.

    Args:
        payer: that pays; written.
        payee: that is paid; written.
        money: how much.
    """
    if money >= 0.0:
        payer.procurement += money
        payee.internal_income += money
    else:
        payee.procurement += -money
        payer.internal_income += -money


def cost_of(terms: Terms, money: Money, node: Node) -> float:
    """A node's cost of the current period.

    E = B + C + D (procurement, storage, penalties), and where a scenario has them the costs of unmet demand, orders,
    running recipes, disposal.

    Args:
        terms: of the run.
        money, node: of which.
    """
    spent = money.procurement + money.storage + money.penalty + money.shortage_cost + money.fixed_cost
    return spent + node.recipe_cost + node.disposal_cost if terms.makes != 0 else spent

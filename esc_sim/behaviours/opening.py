"""A period opens: what belongs to one period alone is cleared."""

from __future__ import annotations

from esc_sim.behaviours.terms import Terms
from esc_sim.behaviours.types import AllCustomers, AllMoney, Items, Nodes
from esc_sim.fields.item import Goods
from esc_sim.fields.network import NetworkSums


def open_goods(goods: Goods) -> None:
    """Clear what an item trades and makes in a period."""
    goods.residual = goods.contracted = goods.shipped = 0.0
    goods.received = goods.produced = goods.ordered = goods.served = 0.0


def open_items(terms: Terms, items: Items) -> None:
    """Clear what else items do in a period."""
    if terms.tally != 0 or terms.makes != 0:
        for i in range(len(items)):
            item = items[i]
            item.requested = item.filled = 0.0
            item.consumed = item.expired = item.given = item.taken = item.disposed = 0.0


def open_customers(customers: AllCustomers) -> None:
    """Clear what customers ask for in a period and get: where they come at any time, it is added up."""
    for k in range(len(customers)):
        customers[k].demanded = customers[k].met = 0.0


def open_money(all_money: AllMoney) -> None:
    """Clear what nodes earn and spend in a period."""
    for k in range(len(all_money)):
        money = all_money[k]
        money.retail_income = money.internal_income = money.procurement = 0.0
        money.storage = money.penalty = money.shortage_cost = money.fixed_cost = 0.0


def open_nodes(terms: Terms, nodes: Nodes) -> None:
    """Clear what else nodes do in a period."""
    if terms.makes != 0:
        for k in range(len(nodes)):
            node = nodes[k]
            node.recipe_cost = node.disposal_cost = 0.0
            node.energy = node.energy_limit


def open_sums(sums: NetworkSums) -> None:
    """Clear what is summed of the network in a period."""
    sums.emissions = sums.making_emissions = sums.lost = sums.contracted_from_closed = sums.energy = 0.0

"""Serving: final customers take what can be sold."""

from __future__ import annotations

from esc_sim.behaviours.order import drawn_amount
from esc_sim.behaviours.sell import reduced
from esc_sim.behaviours.terms import Terms
from esc_sim.fields.item import Goods, Item
from esc_sim.fields.law import Customers
from esc_sim.fields.node import Money
from esc_sim.fields.sequences import Changing


def serve(
    terms: Terms,
    goods: Goods,
    item: Item,
    customers: Customers,
    money: Money,
    limits: Changing,
    draw: float,
    factor: float,
    health: float,
) -> None:
    """Serve an item's final demand of a period; what is not met is lost or waits.

    Args:
        terms: of the run.
        goods, item: what is sold; written.
        customers: who buy it; written.
        money: of the node that sells; written.
        limits: what can be sold of each item (U); written.
        draw: of the period, from the tape.
        factor: by which a disruption multiplies demand.
        health: share of its sales that the node can make.
    """
    demand = drawn_amount(customers.loc, customers.scale, draw, terms.offset)
    if factor != 1.0:
        demand = drawn_amount(0.0, factor, demand, terms.offset)
    wanted = demand + goods.backlog
    limit = limits[customers.item]
    served = served_demand(wanted, reduced(limit, health, terms.offset), terms.partial_demand != 0)
    met = filled_at_once(served, goods.backlog)
    if terms.tally != 0:
        item.requested += demand
        item.filled += met
    customers.demanded = demand
    customers.met = met
    limits[customers.item] = limit - served
    goods.stock -= served
    goods.served = served
    money.retail_income += customers.retail_price * served
    money.shortage_cost += customers.shortage_cost * (wanted - served)
    if terms.backorder != 0:
        goods.backlog = wanted - served


def served_demand(wanted: float, limit: float, partial: bool) -> float:
    """Final demand met from the sellable limit: in part where the scenario allows it, else the whole or nothing.

    Args:
        wanted: units.
        limit: what can be sold (U), units.
        partial: whether a customer may be served in part.
    """
    if limit < wanted:
        return limit if partial else 0.0
    return wanted


def filled_at_once(served: float, backlog: float) -> float:
    """Part of this period's demand that was met in it: what is owed from before comes first."""
    if served <= backlog:
        return 0.0
    return served - backlog

"""What is written of a period: rows of ``fields.written``, column by column."""

from __future__ import annotations

from esc_sim.behaviours.receive import stock_gained
from esc_sim.behaviours.service import met_at_once, overdue_demand, ready_at_end, share_of
from esc_sim.behaviours.settle import cost_of
from esc_sim.behaviours.terms import Terms
from esc_sim.behaviours.types import AllCustomers, AllGoods, AllMoney, Items, Nodes, Services
from esc_sim.fields.item import Goods, Item
from esc_sim.fields.law import Customers
from esc_sim.fields.network import NetworkSums
from esc_sim.fields.node import Money, Node
from esc_sim.fields.written import Flow, ItemPeriod, NodePeriod, Period, Service, Tally


def write_money(terms: Terms, all_money: AllMoney, nodes: Nodes, out: Period) -> None:
    """The period's money, summed in the order of the nodes.

    Args:
        terms: of the run.
        all_money, nodes: all of them, settled.
        out: written.
    """
    cost = profit = retail = internal = procurement = storage = penalty = shortage = fixed = recipes = disposal = 0.0
    for k in range(len(all_money)):
        money, node = all_money[k], nodes[k]
        spent = cost_of(terms, money, node)
        cost += spent
        profit += money.retail_income + money.internal_income - spent
        retail += money.retail_income
        internal += money.internal_income
        procurement += money.procurement
        storage += money.storage
        penalty += money.penalty
        shortage += money.shortage_cost
        fixed += money.fixed_cost
        if terms.makes != 0:
            recipes += node.recipe_cost
            disposal += node.disposal_cost
    out.cost = cost
    out.profit = profit
    out.retail_income = retail
    out.internal_income = internal
    out.procurement = procurement
    out.storage = storage
    out.penalty = penalty
    out.shortage_cost = shortage
    out.fixed_cost = fixed
    out.recipe_cost = recipes
    out.disposal_cost = disposal


def write_goods(terms: Terms, all_goods: AllGoods, items: Items, network: NetworkSums, out: Period) -> None:
    """The period's goods and emissions.

    Args:
        terms: of the run.
        all_goods, items: all of them.
        network: what was summed as it happened.
        out: written.
    """
    received = produced = ordered = served = shipped = contracted = stock = in_transit = 0.0
    consumed = expired = given = disposed = 0.0
    for i in range(len(all_goods)):
        goods = all_goods[i]
        received += goods.received
        produced += goods.produced
        ordered += goods.ordered
        served += goods.served
        shipped += goods.shipped
        contracted += goods.contracted
        stock += goods.stock
        in_transit += goods.in_transit
        if terms.makes != 0:
            item = items[i]
            consumed += item.consumed
            expired += item.expired
            given += item.given
            disposed += item.disposed
    out.received = received
    out.produced = produced
    out.ordered = ordered
    out.served = served
    out.shipped = shipped
    out.contracted = contracted
    out.stock = stock
    out.in_transit = in_transit
    out.consumed = consumed
    out.expired = expired
    out.given = given
    out.disposed = disposed
    out.emissions = network.emissions + network.making_emissions
    out.lost = network.lost
    out.contracted_from_closed = network.contracted_from_closed
    out.energy = network.energy


def write_service(
    terms: Terms, all_goods: AllGoods, all_customers: AllCustomers, services: Services, out: Period
) -> None:
    """How final demand was served in the period.

    Args:
        terms: of the run.
        all_goods: of all items.
        all_customers: of those that have any.
        services: their sums after the warm-up, where they are kept.
        out: written.
    """
    demand = filled = backlog = met = ready = overdue = 0.0
    for k in range(len(all_customers)):
        customers = all_customers[k]
        waits = all_goods[customers.item].backlog if terms.backorder != 0 else 0.0
        demand += customers.demanded
        filled += customers.met
        backlog += waits
        met += met_at_once(customers.demanded, customers.met)
        ready += ready_at_end(lost_of(terms, customers), waits)
    if terms.backorder != 0:
        for k in range(len(services)):
            overdue += services[k].overdue
    out.demand = demand
    out.filled = filled
    out.lost_demand = 0.0 if terms.backorder != 0 else demand - filled
    out.backlog = backlog
    out.overdue = overdue
    out.met = share_of(met, len(all_customers))
    out.ready = share_of(ready, len(all_customers))


def lost_of(terms: Terms, customers: Customers) -> float:
    """What of this period's final demand is lost, units."""
    return 0.0 if terms.backorder != 0 else customers.demanded - customers.met


def add_service(terms: Terms, goods: Goods, customers: Customers, service: Service) -> None:
    """Add the period to the service of customers.

    Args:
        terms: of the run.
        goods: that are sold.
        customers: who buy them.
        service: its sums; written.
    """
    lost = lost_of(terms, customers)
    service.demand += customers.demanded
    service.filled += customers.met
    service.lost += lost
    service.backlog += goods.backlog
    service.met += met_at_once(customers.demanded, customers.met)
    service.ready += ready_at_end(lost, goods.backlog)
    service.overdue = overdue_demand(goods.backlog, service.demand, service.filled, service.lost)


def add_tally(goods: Goods, item: Item, tally: Tally) -> None:
    """Add the period to an item's tally.

    Args:
        goods, item: the item.
        tally: its sums; written.
    """
    tally.demand += item.requested
    tally.demand_squared += item.requested * item.requested
    tally.filled += item.filled
    tally.ordered += goods.ordered
    tally.ordered_squared += goods.ordered * goods.ordered
    tally.orders += 1.0 if goods.ordered > 0.0 else 0.0
    tally.stock += goods.stock
    tally.short += 1.0 if item.filled < item.requested else 0.0


def add_flow(terms: Terms, goods: Goods, item: Item, flow: Flow) -> None:
    """Add the period to an item's flows.

    Args:
        terms: of the run.
        goods, item: the item.
        flow: its sums; written.
    """
    flow.gained += stock_gained(goods.received, goods.yield_factor, terms.offset)
    flow.produced += goods.produced
    flow.taken += item.taken
    flow.served += goods.served
    flow.shipped += goods.shipped
    flow.consumed += item.consumed
    flow.expired += item.expired
    flow.given += item.given
    flow.disposed += item.disposed


def write_item(goods: Goods, item: Item, out: ItemPeriod) -> None:
    """An item of the period.

    Args:
        goods, item: the item.
        out: written.
    """
    out.stock = goods.stock
    out.in_transit = goods.in_transit
    out.ordered = goods.ordered
    out.contracted = goods.contracted
    out.shipped = goods.shipped
    out.received = goods.received
    out.produced = goods.produced
    out.served = goods.served
    out.backlog = goods.backlog
    out.in_process = item.in_process
    out.consumed = item.consumed
    out.expired = item.expired
    out.given = item.given
    out.taken = item.taken
    out.disposed = item.disposed


def write_node(terms: Terms, money: Money, node: Node, health: float, out: NodePeriod) -> None:
    """A node of the period.

    Args:
        terms: of the run.
        money, node: the node.
        health: what it can ship, as a share.
        out: written.
    """
    income, cost = money.retail_income + money.internal_income, cost_of(terms, money, node)
    out.health = health
    out.income = income
    out.procurement = money.procurement
    out.storage = money.storage
    out.penalty = money.penalty
    out.cost = cost
    out.profit = income - cost

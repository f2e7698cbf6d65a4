"""The phases of a review period over arrays; compiled, but valid Python as it stands.

The same order as ``engine.agents``: only these loops are written twice, the arithmetic is in ``esc_sim.behaviours``.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from esc_sim.behaviours.ledger import charged_stock, node_cost
from esc_sim.behaviours.order import drawn_amount, planned_order
from esc_sim.behaviours.produce import stock_after_production, stock_gained
from esc_sim.behaviours.replenish import filled_at_once, order_size
from esc_sim.behaviours.sell import reduced, sellable, served_demand
from esc_sim.behaviours.service import met_at_once, overdue_demand, ready_at_end, share_of
from esc_sim.behaviours.switches import STORAGE_AT_REVIEW
from esc_sim.disruptions.health import ACTIVITIES
from esc_sim.disruptions.registry import row_of
from esc_sim.engine.compiled.arrays import OF_ARC, OF_NODE, Chance, Net, Now, State, Work
from esc_sim.engine.compiled.making import keep_balance, open_making, write_totals
from esc_sim.engine.compiled.planning import observe_early, plan_by_position
from esc_sim.engine.compiled.records import NO_ROW, Records
from esc_sim.engine.compiled.sorting import insertion_sort
from esc_sim.engine.compiled.tables import (
    CONSUMED,
    DEMANDED,
    DISPOSAL,
    DISPOSED,
    EMISSIONS,
    EXPIRED,
    FILLED,
    FROM_CLOSED,
    GIVEN,
    LOST,
    MAKING_EMISSIONS,
    MET,
    READY,
    RUNNING,
    TAKEN,
)

SHIP: Final = row_of("ship")
RECEIVE: Final = row_of("receive")
PRODUCE: Final = row_of("produce")
RETAIL: Final = row_of("retail")
ORDER: Final = row_of("order")
DEMAND: Final = row_of("demand")
ARC: Final = row_of("arc")
_ACTIVITIES: Final = len(ACTIVITIES)
"""Rows of the levels of activities, which come first."""


def refresh_knowledge(net: Net, chance: Chance, work: Work, row: int) -> None:
    """Read what buyers know of the period's health.

    Args:
        row: the period's row in the block.
    """
    for k in range(net.learnt.shape[0]):
        channel = net.learnt[k]
        if net.channel_place[channel] == OF_ARC:
            work.known_arc[net.channel_target[channel]] = chance.known[row, k]
        else:
            work.known_ship[net.channel_target[channel]] = chance.known[row, k]


def refresh_health(net: Net, chance: Chance, work: Work, row: int) -> tuple[int, int]:
    """Read the period's health.

    Args:
        row: the period's row in the block.

    Returns:
        Number of supplier items that may be unable to ship all they will sell, for a reason that their buyers do not
        know; whether every node can do all it wants to.
    """
    for k in range(work.troubled_items.shape[0]):
        if not work.troubled[work.troubled_items[k]]:
            break
        work.troubled[work.troubled_items[k]] = False
    count, sound = 0, 1
    for channel in range(net.channel_place.shape[0]):
        level = chance.health[row, channel]
        place, kind, target = net.channel_place[channel], net.channel_row[channel], net.channel_target[channel]
        if place == OF_NODE:
            work.levels[kind, target] = level
            if kind < _ACTIVITIES and level < 1.0:
                sound = 0
            if kind == SHIP and level < (work.known_ship[target] if net.learns != 0 else 1.0):
                for k in range(net.node_start[target], net.node_start[target + 1]):
                    count = _mark(work, net.node_items[k], count)
        elif place == OF_ARC:
            work.arc_levels[kind, target] = level
            if kind == ARC and level < (work.known_arc[target] if net.learns != 0 else 1.0):
                count = _mark(work, np.int64(net.line_supplier[target]), count)
    insertion_sort(work.troubled_items, count)
    return count, sound


def _able(net: Net, work: Work, now: Now, node: np.uint32, activity: int, amount: float) -> float:
    """The part of an amount that a node's health lets it handle."""
    if now.sound != 0:
        return amount
    return reduced(amount, work.levels[activity, node], net.offset)


def _mark(work: Work, item: int | np.int64, count: int) -> int:
    if not work.troubled[item]:
        work.troubled[item] = True
        work.troubled_items[count] = item
        count += 1
    return count


def open_period(net: Net, state: State, work: Work) -> None:
    """Clear what belongs to one period."""
    for node in range(work.nodes.shape[0]):
        money = work.nodes[node]
        money.retail = money.internal = money.procurement = 0.0
        money.storage = money.penalty = money.shortage = money.fixed = 0.0
    for k in range(net.other_items.shape[0]):
        _open_item(state, net.other_items[k])
    for k in range(work.sums.shape[0]):
        work.sums[k] = 0.0
    work.contract_count[0] = 0
    if net.tally != 0:
        work.asked[:] = 0.0
        work.filled[:] = 0.0
    if net.makes != 0:
        open_making(net, work)


def _open_item(state: State, i: np.uint32) -> None:
    goods = state.items[i]
    goods.residual = goods.received = goods.produced = goods.ordered = 0.0
    goods.served = goods.shipped = goods.contracted = 0.0


def receive_and_produce(net: Net, state: State, chance: Chance, work: Work, now: Now) -> None:
    """Arrivals come in, sources produce."""
    if state.lost_ring.shape[1] > 0:
        for i in range(state.items.shape[0]):
            state.items[i].in_transit -= state.lost_ring[now.slot, i]
            work.sums[LOST] += state.lost_ring[now.slot, i]
            state.lost_ring[now.slot, i] = 0.0
    for k in range(net.bought_items.shape[0]):
        i = net.bought_items[k]
        own, item = state.items[i], net.items[i]
        _open_item(state, i)
        own.dock += state.ring[now.slot, i]
        state.ring[now.slot, i] = 0.0
        taken = _able(net, work, now, item.node, RECEIVE, own.dock)
        own.dock -= taken
        own.in_transit -= taken
        own.received = taken
        own.stock += stock_gained(taken, item.yield_factor, net.offset) if net.yields != 0 else taken
    for k in range(net.sources.shape[0]):
        source = net.sources[k]
        own, item = state.items[source.item], net.items[source.item]
        drawn = drawn_amount(source.loc, source.scale, _draw(chance, now, source.column), net.offset)
        drawn = _able(net, work, now, source.node, PRODUCE, drawn)
        before = own.stock
        after = stock_after_production(before, item.target, drawn)
        own.stock = after
        own.produced = after - before
        work.sums[EMISSIONS] += item.emissions * (after - before)


def _draw(chance: Chance, now: Now, column: np.uint32) -> float:
    return 0.0 if column == NO_ROW else chance.draws[now.row, column]


def open_books(net: Net, state: State, work: Work) -> None:
    """Charge for storage, set the sellable limits."""
    at_review = net.holding_cost_timing == STORAGE_AT_REVIEW
    for i in range(state.items.shape[0]):
        item, stock = net.items[i], state.items[i].stock
        if at_review:
            work.nodes[item.node].storage += charged_stock(item.holding_cost, stock)
        work.limit[i] = sellable(stock, item.safety, item.capacity)
    if at_review and net.transit_charged != 0:
        _charge_transit(net, state, work)


def _charge_transit(net: Net, state: State, work: Work) -> None:
    for i in range(state.items.shape[0]):
        cost, on_way = net.in_transit_holding_cost[i], state.items[i].in_transit
        work.nodes[net.items[i].node].storage += charged_stock(cost, on_way)


def plan_and_serve(net: Net, state: State, chance: Chance, work: Work, now: Now) -> None:
    """Buyers plan their orders, then final demand is served."""
    for k in range(net.orders.shape[0]):
        orders = net.orders[k]
        i = orders.item
        own = state.items[i]
        drawn = drawn_amount(orders.loc, orders.scale, _draw(chance, now, orders.column), net.offset)
        wanted = planned_order(drawn, own.stock, orders.target, net.feedback)
        if net.order_terms != 0:
            wanted = order_size(wanted, net.minimum[i], net.order_multiple[i])
        wanted = _able(net, work, now, orders.node, ORDER, wanted)
        own.residual = wanted
        own.ordered = wanted
        if net.order_terms != 0 and wanted > 0.0:
            work.nodes[orders.node].fixed += net.fixed_cost[i]
    for k in range(net.early_items.shape[0]):
        plan_by_position(net, state, work, now, net.early_items[k])
    for k in range(net.customers.shape[0]):
        _serve(net, state, chance, work, now, k)


def _serve(net: Net, state: State, chance: Chance, work: Work, now: Now, k: int) -> None:
    """Serve an item's final demand."""
    customers = net.customers[k]
    i, node = customers.item, customers.node
    own, money = state.items[i], work.nodes[node]
    drawn = drawn_amount(customers.loc, customers.scale, _draw(chance, now, customers.column), net.offset)
    if work.levels[DEMAND, node] != 1.0:
        drawn = drawn_amount(0.0, work.levels[DEMAND, node], drawn, net.offset)
    wanted = drawn + own.backlog
    limit = _able(net, work, now, node, RETAIL, work.limit[i])
    served = served_demand(wanted, limit, net.partial_demand != 0)
    filled = filled_at_once(served, own.backlog)
    if net.tally != 0:
        work.asked[i] += drawn
        work.filled[i] += filled
    work.limit[i] -= served
    own.stock -= served
    money.retail += customers.price * served
    money.shortage += customers.shortage_cost * (wanted - served)
    own.served = served
    met = met_at_once(drawn, filled)
    work.sums[DEMANDED] += drawn
    work.sums[MET] += met
    if net.backorder != 0:
        own.backlog = wanted - served
        work.sums[FILLED] += filled
        work.sums[READY] += ready_at_end(0.0, own.backlog)
    if state.service.shape[0] > 0 and now.period >= net.warm_up:
        lost = drawn - filled if net.backorder == 0 else 0.0
        row = state.service[k]
        row.demand += drawn
        row.filled += filled
        row.lost += lost
        row.backlog += own.backlog
        row.met += met
        row.ready += ready_at_end(lost, own.backlog)
        row.overdue = overdue_demand(own.backlog, row.demand, row.filled, row.lost)


def settle(net: Net, state: State, work: Work, now: Now, out: np.record) -> None:
    """Close the ledger and write the period's totals.

    Args:
        out: totals of the period; written.
    """
    if net.holding_cost_timing != STORAGE_AT_REVIEW:
        for i in range(state.items.shape[0]):
            work.nodes[net.items[i].node].storage += charged_stock(net.items[i].holding_cost, state.items[i].stock)
        if net.transit_charged != 0:
            _charge_transit(net, state, work)
    if net.owing != 0:
        for i in range(state.items.shape[0]):
            work.nodes[net.items[i].node].shortage += net.backorder_cost[i] * state.owes[i]
    observe_early(net, state, work, now)
    if net.tally != 0 and now.period >= net.warm_up:
        keep_tally(state, work)
    _write_money(net, work, out)
    _write_goods(net, state, work, now, out)
    write_totals(net, work, out)
    if state.flows.shape[0] > 0:
        keep_balance(net, state, work)


def _write_money(net: Net, work: Work, out: np.record) -> None:
    """The period's money. It is summed in node order."""
    cost = profit = retail = internal = procurement = storage = penalty = shortage = fixed = 0.0
    running = disposal = 0.0
    for node in range(work.nodes.shape[0]):
        money = work.nodes[node]
        if net.makes != 0:
            running, disposal = work.spent[node, RUNNING], work.spent[node, DISPOSAL]
        spent = node_cost(
            money.procurement, money.storage, money.penalty, money.shortage, money.fixed, running, disposal
        )
        cost += spent
        profit += money.retail + money.internal - spent
        retail += money.retail
        internal += money.internal
        procurement += money.procurement
        storage += money.storage
        penalty += money.penalty
        shortage += money.shortage
        fixed += money.fixed
    out.cost = cost
    out.profit = profit
    out.retail_income = retail
    out.internal_income = internal
    out.procurement = procurement
    out.storage = storage
    out.penalty = penalty
    out.shortage_cost = shortage
    out.fixed_cost = fixed


def _write_goods(net: Net, state: State, work: Work, now: Now, out: np.record) -> None:
    """The period's goods and emissions."""
    received = produced = ordered = served = shipped = contracted = backlog = stock = in_transit = 0.0
    for i in range(state.items.shape[0]):
        own = state.items[i]
        received += own.received
        produced += own.produced
        ordered += own.ordered
        served += own.served
        shipped += own.shipped
        contracted += own.contracted
        backlog += own.backlog
        stock += own.stock
        in_transit += own.in_transit
    # Where demand is lost, what was served was met at once, and who was served in full is who lost nothing.
    filled, lost, overdue, ready = served, work.sums[DEMANDED] - served, 0.0, work.sums[MET]
    if net.backorder != 0:
        filled, lost, ready = work.sums[FILLED], 0.0, work.sums[READY]
        if now.period >= net.warm_up:
            for k in range(state.service.shape[0]):
                overdue += state.service[k].overdue
    out.demand = work.sums[DEMANDED]
    out.served = served
    out.filled = filled
    out.lost_demand = lost
    out.backlog = backlog
    out.overdue = overdue
    out.met = share_of(work.sums[MET], net.customers.shape[0])
    out.ready = share_of(ready, net.customers.shape[0])
    out.ordered = ordered
    out.contracted = contracted
    out.contracted_from_closed = work.sums[FROM_CLOSED]
    out.shipped = shipped
    out.produced = produced
    out.received = received
    out.lost = work.sums[LOST]
    out.stock = stock
    out.in_transit = in_transit
    out.emissions = work.sums[EMISSIONS] + work.sums[MAKING_EMISSIONS] if net.makes != 0 else work.sums[EMISSIONS]


def keep_tally(state: State, work: Work) -> None:
    """Add the period to each item's tally."""
    for i in range(state.tally.shape[0]):
        row, asked, ordered = state.tally[i], work.asked[i], state.items[i].ordered
        row.demand += asked
        row.demand_squared += asked * asked
        row.filled += work.filled[i]
        row.ordered += ordered
        row.ordered_squared += ordered * ordered
        row.orders += 1.0 if ordered > 0.0 else 0.0
        row.stock += state.items[i].stock
        row.short += 1.0 if work.filled[i] < asked else 0.0


def keep_traces(net: Net, state: State, work: Work, items: Records, nodes: Records) -> None:
    """Write every item and node of the period.

    Args:
        items, nodes: rows of the period; written.
    """
    for i in range(state.items.shape[0]):
        own, out = state.items[i], items[i]
        out.stock = own.stock
        out.in_transit = own.in_transit
        out.ordered = own.ordered
        out.contracted = own.contracted
        out.shipped = own.shipped
        out.received = own.received
        out.produced = own.produced
        out.served = own.served
        out.backlog = own.backlog
        out.in_process = state.in_process[i]
        out.consumed = work.handled[i, CONSUMED]
        out.expired = work.handled[i, EXPIRED]
        out.given = work.handled[i, GIVEN]
        out.taken = work.handled[i, TAKEN]
        out.disposed = work.handled[i, DISPOSED]
    for node in range(work.nodes.shape[0]):
        money = work.nodes[node]
        income = money.retail + money.internal
        running, disposal = work.spent[node, RUNNING], work.spent[node, DISPOSAL]
        cost = node_cost(
            money.procurement, money.storage, money.penalty, money.shortage, money.fixed, running, disposal
        )
        row = nodes[node]
        row.health = work.levels[SHIP, node]
        row.income = income
        row.procurement = money.procurement
        row.storage = money.storage
        row.penalty = money.penalty
        row.cost = cost
        row.profit = income - cost

"""The phases of a review period over arrays; compiled, but valid Python as it stands.

The same order as ``engine.agents``: only these loops are written twice, the arithmetic is in ``esc_sim.rules``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.compiled.arrays import Chance, Net, Now, State, Work
from esc_sim.engine.compiled.making import keep_balance, open_making, write_totals
from esc_sim.engine.compiled.planning import observe_early, plan_by_position
from esc_sim.engine.compiled.sorting import insertion_sort
from esc_sim.engine.compiled.tables import (
    CONTRACTED,
    DEMANDED,
    DISPOSAL,
    EMISSIONS,
    INTERNAL,
    LOST,
    MAKING_EMISSIONS,
    ORDERED,
    PENALTY,
    PROCUREMENT,
    PRODUCED,
    RECEIVED,
    RETAIL,
    RUNNING,
    SERVED,
    SHIPPED,
    SHORTAGE,
    STORAGE,
)
from esc_sim.instance.model import (
    CHANNEL_DEMAND,
    CHANNEL_ORDER,
    CHANNEL_PRICE,
    CHANNEL_PRODUCE,
    CHANNEL_RECEIVE,
    CHANNEL_RETAIL,
    CHANNEL_SHIP,
    CHANNEL_TRANSPORT,
    NO_COLUMN,
)
from esc_sim.rules.ledger import charged_stock, node_cost
from esc_sim.rules.order import drawn_amount, planned_order
from esc_sim.rules.produce import stock_after_production, stock_gained
from esc_sim.rules.replenish import filled_at_once, order_size
from esc_sim.rules.sell import reduced, sellable, served_demand
from esc_sim.rules.switches import STORAGE_AT_REVIEW


def refresh_health(net: Net, chance: Chance, work: Work, now: Now) -> int:
    """Read the period's health; returns the number of supplier items that may be unable to ship all they sold."""
    for k in range(work.troubled_items.shape[0]):
        if not work.troubled[work.troubled_items[k]]:
            break
        work.troubled[work.troubled_items[k]] = False
    count = 0
    for channel in range(net.channel_kind.shape[0]):
        level = chance.health[now.row, channel]
        kind, target = net.channel_kind[channel], net.channel_target[channel]
        if kind <= CHANNEL_ORDER:
            work.health[target, kind] = level
            if kind == CHANNEL_SHIP and level < 1.0:
                for k in range(net.node_start[target], net.node_start[target + 1]):
                    count = _mark(work, net.node_items[k], count)
        elif kind == CHANNEL_DEMAND:
            work.demand[target] = level
        elif kind == CHANNEL_PRICE:
            work.price_factor[target] = level
        elif kind == CHANNEL_TRANSPORT:
            work.arc[target] = level
            if level < 1.0:
                count = _mark(work, np.int64(net.line_supplier[target]), count)
    insertion_sort(work.troubled_items, count)
    return count


def _mark(work: Work, item: int | np.int64, count: int) -> int:
    if not work.troubled[item]:
        work.troubled[item] = True
        work.troubled_items[count] = item
        count += 1
    return count


def open_period(net: Net, work: Work) -> None:
    """Clear what belongs to one period."""
    work.money[:] = 0.0
    work.moved[:] = 0.0
    work.sums[:] = 0.0
    work.contract_count[0] = 0
    if net.tally != 0:
        work.asked[:] = 0.0
        work.filled[:] = 0.0
    if net.order_terms != 0:
        work.fixed[:] = 0.0
    if net.makes != 0:
        open_making(net, work)


def receive_and_produce(net: Net, state: State, chance: Chance, work: Work, now: Now) -> None:
    """Arrivals come in, sources produce."""
    for i in range(state.dock.shape[0]):
        state.dock[i] += state.ring[now.slot, i]
        state.ring[now.slot, i] = 0.0
    if state.lost_ring.shape[1] > 0:
        for i in range(state.dock.shape[0]):
            state.in_transit[i] -= state.lost_ring[now.slot, i]
            work.sums[LOST] += state.lost_ring[now.slot, i]
            state.lost_ring[now.slot, i] = 0.0
    for k in range(net.bought_items.shape[0]):
        i = net.bought_items[k]
        taken = reduced(state.dock[i], work.health[net.item_node[i], CHANNEL_RECEIVE], net.offset)
        state.dock[i] -= taken
        state.in_transit[i] -= taken
        work.moved[i, RECEIVED] = taken
        state.stock[i] += stock_gained(taken, net.yield_factor[i], net.offset)
    for k in range(net.made_items.shape[0]):
        i = net.made_items[k]
        drawn = drawn_amount(
            net.production_loc[i], net.production_scale[i], _draw(chance, now, net.production_column[i]), net.offset
        )
        drawn = reduced(drawn, work.health[net.item_node[i], CHANNEL_PRODUCE], net.offset)
        before = state.stock[i]
        state.stock[i] = stock_after_production(before, net.target[i], drawn)
        work.moved[i, PRODUCED] = state.stock[i] - before
        work.sums[EMISSIONS] += net.item_emissions[i] * work.moved[i, PRODUCED]


def _draw(chance: Chance, now: Now, column: int) -> float:
    return 0.0 if column == NO_COLUMN else chance.draws[now.row, column]


def open_books(net: Net, state: State, work: Work) -> None:
    """Charge for storage, set the sellable limits."""
    at_review = net.storage_timing == STORAGE_AT_REVIEW
    for i in range(state.stock.shape[0]):
        if at_review:
            work.money[net.item_node[i], STORAGE] += charged_stock(net.storage_cost[i], state.stock[i])
        work.limit[i] = sellable(state.stock[i], net.safety[i], net.capacity[i])
    if at_review and net.transit_charged != 0:
        _charge_transit(net, state, work)


def _charge_transit(net: Net, state: State, work: Work) -> None:
    for i in range(state.stock.shape[0]):
        work.money[net.item_node[i], STORAGE] += charged_stock(net.transit_cost[i], state.in_transit[i])


def plan_and_serve(net: Net, state: State, chance: Chance, work: Work, now: Now) -> None:
    """Buyers plan their orders, then final demand is served."""
    for k in range(net.drawn_items.shape[0]):
        i = net.drawn_items[k]
        drawn = drawn_amount(net.order_loc[i], net.order_scale[i], _draw(chance, now, net.order_column[i]), net.offset)
        wanted = planned_order(drawn, state.stock[i], net.target[i], net.feedback)
        if net.order_terms != 0:
            wanted = order_size(wanted, net.minimum[i], net.lot[i])
        wanted = reduced(wanted, work.health[net.item_node[i], CHANNEL_ORDER], net.offset)
        work.residual[i] = wanted
        work.moved[i, ORDERED] = wanted
        if net.order_terms != 0 and wanted > 0.0:
            work.fixed[net.item_node[i]] += net.fixed_cost[i]
    for k in range(net.early_items.shape[0]):
        plan_by_position(net, state, work, now, net.early_items[k])
    for k in range(net.retail_items.shape[0]):
        i = net.retail_items[k]
        node = net.item_node[i]
        drawn = drawn_amount(
            net.demand_loc[i], net.demand_scale[i], _draw(chance, now, net.demand_column[i]), net.offset
        )
        if work.demand[node] != 1.0:
            drawn = drawn_amount(0.0, work.demand[node], drawn, net.offset)
        wanted = drawn + state.backlog[i]
        limit = reduced(work.limit[i], work.health[node, CHANNEL_RETAIL], net.offset)
        served = served_demand(wanted, limit, net.partial_demand != 0)
        if net.tally != 0:
            work.asked[i] += drawn
            work.filled[i] += filled_at_once(served, state.backlog[i])
        work.limit[i] -= served
        state.stock[i] -= served
        work.money[node, RETAIL] += net.retail_price[i] * served
        work.money[node, SHORTAGE] += net.shortage_cost[i] * (wanted - served)
        if net.backorder != 0:
            state.backlog[i] = wanted - served
        work.sums[DEMANDED] += drawn
        work.moved[i, SERVED] = served


def settle(net: Net, state: State, work: Work, now: Now, out: NDArray[np.float64]) -> None:
    """Close the ledger and write the period's totals, in the order of PERIOD_COLUMNS."""
    if net.storage_timing != STORAGE_AT_REVIEW:
        for i in range(state.stock.shape[0]):
            work.money[net.item_node[i], STORAGE] += charged_stock(net.storage_cost[i], state.stock[i])
        if net.transit_charged != 0:
            _charge_transit(net, state, work)
    if net.owing != 0:
        for i in range(state.stock.shape[0]):
            work.money[net.item_node[i], SHORTAGE] += net.owed_cost[i] * state.owes[i]
    observe_early(net, state, work, now)
    if net.tally != 0 and now.period >= net.warm_up:
        keep_tally(state, work)
    cost = profit = retail = internal = procurement = storage = penalty = shortage = fixed = 0.0
    running = disposal = 0.0
    for node in range(work.money.shape[0]):
        if net.makes != 0:
            running, disposal = work.spent[node, RUNNING], work.spent[node, DISPOSAL]
        spent = node_cost(
            work.money[node, PROCUREMENT],
            work.money[node, STORAGE],
            work.money[node, PENALTY],
            work.money[node, SHORTAGE],
            work.fixed[node],
            running,
            disposal,
        )
        cost += spent
        profit += work.money[node, RETAIL] + work.money[node, INTERNAL] - spent
        retail += work.money[node, RETAIL]
        internal += work.money[node, INTERNAL]
        procurement += work.money[node, PROCUREMENT]
        storage += work.money[node, STORAGE]
        penalty += work.money[node, PENALTY]
        shortage += work.money[node, SHORTAGE]
        fixed += work.fixed[node]
    out[0], out[1], out[2], out[3] = cost, profit, retail, internal
    out[4], out[5], out[6], out[7], out[8] = procurement, storage, penalty, shortage, fixed
    received = produced = ordered = served = shipped = contracted = backlog = stock = in_transit = 0.0
    for i in range(state.stock.shape[0]):
        received += work.moved[i, RECEIVED]
        produced += work.moved[i, PRODUCED]
        ordered += work.moved[i, ORDERED]
        served += work.moved[i, SERVED]
        shipped += work.moved[i, SHIPPED]
        contracted += work.moved[i, CONTRACTED]
        backlog += state.backlog[i]
        stock += state.stock[i]
        in_transit += state.in_transit[i]
    out[9], out[10], out[11], out[12] = work.sums[DEMANDED], served, backlog, ordered
    out[13], out[14], out[15], out[16] = contracted, shipped, produced, received
    out[17], out[18], out[19], out[20] = work.sums[LOST], stock, in_transit, work.sums[EMISSIONS]
    write_totals(net, work, out)
    if net.makes != 0:
        out[20] += work.sums[MAKING_EMISSIONS]
    if state.flows.shape[0] > 0:
        keep_balance(net, state, work)


def keep_tally(state: State, work: Work) -> None:
    """Add the period to each item's tally, in the order of TALLY_COLUMNS."""
    for i in range(state.tally.shape[0]):
        asked, ordered = work.asked[i], work.moved[i, ORDERED]
        state.tally[i, 0] += asked
        state.tally[i, 1] += asked * asked
        state.tally[i, 2] += work.filled[i]
        state.tally[i, 3] += ordered
        state.tally[i, 4] += ordered * ordered
        if ordered > 0.0:
            state.tally[i, 5] += 1.0
        state.tally[i, 6] += state.stock[i]
        if work.filled[i] < asked:
            state.tally[i, 7] += 1.0


def keep_traces(net: Net, state: State, work: Work, items: NDArray[np.float64], nodes: NDArray[np.float64]) -> None:
    """Write every item (ITEM_COLUMNS) and node (NODE_COLUMNS) of the period."""
    for i in range(state.stock.shape[0]):
        items[i, 0] = state.stock[i]
        items[i, 1] = state.in_transit[i]
        items[i, 2] = work.moved[i, ORDERED]
        items[i, 3] = work.moved[i, CONTRACTED]
        items[i, 4] = work.moved[i, SHIPPED]
        items[i, 5] = work.moved[i, RECEIVED]
        items[i, 6] = work.moved[i, PRODUCED]
        items[i, 7] = work.moved[i, SERVED]
        items[i, 8] = state.backlog[i]
        items[i, 9] = state.in_process[i]
        for column in range(work.handled.shape[1]):
            items[i, 10 + column] = work.handled[i, column]
    for node in range(work.money.shape[0]):
        income = work.money[node, RETAIL] + work.money[node, INTERNAL]
        cost = node_cost(
            work.money[node, PROCUREMENT],
            work.money[node, STORAGE],
            work.money[node, PENALTY],
            work.money[node, SHORTAGE],
            work.fixed[node],
            work.spent[node, RUNNING],
            work.spent[node, DISPOSAL],
        )
        nodes[node, 0] = work.health[node, CHANNEL_SHIP]
        nodes[node, 1] = income
        nodes[node, 2] = work.money[node, PROCUREMENT]
        nodes[node, 3] = work.money[node, STORAGE]
        nodes[node, 4] = work.money[node, PENALTY]
        nodes[node, 5] = cost
        nodes[node, 6] = income - cost

"""The phases of a review period over arrays; compiled, but valid Python as it stands.

The same order as ``engine.agents``: only these loops are written twice, the arithmetic is in ``esc_sim.rules``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.compiled.arrays import Chance, Indices, Ints, Net, Now, State, Work
from esc_sim.instance.model import (
    CHANNEL_DEMAND,
    CHANNEL_ORDER,
    CHANNEL_PRODUCE,
    CHANNEL_RECEIVE,
    CHANNEL_RETAIL,
    CHANNEL_SHIP,
    NO_COLUMN,
)
from esc_sim.rules.disrupt import arrival_review, arrival_time
from esc_sim.rules.ledger import charged_stock, node_cost
from esc_sim.rules.order import bid_quantity, drawn_amount, next_supplier, planned_order
from esc_sim.rules.produce import stock_after_production, stock_gained
from esc_sim.rules.sell import (
    accepted_amount,
    reduced,
    reduced_cap,
    sellable,
    served_demand,
    shipment,
    shipping_limit,
)
from esc_sim.rules.switches import STORAGE_AT_REVIEW

EMISSIONS, DEMANDED, LOST = 0, 1, 2
RETAIL, INTERNAL, PROCUREMENT, STORAGE, PENALTY, SHORTAGE = 0, 1, 2, 3, 4, 5
RECEIVED, PRODUCED, ORDERED, SERVED, SHIPPED, CONTRACTED = 0, 1, 2, 3, 4, 5
_INSERTION_UP_TO = 32
_RADIX_BITS = 11


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
        else:
            work.arc[target] = level
            if level < 1.0:
                count = _mark(work, np.int64(net.line_supplier[target]), count)
    _insertion_sort(work.troubled_items, count)
    return count


def _mark(work: Work, item: int | np.int64, count: int) -> int:
    if not work.troubled[item]:
        work.troubled[item] = True
        work.troubled_items[count] = item
        count += 1
    return count


def open_period(work: Work) -> None:
    """Clear what belongs to one period."""
    work.money[:] = 0.0
    work.moved[:] = 0.0
    work.sums[:] = 0.0
    work.contract_count[0] = 0


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
        work.limit[i] = sellable(state.stock[i], net.safety[i])


def plan_and_serve(net: Net, state: State, chance: Chance, work: Work, now: Now) -> None:
    """Buyers plan their orders, then final demand is served."""
    for k in range(net.bought_items.shape[0]):
        i = net.bought_items[k]
        drawn = drawn_amount(net.order_loc[i], net.order_scale[i], _draw(chance, now, net.order_column[i]), net.offset)
        wanted = planned_order(drawn, state.stock[i], net.target[i], net.feedback)
        wanted = reduced(wanted, work.health[net.item_node[i], CHANNEL_ORDER], net.offset)
        work.residual[i] = wanted
        work.moved[i, ORDERED] = wanted
    for k in range(net.retail_items.shape[0]):
        i = net.retail_items[k]
        node = net.item_node[i]
        drawn = drawn_amount(
            net.demand_loc[i], net.demand_scale[i], _draw(chance, now, net.demand_column[i]), net.offset
        )
        if work.demand[node] != 1.0:
            drawn = drawn_amount(0.0, work.demand[node], drawn, net.offset)
        wanted = drawn + state.backlog[i]
        served = served_demand(wanted, reduced(work.limit[i], work.health[node, CHANNEL_RETAIL], net.offset))
        work.limit[i] -= served
        state.stock[i] -= served
        work.money[node, RETAIL] += net.retail_price[i] * served
        work.money[node, SHORTAGE] += net.shortage_cost[i] * (wanted - served)
        if net.backorder != 0:
            state.backlog[i] = wanted - served
        work.sums[DEMANDED] += drawn
        work.moved[i, SERVED] = served


def announce(net: Net, work: Work, troubled: int) -> None:
    """A disruption known before contracting lowers what its node offers and what its arcs carry."""
    for a in range(net.cap.shape[0]):
        work.open_cap[a] = reduced_cap(net.cap[a], work.arc[a], net.offset)
    for k in range(troubled):
        i = work.troubled_items[k]
        work.limit[i] = reduced(work.limit[i], work.health[net.item_node[i], CHANNEL_SHIP], net.offset)


def negotiate(net: Net, state: State, chance: Chance, work: Work, now: Now, troubled: int) -> None:
    """All markets: rounds of bids and answers until no buyer can go on.

    Suppliers that nothing hinders ship what they contract at once, which books money in the order of contracts; the
    contracts of the others wait for :func:`ship_short`.
    """
    for line in range(work.pointer.shape[0]):
        work.pointer[line] = net.line_start[line]
    for market in range(net.market_start.shape[0] - 1):
        count = 0
        for line in range(net.market_start[market], net.market_start[market + 1]):
            if work.residual[net.line_item[line]] > 0.0:
                work.waiting[count] = line
                count += 1
        while count > 0:
            bids = 0
            for k in range(count):
                line = work.waiting[k]
                end = net.line_start[line + 1]
                arc = next_supplier(work.pointer[line], end, net.line_supplier, work.limit, work.open_cap)
                work.pointer[line] = arc + 1
                if arc < end:
                    work.waiting[bids] = line
                    work.bids[bids] = net.pos[arc]
                    bids += 1
            _sort_bids(work, bids, net.pos.shape[0])
            _answer(net, state, chance, work, now, troubled, bids)
            count = 0
            for k in range(bids):
                if work.residual[net.line_item[work.waiting[k]]] > 0.0:
                    work.waiting[count] = work.waiting[k]
                    count += 1


def _answer(net: Net, state: State, chance: Chance, work: Work, now: Now, troubled: int, count: int) -> None:
    """Suppliers serve their inboxes of one round; bids are places sorted by (supplier; bid descending; buyer)."""
    k = 0
    while k < count:
        supplier = net.supplier[work.bids[k]]
        limit = work.limit[supplier]
        waits = troubled > 0 and work.troubled[supplier]
        full = False
        while k < count and net.supplier[work.bids[k]] == supplier:
            place = work.bids[k]
            k += 1
            if full:
                continue
            buyer = net.buyer[place]
            quantity = bid_quantity(work.residual[buyer], work.open_cap[net.by_pos[place]])
            amount = accepted_amount(quantity, limit, net.partial != 0)
            full = amount < quantity
            if amount > 0.0:
                limit -= amount
                work.residual[buyer] -= amount
                work.moved[supplier, CONTRACTED] += amount
                if waits:
                    work.contracted[place] = amount
                    work.contracts[work.contract_count[0]] = place
                    work.contract_count[0] += 1
                else:
                    _sell(net, state, chance, work, now, place, amount)
        work.limit[supplier] = limit


def _sort_bids(work: Work, count: int, places: int) -> None:
    """Sort the round's bids: insertion for a few, radix sort for many."""
    if count <= _INSERTION_UP_TO:
        _insertion_sort(work.bids, count)
        return
    shift = 0
    while (places - 1) >> shift > 0:
        _radix_pass(work.bids, work.sorted_bids, count, shift, work.buckets)
        for k in range(count):
            work.bids[k] = work.sorted_bids[k]
        shift += _RADIX_BITS


def _insertion_sort(values: NDArray, count: int) -> None:
    """Sort the first ``count`` values in place; quick for few or nearly sorted ones."""
    for k in range(1, count):
        value = values[k]
        j = k
        while j > 0 and values[j - 1] > value:
            values[j] = values[j - 1]
            j -= 1
        values[j] = value


def _radix_pass(source: Indices, target: Indices, count: int, shift: int, buckets: Ints) -> None:
    """One stable counting sort by 11 bits."""
    mask = (1 << _RADIX_BITS) - 1
    buckets[:] = 0
    for k in range(count):
        buckets[((np.int64(source[k]) >> shift) & mask) + 1] += 1
    for k in range(mask):
        buckets[k + 1] += buckets[k]
    for k in range(count):
        digit = (np.int64(source[k]) >> shift) & mask
        target[buckets[digit]] = source[k]
        buckets[digit] += 1


def _sell(net: Net, state: State, chance: Chance, work: Work, now: Now, place: int | np.uint32, amount: float) -> None:
    """Goods leave on an arc and money changes hands."""
    supplier, buyer = net.supplier[place], net.buyer[place]
    state.stock[supplier] -= amount
    work.moved[supplier, SHIPPED] += amount
    state.arc_total[place] += amount
    state.in_transit[buyer] += amount
    work.money[net.supplier_node[place], INTERNAL] += net.price[place] * amount
    work.money[net.buyer_node[place], PROCUREMENT] += net.unit_cost[place] * amount
    work.sums[EMISSIONS] += net.arc_emissions[place] * amount
    if net.lead_column[place] == NO_COLUMN and chance.outage_start.shape[0] == 0:
        _put(net, state, now, buyer, now.period + net.delay[place], amount)
    else:
        _send(net, state, chance, now, place, amount)


def _send(net: Net, state: State, chance: Chance, now: Now, place: int | np.uint32, amount: float) -> None:
    """Take goods onto an arc whose lead time is random or that can fail."""
    buyer = net.buyer[place]
    lead = net.lead_time[place]
    if net.lead_column[place] != NO_COLUMN:
        lead = min(chance.draws[now.row, net.lead_column[place]], net.max_lead[place])
    due = now.period + lead
    if chance.outage_start.shape[0] > 0:
        time, arc = float(now.period), net.by_pos[place]
        first, last = chance.outage_start[arc], chance.outage_start[arc + 1]
        due = arrival_time(time, lead, first, last, chance.begins, chance.ends, chance.modes, chance.detours)
    if due < 0.0:
        review = arrival_review(now.period, -due)
        if review < net.horizon:
            state.lost_ring[_slot(review - now.period, now.slot, state.lost_ring.shape[0]), buyer] += amount
        return
    if net.lead_column[place] != NO_COLUMN and not net.crossing[place]:
        due = max(due, state.last_due[place])
        state.last_due[place] = due
    _put(net, state, now, buyer, arrival_review(now.period, due), amount)


def _put(net: Net, state: State, now: Now, buyer: int | np.uint32, review: int, amount: float) -> None:
    """Goods will reach the buyer's dock at a review; beyond the horizon they stay in transit."""
    if review < net.horizon:
        state.ring[_slot(review - now.period, now.slot, state.ring.shape[0]), buyer] += amount


def _slot(delay: int, slot: int, slots: int) -> int:
    """Place in the ring ``delay`` reviews after the one at ``slot``; a delay is always shorter than the ring."""
    place = slot + delay
    return place - slots if place >= slots else place


def ship_short(net: Net, state: State, chance: Chance, work: Work, now: Now, troubled: int) -> None:
    """Disrupted suppliers ship what their and their arcs' health allows, by descending price, and pay for the rest."""
    bids, count = work.bids, work.contract_count[0]
    for k in range(count):
        bids[k] = work.contracts[k]
    _sort_bids(work, count, net.pos.shape[0])
    first = 0
    for t in range(troubled):
        item = work.troubled_items[t]
        last = first
        contracted = 0.0
        while last < count and net.supplier[bids[last]] == item:
            contracted += work.contracted[bids[last]]
            last += 1
        node = net.item_node[item]
        remaining = shipping_limit(contracted, work.health[node, CHANNEL_SHIP], state.stock[item], net.offset)
        for k in range(first, last):
            place = bids[k]
            amount = shipment(work.contracted[place], work.arc[net.by_pos[place]], remaining, net.offset)
            remaining -= amount
            work.money[node, PENALTY] += net.penalty[item] * (work.contracted[place] - amount)
            if amount > 0.0:
                _sell(net, state, chance, work, now, place, amount)
        first = last


def settle(net: Net, state: State, work: Work, out: NDArray[np.float64]) -> None:
    """Close the ledger and write the period's totals, in the order of PERIOD_COLUMNS."""
    if net.storage_timing != STORAGE_AT_REVIEW:
        for i in range(state.stock.shape[0]):
            work.money[net.item_node[i], STORAGE] += charged_stock(net.storage_cost[i], state.stock[i])
    cost = profit = retail = internal = procurement = storage = penalty = shortage = 0.0
    for node in range(work.money.shape[0]):
        spent = node_cost(
            work.money[node, PROCUREMENT],
            work.money[node, STORAGE],
            work.money[node, PENALTY],
            work.money[node, SHORTAGE],
            0.0,
        )
        cost += spent
        profit += work.money[node, RETAIL] + work.money[node, INTERNAL] - spent
        retail += work.money[node, RETAIL]
        internal += work.money[node, INTERNAL]
        procurement += work.money[node, PROCUREMENT]
        storage += work.money[node, STORAGE]
        penalty += work.money[node, PENALTY]
        shortage += work.money[node, SHORTAGE]
    out[0], out[1], out[2], out[3] = cost, profit, retail, internal
    out[4], out[5], out[6], out[7], out[8] = procurement, storage, penalty, shortage, 0.0
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


def _node_cost(work: Work, node: int) -> float:
    money = work.money
    return node_cost(money[node, PROCUREMENT], money[node, STORAGE], money[node, PENALTY], money[node, SHORTAGE], 0.0)


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
    for node in range(work.money.shape[0]):
        income = work.money[node, RETAIL] + work.money[node, INTERNAL]
        cost = node_cost(
            work.money[node, PROCUREMENT],
            work.money[node, STORAGE],
            work.money[node, PENALTY],
            work.money[node, SHORTAGE],
            0.0,
        )
        nodes[node, 0] = work.health[node, CHANNEL_SHIP]
        nodes[node, 1] = income
        nodes[node, 2] = work.money[node, PROCUREMENT]
        nodes[node, 3] = work.money[node, STORAGE]
        nodes[node, 4] = work.money[node, PENALTY]
        nodes[node, 5] = cost
        nodes[node, 6] = income - cost

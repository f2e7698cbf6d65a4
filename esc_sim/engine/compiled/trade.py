"""Negotiation and shipping over arrays: from the planned orders to goods on their way."""

from __future__ import annotations

from typing import Final

import numpy as np

from esc_sim.allocations.dividing import divide
from esc_sim.allocations.registry import IN_TURN
from esc_sim.behaviours.accept import accept
from esc_sim.behaviours.disrupt import arrival_review, arrival_time, stretched
from esc_sim.behaviours.respond import bid_quantity, next_supplier, part_of_order
from esc_sim.behaviours.sell import (
    announced_limit,
    reduced,
    reduced_cap,
    sell,
    share_kept,
    shipping_limit,
)
from esc_sim.disruptions.registry import row_of
from esc_sim.engine.compiled.arrays import OF_ARC, Chance, Net, Now, State, Work
from esc_sim.engine.compiled.lanes import take_room
from esc_sim.engine.compiled.owed import allot, count_owed, keep_owed, owe, settle_owed
from esc_sim.engine.compiled.planning import plan_by_position
from esc_sim.engine.compiled.prefetch import FAR, MANY, NEAR, prefetch
from esc_sim.engine.compiled.sorting import sort_bids
from esc_sim.fields.rows import NO_ROW
from esc_sim.instance.model import NO_COLUMN

SHIP: Final = row_of("ship")
PRICE: Final = row_of("price_factor")
LEAD_TIME: Final = row_of("lead_time")
ARC: Final = row_of("arc")
ARC_LEAD_TIME: Final = row_of("arc_lead_time")

_SPLIT, _OPEN = 0, 1
"""Rounds of a market: orders split by shares, all other orders."""


def announce(net: Net, state: State, work: Work) -> None:
    """A disruption that buyers know of lowers what its node offers and what its arcs carry."""
    for k in range(net.learnt.shape[0]):
        target = net.channel_target[net.learnt[k]]
        if net.channel_place[net.learnt[k]] == OF_ARC:
            work.open_cap[target] = reduced_cap(net.cap[target], work.known_arc[target], net.offset)
            if net.owing != 0:
                work.owed_cap[target] = reduced_cap(net.cap[target], work.arc_levels[ARC, target], net.offset)
            continue
        known = work.known_ship[target]
        if known >= 1.0:
            continue
        for j in range(net.node_start[target], net.node_start[target + 1]):
            i = net.node_items[j]
            limit, capacity, served = work.limit[i], state.goods[i].capacity, state.goods[i].served
            work.limit[i] = announced_limit(limit, capacity, known, served, net.offset)
            if net.owing != 0:
                health = work.levels[SHIP, target]
                work.owed_limit[i] = announced_limit(limit, capacity, health, served, net.offset)


def negotiate(net: Net, state: State, chance: Chance, work: Work, now: Now, troubled: int) -> None:
    """All markets: rounds of bids and answers until no buyer can go on.

    Suppliers that nothing hinders ship what they contract at once, which books money in the order of contracts; the
    contracts of the others wait for :func:`ship_short`.
    """
    if net.owing != 0:
        keep_owed(net, state, work, now)
    for market in range(net.market_start.shape[0] - 1):
        for k in range(net.late_start[market], net.late_start[market + 1]):
            plan_by_position(net, state, work, now, net.late_items[k])
        count = 0
        for line in range(net.market_start[market], net.market_start[market + 1]):
            if state.goods[net.line_item[line]].residual > 0.0:
                work.waiting[np.uint64(count)] = line
                work.pointer[line] = net.line_start[line]
                count += 1
        # What suppliers owe goes before new orders, and those that are split by shares before the others.
        if net.owing != 0:
            _promise_owed(net, state, chance, work, now, troubled, market)
        stage = _SPLIT if net.splits != 0 else _OPEN
        while count > 0 or stage != _OPEN:
            bids = 0
            if stage == _SPLIT:
                count, bids = _split(net, state, work, count)
            else:
                for k in range(count):
                    line = work.waiting[k]
                    end = net.line_start[line + 1]
                    arc = next_supplier(work.pointer[line], end, net.line_supplier, work.limit, work.open_cap)
                    work.pointer[line] = arc + 1
                    if arc < end:
                        work.waiting[np.uint64(bids)] = line
                        work.bids[np.uint64(bids)] = net.pos[np.uint64(arc)]
                        bids += 1
                count = bids
            sort_bids(work, bids, net.pos.shape[0])
            _answer(net, state, chance, work, now, troubled, bids, stage)
            if stage == _OPEN:
                count = 0
                for k in range(bids):
                    if state.goods[net.line_item[work.waiting[k]]].residual > 0.0:
                        work.waiting[np.uint64(count)] = work.waiting[k]
                        count += 1
            stage = _OPEN
        if net.tally != 0:
            _close_market(net, state, work, now, market)


def _promise_owed(net: Net, state: State, chance: Chance, work: Work, now: Now, troubled: int, market: int) -> None:
    """Suppliers of a market promise what they have kept for orders they owe, in the order of bids.

    What a supplier may be unable to ship stays in the queue, with its age, until it leaves.
    """
    count = 0
    for line in range(net.market_start[market], net.market_start[market + 1]):
        for arc in range(net.line_start[line], net.line_start[line + 1]):
            if work.served_owed[net.pos[arc]] > 0.0:
                work.bids[count] = net.pos[arc]
                count += 1
    sort_bids(work, count, net.pos.shape[0])
    for k in range(count):
        place = work.bids[k]
        supplier, amount = net.arcs[place].supplier, work.served_owed[place]
        if troubled > 0 and work.troubled[supplier]:
            count_owed(net, state, place, -amount)
            _keep_contract(work, place, amount)
        else:
            settle_owed(net, state, now, place, amount)
            _sell(net, state, chance, work, now, place, amount)
        state.goods[supplier].contracted += amount


def _keep_contract(work: Work, place: np.uint32, amount: float) -> None:
    """Note what a supplier has sold that may be unable to ship it."""
    work.contracted[place] = amount
    work.contracts[np.uint64(work.contract_count[0])] = place
    work.contract_count[0] += 1


def _split(net: Net, state: State, work: Work, count: int) -> tuple[int, int]:
    """Take the lines whose orders are split by shares out of those that wait; each supplier is asked for its part.

    Returns:
        Numbers of lines that still wait, and of bids.
    """
    waiting, bids = 0, 0
    for k in range(count):
        line = work.waiting[k]
        last = net.line_last[line]
        if last < 0:
            work.waiting[waiting] = line
            waiting += 1
            continue
        order = state.goods[net.line_item[line]].residual
        left = order
        for arc in range(net.line_start[line], last + 1):
            work.parts[arc] = part_of_order(order, net.share[arc], left, arc == last, net.offset)
            left -= work.parts[arc]
            if work.parts[arc] > 0.0 and work.limit[net.line_supplier[arc]] > 0.0 and work.open_cap[arc] > 0.0:
                work.bids[bids] = net.pos[arc]
                bids += 1
    return waiting, bids


def _close_market(net: Net, state: State, work: Work, now: Now, market: int) -> None:
    """What no supplier accepted counts as asked of the first supplier of its line, which may owe it.

    Where an order is split by shares, each supplier was asked for its part.
    """
    for line in range(net.market_start[market], net.market_start[market + 1]):
        item = net.line_item[line]
        if state.goods[item].residual > 0.0:
            first = net.line_start[line]
            is_split = net.splits != 0 and net.line_last[line] >= 0
            last = net.line_last[line] if is_split else first
            for arc in range(first, last + 1):
                amount = work.parts[arc] if is_split else state.goods[item].residual
                state.items[net.arcs[net.pos[arc]].supplier].requested += amount
                if net.owing != 0:
                    owe(net, state, now, net.pos[arc], amount)
            if net.owing != 0:
                state.goods[item].residual = 0.0


def _answer(
    net: Net, state: State, chance: Chance, work: Work, now: Now, troubled: int, count: int, stage: int
) -> None:
    """Suppliers serve their inboxes of one round; bids are places sorted by (supplier; bid descending; buyer)."""
    supplier = np.uint32(NO_ROW)
    waits = full = False
    ahead = count - FAR if count >= MANY else 0
    for k in range(count):
        if k < ahead:
            _ask_ahead(net, state, work, now, k)
        place = work.bids[k]
        arc = net.arcs[place]
        if arc.supplier != supplier:
            supplier = arc.supplier
            waits = troubled > 0 and work.troubled[supplier]
            full = False
            if net.allocation != IN_TURN:
                _divide(net, state, work, k, count, stage)
        if full:
            continue
        quantity = work.granted[k] if net.allocation != IN_TURN else _bid(net, state, work, place, stage)
        if net.lanes != 0:
            quantity = bid_quantity(quantity, work.lanes[net.lane[place]].room)
        limit, seller, buyer = work.limit[supplier], state.goods[supplier], state.goods[arc.buyer]
        amount = accept(net, seller, buyer, state.items[supplier], limit, quantity)
        # A bid accepted in part leaves nothing; a whole one that is refused leaves what only later rounds may have.
        full = net.partial == 0 and amount < quantity
        if amount > 0.0:
            work.limit[supplier] = limit - amount
            if not waits:
                _sell(net, state, chance, work, now, place, amount)
            elif net.owing != 0 and work.served_owed[place] > 0.0:
                work.contracted[place] += amount
            else:
                _keep_contract(work, place, amount)
            if stage == _SPLIT:
                work.parts[arc.line_arc] -= amount
            if net.lanes != 0:
                take_room(net, work, net.lane[place], amount)


def _ask_ahead(net: Net, state: State, work: Work, now: Now, k: int) -> None:
    """Ask for the rows that bids some way on will need."""
    prefetch(net.arcs, work.bids[k + FAR])
    arc = net.arcs[work.bids[k + NEAR]]
    prefetch(state.goods, arc.buyer)
    prefetch(state.goods, arc.supplier)
    prefetch(work.money, arc.buyer_node)
    prefetch(work.money, arc.supplier_node)
    prefetch(state.ring[_slot(arc.delay, now.slot, state.ring.shape[0])], arc.buyer)


def _bid(net: Net, state: State, work: Work, place: np.uint32, stage: int) -> float:
    """What a buyer asks for on an arc: all it still wants, as far as the arc's cap, and its lane, allow."""
    arc = net.arcs[place]
    cap = work.open_cap[arc.line_arc] if net.learns != 0 else arc.cap
    if net.owing != 0:
        cap -= work.served_owed[place]
    wanted = work.parts[arc.line_arc] if stage == _SPLIT else state.goods[arc.buyer].residual
    quantity = bid_quantity(wanted, cap)
    return bid_quantity(quantity, work.lanes[net.lane[place]].room) if net.lanes != 0 else quantity


def _divide(net: Net, state: State, work: Work, first: int, count: int, stage: int) -> None:
    """What the rule of allocation gives to each of the bids of one supplier, from the one at ``first`` on."""
    supplier, last = net.arcs[work.bids[first]].supplier, first
    while last < count and net.arcs[work.bids[last]].supplier == supplier:
        work.claimed[last] = _bid(net, state, work, work.bids[last], stage)
        work.classes[last] = net.customer_class[work.bids[last]]
        last += 1
    divide(net.allocation, work.claimed, work.classes, first, last, work.limit[supplier], net.offset, work.granted)


def _sell(net: Net, state: State, chance: Chance, work: Work, now: Now, place: np.uint32, amount: float) -> None:
    """Goods leave on an arc and money changes hands."""
    arc = net.arcs[place]
    seller, buyer = state.goods[arc.supplier], state.goods[arc.buyer]
    income, cost = work.money[arc.supplier_node], work.money[arc.buyer_node]
    if net.leads_vary != 0:
        _send(net, state, chance, work, now, place, amount)
    else:
        _put(net, state, now, arc.buyer, now.period + arc.delay, amount)
    factor = work.levels[PRICE, arc.supplier_node] if net.prices_move != 0 else 1.0
    work.network[0].emissions += sell(net, arc, seller, buyer, income, cost, amount, factor)
    state.arc_total[place] += amount


def _send(net: Net, state: State, chance: Chance, work: Work, now: Now, place: np.uint32, amount: float) -> None:
    """Take goods onto an arc of a network where lead times vary or arcs can fail."""
    arc = net.arcs[place]
    lead = net.lead_time[place]
    if net.lead_column[place] != NO_COLUMN:
        lead = min(chance.draws[now.row, net.lead_column[place]], net.max_lead[place])
    if net.slows != 0:
        factor = work.levels[LEAD_TIME, arc.supplier_node] * work.arc_levels[ARC_LEAD_TIME, arc.line_arc]
        lead = stretched(lead, factor)
    sent = float(now.period * net.ticks)
    due = sent + lead
    if chance.outage_start.shape[0] > 0:
        first, last = chance.outage_start[arc.line_arc], chance.outage_start[arc.line_arc + 1]
        due = arrival_time(sent, lead, first, last, chance.begins, chance.ends, chance.modes, chance.detours)
    if due < 0.0:
        review = arrival_review(now.period, -due, net.ticks)
        if review < net.horizon:
            state.lost_ring[_slot(review - now.period, now.slot, state.lost_ring.shape[0]), arc.buyer] += amount
        return
    if net.in_order[place]:
        due = max(due, state.last_due[place])
        state.last_due[place] = due
    _put(net, state, now, arc.buyer, arrival_review(now.period, due, net.ticks), amount)


def _put(net: Net, state: State, now: Now, buyer: np.uint32, review: int, amount: float) -> None:
    """Goods will reach the buyer's dock at a review; beyond the horizon they stay in transit."""
    if review < net.horizon:
        state.ring[_slot(review - now.period, now.slot, state.ring.shape[0]), buyer] += amount


def _slot(delay: int, slot: int, slots: int) -> np.uint64:
    """Place in the ring ``delay`` reviews after the one at ``slot``; a delay is always shorter than the ring."""
    place = slot + delay
    return np.uint64(place - slots if place >= slots else place)


def ship_short(net: Net, state: State, chance: Chance, work: Work, now: Now, troubled: int) -> None:
    """Suppliers with a disruption that is not known ship what it allows, by age or price, and pay for the rest."""
    bids, count = work.bids, work.contract_count[0]
    for k in range(count):
        bids[k] = work.contracts[k]
    sort_bids(work, count, net.pos.shape[0])
    first = 0
    for t in range(troubled):
        item = work.troubled_items[t]
        last = first
        contracted = 0.0
        while last < count and net.arcs[bids[last]].supplier == item:
            place = bids[last]
            contracted += work.contracted[place]
            arc = net.arcs[place].line_arc
            kept = share_kept(work.arc_levels[ARC, arc], work.known_arc[arc])
            work.room[place] = reduced(work.contracted[place], kept, net.offset)
            if net.owing != 0:
                # All that is promised is owed until it leaves; what was owed before is in the queue still.
                count_owed(net, state, place, work.served_owed[place])
                owe(net, state, now, place, work.contracted[place] - work.served_owed[place])
            last += 1
        node = state.goods[item].node
        health = work.levels[SHIP, node]
        remaining = shipping_limit(
            contracted,
            state.goods[item].capacity,
            health,
            work.known_ship[node],
            state.goods[item].served,
            state.goods[item].stock,
            net.offset,
        )
        allot(net, state, work, now, first, last, remaining, True, False)
        for k in range(first, last):
            place = bids[k]
            amount = work.served_owed[place]
            if health <= 0.0 or work.arc_levels[ARC, net.arcs[place].line_arc] <= 0.0:
                work.network[0].contracted_from_closed += work.contracted[place]
            work.money[node].penalty += state.items[item].penalty * (work.contracted[place] - amount)
            if net.owing != 0:
                settle_owed(net, state, now, place, amount)
            if amount > 0.0:
                _sell(net, state, chance, work, now, place, amount)
        first = last

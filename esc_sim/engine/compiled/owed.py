"""Orders that suppliers owe, over arrays: queues of parts with their ages, and who gets what of goods that are short.

Parts stand in a ring of periods for each arc, as long as the oldest part is old; the runner makes it longer between
blocks of periods (``lengthened``).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from esc_sim.allocations.dividing import divide
from esc_sim.allocations.registry import IN_TURN
from esc_sim.behaviours.accept import accepted_amount, limit_for_new
from esc_sim.behaviours.owe import owe_more
from esc_sim.behaviours.respond import bid_quantity
from esc_sim.disruptions.registry import row_of
from esc_sim.engine.compiled.arrays import NO_PART, Net, Now, State, Work
from esc_sim.engine.compiled.lanes import take_room

SHIP: Final = row_of("ship")
ARC: Final = row_of("arc")


def owe(net: Net, state: State, now: Now, place: np.uint32, amount: float) -> None:
    """A supplier owes a buyer so much more, which was ordered in this period."""
    if net.by_age != 0 and amount > 0.0:
        if state.since[place] == NO_PART:
            state.since[place] = now.period
        state.owed_parts[place, now.period % state.owed_parts.shape[1]] += amount
    count_owed(net, state, place, amount)


def settle_owed(net: Net, state: State, now: Now, place: np.uint32, amount: float) -> None:
    """So much of what is owed on an arc leaves now, the oldest parts first."""
    if net.by_age != 0:
        left = amount
        while left > 0.0 and state.since[place] != NO_PART:
            slot = state.since[place] % state.owed_parts.shape[1]
            part = state.owed_parts[place, slot]
            if part > left:
                state.owed_parts[place, slot] = part - left
            else:
                state.owed_parts[place, slot] = 0.0
                state.since[place] = _next_part(state, now, place, state.since[place])
            left -= part
    count_owed(net, state, place, -amount)


def count_owed(net: Net, state: State, place: np.uint32, amount: float) -> None:
    """Count what is owed on an arc as so much more (or less), whatever its age."""
    state.owed[place] += amount
    owe_more(state.items[net.arcs[place].supplier], state.items[net.arcs[place].buyer], amount)


def _next_part(state: State, now: Now, place: np.uint32, period: int) -> int:
    """Period of an arc's next younger part."""
    while period < now.period:
        period += 1
        if state.owed_parts[place, period % state.owed_parts.shape[1]] > 0.0:
            return period
    return NO_PART


def keep_owed(net: Net, state: State, work: Work, now: Now) -> None:
    """Suppliers keep goods for what they owe, over all their markets, before any of these takes new orders.

    One that is back delivers what it owes before buyers know that it is.
    """
    count = 0
    for place in range(net.pos.shape[0]):
        work.served_owed[place] = 0.0
        if state.owed[place] > 0.0:
            work.bids[count] = place
            count += 1
    first = last = 0
    while first < count:
        supplier = net.arcs[work.bids[first]].supplier
        while last < count and net.arcs[work.bids[last]].supplier == supplier:
            place = work.bids[last]
            arc = net.arcs[place]
            cap = arc.cap
            if net.learns != 0:
                unseen = work.known_arc[arc.line_arc] < work.arc_levels[ARC, arc.line_arc]
                cap = work.owed_cap[arc.line_arc] if unseen else work.open_cap[arc.line_arc]
            work.room[place] = cap if net.by_age != 0 else bid_quantity(state.owed[place], cap)
            last += 1
        limit = most = work.limit[supplier]
        node = state.goods[supplier].node
        if net.learns != 0 and work.known_ship[node] < work.levels[SHIP, node]:
            most = work.owed_limit[supplier]
        rest = allot(net, state, work, now, first, last, most, net.partial != 0, net.lanes != 0)
        kept = 0.0
        for k in range(first, last):
            kept += work.served_owed[work.bids[k]]
        work.limit[supplier] = limit_for_new(limit, kept, rest)
        first = last


def allot(
    net: Net, state: State, work: Work, now: Now, first: int, last: int, limit: float, partial: bool, on_lanes: bool
) -> float:
    """Who gets what of a supplier's goods that may be short: parts by age, or all alike.

    What places get is written to ``work.served_owed``. A group of one age that asks for more than there is divides it
    by the rule of allocation, or goes one after the other.

    Args:
        net: the network.
        state: what is owed, and since when.
        work: places in ``bids``; in ``room`` what may go to each, lowered by what does.
        now: the current review.
        first, last: which of the bids.
        limit: what there is, units.
        partial: may part of an amount be given? If not, the first that does not fit keeps what there is.
        on_lanes: whether what places get takes room on their lanes.

    Returns:
        What is left for others.
    """
    aged = net.owing != 0 and net.by_age != 0
    for k in range(first, last):
        work.served_owed[work.bids[k]] = 0.0
        if aged:
            work.next_part[work.bids[k]] = state.since[work.bids[k]]
    more = limit > 0.0
    while more:
        age = _oldest(work, first, last) if aged else 0
        if age == NO_PART:
            break
        if net.allocation != IN_TURN:
            for k in range(first, last):
                work.claimed[k] = _asked(state, work, work.bids[k], age, aged)
                if on_lanes:
                    work.claimed[k] = bid_quantity(work.claimed[k], work.lanes[net.lane[work.bids[k]]].room)
                work.classes[k] = net.customer_class[work.bids[k]]
            divide(net.allocation, work.claimed, work.classes, first, last, limit, net.offset, work.granted)
        for k in range(first, last):
            place = work.bids[k]
            part = work.granted[k] if net.allocation != IN_TURN else _asked(state, work, place, age, aged)
            if on_lanes:
                part = bid_quantity(part, work.lanes[net.lane[place]].room)
            amount = accepted_amount(part, limit, partial)
            work.served_owed[place] += amount
            work.room[place] -= amount
            if on_lanes:
                take_room(net, work, net.lane[place], amount)
            if amount < part:
                return 0.0
            limit -= amount
            if aged and work.next_part[place] == age:
                work.next_part[place] = _next_part(state, now, place, age)
        more = aged and limit > 0.0
    return limit


def _oldest(work: Work, first: int, last: int) -> int:
    """Period of the oldest part that is still to be served and can go."""
    oldest = NO_PART
    for k in range(first, last):
        period = work.next_part[work.bids[k]]
        if period != NO_PART and work.room[work.bids[k]] > 0.0 and (oldest == NO_PART or period < oldest):
            oldest = period
    return oldest


def _asked(state: State, work: Work, place: np.uint32, age: int, aged: bool) -> float:
    """What is asked for at a place: its part of that age, or all that may go there."""
    if not aged:
        return work.room[place]
    if work.next_part[place] != age:
        return 0.0
    return bid_quantity(state.owed_parts[place, age % state.owed_parts.shape[1]], work.room[place])

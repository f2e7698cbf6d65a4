"""The phases of a review period over arrays; compiled, but valid Python as it stands.

The same order as ``engine.agents``: only who acts when is written twice, what each does is in ``esc_sim.behaviours``.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from esc_sim.behaviours.opening import open_goods, open_items, open_money, open_nodes, open_sums
from esc_sim.behaviours.order import drawn_order, place_order
from esc_sim.behaviours.produce import produce
from esc_sim.behaviours.receive import receive
from esc_sim.behaviours.sell import sellable
from esc_sim.behaviours.serve import serve
from esc_sim.behaviours.settle import hold, hold_in_transit, owe_for_period
from esc_sim.behaviours.switches import STORAGE_AT_REVIEW
from esc_sim.behaviours.written import (
    add_flow,
    add_service,
    add_tally,
    write_goods,
    write_item,
    write_money,
    write_node,
    write_service,
)
from esc_sim.disruptions.health import ACTIVITIES
from esc_sim.disruptions.registry import row_of
from esc_sim.engine.compiled.arrays import OF_ARC, OF_NODE, Chance, Net, Now, State, Work
from esc_sim.engine.compiled.planning import observe_early, plan_by_position
from esc_sim.engine.compiled.prefetch import NEAR, prefetch
from esc_sim.engine.compiled.sorting import insertion_sort
from esc_sim.fields.rows import NO_ROW, Records

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


def _health(work: Work, now: Now, activity: int, node: np.uint32) -> float:
    """The share of an activity that a node can do."""
    return 1.0 if now.sound != 0 else work.levels[activity, node]


def _mark(work: Work, item: int | np.int64, count: int) -> int:
    if not work.troubled[item]:
        work.troubled[item] = True
        work.troubled_items[count] = item
        count += 1
    return count


def open_period(net: Net, state: State, work: Work) -> None:
    """Clear what belongs to one period."""
    for k in range(net.other_items.shape[0]):
        open_goods(state.goods[net.other_items[k]])
    open_items(net, state.items)
    open_money(work.money)
    open_nodes(net, work.nodes)
    open_sums(work.network[0])
    work.contract_count[0] = 0


def receive_and_produce(net: Net, state: State, chance: Chance, work: Work, now: Now) -> None:
    """Arrivals come in, sources produce."""
    if state.lost_ring.shape[1] > 0:
        for i in range(state.goods.shape[0]):
            state.goods[i].in_transit -= state.lost_ring[now.slot, i]
            work.network[0].lost += state.lost_ring[now.slot, i]
            state.lost_ring[now.slot, i] = 0.0
    for k in range(net.bought_items.shape[0]):
        i = net.bought_items[k]
        goods = state.goods[i]
        open_goods(goods)
        arriving = state.ring[now.slot, i]  # cleared first, so that what is on the dock need not be read again
        state.ring[now.slot, i] = 0.0
        goods.dock += arriving
        receive(net, goods, _health(work, now, RECEIVE, goods.node))
    for k in range(net.sources.shape[0]):
        law = net.sources[k]
        goods = state.goods[law.item]
        draw, health = _draw(chance, now, law.column), _health(work, now, PRODUCE, goods.node)
        work.network[0].emissions += produce(net, goods, law, draw, health)


def _draw(chance: Chance, now: Now, column: np.uint32) -> float:
    return 0.0 if column == NO_ROW else chance.draws[now.row, column]


def open_books(net: Net, state: State, work: Work) -> None:
    """Charge for storage, set the sellable limits."""
    at_review = net.holding_cost_timing == STORAGE_AT_REVIEW
    for i in range(state.goods.shape[0]):
        goods = state.goods[i]
        if at_review:
            hold(goods, work.money[goods.node])
        work.limit[i] = sellable(goods.stock, goods.safety_stock, goods.capacity)
    if at_review and net.transit_charged != 0:
        _charge_transit(state, work)


def _charge_transit(state: State, work: Work) -> None:
    for i in range(state.items.shape[0]):
        hold_in_transit(state.goods[i], state.items[i], work.money[state.goods[i].node])


def plan_and_serve(net: Net, state: State, chance: Chance, work: Work, now: Now) -> None:
    """Buyers plan their orders, then final demand is served."""
    for k in range(net.orders.shape[0]):
        law = net.orders[k]
        goods, item = state.goods[law.item], state.items[law.item]
        wanted = drawn_order(net, goods, law, _draw(chance, now, law.column))
        place_order(net, goods, item, work.money[goods.node], wanted, _health(work, now, ORDER, goods.node))
    for k in range(net.early_items.shape[0]):
        plan_by_position(net, state, work, now, net.early_items[k])
    for k in range(work.customers.shape[0]):
        customers = work.customers[k]
        goods, item = state.goods[customers.item], state.items[customers.item]
        draw, factor = _draw(chance, now, customers.column), work.levels[DEMAND, goods.node]
        health = _health(work, now, RETAIL, goods.node)
        serve(net, goods, item, customers, work.money[goods.node], work.limit, draw, factor, health)


def settle(net: Net, state: State, work: Work, now: Now, out: np.record) -> None:
    """Close the ledger and write the period's totals.

    Args:
        out: totals of the period; written.
    """
    if net.holding_cost_timing != STORAGE_AT_REVIEW:
        for i in range(state.items.shape[0]):
            hold(state.goods[i], work.money[state.goods[i].node])
        if net.transit_charged != 0:
            _charge_transit(state, work)
    if net.owing != 0:
        for i in range(state.items.shape[0]):
            owe_for_period(state.items[i], work.money[state.goods[i].node])
    observe_early(net, state, now)
    if now.period >= net.warm_up:
        for k in range(state.service.shape[0]):
            add_service(net, state.goods[work.customers[k].item], work.customers[k], state.service[k])
        for i in range(state.tally.shape[0]):
            # Besides, this keeps the compiler from gathering the numbers of eight rows at a time, which takes longer.
            prefetch(state.tally, i + NEAR)
            add_tally(state.goods[i], state.items[i], state.tally[i])
    write_money(net, work.money, work.nodes, out)
    write_goods(net, state.goods, state.items, work.network[0], out)
    write_service(net, state.goods, work.customers, state.service, out)
    for i in range(state.flows.shape[0]):
        add_flow(net, state.goods[i], state.items[i], state.flows[i])


def keep_traces(net: Net, state: State, work: Work, items: Records, nodes: Records) -> None:
    """Write every item and node of the period.

    Args:
        items, nodes: rows of the period; written.
    """
    for i in range(state.items.shape[0]):
        write_item(state.goods[i], state.items[i], items[i])
    for node in range(work.money.shape[0]):
        write_node(net, work.money[node], work.nodes[node], work.levels[SHIP, node], nodes[node])

"""A review period of many paths side by side, for networks in which each line has one supplier and nothing goes wrong.

The same order as ``engine.compiled.phases`` and ``trade``, which stay the measure of it: same numbers, to the bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.compiled import lean_rows as rows
from esc_sim.engine.compiled.lean_arrays import (
    ALL_BACKLOG,
    ALL_ORDERED,
    ALL_SERVED,
    ALL_SHIPPED,
    ALL_STOCK,
    ASKED,
    AWAITS,
    BACKLOG,
    CONTRACTED,
    COST,
    DEMAND,
    EMISSIONS,
    FILLED,
    FIXED,
    FIXED_COST,
    IN_TRANSIT,
    INTERNAL,
    INTERNAL_INCOME,
    KEPT,
    LIMIT,
    LOST_DEMAND,
    MET,
    MET_AT_ONCE,
    ORDERED,
    OVERDUE,
    OWED,
    OWES,
    PLACES,
    POSITION,
    PROCURED,
    PROCUREMENT,
    PRODUCED,
    PROFIT,
    READY,
    RECEIVED,
    RESIDUAL,
    RETAIL,
    RETAIL_INCOME,
    SERVED,
    SHIPPED,
    SHORT,
    SHORTAGE,
    STOCK,
    STORAGE,
    STORED,
    STRIDE,
    TRANSIT,
    Chain,
    Paths,
)
from esc_sim.rules.replenish import is_review

_LAST_OF_SERVICE = 6


def open_books(chain: Chain, paths: Paths, now: NDArray, slot: int, n: int) -> None:
    """Clear what belongs to one period, take in arrivals, charge for storage, set the sellable limits."""
    goods = paths.goods
    for k in range(now.shape[0]):
        rows.clear(now[k], n)
    for node in range(paths.money.shape[0]):
        for k in range(paths.money.shape[1]):
            rows.clear(paths.money[node, k], n)
    for k in range(chain.bought_items.shape[0]):
        i = chain.bought_items[k]
        rows.receive(paths.ring[slot, i], goods[i, TRANSIT], goods[i, STOCK], now[RECEIVED], n)


def produce(chain: Chain, paths: Paths, now: NDArray, draws: NDArray, n: int) -> None:
    """Sources make goods."""
    for k in range(chain.sources.shape[0]):
        source = chain.sources[k]
        item = chain.items[source.item]
        rows.produce(
            source.loc, source.scale, item.target, item.emissions, chain.offset, draws[source.column],
            paths.goods[source.item, STOCK], now[PRODUCED], now[EMISSIONS], n,
        )  # fmt: skip


def charge_storage(chain: Chain, paths: Paths, n: int) -> None:
    """Charge for what is on hand, and then for what is on its way."""
    goods, money = paths.goods, paths.money
    for i in range(goods.shape[0]):
        item = chain.items[i]
        rows.charge(money[item.node, STORAGE], item.holding_cost, goods[i, STOCK], n)
    if chain.transit_charged != 0:
        for i in range(goods.shape[0]):
            rows.charge(
                money[chain.items[i].node, STORAGE], chain.in_transit_holding_cost[i], goods[i, TRANSIT], n
            )


def offer(chain: Chain, paths: Paths, n: int) -> None:
    """Set the sellable limits."""
    for i in range(paths.goods.shape[0]):
        goods = paths.goods[i]
        rows.offer(chain.items[i].safety, chain.items[i].capacity, goods[STOCK], goods[LIMIT], n)
        if chain.tally != 0:
            rows.clear(goods[ASKED], n)
            rows.clear(goods[FILLED], n)


def plan_drawn(chain: Chain, paths: Paths, now: NDArray, draws: NDArray, n: int) -> None:
    """Orders that are drawn."""
    for k in range(chain.orders.shape[0]):
        orders = chain.orders[k]
        i = orders.item
        goods = paths.goods[i]
        wanted = goods[RESIDUAL]
        rows.plan_drawn(
            orders.loc, orders.scale, orders.target, chain.feedback, chain.offset, draws[orders.column], goods[STOCK],
            wanted, n,
        )  # fmt: skip
        if chain.order_terms != 0:
            rows.size(chain.minimum[i], chain.order_multiple[i], wanted, n)
        place_order(chain, paths, now, i, n)


def plan_by_position(chain: Chain, paths: Paths, now: NDArray, period: int, i: np.uint32, n: int) -> None:
    """Orders that follow from the inventory position."""
    goods = paths.goods[i]
    wanted = goods[RESIDUAL]
    if is_review(period, chain.first_review[i], chain.review_every[i]):
        position = goods[POSITION]
        rows.look(
            chain.items[i].safety, goods[STOCK], goods[TRANSIT], goods[AWAITS], goods[BACKLOG], goods[OWES], position, n
        )
        rows.plan_by_rule(chain.rule[i], chain.parameters[i], position, wanted, n)
        rows.size(chain.minimum[i], chain.order_multiple[i], wanted, n)
    else:
        rows.clear(wanted, n)
    place_order(chain, paths, now, i, n)


def place_order(chain: Chain, paths: Paths, now: NDArray, i: np.uint32, n: int) -> None:
    """Note what an item orders, and what placing it costs."""
    goods, money = paths.goods[i], paths.money[chain.items[i].node, FIXED]
    rows.order(chain.fixed_cost[i], goods[RESIDUAL], goods[ORDERED], money, now[ALL_ORDERED], n)


def serve(chain: Chain, paths: Paths, now: NDArray, draws: NDArray, period: int, n: int) -> None:
    """Customers ask, and are served."""
    backorder = chain.backorder
    for k in range(chain.customers.shape[0]):
        customers = chain.customers[k]
        goods, money = paths.goods[customers.item], paths.money[customers.node]
        asked, filled, backlog, served = goods[ASKED], goods[FILLED], goods[BACKLOG], goods[SERVED]
        rows.ask(customers.loc, customers.scale, chain.offset, draws[customers.column], asked, now[DEMAND], n)
        rows.serve(
            customers.price, customers.shortage_cost, chain.partial_demand, backorder, asked, backlog, goods[LIMIT],
            goods[STOCK], served, filled, money[RETAIL], money[SHORTAGE], n,
        )  # fmt: skip
        rows.count_served(
            backorder, asked, filled, backlog, served, now[MET], now[READY], now[MET_AT_ONCE], now[ALL_SERVED], n
        )
        if backorder != 0:
            rows.add(now[ALL_BACKLOG], backlog, n)
        if period >= chain.warm_up and paths.service.shape[0] > 0:
            rows.keep_service(backorder, asked, filled, backlog, paths.service[k], n)
            if backorder != 0:
                rows.add(now[OVERDUE], paths.service[k, _LAST_OF_SERVICE], n)


def keep_owed(chain: Chain, paths: Paths, n: int) -> None:
    """Suppliers keep goods for what they owe, in the order of places, before any market opens."""
    place, rest, kept = 0, paths.scratch[0], paths.scratch[1]
    while place < chain.arcs.shape[0]:
        supplier = chain.arcs[place].supplier
        limit = paths.goods[supplier, LIMIT]
        rows.begin_keeping(limit, rest, kept, n)
        while place < chain.arcs.shape[0] and chain.arcs[place].supplier == supplier:
            trade = paths.trade[place]
            rows.keep_for(chain.arcs[place].cap, trade[OWED], rest, trade[KEPT], kept, n)
            place += 1
        rows.end_keeping(limit, rest, kept, n)


def trade(chain: Chain, paths: Paths, now: NDArray, period: int, slot: int, n: int) -> None:
    """Market by market: orders by position, what is owed, bids and answers."""
    goods, amount = paths.goods, paths.scratch[0]
    for market in range(chain.market_start.shape[0] - 1):
        for k in range(chain.late_start[market], chain.late_start[market + 1]):
            plan_by_position(chain, paths, now, period, chain.late_items[k], n)
        first, last = chain.market_start[market], chain.market_start[market + 1]
        if chain.owing != 0:
            for k in range(first, last):
                place = chain.places[k]
                arc, of_arc = chain.arcs[place], paths.trade[place]
                kept = of_arc[KEPT]
                rows.settle_owed(kept, of_arc[OWED], goods[arc.supplier, OWES], goods[arc.buyer, AWAITS], n)
                sell(chain, paths, now, place, kept, period, slot, n)
        for k in range(first, last):
            place = chain.places[k]
            arc = chain.arcs[place]
            seller, buyer = goods[arc.supplier], goods[arc.buyer]
            rows.bid(
                arc.cap, paths.trade[place, KEPT], buyer[RESIDUAL], seller[LIMIT], amount, seller[ASKED],
                seller[FILLED], n,
            )  # fmt: skip
            sell(chain, paths, now, place, amount, period, slot, n)
        if chain.tally != 0:
            for k in range(first, last):
                place = chain.places[k]
                arc = chain.arcs[place]
                residual = goods[arc.buyer, RESIDUAL]
                rows.add(goods[arc.supplier, ASKED], residual, n)
                if chain.owing != 0:
                    owed = paths.trade[place, OWED]
                    rows.owe(residual, owed, goods[arc.supplier, OWES], goods[arc.buyer, AWAITS], n)


def sell(
    chain: Chain, paths: Paths, now: NDArray, place: np.uint32, amount: NDArray, period: int, slot: int, n: int
) -> None:
    """Goods leave on an arc; beyond the horizon they stay on their way."""
    arc = chain.arcs[place]
    delay = np.int64(arc.delay)
    if period + delay < chain.horizon:
        arrival = slot + delay
        arrival = arrival - paths.ring.shape[0] if arrival >= paths.ring.shape[0] else arrival
        rows.add(paths.ring[arrival, arc.buyer], amount, n)
    rows.sell(
        arc.price, arc.unit_cost, arc.emissions, amount, paths.goods[arc.supplier, STOCK],
        paths.goods[arc.buyer, TRANSIT], paths.trade[place, SHIPPED], paths.money[arc.supplier_node, INTERNAL],
        paths.money[arc.buyer_node, PROCUREMENT], now[EMISSIONS], now[ALL_SHIPPED], n,
    )  # fmt: skip


def settle(chain: Chain, paths: Paths, now: NDArray, period: int, n: int) -> None:
    """Close the books of the period."""
    goods, money = paths.goods, paths.money
    if chain.at_review == 0:
        charge_storage(chain, paths, n)
    for i in range(goods.shape[0]):
        if chain.owing != 0:
            rows.charge(money[chain.items[i].node, SHORTAGE], chain.backorder_cost[i], goods[i, OWES], n)
        if chain.tally != 0 and period >= chain.warm_up:
            own = goods[i]
            rows.keep_tally(own[ASKED], own[FILLED], own[ORDERED], own[STOCK], paths.tally[i], n)
        rows.add(now[ALL_STOCK], goods[i, STOCK], n)
        rows.add(now[IN_TRANSIT], goods[i, TRANSIT], n)
    for node in range(money.shape[0]):
        own = money[node]
        rows.close_node(
            own[RETAIL], own[INTERNAL], own[PROCUREMENT], own[STORAGE], own[SHORTAGE], own[FIXED], now[COST],
            now[PROFIT], n,
        )  # fmt: skip
        rows.add(now[RETAIL_INCOME], own[RETAIL], n)
        rows.add(now[INTERNAL_INCOME], own[INTERNAL], n)
        rows.add(now[PROCURED], own[PROCUREMENT], n)
        rows.add(now[STORED], own[STORAGE], n)
        rows.add(now[SHORT], own[SHORTAGE], n)
        rows.add(now[FIXED_COST], own[FIXED], n)
    rows.add(now[CONTRACTED], now[ALL_SHIPPED], n)
    if chain.backorder == 0:
        rows.close_demand(now[DEMAND], now[ALL_SERVED], now[MET_AT_ONCE], now[LOST_DEMAND], now[MET], now[READY], n)
    rows.share(now[MET], chain.customers.shape[0], n)
    rows.share(now[READY], chain.customers.shape[0], n)


def run_period(chain: Chain, paths: Paths, now: NDArray, draws: NDArray, period: int, slot: int, n: int) -> None:
    """One review period of n paths.

    Args:
        chain: the network.
        paths: their rows.
        now: totals of the period, [24, W]; written.
        draws: the period's row of the tape, [S + 1, W].
        period: its number.
        slot: its slot in the ring of arrivals.
        n: paths that are in use.
    """
    open_books(chain, paths, now, slot, n)
    produce(chain, paths, now, draws, n)
    if chain.at_review != 0:
        charge_storage(chain, paths, n)
    offer(chain, paths, n)
    plan_drawn(chain, paths, now, draws, n)
    for k in range(chain.early_items.shape[0]):
        plan_by_position(chain, paths, now, period, chain.early_items[k], n)
    serve(chain, paths, now, draws, period, n)
    if chain.owing != 0:
        keep_owed(chain, paths, n)
    trade(chain, paths, now, period, slot, n)
    settle(chain, paths, now, period, n)


def read_draws(tape: NDArray, first: int, count: int, draws: NDArray) -> None:
    """Turn some periods of the tape, so that paths stand side by side."""
    for r in range(tape.shape[0]):
        for b in range(count):
            for c in range(tape.shape[2]):
                draws[b, c, r] = tape[r, first + b, c]


def write_totals(totals: NDArray, periods: NDArray, replication: int, period: int, count: int, n: int) -> None:
    """Write the totals of some periods, path by path."""
    for k in range(totals.shape[1]):
        place = PLACES[k]
        for r in range(n):
            for b in range(count):
                periods[place, replication + r, period + b] = totals[b, k, r]


def add_stock(goods: NDArray, total: NDArray, n: int) -> None:
    """Sum each item's stock over paths, one after the other."""
    for i in range(goods.shape[0]):
        level = total[i]
        for r in range(n):
            level += goods[i, STOCK, r]
        total[i] = level


def walk(
    chain: Chain, paths: Paths, tape: NDArray, periods: NDArray, stock: NDArray, replication: int, first: int
) -> None:
    """Play some periods of a strip of paths.

    Args:
        chain: the network.
        paths: rows of the strip, as the periods before have left them.
        tape: float64[n, T, S] of these paths and periods.
        periods: float64[34, R, all T]; written.
        stock: float64[all T, I], added to; no periods where it is not asked for.
        replication: place of the strip's first path.
        first: number of the first period.
    """
    n, count = tape.shape[0], tape.shape[1]
    slot = first % paths.ring.shape[0]
    for begin in range(0, count, STRIDE):
        some = min(STRIDE, count - begin)
        read_draws(tape, begin, some, paths.draws)
        for b in range(some):
            period = first + begin + b
            run_period(chain, paths, paths.totals[b], paths.draws[b], period, slot, n)
            slot = slot + 1 if slot + 1 < paths.ring.shape[0] else 0
            if stock.shape[0] > 0:
                add_stock(paths.goods, stock[period], n)
        write_totals(paths.totals, periods, replication, first + begin, some, n)

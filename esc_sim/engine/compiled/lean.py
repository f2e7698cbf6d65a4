"""Steps of a review period for many paths side by side, where each item has one supplier and nothing goes wrong.

A period is a list of steps, each of an item, an arc, a customer or a node, in the order in which ``phases`` and
``trade`` take them; these stay the measure of it: same numbers, to the bit.
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
    BEGIN_KEEPING,
    BID,
    CHARGE_OWED,
    CHARGE_STOCK,
    CHARGE_TRANSIT,
    CLOSE_NODE,
    CONTRACTED,
    COST,
    COUNT_GOODS,
    DEMAND,
    EMISSIONS,
    FILLED,
    FIXED,
    FIXED_COST,
    IN_TRANSIT,
    INTERNAL,
    INTERNAL_INCOME,
    KEEP,
    KEEP_FOR_ONE,
    KEPT,
    LIMIT,
    LOST_DEMAND,
    MET,
    MET_AT_ONCE,
    OFFER,
    ORDERED,
    OVERDUE,
    OWE,
    OWED,
    OWES,
    PLAN,
    PLAN_DRAWN,
    POSITION,
    PROCURED,
    PROCUREMENT,
    PRODUCE,
    PRODUCED,
    PROFIT,
    PROMISE,
    READY,
    RECEIVE,
    RECEIVED,
    RESIDUAL,
    RETAIL,
    RETAIL_INCOME,
    SERVE,
    SHIPPED,
    SHORT,
    SHORTAGE,
    STOCK,
    STORAGE,
    STORED,
    STRIDE,
    TALLY,
    TRANSIT,
    Chain,
    Paths,
)
from esc_sim.rules.replenish import is_review


def _plan(chain: Chain, paths: Paths, now: NDArray, draws: NDArray, period: int, k: int, drawn: bool, n: int) -> None:
    """An item's order: drawn, or from its inventory position."""
    i = np.int64(chain.orders[k].item) if drawn else k
    goods, item = paths.goods[i], chain.items[i]
    wanted = goods[RESIDUAL]
    if drawn:
        law = chain.orders[k]
        rows.plan_drawn(
            law.loc, law.scale, law.target, chain.feedback, chain.offset, draws[law.column], goods[STOCK], wanted, n
        )
    elif is_review(period, chain.first_review[i], chain.review_every[i]):
        rows.look(
            item.safety, goods[STOCK], goods[TRANSIT], goods[AWAITS], goods[BACKLOG], goods[OWES], goods[POSITION], n
        )
        rows.plan_by_rule(chain.rule[i], chain.parameters[i], goods[POSITION], wanted, n)
    else:
        rows.clear(wanted, n)
    if chain.order_multiple[i] > 0.0:
        rows.size(chain.minimum[i], chain.order_multiple[i], wanted, n)
    money = paths.money[item.node, FIXED]
    rows.order(chain.minimum[i], chain.fixed_cost[i], wanted, goods[ORDERED], money, now[ALL_ORDERED], n)


def _serve(chain: Chain, paths: Paths, now: NDArray, draws: NDArray, period: int, k: int, n: int) -> None:
    """Customers of an item ask, and are served."""
    law = chain.customers[k]
    goods, money, short = paths.goods[law.item], paths.money[law.node], paths.scratch[0]
    asked, filled, backlog = goods[ASKED], goods[FILLED], goods[BACKLOG]
    rows.serve(
        law.loc, law.scale, chain.offset, law.price, law.shortage_cost, chain.partial_demand, draws[law.column], asked,
        filled, backlog, goods[LIMIT], goods[STOCK], money[RETAIL], money[SHORTAGE], now[DEMAND], now[ALL_SERVED],
        now[MET], short, n,
    )  # fmt: skip
    if chain.backorder != 0:
        rows.wait(short, filled, backlog, now[MET_AT_ONCE], now[READY], now[ALL_BACKLOG], n)
    if period >= chain.warm_up and paths.service.shape[0] > 0:
        s = paths.service[k]
        rows.keep_service(
            chain.backorder, asked, filled, backlog, s[0], s[1], s[2], s[3], s[4], s[5], s[6], now[OVERDUE], n
        )


def _send(chain: Chain, paths: Paths, now: NDArray, period: int, slot: int, k: int, owed: bool, n: int) -> None:
    """Goods leave on an arc: those kept for what is owed, or what is accepted of a new order."""
    arc, trade = chain.arcs[k], paths.trade[k]
    seller, buyer = paths.goods[arc.supplier], paths.goods[arc.buyer]
    income, paid = paths.money[arc.supplier_node, INTERNAL], paths.money[arc.buyer_node, PROCUREMENT]
    delay = np.int64(arc.delay)
    ring = paths.scratch[0]  # beyond the horizon goods stay on their way
    if period + delay < chain.horizon:
        arrival = slot + delay
        ring = paths.ring[arrival - paths.ring.shape[0] if arrival >= paths.ring.shape[0] else arrival, arc.buyer]
    if owed:
        rows.promise(
            arc.price, arc.unit_cost, arc.emissions, trade[KEPT], trade[OWED], seller[OWES], buyer[AWAITS],
            seller[STOCK], buyer[TRANSIT], ring, trade[SHIPPED], income, paid, now[EMISSIONS], now[ALL_SHIPPED], n,
        )  # fmt: skip
    else:
        rows.bid(
            arc.cap, arc.price, arc.unit_cost, arc.emissions, trade[KEPT], buyer[RESIDUAL], seller[LIMIT],
            seller[ASKED], seller[FILLED], seller[STOCK], buyer[TRANSIT], ring, trade[SHIPPED], income, paid,
            now[EMISSIONS], now[ALL_SHIPPED], n,
        )  # fmt: skip


def _keep_owed(chain: Chain, paths: Paths, step: int, k: int, n: int) -> None:
    """A supplier keeps goods for what it owes."""
    rest, kept = paths.scratch[0], paths.scratch[1]
    if step == KEEP:
        rows.keep_for(chain.arcs[k].cap, paths.trade[k, OWED], rest, paths.trade[k, KEPT], kept, n)
    elif step == KEEP_FOR_ONE:
        arc, trade = chain.arcs[k], paths.trade[k]
        rows.keep_for_one(arc.cap, trade[OWED], paths.goods[arc.supplier, LIMIT], trade[KEPT], n)
    elif step == BEGIN_KEEPING:
        rows.begin_keeping(paths.goods[k, LIMIT], rest, kept, n)
    else:
        rows.end_keeping(paths.goods[k, LIMIT], rest, kept, n)


def _charge(chain: Chain, paths: Paths, step: int, i: int, n: int) -> None:
    """Charge for what an item has on hand, on its way, or owes."""
    goods, money = paths.goods[i], paths.money[chain.items[i].node]
    if step == CHARGE_STOCK:
        rows.charge(money[STORAGE], chain.items[i].holding_cost, goods[STOCK], n)
    elif step == CHARGE_TRANSIT:
        rows.charge(money[STORAGE], chain.in_transit_holding_cost[i], goods[TRANSIT], n)
    else:
        rows.charge(money[SHORTAGE], chain.backorder_cost[i], goods[OWES], n)


def run_step(
    chain: Chain, paths: Paths, now: NDArray, draws: NDArray, period: int, slot: int, step: int, k: int, n: int
) -> None:
    """One step of a period.

    Args:
        chain: the network.
        paths: rows of n paths.
        now: totals of the period, [34, W].
        draws: the period's row of the tape, [S + 1, W].
        period: its number.
        slot: its slot in the ring of arrivals.
        step: what is done.
        k: the item, arc, customer or node.
        n: paths that are in use.
    """
    goods = paths.goods
    if step in (PLAN, PLAN_DRAWN):
        _plan(chain, paths, now, draws, period, k, step == PLAN_DRAWN, n)
    elif step in (PROMISE, BID):
        _send(chain, paths, now, period, slot, k, step == PROMISE, n)
    elif step == OWE:
        seller, buyer = goods[chain.arcs[k].supplier], goods[chain.arcs[k].buyer]
        if chain.owing != 0:
            rows.owe(buyer[RESIDUAL], seller[ASKED], paths.trade[k, OWED], seller[OWES], buyer[AWAITS], n)
        else:
            rows.add(seller[ASKED], buyer[RESIDUAL], n)
    elif step == OFFER:
        own, item = goods[k], chain.items[k]
        rows.offer(item.safety, item.capacity, own[STOCK], own[LIMIT], own[ASKED], own[FILLED], n)
    elif step == RECEIVE:
        rows.receive(paths.ring[slot, k], goods[k, TRANSIT], goods[k, STOCK], now[RECEIVED], n)
    elif step == PRODUCE:
        source = chain.sources[k]
        item = chain.items[source.item]
        rows.produce(
            source.loc, source.scale, item.target, item.emissions, chain.offset, draws[source.column],
            goods[source.item, STOCK], now[PRODUCED], now[EMISSIONS], n,
        )  # fmt: skip
    elif step == SERVE:
        _serve(chain, paths, now, draws, period, k, n)
    elif step == TALLY:
        own, s = goods[k], paths.tally[k]
        if period >= chain.warm_up:
            rows.keep_tally(
                own[ASKED], own[FILLED], own[ORDERED], own[STOCK], s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], n
            )
    elif step == COUNT_GOODS:
        rows.count_goods(goods[k, STOCK], goods[k, TRANSIT], now[ALL_STOCK], now[IN_TRANSIT], n)
    elif step == CLOSE_NODE:
        own = paths.money[k]
        rows.close_node(
            own[RETAIL], own[INTERNAL], own[PROCUREMENT], own[STORAGE], own[SHORTAGE], own[FIXED], now[COST],
            now[PROFIT], now[RETAIL_INCOME], now[INTERNAL_INCOME], now[PROCURED], now[STORED], now[SHORT],
            now[FIXED_COST], n,
        )  # fmt: skip
    elif step in (CHARGE_STOCK, CHARGE_TRANSIT, CHARGE_OWED):
        _charge(chain, paths, step, k, n)
    else:
        _keep_owed(chain, paths, step, k, n)


def _read_draws(tape: NDArray, first: int, count: int, draws: NDArray) -> None:
    """Turn some periods of the tape, so that paths stand side by side."""
    for r in range(tape.shape[0]):
        for b in range(count):
            for c in range(tape.shape[2]):
                draws[b, c, r] = tape[r, first + b, c]


def _write_totals(totals: NDArray, periods: NDArray, replication: int, period: int, count: int, n: int) -> None:
    """Write the totals of some periods, path by path."""
    for r in range(n):
        for b in range(count):
            row = periods[replication + r, period + b]
            for k in range(totals.shape[1]):
                row[k] = totals[b, k, r]


def _add_stock(goods: NDArray, total: NDArray, n: int) -> None:
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
        periods: float64[R, all T, 34]; written.
        stock: float64[all T, I], added to; no periods where it is not asked for.
        replication: place of the strip's first path.
        first: number of the first period.
    """
    n, count = tape.shape[0], tape.shape[1]
    slot = first % paths.ring.shape[0]
    for begin in range(0, count, STRIDE):
        some = min(STRIDE, count - begin)
        _read_draws(tape, begin, some, paths.draws)
        for b in range(some):
            period, now = first + begin + b, paths.totals[b]
            for k in range(now.shape[0]):
                rows.clear(now[k], n)
            for s in range(chain.steps.shape[0]):
                run_step(chain, paths, now, paths.draws[b], period, slot, chain.steps[s, 0], chain.steps[s, 1], n)
            rows.add(now[CONTRACTED], now[ALL_SHIPPED], n)
            rows.close_demand(
                chain.backorder, chain.customers.shape[0], now[DEMAND], now[ALL_SERVED], now[MET_AT_ONCE],
                now[LOST_DEMAND], now[MET], now[READY], n,
            )  # fmt: skip
            slot = slot + 1 if slot + 1 < paths.ring.shape[0] else 0
            if stock.shape[0] > 0:
                _add_stock(paths.goods, stock[period], n)
        _write_totals(paths.totals, periods, replication, first + begin, some, n)

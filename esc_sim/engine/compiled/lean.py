"""Steps of a review period for many paths side by side, where each item has one supplier and nothing goes wrong.

A period is a list of steps, each of an item, an arc, a customer or a node, in the order in which ``phases`` and
``trade`` take them; these stay the measure of it: same numbers, to the bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.behaviours.replenish import is_review
from esc_sim.engine.compiled import lean_rows as rows
from esc_sim.engine.compiled import lean_trade
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
    COLUMNS,
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
    TOGETHER,
    TRANSIT,
    Chain,
    Paths,
)
from esc_sim.engine.compiled.lean_pointer import row


def _plan(chain: Chain, paths: Paths, period: int, b: int, k: int, drawn: bool, n: int) -> None:
    """An item's order: drawn, or from its inventory position."""
    i: Any = np.int64(chain.orders[k].item) if drawn else k
    goods, given, item, policy = paths.goods, chain.goods[i], chain.items[i], chain.policies[i]
    wanted = row(goods, i, RESIDUAL)
    if drawn:
        law = chain.orders[k]
        rows.plan_drawn(
            law.loc, law.scale, given.target_stock, chain.feedback, chain.offset, row(paths.draws, b, law.column),
            row(goods, i, STOCK), wanted, n,
        )  # fmt: skip
    elif is_review(period, policy.first_review, policy.review_every):
        position = row(goods, i, POSITION)
        rows.look(
            given.safety_stock, row(goods, i, STOCK), row(goods, i, TRANSIT), row(goods, i, AWAITS),
            row(goods, i, BACKLOG), row(goods, i, OWES), position, n,
        )  # fmt: skip
        rows.plan_by_rule(policy.rule, chain.parameters[i], position, wanted, n)
    else:
        rows.clear(wanted, n)
    if item.order_multiple > 0.0:
        rows.size(item.minimum, item.order_multiple, wanted, n)
    rows.order(
        item.minimum, item.fixed_cost, wanted, row(goods, i, ORDERED), row(paths.money, given.node, FIXED),
        row(paths.totals, b, ALL_ORDERED), n,
    )  # fmt: skip


def _serve(chain: Chain, paths: Paths, period: int, b: int, k: int, n: int) -> None:
    """Customers of an item ask, and are served."""
    goods, money, now, sums = paths.goods, paths.money, paths.totals, paths.service
    law, short = chain.customers[k], row(paths.scratch, 0, 0)
    i = law.item
    node = chain.goods[i].node
    asked, filled, backlog = row(goods, i, ASKED), row(goods, i, FILLED), row(goods, i, BACKLOG)
    rows.serve(
        law.loc, law.scale, chain.offset, law.retail_price, law.shortage_cost, chain.partial_demand,
        row(paths.draws, b, law.column), asked, filled, backlog, row(goods, i, LIMIT), row(goods, i, STOCK),
        row(money, node, RETAIL), row(money, node, SHORTAGE), row(now, b, DEMAND), row(now, b, ALL_SERVED),
        row(now, b, MET), short, n,
    )  # fmt: skip
    if chain.backorder != 0:
        rows.wait(short, filled, backlog, row(now, b, MET_AT_ONCE), row(now, b, READY), row(now, b, ALL_BACKLOG), n)
    if period >= chain.warm_up and sums.shape[0] > 0:
        rows.keep_service(
            chain.backorder, asked, filled, backlog, row(sums, k, 0), row(sums, k, 1), row(sums, k, 2),
            row(sums, k, 3), row(sums, k, 4), row(sums, k, 5), row(sums, k, 6), row(now, b, OVERDUE), n,
        )  # fmt: skip


def _send(chain: Chain, paths: Paths, period: int, slot: int, b: int, k: int, owed: bool, n: int) -> None:
    """Goods leave on an arc: those kept for what is owed, or what is accepted of a new order."""
    arc, trade, goods, now = chain.arcs[k], paths.trade, paths.goods, paths.totals
    seller, buyer = arc.supplier, arc.buyer
    stock, transit, kept = row(goods, seller, STOCK), row(goods, buyer, TRANSIT), row(trade, k, KEPT)
    income, paid = row(paths.money, arc.supplier_node, INTERNAL), row(paths.money, arc.buyer_node, PROCUREMENT)
    shipped, emitted, total = row(trade, k, SHIPPED), row(now, b, EMISSIONS), row(now, b, ALL_SHIPPED)
    delay: Any = np.int64(arc.delay)
    ring = row(paths.scratch, 0, 0)  # beyond the horizon goods stay on their way
    if period + delay < chain.horizon:
        arrival = slot + delay
        ring = row(paths.ring, arrival - paths.ring.shape[0] if arrival >= paths.ring.shape[0] else arrival, buyer)
    if owed:
        lean_trade.promise(
            arc.price, arc.unit_cost, arc.emissions, kept, row(trade, k, OWED), row(goods, seller, OWES),
            row(goods, buyer, AWAITS), stock, transit, ring, shipped, income, paid, emitted, total, n,
        )  # fmt: skip
    else:
        lean_trade.bid(
            arc.cap, arc.price, arc.unit_cost, arc.emissions, kept, row(goods, buyer, RESIDUAL),
            row(goods, seller, LIMIT), row(goods, seller, ASKED), row(goods, seller, FILLED), stock, transit, ring,
            shipped, income, paid, emitted, total, n,
        )  # fmt: skip


def _keep_owed(chain: Chain, paths: Paths, step: int, k: int, n: int) -> None:
    """A supplier keeps goods for what it owes."""
    rest, kept, trade = row(paths.scratch, 0, 0), row(paths.scratch, 0, 1), paths.trade
    if step == KEEP:
        lean_trade.keep_for(chain.arcs[k].cap, row(trade, k, OWED), rest, row(trade, k, KEPT), kept, n)
    elif step == KEEP_FOR_ONE:
        arc = chain.arcs[k]
        lean_trade.keep_for_one(
            arc.cap, row(trade, k, OWED), row(paths.goods, arc.supplier, LIMIT), row(trade, k, KEPT), n
        )
    elif step == BEGIN_KEEPING:
        lean_trade.begin_keeping(row(paths.goods, k, LIMIT), rest, kept, n)
    else:
        lean_trade.end_keeping(row(paths.goods, k, LIMIT), rest, kept, n)


def _charge(chain: Chain, paths: Paths, step: int, i: int, n: int) -> None:
    """Charge for what an item has on hand, on its way, or owes."""
    goods, money, node = paths.goods, paths.money, chain.goods[i].node
    if step == CHARGE_STOCK:
        rows.charge(row(money, node, STORAGE), chain.goods[i].holding_cost, row(goods, i, STOCK), n)
    elif step == CHARGE_TRANSIT:
        rows.charge(row(money, node, STORAGE), chain.items[i].in_transit_holding_cost, row(goods, i, TRANSIT), n)
    else:
        rows.charge(row(money, node, SHORTAGE), chain.items[i].backorder_cost, row(goods, i, OWES), n)


def _owe(chain: Chain, paths: Paths, k: int, n: int) -> None:
    """A supplier was asked for what it did not accept, and owes it where the scenario says so."""
    goods, seller, buyer = paths.goods, chain.arcs[k].supplier, chain.arcs[k].buyer
    asked, residual = row(goods, seller, ASKED), row(goods, buyer, RESIDUAL)
    if chain.owing != 0:
        lean_trade.owe(
            residual, asked, row(paths.trade, k, OWED), row(goods, seller, OWES), row(goods, buyer, AWAITS), n
        )
    else:
        rows.add(asked, residual, n)


def _produce(chain: Chain, paths: Paths, b: int, k: int, n: int) -> None:
    """A source makes goods."""
    law, now = chain.sources[k], paths.totals
    i = law.item
    given = chain.goods[i]
    rows.produce(
        law.loc, law.scale, given.target_stock, given.emissions, chain.offset,
        row(paths.draws, b, law.column), row(paths.goods, i, STOCK), row(now, b, PRODUCED),
        row(now, b, EMISSIONS), n,
    )  # fmt: skip


def _keep_tally(paths: Paths, i: int, n: int) -> None:
    """Sums of what an item was asked for."""
    goods, sums = paths.goods, paths.tally
    rows.keep_tally(
        row(goods, i, ASKED), row(goods, i, FILLED), row(goods, i, ORDERED), row(goods, i, STOCK), row(sums, i, 0),
        row(sums, i, 1), row(sums, i, 2), row(sums, i, 3), row(sums, i, 4), row(sums, i, 5), row(sums, i, 6),
        row(sums, i, 7), n,
    )  # fmt: skip


def _close_node(paths: Paths, b: int, node: int, n: int) -> None:
    """A node's money of the period."""
    money, now = paths.money, paths.totals
    rows.close_node(
        row(money, node, RETAIL), row(money, node, INTERNAL), row(money, node, PROCUREMENT), row(money, node, STORAGE),
        row(money, node, SHORTAGE), row(money, node, FIXED), row(now, b, COST), row(now, b, PROFIT),
        row(now, b, RETAIL_INCOME), row(now, b, INTERNAL_INCOME), row(now, b, PROCURED), row(now, b, STORED),
        row(now, b, SHORT), row(now, b, FIXED_COST), n,
    )  # fmt: skip


def run_step(chain: Chain, paths: Paths, period: int, slot: int, b: int, step: int, k: int, n: int) -> None:
    """One step of a period.

    Args:
        chain: the network.
        paths: rows of n paths.
        period: its number.
        slot: its slot in the ring of arrivals.
        b: its place among the periods whose draws and totals are kept.
        step: what is done.
        k: the item, arc, customer or node.
        n: paths.
    """
    goods, now = paths.goods, paths.totals
    if step in (PLAN, PLAN_DRAWN):
        _plan(chain, paths, period, b, k, step == PLAN_DRAWN, n)
    elif step in (PROMISE, BID):
        _send(chain, paths, period, slot, b, k, step == PROMISE, n)
    elif step == OWE:
        _owe(chain, paths, k, n)
    elif step == OFFER:
        given, asked, filled = chain.goods[k], row(goods, k, ASKED), row(goods, k, FILLED)
        rows.offer(given.safety_stock, given.capacity, row(goods, k, STOCK), row(goods, k, LIMIT), asked, filled, n)
    elif step == RECEIVE:
        transit, stock = row(goods, k, TRANSIT), row(goods, k, STOCK)
        rows.receive(row(paths.ring, slot, k), transit, stock, row(now, b, RECEIVED), n)
    elif step == PRODUCE:
        _produce(chain, paths, b, k, n)
    elif step == SERVE:
        _serve(chain, paths, period, b, k, n)
    elif step == TALLY:
        if period >= chain.warm_up:
            _keep_tally(paths, k, n)
    elif step == COUNT_GOODS:
        stock, transit = row(goods, k, STOCK), row(goods, k, TRANSIT)
        rows.count_goods(stock, transit, row(now, b, ALL_STOCK), row(now, b, IN_TRANSIT), n)
    elif step == CLOSE_NODE:
        _close_node(paths, b, k, n)
    elif step in (CHARGE_STOCK, CHARGE_TRANSIT, CHARGE_OWED):
        _charge(chain, paths, step, k, n)
    else:
        _keep_owed(chain, paths, step, k, n)


def _read_draws(tape: NDArray, first: int, count: int, draws: NDArray) -> None:
    """Turn some periods of the tape, so that paths stand side by side."""
    for b in range(count):
        for c in range(tape.shape[2]):
            drawn = row(draws, b, c)
            for r in range(tape.shape[0]):
                drawn[r] = tape[r, first + b, c]


def _write_totals(totals: NDArray, periods: NDArray, replication: int, period: int, count: int, n: int) -> None:
    """Write the totals of some periods, path by path."""
    for b in range(count):
        for r in range(n):
            written = row(periods, replication + r, period + b)
            for k in range(COLUMNS):
                written[k] = totals[b, k, r]


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
    n, count, now = tape.shape[0], tape.shape[1], paths.totals
    lanes = min(paths.goods.shape[2], (n + TOGETHER - 1) // TOGETHER * TOGETHER)
    slot = first % paths.ring.shape[0]
    for begin in range(0, count, STRIDE):
        some = min(STRIDE, count - begin)
        _read_draws(tape, begin, some, paths.draws)
        for b in range(some):
            period = first + begin + b
            for s in range(chain.steps.shape[0]):
                run_step(chain, paths, period, slot, b, chain.steps[s, 0], chain.steps[s, 1], lanes)
            rows.add(row(now, b, CONTRACTED), row(now, b, ALL_SHIPPED), lanes)
            rows.close_demand(
                chain.backorder, chain.customers.shape[0], row(now, b, DEMAND), row(now, b, ALL_SERVED),
                row(now, b, MET_AT_ONCE), row(now, b, LOST_DEMAND), row(now, b, MET), row(now, b, READY), lanes,
            )  # fmt: skip
            slot = slot + 1 if slot + 1 < paths.ring.shape[0] else 0
            if stock.shape[0] > 0:
                _add_stock(paths.goods, stock[period], n)
        _write_totals(now, periods, replication, first + begin, some, n)
        rows.clear(row(now, 0, 0), now.size)

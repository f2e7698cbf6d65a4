"""What the lean loop reads and writes: every number of an item, node or arc is a row of W paths (replications)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from esc_sim.behaviours.switches import STORAGE_AT_REVIEW
from esc_sim.engine.compiled.arrays import Ints, Net
from esc_sim.engine.compiled.build import net_of
from esc_sim.engine.compiled.latest import of_latest
from esc_sim.fields.rows import Records
from esc_sim.instance.model import Instance
from esc_sim.instance.rows import customer_rows, goods_rows, item_rows
from esc_sim.results.columns import PERIOD_COLUMNS, SERVICE_COLUMNS, TALLY_COLUMNS

PATHS: Final = 64
"""Paths of a strip: their rows of a small network fit the processor's nearest cache."""
TOGETHER: Final = 16
"""Paths that the processor is given at a time; rows are worked on in multiples of it, the last ones for nothing."""
STRIDE: Final = 2
"""Periods that are kept before they are written, path by path."""

STOCK, TRANSIT, BACKLOG, OWES, AWAITS, RESIDUAL, LIMIT, ORDERED, ASKED, FILLED, POSITION = range(11)
"""Rows of an item. OWES: what it owes its buyers; AWAITS: what its supplier owes it."""
RETAIL, INTERNAL, PROCUREMENT, STORAGE, SHORTAGE, FIXED = range(6)
"""Rows of a node: its money of the period."""
OWED, KEPT, SHIPPED = range(3)
"""Rows of an arc: what is owed on it, what of that is kept for this period, what was shipped in all."""

COLUMNS: Final = len(PERIOD_COLUMNS)
(
    COST, PROFIT, RETAIL_INCOME, INTERNAL_INCOME, PROCURED, STORED, SHORT, FIXED_COST, DEMAND, ALL_SERVED, MET_AT_ONCE,
    LOST_DEMAND, ALL_BACKLOG, OVERDUE, MET, READY, ALL_ORDERED, CONTRACTED, ALL_SHIPPED, PRODUCED, RECEIVED, ALL_STOCK,
    IN_TRANSIT, EMISSIONS,
) = (
    PERIOD_COLUMNS.index(name) for name in (
        "cost", "profit", "retail_income", "internal_income", "procurement", "storage", "shortage_cost", "fixed_cost",
        "demand", "served", "filled", "lost_demand", "backlog", "overdue", "met", "ready", "ordered", "contracted",
        "shipped", "produced", "received", "stock", "in_transit", "emissions",
    )
)  # fmt: skip
"""Columns of a period that may be other than 0 where nothing goes wrong and nothing is made of anything else."""
(
    RECEIVE, PRODUCE, CHARGE_STOCK, CHARGE_TRANSIT, CHARGE_OWED, OFFER, PLAN_DRAWN, PLAN, SERVE, BEGIN_KEEPING, KEEP,
    END_KEEPING, KEEP_FOR_ONE, PROMISE, BID, OWE, TALLY, COUNT_GOODS, CLOSE_NODE,
) = range(19)  # fmt: skip
"""Steps of a period."""


class Chain(NamedTuple):
    """What does not change in a run; all but the steps as in ``engine.compiled.arrays.Net``.

    Attributes:
        steps: [., 2] what is done in a period, in order, and the item, arc, customer or node that it is done for.
        offset: of the grid of goods.
        feedback, backorder, partial_demand, owing: switches of the scenario.
        warm_up, horizon: periods that no statistic counts, and all of them.
        goods, items: [I] Goods and Item, of which only what is given is read.
        sources, orders, customers: laws of production, of orders, and of demand.
        policies, parameters: [I] OrderPolicy, and what the rule of each reads.
        arcs: [A] Arc, by place.
    """

    steps: Ints
    offset: float
    feedback: int
    backorder: int
    partial_demand: int
    owing: int
    warm_up: int
    horizon: int
    goods: Records
    items: Records
    sources: Records
    orders: Records
    customers: Records
    policies: Records
    arcs: Records
    parameters: NDArray[np.float64]


class Paths(NamedTuple):
    """Rows of W paths: what they carry from period to period, and scratch."""

    goods: NDArray[np.float64]
    """[I, 11, W]."""
    ring: NDArray[np.float64]
    """[H, I, W] goods that arrive at review n, in slot n % H."""
    trade: NDArray[np.float64]
    """[A, 3, W]."""
    money: NDArray[np.float64]
    """[N, 6, W]."""
    service: NDArray[np.float64]
    """[C, 7, W] sums by customer, in the order of SERVICE_COLUMNS."""
    tally: NDArray[np.float64]
    """[I, 8, W] sums by item, in the order of TALLY_COLUMNS; no items unless they are kept."""
    draws: NDArray[np.float64]
    """[STRIDE, S + 1, W] the tape of some periods; the last column is 0."""
    totals: NDArray[np.float64]
    """[STRIDE, 34, W + 8] totals of some periods, in the order of PERIOD_COLUMNS; with W alone, rows of the same total
    would meet in the same lines of the cache."""
    scratch: NDArray[np.float64]
    """[1, 2, W]."""


@of_latest
def chain_of(instance: Instance) -> Chain:
    """The instance's arrays as the lean loop reads them."""
    net = net_of(instance)
    own: dict[str, Any] = {
        "goods": goods_rows(instance),
        "items": item_rows(instance),
        "sources": net.sources,
        "orders": net.orders,
    }
    own |= {
        "customers": customer_rows(instance),
        "steps": _steps(net, own["goods"], own["items"], len(instance.customers)),
    }
    for name in ("sources", "orders", "customers"):  # constants read the column of zeros
        own[name] = own[name].copy()
        own[name]["column"] = np.minimum(own[name]["column"], len(instance.columns.names))
    parts: dict[str, Any] = {name: own[name] if name in own else getattr(net, name) for name in Chain._fields}
    # Copies, so that all chains are alike to the compiled loop: arrays that can be written to.
    copies: dict[str, Any] = {n: part.copy() if isinstance(part, np.ndarray) else part for n, part in parts.items()}
    return Chain(**copies)


def _steps(net: Net, goods: Records, rest: Records, customers: int) -> Ints:
    """What is done in a period, in the order of ``phases`` and ``trade``."""
    items, nodes = range(len(goods)), range(len(net.node_start) - 1)
    on_hand, on_way = np.flatnonzero(goods["holding_cost"]), np.flatnonzero(rest["in_transit_holding_cost"])
    storage = [*_all(CHARGE_STOCK, on_hand), *_all(CHARGE_TRANSIT, on_way)]
    at_review = net.holding_cost_timing == STORAGE_AT_REVIEW
    steps = [*_all(RECEIVE, net.bought_items), *_all(PRODUCE, range(len(net.sources)))]
    steps += [*(storage if at_review else ()), *_all(OFFER, items), *_all(PLAN_DRAWN, range(len(net.orders)))]
    steps += [*_all(PLAN, net.early_items), *_all(SERVE, range(customers))]
    if net.owing:
        supplier = net.arcs["supplier"]
        for seller in np.unique(supplier):
            owed = np.flatnonzero(supplier == seller)
            several = [(BEGIN_KEEPING, seller), *_all(KEEP, owed), (END_KEEPING, seller)]
            steps += several if len(owed) > 1 else _all(KEEP_FOR_ONE, owed)
    for market in range(len(net.market_start) - 1):
        places = np.sort(net.pos[net.market_start[market] : net.market_start[market + 1]])
        steps += _all(PLAN, net.late_items[net.late_start[market] : net.late_start[market + 1]])
        steps += [*(_all(PROMISE, places) if net.owing else ()), *_all(BID, places)]
        steps += _all(OWE, places) if net.tally else ()
    steps += () if at_review else storage
    steps += _all(CHARGE_OWED, np.flatnonzero(rest["backorder_cost"])) if net.owing else ()
    steps += [*(_all(TALLY, items) if net.tally else ()), *_all(COUNT_GOODS, items), *_all(CLOSE_NODE, nodes)]
    return np.array(steps, np.int64)


def _all(step: int, which: Iterable[Any]) -> list[tuple[int, int]]:
    return [(step, int(k)) for k in which]


def paths_of(instance: Instance, slots: int) -> Paths:
    """Rows before the first period.

    Args:
        instance: what is run.
        slots: length of the ring of arrivals, in reviews.
    """
    network, width = instance.network, PATHS
    sold, kept = len(instance.customers) if instance.keeps_service else 0, network.item_count if instance.tally else 0
    return Paths(
        goods=np.zeros((network.item_count, POSITION + 1, width)),
        ring=np.zeros((slots, network.item_count, width)),
        trade=np.zeros((network.arc_count, SHIPPED + 1, width)),
        money=np.zeros((network.node_count, FIXED + 1, width)),
        service=np.zeros((sold, len(SERVICE_COLUMNS), width)),
        tally=np.zeros((kept, len(TALLY_COLUMNS), width)),
        draws=np.zeros((STRIDE, len(instance.columns.names) + 1, width)),
        totals=np.zeros((STRIDE, COLUMNS, width + 8)),
        scratch=np.zeros((1, 2, width)),
    )

"""What the lean loop reads and writes: every number of an item, node or arc is a row of W paths (replications)."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.compiled.arrays import Floats, Indices, Ints
from esc_sim.engine.compiled.build import net_of
from esc_sim.engine.compiled.records import Records
from esc_sim.instance.model import Instance
from esc_sim.results.columns import PERIOD_COLUMNS, SERVICE_COLUMNS, TALLY_COLUMNS
from esc_sim.rules.switches import STORAGE_AT_REVIEW

PATHS: Final = 64
"""Paths of a strip: their rows of a small network fit the processor's nearest cache."""
STRIDE: Final = 8
"""Periods that are kept before they are written, so that each path's numbers fill a line of the cache."""

STOCK, TRANSIT, BACKLOG, OWES, AWAITS, RESIDUAL, LIMIT, ORDERED, SERVED, ASKED, FILLED, POSITION = range(12)
"""Rows of an item. OWES: what it owes its buyers; AWAITS: what its supplier owes it."""
RETAIL, INTERNAL, PROCUREMENT, STORAGE, SHORTAGE, FIXED = range(6)
"""Rows of a node: its money of the period."""
OWED, KEPT, SHIPPED = range(3)
"""Rows of an arc: what is owed on it, what of that is kept for this period, what was shipped in all."""

WRITTEN: Final = (
    "cost", "profit", "retail_income", "internal_income", "procurement", "storage", "shortage_cost", "fixed_cost",
    "demand", "served", "filled", "lost_demand", "backlog", "overdue", "met", "ready", "ordered", "contracted",
    "shipped", "produced", "received", "stock", "in_transit", "emissions",
)  # fmt: skip
"""Columns of a period that may be other than 0 where nothing goes wrong and nothing is made of anything else."""
PLACES: Final = tuple(PERIOD_COLUMNS.index(name) for name in WRITTEN)
(
    COST, PROFIT, RETAIL_INCOME, INTERNAL_INCOME, PROCURED, STORED, SHORT, FIXED_COST, DEMAND, ALL_SERVED, MET_AT_ONCE,
    LOST_DEMAND, ALL_BACKLOG, OVERDUE, MET, READY, ALL_ORDERED, CONTRACTED, ALL_SHIPPED, PRODUCED, RECEIVED, ALL_STOCK,
    IN_TRANSIT, EMISSIONS,
) = range(len(WRITTEN))  # fmt: skip


class Chain(NamedTuple):
    """What does not change in a run; records and indices as in ``engine.compiled.arrays.Net``."""

    offset: float
    feedback: int
    at_review: int
    backorder: int
    partial_demand: int
    owing: int
    tally: int
    order_terms: int
    transit_charged: int
    warm_up: int
    horizon: int
    items: Records
    sources: Records
    orders: Records
    customers: Records
    arcs: Records
    rule: Ints
    parameters: NDArray[np.float64]
    review_every: Ints
    first_review: Ints
    minimum: Floats
    order_multiple: Floats
    fixed_cost: Floats
    in_transit_holding_cost: Floats
    backorder_cost: Floats
    early_items: Indices
    late_start: Indices
    late_items: Indices
    bought_items: Indices
    market_start: Indices
    places: Indices
    """[A] places of the arcs, market by market, ascending in each."""


class Paths(NamedTuple):
    """Rows of W paths: what they carry from period to period, and scratch."""

    goods: NDArray[np.float64]
    """[I, 12, W]."""
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
    """[STRIDE, 24, W] totals of some periods, in the order of WRITTEN."""
    scratch: NDArray[np.float64]
    """[2, W]."""


def chain_of(instance: Instance) -> Chain:
    """The instance's arrays as the lean loop reads them."""
    net = net_of(instance)
    bounds = net.market_start.tolist()
    market = [np.sort(net.pos[a:b]) for a, b in zip(bounds, bounds[1:], strict=False)]
    places = np.concatenate([np.empty(0, np.uint32), *market]).astype(np.uint32)
    sources, orders, customers = net.sources.copy(), net.orders.copy(), net.customers.copy()
    for drawn in (sources, orders, customers):  # what does not vary reads the column of zeros
        drawn["column"] = np.minimum(drawn["column"], len(instance.columns.names))
    own = {"at_review": int(net.holding_cost_timing == STORAGE_AT_REVIEW), "places": places}
    own |= {"sources": sources, "orders": orders, "customers": customers}
    return Chain(**{name: own[name] if name in own else getattr(net, name) for name in Chain._fields})


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
        totals=np.zeros((STRIDE, len(WRITTEN), width)),
        scratch=np.zeros((2, width)),
    )

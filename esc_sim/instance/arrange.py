"""Sorting of arcs into buyer lines and of each supplier's bids, once per instance."""

from __future__ import annotations

import numpy as np

from esc_sim.instance.model import ArcNumbers, Lines
from esc_sim.network.model import Network


def arrange(network: Network, arcs: ArcNumbers) -> Lines:
    """Lines of a network at the given prices (see :class:`Lines`).

    Prices and bids are fixed within a run, so each buyer's order of suppliers and each supplier's order of bids are
    too, and the engines never sort whole lists again.
    """
    unit_cost = arcs.price + arcs.other_cost
    rank = unit_cost if arcs.ranking is None else arcs.ranking.of(arcs)
    quick = () if arcs.speed is None or arcs.ranking is not None else (arcs.speed,)
    order = np.lexsort((network.arc_supplier, rank, *quick, arcs.preference, network.arc_buyer, network.arc_market))
    market, buyer, supplier = network.arc_market[order], network.arc_buyer[order], network.arc_supplier[order]
    price = arcs.price[order]
    first_of_line = np.flatnonzero(np.r_[True, (market[1:] != market[:-1]) | (buyer[1:] != buyer[:-1])][: len(order)])
    by_pos = np.lexsort((buyer, -price, arcs.rank[order], arcs.customer_class[order], supplier))
    pos = np.empty(len(order), np.uint32)
    pos[by_pos] = np.arange(len(order), dtype=np.uint32)
    return Lines(
        arc_order=order.astype(np.uint32),
        market_start=np.searchsorted(market[first_of_line], np.arange(len(network.markets) + 1)).astype(np.int64),
        line_item=buyer[first_of_line].astype(np.int64),
        line_start=np.r_[first_of_line, len(order)].astype(np.int64),
        supplier=supplier,
        buyer=buyer,
        price=price,
        unit_cost=unit_cost[order],
        pos=pos,
        by_pos=by_pos.astype(np.uint32),
        supplier_start=np.searchsorted(supplier[by_pos], np.arange(network.item_count + 1)).astype(np.int64),
    )

"""Relations that a cascade makes or strengthens, as arcs of trade.

A competitor that takes the place of a failed partner gets an arc on the terms of the relation that it replaces: price,
further cost, lead time, cap. Buyers ask over new arcs after all their own suppliers; a supplier answers their bids in
the usual order. Arcs that are strengthened carry more by what the supplier's spare capacity adds to its load. Both stay
when the cascade is over.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from copy import copy
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from esc_sim.behaviours.grid import to_grid
from esc_sim.cascade.cascade import RoundRecord
from esc_sim.cascade.state import Net, State
from esc_sim.disruptions.registry import CHANNELS
from esc_sim.results.links import LinkAmounts

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel

_OF_ARCS = (
    "supplier", "cap", "lead_time", "lead_column", "max_lead", "share", "in_order", "customer_class", "bid_class",
    "scenario_arc", "pos",
)  # fmt: skip
"""Lists of the books with an entry for each arc, beside its row; ``lane`` too where there are lanes."""


@dataclass(frozen=True)
class Link:
    """A new arc of trade.

    Attributes:
        since: when it was made, in review periods.
        supplier, buyer: ids of the nodes.
        product: what is traded.
        instead_of: the failed partner.
        arc: its number in the books; ``model.books.arc_total[arc]`` is what has been shipped over it.
    """

    since: float
    supplier: str
    buyer: str
    product: str
    instead_of: str
    arc: int


class Links:
    """What cascades have added to a model's relations of trade.

    Attributes:
        made: the new arcs, in the order in which they were made.
        of_line: by line, its new arcs.
    """

    def __init__(self, model: SupplyChainModel) -> None:
        self.model = model
        self.books = books = model.books
        self.made: list[Link] = []
        self.of_line: dict[int, list[int]] = defaultdict(list)
        spreading = model.instance.spreading
        if spreading is None or not spreading.links_trade:
            return
        self._cap = books.cap.copy()
        """Caps as the scenario has them."""
        starts = model.instance.lines.market_start.tolist()
        self._line = {
            (market, books.line_item[line]): line
            for market, (first, end) in enumerate(pairwise(starts))
            for line in range(first, end)
        }
        self._market = [market for market, (first, end) in enumerate(pairwise(starts)) for _ in range(first, end)]
        self._traded = {(arc.supplier, arc.buyer) for arc in books.arcs}
        self._between: dict[tuple[int, int], list[int]] = defaultdict(list)
        for number, arc in enumerate(books.arcs):
            self._between[arc.supplier_node, arc.buyer_node].append(number)

    def amounts(self) -> LinkAmounts:
        """Units shipped so far over each new arc, by items of its supplier and buyer."""
        arcs, total = self.books.arcs, self.books.arc_total
        made = [link.arc for link in self.made]
        return {(arcs[arc].supplier, arcs[arc].buyer): (float(total[arc]), 1) for arc in made}

    def follow(self, record: RoundRecord, front: list[int], net: Net, state: State) -> None:
        """Take over what a round has made.

        Args:
            record: the round.
            front: nodes whose failure it shed.
            net: the cascade's network.
            state: its state after the round.
        """
        for node in record.affected.tolist():
            self._strengthen(node, front, net, state)
        before = len(self.made)
        for rival, node in record.links.tolist():
            competing = [i for i in front if rival in net.rival_node[net.rival_start[i] : net.rival_start[i + 1]]]
            self._make(rival, node, competing)
        if len(self.made) > before:
            self._sort_bids()

    def _strengthen(self, node: int, front: list[int], net: Net, state: State) -> None:
        """Living partners on the side on which a node has lost load may deal more with it."""
        suppliers = net.in_node[net.in_start[node] : net.in_start[node + 1]]
        customers = net.out_node[net.out_start[node] : net.out_start[node + 1]]
        pairs = [(k, node, k) for k in suppliers.tolist()] if np.isin(front, suppliers).any() else []
        pairs += [(node, k, k) for k in customers.tolist()] if np.isin(front, customers).any() else []
        for supplier, buyer, partner in pairs:
            if net.load0[partner] > 0.0:
                more = 1.0 + float(state.spare[partner] / net.load0[partner])
                for arc in self._between[supplier, buyer]:
                    if self._cap[arc] < inf:
                        cap = to_grid(self._cap[arc] * more, self.books.offset)
                        self.books.cap[arc] = max(self.books.cap[arc], cap)

    def _make(self, rival: int, node: int, competing: list[int]) -> None:
        """New arcs between a node and the competitor of a failed partner: of the failed supplier, else customer."""
        for failed in competing:
            sold, bought = self._between.get((failed, node), []), self._between.get((node, failed), [])
            for arc in sold or bought:
                self._replace(arc, rival, failed, sells=bool(sold))
            if sold or bought:
                return

    def _replace(self, arc: int, rival: int, failed: int, *, sells: bool) -> None:
        """An arc as another, whose supplier (or buyer) has failed, with a competitor in the failed one's place.

        Where the competitor does not have the product, or the two trade it already, there is nothing to make.
        """
        model, books, network = self.model, self.books, self.model.instance.network
        product = int(network.item_product[books.arcs[arc].supplier])
        item, line = network.item_index.get((rival, product)), bisect_right(books.line_start, arc) - 1
        if item is None:
            return
        ends = (item, books.arcs[arc].buyer) if sells else (books.arcs[arc].supplier, item)
        into = line if sells else self._line.get((self._market[line], item))
        if into is None or ends in self._traded:
            return
        self._traded.add(ends)
        added = self._add(arc, ends)
        self.of_line[into].append(added)
        supplier, buyer = (network.node_ids[network.item_node[end]] for end in ends)
        link = Link(model.day, supplier, buyer, network.products[product], network.node_ids[failed], added)
        self.made.append(link)
        model.log_event(f"{supplier} -> {buyer}", f"linked instead of {link.instead_of}", 1.0)

    def _add(self, arc: int, ends: tuple[int, int]) -> int:
        """A new arc with the numbers of another, between these two items (supplier, buyer)."""
        model, books, added = self.model, self.books, len(self.books.arcs)
        for name in _OF_ARCS:
            values = getattr(books, name)
            values.append(values[arc])
        row = copy(books.arcs[arc])
        row.line_arc = added
        row.supplier, row.buyer = ends
        row.supplier_node, row.buyer_node = (books.items[end].node for end in ends)
        books.arcs.append(row)
        books.supplier[-1], books.cap[-1] = row.supplier, self._cap[arc]
        self._cap.append(self._cap[arc])
        if books.lane:
            books.lane.append(books.lane[arc])
            if books.lane[arc] < len(books.lane_arcs):
                books.lane_arcs[books.lane[arc]].append(added)
        books.owed.append(0.0)
        books.arc_total.append(0.0)
        for channel, levels in zip(CHANNELS, model.health.levels, strict=True):
            if channel.of == "arc":
                levels.append(1.0)
        model.transport.outages.start.append(model.transport.outages.start[-1])
        if model.watch is not None:
            model.watch.add_arc()
        return added

    def _sort_bids(self) -> None:
        """Where each supplier answers which bid, as ``instance.arrange`` has it."""
        books = self.books
        order = [(arc.supplier, books.bid_class[k], -arc.price, arc.buyer) for k, arc in enumerate(books.arcs)]
        books.by_pos[:] = sorted(range(len(order)), key=order.__getitem__)
        for place, arc in enumerate(books.by_pos):
            books.pos[arc] = place

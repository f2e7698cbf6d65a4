"""Relations that a cascade makes or strengthens, as arcs of trade.

A competitor that takes the place of a failed partner gets an arc on the terms of the relation that it replaces: price,
further cost, lead time, cap. Buyers ask over new arcs after all their own suppliers; a supplier answers their bids in
the usual order. Arcs that are strengthened carry more by what the supplier's spare capacity adds to its load. Both stay
when the cascade is over.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
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
    "supplier", "buyer", "supplier_node", "buyer_node", "price", "unit_cost", "cap", "lead_time", "lead_column",
    "max_lead", "share", "in_order", "customer_class", "bid_class", "arc_emissions", "scenario_arc", "pos",
)  # fmt: skip
"""Lists of ``Numbers`` with an entry for each arc; ``lane`` too where there are lanes."""


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
        self.numbers = numbers = model.numbers
        self.made: list[Link] = []
        self.of_line: dict[int, list[int]] = defaultdict(list)
        spreading = model.instance.spreading
        if spreading is None or not spreading.links_trade:
            return
        self._cap = numbers.cap.copy()
        """Caps as the scenario has them."""
        starts = model.instance.lines.market_start.tolist()
        self._line = {
            (market, numbers.line_item[line]): line
            for market, (first, end) in enumerate(pairwise(starts))
            for line in range(first, end)
        }
        self._market = [market for market, (first, end) in enumerate(pairwise(starts)) for _ in range(first, end)]
        self._traded = set(zip(numbers.supplier, numbers.buyer, strict=True))
        self._between: dict[tuple[int, int], list[int]] = defaultdict(list)
        for arc, pair in enumerate(zip(numbers.supplier_node, numbers.buyer_node, strict=True)):
            self._between[pair].append(arc)

    def amounts(self) -> LinkAmounts:
        """Units shipped so far over each new arc, by items of its supplier and buyer."""
        numbers, total = self.numbers, self.model.books.arc_total
        return {
            (numbers.supplier[link.arc], numbers.buyer[link.arc]): (float(total[link.arc]), 1) for link in self.made
        }

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
                        cap = to_grid(self._cap[arc] * more, self.numbers.offset)
                        self.numbers.cap[arc] = max(self.numbers.cap[arc], cap)

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
        model, numbers, network = self.model, self.numbers, self.model.instance.network
        product = int(network.item_product[numbers.supplier[arc]])
        item, line = network.item_index.get((rival, product)), bisect_right(numbers.line_start, arc) - 1
        if item is None:
            return
        ends = (item, numbers.buyer[arc]) if sells else (numbers.supplier[arc], item)
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
        model, numbers, books = self.model, self.numbers, self.model.books
        for name in _OF_ARCS:
            values = getattr(numbers, name)
            values.append(values[arc])
        numbers.supplier[-1], numbers.buyer[-1] = ends
        numbers.supplier_node[-1], numbers.buyer_node[-1] = (numbers.item_node[end] for end in ends)
        numbers.cap[-1] = self._cap[arc]
        self._cap.append(self._cap[arc])
        added = len(numbers.supplier) - 1
        if numbers.lane:
            numbers.lane.append(numbers.lane[arc])
            if numbers.lane[arc] < len(numbers.lane_arcs):
                numbers.lane_arcs[numbers.lane[arc]].append(added)
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
        numbers = self.numbers
        numbers.by_pos[:] = sorted(
            range(len(numbers.supplier)),
            key=lambda arc: (numbers.supplier[arc], numbers.bid_class[arc], -numbers.price[arc], numbers.buyer[arc]),
        )
        for place, arc in enumerate(numbers.by_pos):
            numbers.pos[arc] = place

"""The books that all agents of a run share: rows of items, nodes and arcs, and the dealings of the current period.

Index i is an item, a an arc in the order of lines, n a node.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from esc_sim.behaviours.opening import open_customers, open_goods, open_items, open_money, open_nodes, open_sums
from esc_sim.behaviours.owe import owe_more
from esc_sim.disruptions.registry import CHANNELS
from esc_sim.engine.agents.farming import FarmBook
from esc_sim.engine.agents.owed import Group, OwedParts
from esc_sim.engine.outputs import UNWRITTEN
from esc_sim.fields.arc import Arc
from esc_sim.fields.item import Item
from esc_sim.fields.law import Customers, Law
from esc_sim.fields.making import Giver, Leftover, Making, Perishable, Recipe, RecipePart, Taker
from esc_sim.fields.network import NetworkSums
from esc_sim.fields.node import Node
from esc_sim.fields.policy import OrderPolicy
from esc_sim.fields.rows import NO_ROW, objects
from esc_sim.instance.model import Instance
from esc_sim.instance.rows import (
    arc_rows,
    customer_rows,
    goods_rows,
    item_rows,
    order_rows,
    perishable_rows,
    policy_rows,
    source_rows,
    terms_of,
)


class Numbers:
    """What does not change of the instance: as lists, in the order of the lines.

    Attributes:
        terms: what all behaviours have in common.
        policies: how the orders of each item come about; ``parameters`` beside them.
        supplier, cap: of each arc, as in its row.
        making, farming: recipes, by-products and what customers leave; fields and fertilisers.
    """

    def __init__(self, instance: Instance) -> None:
        lines, arcs, orders = instance.lines, instance.arcs, instance.orders
        order = lines.arc_order
        self.terms = terms_of(instance)
        self.offset = self.terms.offset
        self.policies = objects(OrderPolicy, policy_rows(instance))
        self.parameters: list[list[float]] = orders.parameters.tolist()
        making = instance.making
        self.making = Making(
            recipes=objects(Recipe, making.recipes),
            inputs=objects(RecipePart, making.inputs),
            outputs=objects(RecipePart, making.outputs),
            lagged=making.lagged.tolist(),
            givers=objects(Giver, making.givers),
            takers=objects(Taker, making.takers),
            leftovers=objects(Leftover, making.leftovers),
        )
        self.farming = FarmBook(instance.farming)
        self.echelon_start: list[int] = orders.echelon_start.tolist()
        self.echelon_items: list[int] = orders.echelon_items.tolist()
        self.echelons = [self.echelon_items[a:b] for a, b in pairwise(self.echelon_start)]
        self.line_item: list[int] = lines.line_item.tolist()
        self.line_start: list[int] = lines.line_start.tolist()
        self.supplier: list[int] = lines.supplier.tolist()
        self.scenario_arc: list[int] = order.tolist()
        """Arc of the scenario; of a link that a cascade has made, the one whose terms it has."""
        self.bid_class: list[tuple[int, int]] = list(
            zip(arcs.customer_class[order].tolist(), arcs.rank[order].tolist(), strict=True)
        )
        """Class of each arc's buyer at its supplier, and rank in it."""
        self.pos: list[int] = lines.pos.tolist()
        self.by_pos: list[int] = lines.by_pos.tolist()
        self.supplier_start: list[int] = lines.supplier_start.tolist()
        self.cap: list[float] = arcs.cap[order].tolist()
        self.lead_time: list[float] = arcs.lead_time[order].tolist()
        self.lead_column: list[int] = arcs.lead_column[order].tolist()
        self.max_lead: list[float] = arcs.max_lead[order].tolist()
        self.share: list[float] = arcs.share[order].tolist()
        self.in_order: list[bool] = instance.in_order[order].tolist()
        self.customer_class: list[int] = arcs.customer_class[order].tolist()
        lanes = instance.lanes
        self.lane: list[int] = [] if lanes is None else lanes.of_arc[order].tolist()
        """Lane of each arc; of those without one, the last entry of ``lane_capacity``."""
        self.lane_capacity: list[float] = [] if lanes is None else lanes.capacity.tolist()
        self.lane_arcs: list[list[int]] = [[] for _ in self.lane_capacity[1:]]
        for arc, lane in enumerate(self.lane):
            if lane < len(self.lane_arcs):
                self.lane_arcs[lane].append(arc)


class Books(Numbers):
    """State of the network and the current period's dealings.

    Attributes:
        items, nodes, arcs: their rows, by number (``fields``).
        sources, orders, customers: laws of production, of orders that are drawn, and final customers.
        customers_of: final customers by item.
        limits: what can still be sold of each item in this period (U).
        sums: what is summed of the network as it happens in a period.
        contracts, contracted: arcs contracted in this period, in the order (market, round, pos), and x of each.
        owed: what the supplier of an arc owes its buyer; items have the sums.
        owed_parts: the same as parts with their ages; None unless suppliers serve the oldest first.
        parts: what the supplier of an arc is still asked for where orders are split by shares; of the open market.
        served_owed: what of what is owed is kept for an arc in this period, and promised when its market opens.
        history: latest observations for moving averages.
        perishables: goods that keep for a time; ``entered``, what came in of them in each of the latest periods.
        maturing: ring of what recipes will have made, by period and item.
        inbox: bids of the current round per supplier item, as the arcs that they came by.
        asked: supplier items that have bids in this round.
        arc_total: units shipped on an arc since the start.
        observed: what features show of themselves in this period, in the order of ``instance.observed``.
    """

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        item_count, node_count = instance.network.item_count, instance.network.node_count
        self.item_count, self.node_count = item_count, node_count
        self.items = objects(Item, goods_rows(instance), item_rows(instance))
        self.sources, self.orders = objects(Law, source_rows(instance)), objects(Law, order_rows(instance))
        self.customers = objects(Customers, customer_rows(instance))
        for law in (*self.sources, *self.orders, *self.customers):
            if law.column == NO_ROW:
                law.column = -1  # the last entry of the draws is 0
        self.customers_of = {one.item: one for one in self.customers}
        self.limits = [0.0] * item_count
        self.nodes = [Node() for _ in range(node_count)]
        for node, limit in zip(self.nodes, instance.making.energy.tolist(), strict=True):
            node.energy_limit = limit
        self.arcs = objects(Arc, arc_rows(instance, np.arange(instance.network.arc_count)))
        self.sums = NetworkSums()
        self.makes = instance.makes
        self.maturing = [[0.0] * item_count for _ in range(instance.making.longest_lag + 1)]
        self.perishables = objects(Perishable, perishable_rows(instance))
        self.entered = [0.0] * instance.making.entries
        self.contracted: list[float] = []
        self.owed = [0.0] * instance.network.arc_count
        self.owed_parts = OwedParts() if instance.switches.owing and instance.switches.by_age else None
        self.parts: dict[int, float] = {}
        self.served_owed: dict[int, float] = {}
        self.history = [0.0] * int(instance.orders.history_start[-1])
        self.contracts: list[int] = []
        self.inbox: list[list[int]] = [[] for _ in range(item_count)]
        self.asked: list[int] = []
        self.arc_total = [0.0] * instance.network.arc_count
        self.observed = [float(UNWRITTEN)] * len(instance.observed)
        self.open_period()

    def open_period(self) -> None:
        """Clear what belongs to one period."""
        for item in self.items:
            open_goods(item)
        open_items(self.terms, self.items)
        open_customers(self.customers)
        open_money(self.nodes)
        open_nodes(self.terms, self.nodes)
        self.contracts.clear()
        self.contracted.clear()
        lost = self.sums.lost
        open_sums(self.sums)
        self.sums.lost = lost  # goods may be lost between two reviews

    def demanded(self, item: int) -> float:
        """What final customers have asked for of an item in this period."""
        return self.customers_of[item].demanded if item in self.customers_of else 0.0

    def of_items(self, quantity: str) -> list[float]:
        """A quantity of all items, such as ``"stock"``."""
        return [getattr(item, quantity) for item in self.items]

    def of_arcs(self, quantity: str) -> list[Any]:
        """A quantity of all arcs, such as ``"price"`` or ``"buyer"``."""
        return [getattr(arc, quantity) for arc in self.arcs]

    def owe(self, supplier: int, arc: int, buyer: int, amount: float, time: float) -> None:
        """A supplier owes a buyer so much more, which was ordered at this time.

        Args:
            supplier: item that owes.
            arc: arc, in the order of lines.
            buyer: item that is owed to.
            amount: units.
            time: review period of the order.
        """
        if self.owed_parts is not None and amount > 0.0:
            self.owed_parts.add(arc, amount, time)
        self.count_owed(supplier, arc, buyer, amount)

    def settle_owed(self, supplier: int, arc: int, buyer: int, amount: float) -> None:
        """So much of what is owed on an arc leaves now.

        Args:
            supplier: item that owes.
            arc: arc, in the order of lines.
            buyer: item that is owed to.
            amount: units.
        """
        if self.owed_parts is not None:
            self.owed_parts.take(arc, amount)
        self.count_owed(supplier, arc, buyer, -amount)

    def count_owed(self, supplier: int, arc: int, buyer: int, amount: float) -> None:
        """Count what is owed on an arc as so much more (or less), whatever its age.

        Args:
            supplier: item that owes.
            arc: arc, in the order of lines.
            buyer: item that is owed to.
            amount: units; negative: less.
        """
        self.owed[arc] += amount
        owe_more(self.items[supplier], self.items[buyer], amount)

    def owed_by_age(self, arcs: list[int]) -> list[Group]:
        """What is owed on arcs in the order in which it is delivered: by age, or all in one group."""
        if self.owed_parts is not None:
            return self.owed_parts.by_age(arcs)
        return [[(arc, self.owed[arc]) for arc in arcs]]


class Health:
    """What each component can do at the current review; 1 everywhere unless a disruption is in force.

    Attributes are named after channels (``disruptions``): ``health.ship[node]``, ``health.arc[arc]``.
    """

    def __init__(self, instance: Instance) -> None:
        counts = {"node": instance.network.node_count, "arc": instance.network.arc_count, "bus": 0}
        self.levels = [[1.0] * counts[channel.of] for channel in CHANNELS]
        """Levels of each channel, by number; those of buses are for the energy plan, and none are kept here."""
        for channel, levels in zip(CHANNELS, self.levels, strict=True):
            setattr(self, channel.name, levels)

    if TYPE_CHECKING:

        def __getattr__(self, channel: str) -> list[float]:
            """Levels of a channel, by node or arc."""

    def is_whole(self, node: int) -> bool:
        """Whether nothing hinders the node."""
        return min(self.ship[node], self.receive[node], self.produce[node], self.retail[node], self.order[node]) >= 1.0

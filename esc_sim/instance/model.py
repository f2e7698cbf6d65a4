"""The instance: numbers per item and arc, sorted lines, switches, streams, and what can be disrupted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.allocations.registry import IN_TURN
from esc_sim.disruptions.registry import FACTORS, number_of
from esc_sim.negotiations.protocol import NegotiationProtocol
from esc_sim.network.model import Network
from esc_sim.results.observed import Observed
from esc_sim.sampling.clock import USUAL, Clock
from esc_sim.sampling.tape import TapeColumns
from esc_sim.sampling.timetable import Effect, Triggers

if TYPE_CHECKING:
    from esc_sim.instance.energy_plans import PlanMaker
    from esc_sim.instance.farming import Farming
    from esc_sim.instance.lanes import Lanes
    from esc_sim.instance.live import Live
    from esc_sim.instance.making import Making
    from esc_sim.instance.plugins import Plugin
    from esc_sim.instance.power import Power
    from esc_sim.instance.ranking import Ranking
    from esc_sim.instance.settlement import Settlement
    from esc_sim.instance.spreading import Spreading

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

NO_COLUMN = NO_ITEM = -1


@dataclass(frozen=True)
class ItemNumbers:
    """Numbers of the I items. Amounts drawn are max(0, loc + scale * draw), draw from the tape's column.

    Attributes:
        initial_stock: float64[I], as all below but for the columns: units on hand at the start.
        safety_stock: S*, units kept back from sale.
        target_stock: S_tgt, units that orders and production aim at.
        capacity: most that can be shipped or sold in a period; infinite where nothing limits it.
        holding_cost: money per unit and period.
        penalty: alpha, money per unit contracted and not shipped.
        yield_factor: k, units of stock from a unit received.
        emissions: per unit produced.
        retail_price: money per unit that customers pay.
        shortage_cost: money per unit of demand not met.
        demand_loc, demand_scale, demand_column: final demand of a period, units; NO_COLUMN where it does not vary.
        order_loc, order_scale, order_column: planned order of a period, likewise.
        production_loc, production_scale, production_column: production of a period, likewise.
    """

    initial_stock: FloatArray
    safety_stock: FloatArray
    target_stock: FloatArray
    capacity: FloatArray
    holding_cost: FloatArray
    penalty: FloatArray
    yield_factor: FloatArray
    emissions: FloatArray
    retail_price: FloatArray
    shortage_cost: FloatArray
    demand_loc: FloatArray
    demand_scale: FloatArray
    demand_column: IntArray
    order_loc: FloatArray
    order_scale: FloatArray
    order_column: IntArray
    production_loc: FloatArray
    production_scale: FloatArray
    production_column: IntArray


@dataclass(frozen=True)
class ArcNumbers:
    """Numbers of the A arcs, in the scenario's order; lead times are in ticks.

    Attributes:
        price: p, money per unit, also the buyer's bid.
        other_cost: o, further money per unit that the buyer pays.
        lead_time: ticks, where it is fixed.
        lead_column: int64[A] column of the tape that it is drawn from, or NO_COLUMN.
        max_lead: longest lead time, ticks.
        crossing: whether a later shipment may arrive before an earlier one.
        cap: most units that can be contracted in a period; infinite where nothing limits it.
        emissions: per unit shipped.
    """

    price: FloatArray
    other_cost: FloatArray
    lead_time: FloatArray
    lead_column: IntArray
    max_lead: FloatArray
    crossing: BoolArray
    cap: FloatArray
    emissions: FloatArray
    preference: IntArray
    """Rank among the suppliers of a line, before cost; 0 everywhere: by cost alone."""
    customer_class: IntArray
    """Class among the buyers of a supplier, which serves the lowest first; 0 everywhere: all are alike."""
    rank: IntArray
    """Rank in the class, before the bid; 0 everywhere: by bid alone."""
    share: FloatArray
    """Part of its line's orders, summing to 1 on a line; nan on lines whose orders are not split."""
    speed: FloatArray | None = None
    """Mean lead time, periods, where it counts before cost (``rules.sourcing: quickest``); None: by cost alone."""
    ranking: Ranking | None = None
    """A user's function by which buyers rank suppliers of one preference; None: by cost."""

    @property
    def has_shares(self) -> bool:
        """Whether any order is split by shares."""
        return bool((self.share >= 0.0).any())


@dataclass(frozen=True)
class OrderNumbers:
    """Order policies of the I items and when each line is planned.

    Attributes:
        names: I names of policies; "" where nothing is ordered.
        way: int64[I] how the quantity comes about (``policies.policy``: DRAWN and so on).
        rule: int64[I] number of the rule of items of way POSITION, -1 else (``policies.registry.RULES``).
        parameters: float64[I, P] what the rule reads; entries that a policy does not have are 0.
        every, first: int64[I] review interval and period of the first review.
        minimum, order_multiple: float64[I] least order, order multiple (0: any amount).
        fixed_cost: float64[I] money per order.
        in_transit_holding_cost, backorder_cost: float64[I] money per unit and period, on its way or owed.
        drawn_items: bought items whose orders are drawn (policy mean); planned before final demand.
        early_items: items whose policies look at the position before final demand.
        late_start, late_items: int64[M + 1] and items: those that look at it when their market opens.
        echelon_start, echelon_items: int64[I + 1] and members of the echelon of each item with an echelon policy,
            itself first; no members: the position is the item's own.
        window, weight, cover, buffer, initial: of policy forecast; window 0: exponential smoothing.
    """

    names: tuple[str, ...]
    way: IntArray
    rule: IntArray
    parameters: FloatArray
    every: IntArray
    first: IntArray
    minimum: FloatArray
    order_multiple: FloatArray
    fixed_cost: FloatArray
    in_transit_holding_cost: FloatArray
    backorder_cost: FloatArray
    drawn_items: IntArray
    early_items: IntArray
    late_start: IntArray
    late_items: IntArray
    echelon_start: IntArray
    echelon_items: IntArray
    window: IntArray
    weight: FloatArray
    cover: FloatArray
    buffer: FloatArray
    initial: FloatArray
    history_start: IntArray
    """int64[I + 1] places of each item's observations, for moving averages."""

    @property
    def by_position(self) -> bool:
        """Whether any policy looks at an inventory position."""
        return len(self.early_items) + len(self.late_items) > 0

    @property
    def has_terms(self) -> bool:
        """Whether any order looks at a position, costs anything to place, or comes in lots."""
        return self.by_position or bool((self.fixed_cost + self.minimum + self.order_multiple).any())


@dataclass(frozen=True)
class Lines:
    """Buyer lines and arcs in the order in which they are tried.

    A line is a buyer item in a market; its arcs are contiguous, sorted by (p + o, supplier). All arrays below are in
    this sorted order unless they say otherwise.

    Attributes:
        arc_order: uint32[A] scenario index of each sorted arc.
        market_start: int64[M + 1] range of each market's lines.
        line_item: int64[L] buyer item of each line.
        line_start: int64[L + 1] range of each line's arcs.
        supplier, buyer: uint32[A].
        price, unit_cost: float64[A]; unit_cost = p + o, what the buyer pays.
        pos: uint32[A] place of an arc in the order (supplier; bid descending; buyer).
        by_pos: uint32[A] arc at each place.
        supplier_start: int64[I + 1] range of each supplier's places in ``by_pos``.
    """

    arc_order: NDArray[np.uint32]
    market_start: IntArray
    line_item: IntArray
    line_start: IntArray
    supplier: NDArray[np.uint32]
    buyer: NDArray[np.uint32]
    price: FloatArray
    unit_cost: FloatArray
    pos: NDArray[np.uint32]
    by_pos: NDArray[np.uint32]
    supplier_start: IntArray


@dataclass(frozen=True)
class Switches:
    """The scenario's switches as codes."""

    feedback: int
    """What planned orders heed of the stock (``behaviours.order``)."""
    holding_cost_timing: int
    """When storage is charged (``behaviours.switches``)."""
    backorder: bool
    """Whether demand that is not met waits."""
    partial: bool
    """Whether a supplier may accept part of an order."""
    goods_bits: int
    """Goods live on multiples of 2 to minus this."""
    owing: bool = False
    """Suppliers owe what they could not accept."""
    partial_demand: bool = True
    """Whether a customer may be served in part."""
    by_age: bool = False
    """Suppliers serve what they owe in the order of age, part by part."""
    allocation: int = IN_TURN
    """Number of the rule by which suppliers divide what they have among the bids of a round, or what is owed of one
    age (``allocations.registry``); IN_TURN: one after the other."""


@dataclass(frozen=True)
class Channels:
    """Everything that disruptions of this instance can touch.

    Attributes:
        kind: number of the channel (``disruptions.registry``).
        target: the node, scenario arc or bus that it is of.
    """

    kind: IntArray
    target: IntArray

    def __len__(self) -> int:
        """Number of channels."""
        return len(self.kind)

    def are(self, channel: str) -> BoolArray:
        """Which of them are this one (``"ship"``), at whatever node, arc or bus."""
        return np.asarray(self.kind == number_of(channel))


@dataclass(frozen=True)
class Instance:
    """Every array one run needs, but for its random numbers, which follow from ``columns``, ``triggers`` and a seed.

    Attributes:
        network: nodes, arcs, products and markets.
        items: numbers of the I items, a product at a node each.
        arcs: numbers of the A arcs.
        orders: order policies of the items.
        lines: buyer lines, arcs in the order in which they are tried.
        switches: the scenario's switches as codes.
        columns: what is drawn for every period.
        channels: what disruptions can touch.
        effects, triggers: what each disruption does, and when disruptions happen.
        making, farming: recipes, perishable goods and offers; fields and fertilisers.
        periods, warm_up: review periods of a run, and those at its start that no statistic counts.
        settlement, notices: costs beside trade that a plan makes; what the user should know.
    """

    network: Network
    items: ItemNumbers
    arcs: ArcNumbers
    orders: OrderNumbers
    lines: Lines
    switches: Switches
    columns: TapeColumns
    channels: Channels
    effects: tuple[Effect, ...]
    triggers: Triggers
    making: Making
    farming: Farming
    periods: int
    clock: Clock = USUAL
    """Ticks of a review period; all times of the instance, and of what is drawn for it, are in ticks."""
    warm_up: int = 0
    plugins: Mapping[int, Plugin] = field(default_factory=dict)
    """User-written order policies by item; only the agent engine can run those that are classes."""
    live: Live | None = None
    """Customers who come at any time and orders reviewed continuously; only the agent engine can play them."""
    spreading: Spreading | None = None
    """How disruptions spread; None where none does."""
    lanes: Lanes | None = None
    """Capacities that arcs share; None where no lane can be full."""
    tally: bool = False
    """Keep what each item was asked for, filled and ordered; see ``results.columns.TALLY_COLUMNS``."""
    service: bool = False
    """Keep how the customers of each item were served, also where nothing else needs it; see ``keeps_service``."""
    observed: tuple[Observed, ...] = ()
    """What features show of themselves in every period."""
    power: Power | None = None
    """Microgrids; None where there are none."""
    energy_plans: PlanMaker | None = None
    """Makes their plans."""
    members: Mapping[int, type[Any]] = field(default_factory=dict)
    """Classes of agents of the user's own, by node; only the agent engine can run them."""
    negotiation: NegotiationProtocol | None = None
    """How markets come to contracts; None: the lowest landed cost first, which both engines run."""
    settlement: Settlement | None = None
    notices: tuple[str, ...] = ()

    @cached_property
    def courses(self) -> tuple[FloatArray, FloatArray, IntArray, BoolArray]:
        """Lowest level, recovery (ticks) and shape of each effect; whether each channel's levels are factors."""
        return (
            np.array([effect.low for effect in self.effects], np.float64),
            np.array([effect.recovery for effect in self.effects], np.float64),
            np.array([effect.shape for effect in self.effects], np.int64),
            np.isin(self.channels.kind, FACTORS),
        )

    @cached_property
    def in_order(self) -> BoolArray:
        """Arcs, in the scenario's order, whose lead times vary and on which no shipment may pass an earlier one."""
        varies = self.arcs.lead_column != NO_COLUMN
        varies[self.channels.target[self.channels.are("arc_lead_time")]] = True
        late = self.channels.target[self.channels.are("lead_time")]
        varies |= np.isin(self.network.item_node[self.network.arc_supplier], late)
        return varies & ~self.arcs.crossing

    @cached_property
    def learnt(self) -> IntArray:
        """Channels of what buyers may come to know, ascending (``instance.knowledge``)."""
        from esc_sim.instance.knowledge import learnt_channels

        return learnt_channels(self)

    @property
    def makes(self) -> bool:
        """Whether goods do anything beside being traded: perish, be made, given away or burnt, grow on fields."""
        return self.making.used or self.farming.used or self.power is not None

    @cached_property
    def customers(self) -> IntArray:
        """Items with final demand, drawn in every period or brought by customers who come at any time."""
        sold = (self.items.demand_loc != 0) | (self.items.demand_scale != 0)
        if self.live is not None:
            sold[[c.item for c in self.live.customers]] = True
        return np.flatnonzero(sold)

    @property
    def keeps_service(self) -> bool:
        """Whether the service of each item's customers is summed: asked for, or needed for what is overdue."""
        return self.service or self.switches.backorder

    @property
    def keeps_flows(self) -> bool:
        """Whether the goods moved are summed for each item, for the balance of products."""
        return self.makes or len(self.network.products) > 1

    @property
    def code(self) -> dict[str, Any]:
        """Names of the user's own classes, and of another negotiation than the standard one, for manifests."""
        found: dict[str, Any] = {}
        if self.members:
            found["members"] = {self.network.node_ids[node]: kind.__name__ for node, kind in self.members.items()}
        if self.negotiation is not None:
            found["negotiation"] = self.negotiation.name or type(self.negotiation).__name__
        if self.arcs.ranking is not None:
            found["negotiation"] = self.arcs.ranking.pure.name
        return found

    @property
    def agent_features(self) -> tuple[str, ...]:
        """What of this instance only the agent engine can run, in words; empty where both engines can."""
        classes = [self.network.item_name(item) for item, plugin in self.plugins.items() if not plugin.compiled]
        found = [f"orders of {', '.join(classes)} are decided by a Python class"] if classes else []
        found += () if self.spreading is None else self.spreading.agent_features
        if self.live is not None:
            for what, items in (
                ("customers of {} come at any time", sorted({c.item for c in self.live.customers})),
                ("orders of {} are reviewed continuously", self.live.continuous),
            ):
                if items:
                    found.append(what.format(", ".join(self.network.item_name(item) for item in items)))
        for kind in dict.fromkeys(self.members.values()):
            names = [self.network.node_ids[node] for node, one in self.members.items() if one is kind]
            found.append(f"{', '.join(names)} act by the class {kind.__name__}")
        if self.negotiation is not None:
            name = self.negotiation.name or f"the class {type(self.negotiation).__name__}"
            found.append(f"markets negotiate by {name}")
        return tuple(found)

"""The books that all agents of a run share: state, what happens in the current period, and the numbers they look up.

Plain lists of floats, because rules run on them as plain Python; index i is an item, a an arc in
sorted order, n a node.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from esc_sim.behaviours.grid import grid_offset
from esc_sim.behaviours.ledger import node_cost
from esc_sim.disruptions.registry import CHANNELS
from esc_sim.engine.agents.farming import FarmBook
from esc_sim.engine.agents.owed import Group, OwedParts
from esc_sim.engine.outputs import UNWRITTEN
from esc_sim.instance.making import Recipes
from esc_sim.instance.model import Instance


class RecipeBook:
    """Recipes as lists: ``inputs`` (item, units per run), ``outputs`` (item, units per run, do they limit the runs)."""

    def __init__(self, recipes: Recipes) -> None:
        self.capacity: list[float] = recipes.capacity.tolist()
        self.cost: list[float] = recipes.cost.tolist()
        self.energy: list[float] = recipes.energy.tolist()
        self.emissions: list[float] = recipes.emissions.tolist()
        self.lag: list[int] = recipes.lag.tolist()
        used = list(zip(recipes.input_item.tolist(), recipes.input_amount.tolist(), strict=True))
        made = list(
            zip(
                recipes.output_item.tolist(),
                recipes.output_amount.tolist(),
                recipes.output_limits.astype(bool).tolist(),
                strict=True,
            )
        )
        self.inputs = [used[a:b] for a, b in pairwise(recipes.input_start.tolist())]
        self.outputs = [made[a:b] for a, b in pairwise(recipes.output_start.tolist())]


class Numbers:
    """The instance's arrays as lists, in the order of the sorted lines."""

    def __init__(self, instance: Instance) -> None:
        items, lines, arcs = instance.items, instance.lines, instance.arcs
        order = lines.arc_order
        self.offset = grid_offset(instance.switches.goods_bits)
        self.safety: list[float] = items.safety_stock.tolist()
        self.target: list[float] = items.target_stock.tolist()
        self.capacity: list[float] = items.capacity.tolist()
        self.holding_cost: list[float] = items.holding_cost.tolist()
        self.penalty: list[float] = items.penalty.tolist()
        self.yield_factor: list[float] = items.yield_factor.tolist()
        self.item_emissions: list[float] = items.emissions.tolist()
        self.retail_price: list[float] = items.retail_price.tolist()
        self.shortage_cost: list[float] = items.shortage_cost.tolist()
        self.demand = list(
            zip(items.demand_loc.tolist(), items.demand_scale.tolist(), items.demand_column.tolist(), strict=True)
        )
        self.orders = list(
            zip(items.order_loc.tolist(), items.order_scale.tolist(), items.order_column.tolist(), strict=True)
        )
        self.production = list(
            zip(
                items.production_loc.tolist(),
                items.production_scale.tolist(),
                items.production_column.tolist(),
                strict=True,
            )
        )
        orders = instance.orders
        self.way: list[int] = orders.way.tolist()
        self.rule: list[int] = orders.rule.tolist()
        self.parameters: list[list[float]] = orders.parameters.tolist()
        self.review_every: list[int] = orders.every.tolist()
        self.first_review: list[int] = orders.first.tolist()
        self.minimum: list[float] = orders.minimum.tolist()
        self.order_multiple: list[float] = orders.order_multiple.tolist()
        self.fixed_cost: list[float] = orders.fixed_cost.tolist()
        self.in_transit_holding_cost: list[float] = orders.in_transit_holding_cost.tolist()
        self.backorder_cost: list[float] = orders.backorder_cost.tolist()
        self.window: list[int] = orders.window.tolist()
        self.weight: list[float] = orders.weight.tolist()
        self.cover: list[float] = orders.cover.tolist()
        self.buffer: list[float] = orders.buffer.tolist()
        self.initial: list[float] = orders.initial.tolist()
        self.history_start: list[int] = orders.history_start.tolist()
        self.order_terms = orders.has_terms
        making, offers = instance.making, instance.making.offers
        self.recipes = RecipeBook(making.recipes)
        self.farming = FarmBook(instance.farming)
        self.perishable: list[int] = making.perishable.tolist()
        self.shelf_life: list[int] = making.shelf_life.tolist()
        self.ring_start: list[int] = making.ring_start.tolist()
        self.waste: list[int] = making.waste.tolist()
        self.perishable_of: list[int] = making.perishable_of.tolist()
        self.disposal_cost: list[float] = making.disposal_cost.tolist()
        self.environment: list[int] = making.environment.tolist()
        self.room: list[float] = offers.room.tolist()
        self.giver: list[int] = offers.giver.tolist()
        self.taker_start: list[int] = offers.taker_start.tolist()
        self.taker: list[int] = offers.taker.tolist()
        self.taker_capacity: list[float] = offers.capacity.tolist()
        self.gate_fee: list[float] = offers.gate_fee.tolist()
        self.haul: list[float] = offers.haul.tolist()
        self.haul_emissions: list[float] = offers.emissions.tolist()
        self.bought: list[int] = making.leftovers.bought.tolist()
        self.left: list[int] = making.leftovers.left.tolist()
        self.left_share: list[float] = making.leftovers.share.tolist()
        starts = orders.echelon_start.tolist()
        self.echelons = [orders.echelon_items[a:b].tolist() for a, b in pairwise(starts)]
        self.item_node: list[int] = instance.network.item_node.tolist()
        self.line_item: list[int] = lines.line_item.tolist()
        self.line_start: list[int] = lines.line_start.tolist()
        self.supplier: list[int] = lines.supplier.tolist()
        self.buyer: list[int] = lines.buyer.tolist()
        self.supplier_node: list[int] = instance.network.item_node[lines.supplier].tolist()
        self.buyer_node: list[int] = instance.network.item_node[lines.buyer].tolist()
        self.price: list[float] = lines.price.tolist()
        self.unit_cost: list[float] = lines.unit_cost.tolist()
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
        self.arc_emissions: list[float] = arcs.emissions[order].tolist()
        lanes = instance.lanes
        self.lane: list[int] = [] if lanes is None else lanes.of_arc[order].tolist()
        """Lane of each arc; of those without one, the last entry of ``lane_capacity``."""
        self.lane_capacity: list[float] = [] if lanes is None else lanes.capacity.tolist()
        self.lane_arcs: list[list[int]] = [[] for _ in self.lane_capacity[1:]]
        for arc, lane in enumerate(self.lane):
            if lane < len(self.lane_arcs):
                self.lane_arcs[lane].append(arc)


class Books:
    """State of the network and the current period's dealings.

    Attributes:
        stock: units on hand per item.
        dock: units that have arrived and wait to be taken in.
        in_transit: units under way to an item, docked ones included.
        backlog: final demand still owed.
        limit: what an item can still sell in this period (U).
        residual: what a buyer item still wants (y less what was accepted).
        cap: what an arc can still carry in this period.
        contracts, contracted: arcs contracted in this period, in the order (market, round, pos), and x of each.
        promised: x per supplier item.
        owed: what the supplier of an arc owes its buyer; ``owes``, ``awaits``: the same summed per item.
        owed_parts: the same as parts with their ages; None unless suppliers serve the oldest first.
        parts: what the supplier of an arc is still asked for where orders are split by shares; of the open market.
        served_owed: what of what is owed is kept for an arc in this period, and promised when its market opens.
        extended: whether the lists that only some scenarios need are kept: ``promised``, ``requested``, ``filled``.
        forecast, history: smoothed forecast per item, latest observations for moving averages.
        requested, filled: new demand of customers and buyers per item, and the part of it met at once.
        demanded, met: new final demand per item, and the part of it met at once.
        entered, recent: what came into stock in each of the latest periods, for perishable items, and its sums.
        maturing: ring of what recipes will have made, by period and item; ``in_process``: its sum per item.
        energy_limit: most energy that a node's recipes use in a period; ``energy``: what is left of it in this one.
        late: what comes into stock after the review and counts as of the next one, per perishable item.
        inbox: bids of the current round per supplier item, as places in its order of bids.
        arc_total: units shipped on an arc since the start.
        fields: state of each field (``behaviours.farming``).
        observed: what features show of themselves in this period, in the order of ``instance.observed``.
        lost: units lost in transit since the last review.
        from_closed: what was contracted in this period with suppliers, or on arcs, that are out.

    Money lists are per node, lists of goods moved per item; both belong to the current period.
    """

    def __init__(self, instance: Instance) -> None:
        item_count, node_count = instance.network.item_count, instance.network.node_count
        self.item_count, self.node_count = item_count, node_count
        self.extended = instance.tally
        self.makes = instance.makes
        self.fields: list[list[float]] = instance.farming.start.tolist()
        self.fixed = [0.0] * node_count
        self.disposal = [0.0] * node_count
        self.recipe_cost = [0.0] * node_count
        self.consumed, self.expired, self.given, self.taken, self.disposed = ([0.0] * item_count for _ in range(5))
        self.maturing = [[0.0] * item_count for _ in range(instance.making.recipes.longest_lag + 1)]
        self.in_process = [0.0] * item_count
        self.energy_limit: list[float] = instance.making.energy.tolist()
        self.energy_used = 0.0
        self.entered = [0.0] * int(instance.making.ring_start[-1])
        self.recent = [0.0] * len(instance.making.perishable)
        self.late: list[float] = instance.items.initial_stock[instance.making.perishable].tolist()
        self.promised, self.requested, self.filled = ([0.0] * item_count for _ in range(3))
        self.stock: list[float] = instance.items.initial_stock.tolist()
        self.dock = [0.0] * item_count
        self.in_transit = [0.0] * item_count
        self.backlog = [0.0] * item_count
        self.limit = [0.0] * item_count
        self.residual = [0.0] * item_count
        self.contracted: list[float] = []
        self.owed = [0.0] * instance.network.arc_count
        self.owed_parts = OwedParts() if instance.switches.owing and instance.switches.by_age else None
        self.parts: dict[int, float] = {}
        self.served_owed: dict[int, float] = {}
        self.owes = [0.0] * item_count
        self.forecast: list[float] = instance.orders.initial.tolist()
        self.history = [0.0] * int(instance.orders.history_start[-1])
        self.awaits = [0.0] * item_count
        self.contracts: list[int] = []
        self.inbox: list[list[int]] = [[] for _ in range(item_count)]
        self.asked: list[int] = []
        self.arc_total = [0.0] * instance.network.arc_count
        self.lost = 0.0
        self.observed = [float(UNWRITTEN)] * len(instance.observed)
        self.open_period()

    def open_period(self) -> None:
        """Clear what belongs to one period."""
        node_zeros, item_zeros = [0.0] * self.node_count, [0.0] * self.item_count
        self.retail_income = node_zeros.copy()
        self.internal_income = node_zeros.copy()
        self.procurement = node_zeros.copy()
        self.storage = node_zeros.copy()
        self.penalty = node_zeros.copy()
        self.shortage = node_zeros.copy()
        if self.extended:
            self.fixed = node_zeros.copy()
            self.promised = item_zeros.copy()
            self.requested = item_zeros.copy()
            self.filled = item_zeros.copy()
        if self.makes:
            self.disposal, self.recipe_cost = node_zeros.copy(), node_zeros.copy()
            self.consumed, self.expired, self.given, self.taken, self.disposed = (item_zeros.copy() for _ in range(5))
            self.energy = self.energy_limit.copy()
            self.energy_used = 0.0
        self.making_emissions = 0.0
        self.received = item_zeros.copy()
        self.produced = item_zeros.copy()
        self.ordered = item_zeros.copy()
        self.demanded = item_zeros.copy()
        self.served = item_zeros.copy()
        self.met = item_zeros.copy()
        self.shipped = item_zeros.copy()
        self.contracts.clear()
        self.contracted.clear()
        self.emissions = 0.0
        self.from_closed = 0.0

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
        self.owes[supplier] += amount
        self.awaits[buyer] += amount

    def owed_by_age(self, arcs: list[int]) -> list[Group]:
        """What is owed on arcs in the order in which it is delivered: by age, or all in one group."""
        if self.owed_parts is not None:
            return self.owed_parts.by_age(arcs)
        return [[(arc, self.owed[arc]) for arc in arcs]]

    def pay(self, payer: int, payee: int, money: float) -> None:
        """Money changes hands between two nodes without an order; below 0 the payee pays.

        Args:
            payer: node that pays.
            payee: node that is paid.
            money: how much.
        """
        if money >= 0.0:
            self.procurement[payer] += money
            self.internal_income[payee] += money
        else:
            self.procurement[payee] += -money
            self.internal_income[payer] += -money

    def cost_of(self, node: int) -> float:
        """A node's cost E of the current period."""
        return node_cost(
            self.procurement[node],
            self.storage[node],
            self.penalty[node],
            self.shortage[node],
            self.fixed[node],
            self.recipe_cost[node],
            self.disposal[node],
        )


class Health:
    """What each component can do at the current review; 1 everywhere unless a disruption is in force.

    Attributes are named after channels (``disruptions``): ``health.ship[node]``, ``health.arc[arc]``.
    """

    def __init__(self, instance: Instance) -> None:
        counts = {"node": instance.network.node_count, "arc": instance.network.arc_count, "bus": 0}
        self.levels = [[1.0] * counts[channel.of] for channel in CHANNELS]
        """Levels of each channel, by number; those of buses are for the energy plan, and none are kept here."""
        self.__dict__.update({channel.name: levels for channel, levels in zip(CHANNELS, self.levels, strict=True)})

    if TYPE_CHECKING:

        def __getattr__(self, channel: str) -> list[float]:
            """Levels of a channel, by node or arc."""

    def is_whole(self, node: int) -> bool:
        """Whether nothing hinders the node."""
        return min(self.ship[node], self.receive[node], self.produce[node], self.retail[node], self.order[node]) >= 1.0

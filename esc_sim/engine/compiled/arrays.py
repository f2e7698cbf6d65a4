"""What the compiled phases read and write: named tuples of arrays.

I items, N nodes, L lines, A arcs (sorted), H slots of the ring of arrivals, C channels. Indices are uint32, which
spares the compiled code a test for negative ones at every access (uint32 + 1 is int64; uint64 + 1 would be float64).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.compiled.making_arrays import Making, making_arrays
from esc_sim.engine.compiled.plugins import policies_of
from esc_sim.instance.functions import FunctionPlugin
from esc_sim.instance.model import CHANNEL_PRICE, CHANNEL_TRANSPORT, Instance
from esc_sim.results.columns import FLOW_COLUMNS, TALLY_COLUMNS
from esc_sim.rules.disrupt import arrival_review
from esc_sim.rules.grid import grid_offset

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Indices = NDArray[np.uint32]


class Net(NamedTuple):
    """What does not change in a run.

    Arcs have two orders: that of the lines, in which buyers try them (``line_supplier``, ``cap``, ``pos``), and that of
    their places among the suppliers' bids, in which all else stands (``supplier`` to ``arc_emissions``).

    Switches are integers: a boolean would leave padding in the compiled structure, which keeps the optimiser from
    taking it apart and costs a factor of three in speed.
    """

    offset: float
    feedback: int
    storage_timing: int
    backorder: int
    partial: int
    known_before: int
    owing: int
    tally: int
    partial_demand: int
    proportional: int
    first_come: int
    order_terms: int
    """Whether any order has a fixed cost, a minimum or a lot size, or looks at the inventory position."""
    transit_charged: int
    makes: int
    """Whether anything perishes, is made by a recipe, or is offered."""
    prices_move: int
    """Whether a disruption can multiply prices."""
    warm_up: int
    horizon: int
    item_node: Indices
    node_items: Indices
    node_start: Ints
    safety: Floats
    target: Floats
    capacity: Floats
    storage_cost: Floats
    penalty: Floats
    yield_factor: Floats
    item_emissions: Floats
    retail_price: Floats
    shortage_cost: Floats
    demand_loc: Floats
    demand_scale: Floats
    demand_column: Ints
    order_loc: Floats
    order_scale: Floats
    order_column: Ints
    production_loc: Floats
    production_scale: Floats
    production_column: Ints
    policy: Ints
    reorder_at: Floats
    up_to: Floats
    lot_quantity: Floats
    review_every: Ints
    first_review: Ints
    minimum: Floats
    lot: Floats
    fixed_cost: Floats
    transit_cost: Floats
    owed_cost: Floats
    drawn_items: Indices
    early_items: Indices
    late_start: Ints
    late_items: Indices
    echelon_start: Ints
    echelon_items: Indices
    window: Ints
    weight: Floats
    cover: Floats
    buffer: Floats
    initial: Floats
    history_start: Ints
    code_address: Ints
    """[I] address of the user's compiled function that decides an item's orders."""
    code_start: Ints
    code_values: Floats
    retail_items: Indices
    made_items: Indices
    bought_items: Indices
    market_start: Ints
    line_item: Indices
    line_start: Ints
    line_last: Ints
    """[L] where orders are split by shares, the last arc of the line that has one (-1: not split); else empty."""
    share: Floats
    """[A] share of its line's orders; empty where none is split."""
    line_supplier: Indices
    cap: Floats
    pos: Indices
    by_pos: Indices
    supplier: Indices
    buyer: Indices
    supplier_node: Indices
    buyer_node: Indices
    price: Floats
    unit_cost: Floats
    lead_time: Floats
    delay: Indices
    """Reviews from shipping to arrival where the lead time is fixed and nothing holds the goods up."""
    lead_column: Ints
    max_lead: Floats
    crossing: NDArray[np.bool_]
    arc_emissions: Floats
    channel_kind: Ints
    channel_target: Ints
    making: Making


class State(NamedTuple):
    """What one replication carries from period to period."""

    stock: Floats
    dock: Floats
    in_transit: Floats
    backlog: Floats
    ring: NDArray[np.float64]
    """[H, I] goods that reach the dock at review n, in slot n % H."""
    lost_ring: NDArray[np.float64]
    """[H, I] goods lost by review n; one empty row where nothing can be lost."""
    last_due: Floats
    arc_total: Floats
    owed: Floats
    """[A] by place, what the supplier owes the buyer; empty unless suppliers owe."""
    since: Floats
    """[A] by place, period in which the supplier began to owe; empty unless that decides who is served."""
    owes: Floats
    """[I] what an item owes its buyers."""
    awaits: Floats
    """[I] what an item's suppliers owe it."""
    forecast: Floats
    """[I] smoothed forecast."""
    history: Floats
    """Latest observations of items that forecast by moving averages."""
    tally: NDArray[np.float64]
    """[I, 8] sums after the warm-up (TALLY_COLUMNS); no rows unless they are kept."""
    entered: Floats
    """Rings of what came into stock in each of the latest periods, for perishable items."""
    recent: Floats
    """[K] sum of each ring."""
    late: Floats
    """[K] what comes into stock after the review, and counts as of the next one; the starting stock at the start."""
    maturing: NDArray[np.float64]
    """[longest lag + 1, I] ring of what recipes will have made; one empty row where nothing takes time."""
    in_process: Floats
    """[I] what recipes are making."""
    flows: NDArray[np.float64]
    """[I, 9] sums of goods moved (FLOW_COLUMNS); no rows unless they are kept."""


class Chance(NamedTuple):
    """What chance brings to one replication in a block of periods."""

    draws: NDArray[np.float64]
    """[T, S] tape."""
    health: NDArray[np.float64]
    """[T, C] level of each channel."""
    outage_start: Ints
    begins: Floats
    ends: Floats
    modes: Ints
    detours: Floats


class Now(NamedTuple):
    """The current review."""

    period: int
    row: int
    """Its row in the block's draws and health."""
    slot: int
    """Its slot in the ring of arrivals."""


class Work(NamedTuple):
    """Scratch of the current period."""

    limit: Floats
    residual: Floats
    pointer: Indices
    open_cap: Floats
    contracted: Floats
    """[A] x by place, valid for the places in ``contracts``."""
    contracts: Indices
    """Places contracted by suppliers that may be unable to ship."""
    waiting: Indices
    bids: Indices
    sorted_bids: Indices
    buckets: Ints
    health: NDArray[np.float64]
    """[N, 5] what each activity of a node can do, by channel kind."""
    arc: Floats
    demand: Floats
    price_factor: Floats
    """[N] factor on the prices of what a node sells."""
    troubled: NDArray[np.bool_]
    troubled_items: Ints
    money: NDArray[np.float64]
    """[N, 6] retail income, internal income, procurement, storage, penalty, shortage cost."""
    moved: NDArray[np.float64]
    """[I, 6] received, produced, ordered, served, shipped, contracted."""
    contract_count: Ints
    """[1] number of contracts."""
    fixed: Floats
    """[N] fixed costs of orders."""
    spent: NDArray[np.float64]
    """[N, 2] costs of running recipes and of disposal."""
    handled: NDArray[np.float64]
    """[I, 5] consumed, expired, given, taken, disposed."""
    energy: Floats
    """[N] energy left for recipes."""
    energy_used: Floats
    """[1] energy that recipes used."""
    asked: Floats
    """[I] new demand of customers and buyers."""
    filled: Floats
    """[I] the part of it that was met at once."""
    served_owed: Floats
    """[A] by place, what was delivered of what was owed."""
    parts: Floats
    """[A] in the order of lines, what a supplier is still asked for where orders are split by shares; else empty."""
    failure: Floats
    """[9] what a user's function saw that gave no quantity: 1, item, period and so on; 0 first while none has."""
    observed: Floats
    """[X] what features show of themselves in this period (``instance.observed``)."""
    sums: Floats
    """[4] totals of the period that are not per node or item: emissions, demand, lost, emissions of making."""


def net_of(instance: Instance) -> Net:
    """The instance's arrays as the compiled phases read them."""
    items, lines, arcs, network = instance.items, instance.lines, instance.arcs, instance.network
    order = lines.arc_order
    place = order[lines.by_pos]
    item_node = network.item_node.astype(np.uint32)
    node_items = np.argsort(network.item_node, kind="stable").astype(np.int64)
    rank = np.empty(network.arc_count, np.int64)
    rank[order] = np.arange(network.arc_count)
    is_arc = instance.channels.kind == CHANNEL_TRANSPORT
    target = instance.channels.target.copy()
    target[is_arc] = rank[target[is_arc]]
    orders = instance.orders
    buys = np.zeros(network.item_count, np.bool_)
    buys[lines.line_item] = True
    functions = {i: plugin for i, plugin in instance.plugins.items() if isinstance(plugin, FunctionPlugin)}
    code = policies_of(functions, network.item_count)
    return Net(
        offset=grid_offset(instance.switches.goods_bits),
        feedback=instance.switches.feedback,
        storage_timing=instance.switches.storage_timing,
        backorder=int(instance.switches.backorder),
        partial=int(instance.switches.partial),
        known_before=int(instance.switches.known_before),
        owing=int(instance.switches.owing),
        tally=int(instance.tally),
        partial_demand=int(instance.switches.partial_demand),
        proportional=int(instance.switches.proportional),
        first_come=int(instance.switches.first_come),
        order_terms=int(orders.has_terms),
        transit_charged=int(orders.transit_cost.any()),
        makes=int(instance.making.used),
        prices_move=int((instance.channels.kind == CHANNEL_PRICE).any()),
        warm_up=instance.warm_up,
        horizon=instance.periods,
        item_node=item_node,
        node_items=node_items.astype(np.uint32),
        node_start=np.searchsorted(network.item_node[node_items], np.arange(network.node_count + 1)).astype(np.int64),
        safety=items.safety_stock,
        target=items.target_stock,
        capacity=items.capacity,
        storage_cost=items.storage_cost,
        penalty=items.penalty,
        yield_factor=items.yield_factor,
        item_emissions=items.emissions,
        retail_price=items.retail_price,
        shortage_cost=items.shortage_cost,
        demand_loc=items.demand_loc,
        demand_scale=items.demand_scale,
        demand_column=items.demand_column,
        order_loc=items.order_loc,
        order_scale=items.order_scale,
        order_column=items.order_column,
        production_loc=items.production_loc,
        production_scale=items.production_scale,
        production_column=items.production_column,
        policy=orders.policy,
        reorder_at=orders.reorder_at,
        up_to=orders.up_to,
        lot_quantity=orders.quantity,
        review_every=orders.every,
        first_review=orders.first,
        minimum=orders.minimum,
        lot=orders.lot,
        fixed_cost=orders.fixed_cost,
        transit_cost=orders.transit_cost,
        owed_cost=orders.owed_cost,
        drawn_items=orders.drawn_items.astype(np.uint32),
        early_items=orders.early_items.astype(np.uint32),
        late_start=orders.late_start,
        late_items=orders.late_items.astype(np.uint32),
        echelon_start=orders.echelon_start,
        echelon_items=orders.echelon_items.astype(np.uint32),
        window=orders.window,
        weight=orders.weight,
        cover=orders.cover,
        buffer=orders.buffer,
        initial=orders.initial,
        history_start=orders.history_start,
        code_address=code[0],
        code_start=code[1],
        code_values=code[2],
        retail_items=np.flatnonzero((items.demand_loc != 0) | (items.demand_scale != 0)).astype(np.uint32),
        made_items=np.flatnonzero((items.production_loc != 0) | (items.production_scale != 0)).astype(np.uint32),
        bought_items=np.flatnonzero(buys).astype(np.uint32),
        market_start=lines.market_start,
        line_item=lines.line_item.astype(np.uint32),
        line_start=lines.line_start,
        line_last=_last_with_share(instance),
        share=arcs.share[order] if arcs.has_shares else np.empty(0),
        line_supplier=lines.supplier,
        cap=arcs.cap[order],
        pos=lines.pos,
        by_pos=lines.by_pos,
        supplier=lines.supplier[lines.by_pos],
        buyer=lines.buyer[lines.by_pos],
        supplier_node=item_node[lines.supplier[lines.by_pos]],
        buyer_node=item_node[lines.buyer[lines.by_pos]],
        price=lines.price[lines.by_pos],
        unit_cost=lines.unit_cost[lines.by_pos],
        lead_time=arcs.lead_time[place],
        delay=np.array([arrival_review(0, lead) for lead in arcs.lead_time[place].tolist()], np.uint32),
        lead_column=arcs.lead_column[place],
        max_lead=arcs.max_lead[place],
        crossing=arcs.crossing[place],
        arc_emissions=arcs.emissions[place],
        channel_kind=instance.channels.kind,
        channel_target=target,
        making=making_arrays(instance),
    )


def _last_with_share(instance: Instance) -> Ints:
    if not instance.arcs.has_shares:
        return np.empty(0, np.int64)
    lines, share = instance.lines, instance.arcs.share[instance.lines.arc_order]
    last = np.full(len(lines.line_item), -1, np.int64)
    line = np.repeat(np.arange(len(lines.line_item)), np.diff(lines.line_start))
    np.maximum.at(last, line[share > 0.0], np.flatnonzero(share > 0.0))
    return last


def states_of(instance: Instance, replications: int, slots: int, losing: bool) -> State:
    """Start states of several replications; every array has the replication as its first axis."""
    items, arcs = instance.network.item_count, instance.network.arc_count
    lag = instance.making.recipes.longest_lag
    random_leads = bool((instance.arcs.lead_column >= 0).any())
    return State(
        stock=np.tile(instance.items.start_stock, (replications, 1)),
        dock=np.zeros((replications, items)),
        in_transit=np.zeros((replications, items)),
        backlog=np.zeros((replications, items)),
        ring=np.zeros((replications, slots, items)),
        lost_ring=np.zeros((replications, slots if losing else 1, items if losing else 0)),
        last_due=np.zeros((replications, arcs if random_leads else 0)),
        arc_total=np.zeros((replications, arcs)),
        owed=np.zeros((replications, arcs if instance.switches.owing else 0)),
        since=np.zeros((replications, arcs if instance.switches.owing and instance.switches.first_come else 0)),
        owes=np.zeros((replications, items)),
        awaits=np.zeros((replications, items)),
        forecast=np.tile(instance.orders.initial, (replications, 1)),
        history=np.zeros((replications, int(instance.orders.history_start[-1]))),
        tally=np.zeros((replications, items if instance.tally else 0, len(TALLY_COLUMNS))),
        entered=np.zeros((replications, int(instance.making.ring_start[-1]))),
        recent=np.zeros((replications, len(instance.making.perishable))),
        late=np.tile(instance.items.start_stock[instance.making.perishable], (replications, 1)),
        maturing=np.zeros((replications, lag + 1, items if lag else 0)),
        in_process=np.zeros((replications, items)),
        flows=np.zeros((replications, items if instance.keeps_flows else 0, len(FLOW_COLUMNS))),
    )


def work_for(instance: Instance) -> Work:
    """Scratch arrays; one set a thread."""
    network = instance.network
    items, nodes, arcs = network.item_count, network.node_count, network.arc_count
    lines = len(instance.lines.line_item)
    return Work(
        limit=np.zeros(items),
        residual=np.zeros(items),
        pointer=np.zeros(lines, np.uint32),
        open_cap=instance.arcs.cap[instance.lines.arc_order],
        contracted=np.zeros(arcs),
        contracts=np.zeros(arcs, np.uint32),
        waiting=np.zeros(lines, np.uint32),
        bids=np.zeros(arcs, np.uint32),
        sorted_bids=np.zeros(arcs, np.uint32),
        buckets=np.zeros(2049, np.int64),
        health=np.ones((nodes, 5)),
        arc=np.ones(arcs),
        demand=np.ones(nodes),
        price_factor=np.ones(nodes),
        troubled=np.zeros(items, np.bool_),
        troubled_items=np.zeros(items, np.int64),
        money=np.zeros((nodes, 6)),
        moved=np.zeros((items, 6)),
        contract_count=np.zeros(1, np.int64),
        fixed=np.zeros(nodes),
        spent=np.zeros((nodes, 2)),
        handled=np.zeros((items, 5)),
        energy=np.zeros(nodes),
        energy_used=np.zeros(1),
        asked=np.zeros(items),
        filled=np.zeros(items),
        served_owed=np.zeros(arcs),
        parts=np.zeros(arcs if instance.arcs.has_shares else 0),
        failure=np.zeros(9),
        observed=np.zeros(len(instance.observed)),
        sums=np.zeros(4),
    )

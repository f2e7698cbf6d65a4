"""Builds what the compiled phases read and write (see ``arrays``) from an instance."""

from __future__ import annotations

from typing import Final

import numpy as np

from esc_sim.allocations.registry import IN_TURN
from esc_sim.behaviours.disrupt import arrival_review
from esc_sim.behaviours.grid import grid_offset
from esc_sim.behaviours.power import SUMS
from esc_sim.disruptions.registry import CHANNELS, row_of, rows_of
from esc_sim.engine.compiled.arrays import NO_PART, OF_ARC, Floats, Indices, Ints, Net, State, Work
from esc_sim.engine.compiled.farming_arrays import farming_arrays, spreading_for
from esc_sim.engine.compiled.making_arrays import making_arrays
from esc_sim.engine.compiled.microgrid_arrays import grid_arrays
from esc_sim.engine.compiled.plugins import policies_of
from esc_sim.engine.compiled.records import (
    ARC,
    CUSTOMERS,
    FLOWS,
    ITEM,
    ITEM_STATE,
    LANE,
    NODE_PERIOD,
    ORDERS,
    SERVICE,
    SOURCE,
    TALLY,
    Records,
    records,
)
from esc_sim.engine.outputs import blank_sums
from esc_sim.instance.functions import FunctionPlugin
from esc_sim.instance.model import Instance
from esc_sim.instance.slowing import can_slow

_PLACE: Final = np.array([("node", "arc", "bus").index(channel.of) for channel in CHANNELS], np.uint32)
_ROW: Final = np.array([row_of(channel.name) for channel in CHANNELS], np.uint32)
"""What each channel is of, and its row there, by its number."""


def net_of(instance: Instance) -> Net:
    """The instance's arrays as the compiled phases read them."""
    items, lines, arcs, network = instance.items, instance.lines, instance.arcs, instance.network
    order = lines.arc_order
    place = order[lines.by_pos]
    node_items = np.argsort(network.item_node, kind="stable").astype(np.int64)
    rank = np.empty(network.arc_count, np.int64)
    rank[order] = np.arange(network.arc_count)
    channel_place = _PLACE[instance.channels.kind]
    is_arc = channel_place == OF_ARC
    target = instance.channels.target.copy()
    target[is_arc] = rank[target[is_arc]]
    slows = can_slow(instance)
    orders = instance.orders
    buys = np.zeros(network.item_count, np.bool_)
    buys[lines.line_item] = True
    functions = {i: plugin for i, plugin in instance.plugins.items() if isinstance(plugin, FunctionPlugin)}
    code = policies_of(functions, network.item_count)
    lane, lane_arcs = _lane_arrays(instance)
    return Net(
        offset=grid_offset(instance.switches.goods_bits),
        feedback=instance.switches.feedback,
        holding_cost_timing=instance.switches.holding_cost_timing,
        backorder=int(instance.switches.backorder),
        partial=int(instance.switches.partial),
        learns=int(len(instance.learnt) > 0),
        owing=int(instance.switches.owing),
        tally=int(instance.tally),
        partial_demand=int(instance.switches.partial_demand),
        allocation=instance.switches.allocation,
        by_age=int(instance.switches.by_age),
        order_terms=int(orders.has_terms),
        transit_charged=int(orders.in_transit_holding_cost.any()),
        makes=int(instance.makes),
        powered=int(instance.power is not None),
        prices_move=int(instance.channels.are("price_factor").any()),
        farms=int(instance.farming.used),
        warm_up=instance.warm_up,
        horizon=instance.periods,
        ticks=instance.clock.ticks,
        splits=int(arcs.has_shares),
        yields=int((items.yield_factor != 1.0).any()),
        leads_vary=int((arcs.lead_column >= 0).any() or is_arc.any() or slows),
        slows=int(slows),
        lanes=int(instance.lanes is not None),
        items=_item_rows(instance),
        sources=_source_rows(instance),
        orders=_order_rows(instance),
        customers=_customer_rows(instance),
        arcs=_arc_rows(instance),
        node_items=node_items.astype(np.uint32),
        node_start=np.searchsorted(network.item_node[node_items], np.arange(network.node_count + 1)).astype(np.uint32),
        penalty=items.penalty,
        way=orders.way,
        rule=orders.rule,
        parameters=orders.parameters,
        review_every=orders.every,
        first_review=orders.first,
        minimum=orders.minimum,
        order_multiple=orders.order_multiple,
        fixed_cost=orders.fixed_cost,
        in_transit_holding_cost=orders.in_transit_holding_cost,
        backorder_cost=orders.backorder_cost,
        early_items=orders.early_items.astype(np.uint32),
        late_start=orders.late_start.astype(np.uint32),
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
        bought_items=np.flatnonzero(buys).astype(np.uint32),
        other_items=np.flatnonzero(~buys).astype(np.uint32),
        market_start=lines.market_start.astype(np.uint32),
        line_item=lines.line_item.astype(np.uint32),
        line_start=lines.line_start.astype(np.uint32),
        line_last=_last_with_share(instance),
        share=arcs.share[order] if arcs.has_shares else np.empty(0),
        customer_class=arcs.customer_class[place] if _divides(instance) else np.empty(0, np.int64),
        line_supplier=lines.supplier,
        cap=arcs.cap[order],
        pos=lines.pos,
        lead_time=arcs.lead_time[place],
        lead_column=arcs.lead_column[place],
        max_lead=arcs.max_lead[place],
        in_order=instance.in_order[place],
        lane=lane,
        lane_arcs=lane_arcs,
        channel_place=channel_place,
        channel_row=_ROW[instance.channels.kind],
        channel_target=target.astype(np.uint32),
        learnt=instance.learnt.astype(np.uint32),
        making=making_arrays(instance),
        farming=farming_arrays(instance),
        power=grid_arrays(instance),
    )


def _lane_arrays(instance: Instance) -> tuple[Indices, Indices]:
    """Lane of each arc by its place, and the arcs lane by lane."""
    lanes, order = instance.lanes, instance.lines.arc_order
    if lanes is None:
        return np.empty(0, np.uint32), np.empty(0, np.uint32)
    of_arc = lanes.of_arc[order]
    arcs = np.argsort(of_arc, kind="stable").astype(np.uint32)
    return of_arc[instance.lines.by_pos].astype(np.uint32), arcs


def _lane_rows(instance: Instance) -> Records:
    lanes = instance.lanes
    if lanes is None:
        return records(0, LANE)
    count = np.bincount(lanes.of_arc, minlength=len(lanes.capacity))
    end = np.cumsum(count)
    return records(len(count), LANE, first=end - count, end=end, capacity=lanes.capacity, room=lanes.capacity)


def _item_rows(instance: Instance) -> Records:
    items = instance.items
    return records(
        instance.network.item_count,
        ITEM,
        node=instance.network.item_node,
        safety=items.safety_stock,
        target=items.target_stock,
        capacity=items.capacity,
        holding_cost=items.holding_cost,
        yield_factor=items.yield_factor,
        emissions=items.emissions,
    )


def _source_rows(instance: Instance) -> Records:
    items = instance.items
    made = np.flatnonzero((items.production_loc != 0) | (items.production_scale != 0))
    return _drawn_rows(instance, SOURCE, "production", made)


def _order_rows(instance: Instance) -> Records:
    drawn = instance.orders.drawn_items
    return _drawn_rows(instance, ORDERS, "order", drawn, target=instance.items.target_stock[drawn])


def _customer_rows(instance: Instance) -> Records:
    items = instance.items
    sold = instance.customers
    price, shortage_cost = items.retail_price[sold], items.shortage_cost[sold]
    return _drawn_rows(instance, CUSTOMERS, "demand", sold, price=price, shortage_cost=shortage_cost)


def _drawn_rows(instance: Instance, row: np.dtype[np.void], amount: str, where: Ints, **others: Floats) -> Records:
    """Rows of the items ``where`` an amount ("production", "order", "demand") is drawn."""
    column, loc, scale = (getattr(instance.items, f"{amount}_{part}")[where] for part in ("column", "loc", "scale"))
    node = instance.network.item_node[where]
    return records(
        len(where), row, item=where, node=node, column=column.astype(np.uint32), loc=loc, scale=scale, **others
    )


def _arc_rows(instance: Instance) -> Records:
    lines, arcs, item_node = instance.lines, instance.arcs, instance.network.item_node
    place = lines.arc_order[lines.by_pos]
    supplier, buyer = lines.supplier[lines.by_pos], lines.buyer[lines.by_pos]
    ticks = instance.clock.ticks
    leads, kind = np.unique(arcs.lead_time[place], return_inverse=True)
    return records(
        len(place),
        ARC,
        supplier=supplier,
        buyer=buyer,
        supplier_node=item_node[supplier],
        buyer_node=item_node[buyer],
        line_arc=lines.by_pos,
        delay=np.array([arrival_review(0, lead, ticks) for lead in leads.tolist()], np.int64)[kind],
        cap=arcs.cap[place],
        price=lines.price[lines.by_pos],
        unit_cost=lines.unit_cost[lines.by_pos],
        emissions=arcs.emissions[place],
    )


def _last_with_share(instance: Instance) -> Ints:
    if not instance.arcs.has_shares:
        return np.empty(0, np.int64)
    lines, share = instance.lines, instance.arcs.share[instance.lines.arc_order]
    last = np.full(len(lines.line_item), -1, np.int64)
    line = np.repeat(np.arange(len(lines.line_item)), np.diff(lines.line_start))
    np.maximum.at(last, line[share > 0.0], np.flatnonzero(share > 0.0))
    return last


def keeps_ages(instance: Instance) -> bool:
    """Whether the age of what suppliers owe decides whom they serve."""
    return instance.switches.owing and instance.switches.by_age


def _divides(instance: Instance) -> bool:
    """Whether goods that are short are divided by a rule, not given one after the other."""
    return instance.switches.allocation != IN_TURN


def lengthened(state: State, first: int, end: int) -> State:
    """States whose rings of owed parts have a slot for each period from the oldest part to the one before ``end``.

    Args:
        state: of several replications, before period ``first``.
        first: the next period.
        end: one past the last period to be run.
    """
    waiting = state.since[state.since != NO_PART]
    oldest = int(waiting.min()) if len(waiting) else first
    slots = state.owed_parts.shape[2]
    if state.since.shape[1] == 0 or end - oldest <= slots:
        return state
    parts = np.zeros((*state.since.shape, end - oldest))
    for period in range(oldest, first):
        parts[..., period % parts.shape[2]] = state.owed_parts[..., period % slots]
    return state._replace(owed_parts=parts)


def states_of(instance: Instance, replications: int, slots: int, losing: bool) -> State:
    """Start states of several replications; every array has the replication as its first axis.

    Args:
        instance: what is run; I items, A arcs.
        replications: number of replications.
        slots: length of the ring of arrivals, in reviews.
        losing: whether goods can be lost on the way.
    """
    items, arcs = instance.network.item_count, instance.network.arc_count
    lag = instance.making.recipes.longest_lag
    aged = arcs if keeps_ages(instance) else 0
    return State(
        items=records((replications, items), ITEM_STATE, stock=instance.items.initial_stock),
        ring=np.zeros((replications, slots, items)),
        lost_ring=np.zeros((replications, slots if losing else 1, items if losing else 0)),
        last_due=np.zeros((replications, arcs if instance.in_order.any() else 0)),
        arc_total=np.zeros((replications, arcs)),
        owed=np.zeros((replications, arcs if instance.switches.owing else 0)),
        owed_parts=np.zeros((replications, aged, 0)),
        since=np.full((replications, aged), NO_PART, np.int64),
        owes=np.zeros((replications, items)),
        awaits=np.zeros((replications, items)),
        forecast=np.tile(instance.orders.initial, (replications, 1)),
        history=np.zeros((replications, int(instance.orders.history_start[-1]))),
        tally=blank_sums((replications, items if instance.tally else 0), TALLY),
        service=blank_sums((replications, len(instance.customers) if instance.keeps_service else 0), SERVICE),
        entered=np.zeros((replications, int(instance.making.ring_start[-1]))),
        recent=np.zeros((replications, len(instance.making.perishable))),
        late=np.tile(instance.items.initial_stock[instance.making.perishable], (replications, 1)),
        maturing=np.zeros((replications, lag + 1, items if lag else 0)),
        in_process=np.zeros((replications, items)),
        gas=np.tile(np.empty(0) if instance.power is None else instance.power.gas_start, (replications, 1)),
        flows=blank_sums((replications, items if instance.keeps_flows else 0), FLOWS),
        fields=np.tile(instance.farming.start, (replications, 1, 1)),
    )


def work_for(instance: Instance) -> Work:
    """Scratch arrays; one set a thread."""
    network = instance.network
    items, nodes, arcs = network.item_count, network.node_count, network.arc_count
    lines = len(instance.lines.line_item)
    claims = arcs if _divides(instance) else 0
    buses = 0 if instance.power is None else len(instance.power.load)
    return Work(
        limit=np.zeros(items),
        nodes=records(nodes, NODE_PERIOD),
        pointer=np.zeros(lines, np.uint32),
        open_cap=instance.arcs.cap[instance.lines.arc_order],
        owed_limit=np.zeros(items),
        owed_cap=np.zeros(arcs),
        contracted=np.zeros(arcs),
        contracts=np.zeros(arcs, np.uint32),
        waiting=np.zeros(lines, np.uint32),
        bids=np.zeros(arcs, np.uint32),
        sorted_bids=np.zeros(arcs, np.uint32),
        buckets=np.zeros(2049, np.int64),
        levels=np.ones((rows_of("node"), nodes)),
        arc_levels=np.ones((rows_of("arc"), arcs)),
        known_ship=np.ones(nodes),
        known_arc=np.ones(arcs),
        troubled=np.zeros(items, np.bool_),
        troubled_items=np.zeros(items, np.int64),
        contract_count=np.zeros(1, np.int64),
        spent=np.zeros((nodes, 2)),
        handled=np.zeros((items, 5)),
        energy=np.zeros(nodes),
        wanted=np.zeros(nodes if buses else 0),
        trial=np.zeros(items if buses else 0),
        trial_process=np.zeros(items if buses else 0),
        bus_load=np.zeros(buses),
        bus_sums=np.zeros((buses, SUMS)),
        bus_price=np.zeros(buses),
        energy_used=np.zeros(1),
        asked=np.zeros(items),
        filled=np.zeros(items),
        served_owed=np.zeros(arcs),
        room=np.zeros(arcs),
        next_part=np.zeros(arcs if keeps_ages(instance) else 0, np.int64),
        claimed=np.zeros(claims),
        classes=np.zeros(claims, np.int64),
        granted=np.zeros(claims),
        parts=np.zeros(arcs if instance.arcs.has_shares else 0),
        lanes=_lane_rows(instance),
        failure=np.zeros(9),
        spreading=spreading_for(instance),
        observed=np.zeros(len(instance.observed)),
        sums=np.zeros(8),
    )

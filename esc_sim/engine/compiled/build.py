"""Builds what the compiled phases read and write (see ``arrays``) from an instance."""

from __future__ import annotations

from typing import Final

import numpy as np

from esc_sim.allocations.registry import IN_TURN
from esc_sim.behaviours.power import SUMS as BUS_SUMS
from esc_sim.behaviours.terms import Terms
from esc_sim.disruptions.registry import CHANNELS, row_of, rows_of
from esc_sim.engine.compiled.arrays import NO_PART, OF_ARC, Indices, Ints, Net, State, Work
from esc_sim.engine.compiled.farming_arrays import farming_arrays
from esc_sim.engine.compiled.latest import of_latest
from esc_sim.engine.compiled.microgrid_arrays import grid_arrays
from esc_sim.engine.compiled.plugins import policies_of
from esc_sim.engine.outputs import FIELD_ROW, FLOW_ROW, SERVICE_ROW, TALLY_ROW, blank_sums
from esc_sim.fields.making import Making
from esc_sim.fields.rows import Records, table
from esc_sim.instance.functions import FunctionPlugin
from esc_sim.instance.model import Instance
from esc_sim.instance.rows import (
    LANE,
    MONEY,
    NODE,
    SUMS,
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
from esc_sim.results.columns import FIELD_COLUMNS

_PLACE: Final = np.array([("node", "arc", "bus").index(channel.of) for channel in CHANNELS], np.uint32)
_ROW: Final = np.array([row_of(channel.name) for channel in CHANNELS], np.uint32)
"""What each channel is of, and its row there, by its number."""


@of_latest
def net_of(instance: Instance) -> Net:
    """The instance's arrays as the compiled phases read them."""
    lines, arcs, network = instance.lines, instance.arcs, instance.network
    order = lines.arc_order
    place = order[lines.by_pos]
    node_items = np.argsort(network.item_node, kind="stable").astype(np.int64)
    rank = np.empty(network.arc_count, np.int64)
    rank[order] = np.arange(network.arc_count)
    channel_place = _PLACE[instance.channels.kind]
    is_arc = channel_place == OF_ARC
    target = instance.channels.target.copy()
    target[is_arc] = rank[target[is_arc]]
    orders, terms = instance.orders, terms_of(instance)
    buys = np.zeros(network.item_count, np.bool_)
    buys[lines.line_item] = True
    functions = {i: plugin for i, plugin in instance.plugins.items() if isinstance(plugin, FunctionPlugin)}
    code = policies_of(functions, network.item_count)
    lane, lane_arcs = _lane_arrays(instance)
    return Net(
        **{name: getattr(terms, name) for name in Terms.__slots__},
        policies=policy_rows(instance),
        arcs=arc_rows(instance, lines.by_pos),
        sources=source_rows(instance),
        orders=order_rows(instance),
        node_items=node_items.astype(np.uint32),
        node_start=np.searchsorted(network.item_node[node_items], np.arange(network.node_count + 1)).astype(np.uint32),
        parameters=orders.parameters,
        early_items=orders.early_items.astype(np.uint32),
        late_start=orders.late_start.astype(np.uint32),
        late_items=orders.late_items.astype(np.uint32),
        echelon_start=orders.echelon_start,
        echelon_items=orders.echelon_items.astype(np.uint32),
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
        making=Making(*(getattr(instance.making, name) for name in Making._fields)),
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
        return table(0, LANE)
    count = np.bincount(lanes.of_arc, minlength=len(lanes.capacity))
    end = np.cumsum(count)
    return table(len(count), LANE, first=end - count, end=end, capacity=lanes.capacity, room=lanes.capacity)


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
    lag = instance.making.longest_lag
    aged = arcs if keeps_ages(instance) else 0
    return State(
        goods=np.tile(goods_rows(instance), (replications, 1)).view(np.recarray),
        items=np.tile(item_rows(instance), (replications, 1)).view(np.recarray),
        ring=np.zeros((replications, slots, items)),
        lost_ring=np.zeros((replications, slots if losing else 1, items if losing else 0)),
        last_due=np.zeros((replications, arcs if instance.in_order.any() else 0)),
        arc_total=np.zeros((replications, arcs)),
        owed=np.zeros((replications, arcs if instance.switches.owing else 0)),
        owed_parts=np.zeros((replications, aged, 0)),
        since=np.full((replications, aged), NO_PART, np.int64),
        history=np.zeros((replications, int(instance.orders.history_start[-1]))),
        tally=blank_sums((replications, items if instance.tally else 0), TALLY_ROW),
        service=blank_sums((replications, len(instance.customers) if instance.keeps_service else 0), SERVICE_ROW),
        perishables=np.tile(perishable_rows(instance), (replications, 1)).view(np.recarray),
        entered=np.zeros((replications, instance.making.entries)),
        maturing=np.zeros((replications, lag + 1, items if lag else 0)),
        gas=np.tile(np.empty(0) if instance.power is None else instance.power.gas_start, (replications, 1)),
        flows=blank_sums((replications, items if instance.keeps_flows else 0), FLOW_ROW),
        fields=np.tile(instance.farming.fields, (replications, 1)).view(np.recarray),
    )


def work_for(instance: Instance) -> Work:
    """Scratch arrays; one set a thread."""
    network = instance.network
    items, nodes, arcs = network.item_count, network.node_count, network.arc_count
    lines = len(instance.lines.line_item)
    claims = arcs if _divides(instance) else 0
    buses = 0 if instance.power is None else len(instance.power.load)
    observed, fields = np.zeros(len(instance.observed)), len(instance.farming.fields)
    return Work(
        limit=np.zeros(items),
        money=table(nodes, MONEY),
        nodes=table(nodes, NODE, energy_limit=instance.making.energy),
        customers=customer_rows(instance),
        network=table(1, SUMS),
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
        wanted=np.zeros(nodes if buses else 0),
        trial=np.zeros(items if buses else 0),
        trial_process=np.zeros(items if buses else 0),
        bus_load=np.zeros(buses),
        bus_sums=np.zeros((buses, BUS_SUMS)),
        bus_price=np.zeros(buses),
        served_owed=np.zeros(arcs),
        room=np.zeros(arcs),
        next_part=np.zeros(arcs if keeps_ages(instance) else 0, np.int64),
        claimed=np.zeros(claims),
        classes=np.zeros(claims, np.int64),
        granted=np.zeros(claims),
        parts=np.zeros(arcs if instance.arcs.has_shares else 0),
        lanes=_lane_rows(instance),
        failure=np.zeros(9),
        offers=instance.farming.offers.copy(),
        links=instance.farming.links.copy(),
        observed=observed,
        shown=observed[: fields * len(FIELD_COLUMNS)].view(FIELD_ROW).view(np.recarray),
    )

"""A scenario as the network of the timed program: the window from an outage's start to the end of the run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from esc_sim.behaviours.disrupt import arrival_review, arrival_time, stretched
from esc_sim.behaviours.grid import grid_offset
from esc_sim.behaviours.order import drawn_amount
from esc_sim.behaviours.sell import reduced
from esc_sim.behaviours.switches import STORAGE_AT_REVIEW, TRANSIT_LOSE
from esc_sim.disruptions.registry import number_of
from esc_sim.instance.health import fill_health
from esc_sim.instance.model import NO_COLUMN, Instance
from esc_sim.instance.outages import arc_outages
from esc_sim.instance.slowing import can_slow
from esc_sim.instance.spreading import timetable_of
from esc_sim.sampling.tape import tape_block
from esc_sim.sampling.timetable import Timetable
from esc_sim.stress.timed_network import Floats, Ints, TimedArcs, TimedItems, TimedNetwork, TimedRecipes
from esc_sim.stress.timed_state import StartState

_AMOUNTS: Final = np.vectorize(drawn_amount, otypes=[np.float64])
_STRETCHED: Final = np.vectorize(stretched, otypes=[np.float64])
_REDUCED: Final = np.vectorize(reduced, otypes=[np.float64])


@partial(np.vectorize, otypes=[np.int64])
def _reviews(period: int, lead: float, ticks: int) -> int:
    """Period in which goods arrive that nothing holds."""
    return arrival_review(period, period * ticks + lead, ticks)


def why_not_timed(instance: Instance) -> str:
    """Why a scenario has no timed program, in words; empty where it has."""
    orders, making = instance.orders, instance.making
    loses = any(effect.mode == TRANSIT_LOSE for effect in instance.effects) and instance.channels.are("arc").any()
    spreading = instance.spreading
    for found, words in (
        (bool(instance.agent_features), "only the agent engine can run it"),
        (instance.power is not None, "it has microgrids"),
        (instance.farming.used, "it has fields"),
        (len(making.perishables) > 0, "goods perish"),
        (len(making.givers) > 0, "by-products are given away"),
        (len(making.leftovers) > 0, "goods come back from customers"),
        (bool(making.recipes["energy"].any() and np.isfinite(making.energy).any()), "energy limits its recipes"),
        (bool((orders.order_multiple + orders.minimum > 0.0).any()), "orders come in multiples or have a least size"),
        (bool((orders.fixed_cost > 0.0).any()), "an order has a fixed cost"),
        (bool(instance.switches.owing and (orders.backorder_cost > 0.0).any()), "what suppliers owe costs money"),
        (not (instance.switches.partial and instance.switches.partial_demand), "orders are filled whole or not at all"),
        (bool(instance.in_order.any()), "lead times vary, and no shipment may pass an earlier one"),
        (bool(loses), "goods can be lost on their way"),
        (spreading is not None, "failures spread"),
    ):
        if found:
            return words
    return ""


@dataclass(frozen=True)
class Window:
    """From the start of an outage to the end of the run, in one replication.

    Attributes:
        instance: the twin's, or with the outage.
        seed: of all random numbers.
        replication: its number.
        start: first period.
        state: the twin's before it.
        costs: float64[I], what a unit has cost the network where it is: what is left at the end counts at that.
    """

    instance: Instance
    seed: int
    replication: int
    start: int
    state: StartState
    costs: Floats

    @property
    def periods(self) -> int:
        """Length of the window."""
        return self.instance.periods - self.start


def timed_network(window: Window) -> TimedNetwork:
    """The network of a window."""
    instance = window.instance
    table = timetable_of(instance, window.seed, window.replication)
    levels = np.ones((window.periods, len(instance.channels)))
    fill_health(instance, table, window.start, levels)
    draws = tape_block(instance.columns, window.seed, window.replication, window.start, window.periods)
    draws = np.column_stack([draws, np.zeros(window.periods)])  # the last for amounts that are not random
    return TimedNetwork(
        items=_items(window, table, levels, draws),
        arcs=_arcs(window, table, levels, draws),
        recipes=_recipes(window, levels),
        owed=instance.switches.backorder,
        stored_first=instance.switches.holding_cost_timing == STORAGE_AT_REVIEW,
    )


def _levels_of(instance: Instance, levels: Floats, name: str, count: int) -> Floats:
    """Levels of a channel of nodes or arcs, float64[T, count]; 1 where nothing touches it."""
    found = np.ones((len(levels), count))
    channels = np.flatnonzero(instance.channels.kind == number_of(name))
    found[:, instance.channels.target[channels]] = levels[:, channels]
    return found


def _items(window: Window, table: Timetable, levels: Floats, draws: Floats) -> TimedItems:
    instance, state = window.instance, window.state
    items, node = instance.items, instance.network.item_node
    offset = grid_offset(instance.switches.goods_bits)

    def level(name: str) -> Floats:
        return _levels_of(instance, levels, name, instance.network.node_count)[:, node]

    def drawn(name: str) -> Floats:
        loc, scale, column = (getattr(items, f"{name}_{part}") for part in ("loc", "scale", "column"))
        return _AMOUNTS(loc, scale, draws[:, column], offset)

    ship = level("ship")
    limited = np.isfinite(items.capacity)
    due, after = _on_the_way(window, table)
    dock = state.in_transit - due.sum(axis=0) - after
    ripening, ripe_after = np.zeros(due.shape), np.zeros(len(items.initial_stock))
    for period, item, amount in state.ripening:
        if period < instance.periods:
            ripening[period - window.start, item] += amount
        else:
            ripe_after[item] += amount
    return TimedItems(
        stock=state.stock,
        dock=np.maximum(dock, 0.0),
        due=due,
        ripening=ripening,
        after=after,
        ripe_after=ripe_after,
        backlog=state.backlog if instance.switches.backorder else np.zeros(len(state.stock)),
        demand=_AMOUNTS(0.0, level("demand"), drawn("demand"), offset),
        produced=_REDUCED(drawn("production"), level("produce"), offset),
        leaves=np.tile(items.capacity, (window.periods, 1)),
        sent=np.where(limited & (ship < 1.0), np.nan_to_num(items.capacity, posinf=0.0) * ship, np.inf),
        served_share=level("retail"),
        sent_share=np.where(limited, 1.0, ship),
        taken_share=level("receive"),
        gained=items.yield_factor,
        price=items.retail_price,
        shortage=items.shortage_cost,
        storage=items.holding_cost,
        transit=instance.orders.in_transit_holding_cost,
        value=window.costs,
    )


def _on_the_way(window: Window, table: Timetable) -> tuple[Floats, Floats]:
    """Goods on their way at the start, by period of arrival and item; and those that come after the window."""
    instance, lines = window.instance, window.instance.lines
    way = _Way(instance, table)
    count = instance.network.item_count
    due, after = np.zeros((window.periods, count)), np.zeros(count)
    for shipment in window.state.shipments:
        at = way.arrival(shipment.arc, shipment.period, shipment.lead) - window.start
        if at >= window.periods:
            after[lines.buyer[shipment.arc]] += shipment.amount
        elif at >= 0:
            due[at, lines.buyer[shipment.arc]] += shipment.amount
    return due, after


class _Way:
    """When what leaves on an arc arrives."""

    def __init__(self, instance: Instance, table: Timetable) -> None:
        self._outages = arc_outages(instance, table)
        self._ticks = instance.clock.ticks

    def with_outages(self) -> list[int]:
        """Arcs, in the order of lines, that are out at some time."""
        return np.flatnonzero(np.diff(self._outages.start)).tolist()

    def arrival(self, arc: int, period: int, lead: float) -> int:
        """Period in which goods arrive.

        Args:
            arc: in the order of lines.
            period: in which they leave.
            lead: ticks.
        """
        outages, now = self._outages, float(period * self._ticks)
        first, last = int(outages.start[arc]), int(outages.start[arc + 1])
        due = arrival_time(
            now, lead, first, last, outages.begins, outages.ends, outages.modes, outages.detours
        )  # fmt: skip
        return arrival_review(period, due, self._ticks)


def _arcs(window: Window, table: Timetable, levels: Floats, draws: Floats) -> TimedArcs:
    instance, lines = window.instance, window.instance.lines
    order, count = lines.arc_order, instance.network.arc_count
    health = _levels_of(instance, levels, "arc", count)[:, order]
    cap = instance.arcs.cap[order]
    most = np.where(
        health <= 0.0, 0.0, np.where(np.isfinite(cap), cap * np.where(np.isfinite(cap), health, 1.0), np.inf)
    )
    if not instance.switches.owing:  # who cannot order gets nothing; what is owed comes all the same
        orders = _levels_of(instance, levels, "order", instance.network.node_count)
        most = np.where(orders[:, instance.network.item_node[lines.buyer]] <= 0.0, 0.0, most)
    lane, lane_most = _lanes(instance, health)
    return TimedArcs(
        supplier=lines.supplier.astype(np.int64),
        buyer=lines.buyer.astype(np.int64),
        cost=lines.unit_cost - lines.price,
        most=most,
        arrives=_arrives(window, table, levels, draws),
        lane=lane,
        lane_most=lane_most,
    )


def _lanes(instance: Instance, health: Floats) -> tuple[Ints, Floats]:
    """Lane of each arc, in the order of lines, and most that each lane carries: it is as sound as its best arc.

    A lane whose arcs are all out needs no limit of its own, so that such an outage changes bounds alone.
    """
    lanes = instance.lanes
    if lanes is None:
        return np.zeros(instance.network.arc_count, np.int64), np.empty((len(health), 0))
    of_arc = lanes.of_arc[instance.lines.arc_order]
    most = np.tile(lanes.capacity[:-1], (len(health), 1))
    for lane in range(len(lanes.names)):
        best = health[:, of_arc == lane].max(axis=1, initial=0.0)
        limited = np.isfinite(most[:, lane]) & (best > 0.0)
        most[limited, lane] *= best[limited]
    return of_arc, most


def _arrives(window: Window, table: Timetable, levels: Floats, draws: Floats) -> Ints:
    """Period of the window in which what is sent in each period arrives, int64[T, A]."""
    instance, way = window.instance, _Way(window.instance, table)
    network, arcs, order = instance.network, instance.arcs, instance.lines.arc_order
    column = arcs.lead_column[order]
    drawn = np.minimum(draws[:, column], arcs.max_lead[order])
    lead = np.where(column == NO_COLUMN, arcs.lead_time[order], drawn)
    if can_slow(instance):
        suppliers = network.item_node[instance.lines.supplier]
        factor = _levels_of(instance, levels, "lead_time", network.node_count)[:, suppliers]
        factor = factor * _levels_of(instance, levels, "arc_lead_time", network.arc_count)[:, order]
        lead = _STRETCHED(lead, factor)
    found = np.array(_reviews(window.start + np.arange(len(lead))[:, np.newaxis], lead, instance.clock.ticks))
    for arc in way.with_outages():
        found[:, arc] = [way.arrival(arc, window.start + t, ticks) for t, ticks in enumerate(lead[:, arc].tolist())]
    return found - window.start


def _recipes(window: Window, levels: Floats) -> TimedRecipes:
    instance, making = window.instance, window.instance.making
    health = _levels_of(instance, levels, "produce", instance.network.node_count)[:, making.recipes["node"]]
    most = np.where(health <= 0.0, 0.0, np.tile(making.recipes["capacity"], (window.periods, 1)))
    limited = np.isfinite(most)
    most[limited] *= health[limited]
    used = making.inputs[making.inputs["limits"] > 0]
    return TimedRecipes(
        most=most,
        cost=making.recipes["cost"],
        lag=making.recipes["lag"].astype(np.int64),
        input_recipe=used["recipe"].astype(np.int64),
        input_item=used["item"].astype(np.int64),
        input_amount=used["amount"],
        output_recipe=making.outputs["recipe"].astype(np.int64),
        output_item=making.outputs["item"].astype(np.int64),
        output_amount=making.outputs["amount"],
    )

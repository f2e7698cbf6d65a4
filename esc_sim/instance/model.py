"""The instance: numbers per item and arc, sorted lines, switches, streams, and what can be disrupted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.network.model import Network
from esc_sim.sampling.tape import TapeColumns
from esc_sim.sampling.timetable import Effect, Triggers

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

NO_COLUMN = -1

CHANNEL_SHIP = 0
CHANNEL_RECEIVE = 1
CHANNEL_PRODUCE = 2
CHANNEL_RETAIL = 3
CHANNEL_ORDER = 4
CHANNEL_TRANSPORT = 5
CHANNEL_DEMAND = 6
ACTIVITIES = ("ship", "receive", "produce", "retail", "order")
"""Activities of a node that a disruption can stop; the position is the channel kind."""


@dataclass(frozen=True)
class ItemNumbers:
    """Numbers of the I items. Amounts drawn are max(0, loc + scale * draw), draw from the tape's column."""

    start_stock: FloatArray
    safety_stock: FloatArray
    target_stock: FloatArray
    storage_cost: FloatArray
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
    """Numbers of the A arcs, in the scenario's order."""

    price: FloatArray
    other_cost: FloatArray
    lead_time: FloatArray
    lead_column: IntArray
    max_lead: FloatArray
    crossing: NDArray[np.bool_]
    cap: FloatArray
    emissions: FloatArray


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
    storage_timing: int
    backorder: bool
    partial: bool
    known_before: bool
    goods_bits: int


@dataclass(frozen=True)
class Channels:
    """Everything that disruptions of this instance can touch: (kind, node or scenario arc index)."""

    kind: IntArray
    target: IntArray

    def __len__(self) -> int:
        """Number of channels."""
        return len(self.kind)


@dataclass(frozen=True)
class Instance:
    """Every array one run needs, but for its random numbers, which follow from ``columns``, ``triggers`` and a seed."""

    network: Network
    items: ItemNumbers
    arcs: ArcNumbers
    lines: Lines
    switches: Switches
    columns: TapeColumns
    channels: Channels
    effects: tuple[Effect, ...]
    triggers: Triggers
    periods: int
    notices: tuple[str, ...] = ()

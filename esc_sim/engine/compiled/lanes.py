"""Lanes over arrays: what arcs can still carry together in a period."""

from __future__ import annotations

import numpy as np

from esc_sim.engine.compiled.arrays import Net, Work
from esc_sim.rules.order import bid_quantity
from esc_sim.rules.sell import reduced_cap


def open_lanes(net: Net, work: Work) -> None:
    """What lanes carry in a period: a lane is as sound as buyers know the best of its arcs to be."""
    for lane in range(net.lane_start.shape[0] - 1):
        level = 0.0
        for k in range(net.lane_start[lane], net.lane_start[lane + 1]):
            arc = net.lane_arcs[k]
            level = max(level, work.known_arc[arc])
            work.open_cap[arc] = reduced_cap(net.cap[arc], work.known_arc[arc], net.offset)
        work.lane_room[lane] = reduced_cap(net.lane_capacity[lane], level, net.offset)
        _close_if_full(net, work, lane)


def on_lane(net: Net, work: Work, place: np.uint32, quantity: float) -> float:
    """As much of a quantity as the lane of an arc still carries.

    Args:
        place: of the arc.
        quantity: units.
    """
    return bid_quantity(quantity, work.lane_room[net.lane[place]])


def take_room(net: Net, work: Work, place: np.uint32, amount: float) -> None:
    """So much is contracted on an arc; the arcs of a lane that is full are closed to all who ask later.

    Args:
        place: of the arc.
        amount: units.
    """
    work.lane_room[net.lane[place]] -= amount
    if net.lane[place] + 1 < net.lane_start.shape[0]:
        _close_if_full(net, work, net.lane[place])


def _close_if_full(net: Net, work: Work, lane: int | np.uint32) -> None:
    if work.lane_room[lane] <= 0.0:
        for k in range(net.lane_start[lane], net.lane_start[lane + 1]):
            work.open_cap[net.lane_arcs[k]] = 0.0

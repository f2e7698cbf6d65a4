"""Lanes over arrays: what arcs can still carry together in a period.

On an arc no more is asked for than ``work.lane_room`` of its lane; arcs without a lane share a room without end.
"""

from __future__ import annotations

import numpy as np

from esc_sim.engine.compiled.arrays import Net, Work
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
        take_room(net, work, np.uint32(lane), 0.0)


def take_room(net: Net, work: Work, lane: np.uint32, amount: float) -> None:
    """So much is contracted over a lane; the arcs of one that is full are closed to all who ask later.

    Args:
        lane: its number.
        amount: units.
    """
    work.lane_room[lane] -= amount
    if work.lane_room[lane] <= 0.0:
        for k in range(net.lane_start[lane], net.lane_start[lane + 1]):
            work.open_cap[net.lane_arcs[k]] = 0.0

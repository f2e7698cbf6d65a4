"""Lanes over arrays: what arcs can still carry together in a period.

On an arc no more is asked for than the room of its lane; arcs without a lane share a room without end.
"""

from __future__ import annotations

import numpy as np

from esc_sim.behaviours.sell import reduced_cap
from esc_sim.engine.compiled.arrays import Net, Work


def open_lanes(net: Net, work: Work) -> None:
    """What lanes carry in a period: a lane is as sound as buyers know the best of its arcs to be."""
    for number in range(work.lanes.shape[0] - 1):
        lane, level = work.lanes[number], 0.0
        for k in range(lane.first, lane.end):
            arc = net.lane_arcs[k]
            level = max(level, work.known_arc[arc])
            work.open_cap[arc] = reduced_cap(net.cap[arc], work.known_arc[arc], net.offset)
        lane.room = reduced_cap(lane.capacity, level, net.offset)
        take_room(net, work, np.uint32(number), 0.0)


def take_room(net: Net, work: Work, number: np.uint32, amount: float) -> None:
    """So much is contracted over a lane; the arcs of one that is full are closed to all who ask later.

    Args:
        number: of the lane.
        amount: units.
    """
    lane = work.lanes[number]
    lane.room -= amount
    if lane.room <= 0.0:
        for k in range(lane.first, lane.end):
            work.open_cap[net.lane_arcs[k]] = 0.0

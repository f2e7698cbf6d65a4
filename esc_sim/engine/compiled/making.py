"""What nodes do with goods beside trading them, over arrays: expiry."""

from __future__ import annotations

import numpy as np

from esc_sim.engine.compiled.arrays import Net, Now, State, Work
from esc_sim.engine.compiled.tables import PRODUCED, RECEIVED
from esc_sim.instance.model import NO_ITEM
from esc_sim.rules.perish import outlived
from esc_sim.rules.produce import stock_gained


def expire(net: Net, state: State, work: Work, now: Now) -> None:
    """At the end of a period, what has outlived its shelf life becomes waste, or is disposed of."""
    making = net.making
    for k in range(making.perishable.shape[0]):
        i = making.perishable[k]
        gained = state.late[k] + stock_gained(work.moved[i, RECEIVED], net.yield_factor[i], net.offset)
        gained += work.moved[i, PRODUCED]
        state.late[k] = 0.0
        if making.shelf_life[k] > 1:
            place = making.ring_start[k] + now.period % (making.shelf_life[k] - 1)
            state.recent[k] += gained - state.entered[place]
            state.entered[place] = gained
        gone = outlived(state.stock[i], state.recent[k])
        state.stock[i] -= gone
        work.expired[i] = gone
    for k in range(making.perishable.shape[0]):
        i = making.perishable[k]
        if making.waste[k] != NO_ITEM:
            _take_in_late(net, state, work, making.waste[k], work.expired[i])
        else:
            work.disposal[net.item_node[i]] += making.disposal_cost[i] * work.expired[i]


def _take_in_late(net: Net, state: State, work: Work, i: int | np.int64, amount: float) -> None:
    """Goods come into stock after the review; if they perish they are fresh at the next."""
    state.stock[i] += amount
    work.moved[i, PRODUCED] += amount
    if net.making.perishable_of[i] != NO_ITEM:
        state.late[net.making.perishable_of[i]] += amount

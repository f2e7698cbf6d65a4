"""Orders by inventory position over arrays."""

from __future__ import annotations

import numpy as np

from esc_sim.engine.compiled.arrays import Net, Now, State, Work
from esc_sim.engine.compiled.tables import CONTRACTED, ORDERED, SHIPPED
from esc_sim.instance.model import CHANNEL_ORDER
from esc_sim.rules.produce import stock_gained
from esc_sim.rules.replenish import inventory_position, is_review, order_size, ordered_for, replenishment
from esc_sim.rules.sell import reduced


def plan_by_position(net: Net, state: State, work: Work, now: Now, i: int | np.int64) -> None:
    """Plan an item's order by its policy; an order placed costs its fixed cost."""
    wanted = 0.0
    if is_review(now.period, net.first_review[i], net.review_every[i]):
        position = _position(net, state, work, i)
        wanted = replenishment(net.policy[i], position, net.reorder_at[i], net.up_to[i], net.lot_quantity[i])
        wanted = order_size(ordered_for(wanted, net.yield_factor[i], net.offset), net.minimum[i], net.lot[i])
        wanted = reduced(wanted, work.health[net.item_node[i], CHANNEL_ORDER], net.offset)
    work.residual[i] = wanted
    work.moved[i, ORDERED] = wanted
    if wanted > 0.0:
        work.fixed[net.item_node[i]] += net.fixed_cost[i]


def _position(net: Net, state: State, work: Work, i: int | np.int64) -> float:
    """Inventory position of an item, or of its echelon."""
    on_order = stock_gained(state.in_transit[i] + state.awaits[i], net.yield_factor[i], net.offset)
    if net.echelon_start[i] == net.echelon_start[i + 1]:
        available = state.stock[i] - (work.moved[i, CONTRACTED] - work.moved[i, SHIPPED])
        return inventory_position(available, net.safety[i], on_order, state.backlog[i] + state.owes[i])
    stock, safety, owed = 0.0, 0.0, 0.0
    for k in range(net.echelon_start[i], net.echelon_start[i + 1]):
        member = net.echelon_items[k]
        stock += state.stock[member]
        safety += net.safety[member]
        owed += state.backlog[member]
        if member != i:
            # What members ship to one another leaves the sum unchanged, whether it has left already or not.
            stock += state.in_transit[member]
    return inventory_position(stock, safety, on_order, owed)

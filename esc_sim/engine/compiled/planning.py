"""Orders by inventory position over arrays."""

from __future__ import annotations

from math import inf
from typing import Final

import numpy as np

from esc_sim.behaviours.forecast import covering_level, moving_average, smoothed
from esc_sim.behaviours.grid import to_grid
from esc_sim.behaviours.produce import stock_gained
from esc_sim.behaviours.replenish import inventory_position, is_review, lifted, order_size, ordered_for
from esc_sim.behaviours.sell import reduced
from esc_sim.disruptions.registry import row_of
from esc_sim.engine.compiled.arrays import Net, Now, State, Work
from esc_sim.engine.compiled.farming import wanted_by_fields
from esc_sim.engine.compiled.plugins import ask
from esc_sim.policies.policy import CODE, FIELDS, FORECAST
from esc_sim.policies.registry import quantity_by_rule

ORDER: Final = row_of("order")


def plan_by_position(net: Net, state: State, work: Work, now: Now, i: int | np.int64) -> None:
    """Plan an item's order by its policy; an order placed costs its fixed cost.

    Args:
        i: the item.
    """
    wanted = 0.0
    if is_review(now.period, net.first_review[i], net.review_every[i]):
        position = _position(net, state, work, i)
        if net.way[i] == FORECAST:
            wanted = lifted(position, _forecast_level(net, state, work, now, i))
        elif net.farms != 0 and net.way[i] == FIELDS:
            wanted = lifted(position, wanted_by_fields(net, state, now, i))
        elif net.way[i] == CODE:
            wanted = _asked_of_code(net, state, work, now, i, position)
        else:
            wanted = quantity_by_rule(net.rule[i], position, net.parameters[i])
        wanted = order_size(
            ordered_for(wanted, net.items[i].yield_factor, net.offset), net.minimum[i], net.order_multiple[i]
        )
        wanted = reduced(wanted, work.levels[ORDER, net.items[i].node], net.offset)
    state.items[i].residual = wanted
    state.items[i].ordered = wanted
    if wanted > 0.0:
        work.nodes[net.items[i].node].fixed += net.fixed_cost[i]


def _asked_of_code(net: Net, state: State, work: Work, now: Now, i: int | np.int64, position: float) -> float:
    """What a user's function wants; what it saw is written down when that is no quantity."""
    on_hand = state.items[i].stock - (state.items[i].contracted - state.items[i].shipped)
    on_order, owed = state.items[i].in_transit + state.awaits[i], state.items[i].backlog + state.owes[i]
    wanted = ask(
        net.code_address[i], now.period, on_hand, net.items[i].safety, on_order, owed, position, work.asked[i],
        net.code_values, net.code_start[i],
    )  # fmt: skip
    if not -inf < wanted < inf:
        if work.failure[0] == 0.0:
            work.failure[0], work.failure[1], work.failure[2] = 1.0, i, now.period
            work.failure[3], work.failure[4], work.failure[5] = on_hand, net.items[i].safety, on_order
            work.failure[6], work.failure[7], work.failure[8] = owed, position, work.asked[i]
        return 0.0
    return to_grid(max(wanted, 0.0), net.offset)


def _forecast_level(net: Net, state: State, work: Work, now: Now, i: int | np.int64) -> float:
    """Order-up-to level of an item that forecasts; orders planned after demand have seen this period's."""
    seen = now.period
    if net.early_items.shape[0] == 0:
        observe(net, state, work, now, i)
        seen += 1
    forecast = state.forecast[i]
    if net.window[i] > 0:
        forecast = moving_average(state.history, net.history_start[i], net.window[i], seen, net.initial[i])
    return covering_level(forecast, net.cover[i], net.buffer[i], net.offset)


def observe(net: Net, state: State, work: Work, now: Now, i: int | np.int64) -> None:
    """Take this period's demand into an item's forecast.

    Args:
        i: the item.
    """
    if net.window[i] > 0:
        state.history[net.history_start[i] + now.period % net.window[i]] = work.asked[i]
    else:
        state.forecast[i] = smoothed(state.forecast[i], work.asked[i], net.weight[i])


def observe_early(net: Net, state: State, work: Work, now: Now) -> None:
    """At the end of a period, take its demand into the forecasts of items that plan before demand."""
    for k in range(net.early_items.shape[0]):
        if net.way[net.early_items[k]] == FORECAST:
            observe(net, state, work, now, net.early_items[k])


def _position(net: Net, state: State, work: Work, i: int | np.int64) -> float:
    """Inventory position of an item, or of its echelon."""
    on_order = stock_gained(state.items[i].in_transit + state.awaits[i], net.items[i].yield_factor, net.offset)
    if net.echelon_start[i] == net.echelon_start[i + 1]:
        available = state.items[i].stock - (state.items[i].contracted - state.items[i].shipped)
        return inventory_position(available, net.items[i].safety, on_order, state.items[i].backlog + state.owes[i])
    stock, safety, owed = 0.0, 0.0, 0.0
    for k in range(net.echelon_start[i], net.echelon_start[i + 1]):
        member = net.echelon_items[k]
        stock += state.items[member].stock
        safety += net.items[member].safety
        owed += state.items[member].backlog
        if member != i:
            # What members ship to one another leaves the sum unchanged, whether it has left already or not.
            stock += state.items[member].in_transit
    return inventory_position(stock, safety, on_order, owed)

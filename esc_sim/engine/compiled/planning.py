"""Orders by inventory position over arrays."""

from __future__ import annotations

from math import inf
from typing import Final

import numpy as np

from esc_sim.behaviours.forecast import covering_level, moving_average, smoothed
from esc_sim.behaviours.grid import to_grid
from esc_sim.behaviours.order import place_order
from esc_sim.behaviours.replenish import echelon_position, is_review, lifted, ordered_for, position
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
    goods, item, policy, wanted = state.goods[i], state.items[i], net.policies[i], 0.0
    if is_review(now.period, policy.first_review, policy.review_every):
        level = _position(net, state, i)
        if policy.way == FORECAST:
            wanted = lifted(level, _forecast_level(net, state, now, i))
        elif net.farms != 0 and policy.way == FIELDS:
            wanted = lifted(level, wanted_by_fields(net, state, now, i))
        elif policy.way == CODE:
            wanted = _asked_of_code(net, state, work, now, i, level)
        else:
            wanted = quantity_by_rule(policy.rule, level, net.parameters[i])
        wanted = ordered_for(wanted, goods.yield_factor, net.offset)
    place_order(net, goods, item, work.money[goods.node], wanted, work.levels[ORDER, goods.node])


def _asked_of_code(net: Net, state: State, work: Work, now: Now, i: int | np.int64, level: float) -> float:
    """What a user's function wants; what it saw is written down when that is no quantity."""
    goods, item = state.goods[i], state.items[i]
    on_hand = goods.stock - (goods.contracted - goods.shipped)
    on_order, owed = goods.in_transit + item.awaits, goods.backlog + item.owes
    wanted = ask(
        net.code_address[i], now.period, on_hand, goods.safety_stock, on_order, owed, level, item.requested,
        net.code_values, net.code_start[i],
    )  # fmt: skip
    if not -inf < wanted < inf:
        if work.failure[0] == 0.0:
            work.failure[0], work.failure[1], work.failure[2] = 1.0, i, now.period
            work.failure[3], work.failure[4], work.failure[5] = on_hand, goods.safety_stock, on_order
            work.failure[6], work.failure[7], work.failure[8] = owed, level, item.requested
        return 0.0
    return to_grid(max(wanted, 0.0), net.offset)


def _forecast_level(net: Net, state: State, now: Now, i: int | np.int64) -> float:
    """Order-up-to level of an item that forecasts; orders planned after demand have seen this period's."""
    seen, policy = now.period, net.policies[i]
    if net.early_items.shape[0] == 0:
        observe(net, state, now, i)
        seen += 1
    forecast = state.items[i].forecast
    if policy.window > 0:
        forecast = moving_average(state.history, policy.history_start, policy.window, seen, policy.initial)
    return covering_level(forecast, policy.cover, policy.buffer, net.offset)


def observe(net: Net, state: State, now: Now, i: int | np.int64) -> None:
    """Take this period's demand into an item's forecast.

    Args:
        i: the item.
    """
    item, policy = state.items[i], net.policies[i]
    if policy.window > 0:
        state.history[policy.history_start + now.period % policy.window] = item.requested
    else:
        item.forecast = smoothed(item.forecast, item.requested, policy.weight)


def observe_early(net: Net, state: State, now: Now) -> None:
    """At the end of a period, take its demand into the forecasts of items that plan before demand."""
    for k in range(net.early_items.shape[0]):
        if net.policies[net.early_items[k]].way == FORECAST:
            observe(net, state, now, net.early_items[k])


def _position(net: Net, state: State, i: int | np.int64) -> float:
    """Inventory position of an item, or of its echelon."""
    if net.echelon_start[i] == net.echelon_start[i + 1]:
        return position(net, state.goods[i], state.items[i])
    return echelon_position(net, state.goods, state.items[i], i, net.echelon_start, net.echelon_items)

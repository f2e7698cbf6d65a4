"""What nodes do with goods beside trading them, over arrays: recipes, expiry, by-products."""

from __future__ import annotations

from typing import Final

import numpy as np

from esc_sim.behaviours.byproducts import excess, taken_in
from esc_sim.behaviours.perish import expire, take_in_late
from esc_sim.behaviours.recipes import make_output, mature, possible_runs, spend_on_runs, take_back, use_input
from esc_sim.behaviours.sell import reduced, reduced_cap
from esc_sim.disruptions.registry import row_of
from esc_sim.engine.compiled.arrays import Net, Now, State, Work
from esc_sim.instance.model import NO_ITEM

PRODUCE: Final = row_of("produce")
RECEIVE: Final = row_of("receive")
SHIP: Final = row_of("ship")


def run_recipes(net: Net, state: State, work: Work, now: Now) -> None:
    """Outputs of earlier runs come in; then each node runs its recipes, in the order in which they are listed."""
    making = net.making
    for k in range(len(making.lagged)):
        i, slot = making.lagged[k], now.period % state.maturing.shape[0]
        mature(state.goods[i], state.items[i], state.maturing[slot, i])
        state.maturing[slot, i] = 0.0
    for q in range(len(making.recipe_node)):
        node = making.recipe_node[q]
        health = work.levels[PRODUCE, node]
        runs = possible_runs(net, making, state.goods, state.items, work.nodes[node], q, health)
        if runs > 0.0:
            _run(net, state, work, now, q, runs)


def _run(net: Net, state: State, work: Work, now: Now, q: int, runs: float) -> None:
    making = net.making
    for k in range(making.input_start[q], making.input_start[q + 1]):
        i = making.input_item[k]
        use_input(net, making, state.goods[i], state.items[i], k, runs)
    ripening = state.maturing[(now.period + making.lag[q]) % state.maturing.shape[0]]
    for k in range(making.output_start[q], making.output_start[q + 1]):
        i = making.output_item[k]
        make_output(net, making, state.goods[i], state.items[i], ripening, q, k, runs)
    spend_on_runs(net, making, work.nodes[making.recipe_node[q]], work.network[0], q, runs)


def leave_behind(net: Net, state: State) -> None:
    """What customers leave of what they bought in this period comes back."""
    making = net.making
    for k in range(len(making.left)):
        take_back(net, state.goods[making.left[k]], state.goods[making.bought[k]], making.left_share[k])


def end_shelf_lives(net: Net, state: State, work: Work, now: Now) -> None:
    """At the end of a period, what has outlived its shelf life becomes waste, or is disposed of."""
    making = net.making
    for k in range(len(making.perishable)):
        i = making.perishable[k]
        expire(net, making, state.goods[i], state.items[i], state.late, state.recent, state.entered, now.period, k)
    for k in range(len(making.perishable)):
        i = making.perishable[k]
        gone = state.items[i].expired
        if making.waste[k] != NO_ITEM:
            state.goods[making.waste[k]].produced += gone
            take_in_late(making, state.goods[making.waste[k]], state.late, gone)
        else:
            work.nodes[state.goods[i].node].disposal_cost += making.disposal_cost[i] * gone


def offer_byproducts(net: Net, state: State, work: Work) -> None:
    """What no order waits for and no store has room for goes to takers in rising cost; the rest is disposed of."""
    making = net.making
    for g in range(len(making.giver)):
        i = making.giver[g]
        left = excess(state.goods[i].stock, state.items[i].owes, making.room[i])
        if left <= 0.0:
            continue
        node = state.goods[i].node
        offered = reduced(left, work.levels[SHIP, node], net.offset)
        for t in range(making.taker_start[g], making.taker_start[g + 1]):
            amount = _give(net, state, work, i, t, offered)
            offered -= amount
            left -= amount
        state.goods[i].stock -= left
        state.items[i].disposed += left
        work.nodes[node].disposal_cost += making.disposal_cost[i] * left


def _give(net: Net, state: State, work: Work, i: np.uint32, t: int, offered: float) -> float:
    """Offer goods to one taker; returns what it takes."""
    making = net.making
    j, giver = making.taker[t], state.goods[i].node
    taker = state.goods[j].node
    capacity = reduced_cap(making.taker_capacity[t], work.levels[RECEIVE, taker], net.offset)
    amount = taken_in(offered, capacity, state.goods[j].stock, making.room[j])
    if amount <= 0.0:
        return 0.0
    state.goods[i].stock -= amount
    state.items[i].given += amount
    state.items[j].taken += amount
    take_in_late(making, state.goods[j], state.late, amount)
    pay(work, giver, taker, making.gate_fee[t] * amount)
    work.money[giver].procurement += making.haul[t] * amount
    work.network[0].making_emissions += making.haul_emissions[t] * amount
    return amount


def pay(work: Work, payer: int | np.int64 | np.uint32, payee: int | np.int64 | np.uint32, money: float) -> None:
    """Money changes hands between two nodes without an order; below 0 the payee pays.

    Args:
        payer: node that pays.
        payee: node that is paid.
        money: how much.
    """
    if money >= 0.0:
        work.money[payer].procurement += money
        work.money[payee].internal_income += money
    else:
        work.money[payee].procurement += -money
        work.money[payer].internal_income += -money

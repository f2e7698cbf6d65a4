"""What nodes do with goods beside trading them, over arrays: recipes, expiry, by-products."""

from __future__ import annotations

from math import inf
from typing import Final

import numpy as np

from esc_sim.behaviours.byproducts import excess, taken_in
from esc_sim.behaviours.perish import outlived
from esc_sim.behaviours.receive import stock_gained
from esc_sim.behaviours.recipes import recipe_amount, runs_within
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
    for k in range(making.lagged.shape[0]):
        i, slot = making.lagged[k], now.period % state.maturing.shape[0]
        done = state.maturing[slot, i]
        state.maturing[slot, i] = 0.0
        state.items[i].in_process -= done
        state.goods[i].stock += done
        state.goods[i].produced += done
    for q in range(making.recipe_node.shape[0]):
        runs = _runs(net, state, work, q)
        if runs > 0.0:
            _run(net, state, work, now, q, runs)


def _runs(net: Net, state: State, work: Work, q: int) -> float:
    """Runs that capacity and health, inputs on hand, room for outputs, and energy allow."""
    making = net.making
    node = making.recipe_node[q]
    runs = reduced_cap(making.run_capacity[q], work.levels[PRODUCE, node], net.offset)
    for k in range(making.input_start[q], making.input_start[q + 1]):
        i = making.input_item[k]
        if making.environment[i] == 0:
            runs = runs_within(runs, state.goods[i].stock, making.input_amount[k])
    for k in range(making.output_start[q], making.output_start[q + 1]):
        i = making.output_item[k]
        if making.output_limits[k] != 0:
            runs = runs_within(
                runs,
                state.goods[i].target_stock - state.goods[i].stock - state.items[i].in_process,
                making.output_amount[k],
            )
    if making.run_energy[q] > 0.0:
        runs = runs_within(runs, work.nodes[node].energy, making.run_energy[q])
    return runs


def _run(net: Net, state: State, work: Work, now: Now, q: int, runs: float) -> None:
    making = net.making
    node = making.recipe_node[q]
    for k in range(making.input_start[q], making.input_start[q + 1]):
        i = making.input_item[k]
        if making.environment[i] != 0:
            amount = recipe_amount(making.input_amount[k], runs, inf, net.offset)
            state.goods[i].produced += amount
        else:
            amount = recipe_amount(making.input_amount[k], runs, state.goods[i].stock, net.offset)
            state.goods[i].stock -= amount
        state.items[i].consumed += amount
        if net.tally != 0:
            state.items[i].requested += amount
            state.items[i].filled += amount
    for k in range(making.output_start[q], making.output_start[q + 1]):
        i, most = making.output_item[k], inf
        if making.output_limits[k] != 0:
            most = state.goods[i].target_stock - state.goods[i].stock - state.items[i].in_process
        amount = recipe_amount(making.output_amount[k], runs, most, net.offset)
        if making.lag[q] > 0:
            state.maturing[(now.period + making.lag[q]) % state.maturing.shape[0], i] += amount
            state.items[i].in_process += amount
        else:
            state.goods[i].stock += amount
            state.goods[i].produced += amount
    energy = recipe_amount(making.run_energy[q], runs, work.nodes[node].energy, net.offset)
    work.nodes[node].energy -= energy
    work.network[0].energy += energy
    work.nodes[node].recipe_cost += making.run_cost[q] * runs
    work.network[0].making_emissions += making.run_emissions[q] * runs


def take_back(net: Net, state: State, work: Work) -> None:
    """What customers leave of what they bought in this period comes back."""
    making = net.making
    for k in range(making.left.shape[0]):
        i = making.left[k]
        amount = recipe_amount(making.left_share[k], state.goods[making.bought[k]].served, inf, net.offset)
        state.goods[i].stock += amount
        state.goods[i].produced += amount


def expire(net: Net, state: State, work: Work, now: Now) -> None:
    """At the end of a period, what has outlived its shelf life becomes waste, or is disposed of."""
    making = net.making
    for k in range(making.perishable.shape[0]):
        i = making.perishable[k]
        gained = state.late[k] + stock_gained(state.goods[i].received, state.goods[i].yield_factor, net.offset)
        gained += state.goods[i].produced
        state.late[k] = 0.0
        if making.shelf_life[k] > 1:
            place = making.ring_start[k] + now.period % (making.shelf_life[k] - 1)
            state.recent[k] += gained - state.entered[place]
            state.entered[place] = gained
        gone = outlived(state.goods[i].stock, state.recent[k])
        state.goods[i].stock -= gone
        state.items[i].expired = gone
    for k in range(making.perishable.shape[0]):
        i = making.perishable[k]
        gone = state.items[i].expired
        if making.waste[k] != NO_ITEM:
            state.goods[making.waste[k]].produced += gone
            _take_in_late(net, state, making.waste[k], gone)
        else:
            work.nodes[state.goods[i].node].disposal_cost += making.disposal_cost[i] * gone


def _take_in_late(net: Net, state: State, i: int | np.int64 | np.uint32, amount: float) -> None:
    """Goods come into stock after the review; if they perish they are fresh at the next."""
    state.goods[i].stock += amount
    if net.making.perishable_of[i] != NO_ITEM:
        state.late[net.making.perishable_of[i]] += amount


def offer_byproducts(net: Net, state: State, work: Work) -> None:
    """What no order waits for and no store has room for goes to takers in rising cost; the rest is disposed of."""
    making = net.making
    for g in range(making.giver.shape[0]):
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
    _take_in_late(net, state, j, amount)
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

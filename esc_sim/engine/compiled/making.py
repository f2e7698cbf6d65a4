"""What nodes do with goods beside trading them, over arrays: recipes, expiry, by-products."""

from __future__ import annotations

from math import inf
from typing import Final

import numpy as np

from esc_sim.behaviours.byproducts import excess, taken_in
from esc_sim.behaviours.perish import outlived
from esc_sim.behaviours.produce import stock_gained
from esc_sim.behaviours.recipes import recipe_amount, runs_within
from esc_sim.behaviours.sell import reduced, reduced_cap
from esc_sim.disruptions.registry import row_of
from esc_sim.engine.compiled.arrays import Net, Now, State, Work
from esc_sim.engine.compiled.tables import (
    CONSUMED,
    DISPOSAL,
    DISPOSED,
    EXPIRED,
    GIVEN,
    MAKING_EMISSIONS,
    RUNNING,
    TAKEN,
)
from esc_sim.instance.model import NO_ITEM

PRODUCE: Final = row_of("produce")
RECEIVE: Final = row_of("receive")
SHIP: Final = row_of("ship")


def open_making(net: Net, work: Work) -> None:
    """Clear what belongs to one period."""
    work.handled[:] = 0.0
    work.spent[:] = 0.0
    for node in range(work.energy.shape[0]):
        work.energy[node] = net.making.energy_limit[node]
    work.energy_used[0] = 0.0


def run_recipes(net: Net, state: State, work: Work, now: Now) -> None:
    """Outputs of earlier runs come in; then each node runs its recipes, in the order in which they are listed."""
    making = net.making
    for k in range(making.lagged.shape[0]):
        i, slot = making.lagged[k], now.period % state.maturing.shape[0]
        done = state.maturing[slot, i]
        state.maturing[slot, i] = 0.0
        state.in_process[i] -= done
        state.items[i].stock += done
        state.items[i].produced += done
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
            runs = runs_within(runs, state.items[i].stock, making.input_amount[k])
    for k in range(making.output_start[q], making.output_start[q + 1]):
        i = making.output_item[k]
        if making.output_limits[k] != 0:
            runs = runs_within(
                runs, net.items[i].target - state.items[i].stock - state.in_process[i], making.output_amount[k]
            )
    if making.run_energy[q] > 0.0:
        runs = runs_within(runs, work.energy[node], making.run_energy[q])
    return runs


def _run(net: Net, state: State, work: Work, now: Now, q: int, runs: float) -> None:
    making = net.making
    node = making.recipe_node[q]
    for k in range(making.input_start[q], making.input_start[q + 1]):
        i = making.input_item[k]
        if making.environment[i] != 0:
            amount = recipe_amount(making.input_amount[k], runs, inf, net.offset)
            state.items[i].produced += amount
        else:
            amount = recipe_amount(making.input_amount[k], runs, state.items[i].stock, net.offset)
            state.items[i].stock -= amount
        work.handled[i, CONSUMED] += amount
        if net.tally != 0:
            work.asked[i] += amount
            work.filled[i] += amount
    for k in range(making.output_start[q], making.output_start[q + 1]):
        i, most = making.output_item[k], inf
        if making.output_limits[k] != 0:
            most = net.items[i].target - state.items[i].stock - state.in_process[i]
        amount = recipe_amount(making.output_amount[k], runs, most, net.offset)
        if making.lag[q] > 0:
            state.maturing[(now.period + making.lag[q]) % state.maturing.shape[0], i] += amount
            state.in_process[i] += amount
        else:
            state.items[i].stock += amount
            state.items[i].produced += amount
    energy = recipe_amount(making.run_energy[q], runs, work.energy[node], net.offset)
    work.energy[node] -= energy
    work.energy_used[0] += energy
    work.spent[node, RUNNING] += making.run_cost[q] * runs
    work.sums[MAKING_EMISSIONS] += making.run_emissions[q] * runs


def take_back(net: Net, state: State, work: Work) -> None:
    """What customers leave of what they bought in this period comes back."""
    making = net.making
    for k in range(making.left.shape[0]):
        i = making.left[k]
        amount = recipe_amount(making.left_share[k], state.items[making.bought[k]].served, inf, net.offset)
        state.items[i].stock += amount
        state.items[i].produced += amount


def expire(net: Net, state: State, work: Work, now: Now) -> None:
    """At the end of a period, what has outlived its shelf life becomes waste, or is disposed of."""
    making = net.making
    for k in range(making.perishable.shape[0]):
        i = making.perishable[k]
        gained = state.late[k] + stock_gained(state.items[i].received, net.items[i].yield_factor, net.offset)
        gained += state.items[i].produced
        state.late[k] = 0.0
        if making.shelf_life[k] > 1:
            place = making.ring_start[k] + now.period % (making.shelf_life[k] - 1)
            state.recent[k] += gained - state.entered[place]
            state.entered[place] = gained
        gone = outlived(state.items[i].stock, state.recent[k])
        state.items[i].stock -= gone
        work.handled[i, EXPIRED] = gone
    for k in range(making.perishable.shape[0]):
        i = making.perishable[k]
        gone = work.handled[i, EXPIRED]
        if making.waste[k] != NO_ITEM:
            state.items[making.waste[k]].produced += gone
            _take_in_late(net, state, making.waste[k], gone)
        else:
            work.spent[net.items[i].node, DISPOSAL] += making.disposal_cost[i] * gone


def _take_in_late(net: Net, state: State, i: int | np.int64 | np.uint32, amount: float) -> None:
    """Goods come into stock after the review; if they perish they are fresh at the next."""
    state.items[i].stock += amount
    if net.making.perishable_of[i] != NO_ITEM:
        state.late[net.making.perishable_of[i]] += amount


def offer_byproducts(net: Net, state: State, work: Work) -> None:
    """What no order waits for and no store has room for goes to takers in rising cost; the rest is disposed of."""
    making = net.making
    for g in range(making.giver.shape[0]):
        i = making.giver[g]
        left = excess(state.items[i].stock, state.owes[i], making.room[i])
        if left <= 0.0:
            continue
        node = net.items[i].node
        offered = reduced(left, work.levels[SHIP, node], net.offset)
        for t in range(making.taker_start[g], making.taker_start[g + 1]):
            amount = _give(net, state, work, i, t, offered)
            offered -= amount
            left -= amount
        state.items[i].stock -= left
        work.handled[i, DISPOSED] += left
        work.spent[node, DISPOSAL] += making.disposal_cost[i] * left


def _give(net: Net, state: State, work: Work, i: np.uint32, t: int, offered: float) -> float:
    """Offer goods to one taker; returns what it takes."""
    making = net.making
    j, giver = making.taker[t], net.items[i].node
    taker = net.items[j].node
    capacity = reduced_cap(making.taker_capacity[t], work.levels[RECEIVE, taker], net.offset)
    amount = taken_in(offered, capacity, state.items[j].stock, making.room[j])
    if amount <= 0.0:
        return 0.0
    state.items[i].stock -= amount
    work.handled[i, GIVEN] += amount
    work.handled[j, TAKEN] += amount
    _take_in_late(net, state, j, amount)
    pay(work, giver, taker, making.gate_fee[t] * amount)
    work.nodes[giver].procurement += making.haul[t] * amount
    work.sums[MAKING_EMISSIONS] += making.haul_emissions[t] * amount
    return amount


def pay(work: Work, payer: int | np.int64 | np.uint32, payee: int | np.int64 | np.uint32, money: float) -> None:
    """Money changes hands between two nodes without an order; below 0 the payee pays.

    Args:
        payer: node that pays.
        payee: node that is paid.
        money: how much.
    """
    if money >= 0.0:
        work.nodes[payer].procurement += money
        work.nodes[payee].internal += money
    else:
        work.nodes[payee].procurement += -money
        work.nodes[payer].internal += -money


def write_totals(net: Net, work: Work, out: np.record) -> None:
    """The period's totals of making.

    Args:
        out: totals of the period; written.
    """
    disposal = running = expired = consumed = given = disposed = energy = 0.0
    if net.makes != 0:
        for node in range(work.spent.shape[0]):
            disposal += work.spent[node, DISPOSAL]
            running += work.spent[node, RUNNING]
        for i in range(work.handled.shape[0]):
            expired += work.handled[i, EXPIRED]
            consumed += work.handled[i, CONSUMED]
            given += work.handled[i, GIVEN]
            disposed += work.handled[i, DISPOSED]
        energy = work.energy_used[0]
    out.disposal_cost = disposal
    out.recipe_cost = running
    out.expired = expired
    out.consumed = consumed
    out.given = given
    out.disposed = disposed
    out.energy = energy


def keep_balance(net: Net, state: State, work: Work) -> None:
    """Add the period to each item's flows."""
    for i in range(state.flows.shape[0]):
        flows = state.flows[i]
        flows.gained += stock_gained(state.items[i].received, net.items[i].yield_factor, net.offset)
        flows.produced += state.items[i].produced
        flows.taken += work.handled[i, TAKEN]
        flows.served += state.items[i].served
        flows.shipped += state.items[i].shipped
        flows.consumed += work.handled[i, CONSUMED]
        flows.expired += work.handled[i, EXPIRED]
        flows.given += work.handled[i, GIVEN]
        flows.disposed += work.handled[i, DISPOSED]

"""Microgrids over arrays: gas is burnt, recipes say what energy they want, and the energy plan is settled."""

from __future__ import annotations

from typing import Final

from esc_sim.behaviours.power import (
    DEVIATION,
    DEVIATION_COST,
    EXPORTED,
    GRID_COST,
    IMPORTED,
    LOAD,
    SHED,
    SOLAR,
    SPILLED,
    energy_allowed,
    gas_settled,
    settle_day,
    sun_factor,
)
from esc_sim.behaviours.recipes import recipe_amount, trial_runs, try_runs
from esc_sim.disruptions.registry import row_of
from esc_sim.engine.compiled.arrays import Chance, Net, Now, State, Work
from esc_sim.instance.model import NO_COLUMN

PRODUCE: Final = row_of("produce")


def supply_power(net: Net, state: State, chance: Chance, work: Work, now: Now) -> None:
    """Power of a period: before recipes run, after goods have arrived."""
    power = net.power
    _request(net, state, work, now)
    for b in range(power.load.shape[0]):
        work.bus_load[b] = power.load[b]
        for k in range(power.bus_start[b], power.bus_start[b + 1]):
            work.bus_load[b] += work.wanted[power.bus_node[k]]
        for column in range(work.bus_sums.shape[1]):
            work.bus_sums[b, column] = 0.0
        work.bus_price[b] = 0.0
    cost, price, in_lines, in_batteries = 0.0, 0.0, 0.0, 0.0
    for d in range(chance.day_plan.shape[1]):
        leaflet = chance.day_plan[now.row, d]
        for b in range(power.load.shape[0]):
            _settle(net, chance, work, now, leaflet, b)
        cost += chance.plans.rest[leaflet, 0]
        in_lines += chance.plans.rest[leaflet, 1]
        in_batteries += chance.plans.rest[leaflet, 2]
        price += power.mean_price[chance.plans.kind[leaflet]]
    price /= chance.day_plan.shape[1]
    shortfall = _burn(net, state, chance, work, now, price)
    _limit(net, work)
    _book(net, chance, work, cost, shortfall, in_lines, in_batteries)


def _request(net: Net, state: State, work: Work, now: Now) -> None:
    """The energy that each node's recipes would use if there were enough, run as `run_recipes` runs them.

    The gas that engines burn is no longer there.
    """
    making = net.making
    for i in range(state.items.shape[0]):
        work.trial[i] = state.goods[i].stock
        work.trial_process[i] = state.items[i].in_process
    for k in range(net.power.gas_item.shape[0]):
        work.trial[net.power.gas_item[k]] = 0.0
    for k in range(len(making.lagged)):
        i = making.lagged[k]
        done = state.maturing[now.period % state.maturing.shape[0], i]
        work.trial_process[i] -= done
        work.trial[i] += done
    for node in range(work.wanted.shape[0]):
        work.wanted[node] = 0.0
    for q in range(len(making.recipes)):
        recipe = making.recipes[q]
        node = recipe.node
        health, left = work.levels[PRODUCE, node], work.nodes[node].energy - work.wanted[node]
        runs = trial_runs(net, making, recipe, state.goods, work.trial, work.trial_process, health, left)
        if runs > 0.0:
            try_runs(net, making, recipe, state.goods, work.trial, work.trial_process, runs)
            work.wanted[node] += recipe_amount(recipe.energy, runs, left, net.offset)


def _settle(net: Net, chance: Chance, work: Work, now: Now, leaflet: int, b: int) -> None:
    """Settle a day of one bus."""
    power, plans = net.power, chance.plans
    kind, hours = plans.kind[leaflet], plans.hours[leaflet]
    column = power.sun_column[b]
    draw = chance.draws[now.row, column] if column != NO_COLUMN else 0.0
    settle_day(
        hours[0, b],
        hours[1, b],
        hours[2, b],
        hours[3, b],
        hours[4, b],
        power.shape[kind, b],
        power.sun[kind],
        power.price_in[kind],
        power.price_out[kind],
        power.import_max[b],
        power.export_max[b],
        power.peak[b],
        power.planned[b],
        work.bus_load[b],
        sun_factor(power.sun_loc[b], power.sun_scale[b], draw),
        power.voll[b],
        work.bus_sums[b],
    )
    work.bus_price[b] += plans.price[leaflet, b]


def _burn(net: Net, state: State, chance: Chance, work: Work, now: Now, price: float) -> float:
    """Burn the gas that nodes have; returns what is paid for the power of gas that is not there."""
    power, plans = net.power, chance.plans
    paid = 0.0
    for k in range(power.gas_item.shape[0]):
        made, burnt, flared = 0.0, 0.0, 0.0
        for d in range(chance.day_plan.shape[1]):
            leaflet = chance.day_plan[now.row, d]
            made += plans.power[leaflet, k]
            burnt += plans.burnt[leaflet, k]
            flared += plans.flared[leaflet, k]
        i = power.gas_item[k]
        gas = state.goods[i].stock
        state.goods[i].stock = 0.0
        state.items[i].consumed += gas
        if net.tally != 0:
            state.items[i].requested += gas
            state.items[i].filled += gas
        done = gas_settled(state.gas[k], gas * power.gas_energy[k], burnt, flared, power.room[k])
        state.gas[k] = done[0]
        bought = done[1] * power.eta[k]
        paid += bought * price
        work.bus_sums[power.engine_bus[k], IMPORTED] += bought
        place = power.first + 6 * power.load.shape[0] + 3 * k
        work.observed[place] = made - bought
        work.observed[place + 1] = done[0]
        work.observed[place + 2] = done[2]
    return paid


def _limit(net: Net, work: Work) -> None:
    """Recipes of a bus that sheds get their part of what is left."""
    power = net.power
    for b in range(power.load.shape[0]):
        load, lost = work.bus_load[b], work.bus_sums[b, SHED]
        for k in range(power.bus_start[b], power.bus_start[b + 1]):
            node = power.bus_node[k]
            allowed = energy_allowed(work.wanted[node], load, lost)
            if allowed < work.wanted[node]:
                work.nodes[node].energy = recipe_amount(1.0, allowed, work.nodes[node].energy, net.offset)


def _book(
    net: Net, chance: Chance, work: Work, cost: float, shortfall: float, in_lines: float, in_batteries: float
) -> None:
    """Money of the period, and the series that are shown."""
    power = net.power
    days = chance.day_plan.shape[1]
    deviation, deviation_cost, spilled = 0.0, shortfall, 0.0
    for b in range(power.load.shape[0]):
        sums, place = work.bus_sums[b], power.first + 6 * b
        cost += sums[GRID_COST]
        deviation += sums[DEVIATION]
        deviation_cost += sums[DEVIATION_COST]
        spilled += sums[SPILLED]
        work.observed[place] = sums[LOAD]
        work.observed[place + 1] = sums[IMPORTED]
        work.observed[place + 2] = sums[EXPORTED]
        work.observed[place + 3] = sums[SHED]
        work.observed[place + 4] = sums[SOLAR]
        work.observed[place + 5] = work.bus_price[b] / days
    place = power.first + 6 * power.load.shape[0] + 3 * power.gas_item.shape[0]
    work.observed[place] = deviation
    work.observed[place + 1] = deviation_cost
    work.observed[place + 2] = cost + shortfall
    work.observed[place + 3] = in_lines
    work.observed[place + 4] = in_batteries
    work.observed[place + 5] = spilled
    work.nodes[power.operator].recipe_cost += cost + shortfall

"""Fields over arrays: harvest, the nutrient market, fertiliser spread, the year of the soil."""

from __future__ import annotations

from math import inf
from typing import Final

import numpy as np

from esc_sim.behaviours.accept import fair_share
from esc_sim.behaviours.farming import (
    COST,
    FIELD_SHOWN,
    OPEN,
    ROOM,
    SOIL_VALUE,
    WEATHER,
    begin_period,
    begin_year,
    book_harvest,
    collected_residue,
    end_year,
    harvested,
    show_field,
    weather_factor,
)
from esc_sim.behaviours.nutrients import (
    asked_price,
    best_offer,
    delivered_cost,
    spread_organic,
    spread_synthetic,
    units_needed,
    wished,
)
from esc_sim.behaviours.sell import moved_unit_cost, reduced, sellable
from esc_sim.disruptions.registry import row_of
from esc_sim.engine.compiled.arrays import Chance, Net, Now, State, Work
from esc_sim.engine.compiled.making import pay
from esc_sim.instance.model import NO_COLUMN, NO_ITEM

PRODUCE: Final = row_of("produce")
RECEIVE: Final = row_of("receive")
SHIP: Final = row_of("ship")
PRICE: Final = row_of("price_factor")


def grow(net: Net, state: State, chance: Chance, work: Work, now: Now) -> None:
    """A new year begins, fertiliser that has arrived is spread, crops are harvested."""
    farm = net.farming
    week = now.period % farm.year
    for f in range(farm.node.shape[0]):
        begin_period(state.fields[f])
        if week == 0:
            begin_year(state.fields[f], farm.numbers[f], farm.soil)
            work.nodes[farm.node[f]].recipe_cost += farm.numbers[f, COST]
    for g in range(farm.fertiliser.shape[0]):
        _spread_stock(net, state, work, g, week, False)
    for f in range(farm.node.shape[0]):
        if week == farm.first[f]:
            column = farm.weather_column[f]
            draw = 0.0 if column == NO_COLUMN else chance.draws[now.row, column]
            state.fields[f, WEATHER] = weather_factor(farm.weather_loc[f], farm.weather_scale[f], draw)
        if farm.shares[f, week] > 0.0:
            _harvest(net, state, work, f, farm.shares[f, week])


def _harvest(net: Net, state: State, work: Work, f: int, share: float) -> None:
    farm = net.farming
    field, numbers, i = state.fields[f], farm.numbers[f], farm.crop[f]
    crop = harvested(field, numbers, share, work.levels[PRODUCE, farm.node[f]], net.offset)
    residue = 0.0
    if farm.residue[f] != NO_ITEM:
        residue = collected_residue(numbers, crop, net.offset)
        state.goods[farm.residue[f]].stock += residue
        state.goods[farm.residue[f]].produced += residue
    book_harvest(field, numbers, crop, residue)
    state.goods[i].stock += crop
    state.goods[i].produced += crop
    work.network[0].emissions += state.goods[i].emissions * crop


def _spread_stock(net: Net, state: State, work: Work, g: int, week: int, market: bool) -> None:
    """Spread what is on hand of a fertiliser on the fields that need it, in proportion to their needs."""
    farm = net.farming
    i, available = farm.fertiliser[g], farm.fertiliser_available[g]
    stock, total = state.goods[i].stock, 0.0
    if stock <= 0.0:
        return
    for k in range(farm.field_start[g], farm.field_start[g + 1]):
        f = farm.fields[k]
        if _spreads(net, f, week, market):
            total += units_needed(state.fields[f], available, False, net.offset)
    for k in range(farm.field_start[g], farm.field_start[g + 1]):
        f = farm.fields[k]
        if _spreads(net, f, week, market):
            units = units_needed(state.fields[f], available, False, net.offset)
            units = min(fair_share(units, stock, total, net.offset), state.goods[i].stock)
            state.goods[i].stock -= units
            state.items[i].consumed += units
            if net.tally != 0:
                state.items[i].requested += units
                state.items[i].filled += units
            spread_synthetic(state.fields[f], units, available, farm.fertiliser_total[g], farm.fertiliser_kept[g])


def _spreads(net: Net, f: int | np.int64, week: int, market: bool) -> bool:
    """Whether a field is given its fertiliser now: after its nutrient market, or later and before the harvest."""
    if market:
        return net.farming.apply[f] == week
    return net.farming.apply[f] < week and week < net.farming.first[f]


def fertilise(net: Net, state: State, work: Work, now: Now) -> None:
    """Fields whose week it is buy organic fertiliser in the nutrient market, then spread what their node has."""
    farm = net.farming
    week = now.period % farm.year
    buying = False
    for f in range(farm.node.shape[0]):
        work.spreading.choice[f] = -1
        if farm.apply[f] == week:
            buying = True
            _price(net, work, f)
    if not buying:
        return
    for o in range(farm.offer_item.shape[0]):
        i = farm.offer_item[o]
        stock = sellable(state.goods[i].stock, state.goods[i].safety_stock, inf)
        work.spreading.left[o] = reduced(stock, work.levels[SHIP, state.goods[i].node], net.offset)
    for _ in range(farm.offer_item.shape[0] * farm.node.shape[0] + 1):
        if not _bid(net, state, work, week):
            break
        for f in range(farm.node.shape[0]):
            if work.spreading.choice[f] >= 0:
                _buy(net, state, work, f, work.spreading.choice[f])
        for o in range(farm.offer_item.shape[0]):
            if work.spreading.asked[o] >= work.spreading.whole[o]:
                work.spreading.left[o] = 0.0
    for g in range(farm.fertiliser.shape[0]):
        _spread_stock(net, state, work, g, week, True)


def _price(net: Net, work: Work, f: int) -> None:
    """What nitrogen costs a field: its own fertiliser at its cheapest supplier's, and every offer."""
    farm, spreading = net.farming, work.spreading
    g, cheapest = farm.group[f], inf
    for k in range(farm.line_start[g], farm.line_start[g + 1]):
        line = farm.lines[k]
        for arc in range(net.line_start[line], net.line_start[line + 1]):
            place = net.pos[arc]
            factor = work.levels[PRICE, net.arcs[place].supplier_node]
            cheapest = min(cheapest, moved_unit_cost(net.arcs[place].unit_cost, net.arcs[place].price, factor))
    limit = cheapest / farm.fertiliser_available[g]
    spreading.limit[f] = limit
    for k in range(farm.link_start[f], farm.link_start[f + 1]):
        o = farm.link_offer[k]
        available, worth = farm.offer_available[o], farm.soil[SOIL_VALUE] * farm.offer_kept[o]
        ask = farm.link_ask[k]
        if ask != ask:
            parity = limit * available + worth - farm.link_cost[k]
            ask = asked_price(parity, farm.link_markdown[k], farm.link_floor[k])
        spreading.asks[k] = ask
        spreading.delivered[k] = delivered_cost(ask, farm.link_cost[k], worth, available)


def _bid(net: Net, state: State, work: Work, week: int) -> bool:
    """Each field whose week it is asks for the cheapest offer left; whether any does."""
    farm, spreading = net.farming, work.spreading
    for o in range(farm.offer_item.shape[0]):
        spreading.asked[o] = 0.0
        spreading.whole[o] = spreading.left[o]
    found = False
    for f in range(farm.node.shape[0]):
        spreading.choice[f] = -1
        if farm.apply[f] != week:
            continue
        k = best_offer(
            farm.link_start[f], farm.link_start[f + 1], farm.link_offer, spreading.delivered, spreading.limit[f],
            spreading.left,
        )  # fmt: skip
        if k < 0:
            continue
        o, field = farm.link_offer[k], state.fields[f]
        need = field[OPEN] * work.levels[RECEIVE, farm.node[f]]
        wish = wished(need, field[ROOM], farm.offer_available[o], farm.offer_total[o], net.offset)
        if wish > 0.0:
            spreading.choice[f], spreading.wish[f] = k, wish
            spreading.asked[o] += wish
            found = True
    return found


def _buy(net: Net, state: State, work: Work, f: int, k: np.int64) -> None:
    """A field gets its part of an offer: goods and money change hands, the fertiliser is spread at once."""
    farm, spreading = net.farming, work.spreading
    o, j = farm.link_offer[k], farm.link_item[k]
    i = farm.offer_item[o]
    units = fair_share(spreading.wish[f], spreading.whole[o], spreading.asked[o], net.offset)
    units = min(units, spreading.left[o])
    spreading.left[o] -= units
    state.goods[i].stock -= units
    state.items[i].given += units
    state.items[j].taken += units
    state.items[j].consumed += units
    spread_organic(state.fields[f], units, farm.offer_available[o], farm.offer_total[o], farm.offer_kept[o])
    node = farm.node[f]
    pay(work, node, state.goods[i].node, spreading.asks[k] * units)
    work.money[node].procurement += farm.link_cost[k] * units
    work.network[0].making_emissions += farm.link_emissions[k] * units


def wanted_by_fields(net: Net, state: State, now: Now, i: int | np.int64) -> float:
    """Units of an item up to which its node's fields want it; -inf where none may order now.

    Args:
        i: the item.
    """
    farm = net.farming
    g, week = farm.fertiliser_of[i], now.period % farm.year
    wanted, looking = 0.0, False
    for k in range(farm.field_start[g], farm.field_start[g + 1]):
        f = farm.fields[k]
        if farm.apply[f] - farm.ahead[f] <= week and week < farm.apply[f] + farm.window[f]:
            looking = True
            wanted += units_needed(state.fields[f], farm.fertiliser_available[g], week < farm.apply[f], net.offset)
    return wanted if looking else -inf


def close_year(net: Net, state: State, work: Work, now: Now) -> None:
    """At the end of a year, nitrogen that no crop took up is lost and the soils move on; fields show themselves."""
    farm = net.farming
    last = now.period % farm.year == farm.year - 1
    for f in range(farm.node.shape[0]):
        if last:
            end_year(state.fields[f], farm.numbers[f], farm.soil)
        show_field(state.fields[f], work.observed, f * FIELD_SHOWN)

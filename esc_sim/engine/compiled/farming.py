"""Fields over arrays: harvest, the nutrient market, fertiliser spread, the year of the soil."""

from __future__ import annotations

from math import inf
from typing import Final

import numpy as np

from esc_sim.behaviours.farming import begin_period, begin_year, end_year, harvest, show_field, weather_factor
from esc_sim.behaviours.nutrients import (
    best_offer,
    haul_and_spread,
    open_offer,
    open_round,
    price_offer,
    spread_share,
    take_offer,
    units_needed,
    units_wanted,
    wished,
)
from esc_sim.behaviours.sell import moved_unit_cost
from esc_sim.disruptions.registry import row_of
from esc_sim.engine.compiled.arrays import Chance, Net, Now, State, Work
from esc_sim.fields.farm import Field
from esc_sim.fields.rows import NO_ROW

PRODUCE: Final = row_of("produce")
RECEIVE: Final = row_of("receive")
SHIP: Final = row_of("ship")
PRICE: Final = row_of("price_factor")


def grow(net: Net, state: State, chance: Chance, work: Work, now: Now) -> None:
    """A new year begins, fertiliser that has arrived is spread, crops are harvested."""
    farm = net.farming
    week = now.period % farm.year
    for f in range(len(state.fields)):
        field = state.fields[f]
        begin_period(field)
        if week == 0:
            begin_year(field, farm.soil[0])
            work.nodes[field.node].recipe_cost += field.area * (field.cost + farm.soil[0].cost)
    for g in range(len(farm.fertilisers)):
        _spread_stock(net, state, g, week, False)
    for f in range(len(state.fields)):
        field, share = state.fields[f], farm.shares[f, week]
        if week == field.first_harvest:
            column = field.weather_column
            field.weather = weather_factor(field, 0.0 if column == NO_ROW else chance.draws[now.row, column])
        if share > 0.0:
            harvest(net, field, state.goods, work.network[0], share, work.levels[PRODUCE, field.node])


def _spread_stock(net: Net, state: State, g: int, week: int, market: bool) -> None:
    """Spread what is on hand of a fertiliser on the fields that need it, in proportion to their needs."""
    fertiliser = net.farming.fertilisers[g]
    goods, item = state.goods[fertiliser.item], state.items[fertiliser.item]
    stock, total = goods.stock, 0.0
    if stock <= 0.0:
        return
    for k in range(fertiliser.first_field, fertiliser.end_field):
        field = state.fields[net.farming.by_fertiliser[k]]
        if _spreads(field, week, market):
            total += units_needed(net, field, fertiliser, 0.0)
    for k in range(fertiliser.first_field, fertiliser.end_field):
        field = state.fields[net.farming.by_fertiliser[k]]
        if _spreads(field, week, market):
            spread_share(net, field, fertiliser, goods, item, stock, total)


def _spreads(field: Field, week: int, market: bool) -> bool:
    """Whether a field is given its fertiliser now: after its nutrient market, or later and before the harvest."""
    if market:
        return field.apply == week
    return field.apply < week and week < field.first_harvest


def fertilise(net: Net, state: State, work: Work, now: Now) -> None:
    """Fields whose week it is buy organic fertiliser in the nutrient market, then spread what their node has."""
    farm, buying = net.farming, False
    week = now.period % farm.year
    for f in range(len(state.fields)):
        if state.fields[f].apply == week:
            buying = True
            _price(net, state, work, f)
    if not buying:
        return
    for o in range(len(work.offers)):
        goods = state.goods[work.offers[o].item]
        open_offer(net, work.offers[o], goods, work.levels[SHIP, goods.node])
    for _ in range(len(work.offers) * len(state.fields) + 1):
        if not _bid(net, state, work, week):
            break
        for k in range(len(work.links)):
            if work.links[k].wish > 0.0:
                _buy(net, state, work, k)
    for g in range(len(farm.fertilisers)):
        _spread_stock(net, state, g, week, True)


def _price(net: Net, state: State, work: Work, f: int) -> None:
    """What nitrogen costs a field: its own fertiliser at its cheapest supplier's, and every offer."""
    farm, field = net.farming, state.fields[f]
    fertiliser, cheapest = farm.fertilisers[field.fertiliser], inf
    for k in range(fertiliser.first_line, fertiliser.end_line):
        line = farm.lines[k]
        for a in range(net.line_start[line], net.line_start[line + 1]):
            arc = net.arcs[net.pos[a]]
            factor = work.levels[PRICE, arc.supplier_node]
            cheapest = min(cheapest, moved_unit_cost(arc.unit_cost, arc.price, factor))
    field.nitrogen_price = cheapest / fertiliser.available_nitrogen
    for k in range(field.first_link, field.end_link):
        price_offer(field, work.links[k], work.offers[work.links[k].offer], farm.soil[0])


def _bid(net: Net, state: State, work: Work, week: int) -> bool:
    """Each field whose week it is asks for the cheapest offer left; whether any does."""
    found = False
    for o in range(len(work.offers)):
        open_round(work.offers[o])
    for k in range(len(work.links)):
        work.links[k].wish = 0.0
    for f in range(len(state.fields)):
        field = state.fields[f]
        if field.apply != week:
            continue
        best = best_offer(field, work.links, work.offers)
        if best == field.end_link:
            continue
        link = work.links[best]
        link.wish = wished(net, field, work.offers[link.offer], work.levels[RECEIVE, field.node])
        work.offers[link.offer].asked += link.wish
        found = found or link.wish > 0.0
    return found


def _buy(net: Net, state: State, work: Work, k: int) -> None:
    """A field gets its part of an offer: goods and money change hands, the fertiliser is spread at once."""
    link = work.links[k]
    field, offer = state.fields[link.field], work.offers[link.offer]
    goods = state.goods[offer.item]
    units = take_offer(net, link, offer, goods, state.items[offer.item], state.items[link.taker])
    haul_and_spread(field, link, offer, work.money[field.node], work.money[goods.node], work.network[0], units)


def wanted_by_fields(net: Net, state: State, now: Now, i: int | np.int64) -> float:
    """Units of an item up to which its node's fields want it; -inf where none may order now.

    Args:
        i: the item.
    """
    farm = net.farming
    fertiliser, week = farm.fertilisers[farm.of_item[i]], now.period % farm.year
    wanted, looking = 0.0, False
    for k in range(fertiliser.first_field, fertiliser.end_field):
        more = units_wanted(net, state.fields[farm.by_fertiliser[k]], fertiliser, week)
        if more >= 0.0:
            looking = True
            wanted += more
    return wanted if looking else -inf


def close_year(net: Net, state: State, work: Work, now: Now) -> None:
    """At the end of a year, nitrogen that no crop took up is lost and the soils move on; fields show themselves."""
    last = now.period % net.farming.year == net.farming.year - 1
    for f in range(len(state.fields)):
        if last:
            end_year(state.fields[f], net.farming.soil[0])
        show_field(state.fields[f], work.shown[f])

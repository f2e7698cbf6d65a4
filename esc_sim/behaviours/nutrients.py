"""The nutrient market: what a kilogram of nitrogen costs on the field decides what is spread there.

Organic fertilisers compete with the field's own (synthetic) one by their delivered cost, money per kg of nitrogen that
plants can take up in the first year:

    delivered = (ask + haul and spreading - value of the carbon that stays) / available nitrogen per unit.
"""

from __future__ import annotations

from math import inf

from esc_sim.behaviours.accept import fair_share
from esc_sim.behaviours.grid import down_to_grid
from esc_sim.behaviours.sell import reduced, sellable
from esc_sim.behaviours.settle import pay
from esc_sim.behaviours.terms import Terms
from esc_sim.behaviours.types import Links, Offers
from esc_sim.fields.farm import Fertiliser, Field, Link, Nutrients, Offer, Soil
from esc_sim.fields.item import Goods, Item
from esc_sim.fields.network import NetworkSums
from esc_sim.fields.node import Money


def open_offer(terms: Terms, offer: Offer, goods: Goods, health: float) -> None:
    """A seller offers what it can sell; what it keeps back is not for sale.

    Args:
        terms: of the run.
        offer: written.
        goods: of the seller.
        health: share of its sales that the seller can ship.
    """
    offer.left = reduced(sellable(goods.stock, goods.safety_stock, inf), health, terms.offset)
    offer.in_round = offer.left
    offer.asked = 0.0


def open_round(offer: Offer) -> None:
    """Fields may ask again for what is left. What was asked for to the last unit is sold out, but for rounding dust."""
    if offer.asked >= offer.in_round:
        offer.left = 0.0
    offer.in_round = offer.left
    offer.asked = 0.0


def price_offer(field: Field, link: Link, offer: Offer, soil: Soil) -> None:
    """What a seller asks of a field, and what a kilogram of available nitrogen then costs there.

    It asks a little less than parity, at which nitrogen costs as much as that of the field's own fertiliser, but not
    less than its floor, which is negative where it would have to pay for disposal.

    Args:
        field: that may buy; what nitrogen of its own fertiliser costs is known.
        link: of field and offer; written.
        offer: on the market.
        soil: the soil's law.
    """
    worth = soil.soil_value * offer.lasting_carbon
    ask = link.ask
    if ask != ask:
        parity = field.nitrogen_price * offer.available_nitrogen + worth - link.cost
        ask = parity - link.markdown * abs(parity)
        if ask < link.floor:
            ask = link.floor
    link.price = ask
    link.delivered = (ask + link.cost - worth) / offer.available_nitrogen


def best_offer(field: Field, links: Links, offers: Offers) -> int:
    """The field's link to the cheapest offer that is not sold out and costs less than its own fertiliser.

    Links stand in the order of the sellers' items, so that of equal ones the lower item comes first.

    Args:
        field: that wants nitrogen.
        links, offers: all of them.

    Returns:
        Number of the link; ``field.end_link`` where there is none.
    """
    best, limit = field.end_link, field.nitrogen_price
    for k in range(field.first_link, field.end_link):
        if offers[links[k].offer].left > 0.0 and links[k].delivered < limit:
            best = k
            limit = links[k].delivered
    return best


def wished(terms: Terms, field: Field, offer: Offer, health: float) -> float:
    """Units that cover a field's need of available nitrogen within its room for all nitrogen, on the grid of goods.

    Args:
        terms: of the run.
        field: that wants it.
        offer: what is wanted.
        health: share of it that the field's node can take in.
    """
    units = field.need * health / offer.available_nitrogen
    most = field.room / offer.nitrogen
    if most < units:
        units = most
    if units <= 0.0:
        return 0.0
    return down_to_grid(units, terms.offset)


def take_offer(terms: Terms, link: Link, offer: Offer, goods: Goods, seller: Item, taker: Item) -> float:
    """A field gets its part of an offer: what it wished, or its share where more was asked for than there was.

    Args:
        terms: of the run.
        link: of field and offer.
        offer: written.
        goods, seller: the seller's item; written.
        taker: item of the farm, which uses it at once; written.

    Returns:
        Units.
    """
    units = min(fair_share(link.wish, offer.in_round, offer.asked, terms.offset), offer.left)
    offer.left -= units
    goods.stock -= units
    seller.given += units
    taker.taken += units
    taker.consumed += units
    return units


def haul_and_spread(
    field: Field, link: Link, offer: Offer, farm: Money, seller: Money, sums: NetworkSums, units: float
) -> None:
    """Organic fertiliser is paid for, brought to a field and spread, and counts against the yearly limit.

    Args:
        field: written.
        link: of field and offer.
        offer: what is spread.
        farm, seller: money of the field's node and of the seller's; written.
        sums: of the network; written.
        units: how much.
    """
    pay(farm, seller, link.price * units)
    farm.procurement += link.cost * units
    sums.making_emissions += link.emissions * units
    spread(field, offer, units)
    room = field.room - units * offer.nitrogen
    field.room = room if room > 0.0 else 0.0
    field.bought += units * offer.available_nitrogen
    field.organic += units * offer.nitrogen


def spread(field: Field, nutrients: Nutrients, units: float) -> None:
    """Fertiliser comes onto a field: part of its nitrogen is available at once, the rest joins the organic pool.

    Args:
        field: written.
        nutrients: of the fertiliser.
        units: how much.
    """
    available = units * nutrients.available_nitrogen
    field.supply += available
    field.organic_nitrogen += units * (nutrients.nitrogen - nutrients.available_nitrogen)
    field.carbon_added += units * nutrients.lasting_carbon
    rest = field.need - available
    field.need = rest if rest > 0.0 else 0.0


def spread_share(
    terms: Terms, field: Field, fertiliser: Fertiliser, goods: Goods, item: Item, stock: float, total: float
) -> None:
    """A field gets its share of what is on hand of its own fertiliser, by the needs of all that get some.

    Args:
        terms: of the run.
        field: written.
        fertiliser: of the field.
        goods, item: of the fertiliser; written.
        stock: what was on hand before the first field got its share, units.
        total: what all these fields need, units.
    """
    units = units_needed(terms, field, fertiliser, 0.0)
    units = min(fair_share(units, stock, total, terms.offset), goods.stock)
    goods.stock -= units
    item.consumed += units
    if terms.tally != 0:
        item.requested += units
        item.filled += units
    spread(field, fertiliser, units)
    field.synthetic += units * fertiliser.nitrogen


def units_needed(terms: Terms, field: Field, fertiliser: Fertiliser, expected: float) -> float:
    """Units of the field's own fertiliser that its open need is worth, on the grid of goods.

    Args:
        terms: of the run.
        field: which.
        fertiliser: of the field.
        expected: available nitrogen that organic fertiliser is expected to give yet, kg.
    """
    need = field.need - expected
    if need <= 0.0:
        return 0.0
    return down_to_grid(need / fertiliser.available_nitrogen, terms.offset)


def units_wanted(terms: Terms, field: Field, fertiliser: Fertiliser, week: int) -> float:
    """Units of its own fertiliser that a field wants to be there; -1 in periods in which it is not ordered.

    Ahead of the application as much organic fertiliser is expected as was spread the year before.

    Args:
        terms: of the run.
        field: which.
        fertiliser: of the field.
        week: period of the year.
    """
    if week + field.ahead < field.apply or week >= field.apply + field.window:
        return -1.0
    return units_needed(terms, field, fertiliser, field.expected if week < field.apply else 0.0)

"""What the compiled phases read of fields and fertilisers (``instance.farming``)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from esc_sim.instance.model import Instance

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Farming(NamedTuple):
    """The instance's farming: F fields, G fertiliser items, O organic offers, K links between fields and offers.

    Shapes and meanings are those of ``instance.farming``.

    Attributes:
        year: periods of a year.
        soil: law of the soil (``behaviours.farming``).
        numbers: [F, 12] what does not change of a field (``behaviours.farming``).
        node, crop, residue, group: [F] node, items, place among the fertiliser items.
        apply, ahead, window, first: [F] periods of the year.
        shares: [F, year] share of the yield harvested in each period of the year.
        weather_loc, weather_scale, weather_column: [F] factor on a year's yield.
        field_start, fields: [G + 1], and the fields of each fertiliser item.
        line_start, lines: [G + 1], and the buyer lines of each.
        fertiliser_available, fertiliser_total, fertiliser_kept: [G] per unit: available nitrogen (kg), nitrogen (kg),
            carbon that stays (t).
        offer_item, offer_available, offer_total, offer_kept: [O] sellers' items, and the same per unit.
        link_start: [F + 1] range of each field's links.
        link_offer, link_item: [K] the offer, and the item of its product at the farm.
        link_cost, link_ask, link_markdown, link_floor, link_emissions: [K] terms per unit; ask nan: by parity.
    """

    year: int
    soil: Floats
    numbers: NDArray[np.float64]
    node: Ints
    crop: Ints
    residue: Ints
    group: Ints
    apply: Ints
    ahead: Ints
    window: Ints
    first: Ints
    shares: NDArray[np.float64]
    weather_loc: Floats
    weather_scale: Floats
    weather_column: Ints
    fertiliser: Ints
    """[G] items."""
    fertiliser_of: Ints
    """[I] place of an item among them, or NO_ITEM."""
    field_start: Ints
    fields: Ints
    line_start: Ints
    lines: Ints
    fertiliser_available: Floats
    fertiliser_total: Floats
    fertiliser_kept: Floats
    offer_item: Ints
    offer_available: Floats
    offer_total: Floats
    offer_kept: Floats
    link_start: Ints
    link_offer: Ints
    link_item: Ints
    link_cost: Floats
    link_ask: Floats
    link_markdown: Floats
    link_floor: Floats
    link_emissions: Floats


class Spreading(NamedTuple):
    """Scratch of the nutrient market."""

    asks: Floats
    """[K] price asked, money per unit."""
    delivered: Floats
    """[K] delivered cost, money per kg of available nitrogen."""
    limit: Floats
    """[F] delivered cost of the field's own fertiliser."""
    left: Floats
    """[O] units left."""
    whole: Floats
    """[O] units left when the round began."""
    asked: Floats
    """[O] units asked for in the round."""
    choice: Ints
    """[F] link chosen in the round, or -1."""
    wish: Floats
    """[F] units wished."""


def farming_arrays(instance: Instance) -> Farming:
    """The instance's farming as the compiled phases read it."""
    farming = instance.farming
    fields, fertilisers, offers = farming.fields, farming.fertilisers, farming.offers
    return Farming(
        year=farming.year,
        soil=farming.soil,
        numbers=fields.numbers,
        node=fields.node,
        crop=fields.crop,
        residue=fields.residue,
        group=fields.group,
        apply=fields.apply,
        ahead=fields.ahead,
        window=fields.window,
        first=fields.first,
        shares=fields.shares,
        weather_loc=fields.weather_loc,
        weather_scale=fields.weather_scale,
        weather_column=fields.weather_column,
        fertiliser=fertilisers.item,
        fertiliser_of=fertilisers.of_item,
        field_start=fertilisers.field_start,
        fields=fertilisers.fields,
        line_start=fertilisers.line_start,
        lines=fertilisers.lines,
        fertiliser_available=fertilisers.available,
        fertiliser_total=fertilisers.total,
        fertiliser_kept=fertilisers.kept,
        offer_item=offers.item,
        offer_available=offers.available,
        offer_total=offers.total,
        offer_kept=offers.kept,
        link_start=offers.link_start,
        link_offer=offers.link_offer,
        link_item=offers.link_item,
        link_cost=offers.cost,
        link_ask=offers.ask,
        link_markdown=offers.markdown,
        link_floor=offers.floor,
        link_emissions=offers.emissions,
    )


def spreading_for(instance: Instance) -> Spreading:
    """Scratch of one thread."""
    fields, offers = len(instance.farming.fields.names), instance.farming.offers
    links, sellers = len(offers.link_offer), len(offers.item)
    return Spreading(
        asks=np.zeros(links),
        delivered=np.zeros(links),
        limit=np.zeros(fields),
        left=np.zeros(sellers),
        whole=np.zeros(sellers),
        asked=np.zeros(sellers),
        choice=np.zeros(fields, np.int64),
        wish=np.zeros(fields),
    )

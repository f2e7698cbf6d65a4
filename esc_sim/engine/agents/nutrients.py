"""The nutrient market: where farms buy organic fertilisers, once a year for each field."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from esc_sim.behaviours.nutrients import (
    best_offer,
    haul_and_spread,
    open_offer,
    open_round,
    price_offer,
    take_offer,
    wished,
)
from esc_sim.behaviours.sell import moved_unit_cost

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel
    from esc_sim.fields.farm import Field, Link


class NutrientMarket:
    """Brings farms and sellers of organic fertiliser together."""

    def __init__(self, model: SupplyChainModel) -> None:
        self.model = model

    def hold(self) -> None:
        """Fields whose week it is buy in rounds, each from the cheapest offer that is left."""
        model, books, farm = self.model, self.model.books, self.model.books.farming
        week = model.period % farm.year
        buying = [field for field in farm.fields if field.apply == week]
        if not buying:
            return
        for field in buying:
            self.price(field)
        for offer in farm.offers:
            item = books.items[offer.item]
            open_offer(books.terms, offer, item, model.health.ship[item.node])
        for _ in range(len(farm.offers) * len(farm.fields) + 1):
            bids = self.bid(buying)
            if not bids:
                break
            for link in bids:
                self.buy(link)

    def price(self, field: Field) -> None:
        """What nitrogen costs a field: its own fertiliser at its cheapest supplier's, and every offer."""
        books, farm = self.model.books, self.model.books.farming
        fertiliser, cheapest = farm.fertilisers[field.fertiliser], inf
        for line in farm.lines[fertiliser.first_line : fertiliser.end_line]:
            for arc in books.arcs[books.line_start[line] : books.line_start[line + 1]]:
                factor = self.model.health.price_factor[arc.supplier_node]
                cheapest = min(cheapest, moved_unit_cost(arc.unit_cost, arc.price, factor))
        field.nitrogen_price = cheapest / fertiliser.available_nitrogen
        for link in farm.links[field.first_link : field.end_link]:
            price_offer(field, link, farm.offers[link.offer], farm.soil)

    def bid(self, buying: list[Field]) -> list[Link]:
        """Each field asks for the cheapest offer left: by which links."""
        model, farm, bids = self.model, self.model.books.farming, []
        for offer in farm.offers:
            open_round(offer)
        for field in buying:
            best = best_offer(field, farm.links, farm.offers)
            if best == field.end_link:
                continue
            link = farm.links[best]
            offer = farm.offers[link.offer]
            link.wish = wished(model.books.terms, field, offer, model.health.receive[field.node])
            if link.wish > 0.0:
                offer.asked += link.wish
                bids.append(link)
        return bids

    def buy(self, link: Link) -> None:
        """A field gets its part of an offer: goods and money change hands, the fertiliser is spread at once."""
        books, farm = self.model.books, self.model.books.farming
        field, offer = farm.fields[link.field], farm.offers[link.offer]
        item = books.items[offer.item]
        units = take_offer(books.terms, link, offer, item, item, books.items[link.taker])
        haul_and_spread(field, link, offer, books.nodes[field.node], books.nodes[item.node], books.sums, units)
        if self.model.watch is not None:
            self.model.watch.give(offer.item, link.taker, units)

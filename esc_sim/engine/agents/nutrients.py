"""The nutrient market: where farms buy organic fertilisers, once a year for each field."""

from __future__ import annotations

from math import inf, isnan
from typing import TYPE_CHECKING

from esc_sim.behaviours.accept import fair_share
from esc_sim.behaviours.farming import OPEN, ROOM, SOIL_VALUE
from esc_sim.behaviours.nutrients import asked_price, best_offer, delivered_cost, spread_organic, wished
from esc_sim.behaviours.sell import moved_unit_cost, reduced, sellable

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel


class NutrientMarket:
    """Brings farms and sellers of organic fertiliser together.

    Attributes:
        asks: price asked on each link, money per unit; ``delivered``: delivered cost, money per kg of available N.
        limit: delivered cost of each field's own fertiliser.
        left: units left of each offer.
    """

    def __init__(self, model: SupplyChainModel) -> None:
        self.model = model
        farm = model.books.farming
        self.asks = [0.0] * len(farm.link_offer)
        self.delivered = [0.0] * len(farm.link_offer)
        self.limit = [0.0] * len(farm.node)
        self.left = [0.0] * len(farm.offer_item)

    def hold(self) -> None:
        """Fields whose week it is buy in rounds, each from the cheapest offer that is left."""
        model, books = self.model, self.model.books
        farm = books.farming
        week = model.period % farm.year
        buying = [f for f, apply in enumerate(farm.apply) if apply == week]
        if not buying:
            return
        for f in buying:
            self.price(f)
        for o, item in enumerate(farm.offer_item):
            stock = sellable(model.books.items[item].stock, books.items[item].safety_stock, inf)
            self.left[o] = reduced(stock, model.health.ship[books.items[item].node], books.offset)
        for _ in range(len(farm.offer_item) * len(farm.node) + 1):
            bids = self.bid(buying)
            if not bids:
                break
            asked, whole = [0.0] * len(self.left), self.left.copy()
            for _, link, wish in bids:
                asked[farm.link_offer[link]] += wish
            for f, link, wish in bids:
                offer = farm.link_offer[link]
                self.buy(f, link, fair_share(wish, whole[offer], asked[offer], books.offset))
            for o in range(len(self.left)):
                if asked[o] >= whole[o]:
                    self.left[o] = 0.0

    def price(self, f: int) -> None:
        """What nitrogen costs a field: its own fertiliser at its cheapest supplier's, and every offer."""
        books, farm = self.model.books, self.model.books.farming
        cheapest = inf
        for line in farm.lines[farm.group[f]]:
            for arc in range(books.line_start[line], books.line_start[line + 1]):
                factor = self.model.health.price_factor[books.arcs[arc].supplier_node]
                cheapest = min(cheapest, moved_unit_cost(books.arcs[arc].unit_cost, books.arcs[arc].price, factor))
        limit = self.limit[f] = cheapest / farm.content[farm.group[f]][0]
        for link in range(farm.link_start[f], farm.link_start[f + 1]):
            available, _, kept = farm.offer_content[farm.link_offer[link]]
            worth = farm.soil[SOIL_VALUE] * kept
            ask = farm.ask[link]
            if isnan(ask):
                parity = limit * available + worth - farm.cost[link]
                ask = asked_price(parity, farm.markdown[link], farm.floor[link])
            self.asks[link] = ask
            self.delivered[link] = delivered_cost(ask, farm.cost[link], worth, available)

    def bid(self, buying: list[int]) -> list[tuple[int, int, float]]:
        """Each field asks for the cheapest offer left: (field, link, units)."""
        model, farm = self.model, self.model.books.farming
        bids = []
        for f in buying:
            link = best_offer(
                farm.link_start[f], farm.link_start[f + 1], farm.link_offer, self.delivered, self.limit[f], self.left
            )
            if link < 0:
                continue
            field = model.books.fields[f]
            available, total, _ = farm.offer_content[farm.link_offer[link]]
            need = field[OPEN] * model.health.receive[farm.node[f]]
            wish = wished(need, field[ROOM], available, total, model.books.offset)
            if wish > 0.0:
                bids.append((f, link, wish))
        return bids

    def buy(self, f: int, link: int, units: float) -> None:
        """A field gets its part of an offer: goods and money change hands, the fertiliser is spread at once.

        Args:
            f: number of the field.
            link: link from the field to the offer.
            units: most that it gets; no more than what is left of the offer.
        """
        books, farm = self.model.books, self.model.books.farming
        offer, taker = farm.link_offer[link], farm.link_item[link]
        item, node = farm.offer_item[offer], farm.node[f]
        units = min(units, self.left[offer])
        self.left[offer] -= units
        books.items[item].stock -= units
        books.items[item].given += units
        books.items[taker].taken += units
        books.items[taker].consumed += units
        spread_organic(books.fields[f], units, *farm.offer_content[offer])
        books.pay(node, books.items[item].node, self.asks[link] * units)
        books.nodes[node].procurement += farm.cost[link] * units
        books.sums.making_emissions += farm.emissions[link] * units
        if self.model.watch is not None:
            self.model.watch.give(item, taker, units)

"""Fields of an agent: a part of every agent; and the numbers that all of them look up."""

from __future__ import annotations

from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING

from esc_sim.behaviours.accept import fair_share
from esc_sim.behaviours.farming import (
    COST,
    FIELD_SHOWN,
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
from esc_sim.behaviours.nutrients import spread_synthetic, units_needed
from esc_sim.instance import farming as numbers_of
from esc_sim.instance.model import NO_COLUMN, NO_ITEM

if TYPE_CHECKING:
    from esc_sim.behaviours.terms import Terms
    from esc_sim.engine.agents.books import Books, Health
    from esc_sim.engine.agents.model import SupplyChainModel
    from esc_sim.fields.item import Item


class FarmBook:
    """The instance's farming as lists (see ``instance.farming``)."""

    def __init__(self, farming: numbers_of.Farming) -> None:
        fields, own, offers = farming.fields, farming.fertilisers, farming.offers
        self.year = farming.year
        self.soil: list[float] = farming.soil.tolist()
        self.numbers: list[list[float]] = fields.numbers.tolist()
        self.node: list[int] = fields.node.tolist()
        self.crop: list[int] = fields.crop.tolist()
        self.residue: list[int] = fields.residue.tolist()
        self.group: list[int] = fields.group.tolist()
        self.apply: list[int] = fields.apply.tolist()
        self.ahead: list[int] = fields.ahead.tolist()
        self.window: list[int] = fields.window.tolist()
        self.first: list[int] = fields.first.tolist()
        self.shares: list[list[float]] = fields.shares.tolist()
        self.weather = list(
            zip(fields.weather_loc.tolist(), fields.weather_scale.tolist(), fields.weather_column.tolist(), strict=True)
        )
        self.fertiliser: list[int] = own.item.tolist()
        self.fertiliser_of: list[int] = own.of_item.tolist()
        self.fields = [own.fields[a:b].tolist() for a, b in pairwise(own.field_start.tolist())]
        self.lines = [own.lines[a:b].tolist() for a, b in pairwise(own.line_start.tolist())]
        self.content = list(zip(own.available.tolist(), own.total.tolist(), own.kept.tolist(), strict=True))
        self.offer_item: list[int] = offers.item.tolist()
        self.offer_content = list(
            zip(offers.available.tolist(), offers.total.tolist(), offers.kept.tolist(), strict=True)
        )
        self.link_start: list[int] = offers.link_start.tolist()
        self.link_offer: list[int] = offers.link_offer.tolist()
        self.link_item: list[int] = offers.link_item.tolist()
        self.cost: list[float] = offers.cost.tolist()
        self.ask: list[float] = offers.ask.tolist()
        self.markdown: list[float] = offers.markdown.tolist()
        self.floor: list[float] = offers.floor.tolist()
        self.emissions: list[float] = offers.emissions.tolist()


class Farming:
    """Harvesting, spreading fertiliser, the year of the soil.

    Attributes:
        node: the agent's node.
        model: the model that it belongs to.
        books: stocks and money of all members.
        health: what each activity of a node can do now.
        terms: what all behaviours have in common.
        fields: the agent's fields.
        fertilisers: places of its items among the fertilisers.
    """

    node: int
    model: SupplyChainModel
    books: Books
    health: Health
    terms: Terms
    fields: list[int]
    fertilisers: list[int]

    def prepare_farming(self) -> None:
        """Look up what of the network's fields is the agent's own."""
        farm, own = self.books.farming, set(self.model.items_of_node[self.node])
        self.fields = [f for f, node in enumerate(farm.node) if node == self.node]
        self.fertilisers = [g for g, i in enumerate(farm.fertiliser) if i in own]

    def grow(self, draws: list[float]) -> None:
        """A new year begins, fertiliser that has arrived is spread, crops are harvested."""
        farm, states = self.books.farming, self.books.fields
        week = self.model.period % farm.year
        for f in self.fields:
            begin_period(states[f])
            if week == 0:
                begin_year(states[f], farm.numbers[f], farm.soil)
                self.books.nodes[self.node].recipe_cost += farm.numbers[f][COST]
        for g in self.fertilisers:
            self.spread_stock(g, [f for f in farm.fields[g] if farm.apply[f] < week < farm.first[f]])
        for f in self.fields:
            if week == farm.first[f]:
                loc, scale, column = farm.weather[f]
                states[f][WEATHER] = weather_factor(loc, scale, 0.0 if column == NO_COLUMN else draws[column])
            if farm.shares[f][week] > 0.0:
                self.harvest(f, farm.shares[f][week])

    def harvest(self, f: int, share: float) -> None:
        """Bring in a share of a field's yield, and collect its residue."""
        farm, books = self.books.farming, self.books
        field, item, left = books.fields[f], farm.crop[f], farm.residue[f]
        crop = harvested(field, farm.numbers[f], share, self.health.produce[self.node], books.offset)
        residue = 0.0
        if left != NO_ITEM:
            residue = collected_residue(farm.numbers[f], crop, books.offset)
            books.items[left].stock += residue
            books.items[left].produced += residue
        book_harvest(field, farm.numbers[f], crop, residue)
        books.items[item].stock += crop
        books.items[item].produced += crop
        books.sums.emissions += books.items[item].emissions * crop

    def spread_stock(self, g: int, fields: list[int]) -> None:
        """Spread what is on hand of a fertiliser on the fields that need it, in proportion to their needs."""
        books, offset = self.books, self.books.offset
        item = self.books.farming.fertiliser[g]
        available, nitrogen, kept = self.books.farming.content[g]
        stock, total = books.items[item].stock, 0.0
        if stock <= 0.0:
            return
        for f in fields:
            total += units_needed(books.fields[f], available, False, offset)
        for f in fields:
            units = units_needed(books.fields[f], available, False, offset)
            units = min(fair_share(units, stock, total, offset), books.items[item].stock)
            books.items[item].stock -= units
            books.items[item].consumed += units
            if self.terms.tally:
                books.items[item].requested += units
                books.items[item].filled += units
            spread_synthetic(books.fields[f], units, available, nitrogen, kept)

    def fertilise(self) -> None:
        """After the nutrient market, spread what is on hand on the fields whose week it is."""
        farm = self.books.farming
        week = self.model.period % farm.year
        for g in self.fertilisers:
            self.spread_stock(g, [f for f in farm.fields[g] if farm.apply[f] == week])

    def wanted_by_fields(self, item: Item) -> float:
        """Units of a fertiliser up to which the fields want it; -inf where none may order now."""
        farm = self.books.farming
        g, week = farm.fertiliser_of[item.index], self.model.period % farm.year
        wanted, looking = 0.0, False
        for f in farm.fields[g]:
            if farm.apply[f] - farm.ahead[f] <= week < farm.apply[f] + farm.window[f]:
                looking = True
                before = week < farm.apply[f]
                wanted += units_needed(self.books.fields[f], farm.content[g][0], before, self.books.offset)
        return wanted if looking else -inf

    def close_year(self) -> None:
        """At the end of a year, nitrogen that no crop took up is lost and the soils move on; fields show themselves."""
        farm, books = self.books.farming, self.books
        last = self.model.period % farm.year == farm.year - 1
        for f in self.fields:
            if last:
                end_year(books.fields[f], farm.numbers[f], farm.soil)
            show_field(books.fields[f], books.observed, f * FIELD_SHOWN)

"""Fields of an agent: a part of every agent; and the rows that all of them look up."""

from __future__ import annotations

from math import inf
from operator import attrgetter
from typing import TYPE_CHECKING

from esc_sim.behaviours.farming import begin_period, begin_year, end_year, harvest, show_field, weather_factor
from esc_sim.behaviours.nutrients import spread_share, units_needed, units_wanted
from esc_sim.engine.outputs import UNWRITTEN
from esc_sim.fields.farm import Fertiliser, Field, Link, Offer, Soil
from esc_sim.fields.rows import NO_ROW, objects
from esc_sim.fields.written import FieldPeriod
from esc_sim.instance import farming as instance_farming
from esc_sim.results.columns import FIELD_COLUMNS

if TYPE_CHECKING:
    from esc_sim.behaviours.terms import Terms
    from esc_sim.engine.agents.books import Books, Health
    from esc_sim.engine.agents.model import SupplyChainModel
    from esc_sim.fields.item import Item

_shown = attrgetter(*FIELD_COLUMNS)


class FarmBook:
    """The instance's farming as objects and lists (see ``instance.farming``).

    Attributes:
        fields, fertilisers, offers, links: their rows, by number.
        by_fertiliser: fields, fertiliser by fertiliser; ``lines``, the buyers' lines.
        out: what a field shows of a period, written anew for each.
    """

    def __init__(self, farming: instance_farming.Farming) -> None:
        self.year = farming.year
        self.soil = objects(Soil, farming.soil)[0]
        self.shares: list[list[float]] = farming.shares.tolist()
        self.fertilisers = objects(Fertiliser, farming.fertilisers)
        self.of_item: list[int] = farming.of_item.tolist()
        self.offers, self.links = objects(Offer, farming.offers), objects(Link, farming.links)
        self.fields = objects(Field, farming.fields)
        self.by_fertiliser = [self.fields[f] for f in farming.by_fertiliser.tolist()]
        self.lines: list[int] = farming.lines.tolist()
        self.out = FieldPeriod(*[float(UNWRITTEN)] * len(FIELD_COLUMNS))

    def fields_of(self, fertiliser: Fertiliser) -> list[Field]:
        """The fields that are given a fertiliser."""
        return self.by_fertiliser[fertiliser.first_field : fertiliser.end_field]


class Farming:
    """Harvesting, spreading fertiliser, the year of the soil.

    Attributes:
        node: the agent's node.
        model: the model that it belongs to.
        books: stocks and money of all members.
        health: what each activity of a node can do now.
        terms: what all behaviours have in common.
        fields: the agent's fields.
        fertilisers: what they are given where organic fertilisers do not suffice.
    """

    node: int
    model: SupplyChainModel
    books: Books
    health: Health
    terms: Terms
    fields: list[Field]
    fertilisers: list[Fertiliser]

    def prepare_farming(self) -> None:
        """Look up what of the network's fields is the agent's own."""
        farm, own = self.books.farming, set(self.model.items_of_node[self.node])
        self.fields = [field for field in farm.fields if field.node == self.node]
        self.fertilisers = [one for one in farm.fertilisers if one.item in own]

    def grow(self, draws: list[float]) -> None:
        """A new year begins, fertiliser that has arrived is spread, crops are harvested."""
        farm = self.books.farming
        week = self.model.period % farm.year
        for field in self.fields:
            begin_period(field)
            if week == 0:
                begin_year(field, farm.soil)
                self.books.nodes[self.node].recipe_cost += field.area * (field.cost + farm.soil.cost)
        for fertiliser in self.fertilisers:
            given = farm.fields_of(fertiliser)
            self.spread_stock(fertiliser, [field for field in given if field.apply < week < field.first_harvest])
        for field in self.fields:
            if week == field.first_harvest:
                column = field.weather_column
                field.weather = weather_factor(field, 0.0 if column == NO_ROW else draws[column])
            share = farm.shares[field.index][week]
            if share > 0.0:
                self.harvest(field, share)

    def harvest(self, field: Field, share: float) -> None:
        """Bring in a share of a field's yield, and collect its residue."""
        books = self.books
        harvest(self.terms, field, books.items, books.sums, share, self.health.produce[self.node])

    def spread_stock(self, fertiliser: Fertiliser, fields: list[Field]) -> None:
        """Spread what is on hand of a fertiliser on the fields that need it, in proportion to their needs."""
        item = self.books.items[fertiliser.item]
        stock, total = item.stock, 0.0
        if stock <= 0.0:
            return
        for field in fields:
            total += units_needed(self.terms, field, fertiliser, 0.0)
        for field in fields:
            spread_share(self.terms, field, fertiliser, item, item, stock, total)

    def fertilise(self) -> None:
        """After the nutrient market, spread what is on hand on the fields whose week it is."""
        farm = self.books.farming
        week = self.model.period % farm.year
        for fertiliser in self.fertilisers:
            self.spread_stock(fertiliser, [field for field in farm.fields_of(fertiliser) if field.apply == week])

    def wanted_by_fields(self, item: Item) -> float:
        """Units of a fertiliser up to which the fields want it; -inf where none may order now."""
        farm = self.books.farming
        fertiliser, week = farm.fertilisers[farm.of_item[item.index]], self.model.period % farm.year
        wanted, looking = 0.0, False
        for field in farm.fields_of(fertiliser):
            more = units_wanted(self.terms, field, fertiliser, week)
            if more >= 0.0:
                looking = True
                wanted += more
        return wanted if looking else -inf

    def close_year(self) -> None:
        """At the end of a year, nitrogen that no crop took up is lost and the soils move on; fields show themselves."""
        farm, size = self.books.farming, len(FIELD_COLUMNS)
        last = self.model.period % farm.year == farm.year - 1
        for field in self.fields:
            if last:
                end_year(field, farm.soil)
            show_field(field, farm.out)
            self.books.observed[field.index * size : (field.index + 1) * size] = _shown(farm.out)

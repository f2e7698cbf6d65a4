"""Fields, their soil, and the organic fertilisers that compete for them, as numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import nan

import numpy as np

from esc_sim.behaviours import farming as rules
from esc_sim.instance.model import NO_COLUMN, NO_ITEM, FloatArray, IntArray, Lines
from esc_sim.network.model import Network, stock_lines
from esc_sim.scenario.farming import Amendment, CropField, Measure
from esc_sim.scenario.farming import Farming as FarmingData
from esc_sim.scenario.laws import Constant, Law
from esc_sim.scenario.schema import Scenario

Column = Callable[[str, Law | None], int]
"""Adds a stream to the tape and returns its column."""


@dataclass(frozen=True)
class Fields:
    """F fields, sorted by node and within a node as listed.

    Attributes:
        names: of the fields.
        numbers: float64[F, FIELD_NUMBERS] what does not change (``behaviours.farming``).
        node, crop, residue: int64[F] node, items; residue NO_ITEM where nothing is collected.
        group: int64[F] place among the fertiliser items.
        apply, ahead, window: int64[F] periods of the year, see ``scenario.farming.CropField``.
        first: int64[F] period of the year in which the harvest begins.
        shares: float64[F, year] share of the yield harvested in each period of the year.
        weather_loc, weather_scale, weather_column: factor on a year's yield, max(0, loc + scale * draw).
    """

    names: tuple[str, ...]
    numbers: FloatArray
    node: IntArray
    crop: IntArray
    residue: IntArray
    group: IntArray
    apply: IntArray
    ahead: IntArray
    window: IntArray
    first: IntArray
    shares: FloatArray
    weather_loc: FloatArray
    weather_scale: FloatArray
    weather_column: IntArray


@dataclass(frozen=True)
class Fertilisers:
    """G items that fields are given when organic fertilisers do not suffice.

    Attributes:
        item: int64[G].
        of_item: int64[I] place of an item among them, or NO_ITEM.
        field_start, fields: int64[G + 1], and the fields of each.
        line_start, lines: int64[G + 1], and the buyer lines of each.
        available, total, kept: float64[G] per unit: available nitrogen (kg), nitrogen (kg), carbon that stays (t).
    """

    item: IntArray
    of_item: IntArray
    field_start: IntArray
    fields: IntArray
    line_start: IntArray
    lines: IntArray
    available: FloatArray
    total: FloatArray
    kept: FloatArray


@dataclass(frozen=True)
class NutrientOffers:
    """O sellers' items, and K links from a field to an offer, in each field in the order of the items.

    Attributes:
        item: int64[O] sellers' items, ascending.
        available, total, kept: float64[O] as of :class:`Fertilisers`.
        link_start: int64[F + 1] range of each field's links.
        link_offer: int64[K].
        link_item: int64[K] item of the product at the farm.
        cost, ask, markdown, floor, emissions: float64[K] per unit, see ``scenario.farming.Amendment``; ask nan: parity.
    """

    item: IntArray
    available: FloatArray
    total: FloatArray
    kept: FloatArray
    link_start: IntArray
    link_offer: IntArray
    link_item: IntArray
    cost: FloatArray
    ask: FloatArray
    markdown: FloatArray
    floor: FloatArray
    emissions: FloatArray


@dataclass(frozen=True)
class Farming:
    """Numbers of all fields.

    Attributes:
        year: periods of a year.
        soil: float64[SOIL_NUMBERS] law of the soil (``behaviours.farming``).
        fields, fertilisers, offers: see there.
    """

    year: int
    soil: FloatArray
    fields: Fields
    fertilisers: Fertilisers
    offers: NutrientOffers

    @property
    def used(self) -> bool:
        """Whether there are any fields."""
        return len(self.fields.names) > 0

    @property
    def items(self) -> frozenset[int]:
        """Items that fields give or use, and those of organic fertilisers."""
        fields, offers = self.fields, self.offers
        parts = (fields.crop, fields.residue, self.fertilisers.item, offers.item, offers.link_item)
        return frozenset(i for part in parts for i in part.tolist() if i != NO_ITEM)

    @property
    def start(self) -> FloatArray:
        """float64[F, FIELD_STATES] state of the fields before the first period."""
        state = np.zeros((len(self.fields.names), rules.FIELD_STATES))
        state[:, rules.CARBON] = self.fields.numbers[:, rules.START]
        state[:, rules.WEATHER] = 1.0
        return state


def farming_of(scenario: Scenario, network: Network, lines: Lines, column: Column) -> Farming:
    """Fields and fertilisers of a scenario; ``column`` adds the streams of their weather to the tape.

    Args:
        scenario: its parts ``farming``, ``fields`` and ``amendments``.
        network: nodes, products and items.
        lines: the buyers' lines.
        column: adds a stream to the tape and returns its column.
    """
    law = scenario.farming or FarmingData()
    item_of = {(network.node_ids[n], network.products[p]): i for (n, p), i in network.item_index.items()}
    listed = sorted(scenario.fields, key=lambda field: network.node_index[field.node])
    items = np.array([item_of[field.node, field.fertiliser] for field in listed], np.int64)
    used, group = np.unique(items, return_inverse=True)
    return Farming(
        year=law.year,
        soil=_soil(law),
        fields=_fields(listed, law, network, item_of, group.astype(np.int64), column),
        fertilisers=_fertilisers(used, group.astype(np.int64), scenario, law, network, lines),
        offers=_offers(listed, scenario, law, network, item_of),
    )


def _soil(law: FarmingData) -> FloatArray:
    measure, soil = law.measure or Measure(), np.zeros(rules.SOIL_NUMBERS)
    shape = law.soil.shape if law.soil.model == "on" else 0.0
    soil[rules.SATURATION] = law.soil.saturation
    soil[rules.SHAPE] = shape
    soil[rules.REFERENCE] = rules.response(law.soil.start, law.soil.saturation, shape)
    soil[rules.DECAY] = law.soil.decay * measure.till_factor
    soil[rules.MINERALISATION] = law.soil.mineralisation
    soil[rules.KEPT] = measure.nitrogen_kept
    soil[rules.COVER] = measure.cover_carbon
    soil[rules.SOIL_VALUE] = law.soil_value
    return soil


def _fields(
    listed: list[CropField],
    law: FarmingData,
    network: Network,
    item_of: Mapping[tuple[str, str], int],
    group: IntArray,
    column: Column,
) -> Fields:
    weather = [_weather(field, column) for field in listed]
    shares = np.zeros((len(listed), law.year))
    for row, field in zip(shares, listed, strict=True):
        for period, share in field.shares.items():
            row[period] = share
    residue = [
        item_of[f.node, f.residue.product] if f.residue is not None and f.residue.collected > 0.0 else NO_ITEM
        for f in listed
    ]
    return Fields(
        names=tuple(field.id for field in listed),
        numbers=np.array([_numbers(field, law) for field in listed]).reshape(-1, rules.FIELD_NUMBERS),
        node=np.array([network.node_index[field.node] for field in listed], np.int64),
        crop=np.array([item_of[field.node, field.crop] for field in listed], np.int64),
        residue=np.array(residue, np.int64),
        group=group,
        apply=np.array([field.apply for field in listed], np.int64),
        ahead=np.array([field.ahead for field in listed], np.int64),
        window=np.array([field.window for field in listed], np.int64),
        first=np.array([min(field.shares) for field in listed], np.int64),
        shares=shares,
        weather_loc=np.array([part[0] for part in weather], np.float64),
        weather_scale=np.array([part[1] for part in weather], np.float64),
        weather_column=np.array([part[2] for part in weather], np.int64),
    )


def _weather(field: CropField, column: Column) -> tuple[float, float, int]:
    if isinstance(field.weather, Constant):
        return field.weather.value, 0.0, NO_COLUMN
    if field.weather is not None:
        return 0.0, 1.0, column(f"weather/{field.id}", field.weather)
    if field.yield_sd:
        return 1.0, field.yield_sd, column(f"weather/{field.id}", None)
    return 1.0, 0.0, NO_COLUMN


def _numbers(field: CropField, law: FarmingData) -> FloatArray:
    """The field's row; roots are such that its starting carbon holds at the potential yield, all residue left."""
    row, residue = np.zeros(rules.FIELD_NUMBERS), field.residue
    measure = law.measure or Measure()
    row[rules.AREA] = field.area
    row[rules.POTENTIAL] = field.area * field.potential
    row[rules.UPTAKE] = field.uptake
    row[rules.RECOVERY] = field.recovery
    row[rules.BACKGROUND] = field.area * field.background
    row[rules.COST] = field.area * (field.cost + measure.cost)
    row[rules.LIMIT] = field.area * law.organic_limit
    row[rules.START] = law.soil.start
    if residue is not None:
        row[rules.RATIO] = residue.ratio
        row[rules.COLLECTED] = residue.collected
        row[rules.STRAW] = residue.carbon * residue.retained
    row[rules.ROOT] = law.soil.decay * law.soil.start - row[rules.STRAW] * row[rules.RATIO] * field.potential
    return row


def _nutrients(products: list[str], scenario: Scenario, law: FarmingData) -> FloatArray:
    """float64[3, ...] available nitrogen, nitrogen and lasting carbon of a unit of each product."""
    known = {product.id: product for product in scenario.products}
    rows = np.zeros((3, len(products)))
    for k, product in enumerate(products):
        nutrient, contents = known[product].nutrient, known[product].contents
        if nutrient is not None:
            total = contents.get(law.nitrogen, 0.0)
            rows[:, k] = nutrient.available * total, total, nutrient.retained * contents.get(law.carbon, 0.0)
    return rows


def _fertilisers(
    used: IntArray, group: IntArray, scenario: Scenario, law: FarmingData, network: Network, lines: Lines
) -> Fertilisers:
    of_item = np.full(network.item_count, NO_ITEM, np.int64)
    of_item[used] = np.arange(len(used))
    mine = [np.flatnonzero(lines.line_item == item) for item in used]
    available, total, kept = _nutrients([network.products[network.item_product[i]] for i in used], scenario, law)
    return Fertilisers(
        item=used.astype(np.int64),
        of_item=of_item,
        field_start=_starts([int((group == g).sum()) for g in range(len(used))]),
        fields=np.argsort(group, kind="stable").astype(np.int64),
        line_start=_starts([len(part) for part in mine]),
        lines=np.array([line for part in mine for line in part.tolist()], np.int64),
        available=available,
        total=total,
        kept=kept,
    )


def _offers(
    listed: list[CropField],
    scenario: Scenario,
    law: FarmingData,
    network: Network,
    item_of: Mapping[tuple[str, str], int],
) -> NutrientOffers:
    fees = [line.disposal_cost for _, _, line in stock_lines(scenario)]
    found = sorted({item_of[a.seller, a.product] for a in scenario.amendments})
    place = {item: k for k, item in enumerate(found)}
    of_farm: dict[str, list[tuple[int, Amendment]]] = {}
    for amendment in scenario.amendments:
        link = (item_of[amendment.seller, amendment.product], amendment)
        of_farm.setdefault(amendment.farm, []).append(link)
    links = [sorted(of_farm.get(field.node, []), key=lambda link: link[0]) for field in listed]
    flat = [link for own in links for link in own]
    available, total, kept = _nutrients([network.products[network.item_product[i]] for i in found], scenario, law)
    return NutrientOffers(
        item=np.array(found, np.int64),
        available=available,
        total=total,
        kept=kept,
        link_start=_starts([len(own) for own in links]),
        link_offer=np.array([place[item] for item, _ in flat], np.int64),
        link_item=np.array([item_of[a.farm, a.product] for _, a in flat], np.int64),
        cost=np.array([a.cost for _, a in flat], np.float64),
        ask=np.array([nan if a.ask is None else a.ask for _, a in flat], np.float64),
        markdown=np.array([a.markdown for _, a in flat], np.float64),
        floor=np.array([-fees[item] if a.floor is None else a.floor for item, a in flat], np.float64),
        emissions=np.array([a.emissions for _, a in flat], np.float64),
    )


def _starts(counts: list[int]) -> IntArray:
    return np.r_[0, np.cumsum(counts)].astype(np.int64)

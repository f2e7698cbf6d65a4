"""Fields, their soil, and the organic fertilisers that compete for them, as rows (``fields.farm``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Final

import numpy as np

from esc_sim.behaviours.farming import response
from esc_sim.fields.farm import Fertiliser, Field, Link, Offer, Soil
from esc_sim.fields.rows import NO_ROW, Records, ranges, row_type, table_of
from esc_sim.instance.model import NO_ITEM, FloatArray, IntArray, Lines
from esc_sim.network.model import Network, stock_lines
from esc_sim.scenario.farming import Amendment, CropField, Measure, Nutrient, Residue
from esc_sim.scenario.farming import Farming as FarmingData
from esc_sim.scenario.laws import Constant, Law
from esc_sim.scenario.schema import Scenario

Column = Callable[[str, Law | None], int]
"""Adds a stream to the tape and returns its column."""
Places = Mapping[tuple[str, str], int]
"""Items by the ids of their node and product."""

SOIL, FIELD, FERTILISER = row_type(Soil), row_type(Field), row_type(Fertiliser)
OFFER, LINK = row_type(Offer), row_type(Link)
"""Types of the tables."""
_NO_RESIDUE: Final = Residue(product="none", ratio=0.0)


@dataclass(frozen=True)
class Farming:
    """Rows of all fields, sorted by node and within a node as listed, and of the fertilisers that they are given.

    Attributes:
        year: periods of a year.
        names: of the fields.
        soil: [1] Soil.
        fields: [F] Field, before the first period.
        shares: float64[F, year] share of the yield harvested in each period of the year.
        fertilisers: [G] Fertiliser, in the order of their items.
        of_item: int64[I] place of an item among the fertilisers, or NO_ITEM.
        by_fertiliser: int64[F] fields, fertiliser by fertiliser.
        lines: int64 buyers' lines, fertiliser by fertiliser.
        offers: [O] Offer, in the order of their items.
        links: [K] Link, in each field in the order of the sellers' items.
    """

    year: int
    names: tuple[str, ...]
    soil: Records
    fields: Records
    shares: FloatArray
    fertilisers: Records
    of_item: IntArray
    by_fertiliser: IntArray
    lines: IntArray
    offers: Records
    links: Records

    @property
    def used(self) -> bool:
        """Whether there are any fields."""
        return len(self.fields) > 0

    @property
    def items(self) -> frozenset[int]:
        """Items that fields give or use, and those of organic fertilisers."""
        own = (self.fields["crop"], self.fields["residue"], self.fertilisers["item"])
        parts = (*own, self.offers["item"], self.links["taker"])
        return frozenset(i for part in parts for i in part.tolist() if i != NO_ROW)


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
    used, own = np.unique(items, return_inverse=True)
    of_item = np.full(network.item_count, NO_ITEM, np.int64)
    of_item[used] = np.arange(len(used))
    bought = [np.flatnonzero(lines.line_item == item) for item in used]
    sold = sorted({item_of[one.seller, one.product] for one in scenario.amendments})
    links = _links(listed, sold, scenario, item_of)
    return Farming(
        year=law.year,
        names=tuple(field.id for field in listed),
        soil=table_of(SOIL, [_soil(law)]),
        fields=table_of(
            FIELD,
            [_field(field, law, network, item_of, column) for field in listed],
            index=np.arange(len(listed)),
            fertiliser=own,
            **ranges("link", np.bincount([link["field"] for link in links], minlength=len(listed))),
        ),
        shares=np.array([[f.shares.get(week, 0.0) for week in range(law.year)] for f in listed]).reshape(-1, law.year),
        fertilisers=table_of(
            FERTILISER,
            _nutrients(used, scenario, law, network),
            **ranges("field", np.bincount(own, minlength=len(used))),
            **ranges("line", np.array([len(part) for part in bought], np.int64)),
        ),
        of_item=of_item,
        by_fertiliser=np.argsort(own, kind="stable").astype(np.int64),
        lines=np.concatenate([np.empty(0, np.int64), *bought]),
        offers=table_of(OFFER, _nutrients(sold, scenario, law, network)),
        links=table_of(LINK, links),
    )


def _soil(law: FarmingData) -> dict[str, float]:
    measure, shape = law.measure or Measure(), law.soil.shape if law.soil.model == "on" else 0.0
    return {
        "saturation": law.soil.saturation,
        "yield_shape": shape,
        "reference": response(law.soil.start, law.soil.saturation, shape),
        "decay": law.soil.decay,
        "till_factor": measure.till_factor,
        "mineralisation": law.soil.mineralisation,
        "nitrogen_kept": measure.nitrogen_kept,
        "cover_carbon": measure.cover_carbon,
        "cost": measure.cost,
        "soil_value": law.soil_value,
        "organic_limit": law.organic_limit,
    }


def _field(field: CropField, law: FarmingData, network: Network, item_of: Places, column: Column) -> dict[str, float]:
    """The field's row; roots are such that its starting carbon holds at the potential yield, all residue left."""
    residue = field.residue or _NO_RESIDUE
    straw = residue.carbon * residue.retained
    loc, scale, drawn = _weather(field, column)
    return {
        "node": network.node_index[field.node],
        "crop": item_of[field.node, field.crop],
        "residue": item_of[field.node, residue.product] if residue.collected > 0.0 else NO_ROW,
        "apply": field.apply,
        "ahead": field.ahead,
        "window": field.window,
        "first_harvest": min(field.shares),
        "weather_column": drawn,
        "area": field.area,
        "potential": field.potential,
        "uptake": field.uptake,
        "recovery": field.recovery,
        "background": field.background,
        "cost": field.cost,
        "residue_ratio": residue.ratio,
        "collected": residue.collected,
        "straw_carbon": straw,
        "root_carbon": law.soil.decay * law.soil.start - straw * residue.ratio * field.potential,
        "weather_loc": loc,
        "weather_scale": scale,
        "carbon": law.soil.start,
        "weather": 1.0,
    }


def _weather(field: CropField, column: Column) -> tuple[float, float, int]:
    if isinstance(field.weather, Constant):
        return field.weather.value, 0.0, NO_ROW
    if field.weather is not None:
        return 0.0, 1.0, column(f"weather/{field.id}", field.weather)
    if field.yield_sd:
        return 1.0, field.yield_sd, column(f"weather/{field.id}", None)
    return 1.0, 0.0, NO_ROW


def _nutrients(items: Iterable[int], scenario: Scenario, law: FarmingData, network: Network) -> list[dict[str, float]]:
    """What a unit of each of some items gives to a field."""
    known, rows = {product.id: product for product in scenario.products}, []
    for item in items:
        product = known[network.products[network.item_product[item]]]
        nutrient, nitrogen = product.nutrient or Nutrient(available=0.0), product.contents.get(law.nitrogen, 0.0)
        carbon = nutrient.retained * product.contents.get(law.carbon, 0.0)
        rows.append(
            {
                "item": item,
                "available_nitrogen": nutrient.available * nitrogen,
                "nitrogen": nitrogen,
                "lasting_carbon": carbon,
            }
        )
    return rows


def _links(
    listed: Sequence[CropField], sold: Sequence[int], scenario: Scenario, item_of: Places
) -> list[dict[str, float]]:
    """The offers that each field may take, in the order of the sellers' items."""
    fees = [line.disposal_cost for _, _, line in stock_lines(scenario)]
    place = {item: number for number, item in enumerate(sold)}
    of_farm: dict[str, list[tuple[int, Amendment]]] = {}
    for one in scenario.amendments:
        of_farm.setdefault(one.farm, []).append((item_of[one.seller, one.product], one))
    return [
        {
            "field": number,
            "offer": place[item],
            "taker": item_of[one.farm, one.product],
            "cost": one.cost,
            "ask": nan if one.ask is None else one.ask,
            "markdown": one.markdown,
            "floor": -fees[item] if one.floor is None else one.floor,
            "emissions": one.emissions,
        }
        for number, field in enumerate(listed)
        for item, one in sorted(of_farm.get(field.node, []), key=lambda link: link[0])
    ]

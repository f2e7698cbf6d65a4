"""Fields, the soil under them, and the organic fertilisers that they may be given."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from esc_sim.fields.farm import Field as FieldRow
from esc_sim.fields.farm import Link, Soil
from esc_sim.fields.parts import Amount, Identifier, Number, Part, Share
from esc_sim.fields.rows import described
from esc_sim.scenario.laws import Law
from esc_sim.scenario.messages import Problem
from esc_sim.scenario.parts import MOST_IN_YEAR, PeriodOfYear
from esc_sim.scenario.recipes import PositiveAmount, read_amounts

REFERENCE_CARBON = 50.0
"""t C/ha from which the gain in yield up to saturation is counted."""


def _period_names(value: Any) -> Any:
    """'0.4 23 + 0.6 24', or a mapping whose keys may be whole numbers, as a mapping of names to numbers."""
    value = read_amounts(value)
    return {str(key): share for key, share in value.items()} if isinstance(value, dict) else value


Harvest = Annotated[dict[Identifier, PositiveAmount], BeforeValidator(_period_names)]


class Nutrient(Part):
    """What a fertiliser gives to a field."""

    available: Share = Field(description="share of its nitrogen that plants can take up in the first year")
    retained: Share = Field(default=0.0, description="share of its carbon that stays in the soil")


class SoilLaw(Part):
    """Soil carbon, what it does to the yield, and the organic nitrogen that the soil gives back."""

    start: PositiveAmount = Field(default=50.0, description="carbon at the start, t/ha; roots hold it there")
    saturation: Annotated[Number, Field(gt=REFERENCE_CARBON)] = Field(
        default=78.0, description=described(Soil.saturation)
    )
    gain: Amount = Field(default=0.08, description="yield gained from 50 t/ha to saturation, as a share")
    decay: Annotated[Number, Field(ge=0, lt=1)] = Field(default=0.015, description=described(Soil.decay))
    mineralisation: Share = Field(default=0.05, description=described(Soil.mineralisation))
    model: Literal["on", "off"] = Field(default="on", description="off: yields do not depend on the soil (for tests)")

    @property
    def shape(self) -> float:
        """A of phi(s) = 1 - A exp(-3 s / s_sat), from phi(s_sat) = (1 + gain) phi(50)."""
        bend = math.exp(-3.0 * REFERENCE_CARBON / self.saturation)
        return self.gain / ((1.0 + self.gain) * bend - math.exp(-3.0))

    @model_validator(mode="after")
    def _grows(self) -> SoilLaw:
        poor = math.exp(-3.0 * min(self.start, REFERENCE_CARBON) / self.saturation)
        if not 0.0 <= self.shape < 1.0 / poor:
            raise ValueError(f"a gain of {self.gain:g} would make the yield of poor soil negative: lower it")
        return self


class Measure(Part):
    """Reduced tillage and a cover crop on all fields."""

    till_factor: Share = Field(default=1.0, description=described(Soil.till_factor))
    cover_carbon: Amount = Field(default=0.0, description=described(Soil.cover_carbon))
    nitrogen_kept: Share = Field(default=0.0, description=described(Soil.nitrogen_kept))
    cost: Amount = Field(default=0.0, description=described(Soil.cost))


class Farming(Part):
    """What all fields have in common."""

    year: Annotated[int, Field(ge=2, le=MOST_IN_YEAR)] = Field(default=52, description="periods of a year")
    organic_limit: Amount = Field(default=170.0, description=described(Soil.organic_limit))
    nitrogen: Identifier = Field(
        default="nitrogen", description="the content of products that is nitrogen, kg per unit"
    )
    carbon: Identifier = Field(default="carbon", description="the content of products that is carbon, t per unit")
    soil_value: Amount = Field(default=0.0, description=described(Soil.soil_value))
    soil: SoilLaw = Field(default=SoilLaw(), description="soil carbon and organic nitrogen")
    measure: Measure | None = Field(
        default=None, description="reduced tillage and cover crop; absent: conventional tillage"
    )


class Residue(Part):
    """What a crop leaves beside what is harvested: straw, leaves."""

    product: Identifier = Field(description="product that the collected part becomes at the node")
    ratio: Amount = Field(description=described(FieldRow.residue_ratio))
    collected: Share = Field(default=0.0, description=described(FieldRow.collected))
    carbon: Amount = Field(default=0.0, description="carbon, t per unit")
    retained: Share = Field(default=0.0, description="share of the carbon left on the field that stays in the soil")


class CropField(Part):
    """Land of a node under one crop. Periods of the year count from 0."""

    id: Identifier = Field(description="name of the field, unlike any other")
    node: Identifier = Field(description="farm that it belongs to")
    crop: Identifier = Field(description="product harvested")
    fertiliser: Identifier = Field(description="product that covers what organic fertilisers leave of the need")
    area: PositiveAmount = Field(description=described(FieldRow.area))
    potential: PositiveAmount = Field(description=described(FieldRow.potential))
    uptake: Amount = Field(description=described(FieldRow.uptake))
    recovery: Annotated[Number, Field(gt=0, le=1)] = Field(default=1.0, description=described(FieldRow.recovery))
    background: Amount = Field(default=0.0, description=described(FieldRow.background))
    apply: PeriodOfYear = Field(description=described(FieldRow.apply))
    ahead: PeriodOfYear = Field(default=0, description=described(FieldRow.ahead))
    window: Annotated[int, Field(ge=1, le=MOST_IN_YEAR)] = Field(default=1, description=described(FieldRow.window))
    harvest: Harvest = Field(description="share of the yield by period of the year: {31: 1} or '0.4 23 + 0.6 24'")
    weather: Law | None = Field(default=None, description="law of the factor on a year's yield, instead of yield_sd")
    yield_sd: Amount = Field(default=0.0, description="standard deviation of the factor on a year's yield, of mean 1")
    cost: Amount = Field(default=0.0, description=described(FieldRow.cost))
    residue: Residue | None = Field(default=None, description="what the crop leaves beside what is harvested")

    @model_validator(mode="after")
    def _one_weather(self) -> CropField:
        if self.weather is not None and self.yield_sd:
            raise ValueError("yield_sd takes the place of weather: leave one of them out")
        return self

    @property
    def shares(self) -> dict[int, float]:
        """Share of the yield by period of the year; keys that are no whole numbers are left out."""
        return {int(key): share for key, share in self.harvest.items() if key.isdecimal()}


class Amendment(Part):
    """An organic fertiliser that a farm may spread on its fields: who sells it, and on what terms."""

    seller: Identifier = Field(description="node that sells it")
    product: Identifier = Field(description="the fertiliser")
    farm: Identifier = Field(description="node on whose fields it is spread")
    cost: Amount = Field(default=0.0, description=described(Link.cost))
    ask: Number | None = Field(default=None, description=described(Link.ask))
    markdown: Amount = Field(default=0.05, description=described(Link.markdown))
    floor: Number | None = Field(default=None, description=described(Link.floor))
    emissions: Amount = Field(default=0.0, description=described(Link.emissions))


REFERENCES = {
    "fields": (("node", "node"), ("crop", "product"), ("fertiliser", "product")),
    "amendments": (("seller", "node"), ("product", "product"), ("farm", "node")),
}


def farming_references(data: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """(path, 'node' or 'product', name) of every reference in fields and amendments, which may be ill-formed."""
    for key, links in REFERENCES.items():
        entries = data.get(key)
        for number, entry in enumerate(entries if isinstance(entries, (list, tuple)) else ()):
            if not isinstance(entry, dict):
                continue
            for name, what in links:
                if isinstance(entry.get(name), str):
                    yield (key, number, name), what, entry[name]
            residue = entry.get("residue")
            if isinstance(residue, dict) and isinstance(residue.get("product"), str):
                yield (key, number, "residue", "product"), "product", residue["product"]


def amendment_references(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Amendments that stand twice."""
    seen: dict[tuple[Any, ...], int] = {}
    entries = data.get("amendments")
    for number, entry in enumerate(entries if isinstance(entries, (list, tuple)) else ()):
        if not isinstance(entry, dict):
            continue
        key = tuple(entry.get(name) for name in ("seller", "product", "farm"))
        if not all(isinstance(name, str) for name in key):
            continue
        if key in seen:
            text = f"'{key[0]}' sells '{key[1]}' to '{key[2]}' twice (amendments.{seen[key]})"
            yield Problem(("amendments", number), text)
        seen.setdefault(key, number)

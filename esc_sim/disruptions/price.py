"""Prices: what buyers pay a supplier is multiplied while it lasts."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from esc_sim.disruptions.kind import Case, Channel, Hit, Kind, Touched
from esc_sim.fields.parts import Amount, Identifier, Part


class PriceKeys(Hit):
    """What becomes of prices."""

    price_factor: Amount | None = Field(
        default=None,
        title="Prices are multiplied by",
        description="the price that buyers pay the nodes hit is multiplied by this while it lasts",
    )


class PriceCase(Part):
    """Prices in a case of a joint disruption."""

    price: dict[Identifier, Amount] = Field(
        default={}, description="factor on the price that buyers pay a supplier, by node; 1 where not named"
    )


def touched(disruption: PriceKeys) -> Touched:
    """What the nodes hit sell."""
    return {"node": ("price_factor",)}


def touched_in_case(joint: Any) -> tuple[str, ...]:
    """What the node sells."""
    return ("price_factor",)


KIND: Final = Kind(
    name="price",
    channels=(Channel("price_factor", "node", is_factor=True, strikes=False, words="price"),),
    keys=PriceKeys,
    key="price_factor",
    touched=touched,
    case=Case(PriceCase, touched=touched_in_case),
    acts_on="buyers",
)

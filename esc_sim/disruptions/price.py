"""Prices: what buyers pay a supplier is multiplied, in cases of joint disruptions."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from esc_sim.disruptions.kind import Case, Channel, Kind
from esc_sim.fields.parts import Amount, Identifier, Part


class PriceCase(Part):
    """Prices in a case of a joint disruption."""

    price: dict[Identifier, Amount] = Field(
        {}, description="factor on the price that buyers pay a supplier, by node; 1 where not named"
    )


def touched_in_case(joint: Any) -> tuple[str, ...]:
    """What the node sells."""
    return ("price_factor",)


KIND: Final = Kind(
    name="price",
    channels=(Channel("price_factor", "node", is_factor=True, strikes=False, words="price"),),
    case=Case(PriceCase, touched=touched_in_case),
    acts_on="buyers",
)

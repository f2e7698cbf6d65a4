"""Final demand is multiplied, by less or more than 1."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from esc_sim.disruptions.kind import Case, Channel, Hit, Kind, Touched
from esc_sim.fields.parts import Amount, Identifier, Part


class DemandKeys(Hit):
    """What becomes of final demand."""

    demand_factor: Amount | None = Field(
        default=None, title="Demand is multiplied by", description="final demand is multiplied by this while it lasts"
    )


class DemandCase(Part):
    """Final demand in a case of a joint disruption."""

    demand: dict[Identifier, Amount] = Field(
        default={}, description="factor on final demand, by node; 1 where not named"
    )
    demand_spread: dict[Identifier, Amount] = Field(
        default={},
        description="factor on how far final demand lies from the mean of its law, by node; demand is then multiplied",
    )


def touched(disruption: DemandKeys) -> Touched:
    """The final demand of the nodes hit."""
    return {"node": ("demand",)}


def touched_in_case(joint: Any) -> tuple[str, ...]:
    """The final demand of a node."""
    return ("demand",)


KIND: Final = Kind(
    name="final demand",
    channels=(Channel("demand", "node", is_factor=True, words="demand"),),
    keys=DemandKeys,
    key="demand_factor",
    touched=touched,
    case=Case(DemandCase, touched=touched_in_case),
    acts_on="customers",
)

"""Lead times are multiplied: shipments that leave meanwhile take so many times as long (slow ports, detours, strikes).

Goods that are under way when it begins are not delayed, nor do those that left meanwhile speed up when it ends.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from esc_sim.disruptions.kind import Case, Channel, Hit, Kind, Touched
from esc_sim.fields.parts import Amount, Identifier, Part


class LeadTimeKeys(Hit):
    """What becomes of lead times."""

    lead_time_factor: Amount | None = Field(
        default=None,
        title="Lead times are multiplied by",
        description="what the nodes hit ship, or what leaves on the arcs hit, takes so many times as long",
    )


class LeadTimeCase(Part):
    """Lead times in a case of a joint disruption."""

    lead_time: dict[Identifier, Amount] = Field(
        default={}, description="factor on the lead times of what a supplier ships, by node; 1 where not named"
    )


def touched(disruption: LeadTimeKeys) -> Touched:
    """All that the nodes hit ship, or the arcs hit."""
    return {"node": ("lead_time",), "arc": ("arc_lead_time",)}


def check(disruption: LeadTimeKeys) -> None:
    """Raises ValueError where suppliers and arcs are hit at once, so that an arc might be meant twice."""
    if disruption.names_nodes and disruption.names_arcs:
        raise ValueError("lead_time_factor is for all that nodes ship, or for arcs: give each a disruption of its own")


def touched_in_case(joint: Any) -> tuple[str, ...]:
    """All that a node ships."""
    return ("lead_time",)


KIND: Final = Kind(
    name="lead time",
    channels=(
        Channel("lead_time", "node", is_factor=True, words="lead time"),
        Channel("arc_lead_time", "arc", is_factor=True, words="lead time"),
    ),
    keys=LeadTimeKeys,
    key="lead_time_factor",
    touched=touched,
    check=check,
    case=Case(LeadTimeCase, touched=touched_in_case),
    acts_on="buyers",
)

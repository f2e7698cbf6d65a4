"""What the parts of a scenario are made of beside plain numbers and names: laws, ranks."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Discriminator, Field, Tag

from esc_sim.fields.parts import A_TIME, Amount, Duration, PositiveDuration
from esc_sim.scenario.laws import Law

MOST_IN_YEAR = 100_000
"""Most review periods that a year may have."""
MOST_NODES = 1_000_000_000
"""Bound of what counts nodes, or ranks them."""
PeriodOfYear = Annotated[int, Field(ge=0, le=MOST_IN_YEAR)]
Rank = Annotated[int, Field(ge=-MOST_NODES, le=MOST_NODES)]
LawOfTime = Annotated[Law, A_TIME]


def _number_or_law(value: Any) -> str:
    """Which of the two is meant, so that a mistake is reported once and not for each law."""
    return "a law" if isinstance(value, (dict, BaseModel)) else "a number"


DurationOrLaw = Annotated[
    Annotated[Duration, Tag("a number")] | Annotated[Law, Tag("a law")], Discriminator(_number_or_law)
]
AmountOrLaw = Annotated[
    Annotated[Amount, Tag("a number")] | Annotated[Law, Tag("a law")], Discriminator(_number_or_law)
]
PositiveDurationOrLaw = Annotated[
    Annotated[PositiveDuration, Tag("a number")] | Annotated[Law, Tag("a law")], Discriminator(_number_or_law)
]

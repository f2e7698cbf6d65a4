"""Names, numbers, amounts, times, the base of all parts of a scenario, and names of arcs."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _not_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a number belongs here, not true or false")
    return value


LARGEST = 1e15
"""No number of a scenario is larger, nor less than minus this: whole numbers up to it are exact, and amounts
times prices, added up over all nodes, periods and replications and squared, stay far below what a float can hold."""
MOST_PERIODS = 10_000_000
"""The longest run, in review periods."""

Number = Annotated[float, BeforeValidator(_not_boolean), Field(allow_inf_nan=False, ge=-LARGEST, le=LARGEST)]
Result = Annotated[float, BeforeValidator(_not_boolean), Field(allow_inf_nan=False)]
"""A number that a run gave, a sum over its horizon perhaps: finite, but larger than what a scenario may state."""
Identifier = Annotated[
    str, Field(min_length=1, max_length=120, pattern=r"^[^/\x00-\x1f\x7f]+$", description="a name without '/'")
]
Amount = Annotated[Number, Field(ge=0)]
Share = Annotated[Number, Field(ge=0, le=1)]
A_TIME = "a time"
"""Mark of types whose values are times, in review periods (see :mod:`esc_sim.scenario.times`)."""
Duration = Annotated[Number, Field(ge=0, description="review periods, a real number"), A_TIME]
PositiveDuration = Annotated[Number, Field(gt=0, description="review periods, a real number above 0"), A_TIME]


class Part(BaseModel):
    """Base of every part of a scenario: unknown keys are errors, instances do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)


class ArcName(Part):
    """Names an arc; without product all arcs between the two nodes are meant."""

    buyer: Identifier = Field(description="node that buys")
    supplier: Identifier = Field(description="node that sells")
    product: Identifier | None = Field(None, description="product; default all that are traded there")

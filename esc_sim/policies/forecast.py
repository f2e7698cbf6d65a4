"""Forecast: order up to a level that covers the demand that is forecast."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from esc_sim.fields.parts import Amount, Number
from esc_sim.fields.policy import OrderPolicy
from esc_sim.fields.rows import described
from esc_sim.policies.policy import FORECAST, Policy, PositionOrder


class ForecastOrder(PositionOrder):
    """Each period lifts the inventory position to what covers the forecast demand of some periods, and a buffer.

    Demand is what customers and buyers ask for; forecasts make orders vary more than demand does (bullwhip).

    Examples:
        >>> import esc_sim as esc
        >>> esc.ForecastOrder(cover=4, buffer=20).window
        10
    """

    policy: Literal["forecast"] = Field(default_factory=lambda: "forecast", description="name of the policy")
    method: Literal["moving_average", "exponential_smoothing"] = Field(default="moving_average", description="forecast")
    window: Annotated[int, Field(ge=1, le=10_000)] = Field(default=10, description="periods of the moving average")
    weight: Annotated[Number, Field(gt=0, le=1)] = Field(default=0.2, description=described(OrderPolicy.weight))
    cover: Amount = Field(
        title="Periods of demand covered",
        description=described(OrderPolicy.cover),
    )
    buffer: Number = Field(default=0.0, title="Safety stock on top", description=described(OrderPolicy.buffer))
    initial: Amount = Field(default=0.0, description=described(OrderPolicy.initial))


POLICY = Policy(ForecastOrder, decided=("cover", "buffer"), way=FORECAST)

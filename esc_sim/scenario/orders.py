"""Order policies of a buyer line, told apart by ``policy``."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from esc_sim.scenario.laws import Number
from esc_sim.scenario.parts import MOST_PERIODS, Amount, Part

Review = Annotated[
    Literal["periodic", "continuous"],
    Field(description="continuous: the position is looked at whenever it changes (agent engine)"),
]


class Order(Part):
    """What every order policy may say."""

    fixed_cost: Amount = Field(0.0, description="money per order placed (K)")
    minimum: Amount = Field(0.0, description="least quantity of an order, units")
    lot: Amount = Field(0.0, description="orders are whole multiples of this, units; 0: any amount")


class PositionOrder(Order):
    """What every policy may say that looks at the inventory position."""

    echelon: bool = Field(False, description="position of the echelon: also all stock on its way to the customer")


class MeanOrder(Order):
    """Each period wants max(0, mean + sd n), n standard normal."""

    policy: Literal["mean"] = Field("mean", description="name of the policy")
    mean: Amount = Field(0.0, description="mean order, units per period")
    sd: Amount = Field(0.0, description="standard deviation of the order, units per period")


class ReviewedOrder(PositionOrder):
    """What every policy may say that can be reviewed at any time."""

    review: Review = "periodic"


class BaseStockOrder(ReviewedOrder):
    """Each period lifts the inventory position to a level."""

    policy: Literal["base_stock"] = Field(description="name of the policy")
    up_to: Number = Field(description="base-stock level S, units")


class ReorderUpToOrder(ReviewedOrder):
    """(s, S): at or below the reorder level the inventory position is lifted to a level."""

    policy: Literal["s_S"] = Field(description="name of the policy")
    reorder_at: Number = Field(description="reorder level s, units")
    up_to: Number = Field(description="order-up-to level S, units")

    @model_validator(mode="after")
    def _ordered(self) -> ReorderUpToOrder:
        if self.reorder_at > self.up_to:
            raise ValueError("reorder_at is above up_to")
        return self


class ReorderLotsOrder(ReviewedOrder):
    """(r, Q): at or below the reorder level a fixed quantity is ordered, or several."""

    policy: Literal["r_Q"] = Field(description="name of the policy")
    reorder_at: Number = Field(description="reorder level r, units")
    quantity: Annotated[Number, Field(gt=0)] = Field(description="order quantity Q, units")


class PeriodicOrder(PositionOrder):
    """(T, S): every so many periods the inventory position is lifted to a level."""

    policy: Literal["periodic"] = Field(description="name of the policy")
    every: Annotated[int, Field(ge=1, le=MOST_PERIODS)] = Field(description="review interval T, periods")
    first: Annotated[int, Field(ge=0, le=MOST_PERIODS)] = Field(0, description="period of the first review")
    up_to: Number = Field(description="order-up-to level S, units")


class ForecastOrder(PositionOrder):
    """Each period lifts the inventory position to what covers the forecast demand of some periods, and a buffer.

    Demand is what customers and buyers ask for; forecasts make orders vary more than demand does (bullwhip).
    """

    policy: Literal["forecast"] = Field(description="name of the policy")
    method: Literal["moving_average", "exponential_smoothing"] = Field("moving_average", description="forecast")
    window: Annotated[int, Field(ge=1, le=10_000)] = Field(10, description="periods of the moving average")
    weight: Annotated[Number, Field(gt=0, le=1)] = Field(0.2, description="weight of the latest error in smoothing")
    cover: Amount = Field(description="periods of demand that the position covers (lead time and review)")
    buffer: Number = Field(0.0, description="safety stock on top, units")
    initial: Amount = Field(0.0, description="forecast before anything is known, units per period")


class FieldsOrder(Order):
    """What the node's fields still need of their fertiliser, less the inventory position, while they need it."""

    policy: Literal["fields"] = Field(description="name of the policy")


class CodeOrder(Order):
    """A user's Python class (agent engine) or pure function (both engines) decides, where code is allowed."""

    policy: Literal["code"] = Field(description="name of the policy")
    code: Annotated[str, Field(pattern=r"^[^:]+:[A-Za-z_][A-Za-z_0-9]*$")] = Field(
        description="file in the scenario's folder, and class or function: my_policies.py:cautious"
    )
    review: Review = "periodic"
    parameters: dict[str, Number] = Field({}, description="arguments of the class, parameters of the function")


def _policy(value: Any) -> str:
    """The policy meant; the alternatives' names differ from every key, so that messages tell the two apart."""
    name = value.get("policy", "mean") if isinstance(value, dict) else getattr(value, "policy", "mean")
    return f"policy {name}"


AnyOrder = Annotated[
    Annotated[MeanOrder, Tag("policy mean")]
    | Annotated[BaseStockOrder, Tag("policy base_stock")]
    | Annotated[ReorderUpToOrder, Tag("policy s_S")]
    | Annotated[ReorderLotsOrder, Tag("policy r_Q")]
    | Annotated[PeriodicOrder, Tag("policy periodic")]
    | Annotated[ForecastOrder, Tag("policy forecast")]
    | Annotated[FieldsOrder, Tag("policy fields")]
    | Annotated[CodeOrder, Tag("policy code")],
    Discriminator(_policy),
]


def decidable(order: AnyOrder | None) -> dict[str, float]:
    """Parameters of an order that a search may change, with the values that the scenario gives them."""
    if order is None:
        return {}
    if isinstance(order, CodeOrder):
        return dict(order.parameters)
    return {name: getattr(order, name) for name in DECIDABLE[order.policy]}


DECIDABLE: Final = {
    "mean": ("mean",),
    "base_stock": ("up_to",),
    "s_S": ("reorder_at", "up_to"),
    "r_Q": ("reorder_at", "quantity"),
    "periodic": ("up_to",),
    "forecast": ("cover", "buffer"),
    "fields": (),
}
"""Parameters of each policy that a search may change; policy code has those that the scenario gives it."""
POLICY_NAMES = ("mean", "base_stock", "s_S", "r_Q", "periodic", "forecast", "fields", "code")

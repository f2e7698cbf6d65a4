"""(s, S): at or below the reorder level, order up to a level."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from esc_sim.fields.parts import Number
from esc_sim.policies.policy import Policy, ReviewedOrder
from esc_sim.rules.types import Floats


class ReorderUpToOrder(ReviewedOrder):
    """(s, S): at or below the reorder level the inventory position is lifted to a level."""

    policy: Literal["s_S"] = Field(description="name of the policy")
    reorder_at: Number = Field(title="Reorder level (s, r)", description="reorder level s, units")
    up_to: Number = Field(title="Order up to (S)", description="order-up-to level S, units")

    @model_validator(mode="after")
    def _ordered(self) -> ReorderUpToOrder:
        if self.reorder_at > self.up_to:
            raise ValueError("reorder_at is above up_to")
        return self


def quantity(position: float, parameters: Floats) -> float:
    """S - IP where IP <= s. A search moves both levels freely: s above S counts as S, which is a base stock."""
    reorder_at, up_to = parameters[0], parameters[1]
    if reorder_at > up_to:
        reorder_at = up_to
    if position > reorder_at:
        return 0.0
    return up_to - position


POLICY = Policy(
    ReorderUpToOrder, decided=("reorder_at", "up_to"), quantity=quantity, parameters=("reorder_at", "up_to")
)

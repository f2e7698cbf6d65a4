"""(s, S): at or below the reorder point, order up to a level."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from esc_sim.fields.parts import Number
from esc_sim.fields.sequences import Floats
from esc_sim.policies.policy import Policy, ReviewedOrder


class ReorderUpToOrder(ReviewedOrder):
    """(s, S): at or below the reorder point the inventory position is lifted to a level.

    Examples:
        >>> import esc_sim as esc
        >>> esc.ReorderUpToOrder(reorder_point=100, order_up_to=300).policy
        's_S'
    """

    policy: Literal["s_S"] = Field(default_factory=lambda: "s_S", description="name of the policy")
    reorder_point: Number = Field(title="Reorder point (s, r)", description="reorder point s, units")
    order_up_to: Number = Field(title="Order up to (S)", description="order-up-to level S, units")

    @model_validator(mode="after")
    def _ordered(self) -> ReorderUpToOrder:
        if self.reorder_point > self.order_up_to:
            raise ValueError("reorder_point is above order_up_to")
        return self


def quantity(position: float, parameters: Floats) -> float:
    """S - IP where IP <= s. A search moves both levels freely: s above S counts as S, which is a base stock."""
    reorder_point, order_up_to = parameters[0], parameters[1]
    if reorder_point > order_up_to:
        reorder_point = order_up_to
    if position > reorder_point:
        return 0.0
    return order_up_to - position


POLICY = Policy(
    ReorderUpToOrder,
    decided=("reorder_point", "order_up_to"),
    quantity=quantity,
    parameters=("reorder_point", "order_up_to"),
)

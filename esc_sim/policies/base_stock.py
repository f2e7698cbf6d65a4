"""Base stock: order up to a level in every period."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from esc_sim.behaviours.replenish import lifted
from esc_sim.fields.parts import Number
from esc_sim.fields.sequences import Floats
from esc_sim.policies.policy import Policy, ReviewedOrder


class BaseStockOrder(ReviewedOrder):
    """Each period lifts the inventory position to a level.

    Examples:
        >>> import esc_sim as esc
        >>> esc.BaseStockOrder(order_up_to=300).policy
        'base_stock'
    """

    policy: Literal["base_stock"] = Field(default_factory=lambda: "base_stock", description="name of the policy")
    order_up_to: Number = Field(title="Order up to (S)", description="base-stock level S, units")


def quantity(position: float, parameters: Floats) -> float:
    """S - IP."""
    return lifted(position, parameters[0])


POLICY = Policy(BaseStockOrder, decided=("order_up_to",), quantity=quantity, parameters=("order_up_to",))

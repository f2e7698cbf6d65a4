"""Capped base stock: order up to a level, but never more than a truck holds (Xin, Goldberg, 2022, in lost-sales
models)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from esc_sim.behaviours.replenish import lifted
from esc_sim.fields.parts import Number
from esc_sim.fields.sequences import Floats
from esc_sim.policies.policy import Policy, ReviewedOrder


class CappedBaseStockOrder(ReviewedOrder):
    """Each period lifts the inventory position to a level, by at most a quantity."""

    policy: Literal["capped_base_stock"] = Field(description="name of the policy")
    order_up_to: Number = Field(title="Order up to (S)", description="base-stock level S, units")
    most: Annotated[Number, Field(gt=0)] = Field(title="Most in one order", description="cap r of an order, units")


def quantity(position: float, parameters: Floats) -> float:
    """min(S - IP, r)."""
    wanted = lifted(position, parameters[0])
    if wanted > parameters[1]:
        return parameters[1]
    return wanted


POLICY = Policy(
    CappedBaseStockOrder, decided=("order_up_to", "most"), quantity=quantity, parameters=("order_up_to", "most")
)

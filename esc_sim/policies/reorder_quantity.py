"""(r, Q): at or below the reorder point, order a fixed quantity, or several."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from esc_sim.fields.parts import Number
from esc_sim.fields.sequences import Floats
from esc_sim.policies.policy import Policy, ReviewedOrder


class ReorderQuantityOrder(ReviewedOrder):
    """(r, Q): at or below the reorder point a fixed quantity is ordered, or several.

    Examples:
        >>> import esc_sim as esc
        >>> esc.ReorderQuantityOrder(reorder_point=100, order_quantity=200).policy
        'r_Q'
    """

    policy: Literal["r_Q"] = Field(default_factory=lambda: "r_Q", description="name of the policy")
    reorder_point: Number = Field(title="Reorder point (s, r)", description="reorder point r, units")
    order_quantity: Annotated[Number, Field(gt=0)] = Field(
        title="Order quantity (Q)", description="order quantity Q, units"
    )


def quantity(position: float, parameters: Floats) -> float:
    """The least multiple of Q that lifts the position above r, where IP <= r."""
    reorder_point, size = parameters[0], parameters[1]
    if position > reorder_point:
        return 0.0
    count = int((reorder_point - position) / size) + 1
    # The quotient is rounded: mend the count, so that both engines and exact arithmetic agree.
    while count > 1 and position + (count - 1) * size > reorder_point:
        count -= 1
    while position + count * size <= reorder_point:
        count += 1
    return count * size


POLICY = Policy(
    ReorderQuantityOrder,
    decided=("reorder_point", "order_quantity"),
    quantity=quantity,
    parameters=("reorder_point", "order_quantity"),
)

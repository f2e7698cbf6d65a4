"""Periodic review (T, S): order up to a level every so many periods."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from esc_sim.behaviours.replenish import lifted
from esc_sim.fields.parts import MOST_PERIODS, Number
from esc_sim.fields.policy import OrderPolicy
from esc_sim.fields.rows import described
from esc_sim.fields.sequences import Floats
from esc_sim.policies.policy import Policy, PositionOrder


class PeriodicOrder(PositionOrder):
    """(T, S): every so many periods the inventory position is lifted to a level.

    Examples:
        >>> import esc_sim as esc
        >>> esc.PeriodicOrder(every=7, order_up_to=300).first
        0
    """

    policy: Literal["periodic"] = Field(default_factory=lambda: "periodic", description="name of the policy")
    every: Annotated[int, Field(ge=1, le=MOST_PERIODS)] = Field(description=described(OrderPolicy.review_every))
    first: Annotated[int, Field(ge=0, le=MOST_PERIODS)] = Field(
        default=0, description=described(OrderPolicy.first_review)
    )
    order_up_to: Number = Field(title="Order up to (S)", description="order-up-to level S, units")


def quantity(position: float, parameters: Floats) -> float:
    """S - IP, in periods of review."""
    return lifted(position, parameters[0])


POLICY = Policy(PeriodicOrder, decided=("order_up_to",), quantity=quantity, parameters=("order_up_to",))

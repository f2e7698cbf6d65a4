"""Mean order: what a period wants is drawn, and stock may feed back on it (Chen, Wang, Zio, section 3)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from esc_sim.fields.parts import Amount
from esc_sim.policies.policy import DRAWN, Order, Policy


class MeanOrder(Order):
    """Each period wants max(0, mean + sd n), n standard normal.

    Examples:
        >>> import esc_sim as esc
        >>> esc.MeanOrder(mean=42, sd=2).policy
        'mean'
    """

    policy: Literal["mean"] = Field(default="mean", description="name of the policy")
    mean: Amount = Field(default=0.0, description="mean order, units per period")
    sd: Amount = Field(default=0.0, description="standard deviation of the order, units per period")


POLICY = Policy(MeanOrder, decided=("mean",), way=DRAWN)

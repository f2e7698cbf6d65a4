"""Fields: order the fertiliser that the node's fields still need."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from esc_sim.policies.policy import FIELDS, Order, Policy


class FieldsOrder(Order):
    """What the node's fields still need of their fertiliser, less the inventory position, while they need it."""

    policy: Literal["fields"] = Field(default_factory=lambda: "fields", description="name of the policy")


POLICY = Policy(FieldsOrder, way=FIELDS)

"""Code: a user's own class or function decides."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from esc_sim.fields.parts import Number
from esc_sim.policies.policy import CODE, Order, Policy, Review


class CodeOrder(Order):
    """A user's Python class (agent engine) or pure function (both engines) decides, where code is allowed."""

    policy: Literal["code"] = Field(default_factory=lambda: "code", description="name of the policy")
    code: Annotated[str, Field(pattern=r"^[^:]+:[A-Za-z_][A-Za-z_0-9]*$")] = Field(
        description="file in the scenario's folder, and class or function: my_policies.py:cautious"
    )
    review: Review = "periodic"
    parameters: dict[str, Number] = Field(default={}, description="arguments of the class, parameters of the function")


POLICY = Policy(CodeOrder, way=CODE)

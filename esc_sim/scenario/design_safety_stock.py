"""The section ``design.safety_stock``: which service customers are promised, and what bounds their demand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from esc_sim.fields.parts import Identifier, Number, Part
from esc_sim.scenario.messages import Problem

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario

Periods = Annotated[int, Field(ge=0, le=10_000)]
"""A service or processing time, whole review periods."""
BY_NODE = ("promised", "longest_service_time", "processing_time")
"""Keys that may name nodes."""


class SafetyStockSection(Part):
    """Safety stock by guaranteed service (Graves, Willems 2000): how much to hold, and at which nodes."""

    promised: Periods | dict[Identifier, Periods] = Field(
        default=0, description="service time promised to customers, periods: one for all, or by node; 0: at once"
    )
    safety_factor: Annotated[Number, Field(ge=0, le=10)] | None = Field(
        default=None,
        description="z: demand of t periods is taken to be at most t means and z standard deviations times root t",
    )
    service: Annotated[Number, Field(ge=0.5, lt=1)] | None = Field(
        default=None,
        description="chance that normal demand keeps within that bound, instead of the safety factor; default 0.95",
    )
    customers: Literal["independent", "together"] = Field(
        default="independent", description="how demands of several customers move: their variances add up, or their sd"
    )
    longest_service_time: Periods | dict[Identifier, Periods] | None = Field(
        default=None, description="most that a node may quote to those it supplies, periods; default no limit"
    )
    processing_time: dict[Identifier, Periods] = Field(
        default={},
        description="periods that a node takes besides the lead times of the arcs to it, by node; "
        "the simulation knows lead times only",
    )
    method: Literal["auto", "tree", "program"] = Field(
        default="auto",
        description="tree: dynamic program, exact where the network without directions is a tree; program: "
        "mixed-integer program, exact on any network without cycles; auto: the first where it can be",
    )
    gap: Annotated[Number, Field(ge=0, lt=1)] = Field(
        default=1e-9, description="relative gap at which the search of the program may stop"
    )
    time_limit: Annotated[Number, Field(gt=0)] | None = Field(default=None, description="seconds for that search")

    @model_validator(mode="after")
    def _one_bound(self) -> SafetyStockSection:
        if self.safety_factor is not None and self.service is not None:
            raise ValueError("safety_factor and service say the same: give one of them")
        return self

    @property
    def factor(self) -> float:
        """The safety factor z."""
        from statistics import NormalDist

        if self.safety_factor is not None:
            return self.safety_factor
        return NormalDist().inv_cdf(0.95 if self.service is None else self.service)


def safety_stock_problems(scenario: Scenario) -> Iterator[Problem]:
    """Nodes in the section ``design.safety_stock`` that there are not."""
    section = None if scenario.design is None else scenario.design.safety_stock
    if section is None:
        return
    names = {node.id for node in scenario.nodes}
    for key in BY_NODE:
        given = getattr(section, key)
        for name in given if isinstance(given, dict) else ():
            if name not in names:
                yield Problem(("design", "safety_stock", key), f"there is no node '{name}'", "part")

"""The section ``design.retail`` of a scenario: which sites, levels, links and stock to choose (`esc-sim design`)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from esc_sim.fields.parts import Amount, Number, Part
from esc_sim.scenario.parts import MOST_NODES

OpenShare = Annotated[Number, Field(gt=0, lt=1)]
LeastLinks = Annotated[int, Field(ge=0, le=MOST_NODES)]


class RetailSection(Part):
    """Data, model and limits of a retail network design (Chen and Chen)."""

    tables: str = Field(default="design", description="folder of the design's tables, inside the scenario's folder")
    model: Literal["stochastic", "box-ball", "budget"] = Field(
        default="box-ball", description="nominal demand (stochastic), or the worst case of a set of laws of demand"
    )
    eps: OpenShare = Field(default=0.05, description="share of demands that may leave the row of an area short")
    reading: Literal["joint", "own"] = Field(
        default="joint", description="deviations that a demand row carries: of all areas, as printed, or its own"
    )
    coverage: list[LeastLinks] = Field(
        default=[2, 2, 2],
        min_length=3,
        max_length=3,
        description="least number of suppliers of a DC; of suppliers, and of DCs, of a store; of stores of an area",
    )
    probabilities: list[Number] | None = Field(
        default=None, description="probabilities of the scenarios, instead of those in scenarios.csv"
    )
    compare_eps: list[OpenShare] = Field(
        default=[0.05, 0.06, 0.07, 0.08, 0.09],
        description="values of eps that the figure of the cost against eps shows",
    )
    compare_coverage: list[Annotated[list[LeastLinks], Field(min_length=3, max_length=3)]] = Field(
        default=[[2, 2, 2], [3, 3, 3]], description="coverage strategies that the figure of their cost shows"
    )
    check_demand: list[Amount] = Field(
        default=[], description="multiples of the nominal demand at which the plan is checked once more"
    )
    gap: Annotated[Number, Field(ge=0, lt=1)] = Field(
        default=1e-4, description="relative gap at which the search may stop"
    )
    time_limit: Annotated[Number, Field(gt=0)] | None = Field(default=None, description="seconds for a search")

"""The section ``rolling_plans`` of a scenario: nodes whose orders a program plans, again and again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from esc_sim.fields.parts import A_SPAN, WRITTEN_TIME, Identifier, Part, Share

LONGEST_HORIZON = 1_000
MOST_PATHS = 1_000

Span = Annotated[int, Field(ge=1, le=LONGEST_HORIZON, json_schema_extra=WRITTEN_TIME), A_SPAN]
Horizon = Annotated[int, Field(ge=2, le=LONGEST_HORIZON, json_schema_extra=WRITTEN_TIME), A_SPAN]


class RollingPlan(Part):
    """A program over the next periods that is solved again and again; nodes follow its first decisions.

    Examples:
        >>> import esc_sim as esc
        >>> esc.RollingPlan(name="network", horizon=12).every
        1
    """

    name: Identifier = Field(description="name of the plan")
    nodes: list[Identifier] = Field(
        default=[],
        description="nodes whose profit the plan looks at, and which order as it says, in place of their own `order`; "
        "default all",
    )
    horizon: Horizon = Field(description="planning horizon: periods that the program looks ahead, this one included")
    every: Span = Field(default=1, description="periods from one plan to the next; until then the plan is followed")
    forecast: Literal["informed", "mean", "moving_average"] = Field(
        default="informed",
        description="demand that is planned for: the mean of its law in each period, trend, season and series included "
        "(informed), the mean of these means over the run (mean), or of the demand seen in the latest `window` periods",
    )
    window: Span = Field(default=10, description="periods of the moving average")
    paths: Annotated[int, Field(ge=1, le=MOST_PATHS)] | None = Field(
        default=None,
        description="sampled paths of demand and production, in place of the forecast: a two-stage stochastic program, "
        "whose first orders are the same on all paths",
    )
    terminal_value: Share = Field(
        default=0.0,
        description="worth of a unit left at the end of the horizon, as a share of what bringing it there costs",
    )
    until_end: bool = Field(
        default=False, description="does the horizon end with the run: what is left then is worth nothing"
    )

    @model_validator(mode="after")
    def _fits(self) -> RollingPlan:
        if self.every > self.horizon:
            raise ValueError(f"every: {self.every} periods are more than the horizon of {self.horizon}")
        if self.paths is not None and self.every > 1:
            raise ValueError("paths: on sampled paths only the first orders are decided: leave every at 1")
        if self.paths is not None and self.forecast != "informed":
            raise ValueError("paths: they are drawn from the laws of demand: leave forecast at informed")
        if "window" in self.model_fields_set and self.window != 10 and self.forecast != "moving_average":
            raise ValueError("window: is for forecast: moving_average")
        return self


def planned_nodes(plan: RollingPlan, nodes: Iterable[str]) -> set[str]:
    """Ids of the nodes of a plan; ``nodes``: ids of all nodes."""
    return set(plan.nodes or nodes)


def rolling_references(data: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Path and name of every node that a rolling plan names, in a scenario as plain values."""
    plans = data.get("rolling_plans")
    for number, plan in enumerate(plans if isinstance(plans, list | tuple) else ()):
        nodes = plan.get("nodes") if isinstance(plan, dict) else None
        for place, node in enumerate(nodes if isinstance(nodes, list | tuple) else ()):
            if isinstance(node, str):
                yield ("rolling_plans", number, "nodes", place), node

"""The section ``design.sourcing`` of a scenario: which suppliers, reserves and efforts to buy (`esc-sim design`)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from esc_sim.fields.parts import Amount, Identifier, Number, Part, Share

OpenShare = Annotated[Number, Field(gt=0, lt=1)]


class SourcingSection(Part):
    """Data, variant and limits of a sourcing design (Wang, Chen, Liu)."""

    tables: str = Field(default=".", description="folder of the design's tables, inside the scenario's folder")
    demand_history: str = Field(
        default="demand_history.csv", description="past demand: a column for each buyer, a row for each period"
    )
    spot: Identifier | None = Field(
        default=None,
        description="node of the spot market, which a plan may buy the rest from; default that of suppliers.csv",
    )
    demand: Literal["deterministic", "ddro-marginal", "ddro-joint", "bro", "box", "box-ball"] = Field(
        default="ddro-marginal", description="demand to cover: a known one, or the worst case of an uncertainty set"
    )
    nominal: Amount | dict[Identifier, Amount] | None = Field(
        default=None,
        description="demand with demand deterministic, units: of every buyer or by buyer; default the mean of the past",
    )
    theta: OpenShare = Field(default=0.05, description="share of past demands that may lie outside the set")
    max_recovery_time: Amount = Field(description="longest recovery that the buyers tolerate, contract periods")
    objective: Literal["expected", "cvar"] = Field(
        default="expected", description="what of the second-stage cost is added to the first-stage cost"
    )
    budget: Amount | None = Field(
        default=None, description="C0: second-stage cost that is to be exceeded seldom, money"
    )
    epsilon: Share = Field(default=1.0, description="largest probability of exceeding the budget; 1: no limit")
    cvar_limit: Amount | None = Field(default=None, description="largest CVaR of the second-stage cost, money")
    confidence: OpenShare = Field(default=0.95, description="level of the CVaR")
    sole_sourcing: bool = Field(default=False, description="exactly one primary supplier and no backup")
    backup_open: bool = Field(default=True, description="may capacity of backup suppliers be reserved")
    spot_open: bool = Field(default=True, description="may the plan buy on the spot market")
    levels: list[Identifier] | None = Field(
        default=None, min_length=1, description="effort levels allowed; default all"
    )
    form: Literal["auto", "small", "scenario", "full"] = Field(
        default="auto", description="form of the program that is solved; auto: the smallest that is exact"
    )
    method: Literal["whole", "benders", "benders-paper"] = Field(
        default="whole",
        description="solve it as a whole, or by Benders decomposition (by scenario, or as the paper parts it)",
    )
    gap: Annotated[Number, Field(ge=0, lt=1)] = Field(
        default=1e-6, description="relative gap at which the search may stop"
    )
    time_limit: Annotated[Number, Field(gt=0)] | None = Field(default=None, description="seconds for a search")

    @model_validator(mode="after")
    def _agree(self) -> SourcingSection:
        if self.epsilon < 1.0 and self.budget is None:
            raise ValueError("epsilon below 1 limits the probability of exceeding a budget: give budget too")
        return self

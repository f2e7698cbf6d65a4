"""What a scenario may say: pydantic models with unknown keys forbidden.

Field names are the words of scenario.yaml and, joined by dots (``demand.mean``), the column names of the tables
beside it. Numbers are finite; booleans are not numbers. References between parts are checked in ``references``.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from esc_sim.scenario.laws import Law, Number

Identifier = Annotated[
    str, Field(min_length=1, max_length=120, pattern=r"^[^/\x00-\x1f\x7f]+$", description="a name without '/'")
]
Amount = Annotated[Number, Field(ge=0)]
Share = Annotated[Number, Field(ge=0, le=1)]
Duration = Annotated[Number, Field(ge=0, description="review periods, a real number")]


class Part(BaseModel):
    """Base of every part of a scenario: unknown keys are errors, instances do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)


class Units(Part):
    """Names of the units, for labels; the arithmetic does not use them."""

    goods: str = "unit"
    money: str = "money"
    period: str = "period"


class DataStatus(Part):
    """Where the numbers come from; shown with every table and figure."""

    status: Literal["measured", "printed", "calibrated", "synthetic", "assumed"] = "assumed"
    note: str = ""


class Run(Part):
    """Length and number of runs."""

    periods: Annotated[int, Field(ge=1, le=10_000_000, description="review periods simulated")] = 365
    replications: Annotated[int, Field(ge=1, le=100_000_000)] = 20
    seed: Annotated[int, Field(ge=0, lt=2**64)] = 1
    start: str | None = Field(None, description="calendar date of period 0, for labels")


class Product(Part):
    """A product traded in the network."""

    id: Identifier
    name: str = ""


class Demand(Part):
    """Final demand at a node: normal (mean, sd), or another law. Unmet demand earns nothing."""

    mean: Amount | None = None
    sd: Amount = 0.0
    law: Law | None = None
    price: Amount = Field(0.0, description="retail price, money per unit")
    shortage_cost: Amount = Field(0.0, description="money per unit lost, or per unit and period backordered")

    @model_validator(mode="after")
    def _one_law(self) -> Demand:
        return _check_one_law(self, "demand")


class Production(Part):
    """What a source makes per period: normal (mean, sd), or another law."""

    mean: Amount | None = None
    sd: Amount = 0.0
    law: Law | None = None

    @model_validator(mode="after")
    def _one_law(self) -> Production:
        return _check_one_law(self, "production")


DemandOrProduction = TypeVar("DemandOrProduction", Demand, Production)


class Order(Part):
    """Order policy of a buyer line. ``mean``: each period wants max(0, mean + sd n), n standard normal."""

    policy: Literal["mean"] = "mean"
    mean: Amount = 0.0
    sd: Amount = 0.0


def _check_one_law(part: DemandOrProduction, what: str) -> DemandOrProduction:
    if (part.mean is None) == (part.law is None):
        raise ValueError(f"give {what} either a mean (and sd) or a law")
    if part.law is not None and part.sd:
        raise ValueError(f"sd belongs to the mean: leave it out when {what} has a law")
    return part


class StockData(Part):
    """One product at one node: stock levels, costs, and what the node does with the product."""

    start_stock: Amount = Field(0.0, description="units on hand before the first review")
    safety_stock: Amount = Field(0.0, description="units kept back from sale (S*)")
    target_stock: Amount | None = Field(None, description="S_tgt: caps production; reference of the order feedback")
    storage_cost: Amount = Field(0.0, description="money per unit on hand and period")
    penalty: Amount = Field(0.0, description="money per unit sold by contract but not shipped (alpha)")
    yield_: Amount = Field(1.0, alias="yield", description="stock gained per unit received (k, eq. 5)")
    emissions: Amount = Field(0.0, description="emissions per unit produced")
    demand: Demand | None = None
    order: Order | None = None
    production: Production | None = None


class Node(StockData):
    """A member of the network; its stock fields speak of ``product`` (by default the scenario's first)."""

    id: Identifier
    name: str = ""
    role: Identifier = "node"
    layer: Annotated[int, Field(ge=1, description="1 = nearest to the customer")] | None = None
    region: Identifier | None = None
    x: Number | None = None
    y: Number | None = None
    product: Identifier | None = None


class StockLine(StockData):
    """A further product at a node (table stocks.csv)."""

    node: Identifier
    product: Identifier


class Arc(Part):
    """A supply relation: ``buyer`` may order ``product`` from ``supplier``."""

    buyer: Identifier
    supplier: Identifier
    product: Identifier | None = None
    price: Amount = Field(0.0, description="money per unit (p), also the buyer's bid")
    other_cost: Amount = Field(0.0, description="further money per unit that the buyer pays (o)")
    lead_time: Duration | Law = Field(0.0, description="review periods; 0 and 1 period are the same")
    max_lead_time: Duration | None = Field(None, description="cut of an unbounded lead time law")
    crossing: bool = Field(False, description="may a later shipment arrive before an earlier one")
    cap: Amount | None = Field(None, description="most that can be contracted in a period, units")
    market: Identifier | None = None
    emissions: Amount = Field(0.0, description="emissions per unit shipped")


class Market(Part):
    """A market; markets are negotiated in the order listed. Arcs name theirs."""

    id: Identifier


class Rules(Part):
    """Switches of the transaction model (docs/background/transactions)."""

    feedback: Literal["surplus", "none", "two_sided"] = "surplus"
    storage_timing: Literal["review", "end"] = "review"
    unmet: Literal["lost", "backorder"] = "lost"
    partial: bool = True
    disruption_known: Literal["after_contracting", "before_contracting"] = "after_contracting"
    goods_quantum: Annotated[int, Field(ge=1, le=30, description="goods live on a grid of 2^-n units")] = 20


class ArcName(Part):
    """Names an arc; without product all arcs between the two nodes are meant."""

    buyer: Identifier
    supplier: Identifier
    product: Identifier | None = None


class Dates(Part):
    """A dated event: from ``start`` for ``duration`` periods."""

    start: Duration
    duration: Annotated[Number, Field(gt=0)]


class Recovery(Part):
    """Gradual return from the disrupted health to 1 after the event's end."""

    duration: Duration = 0.0
    shape: Literal["linear", "slow_start", "fast_start"] = "linear"


Activity = Literal["ship", "receive", "produce", "retail", "order"]


class Disruption(Part):
    """Something that goes wrong: who is hit, when, how hard, and what it stops.

    Targets are ``nodes``, ``regions``, ``roles`` (their nodes), ``arcs``, or, with ``demand_factor``, the final
    demand of the nodes named. Exactly one of ``probability``, ``time_between_failures``, ``dates`` says when.
    """

    name: Identifier
    nodes: list[Identifier] = []
    regions: list[Identifier] = []
    roles: list[Identifier] = []
    arcs: list[ArcName] = []
    together: bool = Field(True, description="one event hits all targets; false: each target has events of its own")
    probability: Share | None = Field(None, description="chance that an event begins at a review")
    duration: Annotated[Number, Field(gt=0)] | Law = Field(1.0, description="length of an event drawn by probability")
    time_between_failures: Law | None = Field(None, description="from the end of a repair to the next failure")
    time_to_repair: Law | None = None
    dates: list[Dates] | None = None
    health: Share = Field(0.0, description="share of capacity left while it lasts")
    recovery: Recovery = Recovery()
    stops: list[Activity] = ["ship"]
    demand_factor: Amount | None = Field(None, description="final demand is multiplied by this while it lasts")
    in_transit: Literal["hold", "reroute", "lose"] = Field("hold", description="goods on an arc that is out")
    detour: Duration = Field(1.0, description="extra time of goods that are rerouted")

    @model_validator(mode="after")
    def _one_law_and_targets(self) -> Disruption:
        ways = [self.probability is not None, self.time_between_failures is not None, self.dates is not None]
        if sum(ways) != 1:
            raise ValueError("give exactly one of probability, time_between_failures, dates")
        if (self.time_between_failures is None) != (self.time_to_repair is None):
            raise ValueError("time_between_failures and time_to_repair go together")
        if not (self.nodes or self.regions or self.roles or self.arcs):
            raise ValueError("name what is hit: nodes, regions, roles or arcs")
        if self.demand_factor is not None and self.arcs:
            raise ValueError("demand_factor is for nodes, not for arcs")
        return self


class Risk(Part):
    """How the cost risk is measured."""

    level: Annotated[Number, Field(gt=0, lt=1, description="confidence level of VaR and CVaR")] = 0.95
    estimator: Literal["tail_mean", "rockafellar_uryasev"] = "tail_mean"
    pooling: Literal["pooled", "per_replication", "horizon"] = "pooled"
    budget: Amount | None = Field(None, description="cost whose exceedance probability (EPF) is reported")


class Scenario(Part):
    """A whole scenario (scenario.yaml with its tables)."""

    version: Literal[1]
    name: Identifier
    title: str = ""
    description: str = ""
    data: DataStatus = DataStatus()
    units: Units = Units()
    run: Run = Run()
    products: Annotated[list[Product], Field(min_length=1)] = [Product(id="goods")]
    nodes: Annotated[list[Node], Field(min_length=1)]
    stocks: list[StockLine] = []
    arcs: list[Arc] = []
    markets: list[Market] = []
    rules: Rules = Rules()
    disruptions: list[Disruption] = []
    risk: Risk = Risk()

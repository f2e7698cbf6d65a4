"""What a scenario may say: pydantic models with unknown keys forbidden.

Field names are the words of scenario.yaml and, joined by dots (``demand.mean``), the column names of the tables
beside it. Numbers are finite; booleans are not numbers. References between parts are checked in ``references``.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar, get_args

from pydantic import Field, PrivateAttr, field_validator, model_validator

from esc_sim.scenario.cascade import CascadeRules
from esc_sim.scenario.design import Design
from esc_sim.scenario.joint import JointDisruption
from esc_sim.scenario.laws import Law, Number
from esc_sim.scenario.optimization import Optimization
from esc_sim.scenario.orders import AnyOrder
from esc_sim.scenario.parts import (
    Activity,
    Amount,
    AmountOrLaw,
    ArcName,
    Duration,
    DurationOrLaw,
    Identifier,
    Part,
    PositiveDuration,
    PositiveDurationOrLaw,
    Share,
)
from esc_sim.scenario.recipes import Amounts, Contents, Recipe, Taker


class Units(Part):
    """Names of the units, for labels; the arithmetic does not use them."""

    goods: str = Field("unit", description="unit of all goods")
    money: str = Field("money", description="currency")
    period: str = Field("period", description="length of a review period: day, week")


class DataStatus(Part):
    """Where the numbers come from; shown with every table and figure."""

    status: Literal["measured", "printed", "calibrated", "synthetic", "assumed"] = Field(
        "assumed", description="what the numbers are; printed: taken from a publication"
    )
    note: str = Field("", description="where they come from, in a sentence or two")


class Run(Part):
    """Length and number of runs."""

    periods: Annotated[int, Field(ge=1, le=10_000_000, description="review periods simulated")] = 365
    warm_up: Annotated[int, Field(ge=0, description="periods at the start left out of every key figure")] = 0
    batches: Annotated[int, Field(ge=1, description="stretches of each replication that intervals rest on")] = 1
    replications: Annotated[int, Field(ge=1, le=100_000_000, description="independent repetitions")] = 20
    seed: Annotated[int, Field(ge=0, lt=2**64, description="the same seed gives the same random numbers")] = 1
    start: str | None = Field(None, description="calendar date of period 0 (2026-01-31), for labels")

    @field_validator("start")
    @classmethod
    def _a_date(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                datetime.date.fromisoformat(value)
            except ValueError:
                raise ValueError(f"a date such as 2026-01-31 belongs here, not '{value}'") from None
        return value

    @model_validator(mode="after")
    def _something_left(self) -> Run:
        if self.warm_up >= self.periods:
            raise ValueError(f"warm_up {self.warm_up} leaves nothing of {self.periods} periods")
        if self.batches > self.periods - self.warm_up:
            raise ValueError(f"{self.batches} batches are more than the {self.periods - self.warm_up} periods counted")
        return self


class Product(Part):
    """A product traded in the network."""

    id: Identifier
    name: str = Field("", description="name for labels")
    contents: Contents = Field({}, description="what a unit holds: '1 mass + 0.02 N'; recipes must balance it")
    environment: bool = Field(False, description="air, water: recipes take it and give it off freely; never stocked")


class Arrivals(Part):
    """Customers who come one by one, at any time (agent engine)."""

    between: PositiveDurationOrLaw = Field(description="time between two customers, periods: a number or a law")
    size: AmountOrLaw = Field(1.0, description="units that a customer wants: a number or a law")
    first: Duration | None = Field(None, description="time of the first; by default after a first time between")


class Demand(Part):
    """Final demand at a node: normal (mean, sd), or another law. Unmet demand earns nothing."""

    mean: Amount | None = Field(None, description="mean final demand, units per period")
    sd: Amount = Field(0.0, description="standard deviation, units per period")
    law: Law | None = Field(None, description="law of final demand, instead of mean and sd")
    arrivals: list[Arrivals] = Field([], description="customers who come at any time, instead of mean and law")
    series: Identifier | None = Field(None, description="mean of each period, instead of mean: a column of series.csv")
    trend: Number = Field(0.0, description="change of the mean, units per period and period")
    season: list[Amount] = Field([], description="factors of demand, repeated: seven for the days of a week")
    price: Amount = Field(0.0, description="retail price, money per unit")
    shortage_cost: Amount = Field(0.0, description="money per unit lost, or per unit and period backordered")
    leftovers: Amounts = Field({}, description="units that come back here, by product, of a unit bought: '0.1 waste'")

    @model_validator(mode="after")
    def _one_law(self) -> Demand:
        if self.arrivals:
            if self.mean is not None or self.law is not None or self.sd or self.series is not None or self.has_course:
                raise ValueError("arrivals take the place of mean, sd, law, series, trend and season: leave them out")
            return self
        if self.series is not None and (self.mean is not None or self.law is not None):
            raise ValueError("series takes the place of mean and law: leave them out")
        if self.law is not None and self.trend:
            raise ValueError("a trend needs a mean or a series, not a law")
        return self if self.series is not None else _check_one_law(self, "demand")

    @property
    def has_course(self) -> bool:
        """Whether demand changes with time."""
        return self.series is not None or self.trend != 0.0 or bool(self.season)


class Production(Part):
    """What a source makes per period: normal (mean, sd), or another law."""

    mean: Amount | None = Field(None, description="mean production, units per period")
    sd: Amount = Field(0.0, description="standard deviation, units per period")
    law: Law | None = Field(None, description="law of production, instead of mean and sd")

    @model_validator(mode="after")
    def _one_law(self) -> Production:
        return _check_one_law(self, "production")


DemandOrProduction = TypeVar("DemandOrProduction", Demand, Production)


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
    capacity: Amount | None = Field(None, description="most units shipped or sold in a period; health scales it")
    storage_cost: Amount = Field(0.0, description="money per unit on hand and period")
    transit_cost: Amount = Field(0.0, description="money per unit on its way here and period")
    owed_cost: Amount = Field(0.0, description="money per unit owed to buyers and period (orders backordered)")
    penalty: Amount = Field(0.0, description="money per unit sold by contract but not shipped (alpha)")
    yield_: Amount = Field(1.0, alias="yield", description="stock gained per unit received (k, eq. 5)")
    emissions: Amount = Field(0.0, description="emissions per unit produced")
    shelf_life: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        None, description="periods that goods keep here; 1: what is not used in its period is gone"
    )
    waste: Identifier | None = Field(None, description="product that goods become when their shelf life is over")
    disposal_cost: Amount = Field(0.0, description="money per unit disposed of")
    room: Amount | None = Field(
        None, description="what exceeds it after sales is offered to takers, then disposed of; with takers default 0"
    )
    demand: Demand | None = Field(None, description="final demand served here")
    order: AnyOrder | None = Field(None, description="what is ordered from suppliers")
    production: Production | None = Field(None, description="what is made here without inputs")


class Node(StockData):
    """A member of the network; its stock fields speak of ``product`` (by default the scenario's first)."""

    id: Identifier
    name: str = Field("", description="name for labels")
    role: Identifier = Field("node", description="role, such as retailer; disruptions and agent classes may name it")
    layer: Annotated[int, Field(ge=1)] | None = Field(None, description="1 = nearest to the customer")
    region: Identifier | None = Field(None, description="region; a disruption may hit a whole one")
    x: Number | None = Field(None, description="place on the map, from left to right")
    y: Number | None = Field(None, description="place on the map, from bottom to top")
    product: Identifier | None = Field(None, description="product that the stock fields speak of; default the first")
    energy: Amount | None = Field(None, description="most energy that its recipes use in a period")


class StockLine(StockData):
    """A further product at a node (table stocks.csv)."""

    node: Identifier
    product: Identifier


class Arc(Part):
    """A supply relation: ``buyer`` may order ``product`` from ``supplier``."""

    buyer: Identifier
    supplier: Identifier
    product: Identifier | None = Field(None, description="product traded; default the scenario's first")
    price: Amount = Field(0.0, description="money per unit (p), also the buyer's bid")
    other_cost: Amount = Field(0.0, description="further money per unit that the buyer pays (o)")
    lead_time: DurationOrLaw = Field(0.0, description="review periods; 0 and 1 period are the same")
    max_lead_time: Duration | None = Field(None, description="cut of an unbounded lead time law")
    crossing: bool = Field(False, description="may a later shipment arrive before an earlier one")
    cap: Amount | None = Field(None, description="most that can be contracted in a period, units")
    market: Identifier | None = Field(None, description="market it is negotiated in")
    preference: int = Field(0, description="the buyer asks suppliers of lower rank first, those of equal rank by cost")
    share: Amount | None = Field(
        None, description="part of each order that goes to this supplier, relative to the other suppliers' shares"
    )
    priority: int = Field(0, description="rank of the buyer at the supplier, under allocation priority; lower first")
    emissions: Amount = Field(0.0, description="emissions per unit shipped")


class Market(Part):
    """A market; markets are negotiated in the order listed. Arcs name theirs."""

    id: Identifier


class Rules(Part):
    """Switches of the transaction model (docs/background/transactions)."""

    feedback: Literal["surplus", "none", "two_sided"] = Field(
        "surplus", description="how stock above (surplus) or beside (two_sided) target_stock changes the order"
    )
    storage_timing: Literal["review", "end"] = Field("review", description="when stock is counted for its cost")
    unmet: Literal["lost", "backorder"] = Field("lost", description="what becomes of unmet final demand")
    unmet_orders: Literal["lost", "backorder"] = Field(
        "lost", description="what becomes of orders that no supplier accepted: dropped, or owed by the first supplier"
    )
    sequence: Literal["order_after_demand", "order_before_demand"] = Field(
        "order_after_demand", description="when policies look at the inventory position (mean orders: before demand)"
    )
    allocation: Literal["highest_bid", "priority", "proportional", "first_come"] = Field(
        "highest_bid",
        description="whom a supplier serves first when it is short: the highest bid, the buyer of the "
        "lowest priority number, or all in proportion to what they ask for",
    )
    partial: bool = Field(True, description="may a supplier accept an order in part")
    partial_demand: bool = Field(True, description="may the final demand of a period be met in part")
    disruption_known: Literal["after_contracting", "before_contracting"] = Field(
        "after_contracting", description="does a disruption show before or after contracts are made"
    )

    @model_validator(mode="after")
    def _shares_are_partial(self) -> Rules:
        if self.allocation == "proportional" and not self.partial:
            raise ValueError("proportional allocation accepts orders in part: leave partial at true")
        return self

    goods_quantum: Annotated[int, Field(ge=1, le=30, description="goods live on a grid of 2^-n units")] = 20


class Dates(Part):
    """A dated event: from ``start`` for ``duration`` periods."""

    start: Duration
    duration: PositiveDuration


class Recovery(Part):
    """Gradual return from the disrupted health to 1 after the event's end."""

    duration: Duration = Field(0.0, description="review periods until full health")
    shape: Literal["linear", "slow_start", "fast_start"] = Field("linear", description="shape of the return")


class Disruption(Part):
    """Something that goes wrong: who is hit, when, how hard, and what it stops.

    Targets are ``nodes``, ``regions``, ``roles`` (their nodes), ``arcs``, or, with ``demand_factor``, the final
    demand of the nodes named. Exactly one of ``probability``, ``time_between_failures``, ``dates`` says when.
    """

    name: Identifier
    nodes: list[Identifier] = Field([], description="ids of nodes hit")
    regions: list[Identifier] = Field([], description="regions all of whose nodes are hit")
    roles: list[Identifier] = Field([], description="roles all of whose nodes are hit")
    arcs: list[ArcName] = Field([], description="arcs hit")
    together: bool = Field(True, description="one event hits all targets; false: each target has events of its own")
    probability: Share | None = Field(None, description="chance that an event begins at a review")
    duration: PositiveDurationOrLaw = Field(1.0, description="length of an event drawn by probability")
    time_between_failures: Law | None = Field(None, description="from the end of a repair to the next failure")
    time_to_repair: Law | None = Field(None, description="from a failure to its repair")
    dates: list[Dates] | None = Field(None, description="events at given times")
    health: Share = Field(0.0, description="share of capacity left while it lasts")
    recovery: Recovery = Field(Recovery(), description="gradual return to full health after an event")
    stops: list[Activity] = Field(["ship"], description="what the nodes hit cannot do")
    demand_factor: Amount | None = Field(None, description="final demand is multiplied by this while it lasts")
    in_transit: Literal["hold", "reroute", "lose"] = Field("hold", description="goods on an arc that is out")
    detour: Duration = Field(1.0, description="extra time of goods that are rerouted")
    cascade: bool = Field(False, description="the failure spreads (section cascade); failed nodes stop all their trade")

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
        if self.cascade:
            self._check_cascade()
        return self

    def _check_cascade(self) -> None:
        if self.arcs or self.demand_factor is not None:
            raise ValueError("a cascade starts at nodes that fail: leave out arcs and demand_factor")
        if self.health > 0:
            raise ValueError("a cascade starts at nodes that fail: leave health at 0")
        if self.stops not in (["ship"], list(get_args(Activity))):
            raise ValueError("a cascade stops all trade of a failed node: leave out stops")


class Correlation(Part):
    """Final demands that move together: normal ones as they are, those of a law through their ranks."""

    name: Identifier
    nodes: list[Identifier] = Field(min_length=2, description="nodes whose final demands move together")
    product: Identifier | None = Field(None, description="product demanded; default the scenario's first")
    rho: Share | None = Field(None, description="one correlation for every pair")
    matrix: list[list[Annotated[Number, Field(ge=-1, le=1)]]] | None = Field(
        None, description="correlation matrix, in the order of nodes"
    )

    @model_validator(mode="after")
    def _a_correlation_matrix(self) -> Correlation:
        if (self.rho is None) == (self.matrix is None):
            raise ValueError("give either rho or a matrix")
        if len(set(self.nodes)) != len(self.nodes):
            raise ValueError("a node stands in nodes twice")
        matrix = self.matrix
        if matrix is not None:
            size = range(len(self.nodes))
            if len(matrix) != len(size) or any(len(row) != len(size) for row in matrix):
                raise ValueError(f"the matrix needs {len(size)} rows of {len(size)} numbers")
            if any(matrix[i][j] != matrix[j][i] or matrix[i][i] != 1.0 for i in size for j in size):
                raise ValueError("a correlation matrix is symmetric, with 1 on its diagonal")
        return self


class Risk(Part):
    """How the cost risk is measured."""

    level: Annotated[Number, Field(gt=0, lt=1, description="confidence level of VaR and CVaR")] = 0.95
    estimator: Literal["tail_mean", "rockafellar_uryasev"] = Field("tail_mean", description="estimator of CVaR")
    pooling: Literal["pooled", "per_replication", "horizon"] = Field(
        "pooled", description="the sample: costs of all periods pooled, of each replication, or of whole horizons"
    )
    budget: Amount | None = Field(None, description="cost whose exceedance probability (EPF) is reported")


TableName = Literal["nodes", "arcs", "stocks", "products", "recipes", "takers", "series"]


class Scenario(Part):
    """A whole scenario (scenario.yaml with its tables)."""

    _folder: Path | None = PrivateAttr(None)

    def __eq__(self, other: object) -> bool:
        """Whether the two say the same, wherever they were read from."""
        return isinstance(other, Scenario) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    @property
    def folder(self) -> Path | None:
        """The folder it was read from, for files that it names; None for one made in Python."""
        return self._folder

    @property
    def is_disrupted(self) -> bool:
        """Whether anything can go wrong, so that a run has an undisrupted twin."""
        return bool(self.disruptions or self.joint_disruptions)

    version: Literal[1] = Field(description="version of this format")
    name: Identifier
    title: str = Field("", description="title for tables and figures")
    description: str = Field("", description="what the scenario is about")
    data: DataStatus = Field(DataStatus(), description="where the numbers come from")
    units: Units = Field(Units(), description="names of the units")
    run: Run = Field(Run(), description="length and number of runs")
    products: list[Product] = Field([Product(id="goods")], min_length=1, description="products traded")
    tables: str | dict[TableName, str] | None = Field(
        None, description="a workbook (book.xlsx), or a CSV file for each table; by default nodes.csv and so on"
    )
    nodes: list[Node] = Field(min_length=1, description="members of the network (or table nodes.csv)")
    stocks: list[StockLine] = Field([], description="further products at nodes (or table stocks.csv)")
    arcs: list[Arc] = Field([], description="supply relations (or table arcs.csv)")
    recipes: list[Recipe] = Field([], description="what nodes make out of what (or table recipes.csv)")
    takers: list[Taker] = Field([], description="who takes what nobody ordered (or table takers.csv)")
    markets: list[Market] = Field([], description="markets, in the order in which they are negotiated")
    rules: Rules = Field(Rules(), description="switches of the transaction model")
    disruptions: list[Disruption] = Field([], description="what goes wrong")
    joint_disruptions: list[JointDisruption] = Field(
        [], description="tables of cases, one of which holds in each period or replication"
    )
    series: dict[Identifier, Annotated[list[Amount], Field(min_length=1)]] = Field(
        {}, description="numbers period by period, repeated when the run is longer (or table series.csv)"
    )
    correlations: list[Correlation] = Field([], description="final demands that move together")
    cascade: CascadeRules | None = Field(None, description="how failures spread, and what recovery is measured in")
    risk: Risk = Field(Risk(), description="how the cost risk is measured")
    optimize: Optimization | None = Field(None, description="what may be decided, and what for")
    design: Design | None = Field(None, description="what `esc-sim design` decides")

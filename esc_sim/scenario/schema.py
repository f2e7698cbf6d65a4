"""What a scenario may say: pydantic models with unknown keys forbidden.

Field names are the words of scenario.yaml and, joined by dots (``demand.mean``), the column names of the tables
beside it. Numbers are finite; booleans are not numbers. References between parts are checked in ``references``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, model_validator

from esc_sim.fields.arc import Arc as ArcRow
from esc_sim.fields.item import Item
from esc_sim.fields.lane import Lane as LaneRow
from esc_sim.fields.making import Perishable
from esc_sim.fields.node import Node as NodeRow
from esc_sim.fields.parts import (
    A_SPAN,
    FILLED_IN,
    WRITTEN_TIME,
    Amount,
    Duration,
    Identifier,
    Part,
    PositiveDuration,
    Share,
)
from esc_sim.fields.rows import described
from esc_sim.measures.measure import Measure
from esc_sim.policies.registry import AnyOrder
from esc_sim.scenario.appraisal import AppraisalSection
from esc_sim.scenario.building import Buildable
from esc_sim.scenario.cascade import CascadeRules, Competition
from esc_sim.scenario.demand import Correlation, Demand, Production
from esc_sim.scenario.design import Design
from esc_sim.scenario.disruptions import Disruption
from esc_sim.scenario.distances import Distances, Place, with_distances
from esc_sim.scenario.farming import Amendment, CropField, Farming, Nutrient
from esc_sim.scenario.histories import bind_histories
from esc_sim.scenario.joint import JointDisruption
from esc_sim.scenario.optimization import Optimization
from esc_sim.scenario.parts import DurationOrLaw, Rank
from esc_sim.scenario.power import Power
from esc_sim.scenario.recipes import Contents, Recipe, Taker
from esc_sim.scenario.rolling import RollingPlan
from esc_sim.scenario.rules import Rules
from esc_sim.scenario.run import DataStatus, Risk, Run, Units


class Product(Part):
    """A product traded in the network.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Product(id="juice", name="Apple juice").id
        'juice'
    """

    id: Identifier = Field(description="short name, unlike any other")
    name: str = Field(default="", description="name for labels")
    contents: Contents = Field(default={}, description="what a unit holds: '1 mass + 0.02 N'; recipes must balance it")
    environment: bool = Field(
        default=False, description="air, water: recipes take it and give it off freely; never stocked"
    )
    nutrient: Nutrient | None = Field(default=None, description="what it gives to fields, for fertilisers")
    waste: bool = Field(default=False, description="counts as waste in the landfill share")


class StockData(Part):
    """One product at one node: stock levels, costs, and what the node does with the product."""

    initial_stock: Amount = Field(default=0.0, description="units on hand before the first review")
    safety_stock: Amount = Field(default=0.0, description=described(Item.safety_stock))
    target_stock: Amount | None = Field(default=None, description=described(Item.target_stock))
    capacity: Amount | None = Field(default=None, description=described(Item.capacity))
    holding_cost: Amount = Field(default=0.0, description=described(Item.holding_cost))
    in_transit_holding_cost: Amount = Field(default=0.0, description=described(Item.in_transit_holding_cost))
    backorder_cost: Amount = Field(default=0.0, description=described(Item.backorder_cost))
    penalty: Amount = Field(default=0.0, description=described(Item.penalty))
    yield_: Amount = Field(default=1.0, alias="yield", description=described(Item.yield_factor))
    emissions: Amount = Field(default=0.0, description=described(Item.emissions))
    shelf_life: Annotated[int, Field(ge=1, le=100_000, json_schema_extra=WRITTEN_TIME), A_SPAN] | None = Field(
        default=None, description=described(Perishable.shelf_life)
    )
    waste: Identifier | None = Field(
        default=None, description="product that goods become when their shelf life is over"
    )
    disposal_cost: Amount = Field(default=0.0, description=described(Item.disposal_cost))
    room: Amount | None = Field(
        default=None,
        description=described(Item.room),
    )
    demand: Demand | None = Field(default=None, description="final demand served here")
    order: AnyOrder | None = Field(default=None, description="what is ordered from suppliers")
    production: Production | None = Field(default=None, description="what is made here without inputs")


class Node(Place, StockData):
    """A member of the network; its stock fields, if any, speak of ``product`` (default the first).

    Examples:
        >>> import esc_sim as esc
        >>> shop = esc.Node(id="shop", initial_stock=120, demand=esc.Demand(mean=40, sd=6, price=95))
        >>> shop.demand.price
        95.0
        >>> esc.Node(id="shop", initial_stok=120)
        Traceback (most recent call last):
        esc_sim.errors.InputError: node shop: initial_stok: unknown key; did you mean 'initial_stock'?
    """

    id: Identifier = Field(description="short name, unlike any other")
    name: str = Field(default="", description="name for labels")
    role: Identifier = Field(
        default="node", description="role, such as retailer; disruptions and agent classes may name it"
    )
    layer: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, description="1 = nearest to the customer"
    )
    region: Identifier | None = Field(default=None, description="region; a disruption may hit a whole one")
    product: Identifier | None = Field(
        default=None, description="product that the stock fields speak of; default the first"
    )
    energy: Amount | None = Field(default=None, description=described(NodeRow.energy_limit))
    outage_chance: Share | None = Field(
        default=None, description="chance of an outage in a year, for levers of stress tests"
    )
    time_to_recover: PositiveDuration | None = Field(
        default=None,
        description="review periods that an outage of it lasts in stress tests; default what --duration says",
    )
    load: Amount | None = Field(
        default=None, description="what it handles before a cascade, in any unit; read where `cascade.load` is stated"
    )


class StockLine(StockData):
    """A product at a node (table stocks.csv) that the node's own fields do not speak of.

    Examples:
        >>> import esc_sim as esc
        >>> esc.StockLine(node="shop", product="water", initial_stock=30).target_stock is None
        True
    """

    node: Identifier
    product: Identifier


class Arc(Part):
    """A supply relation: ``buyer`` may order ``product`` from ``supplier``.

    Several routes between the two are told apart by their ``mode``.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Arc(buyer="shop", supplier="factory", mode="air", price=60, lead_time=2).lead_time
        2.0
        >>> esc.Arc(buyer="shop", supplier="factory", lead_time=esc.Uniform(low=1, high=3)).lead_time.upper
        3.0
    """

    buyer: Identifier = Field(description="node that buys")
    supplier: Identifier = Field(description="node that sells")
    product: Identifier | None = Field(default=None, description="product traded; default the scenario's first")
    mode: Identifier | None = Field(
        default=None, description="sea, air: tells routes between the same two apart; disruptions may name it"
    )
    lane: Identifier | None = Field(
        default=None, description="port, pass or fleet whose capacity it shares with other arcs (an id of lanes)"
    )
    price: Amount = Field(default=0.0, description=described(ArcRow.price))
    other_cost: Annotated[Amount, FILLED_IN] = Field(
        default=0.0, description="further money per unit that the buyer pays (o)"
    )
    lead_time: Annotated[DurationOrLaw, FILLED_IN] = Field(
        default=0.0, description="review periods; 0 and 1 period are the same"
    )
    max_lead_time: Duration | None = Field(default=None, description="cut of an unbounded lead time law")
    crossing: bool = Field(default=False, description="may a later shipment arrive before an earlier one")
    cap: Amount | None = Field(default=None, description=described(ArcRow.cap))
    market: Identifier | None = Field(default=None, description="market it is negotiated in")
    preference: Rank = Field(
        default=0, description="the buyer asks suppliers of lower rank first, those of equal rank by cost"
    )
    share: Amount | None = Field(
        default=None,
        description="part of each order that goes to this supplier, relative to the other suppliers' shares",
    )
    priority: Rank = Field(
        default=0, description="rank of the buyer at the supplier, for rules of allocation that ask for it; lower first"
    )
    emissions: Amount = Field(default=0.0, description=described(ArcRow.emissions))
    option: bool = Field(
        default=False,
        description="a second source that could be had: no part of the network until a stress test takes it",
    )
    yearly_cost: Amount | None = Field(default=None, description="money a year for an option: qualification, retainers")
    outage_chance: Share | None = Field(
        default=None, description="chance of an outage in a year, for levers of stress tests"
    )
    time_to_recover: PositiveDuration | None = Field(
        default=None,
        description="review periods that an outage of it lasts in stress tests; default what --duration says",
    )


class Lane(Part):
    """A port, a pass, a fleet: a capacity that several arcs share.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Lane(id="suez", name="Suez Canal", capacity=400).capacity
        400.0
    """

    id: Identifier = Field(description="short name, unlike any other")
    name: str = Field(default="", description="name for labels")
    capacity: Amount | None = Field(
        default=None,
        description=described(LaneRow.capacity),
    )


class Market(Part):
    """A market; markets are negotiated in the order listed. Arcs name theirs.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Market(id="retail").id
        'retail'
    """

    id: Identifier


TableName = Literal[
    "nodes", "arcs", "lanes", "stocks", "products", "recipes", "takers", "fields", "amendments", "series", "competitors"
]


class Scenario(Buildable):
    """A whole scenario (scenario.yaml with its tables).

    Examples:
        >>> import esc_sim as esc
        >>> factory = esc.Node(id="factory", initial_stock=50, target_stock=90, production=esc.Production(mean=45))
        >>> shop = esc.Node(id="shop", initial_stock=50, demand=esc.Demand(mean=40, sd=6), order=esc.MeanOrder(mean=41))
        >>> strike = esc.Disruption(name="strike", nodes=["factory"], dates=[esc.Dates(start=10, duration=7)])
        >>> mine = esc.Scenario(name="mine", nodes=[factory, shop], arcs=[esc.Arc(buyer="shop", supplier="factory")])
        >>> mine.is_disrupted, mine.add(strike).is_disrupted, mine.reference
        (False, True, None)
        >>> read = esc.load_scenario("scenarios/quickstart")
        >>> read.folder.name, read.changes, read.notices, read.options, read.whole_hash, read.measures, read.stated
        ('quickstart', (), (), (), None, {}, None)
    """

    _folder: Path | None = PrivateAttr(None)
    _whole: str | None = PrivateAttr(None)
    _notices: tuple[str, ...] = PrivateAttr(())
    _changes: tuple[str, ...] = PrivateAttr(())
    _measures: dict[str, Measure] = PrivateAttr({})
    _options: tuple[tuple[int, Arc], ...] = PrivateAttr(())
    _reference: tuple[dict[str, Any], Scenario] | None = PrivateAttr(None)  # what was read with it, and what it is
    _checked: tuple[Any, ...] | None = PrivateAttr(None)  # what the parts held when they were checked together

    def __eq__(self, other: object) -> bool:
        """Whether the two say the same, wherever they were read from."""
        return isinstance(other, Scenario) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    @property
    def folder(self) -> Path | None:
        """The folder it was read from, for files that it names; None for one made in Python."""
        return self._folder

    @property
    def whole_hash(self) -> str | None:
        """Hash of all that was read, with what the switches left out; None where there are no switches."""
        return self._whole

    @property
    def options(self) -> tuple[tuple[int, Arc], ...]:
        """Arcs that could be had (``option: true``), each with its number among all; ``arcs`` has only the others."""
        return self._options

    @property
    def reference(self) -> Scenario | None:
        """The variant that investments are set against; None where there are none, or no longer as it was read."""
        if self._reference is None:
            return None
        read, reference = self._reference
        return reference if all(name == "run" or getattr(self, name) is value for name, value in read.items()) else None

    @property
    def measures(self) -> Mapping[str, Measure]:
        """Measures of the user's own, by name; they come from Python, never from a file."""
        return self._measures

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should know of how it was read: changes that the command does not read."""
        return self._notices

    @property
    def changes(self) -> tuple[str, ...]:
        """What was changed on the way in, as 'path=value' texts (``--set``)."""
        return self._changes

    @property
    def is_disrupted(self) -> bool:
        """Whether anything can go wrong, so that a run has an undisrupted twin."""
        return bool(self.disruptions or self.joint_disruptions)

    version: Literal[1] = Field(default_factory=lambda: 1, description="version of this format")
    name: Identifier = Field(description="short name of the scenario")
    title: str = Field(default="", description="title for tables and figures")
    description: str = Field(default="", description="what the scenario is about")
    data: DataStatus = Field(default=DataStatus(), description="where the numbers come from")
    units: Units = Field(default=Units(), description="names of the units")
    run: Run = Field(default=Run(), description="length and number of runs")
    products: list[Product] = Field(default=[Product(id="goods")], min_length=1, description="products traded")
    switches: dict[Identifier, bool] = Field(
        default={},
        description="parts that say `when: NAME` hold while the switch is true; once read: the switches in force",
    )
    variants: dict[Identifier, dict[Identifier, bool]] = Field(default={}, description="settings of switches, by name")
    variant: Identifier | None = Field(default=None, description="the variant that sets the switches")
    tables: str | dict[TableName, str] | None = Field(
        default=None, description="a workbook (book.xlsx), or a CSV file for each table; by default nodes.csv and so on"
    )
    nodes: list[Node] = Field(
        default=[], description="members of the network (or table nodes.csv)", json_schema_extra={"minItems": 1}
    )
    stocks: list[StockLine] = Field(default=[], description="products at nodes (or table stocks.csv)")
    arcs: list[Arc] = Field(default=[], description="supply relations (or table arcs.csv)")
    distances: Distances | None = Field(
        default=None, description="lead times and costs of arcs that state none, from the distance between their ends"
    )
    lanes: list[Lane] = Field(default=[], description="capacities that arcs share (or table lanes.csv)")
    recipes: list[Recipe] = Field(default=[], description="what nodes make out of what (or table recipes.csv)")
    takers: list[Taker] = Field(default=[], description="who takes what nobody ordered (or table takers.csv)")
    farming: Farming | None = Field(default=None, description="what all fields have in common")
    fields: list[CropField] = Field(default=[], description="land of nodes and its crops (or table fields.csv)")
    amendments: list[Amendment] = Field(
        default=[], description="organic fertilisers that farms may spread (or table amendments.csv)"
    )
    power: Power | None = Field(
        default=None, description="microgrids: the energy that recipes use, planned and settled"
    )
    markets: list[Market] = Field(default=[], description="markets, in the order in which they are negotiated")
    rules: Rules = Field(default=Rules(), description="switches of the transaction model")
    rolling_plans: list[RollingPlan] = Field(default=[], description="programs solved anew, whose orders nodes follow")
    disruptions: list[Disruption] = Field(default=[], description="what goes wrong")
    joint_disruptions: list[JointDisruption] = Field(
        default=[], description="tables of cases, one of which holds in each period or replication"
    )
    series: dict[Identifier, Annotated[list[Amount], Field(min_length=1)]] = Field(
        default={},
        description="numbers period by period (or table series.csv, with dates if wanted); `then` says what follows",
    )
    correlations: list[Correlation] = Field(default=[], description="final demands that move together")
    cascade: CascadeRules | None = Field(
        default=None, description="how failures spread, and what recovery is measured in"
    )
    competitors: list[Competition] = Field(
        default=[],
        description="who competes with whom in cascades (or table competitors.csv); default: who shares partners",
    )
    risk: Risk = Field(default=Risk(), description="how the cost risk is measured")
    appraisal: AppraisalSection | None = Field(
        default=None, description="what is invested, and the variant that it is set against"
    )
    optimize: Optimization | None = Field(default=None, description="what may be decided, and what for")
    design: Design | None = Field(default=None, description="what `esc-sim design` decides")

    @model_validator(mode="after")
    def _completed(self) -> Scenario:
        return completed(self)


def completed(scenario: Scenario) -> Scenario:
    """A scenario that has just been made: its laws know their series, its options stand beside its arcs.

    Whoever reads the arcs reads those of the network, so that nobody has to know of distances and options.
    """
    bind_histories(scenario)
    if scenario.distances is not None:
        scenario.__dict__["arcs"] = with_distances(scenario.arcs, scenario.nodes, scenario.distances)
    options = tuple((number, arc) for number, arc in enumerate(scenario.arcs) if arc.option)
    if options:
        scenario._options = options
        scenario.__dict__["arcs"] = [arc for arc in scenario.arcs if not arc.option]
    return scenario

"""The supply network as a Mesa model: SimPy owns the time, a step is one review period."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import mesa
import numpy as np
import simpy
from mesa.datacollection import DataCollector

from esc_sim.behaviours.grid import to_grid
from esc_sim.behaviours.switches import STORAGE_AT_REVIEW
from esc_sim.engine.agents.agents import SupplyAgent
from esc_sim.engine.agents.books import Books, Health
from esc_sim.engine.agents.by_hand import ByHand
from esc_sim.engine.agents.cast import Members, cast_of, check_fits
from esc_sim.engine.agents.checking import made
from esc_sim.engine.agents.clock import REVIEW, TickingEnvironment, at
from esc_sim.engine.agents.hazards import Hazards
from esc_sim.engine.agents.links import Links
from esc_sim.engine.agents.live import LiveAgents
from esc_sim.engine.agents.lots import Lots
from esc_sim.engine.agents.markets import Markets
from esc_sim.engine.agents.microgrids import Microgrids
from esc_sim.engine.agents.negotiating import NegotiatedMarkets
from esc_sim.engine.agents.nutrients import NutrientMarket
from esc_sim.engine.agents.record import Recorder
from esc_sim.engine.agents.recorded import RecordedPeriods
from esc_sim.engine.agents.reviews import Reviews
from esc_sim.engine.agents.spreading import Cascades
from esc_sim.engine.agents.traced import TracedLiveAgents, TracedNutrientMarket, traced, traced_transport
from esc_sim.engine.agents.transport import Transport
from esc_sim.engine.agents.watch import Watch, WatchedTransport
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.instance.model import Instance
from esc_sim.instance.negotiation import negotiated
from esc_sim.instance.plugins import GivenPolicy, PolicyView
from esc_sim.instance.rolling import PlannedInstance
from esc_sim.instance.settlement import NO_CASE
from esc_sim.instance.spreading import events_of
from esc_sim.negotiations.registry import GivenProtocol
from esc_sim.policies.policy import FORECAST
from esc_sim.sampling.streams import STRATA
from esc_sim.sampling.tape import tape_block
from esc_sim.sampling.timetable import EMPTY_TIMETABLE
from esc_sim.scenario.given import ScenarioLike, given_scenario
from esc_sim.scenario.kinds import flags, seed_number, whole
from esc_sim.scenario.run import check_warm_up

if TYPE_CHECKING:
    from esc_sim.engine.agents.planning import Planner
    from esc_sim.fields.item import Item

Thing = TypeVar("Thing")
_ROWS, _NUMBERS = 128, 65_536
"""Rows of the tape drawn at a time; more, up to so many numbers, where they are short."""


class SupplyChainModel(ByHand, mesa.Model):
    """One replication of a scenario, run by agents.

    Mesa's own tools work on it: ``model.agents``, a ``DataCollector``, ``mesa.batch_run``; ``model.steps`` counts
    reviews, and ``model.running`` is true until the scenario's last period.

    Args:
        scenario: a scenario, the path of one, its content as a dict, or an instance made from one.
        seed: seed of the run; default the scenario's, and 1 for an instance, which has none.
        replication: number of the replication, from 0.
        disrupted: play the disruptions; without them the same random numbers give the undisrupted twin.
        members: subclass of :class:`SupplyAgent` by role or node, for members that behave in another way.
        negotiation: how markets come to contracts, where not as the scenario says: a name, a class, an object, or a
            pure function that ranks suppliers.
        stratified: draw disruptions as a Latin hypercube across batches of ``strata`` replications.
        strata: replications of a batch.
        trace: keep items and nodes of every period.
        keep_stock: keep the stock of every item and period.
        watch: keep every bid and its answer, and what is on the road on each arc (see :class:`Watch`).
        lots: follow goods by their origin (see :class:`esc_sim.engine.agents.lots.Lots`); changes no number.
        policies: order policies by node or node/product, see :mod:`esc_sim.instance.plugins`; only with a scenario.
        allow_code: may Python files that the scenario names be run; only with a scenario.

    Examples:
        >>> import esc_sim as esc
        >>> model = esc.SupplyChainModel("scenarios/quickstart", seed=7)
        >>> model.step()
        >>> model.run(4)
        >>> model.day, model.period
        (5.0, 5)
        >>> model.disrupt("warehouse", health=0.5)
        >>> model.agent_of("warehouse").state
        'reduced'
        >>> model.restore("warehouse")
        >>> model.close("warehouse")
        >>> model.reopen("warehouse")
        >>> model.log_event("warehouse", "visited", 1.0)
        >>> [what for _, _, what, _ in model.events]
        ['disrupted by hand', 'restored by hand', 'disrupted by hand', 'restored by hand', 'visited']
        >>> sorted(model.snapshot())
        ['day', 'health', 'in_transit', 'stock']
    """

    def __init__(
        self,
        scenario: ScenarioLike | Instance,
        *,
        seed: int | None = None,
        replication: int = 0,
        disrupted: bool = True,
        members: Members | None = None,
        negotiation: GivenProtocol | None = None,
        stratified: bool = False,
        strata: int = STRATA,
        trace: bool = False,
        keep_stock: bool = False,
        watch: bool = False,
        lots: bool = False,
        policies: Mapping[str, GivenPolicy] | None = None,
        allow_code: bool = False,
    ) -> None:
        super().__init__()
        flags(disrupted=disrupted, stratified=stratified, trace=trace, keep_stock=keep_stock, watch=watch, lots=lots)
        seed = None if seed is None else seed_number("seed", seed)
        if not isinstance(scenario, Instance):
            flags(allow_code=allow_code)
            scenario = given_scenario(scenario)
            check_warm_up(scenario.run)
            seed = scenario.run.seed if seed is None else seed
            scenario = instance_of(scenario, policies=policies, allow_code=allow_code)
        if members is not None:
            scenario = replace(scenario, members=cast_of(scenario.network, members))
        if negotiation is not None:
            scenario = negotiated(scenario, negotiation)
        self.instance = instance = scenario
        self.tape_seed = 1 if seed is None else seed
        self.replication = replication = whole("replication", replication, 0)
        self.env = TickingEnvironment(instance.clock)
        self.timetable, outbreaks = (
            events_of(instance, self.tape_seed, replication, stratified, strata) if disrupted else (EMPTY_TIMETABLE, ())
        )
        self.books = Books(instance)
        self.health = Health(instance)
        self.events: list[tuple[float, str, str, float]] = []
        """Log of (time, component, what happened, level)."""
        self._index_items()
        self.watch = Watch(instance) if watch else None
        self.lots = Lots(self) if lots else None
        carrier = Transport if self.watch is None else WatchedTransport
        self.planners: list[Planner] = []
        if isinstance(instance, PlannedInstance):
            from esc_sim.engine.agents.planning import Planner, announced_transport

            carrier = announced_transport(carrier)
            self.planners = [Planner(self, scope) for scope in instance.rolling]
        self.transport = (traced_transport(carrier) if lots else carrier)(self)
        self.hazards = Hazards(self, self.timetable)
        self.links = Links(self)
        self.cascades = Cascades(self, outbreaks)
        self.draws: list[float] = []
        self._rows = np.empty((0, 0))
        self._rows_at_once = max(_ROWS, min(instance.periods, _NUMBERS // (1 + len(instance.columns.names))))
        self.tallies = instance.tally
        self.batch = (strata if stratified else 1) if disrupted else None
        """Replications whose disruptions are drawn together; None: nothing goes wrong."""
        self.cases = np.array([NO_CASE])
        if self.batch is not None and instance.settlement is not None:
            self.cases = instance.settlement.cases(self.tape_seed, [replication], self.batch)
        self.policies = {item: plugin.make() for item, plugin in instance.plugins.items()}
        self.planner_of = {item: planner for planner in self.planners for item in planner.scope.bought.tolist()}
        """Planners by the items that order as they say."""
        self.planner_of_recipe = {q: planner for planner in self.planners for q in planner.recipes}
        self._create_agents()
        protocol = copy.deepcopy(instance.negotiation)
        self.markets = Markets(self) if protocol is None else NegotiatedMarkets(self, protocol)
        self.nutrients = TracedNutrientMarket(self) if lots else NutrientMarket(self)
        self.recorder = Recorder(self, trace, keep_stock)
        self.datacollector: DataCollector = RecordedPeriods(self.recorder)
        power = instance.power
        self.microgrids = None if power is None else Microgrids(self, power, self.timetable)
        self.reviews = Reviews(self)
        player = TracedLiveAgents if lots else LiveAgents
        self.live = None if instance.live is None else player(self)
        at(self.env, 0.0, REVIEW, self._review)

    @property
    def day(self) -> float:
        """Time on the SimPy clock, in review periods."""
        return float(self.env.now)

    @property
    def period(self) -> int:
        """Number of reviews held."""
        return self.recorder.count

    def step(self) -> None:
        """One review period: everything up to, not including, the next review."""
        self.env.run(until=self.env.now + 1)
        if self.live is not None:
            self._close_live()
        self._count()
        self.datacollector.collect(self)

    def _count(self) -> None:
        """Tell Mesa how many reviews there were, and whether more are to come."""
        self.steps = self.period
        self.running = self.period < self.instance.periods

    def run(self, periods: int | None = None) -> None:
        """Run to the end of the horizon, or for a number of periods; the same as that many steps.

        Raises:
            InputError: it is no number of periods.
        """
        left = self.instance.periods - self.env.now if periods is None else whole("periods", periods, 0)
        if self.live is not None or not isinstance(self.datacollector, RecordedPeriods):
            for _ in range(int(left)):
                self.step()
        elif left > 0:
            self.env.run(until=self.env.now + left)
        self._count()

    def agent_of(self, node: str) -> SupplyAgent:
        """The agent of a node."""
        return self.members[self._node(node)]

    def ask_policy(self, item: Item) -> float:
        """What a user-written policy orders, on the grid of goods."""
        number, network = item.index, self.instance.network
        view = PolicyView(
            period=self.period,
            node=network.node_ids[item.node],
            product=network.products[network.item_product[number]],
            on_hand=item.stock - (item.contracted - item.shipped),
            safety_stock=item.safety_stock,
            on_order=item.in_transit + item.awaits,
            owed=item.backlog + item.owes,
            position=self.seller_of[item.index].position(item),
            demand=item.requested,
        )
        return to_grid(self.instance.plugins[number].ask(self.policies[number], view), self.books.offset)

    def log_event(self, component: str, what: str, level: float) -> None:
        """Add a line to the event log.

        Args:
            component: what it happened to: a node's id, or "buyer<-supplier".
            what: what happened.
            level: share of capacity left, or another number that goes with it.
        """
        self.events.append((float(self.env.now), component, what, level))

    def _node(self, name: str) -> int:
        try:
            return self.instance.network.node_index[name]
        except KeyError:
            raise InputError(f"there is no node {name!r} in this network") from None

    def _index_items(self) -> None:
        network, items, books = self.instance.network, self.instance.items, self.books
        numbers = range(network.item_count)
        self.items_of_node = self._by_node(numbers, numbers)
        self.sources_of_node = self._by_node(books.sources, [law.item for law in books.sources])
        self.orders_of_node = self._by_node(books.orders, [law.item for law in books.orders])
        self.customers_of_node = self._by_node(books.customers, [one.item for one in books.customers])
        early = self.instance.orders.early_items.tolist()
        self.early_of_node = self._by_node([books.items[i] for i in early], early)
        self.buys = [False] * network.item_count
        for item in self.books.line_item:
            self.buys[item] = True
        self.makes: list[bool] = ((items.production_loc != 0) | (items.production_scale != 0)).tolist()
        transforms = {*self.instance.making.recipes["node"].tolist(), *self.instance.farming.fields["node"].tolist()}
        self.transforms = [node in transforms for node in range(network.node_count)]
        self.retails: list[bool] = ((items.demand_loc != 0) | (items.demand_scale != 0)).tolist()

    def _by_node(self, things: Sequence[Thing], items: Sequence[int]) -> list[list[Thing]]:
        """Things by the node of the item that each belongs to."""
        found: list[list[Thing]] = [[] for _ in self.books.nodes]
        for thing, item in zip(things, items, strict=True):
            found[self.books.items[item].node].append(thing)
        return found

    def _create_agents(self) -> None:
        self.members: list[SupplyAgent] = []
        for node in range(self.instance.network.node_count):
            kind = self.instance.members.get(node, SupplyAgent)
            if node in self.instance.members:
                mine = self.items_of_node[node]
                buys, makes, retails = (any(does[i] for i in mine) for does in (self.buys, self.makes, self.retails))
                check_fits(kind, self.instance.network.node_ids[node], buys, makes or self.transforms[node], retails)
            self.members.append(made(kind if self.lots is None else traced(kind), self, node))
        self.seller_of = [self.members[row.node] for row in self.books.items]
        terms = self.books.terms
        due = terms.owing != 0 or terms.holding_cost_timing != STORAGE_AT_REVIEW
        self.settling = [one for one in self.members if due or type(one).settle is not SupplyAgent.settle]
        """Members that have something to pay at the end of a period."""
        self.farms = self.instance.farming.used
        early = self.instance.orders.early_items.tolist()
        self.early_forecasts = [i for i in early if self.books.policies[i].way == FORECAST]

    def _draw(self) -> list[float]:
        """The tape's row of this period, and a 0 at its end for amounts that are not random."""
        period = self.recorder.count
        row = period % self._rows_at_once
        if period >= self.instance.columns.end:
            raise InputError(f"a series of demand ends after {period} periods: say with 'then' what follows it")
        if row == 0:
            block = tape_block(
                self.instance.columns, self.tape_seed, self.replication, period, self._rows_at_once, self.batch
            )
            self._rows = np.column_stack((block, np.zeros(len(block))))
        found: list[float] = self._rows[row].tolist()
        return found

    def _review(self, event: simpy.Event | None) -> None:
        """One review period, in the order of the transaction model."""
        books, hazards = self.books, self.hazards
        if self.live is None:
            books.open_period()
        else:
            self.live.touch_all()
        first_contract = len(books.contracts)
        if self.watch is not None:
            self.watch.open_period()
        self.draws = draws = self._draw()
        troubled: set[int] = set()
        if hazards.at_work:
            hazards.refresh()
            troubled = hazards.troubled_suppliers()
        self.reviews.hold(draws)
        self.markets.hold(troubled, first_contract)
        if books.makes:
            for agent in self.members:
                agent.expire()
            for agent in self.members:
                agent.offer_byproducts()
        for item in self.early_forecasts:
            self.seller_of[item].observe(books.items[item])
        if self.farms:
            for agent in self.members:
                agent.close_year()
        if self.live is None:
            self.recorder.close_period()
        else:
            self.live.close_market(first_contract)
        at(self.env, self.env.tick + self.instance.clock.ticks, REVIEW, self._review)

    def _close_live(self) -> None:
        """The end of a period in which something happened at any time: charge it all, open the next one's books."""
        assert self.live is not None
        self.live.touch_all()
        self.recorder.close_period()
        self.books.open_period()
        self.live.carried.clear()

    def snapshot(self) -> dict[str, Any]:
        """State of the network now: stock, in transit and health by node id, and the day."""
        ids = self.instance.network.node_ids
        return {
            "day": self.day,
            "stock": {name: agent.on_hand for name, agent in zip(ids, self.members, strict=True)},
            "in_transit": {
                name: sum(self.books.items[i].in_transit for i in items)
                for name, items in zip(ids, self.items_of_node, strict=True)
            },
            "health": dict(zip(ids, self.health.ship, strict=True)),
        }

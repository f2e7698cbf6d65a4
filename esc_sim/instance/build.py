"""From a scenario to an instance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from esc_sim.allocations.allocation import Claim, Place
from esc_sim.allocations.registry import ALLOCATIONS, IN_TURN, share_number
from esc_sim.behaviours import switches as codes
from esc_sim.errors import InputError
from esc_sim.instance.arrange import arrange
from esc_sim.instance.energy_plans import PlanMaker
from esc_sim.instance.farming import farming_of
from esc_sim.instance.hazards import hazards_of
from esc_sim.instance.lanes import lanes_of
from esc_sim.instance.live import live_of
from esc_sim.instance.making import making_of
from esc_sim.instance.model import NO_COLUMN, ArcNumbers, Instance, ItemNumbers, Switches
from esc_sim.instance.negotiation import negotiated
from esc_sim.instance.observed import observed_of
from esc_sim.instance.orders import order_numbers
from esc_sim.instance.plugins import GivenPolicy, plugins_of, with_policies
from esc_sim.instance.power import power_of
from esc_sim.instance.rolling import left_to_plans, with_rolling_plans
from esc_sim.instance.spreading import spreading_of
from esc_sim.network.model import Network, network_of, stock_lines
from esc_sim.policies.mean import MeanOrder
from esc_sim.sampling.clock import Clock, clock_of
from esc_sim.sampling.demand import Course, Group, Spread, cholesky
from esc_sim.sampling.tape import TapeColumns
from esc_sim.sampling.timetable import JointLaw
from esc_sim.scenario.checked import checked
from esc_sim.scenario.demand import Correlation, Demand, Production
from esc_sim.scenario.distances import distance_notices
from esc_sim.scenario.laws import Constant, Law, mean_of
from esc_sim.scenario.schema import Arc, Scenario, StockData
from esc_sim.scenario.series_ends import following_law

_FEEDBACK = {
    "none": codes.FEEDBACK_NONE,
    "surplus": codes.FEEDBACK_SURPLUS,
    "two_sided": codes.FEEDBACK_TWO_SIDED,
}
_STORAGE = {"review": codes.STORAGE_AT_REVIEW, "end": codes.STORAGE_AT_END}


class _Tape:
    """Collects the tape's columns while the numbers are read."""

    def __init__(self, series: Mapping[str, Sequence[float]], clock: Clock) -> None:
        self.series = series
        self.clock = clock
        self.names: list[str] = []
        self.laws: list[Law | None] = []
        self.times: list[int] = []
        self.courses: list[Course] = []

    def column(self, name: str, law: Law | None) -> int:
        """Add a stream; returns its column."""
        self.names.append(name)
        self.laws.append(law)
        return len(self.names) - 1

    def amount(self, name: str, part: Demand | Production | MeanOrder | None) -> tuple[float, float, int]:
        """(loc, scale, column) of a drawn amount."""
        if part is None:
            return 0.0, 0.0, NO_COLUMN
        if isinstance(part, Demand) and part.arrivals:
            return 0.0, 0.0, NO_COLUMN
        if isinstance(part, Demand) and part.has_course:
            return self.course(name, part)
        law = getattr(part, "law", None)
        if isinstance(law, Constant):
            return law.value, 0.0, NO_COLUMN
        if law is not None:
            return 0.0, 1.0, self.column(name, law)
        mean = part.mean or 0.0
        return (mean, part.sd, self.column(name, None)) if part.sd else (mean, 0.0, NO_COLUMN)

    def course(self, name: str, demand: Demand) -> tuple[float, float, int]:
        """(loc, scale, column) of a demand that changes with time: the tape holds its values."""
        column = self.column(name, demand.law)
        series = tuple(self.series[demand.series]) if demand.series is not None else ()
        then, then_column = "", NO_COLUMN
        if series and demand.then is not None:
            law = following_law(demand.then, series)
            then = "drawn" if law is not None else str(demand.then)
            then_column = NO_COLUMN if law is None else self.column(f"then/{name}", law)
        self.courses.append(
            Course(
                column=column,
                level=demand.mean or 0.0,
                sd=demand.sd if demand.law is None else None,
                trend=demand.trend,
                factors=tuple(demand.season),
                series=series,
                then=then,
                then_column=then_column,
            )
        )
        return 0.0, 1.0, column

    def columns(self, scenario: Scenario, network: Network, joint: Sequence[JointLaw]) -> TapeColumns:
        """The tape's columns, with those that common factors of correlated demands need."""
        groups = []
        place = {name: column for column, name in enumerate(self.names)}
        products = [product.id for product in scenario.products]
        for correlation in scenario.correlations:
            product = products.index(correlation.product) if correlation.product else 0
            items = [network.item_index.get((network.node_index[node], product), -1) for node in correlation.nodes]
            names = [f"demand/{network.stream_name(item)}" if item >= 0 else "" for item in items]
            missing = [node for node, name in zip(correlation.nodes, names, strict=True) if name not in place]
            if missing:
                raise InputError(
                    f"correlations.{correlation.name}: the demand of '{missing[0]}' is not random, so it cannot move "
                    "with others"
                )
            members = [place[name] for name in names]
            normal = [self.laws[column] is None for column in members]
            groups.append(self._group(correlation, members, normal))
        return TapeColumns(
            tuple(self.names),
            tuple(self.laws),
            tuple(self.times),
            tuple(groups),
            tuple(self.courses),
            self.clock,
            tuple(self._spreads(scenario, network, joint, place)),
        )

    def _spreads(
        self, scenario: Scenario, network: Network, joint: Sequence[JointLaw], place: Mapping[str, int]
    ) -> Iterator[Spread]:
        """Demands whose distance from their means depends on the case."""
        for law, drawn in zip(scenario.joint_disruptions, joint, strict=True):
            for node in dict.fromkeys(name for case in law.cases for name in case.demand_spread):
                items = [n for n, of in enumerate(network.item_node.tolist()) if network.node_ids[of] == node]
                streams = [name for n in items if (name := f"demand/{network.stream_name(n)}") in place]
                if not streams:
                    raise InputError(
                        f"joint_disruptions.{law.name}: the demand of '{node}' is not random, so it has no spread"
                    )
                factors = np.array([case.demand_spread.get(node, 1.0) for case in law.cases])
                for column in (place[name] for name in streams):
                    own = self.laws[column]
                    yield Spread(column, None if own is None else mean_of(own), drawn, factors)

    def _group(self, correlation: Correlation, members: list[int], normal: list[bool]) -> Group:
        if correlation.matrix is not None:
            root = cholesky(correlation.matrix)
            if root is None:
                raise InputError(f"correlations.{correlation.name}: no demands can have these correlations")
            return Group(tuple(members), tuple(map(tuple, root)), tuple(normal))
        rho = correlation.rho or 0.0
        common = self.column(f"correlation/{correlation.name}", None)
        own, shared = math.sqrt(1.0 - rho), math.sqrt(rho)
        size = len(members)
        rows = tuple((*(own if i == k else 0.0 for i in range(size)), shared) for k in range(size))
        return Group((*members, common), rows, (*normal, True))


def instance_of(
    scenario: Scenario,
    network: Network | None = None,
    *,
    policies: Mapping[str, GivenPolicy] | None = None,
    allow_code: bool = False,
) -> Instance:
    """Every array that a run of the scenario needs.

    Args:
        scenario: the scenario; what was not checked before is checked now.
        network: its network, where the caller has it already.
        policies: order policies written by the user (objects or pure functions), by node or node/product.
        allow_code: may Python files that the scenario names be run.

    Raises:
        InputError: something in the scenario cannot be run, or may not be.
    """
    scenario = checked(scenario)
    if policies:
        scenario = with_policies(scenario, policies)
    as_stated, scenario = scenario, left_to_plans(scenario) if scenario.rolling_plans else scenario
    if network is None:
        network = network_of(scenario)
    clock = clock_of(scenario)
    tape = _Tape(scenario.series, clock)
    items = _item_numbers(scenario, network, tape)
    arcs = _arc_numbers(scenario, network, tape)
    channels, effects, triggers = hazards_of(scenario, network, clock)
    spreading, channels, effects = spreading_of(scenario, network, channels, effects, clock)
    power = power_of(scenario, network, _sun_of(scenario, tape))
    rules, lines, lanes = scenario.rules, arrange(network, arcs), lanes_of(scenario)
    allocation = ALLOCATIONS[rules.allocation]
    stocks = [line for _, _, line in stock_lines(scenario)]
    live, making = live_of(stocks, network, clock), making_of(scenario, network)
    orders = order_numbers(stocks, network, lines, rules, making)
    farming = farming_of(scenario, network, lines, tape.column)
    by_period = making.items | farming.items
    if live is not None and not live.items.isdisjoint(by_period):
        name = network.item_name(min(live.items & by_period))
        raise InputError(
            f"'{name}': recipes, takers and fields are served period by period, so their goods cannot be sold to "
            "arrivals or ordered with review: continuous"
        )
    made = Instance(
        network=network,
        items=items,
        arcs=arcs,
        orders=orders,
        lines=lines,
        switches=Switches(
            feedback=_FEEDBACK[rules.feedback],
            holding_cost_timing=_STORAGE[rules.holding_cost_timing],
            backorder=rules.unmet == "backorder",
            partial=rules.partial,
            goods_bits=rules.goods_quantum,
            owing=rules.unmet_orders == "backorder",
            partial_demand=rules.partial_demand,
            by_age=allocation.by_age,
            allocation=share_number(allocation) if rules.partial else IN_TURN,
        ),
        columns=tape.columns(scenario, network, triggers.joint),
        channels=channels,
        effects=effects,
        triggers=triggers,
        making=making,
        farming=farming,
        observed=observed_of(farming, power, network.node_ids, scenario.units),
        periods=scenario.run.periods,
        clock=clock,
        warm_up=scenario.run.warm_up,
        plugins=plugins_of(scenario, network, allow_code, policies or {}),
        spreading=spreading,
        lanes=lanes if lanes.limits else None,
        tally=orders.has_terms or rules.unmet_orders == "backorder" or live is not None,
        live=live,
        power=power,
        energy_plans=None if power is None else PlanMaker(power),
        notices=(*scenario.notices, *distance_notices(scenario)),
    )
    made = negotiated(made, rules.negotiation)
    return with_rolling_plans(made, as_stated) if scenario.rolling_plans else made


def _sun_of(scenario: Scenario, tape: _Tape) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Realised over forecast sun of each bus: loc, scale and column of the tape."""
    buses = () if scenario.power is None else scenario.power.buses
    law = None if scenario.power is None else scenario.power.sun
    found = []
    for bus in buses:
        if law is None or not bus.pv:
            found.append((1.0, 0.0, NO_COLUMN))
        elif isinstance(law, Constant):
            found.append((law.value, 0.0, NO_COLUMN))
        else:
            found.append((0.0, 1.0, tape.column(f"sun/{bus.id}", law)))
    loc, scale, column = zip(*found, strict=True) if found else ((), (), ())
    return np.array(loc), np.array(scale), np.array(column, np.int64)


def _item_numbers(scenario: Scenario, network: Network, tape: _Tape) -> ItemNumbers:
    lines = [line for _, _, line in stock_lines(scenario)]
    names = [network.stream_name(i) for i in range(network.item_count)]
    demand = [tape.amount(f"demand/{name}", line.demand) for name, line in zip(names, lines, strict=True)]
    order = [
        tape.amount(f"order/{name}", line.order if isinstance(line.order, MeanOrder) else None)
        for name, line in zip(names, lines, strict=True)
    ]
    made = [tape.amount(f"production/{name}", line.production) for name, line in zip(names, lines, strict=True)]
    return ItemNumbers(
        initial_stock=_grid(_column(lines, "initial_stock"), scenario),
        safety_stock=_grid(_column(lines, "safety_stock"), scenario),
        target_stock=_grid(
            np.array([math.inf if line.target_stock is None else line.target_stock for line in lines]), scenario
        ),
        capacity=_grid(np.array([math.inf if line.capacity is None else line.capacity for line in lines]), scenario),
        holding_cost=_column(lines, "holding_cost"),
        penalty=_column(lines, "penalty"),
        yield_factor=_column(lines, "yield_"),
        emissions=_column(lines, "emissions"),
        retail_price=np.array([line.demand.price if line.demand else 0.0 for line in lines]),
        shortage_cost=np.array([line.demand.shortage_cost if line.demand else 0.0 for line in lines]),
        demand_loc=np.array([part[0] for part in demand]),
        demand_scale=np.array([part[1] for part in demand]),
        demand_column=np.array([part[2] for part in demand], np.int64),
        order_loc=np.array([part[0] for part in order]),
        order_scale=np.array([part[1] for part in order]),
        order_column=np.array([part[2] for part in order], np.int64),
        production_loc=np.array([part[0] for part in made]),
        production_scale=np.array([part[1] for part in made]),
        production_column=np.array([part[2] for part in made], np.int64),
    )


def _arc_numbers(scenario: Scenario, network: Network, tape: _Tape) -> ArcNumbers:
    arcs, allocation = scenario.arcs, ALLOCATIONS[scenario.rules.allocation]
    lead_time, lead_column, max_lead = [], [], []
    for arc, supplier in zip(arcs, network.arc_supplier, strict=True):
        law = arc.lead_time
        if isinstance(law, Constant):
            law = law.value
        if isinstance(law, float):
            rounded = tape.clock.of(law)
            lead_time.append(rounded)
            lead_column.append(NO_COLUMN)
            max_lead.append(rounded)
        else:
            lead_time.append(0.0)
            lead_column.append(tape.column(_lead_stream(arc, network.stream_name(int(supplier))), law))
            tape.times.append(lead_column[-1])
            longest = min(law.upper, math.inf if arc.max_lead_time is None else arc.max_lead_time)
            max_lead.append(tape.clock.of(longest))
    return ArcNumbers(
        price=np.array([a.price for a in arcs], np.float64),
        other_cost=np.array([a.other_cost for a in arcs], np.float64),
        lead_time=np.array(lead_time, np.float64),
        lead_column=np.array(lead_column, np.int64),
        max_lead=np.array(max_lead, np.float64),
        crossing=np.array([a.crossing for a in arcs], np.bool_),
        cap=_grid(np.array([math.inf if a.cap is None else a.cap for a in arcs], np.float64), scenario),
        emissions=np.array([a.emissions for a in arcs], np.float64),
        preference=np.array([a.preference for a in arcs], np.int64),
        customer_class=_places(scenario, network, allocation.customer_class),
        rank=_places(scenario, network, allocation.rank),
        share=_shares(scenario, network),
        speed=_speed(scenario),
    )


def _speed(scenario: Scenario) -> np.ndarray | None:
    """Mean lead time of each arc in periods, where buyers ask the quickest supplier first."""
    if scenario.rules.sourcing != "quickest":
        return None
    means = (arc.lead_time if isinstance(arc.lead_time, float) else mean_of(arc.lead_time) for arc in scenario.arcs)
    most = (math.inf if arc.max_lead_time is None else arc.max_lead_time for arc in scenario.arcs)
    return np.minimum(np.fromiter(means, np.float64), np.fromiter(most, np.float64))


def _lead_stream(arc: Arc, supplier: str) -> str:
    """Name of the random numbers of an arc's lead times."""
    return f"lead/{arc.buyer}/{supplier}" + (f"/{arc.mode}" if arc.mode else "")


def _places(scenario: Scenario, network: Network, place: Place | None) -> np.ndarray:
    """Classes, or ranks, that a rule of allocation gives to the buyers of arcs; all alike where it gives none."""
    if place is None:
        return np.zeros(len(scenario.arcs), np.int64)
    nodes = {node.id: node for node in scenario.nodes}
    buyers = ((nodes[arc.buyer], listed) for arc, listed in zip(scenario.arcs, network.arc_buyer.tolist(), strict=True))
    claims = (
        Claim(arc.priority, listed, node.layer or 0, node.role)
        for arc, (node, listed) in zip(scenario.arcs, buyers, strict=True)
    )
    return np.array([place(claim) for claim in claims], np.int64)


def _shares(scenario: Scenario, network: Network) -> np.ndarray:
    """Shares of each line that add up to 1."""
    share = np.array([math.nan if arc.share is None else arc.share for arc in scenario.arcs], np.float64)
    line = network.arc_buyer.astype(np.int64) * len(network.markets) + network.arc_market
    _, member = np.unique(line, return_inverse=True)
    total = np.bincount(member, weights=share) if len(share) else np.empty(0)
    made: np.ndarray = share / total[member] if len(share) else share
    return made


def _column(lines: Iterable[StockData], name: str) -> np.ndarray:
    return np.array([getattr(line, name) for line in lines], np.float64)


def _grid(amounts: np.ndarray, scenario: Scenario) -> np.ndarray:
    """Amounts rounded to the goods grid; infinity stays."""
    size = 2.0**scenario.rules.goods_quantum
    return np.round(amounts * size) / size

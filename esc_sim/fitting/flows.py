"""Demand pushed up a network: mean and variance of what each stocking point is asked for in a period."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.network.model import network_of
from esc_sim.sampling.inverse import values_of
from esc_sim.scenario.demand import Demand
from esc_sim.scenario.empirical import Empirical
from esc_sim.scenario.items import Item, items_of
from esc_sim.scenario.laws import Law, Normal, mean_of
from esc_sim.scenario.recipes import Recipe
from esc_sim.scenario.schema import Arc, Scenario, StockData
from esc_sim.scenario.series_ends import following_law

Floats = NDArray[np.float64]
_SHARES: Final[Floats] = np.asarray((np.arange(2000) + 0.5) / 2000.0, np.float64)
_PERIODS: Final = 730
"""Periods of a run that are looked at."""


@dataclass
class Asked:
    """What a stocking point is asked for.

    Attributes:
        means: [T] mean of each period, units.
        variance: of a period's amount around its mean.
    """

    means: Floats
    variance: float = 0.0

    @property
    def mean(self) -> float:
        """Mean over the periods."""
        return float(self.means.mean())

    def add(self, other: Asked, share: float = 1.0) -> None:
        """Add a share of what another one asks for, independent of what was there."""
        self.means = self.means + share * other.means
        self.variance += share * share * other.variance

    def over(self, periods: float, spread: float = 0.0) -> tuple[float, float]:
        """Mean and variance of what is asked for in so many periods together.

        Periods of a season differ, so how the mean of that many periods varies over the run counts as variance.

        Args:
            periods: mean number of periods.
            spread: variance of that number.
        """
        mean, whole = self.mean, max(round(periods), 0)
        moves = 0.0
        if whole and np.ptp(self.means) > 0.0:
            sums = np.concatenate([[0.0], np.cumsum(self.means)])
            width = min(whole, len(self.means))
            moves = float((sums[width:] - sums[:-width]).var()) * (whole / width) ** 2
        return mean * periods, self.variance * periods + mean * mean * spread + moves


@dataclass
class Way:
    """One way in which a stocking point gets goods: an arc, or a recipe.

    Attributes:
        share: of what it gets.
        needs: units of other items that a unit takes.
        periods, spread: mean and variance of the review periods from an order to its goods.
        made: it is a recipe.
    """

    share: float
    needs: dict[Item, float]
    periods: float
    spread: float
    made: bool = False


@dataclass
class Point:
    """A stocking point.

    Attributes:
        asked: what it is asked for.
        ways: how it gets goods.
        late: it orders before it has seen what buyers order in the period, as its market opens no later than theirs.
    """

    asked: Asked
    ways: list[Way] = field(default_factory=list)
    late: bool = False


def moments(law: Law | float) -> tuple[float, float]:
    """Mean and variance of a law's values, or of a number."""
    if isinstance(law, float):
        return law, 0.0
    drawn = values_of(law, _SHARES)
    return float(drawn.mean()), float(drawn.var())


def review_periods(arc: Arc) -> tuple[float, float]:
    """Mean and variance of the reviews from an order to its goods: whole periods, 1 at least."""
    if isinstance(arc.lead_time, float):
        return float(max(math.ceil(arc.lead_time), 1)), 0.0
    most = math.inf if arc.max_lead_time is None else arc.max_lead_time
    drawn = np.maximum(np.ceil(np.minimum(values_of(arc.lead_time, _SHARES), most)), 1.0)
    return float(drawn.mean()), float(drawn.var())


def asked_by_customers(scenario: Scenario, demand: Demand, periods: int) -> Asked:
    """Final demand.

    Args:
        scenario: has the series that the demand may name.
        demand: the demand.
        periods: how many of the run's are looked at.
    """
    time = np.arange(periods, dtype=float)
    if demand.arrivals:
        rates = [(moments(source.between), moments(source.size)) for source in demand.arrivals]
        mean = sum(size / between for (between, _), (size, _) in rates)
        variance = sum(
            (own + size * size * gap / (between * between)) / between for (between, gap), (size, own) in rates
        )
        return Asked(np.full(len(time), mean), variance)
    factors = np.resize(demand.season, len(time)) if demand.season else np.ones(len(time))
    if isinstance(demand.law, Empirical) and demand.law.block > 1:  # periods that hang together go on as they did
        return Asked(np.resize(np.array(demand.law.values), len(time)) * factors)
    if demand.law is not None:
        mean, variance = moments(demand.law)
        return Asked(mean * factors, variance * float((factors * factors).mean()))
    levels = np.full(len(time), demand.mean or 0.0)
    if demand.series is not None:
        levels = _levels(scenario, demand, len(time))
    means = np.maximum((levels + demand.trend * time) * factors, 0.0)
    if not demand.sd:
        return Asked(means)
    if np.ptp(means) == 0.0:
        mean, variance = moments(Normal(mean=float(means[0]), sd=demand.sd))
        return Asked(np.full(len(time), mean), variance)
    return Asked(means, demand.sd * demand.sd)


def _levels(scenario: Scenario, demand: Demand, count: int) -> Floats:
    """A series, and what follows it, on average."""
    series = list(scenario.series[demand.series or ""])
    if len(series) >= count or demand.then == "repeat":
        return np.resize(series, count)
    law = following_law(demand.then, series) if demand.then is not None else None
    after = moments(law)[0] if law is not None else 0.0 if demand.then == "zero" else series[-1]
    return np.array([*series, *[after] * (count - len(series))])


def points_of(scenario: Scenario) -> dict[Item, Point]:
    """Every stocking point with what it is asked for and how it gets goods, from the customers up.

    Suppliers are asked as a run asks them: by share, else by preference, then by cost (or lead time), as far as the
    caps of arcs and the capacities of lanes, recipes and production reach. Where goods go in a circle, what comes back
    is left out.
    """
    moves = any(data.demand is not None and _moves(data.demand) for _, data in items_of(scenario).values())
    periods = min(scenario.run.periods, _PERIODS) if moves else 1
    environment = {product.id for product in scenario.products if product.environment}
    found = {item: Point(Asked(np.zeros(periods))) for item in _items(scenario) if item[1] not in environment}
    for item, (_, data) in items_of(scenario).items():
        if data.demand is not None:
            found[item].asked = asked_by_customers(scenario, data.demand, periods)
    ways = _Ways(scenario, environment)
    for item in _late(scenario):
        found[item].late = True
    order = _downstream_first(found, ways)
    for item in order:
        point = found[item]
        point.ways = ways.of(item, point.asked)
        for way in point.ways:
            for needed, units in way.needs.items():
                if needed in found and needed != item:
                    found[needed].asked.add(point.asked, way.share * units)
    return {item: found[item] for item in order}


def _moves(demand: Demand) -> bool:
    """Whether the mean differs by period, or periods hang together."""
    return demand.has_course or (isinstance(demand.law, Empirical) and demand.law.block > 1)


def mean_demands(scenario: Scenario) -> dict[Item, float]:
    """Mean of what each stocking point is asked for, units per period; see :func:`points_of`."""
    return {item: point.asked.mean for item, point in points_of(scenario).items()}


def _items(scenario: Scenario) -> Iterator[Item]:
    default = scenario.products[0].id
    yield from items_of(scenario)
    for arc in scenario.arcs:
        yield from ((arc.buyer, arc.product or default), (arc.supplier, arc.product or default))
    for recipe in scenario.recipes:
        yield from ((recipe.node, product) for product in (*recipe.inputs, *recipe.outputs, *recipe.byproducts))


def _late(scenario: Scenario) -> Iterator[Item]:
    """Items that buy in a market which opens no later than one in which they sell."""
    default = scenario.products[0].id
    buys: dict[Item, int] = {}
    sells: dict[Item, int] = {}
    for arc, market in zip(scenario.arcs, network_of(scenario).arc_market.tolist(), strict=True):
        product = arc.product or default
        buys[arc.buyer, product] = min(buys.get((arc.buyer, product), market), market)
        sells[arc.supplier, product] = max(sells.get((arc.supplier, product), market), market)
    return (item for item, market in buys.items() if sells.get(item, -1) >= market)


class _Ways:
    """How stocking points get goods."""

    def __init__(self, scenario: Scenario, environment: set[str]) -> None:
        default = scenario.products[0].id
        self.environment = environment
        self.quickest = scenario.rules.sourcing == "quickest"
        self.lanes = {lane.id: math.inf if lane.capacity is None else lane.capacity for lane in scenario.lanes}
        self.yields = {item: data.yield_ for item, (_, data) in items_of(scenario).items()}
        self.arcs: dict[Item, list[Arc]] = {}
        for arc in scenario.arcs:
            self.arcs.setdefault((arc.buyer, arc.product or default), []).append(arc)
        self.recipes: dict[Item, list[Recipe]] = {}
        for recipe in scenario.recipes:
            for product in recipe.outputs:
                self.recipes.setdefault((recipe.node, product), []).append(recipe)
        self.left = {item: self._most(item, data) for item, (_, data) in items_of(scenario).items()}

    def _most(self, item: Item, data: StockData) -> float:
        """Units that an item can give in a period, where production, recipes or its capacity limit them."""
        made = [
            math.inf if recipe.capacity is None else recipe.capacity * recipe.outputs[item[1]]
            for recipe in self.recipes.get(item, ())
        ]
        if data.production is not None:
            made.append(data.production.mean or 0.0 if data.production.law is None else moments(data.production.law)[0])
        limit = math.inf if data.capacity is None else data.capacity
        return min(limit, math.fsum(made)) if made and item not in self.arcs else limit

    def sources(self, item: Item) -> set[Item]:
        """Items from which this one may come."""
        node, product = item
        bought = {(arc.supplier, product) for arc in self.arcs.get(item, ())}
        return bought | {(node, used) for recipe in self.recipes.get(item, ()) for used in recipe.inputs}

    def of(self, item: Item, asked: Asked) -> list[Way]:
        """The ways that are used for what is asked, with their shares."""
        left = asked.mean
        found: list[tuple[float, Way]] = []
        for recipe in self.recipes.get(item, ()):
            out = recipe.outputs[item[1]]
            taken = min(left, math.inf if recipe.capacity is None else recipe.capacity * out)
            needs = {(item[0], p): u / out for p, u in recipe.inputs.items() if p not in self.environment}
            found.append((taken, Way(0.0, needs, recipe.lag + 1.0, 0.0, made=True)))
            left -= taken
        found += self._bought(item, left)
        total = sum(units for units, _ in found)
        if not total:  # nobody can give anything in the long run: whoever is asked first
            found = [(1.0, way) for _, way in found[:1]]
            total = 1.0
        for units, way in found:
            way.share = units / total
        return [way for _, way in found if way.share > 0.0]

    def _bought(self, item: Item, wanted: float) -> Iterator[tuple[float, Way]]:
        arcs = self.arcs.get(item, [])
        shares = [arc.share or 0.0 for arc in arcs]
        gained = self.yields.get(item, 1.0) or 1.0
        left = wanted
        for arc in sorted(arcs, key=self._rank):
            source = (arc.supplier, item[1])
            lane = self.lanes.get(arc.lane or "", math.inf)
            most = gained * min(math.inf if arc.cap is None else arc.cap, lane, self.left.get(source, math.inf))
            taken = wanted * (arc.share or 0.0) / sum(shares) if sum(shares) else min(left, most)
            left -= taken
            self.left[source] = max(self.left.get(source, math.inf) - taken / gained, 0.0)
            if arc.lane is not None:
                self.lanes[arc.lane] = max(lane - taken / gained, 0.0)
            yield taken, Way(0.0, {source: 1.0 / gained}, *review_periods(arc))

    def _rank(self, arc: Arc) -> tuple[float, float, float]:
        lead = arc.lead_time if isinstance(arc.lead_time, float) else mean_of(arc.lead_time)
        return arc.preference, lead if self.quickest else 0.0, arc.price + arc.other_cost


def _downstream_first(items: Sequence[Item] | dict[Item, Point], ways: _Ways) -> list[Item]:
    """Items in an order in which each stands after those that ask it, but for circles."""
    order: list[Item] = []
    state: dict[Item, bool] = {}
    for begin in items:
        stack = [(begin, iter(sorted(ways.sources(begin))))] if begin not in state else []
        state.setdefault(begin, False)
        while stack:
            item, sources = stack[-1]
            following = next((s for s in sources if s in items and s not in state), None)
            if following is None:
                stack.pop()
                state[item] = True
                order.append(item)
            else:
                state[following] = False
                stack.append((following, iter(sorted(ways.sources(following)))))
    return order[::-1]

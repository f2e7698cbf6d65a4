"""Demand pushed up a network: mean and variance of what each stocking point is asked for in a period."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from scipy import special

from esc_sim.fitting.moments import SHARES, Floats, moments, normal_moments
from esc_sim.network.model import network_of
from esc_sim.sampling.inverse import values_of
from esc_sim.scenario.cuts import cut_mean
from esc_sim.scenario.demand import Demand
from esc_sim.scenario.empirical import Empirical
from esc_sim.scenario.items import Item, items_of
from esc_sim.scenario.laws import Normal, mean_of
from esc_sim.scenario.recipes import Recipe
from esc_sim.scenario.schema import Arc, Scenario, StockData
from esc_sim.scenario.series_ends import following_law

_AMOUNTS: Final = 400
"""Amounts of a period that are looked at where orders are split."""
_APART: Final = np.arange(_AMOUNTS) * 247 % _AMOUNTS
"""Sets amounts of two stocking points side by side as if they were independent: a lattice (Korobov, 1959)."""
_PERIODS: Final = 730
"""Periods of a run that are looked at."""


@dataclass
class Asked:
    """What a stocking point is asked for.

    Attributes:
        means: [T] mean of each period, units.
        variance: of a period's amount around its mean.
        covariances: [K] of the amounts of two periods, 1, 2, ... K periods apart.
    """

    means: Floats
    variance: float = 0.0
    covariances: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def mean(self) -> float:
        """Mean over the periods."""
        return float(self.means.mean())

    def amounts(self) -> Floats:
        """Amounts of a period that are equally likely, those of a gamma law with this mean and variance."""
        mean, variance = self.mean, self.variance + float(self.means.var())
        if mean <= 0.0 or variance < 1e-7 * mean * mean:
            return np.full(_AMOUNTS, mean)
        drawn = np.asarray(special.gammaincinv(mean * mean / variance, (np.arange(_AMOUNTS) + 0.5) / _AMOUNTS))
        return drawn * (mean / drawn.mean())

    def add(self, other: Asked, share: float, scatter: float) -> None:
        """Add some of what another one asks for, independent of what was there.

        Args:
            other: what it asks for.
            share: of its mean.
            scatter: of its variance.
        """
        self.means = self.means + share * other.means
        self.variance += scatter * other.variance
        both = np.zeros(max(len(self.covariances), len(other.covariances)))
        both[: len(self.covariances)] += self.covariances
        both[: len(other.covariances)] += scatter * other.covariances
        self.covariances = both

    def over(self, periods: float, more: float = 0.0) -> tuple[float, float]:
        """Mean and variance of what is asked for in so many periods together.

        Periods of a season differ, so how the mean of that many periods varies over the run counts as variance.

        Args:
            periods: number of periods, on average.
            more: variance that comes on top, see :meth:`Point.lead_time`.
        """
        mean, whole = self.mean, max(round(periods), 0)
        moves = 0.0
        if whole and np.ptp(self.means) > 0.0:
            sums = np.concatenate([[0.0], np.cumsum(self.means)])
            width = min(whole, len(self.means))
            moves = float((sums[width:] - sums[:-width]).var()) * (whole / width) ** 2
        pairs = np.maximum(periods - 1.0 - np.arange(len(self.covariances)), 0.0)
        within = self.variance * periods + 2.0 * float(pairs @ self.covariances)
        return mean * periods, max(within + more, 0.0) + moves


@dataclass
class Way:
    """One way in which a stocking point gets goods: an arc, or a recipe.

    Attributes:
        orders: [Q] units that come this way, of each of the amounts that may be asked for in a period; [1] of the mean
            where all amounts are split alike.
        share: of what it gets.
        scatter: variance of those orders, as a share of that of all.
        needs: units of other items that a unit takes.
        periods, spread: mean and variance of the review periods from an order to its goods.
        made: it is a recipe.
    """

    orders: Floats
    needs: dict[Item, float]
    periods: float
    spread: float
    made: bool = False
    share: float = 0.0
    scatter: float = 0.0


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

    def lead_time(self, waits: Mapping[Item, float]) -> tuple[float, float]:
        """Mean periods from an order to its goods, and what its parts change in the variance of what is on order.

        An order of which a part comes by another way is no order of a random lead time. Of each earlier period there is
        on order what came by ways that take longer than its age; periods are independent, so that those variances add
        up (Allon and Van Mieghem, 2010, for a base flow and a surge). Random lead times add theirs, way by way.

        Args:
            waits: mean waits at those who are asked.
        """
        if not self.ways:
            return 1.0, 0.0
        leads = [way.periods + max((waits.get(one, 0.0) for one in way.needs), default=0.0) for way in self.ways]
        periods = sum(way.share * lead for way, lead in zip(self.ways, leads, strict=True))
        more = sum((way.share * self.asked.mean) ** 2 * way.spread for way in self.ways)
        due = np.sum([way.orders for way in self.ways], axis=0)
        whole, age, scatter = float(due.var()), 0.0, 0.0
        for lead, way in sorted(zip(leads, self.ways, strict=True), key=lambda one: one[0]):
            scatter += (lead - age) * float(due.var())
            due, age = due - way.orders, lead
        return periods, more + (self.asked.variance * (scatter / whole - periods) if whole else 0.0)


def review_periods(arc: Arc) -> tuple[float, float]:
    """Mean and variance of the reviews from an order to its goods: whole periods, 1 at least."""
    if isinstance(arc.lead_time, float):
        return float(max(math.ceil(arc.lead_time), 1)), 0.0
    most = math.inf if arc.max_lead_time is None else arc.max_lead_time
    drawn = np.maximum(np.ceil(np.minimum(values_of(arc.lead_time, SHARES), most)), 1.0)
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
    season = np.array(demand.season or [1.0])
    factors = np.resize(season, len(time))
    if demand.law is not None:
        mean, variance = moments(demand.law)
        held = demand.law.covariances()[1:] if isinstance(demand.law, Empirical) else np.zeros(0)
        apart = [float((season * np.roll(season, -lag)).mean()) for lag in range(1, len(held) + 1)]
        return Asked(mean * factors, variance * float((factors * factors).mean()), held * apart)
    levels = np.full(len(time), demand.mean or 0.0)
    if demand.series is not None:
        levels = _levels(scenario, demand, len(time))
    means, variances = normal_moments((levels + demand.trend * time) * factors, demand.sd)
    return Asked(means, float(variances.mean()))


def _levels(scenario: Scenario, demand: Demand, count: int) -> Floats:
    """A series, and what follows it, on average."""
    series = list(scenario.series[demand.series or ""])
    if len(series) >= count or demand.then == "repeat":
        return np.resize(series, count)
    law = following_law(demand.then, series) if demand.then is not None else None
    after = cut_mean(law) if law is not None else 0.0 if demand.then == "zero" else series[-1]
    return np.array([*series, *[after] * (count - len(series))])


def points_of(scenario: Scenario) -> dict[Item, Point]:
    """Every stocking point with what it is asked for and how it gets goods, from the customers up.

    Suppliers are asked as a run asks them: by share, else by preference, then by cost (or lead time), as far as the
    caps of arcs and the capacities of lanes, recipes and production reach. Where goods go in a circle, what comes back
    is left out.
    """
    moves = any(data.demand is not None and data.demand.has_course for _, data in items_of(scenario).values())
    periods = min(scenario.run.periods, _PERIODS) if moves else 1
    environment = {product.id for product in scenario.products if product.environment}
    found = {item: Point(Asked(np.zeros(periods))) for item in _items(scenario) if item[1] not in environment}
    for item, (_, data) in items_of(scenario).items():
        if data.demand is not None:
            found[item].asked = asked_by_customers(scenario, data.demand, periods)
    ways = _Ways(scenario, environment)
    for item in _late(scenario):
        found[item].late = True
    order = _downstream_first(sorted(found, key=ways.price, reverse=True), ways)
    for item in order:
        point = found[item]
        point.ways = ways.of(item, point.asked)
        for way in point.ways:
            for needed, units in way.needs.items():
                if needed in found and needed != item:
                    found[needed].asked.add(point.asked, way.share * units, way.scatter * units * units)
    return {item: found[item] for item in order}


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
        limits = {lane.id: lane.capacity for lane in scenario.lanes if lane.capacity is not None}
        self.lanes: dict[str | None, Floats] = {lane: np.full(_AMOUNTS, limit) for lane, limit in limits.items()}
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
            normal = Normal(mean=data.production.mean or 0.0, sd=data.production.sd)
            made.append(cut_mean(data.production.law or normal))
        limit = math.inf if data.capacity is None else data.capacity
        return min(limit, math.fsum(made)) if made and item not in self.arcs else limit

    def sources(self, item: Item) -> set[Item]:
        """Items from which this one may come."""
        node, product = item
        bought = {(arc.supplier, product) for arc in self.arcs.get(item, ())}
        return bought | {(node, used) for recipe in self.recipes.get(item, ()) for used in recipe.inputs}

    def of(self, item: Item, asked: Asked) -> list[Way]:
        """The ways that are used for what is asked, with their shares."""
        whole = left = asked.amounts() if self._splits(item) else np.array([asked.mean])
        found: list[Way] = []
        for recipe in self.recipes.get(item, ()):
            out = recipe.outputs[item[1]]
            taken = _at_most(left, math.inf if recipe.capacity is None else recipe.capacity * out)
            needs = {(item[0], p): u / out for p, u in recipe.inputs.items() if p not in self.environment}
            found.append(Way(taken, needs, recipe.lag + 1.0, 0.0, made=True))
            left = left - taken
        found += self._bought(item, left)
        total = sum(float(way.orders.mean()) for way in found)
        if not total:  # nobody can give anything in the long run: whoever is asked first
            found = found[:1]
        rest = whole - np.sum([way.orders for way in found], axis=0) if found else whole
        for way in found:  # what nobody can give in its period is owed by all
            way.share = float(way.orders.mean()) / total if total else 1.0
            way.orders = way.orders + way.share * rest
            way.scatter = float(way.orders.var() / whole.var()) if np.ptp(whole) > 0.0 else way.share**2
        return [way for way in found if way.share > 0.0]

    def _splits(self, item: Item) -> bool:
        """Whether it depends on the amount of a period which part of it comes which way."""
        arcs = self.arcs.get(item, [])
        several = len(arcs) + len(self.recipes.get(item, ())) > 1
        return any(arc.lane in self.lanes or (several and (arc.cap is not None or bool(arc.share))) for arc in arcs)

    def _bought(self, item: Item, wanted: Floats) -> Iterator[Way]:
        arcs = self.arcs.get(item, [])
        shares = [arc.share or 0.0 for arc in arcs]
        gained = self.yields.get(item, 1.0) or 1.0
        left = wanted
        rooms = {arc.lane: self.lanes[arc.lane][_APART] for arc in arcs if arc.lane in self.lanes}
        for arc in sorted(arcs, key=self._rank):
            source = (arc.supplier, item[1])
            most = gained * np.minimum(rooms.get(arc.lane or "", math.inf), math.inf if arc.cap is None else arc.cap)
            taken = _at_most(np.minimum(left, most), gained * self.left.get(source, math.inf))
            if sum(shares):
                taken = wanted * ((arc.share or 0.0) / sum(shares))
            left = left - taken
            self.left[source] = max(self.left.get(source, math.inf) - float(taken.mean()) / gained, 0.0)
            if arc.lane in rooms:
                self.lanes[arc.lane] = rooms[arc.lane] = np.maximum(rooms[arc.lane] - taken / gained, 0.0)
            yield Way(taken, {source: 1.0 / gained}, *review_periods(arc))

    def price(self, item: Item) -> float:
        """What an item bids for the room of a lane at most: whoever bids most is let through first."""
        return max((arc.price for arc in self.arcs.get(item, ()) if arc.lane in self.lanes), default=0.0)

    def _rank(self, arc: Arc) -> tuple[float, float, float]:
        lead = arc.lead_time if isinstance(arc.lead_time, float) else mean_of(arc.lead_time)
        return arc.preference, lead if self.quickest else 0.0, arc.price + arc.other_cost


def _at_most(amounts: Floats, most: float) -> Floats:
    """Amounts of a period, all made smaller alike where their mean is above ``most``."""
    mean = float(amounts.mean())
    return amounts * (most / mean) if mean > most else amounts


def _downstream_first(items: Sequence[Item], ways: _Ways) -> list[Item]:
    """Items in an order in which each stands after those that ask it, but for circles; else as they are given."""
    order: list[Item] = []
    state: dict[Item, bool] = {}
    known = set(items)
    for begin in reversed(items):
        stack = [(begin, iter(sorted(ways.sources(begin))))] if begin not in state else []
        state.setdefault(begin, False)
        while stack:
            item, sources = stack[-1]
            following = next((s for s in sources if s in known and s not in state), None)
            if following is None:
                stack.pop()
                state[item] = True
                order.append(item)
            else:
                state[following] = False
                stack.append((following, iter(sorted(ways.sources(following)))))
    return order[::-1]

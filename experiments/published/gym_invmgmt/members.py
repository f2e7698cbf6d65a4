"""What the benchmark has and no key of a scenario says: goodwill, its demand paths, orders fixed link by link."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

import esc_sim
from esc_sim.behaviours.grid import to_grid
from esc_sim.instance.plugins import PolicyView
from esc_sim.negotiations.protocol import Offer
from esc_sim.rolling.forecasts import Forecasts
from experiments.published.gym_invmgmt.cases import (
    LEAST_MEAN,
    MOST_GOODWILL,
    PERIODS,
    RISE,
    SEEDS,
    Case,
    FloatArray,
    goodwill_after,
)

Planned = Mapping[tuple[str, str], FloatArray]
"""Units ordered by (supplier, buyer) in each period, [PERIODS]."""


class Customers(esc_sim.SupplyAgent):
    """The retailer, whose customers ask for Poisson draws about the scenario's mean: path k in replication k.

    Attributes:
        is_drawn: Poisson draws; else the mean itself.
        follows_service: the mean is multiplied by a goodwill that falls where demand is not met, and rises where it is.
        goodwill: of this period.
        demanded: units of each period so far, without the first review.
    """

    is_drawn, follows_service = True, False
    goodwill = 1.0

    def source(self) -> np.random.Generator:
        """Where the draws come from."""
        return np.random.default_rng(SEEDS[self.model.replication])

    def serve(self, draws: list[float]) -> None:
        """Draw demand, serve it, and remember whether all was met."""
        (customers,) = self.retailed
        item, column = self.books.items[customers.item], customers.column
        (course,) = (course for course in self.model.instance.columns.courses if course.column == column)
        demand = 0.0
        if self.model.period == 0:
            self.draws, self.demanded = self.source(), list[float]()
        else:
            demand = self.goodwill * course.series[self.model.period]
            if self.is_drawn:
                demand = float(self.draws.poisson(max(demand, LEAST_MEAN)))
            self.demanded.append(demand)
        super().serve([*draws[:column], demand, *draws[column + 1 :]])
        if self.follows_service and self.model.period > 0:
            self.goodwill = goodwill_after(self.goodwill, demand + self.owed_before - item.served)

    @property
    def owed_before(self) -> float:
        """What customers waited for before this period's demand."""
        (customers,) = self.retailed
        item = self.books.items[customers.item]
        waits = item.backlog + item.served - customers.demanded
        return waits if self.switches.backorder else 0.0


class Faithful(Customers):
    """Customers whose demand follows service."""

    follows_service = True


class Forecast(Forecasts):
    """What a rolling plan expects where demand follows service: goodwill as it is now, and rising, all being met."""

    def __init__(self, inner: Forecasts, retailer: Customers) -> None:
        self.__dict__ |= inner.__dict__
        self.retailer = retailer

    def of(self, first: int, count: int) -> tuple[FloatArray, FloatArray]:
        """Demand and production of the periods from ``first`` on, by path; the first has been served."""
        demand, production = super().of(first, count)
        rise = np.minimum(self.retailer.goodwill * RISE ** np.maximum(np.arange(count) - 1, 0), MOST_GOODWILL)
        return demand * rise, production


class FaithfulPlanned(Faithful):
    """A retailer whose demand follows service, in a network whose rolling plan knows of it."""

    def serve(self, draws: list[float]) -> None:
        """Tell the plan, which is made after demand is served."""
        if self.model.period == 0:
            for planner in set(self.model.planner_of.values()):
                planner.forecasts = Forecast(planner.forecasts, self)
        super().serve(draws)


class InGoodwill(esc_sim.SupplyAgent):
    """A member whose levels are meant for a goodwill of 1, and go up and down with it."""

    @cached_property
    def retailer(self) -> Customers:
        """Whose customers they are."""
        (found,) = (agent for agent in self.model.agents if isinstance(agent, Customers))
        return found

    @property
    def scale(self) -> float:
        """Goodwill, after what was met in this period."""
        return self.retailer.goodwill

    def position(self, item: esc_sim.Item) -> float:
        """Inventory position, as a level for a goodwill of 1 sees it."""
        return super().position(item) / self.scale

    def wants(self, item: esc_sim.Item, planned: float) -> float:
        """What is planned for a goodwill of 1, times it."""
        return to_grid(planned * self.scale, self.books.offset)


class FaithfulStock(InGoodwill, Faithful):
    """A retailer whose demand and whose levels follow goodwill, on the benchmark's paths."""


class FaithfulDrawn(FaithfulStock):
    """The same on paths of its own, for a search."""

    def source(self) -> np.random.Generator:
        """Draws of this seed and replication."""
        return np.random.default_rng((self.model.tape_seed, self.model.replication))


class Steady(Customers):
    """Customers who ask for the mean, neither more nor less."""

    is_drawn = False


def customers_of(case: Case) -> type[Customers]:
    """The retailer's class in a case."""
    return Faithful if case.goodwill else Customers if case.is_drawn else Steady


def stock_keepers(case: Case, *, searching: bool = False) -> dict[str, type[esc_sim.SupplyAgent]]:
    """Classes by role for policies that know the mean of demand: on the benchmark's paths, or on paths for a search."""
    if not case.goodwill:
        return {} if searching else {"retailer": customers_of(case)}
    retailer = FaithfulDrawn if searching else FaithfulStock
    return {"retailer": retailer, "distributor": InGoodwill, "factory": InGoodwill}


class Ordering:
    """Orders of a site as planned."""

    def __init__(self, planned: Planned, site: str) -> None:
        self.total = np.sum([amounts for (_, buyer), amounts in planned.items() if buyer == site], axis=0)

    def order(self, view: PolicyView) -> float:
        """All that is planned of this period."""
        return float(self.total[view.period]) if view.period < PERIODS else 0.0


class Asking(esc_sim.NegotiationProtocol):
    """Buyers ask each supplier for what is planned of it."""

    def __init__(self, planned: Planned) -> None:
        self.planned, self.period = planned, 0

    def bid(self, offer: Offer, wanted: float) -> float:
        """What is planned of this link, as far as it is wanted."""
        return min(wanted, float(self.planned[offer.supplier, offer.buyer][self.period]))

    def close(self, period: int, deals: object) -> None:
        """The next period's plan counts."""
        self.period = period + 1

"""What the benchmark has and no key of a scenario says: goodwill, its demand paths, orders fixed link by link."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

import esc_sim
from esc_sim.instance.plugins import PolicyView
from esc_sim.negotiations.protocol import Offer
from esc_sim.rules.grid import to_grid
from experiments.published.gym_invmgmt.cases import LEAST_MEAN, PERIODS, SEEDS, Case, FloatArray, goodwill_after

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
        (item,) = self.retailed
        column = self.numbers.demand[item][2]
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
            self.goodwill = goodwill_after(self.goodwill, demand + self.owed_before - self.books.served[item])

    @property
    def owed_before(self) -> float:
        """What customers waited for before this period's demand."""
        (item,) = self.retailed
        waits = self.books.backlog[item] + self.books.served[item] - self.books.demanded[item]
        return waits if self.switches.backorder else 0.0


class Faithful(Customers):
    """Customers whose demand follows service."""

    follows_service = True


class InGoodwill(esc_sim.SupplyAgent):
    """A member whose levels are meant for a goodwill of 1, and go up and down with it."""

    @property
    def scale(self) -> float:
        """Goodwill, after what was met in this period."""
        return float(next(agent for agent in self.model.agents if agent.role == "retailer").goodwill)

    def position(self, item: int) -> float:
        """Inventory position, as a level for a goodwill of 1 sees it."""
        return super().position(item) / self.scale

    def wants(self, item: int, planned: float) -> float:
        """What is planned for a goodwill of 1, times it."""
        return to_grid(planned * self.scale, self.numbers.offset)


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

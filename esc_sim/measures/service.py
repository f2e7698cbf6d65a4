"""Measures of the service to final customers. Each is defined here, once, for a run and for each customer and product.

Sources: Silver, Pyke and Peterson 1998, section 7.2 (P1, P2, P3); Snyder and Shen 2019, section 4.3; Little 1961.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.measures.measure import EVERYWHERE, ByReplication, Floats, Need, Periods, once, share, total


@dataclass(frozen=True)
class Service:
    """How demand was served in some periods, arrays of one shape: of every replication, or replication and customer.

    Attributes:
        periods: number of periods.
        demand: units asked for.
        filled: the part of them that was met at once.
        lost: the part of them that was lost.
        overdue: the part of them that waits at the end of the last period.
        backlog: units waiting at the ends of the periods, summed over periods.
        met: number of periods in which all demand was met at once; of several customers the mean of their numbers.
        ready: number of periods in which nothing was lost and at whose end nothing waits; of several the mean.
    """

    periods: int
    demand: Floats
    filled: Floats
    lost: Floats
    overdue: Floats
    backlog: Floats
    met: Floats
    ready: Floats


def service_of(periods: Periods) -> Service:
    """Service of all customers together, arrays [R].

    ``overdue`` counts from the end of the warm-up on. In a stretch that begins later it may hold older demand, so it is
    no more than what the stretch itself left unmet.
    """
    demand, filled, lost = (total(periods, name) for name in ("demand", "filled", "lost_demand"))
    return Service(
        periods=periods["demand"].shape[1],
        demand=demand,
        filled=filled,
        lost=lost,
        overdue=np.minimum(periods["overdue"][:, -1], demand - filled - lost),
        backlog=total(periods, "backlog"),
        met=total(periods, "met"),
        ready=total(periods, "ready"),
    )


def together(service: Service, groups: Sequence[NDArray[np.int64]]) -> Service:
    """Service of groups of customers, arrays [R, G], from that of customers [R, C]."""

    def summed(values: Floats) -> Floats:
        return np.stack([values[:, group].sum(axis=1) for group in groups], axis=1)

    def averaged(values: Floats) -> Floats:
        return np.stack([values[:, group].mean(axis=1) for group in groups], axis=1)

    return Service(
        periods=service.periods,
        demand=summed(service.demand),
        filled=summed(service.filled),
        lost=summed(service.lost),
        overdue=summed(service.overdue),
        backlog=summed(service.backlog),
        met=averaged(service.met),
        ready=averaged(service.ready),
    )


@dataclass(frozen=True, kw_only=True)
class ServiceMeasure(ByReplication):
    """A measure of service, also of each customer and product.

    Attributes:
        of: what it is of; nan where nothing was asked for.
    """

    of: Callable[[Service], Floats]

    def by_replication(self, periods: Periods) -> Floats:
        """Value of all customers together, [R]."""
        return self.of(once(service_of, periods))


def _per_period(service: Service, amount: Floats) -> Floats:
    return np.where(service.demand > 0, amount / service.periods, np.nan)


_SHARE: Final = (0.0, 1.0)
_AMOUNT: Final = (0.0, None)
_WAITS: Final = (Need.DEMAND, Need.WAITING)

MEASURES: Final = (
    ServiceMeasure(
        name="fill_rate", label="Fill rate", unit="share", range=_SHARE, better="larger",
        definition=r"$\beta = \sum F / \sum D$",
        literature="fill rate, type-2 service, $P_2$",
        needs=(Need.DEMAND,), highlights=EVERYWHERE,
        of=lambda s: share(s.filled, s.demand),
    ),
    ServiceMeasure(
        name="cycle_service_level", label="Cycle service level", unit="share", range=_SHARE, better="larger",
        definition=r"$\alpha = \frac{1}{CT} \#\{(i,t): F_{it} = D_{it}\}$: share of periods in which a customer's "
        "whole demand is met at once, mean of customers",
        literature="cycle service level, type-1 service, $P_1$, with every period a cycle",
        needs=(Need.DEMAND,), formerly=("service_level",),
        of=lambda s: _per_period(s, s.met),
    ),
    ServiceMeasure(
        name="ready_rate", label="Ready rate", unit="share", range=_SHARE, better="larger",
        definition=r"$\frac{1}{CT} \#\{(i,t): L_{it} = 0, B_{it} = 0\}$: share of periods that end with nothing lost "
        "and nothing waiting, mean of customers",
        literature="ready rate, $P_3$: share of time in which the net stock is not negative",
        needs=(Need.DEMAND,),
        of=lambda s: _per_period(s, s.ready),
    ),
    ServiceMeasure(
        name="served_share", label="Served in the end", unit="share", range=_SHARE, better="larger",
        definition=r"$1 - (\sum L + \sum_i O_i) / \sum D$; never below $\beta$",
        literature="demand satisfied in the end",
        needs=(Need.DEMAND,),
        of=lambda s: share(s.demand - s.lost - s.overdue, s.demand),
    ),
    ServiceMeasure(
        name="backorders", label="Backorders", unit="{goods}", range=_AMOUNT, better="smaller",
        definition=r"$\bar B = \frac{1}{T} \sum B$",
        literature="mean number of backorders",
        needs=_WAITS, if_any=True,
        of=lambda s: _per_period(s, s.backlog),
    ),
    ServiceMeasure(
        name="mean_wait", label="Mean wait of demand", unit="{period}", range=_AMOUNT, better="smaller",
        definition=r"$W = \sum B / \sum D$",
        literature="mean waiting time, by Little's law",
        needs=_WAITS, if_any=True,
        of=lambda s: share(s.backlog, s.demand),
    ),
    ServiceMeasure(
        name="unmet_per_period", label="Demand not met at once", unit="{goods}/{period}", range=_AMOUNT,
        better="smaller",
        definition=r"$\frac{1}{T} \sum (D - F)$",
        literature="shortage, lost sales where demand is lost",
        needs=(Need.DEMAND,), formerly=("shortage_per_period",),
        of=lambda s: _per_period(s, s.demand - s.filled),
    ),
)  # fmt: skip
"""All measures of service, in the order of tables."""

CUSTOMER_DEMAND: Final = (
    ServiceMeasure(
        name="demanded", label="Demanded", unit="{goods}", range=_AMOUNT,
        definition=r"$\sum D$", of=lambda s: s.demand,
    ),
    ServiceMeasure(
        name="served_on_time", label="Served on time", unit="{goods}", range=_AMOUNT, better="larger",
        definition=r"$\sum F$", of=lambda s: s.filled,
    ),
    ServiceMeasure(
        name="late_or_lost", label="Late or lost", unit="{goods}", range=_AMOUNT, better="smaller",
        definition=r"$\sum (D - F)$", of=lambda s: s.demand - s.filled,
    ),
    ServiceMeasure(
        name="served_late", label="Served late", unit="{goods}", range=_AMOUNT,
        definition=r"$\sum (D - F - L) - O$", of=lambda s: s.demand - s.filled - s.lost - s.overdue,
    ),
    ServiceMeasure(
        name="lost", label="Lost", unit="{goods}", range=_AMOUNT, better="smaller",
        definition=r"$\sum L$", of=lambda s: s.lost,
    ),
    ServiceMeasure(
        name="still_waiting", label="Still waiting", unit="{goods}", range=_AMOUNT, better="smaller",
        definition=r"$O$: what of the demand waits at the end", of=lambda s: s.overdue,
    ),
    MEASURES[0],
)  # fmt: skip
"""What is told of each customer and product: amounts over the run, and the fill rate."""

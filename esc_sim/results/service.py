"""Measures of the service to final customers. Each is defined here, once, for a run and for each customer and product.

Sources: Silver, Pyke and Peterson 1998, section 7.2 (P1, P2, P3); Snyder and Shen 2019, section 4.3; Little 1961.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.results.columns import SERVICE_COLUMNS
from esc_sim.results.run import Floats, RunResult, column
from esc_sim.risk.intervals import mean_interval

_AT: Final = {name: k for k, name in enumerate(SERVICE_COLUMNS)}


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


def service_of_periods(values: Floats) -> Service:
    """Service of all customers together, arrays [R], from period values [R, T, K].

    ``overdue`` counts from the end of the warm-up on. In a stretch that begins later it may hold older demand, so it is
    no more than what the stretch itself left unmet.
    """
    total = {name: column(values, name).sum(axis=1) for name in ("demand", "filled", "lost_demand", "backlog")}
    waited = total["demand"] - total["filled"] - total["lost_demand"]
    return Service(
        periods=values.shape[1],
        demand=total["demand"],
        filled=total["filled"],
        lost=total["lost_demand"],
        overdue=np.minimum(column(values, "overdue")[:, -1], waited),
        backlog=total["backlog"],
        met=column(values, "met").sum(axis=1),
        ready=column(values, "ready").sum(axis=1),
    )


def service_of_customers(sums: Floats, periods: int) -> Service:
    """Service of each customer, arrays [R, C], from sums [R, C, len(SERVICE_COLUMNS)] over a number of periods."""
    return Service(periods=periods, **{name: sums[..., place] for name, place in _AT.items()})


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


@dataclass(frozen=True)
class ServiceMeasure:
    """A measure of service.

    Attributes:
        name: as everywhere.
        label: words for tables and figures.
        unit: with {goods}, {period} to be filled from the scenario's units; "share" for a share.
        maximize: whether more is better.
        of: what it is of; nan where nothing was asked for.
    """

    name: str
    label: str
    unit: str
    maximize: bool
    of: Callable[[Service], Floats]


def share(part: Floats, whole: Floats) -> Floats:
    """part / whole, nan where there is no whole."""
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)


def _per_period(service: Service, amount: Floats) -> Floats:
    return np.where(service.demand > 0, amount / service.periods, np.nan)


SERVICE_MEASURES: Final = (
    ServiceMeasure("fill_rate", "Fill rate", "share", True, lambda s: share(s.filled, s.demand)),
    ServiceMeasure("cycle_service_level", "Cycle service level", "share", True, lambda s: _per_period(s, s.met)),
    ServiceMeasure("ready_rate", "Ready rate", "share", True, lambda s: _per_period(s, s.ready)),
    ServiceMeasure(
        "served_share", "Served in the end", "share", True, lambda s: share(s.demand - s.lost - s.overdue, s.demand)
    ),
    ServiceMeasure("backorders", "Backorders", "{goods}", False, lambda s: _per_period(s, s.backlog)),
    ServiceMeasure("mean_wait", "Mean wait of demand", "{period}", False, lambda s: share(s.backlog, s.demand)),
    ServiceMeasure(
        "unmet_per_period", "Demand not met at once", "{goods}/{period}", False,
        lambda s: _per_period(s, s.demand - s.filled),
    ),
)  # fmt: skip
"""All measures of service, in the order of tables."""

OF_BACKORDERS: Final = ("backorders", "mean_wait")
"""Measures that are 0 where unmet demand is lost."""


def service_entries(result: RunResult) -> dict[str, list[dict[str, Any]]]:
    """Service by customer, and by product where there are several, for summary.json; empty where it was not kept.

    Args:
        result: the run with its warm-up.

    Returns:
        Under "customers" and "products" a dictionary for each: what it is, and by name each measure with its interval.
    """
    if result.service is None or not result.service.shape[1]:
        return {}
    network, items = result.network, result.customers
    counted = result.periods - result.scenario.run.warm_up
    customers = service_of_customers(result.service, counted)
    of_item = [
        {"node": network.node_ids[network.item_node[i]], "product": network.products[network.item_product[i]]}
        for i in items.tolist()
    ]
    found = {"customers": _entries(customers, of_item, result)}
    product = network.item_product[items]
    sold = np.unique(product)
    if len(network.products) > 1:
        groups = [np.flatnonzero(product == p) for p in sold]
        names = [{"product": network.products[p]} for p in sold.tolist()]
        found["products"] = _entries(together(customers, groups), names, result)
    return found


def _entries(service: Service, names: Sequence[dict[str, str]], result: RunResult) -> list[dict[str, Any]]:
    units = result.scenario.units
    values = {measure.name: measure.of(service) for measure in SERVICE_MEASURES}
    found: list[dict[str, Any]] = []
    for place, name in enumerate(names):
        entry: dict[str, Any] = dict(name)
        for measure in SERVICE_MEASURES:
            interval = mean_interval(values[measure.name][:, place], batch=result.batch)
            unit = measure.unit.format(goods=units.goods, period=units.period)
            entry[measure.name] = interval.entry(unit)
        found.append(entry)
    return found

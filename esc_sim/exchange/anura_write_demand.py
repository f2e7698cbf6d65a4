"""Final demand and drawn orders as tables of Anura."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from esc_sim.exchange import anura_schema as schema
from esc_sim.exchange.anura_units import law_text
from esc_sim.exchange.carried import Ledger
from esc_sim.policies.mean import MeanOrder
from esc_sim.scenario.demand import Demand
from esc_sim.scenario.laws import Normal, mean_of
from esc_sim.scenario.schema import Scenario, StockData

if TYPE_CHECKING:
    from esc_sim.exchange.anura_write import Time

TableRow = tuple[str, dict[str, Any]]
CUSTOMERS: Final = " customers"
"""Ends the name of those who buy at a node."""


def demand_rows(
    scenario: Scenario, items: Sequence[tuple[str, str, StockData]], time: Time, ledger: Ledger
) -> Iterator[TableRow]:
    """Rows of all tables that say who wants what; those who buy at a node are a customer whom it serves at once.

    Args:
        scenario: what is written.
        items: node, product and stock data of each item.
        time: the periods of the run.
        ledger: counts what cannot be written.
    """
    served: set[str] = set()
    for node, product, part in items:
        order = part.order
        if isinstance(order, MeanOrder):
            law = Normal(mean=order.mean, sd=order.sd)
            yield "ReplenishmentOrderProfiles", {"FacilityName": node, **_profile(node, product, law, time)}
        if part.demand is None:
            continue
        customer = f"{node}{CUSTOMERS}"
        if node not in served:
            served.add(node)
            yield from _customer(scenario, node, customer)
        sourcing = {"ProductName": product, "SourceName": node, "OptimizationPolicy": schema.TO_OPTIMIZE}
        yield (
            "CustomerFulfillmentPolicies",
            {
                "CustomerName": customer,
                **sourcing,
                "SimulationPolicy": schema.BY_PREFERENCE,
                "SimulationPolicyValue": 1,
                "Status": schema.INCLUDE,
            },
        )
        yield (
            "TransportationPolicies",
            {
                "OriginName": node,
                "DestinationName": customer,
                "ProductName": product,
                "Status": schema.INCLUDE,
                "TransportTime": 0,
                "TransportTimeUOM": time.symbol,
            },
        )
        yield from _wanted(scenario, customer, product, part.demand, time, ledger)


def _customer(scenario: Scenario, node: str, customer: str) -> Iterator[TableRow]:
    place = next(one for one in scenario.nodes if one.id == node)
    yield (
        "Customers",
        {
            "CustomerName": customer,
            "Status": schema.INCLUDE,
            "Region": place.region,
            "Latitude": place.latitude,
            "Longitude": place.longitude,
            "AllowBackorders": scenario.rules.unmet == "backorder",
            "AllowPartialFillOrders": scenario.rules.partial_demand,
        },
    )


def _profile(owner: str, product: str, law: Any, time: Time) -> dict[str, Any]:
    """An order in each period, of a size that is drawn."""
    return {
        "OrderID": f"{owner} {product}",
        "ProductName": product,
        "Status": schema.INCLUDE,
        "Quantity": repr(law.mean) if isinstance(law, Normal) and law.sd == 0.0 else law_text(law),
        "StartDate": time.date(0),
        "TimeBetweenOrders": 1,
        "TimeBetweenOrdersUOM": time.symbol,
    }


def _wanted(
    scenario: Scenario, customer: str, product: str, demand: Demand, time: Time, ledger: Ledger
) -> Iterator[TableRow]:
    """Demand for optimisation (amounts) and for simulation (orders)."""
    of = {"CustomerName": customer, "ProductName": product}
    if demand.leftovers:
        ledger.leave_out("demand: leftovers", "Anura has no column for it")
    if demand.arrivals:
        mean = sum(_mean(one.size) / _mean(one.between) for one in demand.arrivals)
        yield "CustomerDemand", of | _amount(mean * time.periods, schema.HORIZON, demand)
        for number, one in enumerate(demand.arrivals, start=1):
            size, between = law_text(one.size), law_text(one.between)
            if size is None or between is None or one.first is not None:
                ledger.leave_out("customers who come at any time", "Anura has no such distribution, or first time")
                continue
            order = _profile(customer, product, Normal(mean=0, sd=0), time) | {
                "OrderID": f"{customer} {product} {number}",
                "Quantity": size,
                "StartDate": None,
                "TimeBetweenOrders": between,
            }
            yield "CustomerOrderProfiles", {"CustomerName": customer, **order}
        return
    law: Any = demand.law or Normal(mean=demand.mean or 0.0, sd=demand.sd)
    if demand.has_course and time.listed:
        if demand.sd or demand.law is not None:
            ledger.leave_out("spread of demands that change with time", "Anura has one amount for each period")
        for period, amount in enumerate(_course(scenario, demand, time.periods, ledger)):
            yield "CustomerDemand", of | _amount(amount, f"P{period}", demand)
        return
    if demand.has_course:
        ledger.leave_out("demands that change with time", "the run has more periods than are listed one by one")
    yield "CustomerDemand", of | _amount(_mean(law) * time.periods, schema.HORIZON, demand)
    if law_text(law) is None:
        ledger.leave_out("laws of demand", "Anura has no such distribution; the mean stands there")
        law = Normal(mean=mean_of(law), sd=0)
    yield "CustomerOrderProfiles", {"CustomerName": customer, **_profile(customer, product, law, time)}


def _amount(quantity: float, period: str, demand: Demand) -> dict[str, Any]:
    return {
        "PeriodName": period,
        "Quantity": quantity,
        "Status": schema.INCLUDE,
        "DemandStatus": schema.INCLUDE,
        "UnitPrice": demand.price,
        "PenaltyCost": demand.shortage_cost,
    }


def _mean(law: Any) -> float:
    return law if isinstance(law, float) else mean_of(law)


def _course(scenario: Scenario, demand: Demand, periods: int, ledger: Ledger) -> list[float]:
    """Mean demand of every period: (level + trend t) factor_t, as sampling has it.

    Args:
        scenario: which holds the series.
        demand: whose course it is.
        periods: how many.
        ledger: counts laws that follow a series.
    """
    series = scenario.series.get(demand.series, []) if demand.series else []
    level = _mean(demand.law) if demand.law else demand.mean or 0.0
    ends: dict[str, float] = {"hold": series[-1], "zero": 0.0} if series else {}
    after = level
    if series and periods > len(series) and demand.then != "repeat":
        after = ends.get(demand.then, sum(series) / len(series)) if isinstance(demand.then, str) else _mean(demand.then)
        if not isinstance(demand.then, str) or demand.then not in ends:
            ledger.leave_out("laws that follow a series", "the mean stands there")
    found = []
    for period in range(periods):
        if not series:
            base = level
        elif period < len(series) or demand.then == "repeat":
            base = series[period % len(series)]
        else:
            base = after
        factor = demand.season[period % len(demand.season)] if demand.season else 1.0
        found.append(max((base + demand.trend * period) * factor, 0.0))
    return found

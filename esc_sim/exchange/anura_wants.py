"""Demand in Anura as final demand of a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from esc_sim.exchange.anura_model import Model
from esc_sim.exchange.anura_places import Places
from esc_sim.exchange.anura_schema import HORIZON, columns
from esc_sim.exchange.anura_units import date_in, law_in, scaled, text_of, tidy
from esc_sim.exchange.tabulated import Row

Item = tuple[str, str]
_DEMAND: Final = columns("ProductName PeriodName Quantity UnitPrice PenaltyCost DemandStatus")
_ORDERS: Final = columns(
    "OrderID CustomerName ProductName Quantity StartDate TimeBetweenOrders NumberOfOrders NumberOfLines"
)
_MOST_SEASON: Final = 400


def read_demands(model: Model, places: Places, series: dict[str, list[float]]) -> dict[Item, dict[str, Any]]:
    """Final demands by site and product.

    Args:
        model: the model.
        places: its sites and products.
        series: gets the means of demands that change with time.
    """
    prices: dict[Item, dict[str, float]] = {}
    amounts: dict[Item, list[float]] = {}
    for table, column, kind in (
        ("CustomerDemand", "CustomerName", "customer"),
        ("FacilityDemand", "FacilityName", "facility"),
    ):
        for row in model.rows(table, column, *_DEMAND):
            if text_of(row, "DemandStatus").lower() == "exclude":
                continue
            for site in model.names(row, column, places.of_kind(kind)):
                for product in model.names(row, "ProductName", places.products):
                    _add(model, row, product, amounts.setdefault((site, product), [0.0] * model.length))
                    prices[site, product] = _money(model, row, product)
    found = _profiles(model, places)
    for item, means in amounts.items():
        if item in found:
            continue
        if len(set(means)) == 1:
            found[item] = {"mean": means[0]}
        else:
            name = f"{places.ids[item[0]]} {places.products[item[1]]}"
            series[name] = means
            found[item] = {"series": name, "then": "repeat"}
    for item, demand in found.items():
        demand |= prices.get(item) or {"price": _price(model, item[1])}
    return found


def _add(model: Model, row: Row, product: str, means: list[float]) -> None:
    """Spread an amount evenly over the review periods of its period."""
    quantity = model.amount(row, "Quantity", product) or 0.0
    period = text_of(row, "PeriodName")
    groups = model.groups.get(period)
    spans = [model.spans[name] for name in groups or [period] if name in model.spans]
    if not spans:
        if period and period.lower() != HORIZON.lower():
            place = row["periodname"].place
            model.problems.append(f"{place}: column 'PeriodName': there is no '{period}' in the table Periods")
        spans = [(0, model.length)]
    for first, end in spans:
        for at in range(first, min(end, model.length)):
            means[at] = tidy(means[at] + quantity / (end - first))


def _money(model: Model, row: Row, product: str) -> dict[str, float]:
    price, penalty = model.number(row, "UnitPrice"), model.number(row, "PenaltyCost")
    goods = model.factor(row, "UnitPriceUOM", product) or 1.0
    return {
        "price": _price(model, product) if price is None else tidy(price / goods),
        "shortage_cost": tidy((penalty or 0.0) / (model.factor(row, "PenaltyCostUOM", product) or 1.0)),
    }


def _price(model: Model, product: str) -> float:
    row = next(row for row in model.rows("Products") if text_of(row, "productname") == product)
    return tidy((model.number(row, "UnitPrice") or 0.0) / (model.factor(row, "UnitPriceUOM", product) or 1.0))


def _profiles(model: Model, places: Places) -> dict[Item, dict[str, Any]]:
    """Demands that come as recurring orders; they take the place of amounts."""
    orders: dict[Item, list[tuple[Any, Any, Row]]] = {}
    for row in model.rows("CustomerOrderProfiles", *_ORDERS):
        if {text_of(row, "NumberOfOrders"), text_of(row, "NumberOfLines")} - {"", "1"}:
            model.ledger.leave_out("order profiles of several orders or lines", "only single ones are read")
            continue
        size = law_in(text_of(row, "Quantity"))
        between = law_in(text_of(row, "TimeBetweenOrders") or "1")
        between = None if between is None else scaled(between, model.unit(row, "TimeBetweenOrdersUOM"))
        if size is None or between is None:
            model.ledger.leave_out("order profiles with distributions that are not known")
            continue
        for site in model.names(row, "CustomerName", places.of_kind("customer")):
            for product in model.names(row, "ProductName", places.products):
                orders.setdefault((site, product), []).append((size, between, row))
    return {item: dict(_demand(model, listed)) for item, listed in orders.items()}


def _demand(model: Model, orders: list[tuple[Any, Any, Row]]) -> Iterator[tuple[str, Any]]:
    """One order a period, or every few periods, as a law; all else as customers who come at any time."""
    size, between, row = orders[0]
    whole = isinstance(between, float) and between >= 1.0 and between == round(between) <= _MOST_SEASON
    if len(orders) == 1 and whole:
        normal = size if isinstance(size, dict) and size["law"] == "normal" else None
        if between == 1.0:
            yield from ({"mean": normal["mean"], "sd": normal["sd"]} if normal else _constant(size)).items()
            return
        start = date_in(text_of(row, "StartDate"))
        phase = model.period_of(start) if start else 0
        yield "law", size if isinstance(size, dict) else {"law": "constant", "value": size}
        yield "season", [1.0 if at == phase % int(between) else 0.0 for at in range(int(between))]
        return
    model.ledger.assume("orders that come at any time", "played by the agent engine")
    yield "arrivals", [{"between": between, "size": size} for size, between, _ in orders]


def _constant(size: Any) -> dict[str, Any]:
    return {"law": size} if isinstance(size, dict) else {"mean": size, "sd": 0.0}

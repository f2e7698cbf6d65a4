"""Inventory policies in Anura as stock data of a scenario."""

from __future__ import annotations

from typing import Any, Final

from esc_sim.exchange.anura_lanes import Key, Sourcing
from esc_sim.exchange.anura_model import Model
from esc_sim.exchange.anura_places import Places
from esc_sim.exchange.anura_schema import columns
from esc_sim.exchange.anura_units import YEAR, law_in, text_of, tidy
from esc_sim.exchange.tabulated import Row

Item = tuple[str, str]
"""Site and product, by their names in the model."""
_READ: Final = columns(
    "FacilityName ProductName SimulationPolicy SimulationPolicyValue1 SimulationPolicyValue2 "
    "StockingSite ReviewPeriod ReviewPeriodFirstTime UnitValue CarryingCostPercentage "
    "InitialInventory UnitStorageCost MaxDwellTime SurplusLevel"
)


def read_stocks(model: Model, places: Places, bought: set[Item], made: set[Item]) -> dict[Item, dict[str, Any]]:
    """Stock data of every item that InventoryPolicies names, in their order.

    Args:
        model: the model.
        places: its sites.
        bought: items that some source may deliver.
        made: items that are made where they are.
    """
    found: dict[Item, dict[str, Any]] = {}
    for row in model.rows("InventoryPolicies", *_READ):
        for site in model.names(row, "FacilityName", places.of_kind("facility")):
            for product in model.names(row, "ProductName", places.products):
                item = (site, product)
                found[item] = _stock(model, row, product) | _policy(model, row, product, item in bought, item in made)
    _limit(model, places, found)
    return found


def _stock(model: Model, row: Row, product: str) -> dict[str, Any]:
    holds = text_of(row, "StockingSite").lower() not in ("false", "0", "no")
    if not holds:
        model.ledger.leave_out("items that may not be kept (StockingSite)", "goods wait there until they are sold")
    of_product = next(one for one in model.rows("Products") if text_of(one, "productname") == product)
    value = model.number(row, "UnitValue")
    value = model.number(of_product, "UnitValue") if value is None else value
    percent = model.number(row, "CarryingCostPercentage")
    percent = model.setting_number("InventoryCarryingCostPercentage", 0.0) if percent is None else percent
    holding = tidy((value or 0.0) * percent / 100.0 * model.days / YEAR)
    storage = model.cost(row, "UnitStorageCost")
    if storage:
        model.ledger.assume("storage costs", "for a unit and period of the model")
    age = model.periods(row, "MaxDwellTime")
    age = model.periods(of_product, "ShelfLife") if age is None else age
    return {
        "initial_stock": model.amount(row, "InitialInventory", product) or 0.0,
        "holding_cost": tidy(holding + storage / model.span),
        "shelf_life": None if age is None else max(1, round(age)),
        "disposal_cost": 0.0 if age is None else model.cost(of_product, "DisposalCost"),
    }


def _policy(model: Model, row: Row, product: str, bought: bool, made: bool) -> dict[str, Any]:
    """What is ordered, and up to which level it is made."""
    name = text_of(row, "SimulationPolicy").replace(" ", "").lower()
    first, second = (model.amount(row, f"SimulationPolicyValue{n}", product) for n in (1, 2))
    target = model.amount(row, "SurplusLevel", product)
    found: dict[str, Any] = {"target_stock": target}
    if name in ("", "donothing"):
        return found
    if second is None or (first is None and name != "(t,s)"):
        model.ledger.leave_out(f"policies {name} without values", "nothing is ordered")
        return found
    if made and target is None:
        found["target_stock"] = first + second if name == "(r,q)" and first is not None else second
    if not bought:
        return found
    every = model.periods(row, "ReviewPeriod")
    if every is None:
        model.ledger.assume("policies of continuous review", "looked at once a review period")
    if name == "(t,s)":
        date = model.date(row, "ReviewPeriodFirstTime")
        found["order"] = {
            "policy": "periodic",
            "every": max(1, round(every or 1.0)),
            "first": 0 if date is None else model.period_of(date),
            "order_up_to": second,
        }
    elif name == "(r,q)" and second > 0.0:
        found["order"] = {"policy": "r_Q", "reorder_point": first, "order_quantity": second}
    elif name in ("(s,s)", "(min,max)"):
        levels = {"policy": "s_S", "reorder_point": min(first or 0.0, second), "order_up_to": second}
        found["order"] = {"policy": "base_stock", "order_up_to": second} if first == second else levels
    else:
        model.ledger.leave_out(f"policies {text_of(row, 'SimulationPolicy')}", "nothing is ordered")
    return found


def _limit(model: Model, places: Places, stocks: dict[Item, dict[str, Any]]) -> None:
    """Throughput of facilities that keep one product is its capacity."""
    for row in model.rows("Facilities", "ThroughputCapacity", "ThroughputCapacityPeriod"):
        limit = model.number(row, "ThroughputCapacity")
        site = text_of(row, "FacilityName")
        if limit is None or site not in places.kinds:
            continue
        items = [item for item in stocks if item[0] == site]
        if len(items) != 1:
            model.ledger.leave_out("throughput capacities", "the facility holds several products, or none")
            continue
        stocks[items[0]]["capacity"] = tidy(limit / (model.periods(row, "ThroughputCapacityPeriod") or model.span))


def add_order_rules(
    model: Model, places: Places, sourcing: dict[Key, Sourcing], stocks: dict[Item, dict[str, Any]]
) -> None:
    """Least quantities and lots of sourcing policies, and orders that are drawn each period.

    Args:
        model: the model.
        places: its sites.
        sourcing: its sourcing policies.
        stocks: stock data by item, to which orders are added.
    """
    first: dict[Item, Row] = {}
    for (buyer, product, _), policy in sourcing.items():
        first.setdefault((buyer, product), policy.row)
        order = stocks.get((buyer, product), {}).get("order")
        if order is not None:
            _least(model, policy.row, product, order)
    for row in model.rows(
        "ReplenishmentOrderProfiles",
        "FacilityName",
        "ProductName",
        "Quantity",
        "TimeBetweenOrders",
        "StartDate",
        "OrderID",
    ):
        site, product = text_of(row, "FacilityName"), text_of(row, "ProductName")
        law = law_in(text_of(row, "Quantity"))
        drawn = {"mean": law, "sd": 0.0} if isinstance(law, float) else law
        stock = stocks.get((site, product))
        every = tidy((model.number(row, "TimeBetweenOrders") or 0.0) * model.unit(row, "TimeBetweenOrdersUOM"))
        usable = drawn is not None and set(drawn) <= {"law", "mean", "sd"} and drawn.get("law", "normal") == "normal"
        if (
            stock is None
            or "order" in stock
            or drawn is None
            or not usable
            or every != 1.0
            or (site, product) not in first
        ):
            model.ledger.leave_out("orders that recur (ReplenishmentOrderProfiles)", "not one normal order a period")
            continue
        stock["order"] = {"policy": "mean", "mean": drawn["mean"], "sd": drawn["sd"]}
        _least(model, first[site, product], product, stock["order"])


def _least(model: Model, row: Row, product: str, order: dict[str, Any]) -> None:
    for column, key in (("MinimumOrderQuantity", "minimum"), ("LotSize", "order_multiple")):
        amount = model.amount(row, column, product)
        if amount:
            order[key] = max(order.get(key, 0.0), amount)

"""Production in Anura: recipes from bills of materials, sources without one, and what suppliers can deliver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from esc_sim.exchange.anura_model import Model
from esc_sim.exchange.anura_places import Places
from esc_sim.exchange.anura_schema import BYPRODUCT, COMPONENT, END_PRODUCT, columns
from esc_sim.exchange.anura_units import law_in, text_of, tidy
from esc_sim.exchange.tabulated import Row

Item = tuple[str, str]
_POLICY: Final = columns("FacilityName ProductName SimulationPolicy UnitCost ProductionRate BOMName CO2EmissionRate")
_PROFILE: Final = columns("OrderID FacilityName ProductName Quantity TimeBetweenOrders StartDate")


def read_recipes(model: Model, places: Places) -> tuple[list[dict[str, Any]], dict[Item, dict[str, Any]]]:
    """Recipes, and production without a bill of materials by item."""
    boms = _bills(model, places)
    policies = list(_policies(model, places))
    shared = [text_of(row, "BOMName") for _, _, row in policies]
    recipes: list[dict[str, Any]] = []
    sources: dict[Item, dict[str, Any]] = {}
    for site, product, row in policies:
        name = text_of(row, "BOMName")
        if not name:
            sources[site, product] = _source(model, row, product)
            continue
        if name not in boms:
            model.problems.append(f"{row['bomname'].place}: column 'BOMName': there is no '{name}' in BillsOfMaterials")
            continue
        recipe = _recipe(model, places, row, site, product, boms[name])
        recipe["id"] = name.replace("/", "-") if shared.count(name) == 1 else f"{name} {site}".replace("/", "-")
        recipes.append(recipe)
    for row in model.rows("ProductionOrderProfiles", *_PROFILE):
        _drawn(model, row, sources)
    return recipes, sources


def _bills(model: Model, places: Places) -> dict[str, list[tuple[str, str, float]]]:
    """Product, its role and its quantity in each bill of materials."""
    found: dict[str, list[tuple[str, str, float]]] = {}
    for row in model.rows("BillsOfMaterials", "BOMName", "ProductName", "ProductType", "Quantity"):
        for product in model.names(row, "ProductName", places.products):
            quantity = model.amount(row, "Quantity", product)
            part = (product, text_of(row, "ProductType") or COMPONENT, 1.0 if quantity is None else quantity)
            found.setdefault(text_of(row, "BOMName"), []).append(part)
    return found


def _policies(model: Model, places: Places) -> Iterator[tuple[str, str, Row]]:
    for row in model.rows("ProductionPolicies", *_POLICY):
        for site in model.names(row, "FacilityName", places.of_kind("facility")):
            for product in model.names(row, "ProductName", places.products):
                yield site, product, row


def _rate(model: Model, row: Row, product: str) -> float | None:
    """Units of a product that are made in a review period."""
    value, goods = model.number(row, "ProductionRate"), model.factor(row, "RateQuantityUOM", product)
    return None if value is None or goods is None else tidy(value * goods / model.unit(row, "RateTimeUOM"))


def _recipe(
    model: Model, places: Places, row: Row, site: str, product: str, bill: list[tuple[str, str, float]]
) -> dict[str, Any]:
    """A recipe whose run makes what the bill says of its end product, or one unit."""
    amount = next((q for name, kind, q in bill if kind == END_PRODUCT and name == product), 1.0)
    rate = _rate(model, row, product)
    goods = model.factor(row, "UnitCostUOM", product) or 1.0
    others = [(name, q) for name, kind, q in bill if name != product and kind in (BYPRODUCT, END_PRODUCT)]
    return {
        "node": places.ids[site],
        "inputs": {places.products[name]: q for name, kind, q in bill if kind == COMPONENT},
        "outputs": {places.products[product]: amount},
        "byproducts": {places.products[name]: q for name, q in others},
        "capacity": None if rate is None else tidy(rate / amount),
        "cost": tidy(model.cost(row, "UnitCost") / goods * amount),
        "emissions": tidy(model.cost(row, "CO2EmissionRate") * amount),
    }


def _source(model: Model, row: Row, product: str) -> dict[str, Any]:
    """Production without inputs; a rate of None is one that nothing limits."""
    if model.cost(row, "UnitCost"):
        model.ledger.leave_out("costs of production without a bill of materials", "production has no cost here")
    return {"mean": _rate(model, row, product), "emissions": model.cost(row, "CO2EmissionRate")}


def _drawn(model: Model, row: Row, sources: dict[Item, dict[str, Any]]) -> None:
    """Production by schedule: an order a period, of a size that may be drawn."""
    source = sources.get((text_of(row, "FacilityName"), text_of(row, "ProductName")))
    law = law_in(text_of(row, "Quantity"))
    every = tidy((model.number(row, "TimeBetweenOrders") or 0.0) * model.unit(row, "TimeBetweenOrdersUOM"))
    if source is None or law is None or every != 1.0:
        model.ledger.leave_out("production orders (ProductionOrderProfiles)", "not one a period without materials")
        return
    source.pop("mean")
    if isinstance(law, float):
        source["mean"] = law
    elif law["law"] == "normal":
        source |= {"mean": law["mean"], "sd": law["sd"]}
    else:
        source["law"] = law


def supplies_of(model: Model, places: Places) -> dict[Item, dict[str, Any]]:
    """What each supplier can deliver of a product in a review period, and at what cost."""
    found: dict[Item, dict[str, Any]] = {}
    rows = model.rows(
        "SupplierCapabilities", "SupplierName", "ProductName", "UnitCost", "SupplyCapacity", "CO2EmissionRate"
    )
    for row in rows:
        for site in model.names(row, "SupplierName", places.of_kind("supplier")):
            for product in model.names(row, "ProductName", places.products):
                amount = model.amount(row, "SupplyCapacity", product)
                found[site, product] = {
                    "mean": None if amount is None else tidy(amount / model.span),
                    "cost": tidy(model.cost(row, "UnitCost") / (model.factor(row, "UnitCostUOM", product) or 1.0)),
                    "emissions": model.cost(row, "CO2EmissionRate"),
                }
    return found

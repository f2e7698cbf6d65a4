"""Recipes and production as tables of Anura."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from esc_sim.exchange import anura_schema as schema
from esc_sim.exchange.anura_units import law_text
from esc_sim.exchange.carried import Ledger
from esc_sim.scenario.laws import Normal, mean_of
from esc_sim.scenario.recipes import Recipe
from esc_sim.scenario.schema import Scenario, StockData

if TYPE_CHECKING:
    from esc_sim.exchange.anura_write import Time

TableRow = tuple[str, dict[str, Any]]


def making_rows(
    scenario: Scenario, items: Sequence[tuple[str, str, StockData]], time: Time, ledger: Ledger
) -> Iterator[TableRow]:
    """Rows of all tables that say what is made, and of what.

    Args:
        scenario: what is written.
        items: node, product and stock data of each item.
        time: the periods of the run.
        ledger: counts what cannot be written.
    """
    for recipe in scenario.recipes:
        yield from _recipe(recipe, time, ledger)
    for node, product, part in items:
        if part.production is None:
            continue
        made = part.production
        law: Any = made.law or Normal(mean=made.mean or 0.0, sd=made.sd)
        yield (
            "ProductionPolicies",
            {
                "FacilityName": node,
                "ProductName": product,
                "Status": schema.INCLUDE,
                "SimulationPolicy": schema.BY_SCHEDULE,
                "ProductionRate": mean_of(law),
                "RateTimeUOM": time.symbol,
                "CO2EmissionRate": part.emissions,
            },
        )
        text = repr(law.mean) if isinstance(law, Normal) and law.sd == 0.0 else law_text(law)
        if text is None:
            ledger.leave_out("laws of production", "Anura has no such distribution; the mean stands there")
            text = repr(mean_of(law))
        yield (
            "ProductionOrderProfiles",
            {
                "OrderID": f"{node} {product}",
                "FacilityName": node,
                "ProductName": product,
                "Status": schema.INCLUDE,
                "Quantity": text,
                "StartDate": time.date(0),
                "TimeBetweenOrders": 1,
                "TimeBetweenOrdersUOM": time.symbol,
            },
        )


def _recipe(recipe: Recipe, time: Time, ledger: Ledger) -> Iterator[TableRow]:
    """A bill of materials, and the policy by which its facility makes its end product, the first output."""
    if not recipe.outputs:
        ledger.leave_out("recipes without outputs", "Anura makes an end product")
        return
    (product, amount), *others = recipe.outputs.items()
    if others:
        ledger.leave_out(
            "further outputs of recipes", "they are by-products in Anura, which limit nothing", len(others)
        )
    parts = [(product, schema.END_PRODUCT, amount)]
    parts += [(name, schema.COMPONENT, part) for name, part in recipe.inputs.items()]
    parts += [(name, schema.BYPRODUCT, part) for name, part in (*others, *recipe.byproducts.items())]
    for name, kind, part in parts:
        yield (
            "BillsOfMaterials",
            {
                "BOMName": recipe.id,
                "ProductName": name,
                "ProductType": kind,
                "Quantity": part,
                "Status": schema.INCLUDE,
            },
        )
    yield (
        "ProductionPolicies",
        {
            "FacilityName": recipe.node,
            "ProductName": product,
            "Status": schema.INCLUDE,
            "SimulationPolicy": schema.BY_DEMAND,
            "UnitCost": recipe.cost / amount,
            "ProductionRate": None if recipe.capacity is None else recipe.capacity * amount,
            "RateTimeUOM": time.symbol,
            "BOMName": recipe.id,
            "CO2EmissionRate": recipe.emissions / amount,
        },
    )

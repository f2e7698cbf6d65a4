"""Order policies and supply relations as tables of Anura."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from esc_sim.exchange import anura_schema as schema
from esc_sim.exchange.anura_units import YEAR, law_text
from esc_sim.exchange.carried import Ledger
from esc_sim.policies.base_stock import BaseStockOrder
from esc_sim.policies.periodic import PeriodicOrder
from esc_sim.policies.reorder_quantity import ReorderQuantityOrder
from esc_sim.policies.reorder_up_to import ReorderUpToOrder
from esc_sim.scenario.schema import Arc, Scenario, StockData

POLICIES: Final = ("base_stock", "s_S", "r_Q", "periodic", "mean")
"""Order policies that Anura has."""


def policy_row(
    node: str, product: str, part: StockData, symbol: str, date: Callable[[int], str], days: float, ledger: Ledger
) -> dict[str, Any]:
    """The row of an item in InventoryPolicies.

    Args:
        node, product, part: the item.
        symbol: of the length of a period.
        date: when a period begins.
        days: length of a period.
        ledger: counts order policies that Anura does not have.
    """
    order = part.order
    policy, first, second, every, at = schema.NOTHING, 0.0, 0.0, 1, 0
    if order is None:
        if part.production is not None and part.target_stock is not None:
            policy, first, second = schema.S_S, part.target_stock, part.target_stock
    elif isinstance(order, BaseStockOrder):
        policy, first, second = schema.S_S, order.order_up_to, order.order_up_to
    elif isinstance(order, ReorderUpToOrder):
        policy, first, second = schema.S_S, order.reorder_point, order.order_up_to
    elif isinstance(order, ReorderQuantityOrder):
        policy, first, second = schema.R_Q, order.reorder_point, order.order_quantity
    elif isinstance(order, PeriodicOrder):
        policy, second, every, at = schema.T_S, order.order_up_to, order.every, order.first
    elif order.policy not in POLICIES:
        ledger.leave_out(f"orders by the policy '{order.policy}'", "Anura has no such policy; nothing is ordered")
    reviewed = policy != schema.NOTHING
    return {
        "FacilityName": node,
        "ProductName": product,
        "SimulationPolicy": policy,
        "SimulationPolicyValue1": first,
        "SimulationPolicyValue2": second,
        "StockingSite": True,
        "Status": schema.INCLUDE,
        "ReviewPeriodFirstTime": date(at) if reviewed else None,
        "ReviewPeriod": every if reviewed else None,
        "ReviewPeriodUOM": symbol if reviewed else None,
        "UnitValue": part.holding_cost * YEAR / days if part.holding_cost else None,
        "CarryingCostPercentage": 100 if part.holding_cost else None,
        "InitialInventory": part.initial_stock,
        "MaxDwellTime": part.shelf_life,
        "MaxDwellTimeUOM": None if part.shelf_life is None else symbol,
        "SurplusLevel": part.target_stock,
    }


def sourcing_lines(scenario: Scenario) -> dict[tuple[str, str, str], list[Arc]]:
    """Arcs by buyer, product and supplier: several where their modes differ."""
    lines: dict[tuple[str, str, str], list[Arc]] = {}
    for arc in scenario.arcs:
        lines.setdefault((arc.buyer, arc.product or scenario.products[0].id, arc.supplier), []).append(arc)
    return lines


def sourcing_rows(scenario: Scenario, items: Mapping[tuple[str, str], StockData]) -> Iterator[dict[str, Any]]:
    """A row in ReplenishmentPolicies for each buyer, product and supplier.

    Args:
        scenario: whose arcs are written.
        items: stock data by node and product.
    """
    for (buyer, product, supplier), arcs in sourcing_lines(scenario).items():
        item = items.get((buyer, product))
        order = item.order if item is not None else None
        shares = [arc.share for arc in arcs if arc.share is not None]
        yield {
            "FacilityName": buyer,
            "ProductName": product,
            "SourceName": supplier,
            "OptimizationPolicy": schema.BY_RATIO if shares else schema.TO_OPTIMIZE,
            "OptimizationPolicyValue": sum(shares[1:], shares[0]) if shares else None,
            "SimulationPolicy": schema.BY_PREFERENCE,
            "SimulationPolicyValue": min(arc.preference for arc in arcs),
            "Status": schema.INCLUDE,
            "UnitCost": min(arc.price for arc in arcs),
            "MinimumOrderQuantity": order.minimum or None if order is not None else None,
            "LotSize": order.order_multiple or None if order is not None else None,
        }


def lane_rows(scenario: Scenario, symbol: str, ledger: Ledger) -> Iterator[dict[str, Any]]:
    """A row in TransportationPolicies for each arc.

    Args:
        scenario: whose arcs are written.
        symbol: of the length of a period.
        ledger: counts lead times that cannot be written.
    """
    base = {key: min(arc.price for arc in arcs) for key, arcs in sourcing_lines(scenario).items()}
    for arc in scenario.arcs:
        product = arc.product or scenario.products[0].id
        text = law_text(arc.lead_time)
        if text is None:
            ledger.leave_out("laws of lead times", "Anura has no such distribution; the longest time stands there")
            text = repr(arc.max_lead_time or arc.lead_time.upper)  # type: ignore[union-attr]
        more = arc.price - base[arc.buyer, product, arc.supplier]
        ledger.assume("prices that differ by mode", "the difference is a cost of the way", int(more > 0.0))
        column = "LaneCapacity" if arc.mode is None else "LaneModeCapacity"
        yield {
            "OriginName": arc.supplier,
            "DestinationName": arc.buyer,
            "ProductName": product,
            "ModeName": arc.mode,
            "OptimizationPolicy": schema.TO_OPTIMIZE if arc.share is None else schema.BY_RATIO,
            "OptimizationPolicyValue": arc.share,
            "SimulationPolicy": schema.BY_PREFERENCE,
            "SimulationPolicyValue": arc.preference,
            "Status": schema.INCLUDE,
            "UnitCost": arc.other_cost + more if more else arc.other_cost,
            column: arc.cap,
            f"{column}Period": None if arc.cap is None else 1,
            f"{column}PeriodUOM": None if arc.cap is None else symbol,
            "MaximumServiceTime": arc.max_lead_time,
            "MaximumServiceTimeUOM": None if arc.max_lead_time is None else symbol,
            "TransportTime": arc.lead_time if isinstance(arc.lead_time, float) else None,
            "TransportTimeUOM": symbol,
            "CO2EmissionRate": arc.emissions,
            "LeadTime": text,
            "LeadTimeUOM": symbol,
        }

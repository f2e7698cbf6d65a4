"""A case as a scenario of ours, with the same money to the last digit.

The benchmark's order of events in a period: orders leave from what was on hand at its end of the period before; goods
arrive; demand is met; stock and goods under way are charged. Here a review ends with the shipments. So its orders of
period t are those of our review t, its demand of period t is that of our review t + 1, every lead time is one longer,
and a review without demand comes first. Where the words differ:

- ``holding_cost_timing: review`` charges after arrivals and before demand, which is the benchmark's stock of all
  members but the retailer, who pays for what is left after demand; so what is sold earns its holding cost more.
- Our first review charges the stock at the start, which the benchmark does not.
- What goods under way cost differs by link there, by buyer here. The least of a buyer's links is charged by period, the
  rest when goods leave, for the whole way. The sum is the same unless goods are still under way at the end.
- Raw material costs money that leaves the network (``other_cost``). Prices between members cancel on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import esc_sim
from experiments.published.gym_invmgmt.cases import PERIODS, PRICE, UNMET_COST, Case, FloatArray, Link, Network

PRODUCT = "goods"
LAYERS = {"retailer": 1, "distributor": 2, "factory": 3, "supplier": 4}
PLENTY = 1e6
"""Stock of the suppliers of raw material, which never run short."""

Orders = Mapping[str, Mapping[str, Any]]
"""``order`` of a scenario by site."""
Shares = Mapping[tuple[str, str], float]
"""Part of a buyer's orders by (supplier, buyer)."""


def scenario(case: Case, demand: Sequence[float] | FloatArray, orders: Orders, shares: Shares | None = None,
             sd: float = 0.0, **parts: Any) -> esc_sim.Scenario:  # fmt: skip
    """The case as a scenario.

    Args:
        case: of the benchmark.
        demand: mean demand of each period, [PERIODS].
        orders: order policies by site; none where a rolling plan orders.
        shares: by link; None: suppliers in the order of the links.
        sd: standard deviation of demand in each period, units.
        parts: further parts of the scenario.
    """
    network = case.plan
    document: dict[str, Any] = {
        "version": 1,
        "name": case.name.replace(", ", "_").replace("+", "_"),
        "units": {"goods": "unit", "period": "period", "money": "money"},
        "run": {"periods": PERIODS + 1, "replications": 1},
        "rules": {"holding_cost_timing": "review", "unmet": "backorder" if case.backlog else "lost",
                  "unmet_orders": "lost", "allocation": "priority", "sequence": "order_after_demand"},
        "products": [{"id": PRODUCT}],
        "nodes": [_node(network, site.id, orders) for site in network.sites],
        "arcs": [_arc(network, link, k, shares) for k, link in enumerate(network.links)],
        "series": {"demand": [0.0, *map(float, demand)]},
    }  # fmt: skip
    retailer = next(node for node in document["nodes"] if node["role"] == "retailer")
    price = PRICE + network.site(retailer["id"]).holding
    retailer["demand"] = {"series": "demand", "price": price, "shortage_cost": UNMET_COST, "sd": sd}
    return esc_sim.Scenario(**document, **parts)


def _node(network: Network, name: str, orders: Orders) -> dict[str, Any]:
    site = network.site(name)
    found: dict[str, Any] = {"id": name, "role": site.role, "layer": LAYERS[site.role]}
    if site.role == "supplier":
        return found | {"initial_stock": PLENTY}
    found |= {"initial_stock": site.initial_stock, "holding_cost": site.holding,
              "in_transit_holding_cost": by_period(network, name)}  # fmt: skip
    found |= {"order": dict(orders[name])} if name in orders else {}
    return found | ({"capacity": site.capacity} if math.isfinite(site.capacity) else {})


def by_period(network: Network, buyer: str) -> float:
    """Least that goods under way to a buyer cost, by unit and period."""
    return min(link.holding for link in network.links if link.buyer == buyer)


def _arc(network: Network, link: Link, rank: int, shares: Shares | None) -> dict[str, Any]:
    seller = network.site(link.supplier)
    other = seller.operating + (link.holding - by_period(network, link.buyer)) * link.lead_time
    raw = seller.role == "supplier"
    found: dict[str, Any] = {
        "buyer": link.buyer, "supplier": link.supplier, "lead_time": link.lead_time + 1, "priority": rank,
        "preference": rank, "price": 0.0 if raw else link.price, "other_cost": other + (link.price if raw else 0.0),
    }  # fmt: skip
    if shares is not None:
        found["share"] = shares[link.supplier, link.buyer]
    return found

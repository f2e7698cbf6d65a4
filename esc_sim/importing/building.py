"""A scenario from what a workbook says and where its goods flow."""

from __future__ import annotations

from typing import Any

from esc_sim.counted import counted
from esc_sim.importing.content import Content
from esc_sim.importing.demands import Demands, demands_of
from esc_sim.importing.flows import Flows
from esc_sim.importing.history import DAYS, Item
from esc_sim.importing.layers import with_layers
from esc_sim.importing.making import DIGITS, Making
from esc_sim.importing.mapping import Settings
from esc_sim.importing.periods import IN_A_YEAR
from esc_sim.importing.prices import unit_costs
from esc_sim.importing.ways import ways_of

_TARGET = 4.0
"""Periods of all that its buyers may want, which a source keeps at most where no sheet says how much."""


def scenario_data(name: str, about: str, content: Content, flows: Flows, settings: Settings) -> dict[str, Any]:
    """The scenario as plain values.

    Args:
        name: of the scenario.
        about: where its data come from.
        content: of the workbook.
        flows: where its goods flow.
        settings: what holds for all of it.
    """
    demands = demands_of(content.history, str(settings.step), settings.demand_cv)
    making = Making(content, flows, settings, demands, unit_costs(content))
    run = {"periods": settings.periods or IN_A_YEAR[making.step]}
    dated = {"start": settings.start, "step": f"1 {making.step}"} if settings.start else {}
    used = {site for site, _ in flows.needed}
    alone = [site for site in content.sites.by_id.values() if site.id not in used]
    for site in alone:
        content.found.left_out.append(f"{site.place}: '{site.name}': no goods that are asked for flow through it")
    flowing = {product for _, product in flows.needed}
    products = [product for product in content.products.by_id.values() if product.id in flowing]
    content.found.laws += demands.words
    _tell_demands(demands, content, settings)
    data = {
        "version": 1,
        "name": name,
        "title": f"Imported: {counted(len(used), 'site')}, {counted(len(products), 'product')}",
        "data": {"status": "assumed", "note": about},
        "units": {"money": settings.currency or "money", "period": making.step},
        "run": run | dated,
        "products": [{"id": p.id} | ({"name": p.name} if p.name != p.id else {}) for p in products],
        "nodes": [_node(site.id, making) for site in content.sites.by_id.values() if site.id in used],
        "stocks": _stocks(making),
        "rules": {"allocation": "proportional"},
        **ways_of(making),
        **({"series": demands.series} if demands.series else {}),
        **({"recipes": recipes} if (recipes := _recipes(making)) else {}),
    }
    return with_layers(data)


def _tell_demands(demands: Demands, content: Content, settings: Settings) -> None:
    step = content.history.step
    if demands.lumpy:
        content.found.assumed.append(
            f"{demands.lumpy} series without demand in some {step}s: {step}s are drawn again, each spread evenly over "
            f"its {settings.step}s, or unit by unit where there is less than one a {settings.step}"
        )
    if demands.unseasoned:
        content.found.assumed.append(f"{demands.unseasoned} series with gaps: no season is looked for")


def _node(one: str, making: Making) -> dict[str, Any]:
    site = making.content.sites.by_id[one]
    said: dict[str, Any] = {
        key: site.said[key] for key in ("region", "latitude", "longitude", "x", "y") if key in site.said
    }
    return {"id": one, "name": site.name, "role": making.role(one), **said}


def _stocks(making: Making) -> list[dict[str, Any]]:
    """A line for every item that goods flow through."""
    bought = {(lane.buyer, product) for product, lane in making.flows.arcs}
    return [_stock(item, item in bought, making) for item in sorted(making.flows.needed, key=making.order())]


def _stock(item: Item, bought: bool, making: Making) -> dict[str, Any]:
    site, product = item
    said = making.content.stocks.get(item) or making.content.stocks.get((site, ""), {})
    about = making.content.products.by_id[product].said
    line: dict[str, Any] = {"node": site, "product": product}
    line |= {key: said[key] for key in ("initial_stock", "target_stock") if key in said}
    holding = said.get("holding_cost", about.get("holding_cost"))
    if holding:
        line["holding_cost"] = round(holding * DAYS[making.step], DIGITS)
    if item in making.demands.keys:
        prices = {key: about[key] for key in ("shortage_cost",) if key in about}
        price = about.get("sale_price", making.settings.price)
        line["demand"] = making.demands.keys[item] | {"price": round(price, DIGITS)} | prices
    if bought and "order_up_to" in said:
        order = {"policy": "base_stock", "order_up_to": said["order_up_to"]}
        if said.get("reorder_point", said["order_up_to"]) < said["order_up_to"]:
            order |= {"policy": "s_S", "reorder_point": said["reorder_point"]}
        line["order"] = order
    if product in making.flows.own.get(site, ()):
        load = making.loads[item]
        line.setdefault("target_stock", round(_TARGET * load + said.get("safety_stock", 0.0), DIGITS))
        line["production"] = {"mean": _capacity(item, making)}
    return line


def _capacity(item: Item, making: Making) -> float:
    """Units in a period that a source can make: of an offer, its part of the site's, or more than all may want."""
    site = item[0]
    offers = [o for o in making.content.offers if (o.supplier, o.product) == item and o.capacity is not None]
    if offers and offers[0].capacity is not None:
        return making.per_period(offers[0].capacity)
    rate = making.content.capacities.get(site)
    load = making.loads[item]
    if rate is None:
        return round(making.settings.headroom * load, DIGITS)
    total = sum(making.loads[one] for one in making.flows.needed if one[0] == site and making.is_made(one))
    return round(making.per_period(rate) * load / total, DIGITS) if total else making.per_period(rate)


def _recipes(making: Making) -> list[dict[str, Any]]:
    found = []
    for site, product in sorted(making.flows.needed, key=making.order()):
        parts = making.flows.makes.get(site, {}).get(product)
        if parts is None or product in making.flows.own.get(site, ()):
            continue
        found.append(
            {
                "node": site,
                "id": f"{product} at {site}",
                "inputs": dict(parts),
                "outputs": {product: 1.0},
                "capacity": _capacity((site, product), making),
            }
        )
    return found

"""A scenario from what a workbook says and where its goods flow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esc_sim.counted import counted
from esc_sim.importing.content import Content, LaneRow
from esc_sim.importing.demands import Demands, demands_of
from esc_sim.importing.flows import Flows
from esc_sim.importing.history import DAYS, Item
from esc_sim.importing.layers import with_layers
from esc_sim.importing.mapping import Settings
from esc_sim.importing.periods import IN_A_YEAR, in_a_period, lead_time_law
from esc_sim.importing.prices import unit_costs
from esc_sim.importing.words import same_name

_DIGITS = 6
_TARGET = 4.0
"""Periods of all that its buyers may want, which a source keeps at most where no sheet says how much."""


@dataclass
class _Making:
    """What is put together into a scenario."""

    content: Content
    flows: Flows
    settings: Settings
    demands: Demands
    loads: dict[Item, float]
    costs: dict[str, float]
    """Money per unit, by product."""
    at_cost: int = 0
    """Arcs without a price, whose goods change hands at cost."""

    @property
    def step(self) -> str:
        return str(self.settings.step)

    def per_period(self, rate: tuple[float, str | None]) -> float:
        return in_a_period(rate, self.step, self.settings.amounts_per or self.step)


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
    making = _Making(content, flows, settings, demands, _loads(flows, demands.means), unit_costs(content))
    run = {"periods": settings.periods or IN_A_YEAR[making.step]}
    dated = {"start": settings.start, "step": f"1 {making.step}"} if settings.start else {}
    used = {site for site, _ in flows.needed}
    alone = [site for site in content.sites.by_id.values() if site.id not in used]
    for site in alone:
        content.found.left_out.append(f"{site.place}: '{site.name}': no goods that are asked for flow through it")
    products = [p for p in content.products.by_id.values() if any((s, p.id) in flows.needed for s in used)]
    content.found.laws += demands.words
    stocks = _stocks(making)
    arcs, lanes = _arcs(making)
    data = {
        "version": 1,
        "name": name,
        "title": f"Imported: {counted(len(used), 'site')}, {counted(len(products), 'product')}",
        "data": {"status": "measured", "note": about},
        "units": {"money": settings.currency or "money", "period": making.step},
        "run": run | dated,
        "products": [{"id": p.id} | ({"name": p.name} if p.name != p.id else {}) for p in products],
        "nodes": [_node(site.id, making) for site in content.sites.by_id.values() if site.id in used],
        "stocks": stocks,
        "arcs": arcs,
        **({"lanes": lanes} if lanes else {}),
        **({"series": demands.series} if demands.series else {}),
        **({"recipes": recipes} if (recipes := _recipes(making)) else {}),
    }
    return with_layers(data)


def _loads(flows: Flows, demands: Mapping[Item, float]) -> dict[Item, float]:
    """Units in a period of every item if each buyer bought all it needs there."""
    buyers: dict[Item, set[Item]] = defaultdict(set)
    uses: dict[Item, list[tuple[Item, float]]] = defaultdict(list)
    for product, lane in flows.arcs:
        buyers[lane.supplier, product].add((lane.buyer, product))
    for site, product in flows.needed:
        if product not in flows.own.get(site, ()):
            for part, amount in flows.makes.get(site, {}).get(product, {}).items():
                uses[site, part].append(((site, product), amount))
    found: dict[Item, float] = {}
    open_: set[Item] = set()

    def load(item: Item) -> float:
        if item in found or item in open_:
            return found.get(item, 0.0)
        open_.add(item)
        total = demands.get(item, 0.0) + sum(load(buyer) for buyer in sorted(buyers[item]))
        total += sum(amount * load(made) for made, amount in uses[item])
        open_.discard(item)
        found[item] = round(total, _DIGITS)
        return found[item]

    for item in flows.needed:
        load(item)
    return found


def _node(one: str, making: _Making) -> dict[str, Any]:
    site = making.content.sites.by_id[one]
    role = site.said.get("role") or _role(one, making)
    said: dict[str, Any] = {
        key: site.said[key] for key in ("region", "latitude", "longitude", "x", "y") if key in site.said
    }
    return {"id": one, "name": site.name, "role": role, **said}


def _role(one: str, making: _Making) -> str:
    """What a site is that no sheet calls anything."""
    if any(site == one for site, _ in making.demands.keys):
        return "customer"
    if any(product in making.flows.makes.get(one, {}) for site, product in making.flows.needed if site == one):
        return "plant"
    return "supplier" if making.flows.own.get(one) else "depot"


def _stocks(making: _Making) -> list[dict[str, Any]]:
    """A line for every item that goods flow through."""
    bought = {(lane.buyer, product) for product, lane in making.flows.arcs}
    return [_stock(item, item in bought, making) for item in sorted(making.flows.needed, key=_order(making))]


def _order(making: _Making) -> Any:
    sites = {site: n for n, site in enumerate(making.content.sites.by_id)}
    products = {product: n for n, product in enumerate(making.content.products.by_id)}
    return lambda item: (sites[item[0]], products[item[1]])


def _stock(item: Item, bought: bool, making: _Making) -> dict[str, Any]:
    site, product = item
    said = making.content.stocks.get(item) or making.content.stocks.get((site, ""), {})
    about = making.content.products.by_id[product].said
    line: dict[str, Any] = {"node": site, "product": product}
    line |= {key: said[key] for key in ("initial_stock", "safety_stock", "target_stock") if key in said}
    holding = said.get("holding_cost", about.get("holding_cost"))
    if holding:
        line["holding_cost"] = round(holding * DAYS[making.step], _DIGITS)
    if item in making.demands.keys:
        prices = {key: about[key] for key in ("shortage_cost",) if key in about}
        price = about.get("sale_price", making.settings.price)
        line["demand"] = making.demands.keys[item] | {"price": round(price, _DIGITS)} | prices
    if bought and "order_up_to" in said:
        order = {"policy": "base_stock", "order_up_to": said["order_up_to"]}
        if said.get("reorder_point", said["order_up_to"]) < said["order_up_to"]:
            order |= {"policy": "s_S", "reorder_point": said["reorder_point"]}
        line["order"] = order
    if product in making.flows.own.get(site, ()):
        load = making.loads[item]
        line.setdefault("target_stock", round(_TARGET * load, _DIGITS))
        line["production"] = {"mean": _capacity(item, making)}
    return line


def _capacity(item: Item, making: _Making) -> float:
    """Units in a period that a source can make: of an offer, its part of the site's, or more than all may want."""
    site = item[0]
    offers = [o for o in making.content.offers if (o.supplier, o.product) == item and o.capacity is not None]
    if offers and offers[0].capacity is not None:
        return making.per_period(offers[0].capacity)
    rate = making.content.capacities.get(site)
    load = making.loads[item]
    if rate is None:
        return round(making.settings.headroom * load, _DIGITS)
    total = sum(making.loads[one] for one in making.flows.needed if one[0] == site and _is_made(one, making))
    return round(making.per_period(rate) * load / total, _DIGITS) if total else making.per_period(rate)


def _is_made(item: Item, making: _Making) -> bool:
    site, product = item
    return product in making.flows.own.get(site, ()) or product in making.flows.makes.get(site, {})


def _recipes(making: _Making) -> list[dict[str, Any]]:
    found = []
    for site, product in sorted(making.flows.needed, key=_order(making)):
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


def _arcs(making: _Making) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Arcs, and the lanes whose capacity several of them share."""
    content = making.content
    carried: dict[int, int] = defaultdict(int)
    for _, lane in making.flows.arcs:
        carried[id(lane)] += 1
    lanes = {
        one: {"id": one, "name": name} | ({"capacity": making.per_period(rate)} if rate is not None else {})
        for one, (name, rate) in content.corridors.items()
    }
    arcs, none = [], 0
    for product, lane in making.flows.arcs:
        arc: dict[str, Any] = {"buyer": lane.buyer, "supplier": lane.supplier, "product": product}
        arc |= {"mode": lane.mode} if lane.mode else {}
        arc |= _way(lane, product, making)
        none += "lead_time" not in arc
        arc.setdefault("lead_time", making.settings.lead_time)
        if lane.corridor is not None:
            arc["lane"] = lane.corridor
        if lane.capacity is not None:
            amount = making.per_period(lane.capacity)
            if carried[id(lane)] > 1 and lane.corridor is None:
                one = "_".join(filter(None, (lane.supplier, lane.buyer, lane.mode)))
                lanes.setdefault(one, {"id": one, "name": one, "capacity": amount})
                arc["lane"] = one
            else:
                arc["cap"] = amount
        arcs.append(arc)
    if none:
        content.found.assumed.append(
            f"lead time of {counted(none, 'arc')} that state none: {making.settings.lead_time:g} {making.step}"
        )
    if making.at_cost:
        what = "what is paid for their components, or what their sheet says they cost"
        content.found.assumed.append(
            f"goods on {counted(making.at_cost, 'arc')} without a price change hands at cost: {what}"
        )
    used = {arc.get("lane") for arc in arcs}
    return arcs, [lane for one, lane in lanes.items() if one in used]


def _way(lane: LaneRow, product: str, making: _Making) -> dict[str, Any]:
    """Price, cost, lead time and what else a lane says of a product."""
    content = making.content
    offers = [o for o in content.offers if (o.supplier, o.product) == (lane.supplier, product)]
    offer = next(
        (o for o in offers if o.buyer is not None and content.sites.called.get(same_name(o.buyer)) == [lane.buyer]),
        None,
    )
    offer = offer or next(iter(offers), None)
    price = lane.price
    if price is None and offer is not None:
        price = offer.price
    if price is None:
        price = content.sites.by_id[lane.supplier].said.get("price")
    if price is None and product in making.costs:
        price = making.costs[product]
        making.at_cost += 1
    times = lane.times
    if all(time is None for time in times) and offer is not None:
        times = offer.times
    if all(time is None for time in times):
        times = content.sites.by_id[lane.supplier].said.get("times", times)
    found = {
        "price": price,
        "other_cost": lane.cost,
        "lead_time": lead_time_law(times, making.step),
        "share": lane.share,
        "emissions": lane.emissions,
    }
    return {
        key: round(value, _DIGITS) if isinstance(value, float) else value
        for key, value in found.items()
        if value is not None
    }

"""Which product goes where: from who makes it, over the lanes, to who asks for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from esc_sim.importing.content import Content, LaneRow
from esc_sim.importing.history import Item

Components = dict[str, float]


@dataclass
class Flows:
    """Who makes what, and what each lane carries.

    Attributes:
        own: products that a site has of its own, without buying for them.
        makes: components of the products that a site makes.
        arcs: product and lane of every supply relation, in the order of the lanes.
        needed: all items that goods flow through.
    """

    own: dict[str, set[str]] = field(default_factory=dict)
    makes: dict[str, dict[str, Components]] = field(default_factory=dict)
    arcs: list[tuple[str, LaneRow]] = field(default_factory=list)
    needed: dict[Item, None] = field(default_factory=dict)


def flows_of(content: Content, demanded: Iterable[Item]) -> Flows:
    """Follow what is demanded up the lanes to its sources.

    Args:
        content: of the workbook; lanes that its offers imply are added to it.
        demanded: items with final demand.
    """
    flows = Flows()
    demanded = list(demanded)
    _offered(content, flows)
    _made(content, flows)
    _lanes_of_offers(content, flows)
    incoming: dict[str, list[LaneRow]] = {}
    for lane in content.lanes:
        incoming.setdefault(lane.buyer, []).append(lane)
    _sources(content, flows, incoming, demanded)
    there = _available(content, flows, incoming)
    if _named_sources(content, flows, there):
        there = _available(content, flows, incoming)
    _follow(content, flows, incoming, there, demanded)
    return flows


def _offered(content: Content, flows: Flows) -> None:
    for offer in content.offers:
        flows.own.setdefault(offer.supplier, set()).add(offer.product)
    composed = {product for product, _ in content.components}
    for site, products in content.makes.items():
        flows.own.setdefault(site, set()).update(p for p in products if p not in composed)


def _made(content: Content, flows: Flows) -> None:
    """Who makes products that have components: whom a sheet names, else every plant."""
    for (product, site), components in content.components.items():
        for maker in [site] if site else _makers(content, product):
            flows.makes.setdefault(maker, {})[product] = components
    composed = {product for product, _ in content.components}
    for known in content.products.by_id.values():
        if "made_at" in known.said and known.id not in composed:
            found = content.sites.find(known.said["made_at"], known.places["made_at"])
            if found is not None:
                flows.own.setdefault(found, set()).add(known.id)


def _makers(content: Content, product: str) -> list[str]:
    named = [site for site, products in content.makes.items() if product in products]
    made_at = content.products.by_id[product].said.get("made_at")
    if made_at:
        found = content.sites.find(made_at, content.products.by_id[product].places["made_at"])
        return [found] if found is not None else []
    if named:
        return named
    plants = [site.id for site in content.sites.by_id.values() if site.role == "plant"]
    if plants:
        return plants
    ends = {lane.buyer for lane in content.lanes}
    return [one for one in content.sites.by_id if one in ends and one in {lane.supplier for lane in content.lanes}]


def _lanes_of_offers(content: Content, flows: Flows) -> None:
    """Suppliers that no lane leaves deliver to whom their offer names, else to all who make something of it."""
    leaving = {lane.supplier for lane in content.lanes}
    for offer in content.offers:
        if offer.buyer is not None:
            found = content.sites.find(offer.buyer, offer.place)
            buyers = [found] if found is not None else []
            known = {(lane.supplier, lane.buyer) for lane in content.lanes if lane.product in (None, offer.product)}
            buyers = [buyer for buyer in buyers if (offer.supplier, buyer) not in known]
        elif offer.supplier not in leaving:
            buyers = [site for site, made in flows.makes.items() if any(offer.product in c for c in made.values())]
        else:
            continue
        for buyer in buyers:
            content.lanes.append(LaneRow(offer.supplier, buyer, offer.product, offer.place, times=offer.times))
            name, to = (content.sites.by_id[site].name for site in (offer.supplier, buyer))
            what = content.products.by_id[offer.product].name
            content.found.assumed.append(f"{offer.place}: no lane leaves '{name}': it delivers '{what}' to '{to}'")


def _sources(content: Content, flows: Flows, incoming: dict[str, list[LaneRow]], demanded: list[Item]) -> None:
    """Sites that no lane leads to, and of which no sheet says what they sell, sell what nobody else does."""
    wanted = {product for _, product in demanded} | {
        p for made in flows.makes.values() for c in made.values() for p in c
    }
    covered = {p for products in flows.own.values() for p in products} | {p for m in flows.makes.values() for p in m}
    left = {product for product in wanted if product not in covered}
    for lane in content.lanes:
        source = lane.supplier
        if source in incoming or source in flows.own or source in flows.makes:
            continue
        named = {other.product for other in content.lanes if other.supplier == source}
        flows.own[source] = left | {p for p in wanted if not covered} if None in named else {p for p in named if p}


def _available(content: Content, flows: Flows, incoming: dict[str, list[LaneRow]]) -> dict[str, set[str]]:
    """Products that each site has, makes or can buy."""
    there = {site: set(flows.own.get(site, ())) for site in content.sites.by_id}
    leaving: dict[str, list[LaneRow]] = {}
    for lane in content.lanes:
        leaving.setdefault(lane.supplier, []).append(lane)
    waiting = deque(there)
    while waiting:
        site = waiting.popleft()
        made = flows.makes.get(site, {})
        new = [p for p, parts in made.items() if p not in there[site] and there[site].issuperset(parts)]
        while new:
            there[site].update(new)
            new = [p for p, parts in made.items() if p not in there[site] and there[site].issuperset(parts)]
        for lane in leaving.get(site, ()):
            brought = there[site] if lane.product is None else there[site] & {lane.product}
            if not brought <= there[lane.buyer]:
                there[lane.buyer] |= brought
                waiting.append(lane.buyer)
    return there


def _named_sources(content: Content, flows: Flows, there: dict[str, set[str]]) -> bool:
    """Sites whose lanes carry a product that no lane brings them, and of which they are taken for the source."""
    new = False
    for lane in content.lanes:
        product, site = lane.product, lane.supplier
        if product is None or product in there[site] or product in flows.makes.get(site, {}):
            continue
        if product not in flows.own.setdefault(site, set()):
            flows.own[site].add(product)
            content.found.assumed.append(
                f"{lane.place}: no lane brings '{content.products.by_id[product].name}' to "
                f"'{content.sites.by_id[site].name}': taken as made there"
            )
            new = True
    return new


def _follow(
    content: Content,
    flows: Flows,
    incoming: dict[str, list[LaneRow]],
    there: dict[str, set[str]],
    demanded: list[Item],
) -> None:
    """Collect the items that goods flow through, and the arcs between them."""
    far = _distances(flows, incoming, there)
    own_lanes = {(lane.supplier, lane.buyer, lane.product, lane.mode) for lane in content.lanes if lane.product}
    waiting, taken = deque(demanded), set()
    for item in demanded:
        if item[1] not in there[item[0]]:
            content.found.problems.append(_unreachable(content, flows, there, *item))
    while waiting:
        site, product = item = waiting.popleft()
        if item in flows.needed:
            continue
        flows.needed[item] = None
        if product in flows.own.get(site, ()):
            continue
        parts = flows.makes.get(site, {}).get(product)
        if parts is not None and there[site].issuperset(parts):
            waiting.extend((site, part) for part in parts)
            continue
        for lane in incoming.get(site, ()):
            if lane.product not in (None, product) or product not in there[lane.supplier]:
                continue
            if lane.product is None and (lane.supplier, site, product, lane.mode) in own_lanes:
                continue  # the product has a lane of its own
            back = any(other.supplier == site for other in incoming.get(lane.supplier, ()))
            if back and far[lane.supplier, product] >= far[site, product]:
                continue  # a lane both ways carries goods away from their source
            taken.add((id(lane), product))
            waiting.append((lane.supplier, product))
    flows.arcs = [
        (product, lane)
        for lane in content.lanes
        for product in ([lane.product] if lane.product else content.products.by_id)
        if (id(lane), product) in taken
    ]


def _distances(flows: Flows, incoming: dict[str, list[LaneRow]], there: dict[str, set[str]]) -> dict[Item, int]:
    """Lanes between a site and the nearest source of a product."""
    far = {
        (site, product): 0
        for site, products in there.items()
        for product in products
        if product in flows.own.get(site, ()) or product in flows.makes.get(site, {})
    }
    changed = True
    while changed:
        changed = False
        for site, lanes in incoming.items():
            for product in there[site]:
                steps = [
                    far[lane.supplier, product] + 1
                    for lane in lanes
                    if lane.product in (None, product) and (lane.supplier, product) in far
                ]
                if steps and min(steps) < far.get((site, product), 10**9):
                    far[site, product] = min(steps)
                    changed = True
    return far


def _unreachable(content: Content, flows: Flows, there: dict[str, set[str]], site: str, product: str) -> str:
    where, what = content.sites.by_id[site], content.products.by_id[product]
    text = f"{where.place}: '{what.name}' is asked for at '{where.name}', and no lane brings it from where it is made"
    for maker, made in flows.makes.items():
        lacking = [content.products.by_id[p].name for p in made.get(product, ()) if p not in there[maker]]
        if lacking:
            return f"{text}: '{content.sites.by_id[maker].name}' makes it, but nothing brings '{lacking[0]}' there"
    return text

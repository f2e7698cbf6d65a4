"""Arcs of a scenario, the lanes that several of them share, and what distances give to those that state nothing."""

from __future__ import annotations

from collections import Counter
from typing import Any

from esc_sim.counted import counted
from esc_sim.importing.content import LaneRow
from esc_sim.importing.history import DAYS
from esc_sim.importing.making import DIGITS, Making
from esc_sim.importing.periods import lead_time_law
from esc_sim.importing.words import same_name


def ways_of(making: Making) -> dict[str, Any]:
    """The keys ``arcs``, ``lanes`` and ``distances`` of a scenario; the latter two where they are needed."""
    content, settings = making.content, making.settings
    carried = Counter(id(lane) for _, lane in making.flows.arcs)
    lanes = {
        one: {"id": one, "name": name} | ({"capacity": making.per_period(rate)} if rate is not None else {})
        for one, (name, rate) in content.corridors.items()
    }
    arcs, bare, far = [], 0, set()
    for product, lane in making.flows.arcs:
        arc = _arc(lane, product, carried[id(lane)] > 1, lanes, making)
        if "lead_time" not in arc and _placed(lane, making):
            far.add(lane.mode)
        elif "lead_time" not in arc:
            arc["lead_time"] = settings.lead_time
            bare += 1
        arcs.append(arc)
    _tell(bare, making)
    used = {arc.get("lane") for arc in arcs}
    shared = [lane for one, lane in lanes.items() if one in used]
    found: dict[str, Any] = {"arcs": arcs} | ({"lanes": shared} if shared else {})
    return found | ({"distances": _distances(far, making)} if far else {})


def _arc(
    lane: LaneRow, product: str, several: bool, lanes: dict[str, dict[str, Any]], making: Making
) -> dict[str, Any]:
    """An arc; a capacity of a lane that carries several products becomes a lane that their arcs share."""
    arc: dict[str, Any] = {"buyer": lane.buyer, "supplier": lane.supplier, "product": product}
    arc |= {"mode": lane.mode} if lane.mode else {}
    arc |= _way(lane, product, making)
    if lane.corridor is not None:
        arc["lane"] = lane.corridor
    if lane.capacity is None:
        return arc
    amount = making.per_period(lane.capacity)
    if not several or lane.corridor is not None:
        return arc | {"cap": amount}
    one = "_".join(filter(None, (lane.supplier, lane.buyer, lane.mode)))
    lanes.setdefault(one, {"id": one, "name": one, "capacity": amount})
    return arc | {"lane": one}


def _placed(lane: LaneRow, making: Making) -> bool:
    """Whether both ends of a lane have latitude and longitude."""
    said = [making.content.sites.by_id[site].said for site in (lane.supplier, lane.buyer)]
    return all("latitude" in one and "longitude" in one for one in said)


def _distances(modes: set[str | None], making: Making) -> dict[str, Any]:
    """Speeds in km a period, of the modes that state no lead time."""
    speeds, length = making.settings.speeds, DAYS[making.step]
    usual = speeds["road"] * length
    own = {mode: {"speed": speeds[mode] * length} for mode in sorted(filter(None, modes)) if mode in speeds}
    return {"speed": usual} | ({"modes": own} if own else {})


def _tell(bare: int, making: Making) -> None:
    found, settings = making.content.found, making.settings
    if bare:
        text = f"lead time of {counted(bare, 'arc')} that state none: {settings.lead_time:g} {making.step}"
        found.assumed.append(text)
    if making.at_cost:
        what = "what is paid for their components, or what their sheet says they cost"
        found.assumed.append(
            f"goods on {counted(making.at_cost, 'arc')} between members without a price change hands at cost: {what}"
        )
    if making.bought:
        found.assumed.append(
            f"suppliers are outside the company: what is paid on {counted(making.bought, 'arc')} for goods that begin "
            "there is nobody's income in the network (`other_cost` of the arc, freight with it), so that profit is "
            "sales less purchases, freight and holding cost"
        )
    if making.free:
        found.assumed.append(
            f"goods on {counted(making.free, 'arc')} begin where no sheet says what they cost: they cost nothing, and "
            "profit is too high by what they do cost"
        )


def _way(lane: LaneRow, product: str, making: Making) -> dict[str, Any]:
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
    price, cost = _paid(lane, product, price, making)
    times = lane.times
    if all(time is None for time in times) and offer is not None:
        times = offer.times
    if all(time is None for time in times):
        times = content.sites.by_id[lane.supplier].said.get("times", times)
    found = {
        "price": price,
        "other_cost": cost,
        "lead_time": lead_time_law(times, making.step),
        "share": lane.share,
        "emissions": lane.emissions,
    }
    return {
        key: round(value, DIGITS) if isinstance(value, float) else value
        for key, value in found.items()
        if value is not None
    }


def _paid(lane: LaneRow, product: str, price: float | None, making: Making) -> tuple[float | None, float | None]:
    """What a member gets for a unit, and what the buyer pays besides, for which no member gets anything.

    What is paid to suppliers outside leaves the network, so that its profit is the margin of the company. So does what
    goods cost that begin at a site of its own; what its buyer pays beyond that is the site's income.

    Args:
        lane: the way.
        product: the goods.
        price: as a sheet has it; None: none does.
        making: what is put together.
    """
    at_cost = making.costs.get(product)
    if product not in making.flows.own.get(lane.supplier, ()) and not making.is_outside(lane.supplier):
        making.at_cost += price is None and at_cost is not None
        return (at_cost if price is None else price), lane.cost
    if making.is_outside(lane.buyer):  # both are outside: no money of the company
        return price, lane.cost
    leaving = at_cost if price is None or not making.is_outside(lane.supplier) else price
    making.bought += leaving is not None
    making.free += leaving is None and price is None
    if leaving is None:
        return price, lane.cost
    return (max(price - leaving, 0.0) or None if price is not None else None), leaving + (lane.cost or 0.0)

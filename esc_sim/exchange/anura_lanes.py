"""Supply relations in Anura: who may buy what where (sourcing), and how it gets there (lanes)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from esc_sim.exchange.anura_model import Model
from esc_sim.exchange.anura_places import Places
from esc_sim.exchange.anura_schema import columns
from esc_sim.exchange.anura_units import text_of, tidy
from esc_sim.exchange.tabulated import Row
from esc_sim.geography.great_circle import great_circle_km

_SOURCING: Final = {
    "ReplenishmentPolicies": ("FacilityName", ("facility",)),
    "ProcurementPolicies": ("FacilityName", ("supplier",)),
    "CustomerFulfillmentPolicies": ("CustomerName", ("facility", "supplier")),
}
"""Tables of sourcing policies: column of the buyer, and kinds of its sources."""
_READ: Final = columns(
    "ProductName SourceName OptimizationPolicy OptimizationPolicyValue SimulationPolicy "
    "SimulationPolicyValue UnitCost MinimumOrderQuantity LotSize SimulationPolicyLogic"
)
_LANE: Final = columns(
    "OriginName DestinationName ProductName ModeName UnitCost FixedCost AverageShipmentSize DutyRate "
    "LaneCapacity LaneCapacityPeriod LaneModeCapacity LaneModeCapacityPeriod TransportDistance "
    "TransportTime LeadTime CO2EmissionRate SimulationPolicy SimulationPolicyValue "
    "OptimizationPolicyValue MaximumServiceTime"
)
_SPEEDS: Final = {"MPH": 1.609344, "KPH": 1.0}


@dataclass(frozen=True)
class Sourcing:
    """A sourcing policy: a buyer may get a product from a source.

    Attributes:
        row: its row.
        price: money per unit.
        preference: rank of the source; lower first.
        share: part of the orders that goes to the source; None where cost and rank decide.
    """

    row: Row
    price: float
    preference: int
    share: float | None


Key = tuple[str, str, str]
"""Buyer, product and source, by their names in the model."""


def read_sourcing(model: Model, places: Places) -> dict[Key, Sourcing]:
    """All sourcing policies."""
    found: dict[Key, Sourcing] = {}
    for table, (column, kinds) in _SOURCING.items():
        buyers = places.of_kind("customer" if column == "CustomerName" else "facility")
        sources = {name: id_ for kind in kinds for name, id_ in places.of_kind(kind).items()}
        for row in model.rows(table, column, *_READ):
            if text_of(row, "SimulationPolicyLogic").lower() == "push":
                model.ledger.leave_out("policies that push goods", "buyers order here")
                continue
            for buyer in model.names(row, column, buyers):
                for product in model.names(row, "ProductName", places.products):
                    for source in model.names(row, "SourceName", sources):
                        if source != buyer:
                            found.setdefault((buyer, product, source), _sourcing(model, row, product))
    return found


def _sourcing(model: Model, row: Row, product: str) -> Sourcing:
    by_ratio = text_of(row, "OptimizationPolicy").lower().startswith("by ratio")
    ranked = text_of(row, "SimulationPolicy").lower() in ("", "by preference", "allocation")
    rank = model.number(row, "SimulationPolicyValue") if ranked and not by_ratio else None
    return Sourcing(
        row,
        tidy(model.cost(row, "UnitCost") / (model.factor(row, "UnitCostUOM", product) or 1.0)),
        int(rank or 0),
        model.number(row, "OptimizationPolicyValue") if by_ratio else None,
    )


def arcs_of(model: Model, places: Places, sourcing: dict[Key, Sourcing]) -> list[dict[str, Any]]:
    """The arcs of a scenario, each with its buyer, product and source by their names in the model under ``ends``.

    Args:
        model: the model.
        places: its sites.
        sourcing: its sourcing policies.
    """
    lanes = _lanes(model, places)
    ranks = {(buyer, product): set[int]() for buyer, product, _ in sourcing}
    for (buyer, product, _), policy in sourcing.items():
        ranks[buyer, product].add(policy.preference)
    alone = Counter(key[:2] for key in sourcing)
    found = []
    for key, policy in sourcing.items():
        buyer, product, source = key
        fitting = [lane for lane in lanes.get((source, buyer), []) if product in lane.products]
        by_mode = {lane.mode: lane for lane in (*fitting, *(lane for lane in fitting if lane.single))}
        ways = list(by_mode.values()) or [Way(frozenset(), False, "", {})]
        if len(ways) > 1 and "" in by_mode:
            model.ledger.leave_out("lanes without a mode beside lanes with one", "the modes are taken")
            ways.remove(by_mode[""])
        shares = _shares(model, policy.share, [way.row for way in ways], alone[key[:2]] == 1)
        for way, share in zip(ways, shares, strict=True):
            arc = _arc(model, places, key, policy.price, way.row)
            rank = int(model.number(way.row, "SimulationPolicyValue") or 0)
            if len(ways) == 1:
                arc["preference"] = policy.preference
            elif model.options or len(ranks[buyer, product]) == 1:
                arc["preference"] = rank
            else:  # suppliers come before modes
                arc["preference"] = 1_000 * policy.preference + rank
            arc |= {"mode": way.mode} if way.mode else {}
            arc |= {"share": share} if share is not None else {}
            found.append(arc)
    used = {(source, buyer) for buyer, _, source in sourcing}
    model.ledger.leave_out("lanes without a sourcing policy", "nobody orders on them", len(set(lanes) - used))
    return found


@dataclass(frozen=True)
class Way:
    """A row of TransportationPolicies for one mode.

    Attributes:
        products: what may go there.
        single: whether the row names its products, not all there are.
        mode: name of the mode; empty where there is none.
        row: the row.
    """

    products: frozenset[str]
    single: bool
    mode: str
    row: Row


def _lanes(model: Model, places: Places) -> dict[tuple[str, str], list[Way]]:
    """The ways from each origin to each destination."""
    modes = {text_of(row, "ModeName"): row for row in model.rows("TransportationModes", "ModeName", "ModeSpeed")}
    found: dict[tuple[str, str], list[Way]] = {}
    for row in model.rows("TransportationPolicies", *_LANE):
        products = frozenset(model.names(row, "ProductName", places.products))
        single = len(products) < len(places.products)
        named = text_of(row, "ModeName")
        of_row = model.names(row, "ModeName", modes) if modes and named else [named]
        for origin in model.names(row, "OriginName", places.kinds):
            for destination in model.names(row, "DestinationName", places.kinds):
                if origin != destination:
                    ways = [Way(products, single, mode.replace("/", "-"), row) for mode in of_row]
                    found.setdefault((origin, destination), []).extend(ways)
    return found


def _shares(model: Model, share: float | None, ways: list[Row], alone: bool) -> list[float | None]:
    """Parts of the orders that go by each way: ratios of the modes, of the part that the source has.

    Args:
        model: the model.
        share: part of the source; None where cost and rank decide.
        ways: rows of the modes.
        alone: whether the buyer has no other source of the product.
    """
    ratios = [model.number(row, "OptimizationPolicyValue") for row in ways]
    by_ratio = all(text_of(row, "OptimizationPolicy").lower().startswith("by ratio") for row in ways)
    total = sum(ratio or 0.0 for ratio in ratios)
    if len(ways) == 1 or not by_ratio or not total:
        return [share if share is None else share / len(ways)] * len(ways)
    if share is None and not alone:
        model.ledger.leave_out("ratios of modes", "the buyer chooses among sources by rank and cost")
        return [None] * len(ways)
    return [tidy((total if share is None else share) * (ratio or 0.0) / total) for ratio in ratios]


def _arc(model: Model, places: Places, key: Key, price: float, lane: Row) -> dict[str, Any]:
    buyer, product, source = key
    distance = _distance(model, places, source, buyer, lane)
    lead_time = _lead_time(model, lane, distance)
    arc: dict[str, Any] = {
        "ends": key,
        "buyer": places.ids[buyer],
        "supplier": places.ids[source],
        "product": places.products[product],
        "price": price,
        "other_cost": _lane_cost(model, lane, product, distance),
        "lead_time": lead_time,
        "emissions": _rate(model, lane, "CO2EmissionRate", product, distance),
    }
    if isinstance(lead_time, dict):
        longest = model.periods(lane, "MaximumServiceTime") or _longest(lead_time)
        arc |= {"max_lead_time": longest} if longest is not None else {}
    cap = _cap(model, lane, product, "LaneModeCapacity")
    arc["cap"] = _cap(model, lane, product, "LaneCapacity") if cap is None else cap
    return arc


def _distance(model: Model, places: Places, source: str, buyer: str, lane: Row) -> float | None:
    """Kilometres of a lane: stated, or along the great circle times Anura's circuity factor."""
    stated = model.number(lane, "TransportDistance")
    if stated is not None:
        symbol = text_of(lane, "TransportDistanceUOM") or model.setting("PrimaryDistanceUOM", "MI")
        return stated * (model.uoms.size(symbol) if model.uoms.kind(symbol) == "distance" else 1.0)
    ends = [
        [model.number(places.rows[name], column) for column in ("Latitude", "Longitude")] for name in (source, buyer)
    ]
    if any(value is None for end in ends for value in end) or [0.0, 0.0] in ends:  # 0, 0 is what an empty cell means
        return None
    degrees = [value or 0.0 for end in ends for value in end]
    return great_circle_km(*degrees) * (1 + model.setting_number("CircuityFactor", 17.0) / 100)


def _lead_time(model: Model, lane: Row, distance: float | None) -> Any:
    """Review periods on the way: what the lane says, else distance by speed, else 0."""
    found = model.law(lane, "LeadTime", model.unit(lane, "LeadTimeUOM"))
    if found is None:
        found = model.periods(lane, "TransportTime")
    if found is None and distance is not None:
        speed = _speed(model, text_of(lane, "ModeName"))
        found = tidy(distance / speed / 24.0 / model.days)
        model.ledger.assume("lead times by distance", "at the model's AverageSpeed and CircuityFactor")
    if found is None:
        model.ledger.assume("lead times of 0", "the lane says no time, and its ends have no coordinates")
    return found or 0.0


def _speed(model: Model, mode: str) -> float:
    """Kilometres an hour of a mode, or of the model."""
    row = next((row for row in model.rows("TransportationModes") if text_of(row, "ModeName") == mode), {})
    speed = model.number(row, "ModeSpeed")
    symbol = text_of(row, "ModeSpeedUOM") if speed is not None else ""
    value = model.setting_number("AverageSpeed", 55.0) if speed is None else speed
    return value * _SPEEDS.get(symbol or model.setting("PrimarySpeedUOM", "MPH"), 1.0)


def _longest(law: dict[str, Any]) -> float | None:
    """Where a law without a longest value is cut."""
    mean = law.get("mean", 1.0 / law["probability"] if "probability" in law else None)
    return None if mean is None or "high" in law else tidy(mean + 6.0 * law.get("sd", max(mean, 1.0)))


def _lane_cost(model: Model, lane: Row, product: str, distance: float | None) -> float:
    """Money per unit on a lane: its unit cost, its fixed cost by shipment, duty."""
    cost = _rate(model, lane, "UnitCost", product, distance)
    fixed = model.cost(lane, "FixedCost")
    if fixed:
        cost += fixed / (model.amount(lane, "AverageShipmentSize", product) or 1.0)
    duty = model.number(lane, "DutyRate")
    if duty:
        row = next(row for row in model.rows("Products") if text_of(row, "productname") == product)
        cost += duty / 100.0 * (model.number(row, "UnitValue") or 0.0)
    return tidy(cost)


def _rate(model: Model, lane: Row, column: str, product: str, distance: float | None) -> float:
    """A rate per unit of goods, or per unit and distance, as ``EA-MI``."""
    rate = model.cost(lane, column)
    symbols = text_of(lane, f"{column}UOM")
    if not rate or not symbols:
        return rate
    goods = model.factor(lane, f"{column}UOM", product)
    if goods is not None:
        return tidy(rate / goods)
    for symbol in symbols.split("-"):
        kind = model.uoms.kind(symbol)
        if kind == "distance" and distance is not None:
            rate *= distance / model.uoms.size(symbol)
        elif kind == "quantity":
            rate /= model.uoms.size(symbol)
        elif symbol.upper() != model.setting("PrimaryQuantityUOM", "EA").upper():
            model.ledger.leave_out(f"rates per '{symbols}'", "the unit is not known, or the distance")
            return 0.0
    return tidy(rate)


def _cap(model: Model, lane: Row, product: str, column: str) -> float | None:
    """Most units in a review period on a lane."""
    amount = model.amount(lane, column, product)
    if amount is None:
        return None
    length = model.periods(lane, f"{column}Period")
    return tidy(amount / (length or model.span))

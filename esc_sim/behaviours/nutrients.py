"""The nutrient market: what a kilogram of nitrogen costs on the field decides what is spread there.

Organic fertilisers compete with the field's own (synthetic) one by their delivered cost, money per kg of nitrogen that
plants can take up in the first year:

    delivered = (ask + haul and spreading - value of the carbon that stays) / available nitrogen per unit.
"""

from __future__ import annotations

from esc_sim.behaviours.farming import ADDED, BOUGHT, EXPECTED, OPEN, ORGANIC, POOL, ROOM, SUPPLY, SYNTHETIC
from esc_sim.behaviours.grid import down_to_grid
from esc_sim.fields.sequences import Changing, Floats, Integers


def asked_price(parity: float, markdown: float, floor: float) -> float:
    """What a seller asks for a unit: a little below parity with synthetic nitrogen, not below its floor.

    Args:
        parity: price at which its nitrogen costs the farm as much as synthetic nitrogen does, money per unit.
        markdown: share of |parity| by which it stays below.
        floor: least price, negative where the seller would have to pay for disposal.
    """
    ask = parity - markdown * abs(parity)
    if ask < floor:
        return floor
    return ask


def delivered_cost(ask: float, cost: float, worth: float, available: float) -> float:
    """Money per kg of plant-available nitrogen on the field; ``worth`` of the carbon in a unit, ``available`` kg.

    Args:
        ask: price, money per unit.
        cost: haul and spreading, money per unit.
        worth: value of the carbon that stays in the soil, money per unit.
        available: plant-available nitrogen per unit, kg.
    """
    return (ask + cost - worth) / available


def wished(need: float, room: float, available: float, total: float, offset: float) -> float:
    """Units that cover a need of available nitrogen within the room for total nitrogen, on the grid of goods.

    Args:
        need: plant-available nitrogen wanted, kg.
        room: total nitrogen that may still be spread, kg.
        available: plant-available nitrogen per unit, kg.
        total: nitrogen per unit, kg.
        offset: of the grid of goods.
    """
    units = need / available
    most = room / total
    if most < units:
        units = most
    if units <= 0.0:
        return 0.0
    return down_to_grid(units, offset)


def best_offer(first: int, last: int, offers: Integers, delivered: Floats, limit: float, left: Floats) -> int:
    """The cheapest link of a field whose offer is not sold out and costs less than ``limit``; -1 where there is none.

    Links stand in the order of the sellers' items, so that of equal ones the lower item comes first.

    Args:
        first: first link of the field.
        last: one past its last link.
        offers: offer of each link.
        delivered: delivered cost of each link.
        limit: delivered cost of synthetic nitrogen.
        left: units left of each offer.
    """
    best = -1
    for k in range(first, last):
        if left[offers[k]] > 0.0 and delivered[k] < limit:
            best = k
            limit = delivered[k]
    return best


def spread(field: Changing, units: float, available: float, total: float, kept: float) -> None:
    """Fertiliser comes onto a field: part of its nitrogen is available at once, the rest joins the organic pool.

    Args:
        field: its state.
        units: how much.
        available: plant-available nitrogen per unit, kg.
        total: nitrogen per unit, kg.
        kept: carbon per unit that stays in the soil, t.
    """
    field[SUPPLY] += units * available
    field[POOL] += units * (total - available)
    field[ADDED] += units * kept
    rest = field[OPEN] - units * available
    field[OPEN] = rest if rest > 0.0 else 0.0


def spread_organic(field: Changing, units: float, available: float, total: float, kept: float) -> None:
    """Organic fertiliser comes onto a field, and counts against the yearly limit.

    Args:
        field: its state (CARBON to LOST); written.
        units: how much.
        available: plant-available nitrogen per unit, kg.
        total: nitrogen per unit, kg.
        kept: carbon per unit that stays in the soil, t.
    """
    spread(field, units, available, total, kept)
    room = field[ROOM] - units * total
    field[ROOM] = room if room > 0.0 else 0.0
    field[BOUGHT] += units * available
    field[ORGANIC] += units * total


def spread_synthetic(field: Changing, units: float, available: float, total: float, kept: float) -> None:
    """The field's own fertiliser comes onto it.

    Args:
        field: its state (CARBON to LOST); written.
        units: how much.
        available: plant-available nitrogen per unit, kg.
        total: nitrogen per unit, kg.
        kept: carbon per unit that stays in the soil, t.
    """
    spread(field, units, available, total, kept)
    field[SYNTHETIC] += units * total


def units_needed(field: Floats, available: float, before: bool, offset: float) -> float:
    """Units of the field's own fertiliser that its open need is worth, on the grid of goods.

    Args:
        field: its state.
        available: plant-available nitrogen per unit, kg.
        before: ahead of the application, when as much organic fertiliser is expected as was spread the year before.
        offset: of the grid of goods.
    """
    need = field[OPEN]
    if before:
        need -= field[EXPECTED]
    if need <= 0.0:
        return 0.0
    return down_to_grid(need / available, offset)

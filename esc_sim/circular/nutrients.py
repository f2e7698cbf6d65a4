"""The nutrient market: in its application week a farm covers its need of plant-available nitrogen.

Compost, digestate and synthetic fertiliser compete in one market, by what a kilogram of nitrogen that plants can take
up in the first year costs on the field:

    delivered cost = (ask + haul x distance + spreading - soil value x C per tonne) / available N per tonne

Farms buy in rising delivered cost as long as it is below that of synthetic fertiliser, up to the limit of total
organic nitrogen per hectare (170 kg a year, the EU Nitrates Directive 91/676/EEC, annex III). Farms that want the same
offer at one time share it in proportion to what they ask of it. What is left of the need is ordered as synthetic N.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.errors import InputError

ORGANIC_CAP = 170.0
"""kg of total organic N per ha and year."""

_DUST = 1e-9


def nitrogen_need(
    target: ArrayLike, uptake: float, recovery: float, background: ArrayLike, mineralised: ArrayLike
) -> NDArray[np.float64]:
    """Need of plant-available N: max(0, target x uptake / recovery - background - mineralised), kg.

    Args:
        target: yield aimed at, t.
        uptake: kg N that the crop takes up per tonne.
        recovery: share of the available N that the crop takes up, above 0 to 1.
        background: N from air and native soil, kg.
        mineralised: N from the organic pool, kg.
    """
    if not 0 < recovery <= 1:
        raise InputError(f"nitrogen: a recovery of {recovery:g} is not a share above 0 and at most 1")
    wanted = np.asarray(target, float) * uptake / recovery
    return np.maximum(0.0, wanted - np.asarray(background, float) - np.asarray(mineralised, float))


@dataclass(frozen=True)
class Offer:
    """An organic fertiliser for sale.

    Attributes:
        seller: name; ties in delivered cost go to the first name.
        tonnes: how much.
        available: kg of plant-available N per tonne, above 0.
        total: kg of total N per tonne.
        carbon: t C per tonne.
        ask: EUR per tonne, may be negative.
    """

    seller: str
    tonnes: float
    available: float
    total: float
    carbon: float
    ask: float


@dataclass(frozen=True)
class Order:
    """What a farm needs.

    Attributes:
        farm: name.
        need: kg of plant-available N.
        area: ha.
        costs: EUR per tonne, one an offer: haul x distance + spreading.
        soil_value: EUR that a tonne of carbon in the soil is worth to the farm.
    """

    farm: str
    need: float
    area: float
    costs: Sequence[float]
    soil_value: float = 0.0


@dataclass(frozen=True)
class Clearing:
    """Outcome, F farms and S offers.

    Attributes:
        tonnes: [F][S], bought.
        synthetic: [F], kg of available N still needed.
        delivered: [F][S], EUR per kg of available N.
    """

    tonnes: list[list[float]]
    synthetic: list[float]
    delivered: list[list[float]]


def delivered_cost(offer: Offer, haul_and_spreading: float, soil_value: float = 0.0) -> float:
    """EUR per kg of plant-available N on the field."""
    return (offer.ask + haul_and_spreading - soil_value * offer.carbon) / offer.available


def clear_market(
    offers: Sequence[Offer], orders: Sequence[Order], synthetic: float, cap: float = ORGANIC_CAP
) -> Clearing:
    """Sell organic fertilisers to farms.

    Args:
        offers: what is for sale.
        orders: what is needed.
        synthetic: delivered price of synthetic N, EUR per kg: an offer that costs as much or more is not taken.
        cap: kg of total organic N per ha.

    Raises:
        InputError: an offer without available N, or with more available than total N; negative amounts.
    """
    for o in offers:
        if not (0 < o.available <= o.total + _DUST and o.tonnes >= 0):
            raise InputError(f"offer of {o.seller}: 0 < available N <= total N and tonnes >= 0 must hold")
    delivered = [[delivered_cost(o, q.costs[s], q.soil_value) for s, o in enumerate(offers)] for q in orders]
    left = [o.tonnes for o in offers]
    need = [q.need for q in orders]
    room = [cap * q.area for q in orders]
    bought = [[0.0] * len(offers) for _ in orders]
    ranked = [sorted(range(len(offers)), key=lambda s: (costs[s], offers[s].seller)) for costs in delivered]
    for _ in range(len(offers) * len(orders) + 1):
        wishes: dict[int, list[tuple[int, float]]] = {}
        for f in range(len(orders)):
            for s in ranked[f]:
                wish = min(need[f] / offers[s].available, room[f] / offers[s].total)
                if delivered[f][s] >= synthetic or wish <= _DUST:
                    break
                if left[s] > _DUST:
                    wishes.setdefault(s, []).append((f, wish))
                    break
        if not wishes:
            break
        for s, wanted in wishes.items():
            asked = sum(wish for _, wish in wanted)
            share = min(1.0, left[s] / asked)
            for f, wish in wanted:
                amount = wish * share
                bought[f][s] += amount
                need[f] = max(0.0, need[f] - amount * offers[s].available)
                room[f] = max(0.0, room[f] - amount * offers[s].total)
            left[s] = 0.0 if share < 1.0 else left[s] - asked
    return Clearing(bought, need, delivered)

"""Measures of a tier of the network: service and variance of orders (Chen, Drezner, Ryan, Simchi-Levi 2000)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from esc_sim.measures.measure import Declaration, Floats, share


@dataclass(frozen=True)
class Tier:
    """What a tier was asked for and did in some periods, arrays [R].

    Attributes:
        periods: number of periods.
        asked: units that customers and buyers asked for.
        filled: the part of them that was met at once.
        ordered: units that the tier ordered itself.
        orders: number of orders that it placed.
        stock: stock at the ends of the periods, summed over periods.
        asked_variance: variance over periods of what was asked for, item variances summed.
        ordered_variance: the same of what the tier ordered.
        final_variance: the same of final demand.
    """

    periods: int
    asked: Floats
    filled: Floats
    ordered: Floats
    orders: Floats
    stock: Floats
    asked_variance: Floats
    ordered_variance: Floats
    final_variance: Floats


@dataclass(frozen=True, kw_only=True)
class TierMeasure(Declaration):
    """A measure of a tier.

    Attributes:
        of: value of each replication, [R]; nan where it has none.
        in_table: whether the table by tier shows it.
    """

    of: Callable[[Tier], Floats]
    in_table: bool = True


def _of_buyers(tier: Tier, values: Floats) -> Floats:
    return np.where(tier.ordered > 0, values, np.nan)


MEASURES: Final = (
    TierMeasure(
        name="demand_per_period", label="Asked for", unit="{goods}/{period}", range=(0.0, None),
        definition="what customers and buyers ask of a tier",
        literature="demand",
        of=lambda tier: tier.asked / tier.periods,
    ),
    TierMeasure(
        name="fill_rate", label="Fill rate", unit="share", range=(0.0, 1.0), better="larger",
        definition="share of what customers and buyers ask of a tier that is met at once",
        literature="fill rate",
        of=lambda tier: share(tier.filled, tier.asked),
    ),
    TierMeasure(
        name="stock", label="Stock", unit="{goods}", range=(0.0, None),
        definition="mean stock at the ends of periods",
        literature="on-hand inventory",
        of=lambda tier: tier.stock / tier.periods,
    ),
    TierMeasure(
        name="orders", label="Orders", unit="per {period}", range=(0.0, None), in_table=False,
        definition="orders placed per period",
        literature="order frequency",
        of=lambda tier: tier.orders / tier.periods,
    ),
    TierMeasure(
        name="bullwhip", label="Bullwhip", unit="", range=(0.0, None), better="smaller",
        definition="variance of the orders a tier places over that of what it is asked for",
        literature="bullwhip effect (Chen, Drezner, Ryan, Simchi-Levi 2000)",
        of=lambda tier: _of_buyers(tier, share(tier.ordered_variance, tier.asked_variance)),
    ),
    TierMeasure(
        name="bullwhip_total", label="Against final demand", unit="", range=(0.0, None), better="smaller",
        definition="the same over the variance of final demand",
        literature="bullwhip effect of the chain",
        of=lambda tier: _of_buyers(tier, share(tier.ordered_variance, tier.final_variance)),
    ),
)  # fmt: skip
"""Measures by tier, in the order of tables."""

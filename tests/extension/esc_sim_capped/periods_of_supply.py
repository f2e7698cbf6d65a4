"""Periods of supply: how long the goods on hand would last (days of supply, inventory cover)."""

from __future__ import annotations

from typing import Final

from esc_sim.measures.measure import EVERYWHERE, Floats, Mean, Need, Periods, share


def periods_of_supply(periods: Periods) -> Floats:
    """Mean stock over mean demand, of each replication."""
    return share(periods["stock"].mean(axis=1), periods["demand"].mean(axis=1))


MEASURES: Final = (
    Mean(
        name="periods_of_supply",
        label="Periods of supply",
        unit="{period}",
        range=(0.0, None),
        better="smaller",
        definition="mean stock over mean demand per period",
        literature="days of supply, inventory cover",
        needs=(Need.DEMAND,),
        highlights=EVERYWHERE,
        of=periods_of_supply,
    ),
)

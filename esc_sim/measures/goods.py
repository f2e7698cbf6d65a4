"""Measures of goods, energy and emissions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from esc_sim.measures.measure import Declaration, Mean, Need, Periods, Place, mean_of, parts_of, share, total

_GOODS: Final[dict[str, Any]] = {"unit": "{goods}/{period}", "range": (0.0, None), "if_any": True}
_AMOUNT: Final[dict[str, Any]] = {"unit": "per {period}", "range": (0.0, None), "if_any": True}

MEASURES: Final = (
    Mean(
        name="contracts_kept", label="Contracts kept", unit="share", range=(0.0, 1.0), better="larger",
        definition="shipped over contracted between members",
        literature="order fulfilment between members",
        needs=(Need.TRADE,), highlights=frozenset({Place.PAGE}), formerly=("contract_fill_rate",),
        of=lambda periods: share(total(periods, "shipped"), total(periods, "contracted")),
    ),
    Mean(
        name="contracted_from_closed_per_period", label="Ordered from closed sites", better="smaller", **_GOODS,
        definition="contracted with suppliers, or over arcs, that could ship nothing at that review",
        literature="orders placed before detection",
        of=mean_of("contracted_from_closed"),
    ),
    Mean(
        name="expired_per_period", label="Goods expired", better="smaller", **_GOODS,
        definition="what outlived its shelf life",
        literature="outdated units",
        of=mean_of("expired"),
    ),
    Mean(
        name="given_per_period", label="By-products taken", **_GOODS,
        definition="by-products that takers took",
        literature="by-product exchange",
        of=mean_of("given"),
    ),
    Mean(
        name="disposed_per_period", label="Disposed of or given off", better="smaller", **_GOODS,
        definition="what found neither room nor taker, and what went into the environment",
        literature="disposal",
        of=mean_of("disposed"),
    ),
    Mean(
        name="energy_per_period", label="Energy used by recipes", better="smaller", **_AMOUNT,
        definition="energy that recipes used",
        literature="energy use",
        of=mean_of("energy"),
    ),
    Mean(
        name="emissions_per_period", label="Emissions", better="smaller", search_name="emissions", **_AMOUNT,
        definition="emissions of making and moving goods",
        literature="emissions",
        needs=(Need.EMISSIONS,),
        of=mean_of("emissions"),
    ),
)  # fmt: skip
"""Measures of goods, energy and emissions, in the order of tables."""


@dataclass(frozen=True, kw_only=True)
class Pooled(Declaration):
    """A figure of all replications together, without an interval.

    Attributes:
        of: its value.
    """

    of: Callable[[Periods], float]


def _share_from_closed(periods: Periods) -> float:
    contracted, from_closed = (
        math.fsum(float(part[name].sum()) for part in parts_of(periods))
        for name in ("contracted", "contracted_from_closed")
    )
    return from_closed / contracted if contracted > 0.0 else 0.0


SHARE_FROM_CLOSED: Final = Pooled(
    name="share_from_closed", label="Share ordered from closed sites", unit="share", range=(0.0, 1.0),
    better="smaller",
    definition="`contracted_from_closed_per_period` over all that is contracted, of all replications together (under "
    "`knowledge`)",
    of=_share_from_closed,
)  # fmt: skip

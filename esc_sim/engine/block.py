"""What an engine hands over for some replications."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from esc_sim.results.links import LinkAmounts
from esc_sim.results.lots import LotAmounts
from esc_sim.sampling.timetable import Timetable


@dataclass(frozen=True)
class Block:
    """What some replications gave.

    Attributes:
        periods: float64[R, T, len(PERIOD_COLUMNS)].
        arc_shipped: float64[A] units shipped per arc (scenario order), all replications and periods together.
        stock: float64[T, I] stock summed over replications; empty where it was not asked for.
        items, nodes: traces, float64[R, T, I or N, columns]; empty where they were not asked for.
        tally: float64[R, I, len(TALLY_COLUMNS)] sums per item after the warm-up; no items where it is not kept.
        service: float64[R, C, len(SERVICE_COLUMNS)] sums per item with final demand (``Instance.customers``) after the
            warm-up; no items where they are not kept.
        flows: float64[R, I, len(FLOW_COLUMNS)] sums per item over all periods; no items where they are not kept.
        timetables: R timetables of the disruptions that were played, cascades included.
        held: float64[R, I] units of each item when the run ended: on hand, under way to it and being made.
        observed: float64[R, T, X], what features show of themselves (``instance.observed``).
        links: what was shipped over links that cascades have made, all replications together.
        lots: units by place, item and origin at the end, all replications together; None where lots were not followed.
    """

    periods: NDArray[np.float64]
    arc_shipped: NDArray[np.float64]
    stock: NDArray[np.float64]
    items: NDArray[np.float64]
    nodes: NDArray[np.float64]
    tally: NDArray[np.float64]
    service: NDArray[np.float64]
    flows: NDArray[np.float64]
    timetables: tuple[Timetable, ...]
    held: NDArray[np.float64]
    observed: NDArray[np.float64]
    links: LinkAmounts = field(default_factory=dict)
    lots: LotAmounts | None = None


@dataclass(frozen=True)
class Twin:
    """What is asked of the undisrupted twin of some replications.

    Attributes:
        periods, arc_shipped, stock, service: as in :class:`Block`.
    """

    periods: NDArray[np.float64]
    arc_shipped: NDArray[np.float64]
    stock: NDArray[np.float64]
    service: NDArray[np.float64]

"""What past demand shows of demand to come: how seldom it exceeds what a design covers, and with which confidence.

A set learned from few rows covers less than it aims at: the 97.5 % quantile of 60 normal demands is exceeded by 4 % of
those to come, on average. What can be promised follows from order statistics: of J rows drawn alike and independently,
with s above what is covered, the share above it exceeds the Clopper-Pearson bound of s in J with a probability of
1 - confidence at most (Wilks, 1941; Clopper, Pearson, 1934). The bound needs no law of demand. Where the set itself
says how many rows it leaves above, s is known before any row is seen; else it is counted, and the confidence has to
cover every number that could have been counted. It covers all buyers at once (Bonferroni).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.sourcing.demand import DesignDemand
from esc_sim.design.uncertainty.sets import TOLERANCE

FloatArray = NDArray[np.float64]

CONFIDENCE = 0.95
"""Confidence of what is promised of demand to come."""


@dataclass(frozen=True)
class DemandGuarantee:
    """How often demand exceeds what is covered: in the past, and to come.

    Attributes:
        rows: number of past rows.
        past_demands: share of past demands above what is covered.
        past_periods: share of past rows in which some buyer's demand is.
        aimed_demands: share of demands that the set means to leave uncovered; None where it aims at none.
        aimed_periods: share of periods, likewise.
        demands: most share of demands to come that are above, at `confidence`; None for a nominal demand.
        periods: most share of periods to come in which some buyer's is, likewise.
        confidence: of the last two, together.
        rows_needed: rows without which not even a set that leaves none of them above could show what is aimed at.
    """

    rows: int
    past_demands: float
    past_periods: float
    aimed_demands: float | None
    aimed_periods: float | None
    demands: float | None
    periods: float | None
    confidence: float
    rows_needed: int | None

    @property
    def too_few(self) -> bool:
        """Whether the rows are too few to show what the set aims at."""
        return self.rows_needed is not None and self.rows < self.rows_needed


def demand_guarantee(demand: DesignDemand, past: FloatArray, confidence: float = CONFIDENCE) -> DemandGuarantee:
    """What past rows show of a design's demand.

    Args:
        demand: what is covered.
        past: past demand, shape (J, A), from which it was made.
        confidence: of the bounds, for all buyers at once.
    """
    rows, buyers = past.shape
    covered = demand.worst if demand.worst.ndim == 1 else demand.worst.min(axis=0)
    above = past > covered + TOLERANCE * np.maximum(np.abs(covered), 1.0)
    in_demands, in_periods = aimed(demand.kind, demand.theta)
    demands = periods = None
    if demand.uncertainty is not None:
        beyond = above.sum(axis=0) if demand.beyond is None else np.full(buyers, demand.beyond)
        bounds = most_violated(beyond, rows, 1.0 - (1.0 - confidence) / _tests(demand, buyers, rows))
        demands, periods = float(bounds.mean()), min(1.0, float(bounds.sum()))
    share = in_demands if in_demands is not None else None if in_periods is None else in_periods / buyers
    return DemandGuarantee(
        rows=rows,
        past_demands=float(above.mean()),
        past_periods=float(above.any(axis=1).mean()),
        aimed_demands=in_demands,
        aimed_periods=in_periods,
        demands=demands,
        periods=periods,
        confidence=confidence,
        rows_needed=None if share is None else _rows_needed(demand, buyers, share, confidence),
    )


def aimed(kind: str, theta: float | None) -> tuple[float | None, float | None]:
    """Shares of demands, and of periods, that a set means to leave uncovered; None where it aims at none.

    A marginal SVC set ends at the 1 - theta / 2 quantile of each buyer; of the joint one, no more than theta of the
    past rows lie outside; the budgeted and box-ball sets mean each demand to exceed them with probability theta.

    Args:
        kind: of demand.
        theta: of the set.
    """
    if theta is None or kind == "box":
        return None, None
    if kind == "ddro-joint":
        return None, theta
    return (theta / 2.0 if kind == "ddro-marginal" else theta), None


def most_violated(above: NDArray[np.int_], rows: int, confidence: float) -> FloatArray:
    """Clopper-Pearson: highest probability under which no more than `above` of the rows would be seen.

    Args:
        above: numbers of rows, shape (A,).
        rows: of how many.
        confidence: probability that each bound holds.
    """
    from scipy.stats import beta

    bound = beta.ppf(confidence, above + 1.0, np.maximum(rows - above, 1.0))
    return np.asarray(np.where(above < rows, bound, 1.0), dtype=float)


def _tests(demand: DesignDemand, buyers: int, rows: int) -> int:
    """Statements that must hold together: one a buyer; where rows above are counted, one for each possible count."""
    return buyers if demand.beyond is not None else buyers * rows


def _rows_needed(demand: DesignDemand, buyers: int, share: float, confidence: float) -> int:
    """Least rows of which none above would show that a demand exceeds what is covered with probability `share`."""
    rows = 1
    while True:
        risk = (1.0 - confidence) / _tests(demand, buyers, rows)
        wanted = math.ceil(math.log(risk) / math.log1p(-share))
        if wanted <= rows:
            return rows
        rows = wanted

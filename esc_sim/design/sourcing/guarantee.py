"""What past demand shows of demand to come: how seldom it exceeds what a design covers, and with which confidence.

A set learned from few rows covers less than it aims at: the 97.5 % quantile of 60 normal demands is exceeded by 4 % of
those to come, on average. What can be promised follows from order statistics: of J rows drawn alike and independently,
with s above what is covered, the share above it exceeds the Clopper-Pearson bound of s in J with a probability of
1 - confidence at most (Wilks, 1941; Clopper, Pearson, 1934). The bound needs no law of demand. Where the set itself
says how many rows it leaves above, s is known before any row is seen; else it is counted, and the confidence has to
cover every number that could have been counted. It covers all buyers at once (Bonferroni).

Of periods, let k of J rows have some of A buyers above. What is covered is no less than the largest demands of the
other rows, the least point that meets them all, and the k rows lie beyond that point too. So the probability of a row
beyond it is bounded as that of a program of A variables with k constraints discarded (Campi, Garatti, 2011).
"""

from __future__ import annotations

from collections.abc import Callable
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
        past_short_demands: share of past demands above what is covered.
        past_short_periods: share of past rows in which some buyer's demand is.
        aimed_short_demands: share of demands that the set means to leave uncovered; None where it aims at none.
        aimed_short_periods: share of periods, likewise.
        most_short_demands: most share of demands to come that are above, at `confidence`; None for a nominal demand.
        most_short_periods: most share of periods to come in which some buyer's is, likewise.
        confidence: of each of the last two.
        rows_needed: rows without which not even a set that leaves none of them above could show what is aimed at.
    """

    rows: int
    past_short_demands: float
    past_short_periods: float
    aimed_short_demands: float | None
    aimed_short_periods: float | None
    most_short_demands: float | None
    most_short_periods: float | None
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
        confidence: of each of the two bounds, for all buyers at once.
    """
    rows, buyers = past.shape
    covered = demand.worst if demand.worst.ndim == 1 else demand.worst.min(axis=0)
    above = past > covered + TOLERANCE * np.maximum(np.abs(covered), 1.0)
    in_demands, in_periods = aimed(demand.kind, demand.theta)
    known = demand.beyond is not None  # the rows of a buyer that are above; of all buyers, where there are none or one
    known_of_all = known and (demand.beyond == 0 or buyers == 1)
    risk = 1.0 - confidence

    def shown_of_demands(numbers: NDArray[np.int_], rows: int) -> FloatArray:
        return most_violated(numbers, rows, risk / (buyers * (1 if known else rows)))

    def shown_of_periods(number: int, rows: int) -> float:
        return most_short_periods(number, buyers, rows, risk / (1 if known_of_all else rows))

    demands = periods = needed = None
    if demand.uncertainty is not None:
        beyond = above.sum(axis=0) if demand.beyond is None else np.full(buyers, demand.beyond)
        demands = float(shown_of_demands(beyond, rows).mean())
        periods = shown_of_periods(int(beyond[0]) if known_of_all else int(above.any(axis=1).sum()), rows)
    if in_demands is not None:
        needed = _rows_needed(lambda rows: float(shown_of_demands(np.zeros(1, dtype=int), rows)[0]), in_demands)
    elif in_periods is not None:
        needed = _rows_needed(lambda rows: shown_of_periods(0, rows), in_periods)
    return DemandGuarantee(
        rows=rows,
        past_short_demands=float(above.mean()),
        past_short_periods=float(above.any(axis=1).mean()),
        aimed_short_demands=in_demands,
        aimed_short_periods=in_periods,
        most_short_demands=demands,
        most_short_periods=periods,
        confidence=confidence,
        rows_needed=needed,
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


def most_violated(above: NDArray[np.int_], rows: int, risk: float) -> FloatArray:
    """Clopper-Pearson: the probability above which no more than `above` of the rows are seen with probability `risk`.

    Args:
        above: numbers of rows, shape (A,).
        rows: of how many.
        risk: probability that a bound fails.
    """
    from scipy.stats import beta

    bound = beta.isf(risk, above + 1.0, np.maximum(rows - above, 1.0))
    return np.asarray(np.where(above < rows, bound, 1.0), dtype=float)


def most_short_periods(above: int, buyers: int, rows: int, risk: float) -> float:
    """Bound of the probability that some buyer's demand lies above, when it did in `above` rows (Campi, Garatti, 2011).

    Args:
        above: number of rows.
        buyers: A.
        rows: of how many.
        risk: probability that the bound fails.
    """
    from scipy.special import gammaln

    ways = gammaln(above + buyers) - gammaln(above + 1.0) - gammaln(float(buyers))  # log of (above + A - 1 over above)
    return float(most_violated(np.array([above + buyers - 1]), rows, risk * float(np.exp(-ways)))[0])


def _rows_needed(shown: Callable[[int], float], share: float) -> int:
    """Least rows of which none above would show a probability of `share`."""
    low, high = 0, 1
    while shown(high) > share:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if shown(middle) > share else (low, middle)
    return high

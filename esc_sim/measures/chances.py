"""Chances: in which share of replications a measure keeps a limit.

Source: Clopper, Pearson (1934), "The use of confidence or fiducial limits illustrated in the case of the binomial",
Biometrika 26(4), 404-413. A Latin hypercube makes shares less noisy than that, so the interval is a cautious one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from esc_sim.measures.measure import ByReplication, Floats, Periods, Sample, by_parts
from esc_sim.risk.intervals import Interval


@dataclass(frozen=True, kw_only=True)
class Chance(ByReplication):
    """The share of replications in which a measure keeps a limit.

    Attributes:
        of: the measure.
        at_least, at_most: its limits; None for none.
    """

    of: ByReplication
    at_least: float | None = None
    at_most: float | None = None

    def by_replication(self, periods: Periods) -> Floats:
        """1 where a replication keeps the limit, else 0, [R]; nan where it has no value."""
        values = self.of.by_replication(periods)
        low = -np.inf if self.at_least is None else self.at_least
        high = np.inf if self.at_most is None else self.at_most
        return np.where(np.isnan(values), np.nan, ((values >= low) & (values <= high)).astype(np.float64))

    def interval(self, sample: Sample, base: Sample | None = None) -> Interval:
        """The share with its exact interval; a difference of shares with Student's."""
        if base is not None:
            return super().interval(sample, base)
        return share_interval(by_parts(self.by_replication, sample.periods))


def share_interval(kept: Floats, confidence: float = 0.95) -> Interval:
    """Share of replications with its exact (Clopper-Pearson) interval.

    Args:
        kept: float64[R], 1 or 0; nan counts for nothing.
        confidence: probability that the interval covers the chance.
    """
    from scipy.special import betaincinv

    known = kept[~np.isnan(kept)]
    n, hits = len(known), int(known.sum())
    if not n:
        return Interval(np.nan, np.nan, np.nan, 0)
    out = (1.0 - confidence) / 2.0
    low = 0.0 if hits == 0 else float(betaincinv(hits, n - hits + 1, out))
    high = 1.0 if hits == n else float(betaincinv(hits + 1, n - hits, 1.0 - out))
    return Interval(hits / n, low, high, n)

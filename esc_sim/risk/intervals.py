"""Confidence intervals over independent replications.

Periods of one replication depend on one another, so no interval here counts periods: the independent values are
replications, or batches of replications that were stratified together.

Sources:
    Law (2015), Simulation Modeling and Analysis, 5th ed., sections 9.4 and 9.5.3 (replications, batch means) and 10.2.1
    (paired differences).
    Asmussen, Glynn (2007), Stochastic Simulation, III.5 (sectioning).
    Nakayama (2014), "Confidence intervals for quantiles using sectioning when applying variance-reduction techniques",
    ACM TOMACS 24(4), article 19.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.risk.parts import Table

Floats = NDArray[np.float64]
MOST_SECTIONS = 10


@dataclass(frozen=True)
class Interval:
    """A point estimate with its confidence interval.

    Attributes:
        mean: the estimate; nan where there is nothing to estimate from.
        low: lower end; nan where fewer than two independent values leave no interval.
        high: upper end; nan as ``low``.
        n: independent values (replications, batches or sections) that the interval rests on.
    """

    mean: float
    low: float
    high: float
    n: int

    @property
    def half_width(self) -> float:
        """Half the length of the interval; nan where there is none."""
        return (self.high - self.low) / 2.0

    @property
    def numbers(self) -> tuple[float | None, float | None, float | None]:
        """Estimate, lower and upper end; None for what could not be estimated."""
        mean, low, high = (float(one) if math.isfinite(one) else None for one in (self.mean, self.low, self.high))
        return mean, low, high

    def entry(self, unit: str) -> dict[str, float | int | str | None]:
        """The interval as tables and files want it: None for what could not be estimated."""
        mean, low, high = self.numbers
        return {"mean": mean, "ci_low": low, "ci_high": high, "n": self.n, "unit": unit}

    def contains(self, value: float) -> bool:
        """Whether the value lies in the interval, ends included."""
        return self.low <= value <= self.high


def batch_means(values: ArrayLike, batch: int) -> Floats:
    """Means of consecutive groups of ``batch`` values, along the first axis; a short last group keeps its own mean.

    Args:
        values: shape [n, ...]; replications, or the periods of one long run.
        batch: values per group, at least 1.

    Returns:
        Shape [ceil(n / batch), ...].

    Raises:
        ValueError: batch below 1.
    """
    table = np.asarray(values, dtype=np.float64)
    if batch < 1:
        raise ValueError(f"a batch holds at least one value, not {batch}")
    return np.array([table[i : i + batch].mean(axis=0) for i in range(0, len(table), batch)])


def mean_interval(values: ArrayLike, *, batch: int = 1, confidence: float = 0.95) -> Interval:
    """Mean of one value per replication with Student's t interval.

    Args:
        values: one number per replication, in the order of replications; nan means that the replication has none
            (no recovery to time, no demand to fill) and is left out.
        batch: replications that were stratified together; the interval then rests on the batches' means, which are
            independent, where the replications are not. Batches of unequal size are weighted by it.
        confidence: probability that the interval covers the expected value.

    Raises:
        ValueError: batch below 1.
    """
    table = np.asarray(values, dtype=np.float64).ravel()
    if batch < 1:
        raise ValueError(f"a batch holds at least one value, not {batch}")
    if batch == 1:  # a group is a value then
        known = table.tolist()
        mean = math.fsum(known) / len(known) if known else math.nan
        if math.isnan(mean) and known:
            known = [value for value in known if not math.isnan(value)]
            mean = math.fsum(known) / len(known) if known else math.nan
        return _around(mean, known, confidence)
    groups = [table[i : i + batch] for i in range(0, table.size, batch)]
    kept = [group[~np.isnan(group)] for group in groups]
    kept = [group for group in kept if group.size]
    if not kept:
        return Interval(math.nan, math.nan, math.nan, 0)
    mean = math.fsum(np.concatenate(kept)) / sum(group.size for group in kept)
    return _around(mean, [float(group.mean()) for group in kept], confidence, [group.size for group in kept])


def column_intervals(values: Floats, *, batch: int = 1) -> tuple[Floats, Floats, Floats]:
    """:func:`mean_interval` of each of many columns at 95 %, together.

    Args:
        values: float64[R, C], one number per replication and column; nan where there is none.
        batch: see :func:`mean_interval`.

    Returns:
        Means and ends of the intervals, float64[C] each; nan for what cannot be estimated.
    """
    whole = ~np.isnan(values).any(axis=0)
    found = np.full((3, values.shape[1]), np.nan)
    for place in np.flatnonzero(~whole):
        one = mean_interval(values[:, place], batch=batch)
        found[:, place] = one.mean, one.low, one.high
    if len(values) and whole.any():
        sizes = np.diff([*range(0, len(values), batch), len(values)]).astype(np.float64)
        means = batch_means(values[:, whole], batch)
        centre = (means * sizes[:, None]).sum(axis=0) / len(values)
        half = np.full(centre.shape, np.nan)
        if len(means) > 1:
            spread = ((means - centre) ** 2 * sizes[:, None]).sum(axis=0) / (len(means) - 1)
            half = _quantile(len(means), 0.95) * np.sqrt(spread / len(values))
        found[:, whole] = centre, centre - half, centre + half
    return found[0], found[1], found[2]


def paired_difference(values: ArrayLike, baseline: ArrayLike, *, batch: int = 1, confidence: float = 0.95) -> Interval:
    """Mean of values - baseline, pair by pair: with common random numbers far narrower than two separate intervals.

    Args:
        values: one number per replication.
        baseline: one number per replication, run on the same random numbers, same order.
        batch: see :func:`mean_interval`.
        confidence: probability that the interval covers the expected difference.

    Raises:
        ValueError: the two differ in length.
    """
    left, right = np.asarray(values, dtype=np.float64).ravel(), np.asarray(baseline, dtype=np.float64).ravel()
    if left.size != right.size:
        raise ValueError(f"{left.size} values cannot be paired with {right.size}")
    return mean_interval(left - right, batch=batch, confidence=confidence)


def around(estimate: float, interval: Interval) -> Interval:
    """The same interval around another estimate of the same quantity."""
    shift = estimate - interval.mean
    return Interval(estimate, interval.low + shift, interval.high + shift, interval.n)


def section_interval(
    tables: Sequence[Table],
    statistic: Callable[..., float],
    *,
    least: int = 1,
    batch: int = 1,
    confidence: float = 0.95,
) -> Interval:
    """Interval of a statistic that is no mean (VaR), by sectioning over replications.

    The estimate is the statistic of all replications. The replications are cut into at most 10 sections; the
    statistic of each section, set against that of all, gives the variance (Asmussen, Glynn, III.5). Sections hold
    whole batches of whole replications, so they are independent of one another.

    Args:
        tables: arrays whose first axis is the replication, all of the same length; several for a statistic of pairs,
            such as the difference to an undisrupted twin on the same random numbers.
        statistic: function of these arrays, or of the same slice of each.
        least: replications a section needs for the statistic to mean anything.
        batch: replications that were stratified together.
        confidence: probability that the interval covers the true value.

    Returns:
        The interval; its ends are nan when there are not enough replications for two sections.

    Raises:
        ValueError: no tables, or tables of unequal length.
    """
    lengths = {len(table) for table in tables}
    if len(lengths) != 1 or not min(lengths):
        raise ValueError(f"sections need arrays of one length above 0, not {sorted(lengths)}")
    replications = lengths.pop()
    estimate = statistic(*tables)
    batches = math.ceil(replications / batch)
    sections = min(MOST_SECTIONS, batches, batches // math.ceil(least / batch))
    edges = [min(replications, batch * round(i * batches / sections)) for i in range(sections + 1)] if sections else []
    spans = list(pairwise(edges))
    values = [statistic(*(table[start:end] for table in tables)) for start, end in spans]
    return _around(estimate, values, confidence, [end - start for start, end in spans])


def _around(
    estimate: float, values: Sequence[float], confidence: float, sizes: Sequence[int] | None = None
) -> Interval:
    """Student's t interval around an estimate, from independent values whose variances go with 1 / size, default 1."""
    n = len(values)
    if n < 2 or math.isnan(estimate):
        return Interval(estimate, math.nan, math.nan, n)
    squares = [(value - estimate) ** 2 for value in values]
    if sizes is not None:
        squares = [size * square for size, square in zip(sizes, squares, strict=True)]
    spread = math.fsum(squares) / (n - 1)
    half = _quantile(n, confidence) * math.sqrt(spread / (n if sizes is None else sum(sizes)))
    return Interval(estimate, estimate - half, estimate + half, n)


@lru_cache(maxsize=1024)
def _quantile(n: int, confidence: float) -> float:
    """Student's t for an interval from n values."""
    from esc_sim.special import stdtrit

    return float(stdtrit(n - 1, 0.5 + confidence / 2.0))

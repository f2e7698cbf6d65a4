"""Resilience of a run against its undisrupted twin: the performance curve and what is read off it.

Performance is 1 where the disrupted run does what its twin does on the same random numbers, and falls as it does less.
Depth and loss area are those of the resilience triangle; the two times follow the risk-exposure literature, read off
a simulated curve.

Sources:
    Bruneau et al. (2003), "A framework to quantitatively assess and enhance the seismic resilience of communities",
    Earthquake Spectra 19(4), 733-752, eq. 1 (loss area).
    Simchi-Levi, Schmidt, Wei (2014), "From superstorms to factory fires: managing unpredictable supply-chain
    disruptions", Harvard Business Review 92(1-2), 96-101 (time to recover).
    Simchi-Levi et al. (2015), "Identifying risks and mitigating disruptions in the automotive supply chain",
    Interfaces 45(5), 375-390 (time to survive).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Kind = Literal["ratio", "difference"]


@dataclass(frozen=True)
class Episode:
    """A spell of trouble in one replication.

    Attributes:
        start: period in which its first disruption begins.
        recovered: first period from which performance stays at or above the threshold, up to the next disruption or
            the end of the run; None when the run ends before (censored).
    """

    start: int
    recovered: int | None

    @property
    def time_to_recover(self) -> float:
        """Periods from the start to the recovery; nan when it was not seen."""
        return math.nan if self.recovered is None else float(self.recovered - self.start)


@dataclass(frozen=True)
class Resilience:
    """Resilience measures, one value per replication.

    Attributes:
        threshold: performance that counts as recovered.
        depth: float64[R], largest loss of performance in a period (0 to 1, above 1 where a profit turns negative).
        loss_area: float64[R], loss of performance summed over the run, in periods of full loss.
        time_to_recover: float64[R], mean over the replication's episodes that recovered, in periods; nan if none did.
        episodes: int64[R], number of episodes.
        recovered: int64[R], episodes that recovered before the run ended.
        time_to_survive: float64[R], periods from the first disruption until performance first falls below the
            threshold; nan when it never does (censored by the end of the run), or there was no disruption.
        struck: bool[R], whether the replication had a disruption.
    """

    threshold: float
    depth: Floats
    loss_area: Floats
    time_to_recover: Floats
    episodes: NDArray[np.int64]
    recovered: NDArray[np.int64]
    time_to_survive: Floats
    struck: Booleans

    @property
    def share_recovered(self) -> float:
        """Share of all episodes that recovered before the run ended; nan without episodes."""
        total = int(self.episodes.sum())
        return float(self.recovered.sum()) / total if total else math.nan

    @property
    def share_surviving(self) -> float:
        """Share of the replications with a disruption in which performance never fell below the threshold."""
        struck = int(self.struck.sum())
        return float(np.isnan(self.time_to_survive[self.struck]).sum()) / struck if struck else math.nan


def joined(parts: Sequence[Resilience]) -> Resilience:
    """Measures of several parts of the replications, put together in their order."""
    names = [field.name for field in fields(Resilience) if field.name != "threshold"]
    whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Resilience(parts[0].threshold, **whole)


def performance(run: Floats, twin: Floats, kind: Kind = "ratio") -> Floats:
    """Performance of a run against its undisrupted twin.

    Args:
        run: a measure where more is better (goods served or shipped, profit), shape [R, T].
        twin: the same of the twin, same random numbers, same shape.
        kind: "ratio" is run / twin, cut to [0, 1]: for goods. Where the twin does nothing, nothing can be lost: 1.
            "difference" is 1 + (run - twin) / m, cut above at 1, with m the twin's mean absolute value over the
            replication's horizon, 1 where that is 0: for money, which may be negative. It may fall below 0.

    Returns:
        float64[R, T]. Catching up above the twin counts as 1: it is no loss, and must not hide one.

    Raises:
        ValueError: shapes differ, or an unknown kind.
    """
    if run.shape != twin.shape or run.ndim != 2:
        raise ValueError(f"run {run.shape} and twin {twin.shape} need the same shape [replications, periods]")
    if kind == "ratio":
        share = np.ones_like(run)
        np.divide(run, twin, out=share, where=twin > 0)
        return np.clip(share, 0.0, 1.0)
    if kind != "difference":
        raise ValueError(f"unknown kind {kind!r}: take 'ratio' or 'difference'")
    scale = np.abs(twin).mean(axis=1, keepdims=True)
    scale[scale == 0.0] = 1.0
    return np.minimum(1.0 + (run - twin) / scale, 1.0)


def event_starts(active: Booleans) -> Booleans:
    """Whether a disruption begins after a period without: rising edges of ``active``, bool[..., T]."""
    starts = active.copy()
    starts[..., 1:] &= ~active[..., :-1]
    return starts


def episodes_of(curve: Floats, active: Booleans | None, threshold: float = 0.95) -> list[Episode]:
    """Cut one replication into episodes of trouble.

    An episode starts with a disruption that finds the network recovered. A disruption that strikes before it has
    recovered belongs to the same episode: nobody could tell the two losses apart. A disruption that never brings
    performance below the threshold is an episode with time to recover 0.

    Args:
        curve: performance, float64[T].
        active: whether a disruption is in force at each review, bool[T]. None when it was not recorded: episodes then
            start where performance falls below the threshold.
        threshold: performance that counts as recovered.
    """
    found = _episodes(curve[None] < threshold, None if active is None else active[None])
    return [
        Episode(start, recovered if recovered < len(curve) else None)
        for start, recovered in zip(found.start.tolist(), found.recovered.tolist(), strict=True)
    ]


class _Episodes(NamedTuple):
    """Episodes of many replications, in their order.

    Attributes:
        row: int64[E], replication of each.
        start: int64[E], as of :class:`Episode`.
        recovered: int64[E], as of :class:`Episode`; the number of periods where the run ends before.
    """

    row: NDArray[np.int64]
    start: NDArray[np.int64]
    recovered: NDArray[np.int64]


def _episodes(below: Booleans, active: Booleans | None) -> _Episodes:
    """Episodes of all replications; ``below``, bool[R, T], says where performance is below the threshold."""
    replications, periods = below.shape
    rows, starts = np.nonzero(event_starts(below if active is None else active))
    ends = np.append(starts, periods)[1:]
    ends[np.append(rows, replications)[1:] != rows] = periods
    last_below = np.maximum.accumulate(np.where(below, np.arange(periods), -1), axis=1)[rows, ends - 1]
    # A strike ends its episode where it is recovered from before the next one, or where the run ends; all else goes on.
    ended = np.flatnonzero((last_below < ends - 1) | (ends == periods))
    first = starts[np.append(0, ended + 1)[:-1]] if ended.size else starts
    return _Episodes(rows[ended], first, np.maximum(first, last_below[ended] + 1))


def measure_resilience(curves: Floats, active: Booleans | None, threshold: float = 0.95) -> Resilience:
    """Depth, loss area, time to recover and time to survive of every replication.

    Args:
        curves: performance, float64[R, T], from :func:`performance`.
        active: whether a disruption is in force, bool[R, T], or None when it was not recorded (see
            :func:`episodes_of`; the time to survive is then unknown, nan).
        threshold: performance that counts as recovered, above 0 and at most 1.

    Raises:
        ValueError: threshold out of range, or shapes differ.
    """
    if not 0.0 < threshold <= 1.0:
        raise ValueError(f"threshold is {threshold}; it must lie above 0 and be at most 1")
    if active is not None and active.shape != curves.shape:
        raise ValueError(f"performance {curves.shape} and disruptions {active.shape} need the same shape")
    below = curves < threshold
    episodes, (replications, periods) = _episodes(below, active), curves.shape
    counts = np.bincount(episodes.row, minlength=replications)
    back = episodes.recovered < periods
    recovered = np.bincount(episodes.row[back], minlength=replications)
    lasted = np.bincount(episodes.row[back], (episodes.recovered - episodes.start)[back], minlength=replications)
    loss = 1.0 - curves
    return Resilience(
        threshold,
        depth=loss.max(axis=1),
        loss_area=loss.sum(axis=1),
        time_to_recover=np.divide(lasted, recovered, out=np.full(replications, np.nan), where=recovered > 0),
        episodes=counts,
        recovered=recovered,
        time_to_survive=_survived(below, None if active is None else episodes),
        struck=counts > 0,
    )


def _survived(below: Booleans, episodes: _Episodes | None) -> Floats:
    """Periods from the first disruption until performance falls, [R]; nan where it does not, or nothing is known."""
    found = np.full(len(below), np.nan)
    if episodes is not None:
        rows, place = np.unique(episodes.row, return_index=True)
        start = episodes.start[place]
        falls = below[rows] & (np.arange(below.shape[1]) >= start[:, None])
        found[rows] = np.where(falls.any(axis=1), falls.argmax(axis=1) - start, np.nan)
    return found


def align(
    curves: Floats, active: Booleans | None, threshold: float = 0.95, *, before: int = 5, after: int = 30
) -> Floats:
    """Performance around the start of every episode, for runs whose disruptions come at random times.

    A row holds one episode alone: it begins after the recovery from the episode before, and ends where the next one
    begins. A mean over rows is thus a mean over the episodes that nothing else has struck so far.

    Args:
        curves: performance, float64[R, T].
        active: whether a disruption is in force, bool[R, T], or None.
        threshold: performance that counts as recovered, see :func:`episodes_of`.
        before: periods shown before the start.
        after: periods shown from the start on.

    Returns:
        float64[episodes, before + after]; nan outside the episode and the run.
    """
    periods = curves.shape[1]
    rows: list[Floats] = []
    for r, curve in enumerate(curves):
        episodes = episodes_of(curve, None if active is None else active[r], threshold)
        for k, episode in enumerate(episodes):
            earliest = 0 if k == 0 else episodes[k - 1].recovered or 0
            latest = periods if k == len(episodes) - 1 else episodes[k + 1].start
            index = np.arange(episode.start - before, episode.start + after)
            inside = (index >= earliest) & (index < latest)
            rows.append(np.where(inside, curve[np.clip(index, 0, periods - 1)], np.nan))
    return np.array(rows).reshape(len(rows), before + after)

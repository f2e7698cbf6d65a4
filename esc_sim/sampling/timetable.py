"""The disruption timetable: what fails when, for how long and how badly, in one replication."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from esc_sim.sampling.inverse import values_of
from esc_sim.sampling.streams import stratified_uniforms, stream_hashes, uniforms
from esc_sim.scenario.laws import Law

TIME_QUANTUM = 2.0**-20
"""Disruption and lead times are multiples of this share of a review period, so that their sums are exact."""

_RENEWALS_PER_DRAW = 64


def on_time_grid(time: float) -> float:
    """The multiple of the time quantum nearest to ``time``."""
    return round(time / TIME_QUANTUM) * TIME_QUANTUM


@dataclass(frozen=True)
class Trigger:
    """When the events of one disruption, or of one of its targets, happen; exactly one of three ways is set.

    Attributes:
        stream: name of the stream that draws them.
        channels: indices of the channels that an event hits.
        probability, duration: an event begins at each review with this probability and lasts this long.
        between, repair: time between failures and time to repair.
        dates: (start, duration) pairs.
    """

    stream: str
    channels: tuple[int, ...]
    probability: float | None = None
    duration: float | Law = 1.0
    between: Law | None = None
    repair: Law | None = None
    dates: tuple[tuple[float, float], ...] | None = None

    @cached_property
    def hashes(self) -> NDArray[np.uint64]:
        """Hashes of the event stream, its order of strata, and its durations."""
        return stream_hashes([self.stream, f"strata/{self.stream}", f"{self.stream}/duration"])


@dataclass(frozen=True)
class Effect:
    """What an event of a disruption does; see ``scenario.schema.Disruption``."""

    low: float
    recovery: float
    shape: int
    mode: int
    detour: float


@dataclass(frozen=True)
class Timetable:
    """Events of one replication, one entry per (event, channel), sorted by start, then disruption, then channel.

    Attributes:
        channel: int64[E] index into the instance's channels.
        start, end: float64[E], an entry is in force while start <= t < end.
        effect: int64[E] index into the instance's effects (one per disruption).
    """

    channel: NDArray[np.int64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    effect: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of entries."""
        return len(self.channel)


EMPTY_TIMETABLE = Timetable(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0, np.int64))


def timetable(
    triggers: tuple[tuple[int, Trigger], ...], seed: int, replication: int, periods: int, stratified: bool = False
) -> Timetable:
    """Draw the timetable of one replication.

    Args:
        triggers: (effect index, trigger) pairs.
        seed: seed of the run.
        replication: number of the replication.
        periods: horizon; events that begin later are left out.
        stratified: draw events by probability as a Latin hypercube across batches of replications.
    """
    entries = [
        (start, effect, channel, end)
        for effect, trigger in triggers
        for start, end in _events(trigger, seed, replication, periods, stratified)
        for channel in trigger.channels
    ]
    if not entries:
        return EMPTY_TIMETABLE
    entries.sort()
    starts, effects, channels, ends = (np.array(part) for part in zip(*entries, strict=True))
    return Timetable(channels.astype(np.int64), starts.astype(float), ends.astype(float), effects.astype(np.int64))


def _events(
    trigger: Trigger, seed: int, replication: int, periods: int, stratified: bool
) -> Iterator[tuple[float, float]]:
    if trigger.dates is not None:
        return ((start, start + length) for start, length in trigger.dates if start < periods)
    if trigger.probability is not None:
        return _by_probability(trigger, seed, replication, periods, stratified)
    return _by_renewal(trigger, seed, replication, periods)


def _by_probability(
    trigger: Trigger, seed: int, replication: int, periods: int, stratified: bool
) -> Iterator[tuple[float, float]]:
    event, order, length = trigger.hashes[0:1], trigger.hashes[1:2], trigger.hashes[2:3]
    if stratified:
        draws = stratified_uniforms(seed, event, order, replication, 0, periods)
    else:
        draws = uniforms(seed, event, replication, 0, periods)
    hits = np.flatnonzero(draws[:, 0] < trigger.probability)
    if isinstance(trigger.duration, float):
        lengths = np.full(len(hits), trigger.duration)
    else:
        lengths = values_of(trigger.duration, uniforms(seed, length, replication, 0, periods)[hits, 0])
    for start, duration in zip(hits.tolist(), lengths.tolist(), strict=True):
        rounded = on_time_grid(duration)
        if rounded > 0.0:
            yield float(start), start + rounded


def _by_renewal(trigger: Trigger, seed: int, replication: int, periods: int) -> Iterator[tuple[float, float]]:
    assert trigger.between is not None
    assert trigger.repair is not None
    time, first = 0.0, 0
    while True:
        draws = uniforms(seed, trigger.hashes[0:1], replication, first, 2 * _RENEWALS_PER_DRAW)[:, 0]
        between, repair = values_of(trigger.between, draws[0::2]), values_of(trigger.repair, draws[1::2])
        for up, down in zip(between.tolist(), repair.tolist(), strict=True):
            start = time + max(on_time_grid(up), TIME_QUANTUM)
            if start >= periods:
                return
            end = start + max(on_time_grid(down), TIME_QUANTUM)
            yield start, end
            time = end
        first += 2 * _RENEWALS_PER_DRAW

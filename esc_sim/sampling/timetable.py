"""The disruption timetable: what fails when, for how long and how badly, in one replication."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.sampling.clock import USUAL, Clock
from esc_sim.sampling.inverse import values_of
from esc_sim.sampling.streams import STRATA, stratified_uniforms, stream_hashes, uniforms, uniforms_of
from esc_sim.scenario.laws import Law

_MOST_DRAWS = 2_000_000
"""Numbers drawn at a time (16 MB)."""
_RENEWALS_PER_DRAW = 64
_MOST_FAILURES_PER_PERIOD = 1000


@dataclass(frozen=True)
class Trigger:
    """When the events of one disruption, or of one of its targets, happen; exactly one of three ways is set.

    Attributes:
        stream: name of the stream that draws them.
        channels: indices of the channels that an event hits.
        probability, duration: an event begins at each review with this probability and lasts so many ticks, or
            periods by this law.
        between, repair: laws of the time between failures and of the time to repair, in periods.
        dates: (start, duration) pairs, in ticks.
        known_after: how long after an event buyers learn of it, and after its end of that: ticks, or a law in periods.
    """

    stream: str
    channels: tuple[int, ...]
    probability: float | None = None
    duration: float | Law = 0.0
    between: Law | None = None
    repair: Law | None = None
    dates: tuple[tuple[float, float], ...] | None = None
    known_after: float | Law = 0.0


@dataclass(frozen=True)
class JointLaw:
    """Exactly one of K cases holds at a time, drawn for each period or for the whole replication.

    Attributes:
        stream: name of the stream that draws it.
        names: of the cases.
        cumulative: float64[K] probabilities summed up; the last is 1.
        each_period: whether a case is drawn for every period.
        first: int64[K + 1] range of each case in ``channel`` and ``effect``.
        channel, effect: what a case sets: a channel to an effect's level.
        known_after: how long after a case has begun to hold buyers learn of it, and after its end of that.
    """

    stream: str
    names: tuple[str, ...]
    cumulative: NDArray[np.float64]
    each_period: bool
    first: NDArray[np.int64]
    channel: NDArray[np.int64]
    effect: NDArray[np.int64]
    known_after: float | Law = 0.0


@dataclass(frozen=True)
class Effect:
    """What an event of a disruption does; see ``scenario.disruptions.Disruption``. Times are in ticks."""

    low: float
    recovery: float
    shape: int
    mode: int
    detour: float
    by_plan: bool = False
    """Set by a plan for a case, where the disruption itself leaves the component whole."""


@dataclass(frozen=True)
class Timetable:
    """Events of one replication, one entry per (event, channel), sorted by start, then disruption, then channel.

    Attributes:
        channel: int64[E] index into the instance's channels.
        start, end: float64[E] ticks, an entry is in force while start <= t < end.
        effect: int64[E] index into the instance's effects (one per disruption).
        known_after: float64[E] how long after its start buyers learn of an entry, and after its end of that; of one
            that is over before, they never learn.
    """

    channel: NDArray[np.int64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    effect: NDArray[np.int64]
    known_after: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of entries."""
        return len(self.channel)

    @classmethod
    def in_order(cls, *columns: NDArray[Any]) -> Timetable:
        """The timetable of entries in any order, given as its columns."""
        channel, start, end, effect, _ = columns
        order = np.lexsort((end, channel, effect, start))
        return cls(*(column[order] for column in columns))


EMPTY_TIMETABLE = Timetable(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0, np.int64), np.empty(0))


@dataclass(frozen=True)
class Triggers:
    """All that sets disruptions off: triggers, each with the index of its effect, joint laws, and their clock.

    ``known_after`` is how long it takes to learn of an outage that has none of these, one made by hand.
    """

    triggers: tuple[Trigger, ...]
    effects: tuple[int, ...]
    joint: tuple[JointLaw, ...] = ()
    clock: Clock = USUAL
    known_after: float | Law = 0.0

    @cached_property
    def by_chance(self) -> NDArray[np.int64]:
        """Triggers by probability, which are drawn together."""
        return np.array([i for i, t in enumerate(self.triggers) if t.probability is not None], np.int64)

    @cached_property
    def chance_hashes(self) -> NDArray[np.uint64]:
        """uint64[2, n] hashes of their event streams and of their orders of strata."""
        names = [self.triggers[i].stream for i in self.by_chance]
        return np.stack([stream_hashes(names), stream_hashes([f"strata/{name}" for name in names])])

    @cached_property
    def effect_of(self) -> NDArray[np.int64]:
        """Index of the effect of each trigger."""
        return np.array(self.effects, np.int64)

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """Their probabilities."""
        return np.array([self.triggers[i].probability for i in self.by_chance])

    @cached_property
    def durations(self) -> NDArray[np.float64]:
        """How long their events last, in ticks; nan where that is drawn."""
        lengths = [self.triggers[i].duration for i in self.by_chance]
        return np.array([length if isinstance(length, float) else np.nan for length in lengths])

    @cached_property
    def delays(self) -> NDArray[np.float64]:
        """How long it takes to learn of their events; nan where that is drawn."""
        known = [self.triggers[i].known_after for i in self.by_chance]
        return np.array([after if isinstance(after, float) else np.nan for after in known])

    @cached_property
    def others(self) -> Sequence[tuple[int, Trigger]]:
        """The other triggers, with their numbers."""
        return [(number, trigger) for number, trigger in enumerate(self.triggers) if trigger.probability is None]

    @cached_property
    def one_channel_each(self) -> bool:
        """Whether each trigger hits one channel."""
        return all(len(trigger.channels) == 1 for trigger in self.triggers)

    @cached_property
    def channels(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Channels of all triggers, one after the other, and where each trigger's begin (n + 1 numbers)."""
        flat = np.array([c for t in self.triggers for c in t.channels], np.int64)
        counts = np.array([len(t.channels) for t in self.triggers], np.int64)
        return flat, np.r_[0, np.cumsum(counts)]


def timetables(
    triggers: Triggers,
    seed: int,
    replications: Sequence[int],
    periods: int,
    stratified: bool = False,
    strata: int = STRATA,
) -> tuple[Timetable, ...]:
    """Draw the timetables of some replications.

    Args:
        triggers: what can happen.
        seed: seed of the run.
        replications: their numbers.
        periods: horizon; events that begin later are left out.
        stratified: draw events by probability as a Latin hypercube across batches of replications.
        strata: replications of a batch.

    Raises:
        InputError: a component fails and is repaired a thousand times a period.
    """
    batch = strata if stratified else 1
    columns = len(triggers.by_chance)
    if columns == 0:
        return tuple(_timetable(triggers, seed, r, periods, batch, []) for r in replications)
    size = max(1, _MOST_DRAWS // max(1, periods * columns))
    found: list[Timetable] = []
    for first in range(0, len(replications), size):
        part = replications[first : first + size]
        for r, hits in zip(part, _hits(triggers, seed, part, periods, batch), strict=True):
            by_chance = _by_probability(triggers, seed, r, periods, *hits)
            found.append(_timetable(triggers, seed, r, periods, batch, [by_chance]))
    return tuple(found)


def timetable(
    triggers: Triggers, seed: int, replication: int, periods: int, stratified: bool = False, strata: int = STRATA
) -> Timetable:
    """Draw the timetable of one replication (see :func:`timetables`)."""
    return timetables(triggers, seed, [replication], periods, stratified, strata)[0]


def _timetable(
    triggers: Triggers, seed: int, replication: int, periods: int, batch: int, parts: list[_Events]
) -> Timetable:
    """Add what is not drawn by probability, and sort."""
    for number, trigger in triggers.others:
        if trigger.dates is not None:
            spans = [(s, s + length) for s, length in trigger.dates]
        else:
            spans = list(_by_renewal(trigger, triggers.clock, seed, replication, periods))
        starts, ends = np.array(spans, np.float64).reshape(-1, 2).T.copy()
        places = np.arange(len(spans))
        delays = delays_of(trigger.known_after, triggers.clock, trigger.stream, seed, replication, places)
        begun = starts < periods * triggers.clock.ticks
        parts.append((np.full(int(begun.sum()), number, np.int64), starts[begun], ends[begun], delays[begun]))
    entries = [_by_case(law, triggers.clock, seed, replication, periods, batch) for law in triggers.joint]
    if parts:
        entries.append(_entries_of(triggers, parts))
    if not entries:
        return EMPTY_TIMETABLE
    columns = _joined(entries)
    start = columns[1]
    return Timetable(*columns) if (start[1:] > start[:-1]).all() else Timetable.in_order(*columns)


_Entries = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]
"""Channel, start, end, effect and delay of the news of entries."""
_Events = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
"""Trigger, start, end and delay of the news of events."""


def delays_of(
    known_after: float | Law, clock: Clock, stream: str, seed: int, replication: int, events: NDArray[np.int64]
) -> NDArray[np.float64]:
    """How long it takes to learn of some events, in ticks.

    Args:
        known_after: the time in ticks, or the law in periods that it is drawn from for each event.
        clock: of the scenario.
        stream: what draws the events; the times are drawn by a stream of their own.
        seed: seed of the run.
        replication: number of the replication.
        events: their places in the stream, ascending.
    """
    if isinstance(known_after, float):
        return np.full(len(events), known_after)
    if not len(events):
        return np.empty(0)
    draws = uniforms(seed, stream_hashes([f"known/{stream}"]), replication, 0, int(events[-1]) + 1)
    return clock.of_all(values_of(known_after, draws[events, 0]))


def _entries_of(triggers: Triggers, parts: list[_Events]) -> _Entries:
    """One entry for each event and channel that it hits."""
    numbers, starts, ends, delays = _joined(parts)
    flat, first = triggers.channels
    if triggers.one_channel_each:
        return flat[numbers], starts, ends, triggers.effect_of[numbers], delays
    counts = first[numbers + 1] - first[numbers]
    event = np.repeat(np.arange(len(numbers)), counts)
    within = np.arange(len(event)) - np.repeat(np.cumsum(counts) - counts, counts)
    channel = flat[first[numbers[event]] + within]
    return channel, starts[event], ends[event], triggers.effect_of[numbers[event]], delays[event]


_Arrays = TypeVar("_Arrays", bound=tuple[NDArray[Any], ...])


def _joined(parts: list[_Arrays]) -> _Arrays:
    """Tuples of arrays put together, array by array; most often there is only one."""
    if len(parts) == 1:
        return parts[0]
    return cast(_Arrays, tuple(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def cases_drawn(law: JointLaw, seed: int, replication: int, periods: int, batch: int = 1) -> NDArray[np.int64]:
    """Number of the case that holds in each period of a replication, int64[periods].

    Args:
        law: the joint law.
        seed: seed of the run.
        replication: number of the replication.
        periods: horizon.
        batch: replications that form a Latin hypercube together; 1 for independent ones.
    """
    event = stream_hashes([law.stream])
    count = periods if law.each_period else 1
    if batch > 1:
        order = stream_hashes([f"strata/{law.stream}"])
        draws = stratified_uniforms(seed, event, order, replication, 0, count, batch)
    else:
        draws = uniforms(seed, event, replication, 0, count)
    cases = np.searchsorted(law.cumulative, draws[:, 0], side="right").astype(np.int64)
    return np.broadcast_to(np.minimum(cases, len(law.names) - 1), (periods,))


def _by_case(law: JointLaw, clock: Clock, seed: int, replication: int, periods: int, batch: int) -> _Entries:
    """Entries of the cases drawn: one period long each, or without an end."""
    cases = cases_drawn(law, seed, replication, periods, batch)[: periods if law.each_period else 1]
    counts = law.first[cases + 1] - law.first[cases]
    start = np.repeat(np.arange(len(cases), dtype=np.float64) * clock.ticks, counts)
    within = np.arange(len(start)) - np.repeat(np.cumsum(counts) - counts, counts)
    place = np.repeat(law.first[cases], counts) + within
    end = start + (clock.ticks if law.each_period else clock.longest)
    delays = delays_of(law.known_after, clock, law.stream, seed, replication, np.arange(len(cases)))
    return law.channel[place], start, end, law.effect[place], np.repeat(delays, counts)


def _hits(
    triggers: Triggers, seed: int, replications: Sequence[int], periods: int, batch: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Periods in which triggers by probability set events off, and places of these triggers, in each replication."""
    event, order = triggers.chance_hashes
    step = max(1, min(periods, _MOST_DRAWS // len(event)))
    parts: list[list[tuple[NDArray[np.int64], NDArray[np.int64]]]] = [[] for _ in replications]
    for first in range(0, periods, step):
        count = min(step, periods - first)
        if batch > 1:
            draws = np.stack([stratified_uniforms(seed, event, order, r, first, count, batch) for r in replications])
        else:
            draws = uniforms_of(seed, event, replications, first, count)
        for part, rows in zip(parts, draws, strict=True):
            hit, place = np.nonzero(rows < triggers.probabilities)
            part.append((hit + first, place))
    return [_joined(part) for part in parts]


def _by_probability(
    triggers: Triggers,
    seed: int,
    replication: int,
    periods: int,
    periods_hit: NDArray[np.int64],
    places: NDArray[np.int64],
) -> _Events:
    numbers = triggers.by_chance[places]
    lengths, delays = triggers.durations[places], triggers.delays[places]
    for number in triggers.by_chance[np.isnan(triggers.delays)]:
        trigger, mine = triggers.triggers[number], numbers == number
        delays[mine] = delays_of(
            trigger.known_after, triggers.clock, trigger.stream, seed, replication, periods_hit[mine]
        )
    for number in triggers.by_chance[np.isnan(triggers.durations)]:
        trigger, mine = triggers.triggers[number], numbers == number
        assert not isinstance(trigger.duration, float)
        stream = stream_hashes([f"{trigger.stream}/duration"])
        drawn = values_of(trigger.duration, uniforms(seed, stream, replication, 0, periods)[periods_hit[mine], 0])
        lengths[mine] = triggers.clock.of_all(drawn)
    kept = lengths > 0.0
    starts = periods_hit[kept].astype(np.float64) * triggers.clock.ticks
    return numbers[kept], starts, starts + lengths[kept], delays[kept]


def _by_renewal(
    trigger: Trigger, clock: Clock, seed: int, replication: int, periods: int
) -> Iterator[tuple[float, float]]:
    """Failures and repairs of one trigger, each at least a tick after the other, in ticks."""
    assert trigger.between is not None
    assert trigger.repair is not None
    stream = stream_hashes([trigger.stream])
    time, first = 0.0, 0
    while True:
        draws = uniforms(seed, stream, replication, first, 2 * _RENEWALS_PER_DRAW)[:, 0]
        between, repair = values_of(trigger.between, draws[0::2]), values_of(trigger.repair, draws[1::2])
        for up, down in zip(between.tolist(), repair.tolist(), strict=True):
            start = time + max(clock.of(up), 1.0)
            if start >= periods * clock.ticks:
                return
            if first > _MOST_FAILURES_PER_PERIOD * 2 * (periods + 1):
                raise InputError(
                    f"{trigger.stream.replace('/', ' ', 1)}: more than {_MOST_FAILURES_PER_PERIOD} failures a period; "
                    "time_between_failures and time_to_repair are given in review periods"
                )
            end = start + max(clock.of(down), 1.0)
            yield start, end
            time = end
        first += 2 * _RENEWALS_PER_DRAW

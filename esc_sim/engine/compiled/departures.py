"""Runs that depart from a twin at some period and are followed until they are back, bit for bit.

A twin is run once and its states are kept at marks. A run that an outage makes depart from it starts from the twin's
state at the outage's start, and ends at the first mark at which nothing that differs is disrupted any more and its
whole state equals the twin's: all that a later period reads, without the sums that nobody reads (money, tallies). From
there on the two are the same, so that what follows is the twin's own course: this is exact, not an approximation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.compiled.arrays import NO_PART, State
from esc_sim.engine.compiled.build import lengthened, net_of, states_of, work_for
from esc_sim.engine.compiled.chance import Fate, SharedChance, chance_of, fate_of, share_chance
from esc_sim.engine.compiled.kernel import kernel_for
from esc_sim.engine.compiled.records import ITEM_OUT, NODE_OUT, PERIOD_OUT
from esc_sim.engine.outputs import UNWRITTEN, as_numbers, blank_rows, blank_table
from esc_sim.instance.health import fill_healths, fill_known
from esc_sim.instance.model import Instance
from esc_sim.instance.spreading import timetables_of

Floats = NDArray[np.float64]

STRIDE: Final = 5
"""Periods between marks."""
_RINGS: Final = ("ring", "lost_ring")
_SUMS: Final = ("arc_total", "tally", "service", "flows")
"""What no later period reads, but for what it shows of itself."""
_GOODS: Final = ("stock", "dock", "backlog", "in_transit")
"""What an item carries from period to period; the rest is cleared when a period opens."""


def can_depart(instance: Instance) -> bool:
    """Whether runs of an instance can be followed from a state: not those of the agent engine, nor microgrids."""
    return not instance.agent_features and instance.power is None


@dataclass(frozen=True)
class Course:
    """The twin's course.

    Attributes:
        instance: what was run.
        seed: of all random numbers.
        replications: their numbers, R of them.
        chance: what was drawn.
        fate: its timetables.
        periods: float64[R, T, K] what it gave.
        states: its states before each of the marks, and before period T at the end.
    """

    instance: Instance
    seed: int
    replications: tuple[int, ...]
    chance: SharedChance
    fate: Fate
    periods: Floats
    states: dict[int, State]


@dataclass(frozen=True)
class Departure:
    """A run beside its twin.

    Attributes:
        periods: float64[R, T, K] its course; from where it has met the twin on, the twin's.
        service: float64[R, C, len(SERVICE_COLUMNS)] sums, less the twin's.
        held: float64[R, I] units held at the end, less the twin's.
        met: int64[R] period before which the two were equal; T where they never were.
    """

    periods: Floats
    service: Floats
    held: Floats
    met: NDArray[np.int64]


def course_of(
    instance: Instance, seed: int, replications: Sequence[int], starts: Sequence[int], stride: int = STRIDE
) -> Course:
    """Run the twin and keep its states.

    Args:
        instance: what is run.
        seed: of all random numbers.
        replications: their numbers.
        starts: periods from which runs will depart.
        stride: periods between marks.
    """
    chance = share_chance(instance, seed, replications)
    fate = fate_of(instance, seed, replications, True, False, chance)
    total = instance.periods
    marks = sorted({*range(0, total, stride), *starts, total})
    state = states_of(instance, len(replications), fate.slots, fate.losing)
    states = {0: _copied(state)}
    player = _Player(instance, seed)
    parts = []
    for first, end in pairwise(marks):
        state, rows = player.play(state, fate, chance, first, end)
        parts.append(rows)
        states[end] = _copied(state)
    return Course(instance, seed, tuple(replications), chance, fate, np.concatenate(parts, axis=1), states)


def departure_of(course: Course, instance: Instance, start: int) -> Departure:
    """Run what departs from the twin.

    Args:
        course: of the twin.
        instance: the twin's with something more that goes wrong from ``start`` on.
        start: one of the starts of the course.
    """
    chance = _chance_beside(course, instance)
    fate = fate_of(instance, course.seed, course.replications, True, False, chance)
    same_from = _same_from(course, instance, chance)
    periods, total = course.periods.copy(), instance.periods
    begin = _begin(course, instance, start)
    state = _copied(_with_slots(course.states[begin], begin, course.fate.slots, fate.slots))
    alive = np.arange(len(course.replications))
    met = np.full(len(alive), total, np.int64)
    service, held = _zero_differences(course)
    player = _Player(instance, course.seed)
    marks = [mark for mark in sorted(course.states) if mark >= begin]
    for first, end in pairwise(marks):
        state, rows = player.play(state, fate, chance, first, end)
        periods[alive, first:end] = rows
        if end < max(same_from, start + 1):
            continue  # it differs, or has not begun to
        twin = course.states[end] if len(alive) == len(course.replications) else _picked(course.states[end], alive)
        twin = _with_slots(twin, end, course.fate.slots, fate.slots)
        back = _equal(state, twin, end, instance.clock.ticks) if end < total else np.zeros(len(alive), np.bool_)
        done = back | (end == total)
        if done.any():
            met[alive[back]] = end
            service[alive[done]] = (as_numbers(state.service) - as_numbers(twin.service))[done]
            held[alive[done]] = (_held(state) - _held(twin))[done]
            left = np.flatnonzero(~done)
            if not len(left):
                break
            alive, state = alive[left], _picked(state, left)
            chance, fate = _chance_of_some(chance, left), _fate_of_some(fate, left)
    return Departure(periods, service, held, met)


def _begin(course: Course, instance: Instance, start: int) -> int:
    """The mark at which to depart from the twin.

    The way of a shipment is worked out when it leaves. Where arcs can be out, one that leaves before the outage and
    would arrive after its start is held; so the run begins before any such shipment leaves.
    """
    if not instance.channels.are("arc").any():
        return start
    return max((mark for mark in course.states if mark <= start - course.fate.slots), default=0)


class _Player:
    """Plays stretches of periods of one instance."""

    def __init__(self, instance: Instance, seed: int) -> None:
        self.instance, self.seed = instance, seed
        self._net, self._work = net_of(instance), work_for(instance)
        self._work.observed[...] = UNWRITTEN

    def play(self, state: State, fate: Fate, chance: SharedChance, first: int, end: int) -> tuple[State, Floats]:
        """Play periods ``first`` to ``end``.

        Args:
            state: before them; written.
            fate, chance: what goes wrong and what is drawn.
            first, end: the first period, and one past the last.

        Returns:
            The state after them, and what they gave, float64[R, end - first, K].
        """
        instance, count, length = self.instance, len(chance.timetables), end - first
        drawn = chance_of(instance, fate, self.seed, chance.replications, first, length, chance)
        state = lengthened(state, first, end)
        out = blank_rows((count, length), PERIOD_OUT)
        items = blank_rows((0, length, instance.network.item_count), ITEM_OUT)
        nodes = blank_rows((0, length, instance.network.node_count), NODE_OUT)
        shown = blank_table((count, length, len(instance.observed)))
        stock = np.zeros((0, instance.network.item_count))
        arguments = (self._net, state, drawn, self._work, first, out, stock, items, nodes, shown)
        kernel_for(*arguments)(*arguments)
        return state, as_numbers(out).copy()


def _chance_beside(course: Course, instance: Instance) -> SharedChance:
    """What is drawn for an instance that has the twin's tape."""
    tables = timetables_of(instance, course.seed, course.replications)
    shape = (len(course.replications), instance.periods)
    health, known = np.ones((*shape, len(instance.channels))), np.ones((*shape, len(instance.learnt)))
    fill_healths(instance, tables, 0, health)
    fill_known(instance, tables, 0, known)
    return SharedChance(course.replications, tables, course.chance.draws, health, known)


def _same_from(course: Course, instance: Instance, chance: SharedChance) -> int:
    """First period from which levels, and what is known of them, are the twin's."""
    own, base = chance.health, course.chance.health
    differs = (own[..., : base.shape[2]] != base).any(axis=(0, 2)) | (own[..., base.shape[2] :] != 1.0).any(axis=(0, 2))
    known = {int(c): course.chance.known[..., k] for k, c in enumerate(course.instance.learnt)}
    for k, channel in enumerate(instance.learnt.tolist()):
        differs |= (chance.known[..., k] != known.get(channel, np.float64(1.0))).any(axis=0)
    where = np.flatnonzero(differs)
    return int(where[-1]) + 1 if len(where) else 0


def _copied(state: State) -> State:
    return State._make(part.copy() for part in state)


def _picked(state: State, places: NDArray[np.int64]) -> State:
    """States of some of the replications."""
    return State._make(part[places] for part in state)


def _chance_of_some(chance: SharedChance, places: NDArray[np.int64]) -> SharedChance:
    picked = places.tolist()
    return SharedChance(
        tuple(chance.replications[k] for k in picked),
        tuple(chance.timetables[k] for k in picked),
        chance.draws[places],
        chance.health[places],
        chance.known[places],
    )


def _fate_of_some(fate: Fate, places: NDArray[np.int64]) -> Fate:
    picked = places.tolist()
    outages = tuple(fate.outages[k] for k in picked) if fate.outages else ()
    return replace(fate, timetables=tuple(fate.timetables[k] for k in picked), outages=outages)


def _with_slots(state: State, period: int, before: int, slots: int) -> State:
    """States whose rings of arrivals have another length.

    Args:
        state: before ``period``.
        period: the next one.
        before, slots: length of the rings, and the length that they shall have; never less.
    """
    changed = {}
    for name in _RINGS:
        ring = getattr(state, name)
        if ring.shape[1] == before and ring.shape[2] > 0 and slots != before:
            longer = np.zeros((ring.shape[0], slots, ring.shape[2]))
            reviews = np.arange(period, period + before)
            longer[:, reviews % slots] = ring[:, reviews % before]
            changed[name] = longer
    return state._replace(**changed)


def _held(state: State) -> Floats:
    held: Floats = state.items["stock"] + state.items["in_transit"] + state.in_process
    return held


def _zero_differences(course: Course) -> tuple[Floats, Floats]:
    state = course.states[0]
    return np.zeros(as_numbers(state.service).shape), np.zeros(state.items.shape)


def _equal(state: State, twin: State, period: int, ticks: int) -> NDArray[np.bool_]:
    """In which replications two states are equal to the last bit in all that a later period reads."""
    equal = np.ones(state.items.shape[0], np.bool_)
    for name in _GOODS:
        equal &= _same_bits(state.items[name], twin.items[name])
    now = float(period * ticks)
    equal &= _same_bits(np.maximum(state.last_due, now), np.maximum(twin.last_due, now))
    equal &= (state.since == twin.since).all(axis=1)
    for r in np.flatnonzero(equal):
        equal[r] = np.array_equal(_parts(state, int(r), period), _parts(twin, int(r), period))
    for name in State._fields:
        if name not in ("items", "last_due", "since", "owed_parts", *_SUMS):
            equal &= _same_bits(getattr(state, name), getattr(twin, name))
    return equal


def _parts(state: State, replication: int, period: int) -> Floats:
    """What is owed of the orders of each period, from the oldest on, in a replication."""
    since = state.since[replication]
    waiting = since[since != NO_PART]
    if not len(waiting):
        return np.empty(0)
    parts = state.owed_parts[replication]
    found: Floats = parts[:, np.arange(int(waiting.min()), period) % parts.shape[1]]
    return found


def _same_bits(one: Floats, other: Floats) -> NDArray[np.bool_]:
    """In which replications all numbers have the same bits."""
    left, right = (np.ascontiguousarray(part).view(np.uint64) for part in (one, other))
    same: NDArray[np.bool_] = (left == right).reshape(len(left), -1).all(axis=1)
    return same

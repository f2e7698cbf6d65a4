"""Runs that depart from a twin at some period and are followed until they are back, bit for bit.

A twin is run once and its states are kept at marks. A run that an outage makes depart from it starts from the twin's
state at the outage's start, and ends at the first mark at which nothing that differs is disrupted any more and its
whole state equals the twin's: all that a later period reads, without the sums that nobody reads (money, tallies). From
there on the two are the same, so that what follows is the twin's own course: this is exact, not an approximation.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.compiled.arrays import State
from esc_sim.engine.compiled.build import lengthened, net_of, states_of, work_for
from esc_sim.engine.compiled.chance import Fate, SharedChance, chance_of, fate_of, levels_of, share_chance
from esc_sim.engine.compiled.kernel import BlockKernel, kernel_for
from esc_sim.engine.compiled.states import copied, equal_states, picked, with_slots
from esc_sim.engine.outputs import (
    ITEM_ROW,
    NODE_ROW,
    PERIOD_ROW,
    TALLY_ROW,
    UNWRITTEN,
    as_numbers,
    blank_rows,
    blank_sums,
    blank_table,
)
from esc_sim.instance.model import Instance
from esc_sim.instance.spreading import timetables_of

Floats = NDArray[np.float64]

STRIDE: Final = 5
"""Periods between marks."""
DENSE: Final = 8
"""Periods after the usual end of an outage with a mark each: runs mostly meet their twin within them."""
UNREAD: Final = ("arc_total", "tally")
"""Sums of which nothing is asked after a departure: marks do without them."""


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
    instance: Instance,
    seed: int,
    replications: Sequence[int],
    starts: Sequence[int],
    usual: Collection[float] = (),
    stride: int = STRIDE,
) -> Course:
    """Run the twin and keep its states.

    Args:
        instance: what is run.
        seed: of all random numbers.
        replications: their numbers.
        starts: periods from which runs will depart.
        usual: for how many periods outages mostly last; there are more marks after those.
        stride: periods between marks.
    """
    chance = share_chance(instance, seed, replications)
    fate = fate_of(instance, seed, replications, True, False, chance)
    total = instance.periods
    before = [start - fate.slots for start in starts]
    after = [start + math.ceil(last) + more for start in starts for last in usual for more in range(1, DENSE + 1)]
    marks = sorted(
        {*range(0, total, stride), *(mark for mark in (*before, *starts, *after) if 0 <= mark < total), total}
    )
    state = states_of(instance, len(replications), fate.slots, fate.losing)
    states = {0: _marked(state)}
    player = _Player(instance, seed)
    parts = []
    for first, end in pairwise(marks):
        state, rows = player.play(state, fate, chance, first, end)
        parts.append(rows)
        states[end] = _marked(state)
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
    state = _departing(with_slots(course.states[begin], begin, course.fate.slots, fate.slots), instance)
    alive = np.arange(len(course.replications))
    met = np.full(len(alive), total, np.int64)
    service, held = _zero_differences(course)
    player = _Player(instance, course.seed)
    looked = max(same_from, start + 1)  # before that it differs, or has not begun to
    for first, end in pairwise([begin, *(mark for mark in sorted(course.states) if mark >= looked)]):
        state, rows = player.play(state, fate, chance, first, end)
        periods[alive, first:end] = rows
        twin = course.states[end] if len(alive) == len(course.replications) else picked(course.states[end], alive)
        twin = with_slots(twin, end, course.fate.slots, fate.slots)
        back = equal_states(state, twin, end, instance) if end < total else np.zeros(len(alive), np.bool_)
        done = back | (end == total)
        if done.any():
            met[alive[back]] = end
            service[alive[done]] = (as_numbers(state.service) - as_numbers(twin.service))[done]
            held[alive[done]] = (_held(state) - _held(twin))[done]
            left = np.flatnonzero(~done)
            if not len(left):
                break
            alive, state = alive[left], picked(state, left)
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


def _marked(state: State) -> State:
    """What a mark keeps of a state."""
    return copied(state._replace(**{name: getattr(state, name)[:, :0] for name in UNREAD}))


def _departing(mark: State, instance: Instance) -> State:
    """The state of a mark, to go on from; its sums begin anew."""
    count, network = len(mark.items), instance.network
    tallied = network.item_count if instance.tally else 0
    return copied(mark)._replace(
        arc_total=np.zeros((count, network.arc_count)), tally=blank_sums((count, tallied), TALLY_ROW)
    )


class _Player:
    """Plays stretches of periods of one instance."""

    def __init__(self, instance: Instance, seed: int) -> None:
        self.instance, self.seed = instance, seed
        self._net, self._work = net_of(instance), work_for(instance)
        self._work.observed[...] = UNWRITTEN
        self._kernel: BlockKernel | None = None  # the same for all stretches, whose arrays differ in lengths alone

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
        drawn = chance_of(instance, fate, self.seed, chance.replications, slice(first, end), chance)
        state = lengthened(state, first, end)
        out = blank_rows((count, length), PERIOD_ROW)
        items = blank_rows((0, length, instance.network.item_count), ITEM_ROW)
        nodes = blank_rows((0, length, instance.network.node_count), NODE_ROW)
        shown = blank_table((count, length, len(instance.observed)))
        stock = np.zeros((0, instance.network.item_count))
        arguments = (self._net, state, drawn, self._work, first, out, stock, items, nodes, shown)
        self._kernel = self._kernel or kernel_for(*arguments)
        self._kernel(*arguments)
        return state, as_numbers(out)


def _chance_beside(course: Course, instance: Instance) -> SharedChance:
    """What is drawn for an instance that has the twin's tape."""
    tables = timetables_of(instance, course.seed, course.replications)
    health, known = levels_of(instance, tables, slice(0, instance.periods))
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


def _chance_of_some(chance: SharedChance, places: NDArray[np.int64]) -> SharedChance:
    chosen = places.tolist()
    return SharedChance(
        tuple(chance.replications[k] for k in chosen),
        tuple(chance.timetables[k] for k in chosen),
        chance.draws[places],
        chance.health[places],
        chance.known[places],
    )


def _fate_of_some(fate: Fate, places: NDArray[np.int64]) -> Fate:
    chosen = places.tolist()
    outages = tuple(fate.outages[k] for k in chosen) if fate.outages else ()
    return replace(fate, timetables=tuple(fate.timetables[k] for k in chosen), outages=outages)


def _held(state: State) -> Floats:
    held: Floats = state.goods["stock"] + state.goods["in_transit"] + state.items["in_process"]
    return held


def _zero_differences(course: Course) -> tuple[Floats, Floats]:
    state = course.states[0]
    return np.zeros(as_numbers(state.service).shape), np.zeros(state.items.shape)

"""States of replications: copied, picked, and told apart by the last bit of what a later period reads."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.compiled.arrays import NO_PART, State
from esc_sim.fields.farm import Field
from esc_sim.fields.item import Goods, Item
from esc_sim.fields.making import Perishable
from esc_sim.fields.rows import names
from esc_sim.instance.model import Instance

Floats = NDArray[np.float64]

RINGS: Final = ("ring", "lost_ring")
SUMS: Final = ("arc_total", "tally", "service", "flows")
"""What no later period reads; but service, for what of the backlog is overdue."""
CARRIED: Final = {
    "goods": names(Goods, "state"),
    "items": names(Item, "state", without=Goods),
    "fields": names(Field, "state"),
    "perishables": names(Perishable, "state"),
}
"""What rows carry from period to period; the rest is given, or cleared when a period opens."""


def can_depart(instance: Instance) -> bool:
    """Whether runs of an instance can be followed from a state: not those of the agent engine, nor microgrids."""
    return not instance.agent_features and instance.power is None


def copied(state: State) -> State:
    """States that change on their own."""
    return State._make(part.copy() for part in state)


def picked(state: State, places: NDArray[np.int64]) -> State:
    """States of some of the replications."""
    return State._make(part[places] for part in state)


def with_slots(state: State, period: int, before: int, slots: int) -> State:
    """States whose rings of arrivals have another length.

    Args:
        state: before ``period``.
        period: the next one.
        before, slots: length of the rings, and the length that they shall have; never less.
    """
    changed = {}
    for name in RINGS:
        ring = getattr(state, name)
        if ring.shape[1] == before and ring.shape[2] > 0 and slots != before:
            longer = np.zeros((ring.shape[0], slots, ring.shape[2]))
            reviews = np.arange(period, period + before)
            longer[:, reviews % slots] = ring[:, reviews % before]
            changed[name] = longer
    return state._replace(**changed)


def equal_states(state: State, twin: State, period: int, instance: Instance) -> NDArray[np.bool_]:
    """In which replications two states are equal to the last bit in all that a later period reads.

    Args:
        state, twin: of the same replications, before ``period``.
        period: the next one.
        instance: what is run.

    Returns:
        bool[R].
    """
    equal = np.ones(state.items.shape[0], np.bool_)
    for table, quantities in CARRIED.items():
        for name in quantities:
            equal &= _same_bits(getattr(state, table)[name], getattr(twin, table)[name])
            if not equal.any():
                return equal
    now = float(period * instance.clock.ticks)
    equal &= _same_bits(np.maximum(state.last_due, now), np.maximum(twin.last_due, now))
    equal &= (state.since == twin.since).all(axis=1)
    for r in np.flatnonzero(equal):
        equal[r] = np.array_equal(_parts(state, int(r), period), _parts(twin, int(r), period))
    for name in State._fields:
        if name not in (*CARRIED, "last_due", "since", "owed_parts", *SUMS):
            equal &= _same_bits(getattr(state, name), getattr(twin, name))
    if instance.switches.backorder:
        equal &= _same_overdue(state, twin, instance.customers)
    return equal


def _same_overdue(state: State, twin: State, customers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the same part of equal backlogs is overdue from now on (``behaviours.service.overdue_demand``).

    All of a backlog is overdue where no more of it waits than was not met since the warm-up. That stays so, since a
    backlog grows by what is not met. Elsewhere what was not met must be the same.
    """
    backlog = state.goods["backlog"][:, customers]
    one, other = (part.service["demand"] - part.service["filled"] - part.service["lost"] for part in (state, twin))
    same: NDArray[np.bool_] = ((one == other) | ((one >= backlog) & (other >= backlog))).all(axis=1)
    return same


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

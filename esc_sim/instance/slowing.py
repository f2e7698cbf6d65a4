"""Disruptions of lead times: whether there are any, and how slow they can make goods."""

from __future__ import annotations

import numpy as np

from esc_sim.instance.model import Instance, IntArray
from esc_sim.sampling.timetable import Timetable

_MARGIN = 1.0 + 2.0**-30
"""More than rounding in sums of logarithms can take away."""
SLOWING = ("lead_time", "arc_lead_time")


def can_slow(instance: Instance) -> bool:
    """Whether disruptions can multiply lead times."""
    return any(bool(instance.channels.are(name).any()) for name in SLOWING)


def greatest_factor(instance: Instance, table: Timetable) -> float:
    """Upper bound on the factor of any lead time under a timetable, at least 1."""
    return float(np.prod([_greatest(instance, table, instance.channels.are(name)) for name in SLOWING])) * _MARGIN


def _greatest(instance: Instance, table: Timetable, wanted: IntArray | np.ndarray) -> float:
    """The greatest product of the factors above 1 that are in force at one channel at once, recoveries in full."""
    if not wanted.any() or not len(table):
        return 1.0
    low, recovery = instance.courses[:2]
    entries = np.flatnonzero(wanted[table.channel] & (low[table.effect] > 1.0))
    if not len(entries):
        return 1.0
    effect = table.effect[entries]
    gain, channel = np.log(low[effect]), table.channel[entries]
    time = np.r_[table.start[entries], table.end[entries] + recovery[effect]]
    step, where = np.r_[gain, -gain], np.r_[channel, channel]
    # What begins comes before what ends at the same time: a bound may only be too large.
    order = np.lexsort((-step, time, where))
    total = np.cumsum(step[order])
    first = np.flatnonzero(np.diff(where[order], prepend=-1))
    before = np.r_[0.0, total][first]
    sums = total - np.repeat(before, np.diff(np.r_[first, len(total)]))
    return float(np.exp(min(sums.max(), 700.0)))

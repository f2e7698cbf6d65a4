"""Health of a disrupted component in time, and the way of goods on an arc that fails."""

from __future__ import annotations

import math
from typing import Final

from esc_sim.behaviours.switches import SHAPE_FAST_START, SHAPE_SLOW_START, TRANSIT_HOLD, TRANSIT_REROUTE
from esc_sim.fields.sequences import Floats, Integers

LONGEST: Final = 2.0**51
"""Longest lead time, in ticks (``sampling.clock``)."""


def level_at(time: float, start: float, end: float, recovery: float, shape: int, low: float) -> float:
    """Level of one event: 1 before ``start``, ``low`` until ``end``, then back to 1 within ``recovery``.

    ``low`` is a share of capacity, or the factor of a demand shock, which may exceed 1.

    Args:
        time: when, in ticks.
        start: begin of the event, in ticks.
        end: when recovery begins, in ticks.
        recovery: how long it takes, in ticks.
        shape: course of the recovery, such as SHAPE_SLOW_START.
        low: level until the recovery begins.
    """
    if time < start:
        return 1.0
    if time < end:
        return low
    if time >= end + recovery:
        return 1.0
    progress = (time - end) / recovery
    if shape == SHAPE_SLOW_START:
        progress = progress * progress
    elif shape == SHAPE_FAST_START:
        progress = 1.0 - (1.0 - progress) * (1.0 - progress)
    return low + (1.0 - low) * progress


def arrival_time(
    time: float,
    lead_time: float,
    first: int,
    last: int,
    starts: Floats,
    ends: Floats,
    modes: Integers,
    detours: Floats,
) -> float:
    """When goods shipped at ``time`` reach the end of an arc that has outages.

    While the arc is out, goods in transit stand still (hold), or leave it for a way that takes ``detour`` longer
    (reroute), or are lost. Overlapping outages hold only once. Times are whole numbers of ticks, so sums are exact.

    Args:
        time: when the goods are shipped, in ticks.
        lead_time: in ticks.
        first, last: range of the arc's outages in the four sequences, sorted by start.
        starts, ends: begin and end of each outage, in ticks.
        modes: what becomes of goods in transit, such as TRANSIT_HOLD.
        detours: how much longer the other way takes, in ticks.

    Returns:
        The arrival time; -start of the outage that loses the goods.
    """
    due = time + lead_time
    released = time
    for k in range(first, last):
        if starts[k] >= due:
            break
        if starts[k] <= time:
            continue
        if modes[k] == TRANSIT_HOLD:
            begin = starts[k]
            if begin < released:
                begin = released
            if ends[k] > begin:
                due += ends[k] - begin
                released = ends[k]
        elif modes[k] == TRANSIT_REROUTE:
            return due + detours[k]
        else:
            return -starts[k]
    return due


def stretched(lead_time: float, factor: float) -> float:
    """A lead time that a disruption multiplies, as a whole number of ticks; cut where sums would not be exact."""
    ticks = lead_time * factor + 0.5
    if ticks < LONGEST:
        return float(math.floor(ticks))
    return LONGEST


def review_at(time: float, ticks: int) -> int:
    """The first review at or after ``time``; reviews are ``ticks`` apart."""
    review = int(time / ticks)
    if review * ticks < time:
        review += 1
    return review


def arrival_review(shipped: int, due: float, ticks: int) -> int:
    """The first review after the one ``shipped`` and at or after ``due``: 0 and 1 period of lead time are the same.

    Args:
        shipped: number of the review in which they were shipped.
        due: when they arrive, in ticks.
        ticks: of a review period.
    """
    review = review_at(due, ticks)
    if review <= shipped:
        return shipped + 1
    return review

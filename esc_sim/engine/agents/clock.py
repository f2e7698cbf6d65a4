"""Moments on the SimPy clock with the framework's order of events at one instant.

Arrivals (of goods, which are then taken in, and of customers), disruptions, reviews (periodic, then continuous).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

import simpy
from simpy.events import EventPriority

ARRIVAL: Final = 1
TAKE_IN: Final = 2
CUSTOMER: Final = 3
DISRUPTION: Final = 4
REVIEW: Final = 5
INSTANT_REVIEW: Final = 6


def moment(env: simpy.Environment, time: float, priority: int, value: Any = None) -> simpy.Event:
    """An event at an absolute time with a priority; processes may yield it.

    SimPy's own ``timeout`` always has priority 1, so disruptions and reviews are scheduled directly.
    """
    event = simpy.Event(env)
    event._ok = True
    event._value = value
    env.schedule(event, cast(EventPriority, priority), time - env.now)
    return event


def at(
    env: simpy.Environment, time: float, priority: int, action: Callable[[simpy.Event], None], value: Any = None
) -> None:
    """Call ``action(event)`` at an absolute time; ``event.value`` is ``value``."""
    event = moment(env, time, priority, value)
    assert event.callbacks is not None
    event.callbacks.append(action)

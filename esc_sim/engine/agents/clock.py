"""Moments on the SimPy clock with the framework's order of events at one instant.

Arrivals (of goods, which are then taken in, and of customers), disruptions, reviews (periodic, then continuous).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from heapq import heappush
from typing import Any, Final, cast

import simpy
from simpy.events import NORMAL, EventPriority

from esc_sim.sampling.clock import Clock

ARRIVAL: Final = 1
TAKE_IN: Final = 2
CUSTOMER: Final = 3
DISRUPTION: Final = 4
REVIEW: Final = 5
INSTANT_REVIEW: Final = 6


class TickingEnvironment(simpy.Environment):
    """SimPy's environment, which counts whole ticks; what it is told in and tells are review periods.

    So processes of the user's own wait, and look at ``now``, in periods, and three timeouts of 0.2 are one of 0.6.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(0.0)
        self.clock = clock

    @property
    def now(self) -> float:
        """Time in review periods."""
        return self.clock.periods(self._now)

    @property
    def tick(self) -> float:
        """Time in ticks, a whole number."""
        return self._now

    def schedule(self, event: simpy.Event, priority: EventPriority = NORMAL, delay: float = 0) -> None:
        """Let an event happen after a delay in periods, rounded to a tick.

        Args:
            event: the event.
            priority: which of the events of one tick comes first; lower first.
            delay: review periods from now.
        """
        ticks = delay * self.clock.ticks
        super().schedule(event, priority, round(ticks) if math.isfinite(ticks) else ticks)

    def peek(self) -> float:
        """Time of the next event, in periods."""
        return self.clock.periods(super().peek())


class Moment(simpy.Event):
    """An event at a tick with a priority; processes may yield it.

    SimPy's own ``timeout`` always has priority 1, so disruptions and reviews are scheduled directly.

    Args:
        env: the clock.
        tick: when, in ticks from the start of the run.
        priority: which of the events of one tick comes first; lower first.
        value: what the event holds, and a process that yields it gets.
        actions: called with the event when it happens.
    """

    _ok = True

    def __init__(
        self,
        env: TickingEnvironment,
        tick: float,
        priority: int,
        value: Any = None,
        *actions: Callable[[simpy.Event], None],
    ) -> None:
        self.env, self.callbacks, self._value = env, list(actions), value
        heappush(env._queue, (tick, cast("EventPriority", priority), next(env._eid), self))


def at(
    env: TickingEnvironment, tick: float, priority: int, action: Callable[[simpy.Event], None], value: Any = None
) -> None:
    """Call ``action(event)`` at a tick; ``event.value`` is ``value``.

    Args:
        env: the clock.
        tick: when, in ticks from the start of the run.
        priority: which of the events of one tick comes first; lower first.
        action: what is called.
        value: what the event holds.
    """
    Moment(env, tick, priority, value, action)

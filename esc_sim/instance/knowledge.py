"""What buyers know of outages when they contract: the state so long ago as news takes, less what is over by then.

An event that begins at s and ends at e is known from s + d to e + d, d being its ``known_after``; its recovery is seen
with the same delay. Of an event that is over by s + d buyers never learn: an outage of one period is gone before the
next review could heed it. Of several events the least health known holds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from esc_sim.disruptions.health import ACTIVITIES
from esc_sim.disruptions.registry import LEARNT
from esc_sim.instance.model import Instance, IntArray
from esc_sim.sampling.clock import Clock
from esc_sim.sampling.timetable import Timetable, Trigger
from esc_sim.scenario.laws import Law


def learnt_channels(instance: Instance) -> IntArray:
    """Channels of which an event may become known while it lasts and before the run is over, ascending.

    None where every outage is over before buyers could learn of it: then nobody has to look.
    """
    triggers, clock, found = instance.triggers, instance.clock, set[int]()
    for trigger, effect in zip(triggers.triggers, triggers.effects, strict=True):
        if _can_be_known(instance, trigger.known_after, _longest(trigger, clock) + instance.effects[effect].recovery):
            found.update(trigger.channels)
            if instance.spreading is not None and effect in instance.spreading.effects:
                found.update(instance.spreading.channels[:, ACTIVITIES.index("ship")].tolist())
    for law in triggers.joint:
        if _can_be_known(instance, law.known_after, clock.ticks if law.each_period else clock.longest):
            found.update(law.channel.tolist())
    channels = np.array(sorted(found), np.int64)
    return channels[np.isin(instance.channels.kind[channels], LEARNT)]


def _longest(trigger: Trigger, clock: Clock) -> float:
    """Upper bound on how long an event lasts, without recovery, in ticks."""
    if trigger.dates is not None:
        return max((length for _, length in trigger.dates), default=0.0)
    length = trigger.duration if trigger.repair is None else trigger.repair
    return length if isinstance(length, float) else max(clock.of(length.upper), 1.0)


def _can_be_known(instance: Instance, known_after: float | Law, length: float) -> bool:
    return not isinstance(known_after, float) or known_after < min(length, instance.periods * instance.clock.ticks)


def news_of(instance: Instance, table: Timetable) -> tuple[NDArray[np.int64], Timetable]:
    """Entries of a timetable of which buyers learn, as they see them: begun, and over, so much later.

    Returns:
        Place of each entry's channel in ``instance.learnt``, and the entries.
    """
    places = np.full(len(instance.channels), -1, np.int64)
    places[instance.learnt] = np.arange(len(instance.learnt))
    recovery = instance.courses[1]
    lasting = table.end + (recovery[table.effect] if len(recovery) else 0.0) - table.start
    heard = np.flatnonzero((places[table.channel] >= 0) & (table.known_after < lasting))
    delay = table.known_after[heard]
    return places[table.channel[heard]], Timetable(
        table.channel[heard], table.start[heard] + delay, table.end[heard] + delay, table.effect[heard], delay
    )

"""An instance that is struck by one outage more, at a given time; all its random numbers stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from esc_sim.behaviours.switches import SHAPE_LINEAR, TRANSIT_HOLD
from esc_sim.disruptions.registry import number_of
from esc_sim.instance.model import Channels, Instance
from esc_sim.sampling.timetable import Effect, Trigger


@dataclass(frozen=True)
class Outage:
    """What is out together.

    Attributes:
        name: what its random numbers, if there are any, are named after.
        nodes: indices of nodes.
        arcs: indices of arcs, in the scenario's order.
        stops: what the nodes cannot do (``disruptions.health.ACTIVITIES``).
        health: share of capacity left.
        start, duration: in periods.
        known_after: periods until buyers learn of it; infinite: they never do; None: what the scenario's rules say.
    """

    name: str
    nodes: Sequence[int]
    arcs: Sequence[int]
    stops: Sequence[str]
    health: float
    start: float
    duration: float
    known_after: float | None = None


def struck(instance: Instance, outage: Outage) -> Instance:
    """The instance with one dated outage more, as the same disruption in its scenario would make it.

    Args:
        instance: what to start from; it stays as it is.
        outage: what is out, and when.
    """
    channels, clock = instance.channels, instance.clock
    index = {key: c for c, key in enumerate(zip(channels.kind.tolist(), channels.target.tolist(), strict=True))}
    keys = [(number_of(activity), int(node)) for node in outage.nodes for activity in outage.stops]
    keys += [(number_of("arc"), int(arc)) for arc in outage.arcs]
    hit = tuple(index.setdefault(key, len(index)) for key in keys)
    whole = np.array(list(index), np.int64).reshape(-1, 2)
    duration = clock.of(outage.duration)
    known = instance.triggers.known_after if outage.known_after is None else outage.known_after
    if outage.known_after is not None:
        known = duration if outage.known_after >= outage.duration else clock.of(outage.known_after)
    trigger = Trigger(
        stream=f"disruption/{outage.name}",
        channels=hit,
        dates=((clock.of(outage.start), duration),),
        known_after=known,
    )
    effect = Effect(outage.health, 0.0, SHAPE_LINEAR, TRANSIT_HOLD, 0.0)
    triggers = replace(
        instance.triggers,
        triggers=(*instance.triggers.triggers, trigger),
        effects=(*instance.triggers.effects, len(instance.effects)),
    )
    return replace(
        instance,
        channels=Channels(whole[:, 0].copy(), whole[:, 1].copy()),
        effects=(*instance.effects, effect),
        triggers=triggers,
    )

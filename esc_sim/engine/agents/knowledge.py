"""What buyers know of disruptions when they contract: news of each, and of its end, comes so long after it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np
import simpy

from esc_sim.behaviours.disrupt import level_at
from esc_sim.engine.agents.clock import DISRUPTION, Moment
from esc_sim.sampling.timetable import delays_of

if TYPE_CHECKING:
    from esc_sim.engine.agents.hazards import Hazards
    from esc_sim.engine.agents.model import SupplyChainModel


@dataclass
class _ByHand:
    """A disruption by hand of a node or an arc, over when another level takes its place."""

    is_arc: bool
    target: int
    level: float
    start: float
    known_after: float
    end: float = inf


class Knowledge:
    """The health of nodes and arcs as their buyers know it (see ``instance.knowledge``).

    Attributes:
        nodes, arcs: level of those that are known to be hindered, at the last refresh.
    """

    def __init__(self, model: SupplyChainModel, hazards: Hazards) -> None:
        self.model = model
        self.hazards = hazards
        self.nodes: dict[int, float] = {}
        self.arcs: dict[int, float] = {}
        self._heard: list[int] = []
        """Entries of which buyers know."""
        self._by_hand: list[_ByHand] = []
        self._count = 0

    def node(self, node: int) -> float:
        """Known health of a node."""
        return self.nodes.get(node, 1.0)

    def arc(self, arc: int) -> float:
        """Known health of an arc."""
        return self.arcs.get(arc, 1.0)

    @property
    def any(self) -> bool:
        """Whether buyers know of anything, or are about to forget what they knew."""
        return bool(self._heard or self._by_hand or self.nodes or self.arcs)

    def tell(self, entry: int) -> None:
        """Send word of an entry of the timetable that begins now, unless it is over before anybody hears of it."""
        hazards = self.hazards
        lasting = hazards.ends[entry] + hazards.effects[entry].recovery - hazards.starts[entry]
        if hazards.channels[hazards.channel[entry]].is_learnt and hazards.known_after[entry] < lasting:
            self.model.env.process(self._last(entry))

    def _last(self, entry: int) -> Generator[simpy.Event, None, None]:
        hazards, env = self.hazards, self.model.env
        yield Moment(env, hazards.starts[entry] + hazards.known_after[entry], DISRUPTION)
        if env.tick < hazards.ends[entry] + hazards.effects[entry].recovery:
            self._heard.append(entry)

    def _is_forgotten(self, entry: int) -> bool:
        hazards = self.hazards
        last = hazards.ends[entry] + hazards.effects[entry].recovery + hazards.known_after[entry]
        return last <= self.model.env.tick

    def disrupt(self, target: int, level: float, *, is_arc: bool = False) -> None:
        """A node or arc is disrupted by hand from now on.

        Args:
            target: node, or arc in the order of lines.
            level: share of its capacity that is left, 0 to 1.
            is_arc: whether the target is an arc.
        """
        self.restore(target, is_arc=is_arc)
        delay = self.delay_by_hand(target, is_arc=is_arc)
        self._by_hand.append(_ByHand(is_arc, target, level, self.model.env.tick, delay))

    def delay_by_hand(self, target: int, *, is_arc: bool = False) -> float:
        """How long it takes, in ticks, until buyers learn of a disruption by hand; the next one draws anew.

        Args:
            target: node, or arc in the order of lines.
            is_arc: whether the target is an arc.
        """
        model, name = self.model, f"by hand/{'arc' if is_arc else 'node'}/{target}"
        triggers, place = model.instance.triggers, np.array([self._count], np.int64)
        self._count += 1
        found = delays_of(triggers.known_after, triggers.clock, name, model.tape_seed, model.replication, place)
        return float(found[0])

    def restore(self, target: int, *, is_arc: bool = False) -> None:
        """What was done to a node or arc by hand is over."""
        for outage in self._by_hand:
            if (outage.is_arc, outage.target, outage.end) == (is_arc, target, inf):
                outage.end = self.model.env.tick

    def refresh(self) -> None:
        """What buyers know at the current time."""
        hazards, now = self.hazards, self.model.env.tick
        self.nodes.clear()
        self.arcs.clear()
        self._heard = [entry for entry in self._heard if not self._is_forgotten(entry)]
        for entry in self._heard:
            channel, effect, delay = hazards.channel[entry], hazards.effects[entry], hazards.known_after[entry]
            start, end = hazards.starts[entry] + delay, hazards.ends[entry] + delay
            level = level_at(now, start, end, effect.recovery, effect.shape, effect.low)
            self._lower(hazards.channels[channel].of == "arc", hazards.target[channel], level)
        self._by_hand = [outage for outage in self._by_hand if now < outage.end + outage.known_after]
        for outage in self._by_hand:
            heard = outage.start + outage.known_after
            if heard <= now and heard < outage.end:
                self._lower(outage.is_arc, outage.target, outage.level)

    def _lower(self, is_arc: bool, target: int, level: float) -> None:
        levels = self.arcs if is_arc else self.nodes
        levels[target] = min(levels.get(target, 1.0), level)

"""Disruptions as SimPy processes that play the timetable and keep the components' health."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np
import simpy

from esc_sim.behaviours.disrupt import level_at
from esc_sim.disruptions.health import ACTIVITIES
from esc_sim.disruptions.registry import CHANNELS
from esc_sim.engine.agents.clock import DISRUPTION, Moment, at
from esc_sim.engine.agents.knowledge import Knowledge
from esc_sim.sampling.timetable import Timetable

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel


class Hazards:
    """Plays a timetable: each entry is in force from its start until its recovery is over.

    Overlapping entries of a channel take the least health; overlapping factors multiply.
    """

    def __init__(self, model: SupplyChainModel, timetable: Timetable) -> None:
        self.model = model
        self.env = model.env
        instance = model.instance
        self.starts: list[float] = timetable.start.tolist()
        self.ends: list[float] = timetable.end.tolist()
        self.channel: list[int] = timetable.channel.tolist()
        self.effect: list[int] = timetable.effect.tolist()
        self.known_after: list[float] = timetable.known_after.tolist()
        self.effects = [instance.effects[e] for e in self.effect]
        self.kind: list[int] = instance.channels.kind.tolist()
        self.channels = [CHANNELS[kind] for kind in self.kind]
        """What each channel of the instance is."""
        rank = np.empty(instance.network.arc_count, np.int64)
        rank[instance.lines.arc_order] = np.arange(instance.network.arc_count)
        self.target = [
            int(rank[target]) if channel.of == "arc" else int(target)
            for channel, target in zip(self.channels, instance.channels.target, strict=True)
        ]
        self.active: dict[int, list[int]] = {}
        """Entries in force by channel, in the timetable's order."""
        self.planned = len(self.starts)
        """Number of entries of the timetable; others are added later."""
        self.of_cascades: set[int] = set()
        """Entries of nodes that failed in a cascade."""
        self.nodes_by_hand: dict[int, float] = {}
        """Health of nodes disrupted by hand, until they are restored."""
        self.arcs_by_hand: set[int] = set()
        self.known = Knowledge(model, self)
        for effect in np.unique(timetable.effect):
            entries = np.flatnonzero(timetable.effect == effect).tolist()
            self.env.process(self._play(entries))

    def _play(self, entries: list[int]) -> Generator[simpy.Event, None, None]:
        """One disruption: start its entries one after the other."""
        for entry in entries:
            yield Moment(self.env, self.starts[entry], DISRUPTION)
            self.env.process(self._last(entry))

    def add(self, channel: int, effect: int, end: float, known_after: float) -> int:
        """Put a further entry in force from now on; returns its number.

        Args:
            channel, effect, end: of the entry, its end in ticks, which may be infinite.
            known_after: how long after now buyers learn of it, in ticks.
        """
        self.starts.append(self.env.tick)
        self.ends.append(end)
        self.channel.append(channel)
        self.effect.append(effect)
        self.effects.append(self.model.instance.effects[effect])
        self.known_after.append(known_after)
        entry = len(self.starts) - 1
        self.env.process(self._last(entry))
        return entry

    def finish(self, entry: int, end: float) -> None:
        """Let an entry end at another tick than it was to, now or later; its recovery follows."""
        self.ends[entry] = end
        over = end + self.effects[entry].recovery
        at(self.env, over, DISRUPTION, lambda event: self._is_over(entry))

    def repair(self, node: int) -> bool:
        """End now all disruptions in force that hinder a node's activities; returns whether there were any."""
        found = [
            entry
            for channel, entries in self.active.items()
            for entry in entries
            if self.channels[channel].name in ACTIVITIES and self.target[channel] == node
            if self.ends[entry] > self.env.tick and not self.effects[entry].by_plan
        ]
        for entry in found:
            self.finish(entry, self.env.tick)
        return bool(found)

    @property
    def played(self) -> Timetable:
        """The timetable with everything that was added to it, as far as it has lasted at all."""
        starts, ends = np.array(self.starts, np.float64), np.array(self.ends, np.float64)
        ends[np.isinf(ends)] = self.model.instance.periods * self.model.instance.clock.ticks
        lasted = (ends > starts) | (np.arange(len(ends)) < self.planned)
        columns = (
            np.array(self.channel, np.int64),
            starts,
            ends,
            np.array(self.effect, np.int64),
            np.array(self.known_after, np.float64),
        )
        return Timetable.in_order(*(column[lasted] for column in columns))

    def _last(self, entry: int) -> Generator[simpy.Event, None, None]:
        """One entry: in force until its end and the recovery after it."""
        entries = self.active.setdefault(self.channel[entry], [])
        entries.append(entry)
        entries.sort()
        self.known.tell(entry)
        by_plan = self.effects[entry].by_plan
        if not by_plan:
            self.model.log_event(self.target_name(self.channel[entry]), "disrupted", self.effects[entry].low)
        yield Moment(self.env, self.ends[entry] + self.effects[entry].recovery, DISRUPTION)
        self._is_over(entry)

    def _is_over(self, entry: int) -> None:
        """An entry has ended and recovered, unless that is later than once planned, or was earlier."""
        channel, effect = self.channel[entry], self.effects[entry]
        entries = self.active.get(channel, [])
        if entry not in entries or self.ends[entry] + effect.recovery > self.env.tick:
            return
        entries.remove(entry)
        if not entries:
            del self.active[channel]
            self._apply(channel, 1.0)
        if not effect.by_plan:
            self.model.log_event(self.target_name(channel), "restored", 1.0)
        if self.model.live is not None:
            self.model.live.wake()

    def refresh(self) -> None:
        """Set the health that the review at the current time finds."""
        for channel, entries in self.active.items():
            multiplies = self.channels[channel].is_factor
            level = 1.0
            for entry in entries:
                value = self._level(entry)
                level = level * value if multiplies else min(level, value)
            self._apply(channel, level)
        health = self.model.health
        for node, level in self.nodes_by_hand.items():
            health.ship[node] = min(health.ship[node], level)
        for arc in self.arcs_by_hand:
            health.arc[arc] = 0.0
        self.known.refresh()

    def _level(self, entry: int) -> float:
        """What an entry leaves now."""
        effect = self.effects[entry]
        return level_at(self.env.tick, self.starts[entry], self.ends[entry], effect.recovery, effect.shape, effect.low)

    @property
    def at_work(self) -> bool:
        """Whether anything is disrupted, or known to have been."""
        return bool(self.active or self.nodes_by_hand or self.arcs_by_hand or self.known.any)

    def disrupt(self, node: int, level: float) -> None:
        """Disrupt a node by hand from now on."""
        self.nodes_by_hand[node] = level
        self.known.disrupt(node, level)

    def restore(self, node: int) -> bool:
        """End the disruption of a node by hand; returns whether there was one."""
        self.known.restore(node)
        return self.nodes_by_hand.pop(node, None) is not None

    def close_arc(self, arc: int) -> None:
        """Close an arc by hand from now on; goods that reach its end wait there."""
        self.arcs_by_hand.add(arc)
        self.known.disrupt(arc, 0.0, is_arc=True)

    def open_arc(self, arc: int) -> None:
        """Open an arc that was closed by hand; goods that wait are released by ``Transport.release``."""
        self.arcs_by_hand.discard(arc)
        self.known.restore(arc, is_arc=True)
        self.model.health.arc[arc] = 1.0

    def troubled_suppliers(self) -> set[int]:
        """Supplier items that may be unable to ship all they will sell, for a reason that their buyers do not know."""
        model, known = self.model, self.known
        nodes = {self.target[c] for c in self.active if self.channels[c].name == "ship"}.union(self.nodes_by_hand)
        arcs = {self.target[c] for c in self.active if self.channels[c].name == "arc"}.union(self.arcs_by_hand)
        items = {i for node in nodes if model.health.ship[node] < known.node(node) for i in model.items_of_node[node]}
        return items.union(model.books.arcs[arc].supplier for arc in arcs if model.health.arc[arc] < known.arc(arc))

    def nodes_out(self) -> set[int]:
        """Nodes that can ship nothing now, whatever hinders them."""
        out = {node for node, level in self.nodes_by_hand.items() if level <= 0.0}
        return out.union(
            self.target[channel]
            for channel, entries in self.active.items()
            if self.channels[channel].name == "ship" and min(map(self._level, entries)) <= 0.0
        )

    def recovering_nodes(self) -> set[int]:
        """Nodes whose disruptions have all ended, and which have not yet come back to full health."""
        recovering: set[int] = set()
        struck: set[int] = set(self.nodes_by_hand)
        reviewed = self.env.tick - self.model.instance.clock.ticks
        for channel, entries in self.active.items():
            if self.channels[channel].name in ACTIVITIES:
                over = all(self.ends[entry] <= reviewed for entry in entries)
                (recovering if over else struck).add(self.target[channel])
        return recovering - struck

    @property
    def struck_nodes(self) -> set[int]:
        """Nodes that a disruption hinders or that recover from one; levels that a plan sets do not count."""
        found = set(self.nodes_by_hand)
        return found.union(self.target[c] for c in self._struck() if self.channels[c].name in ACTIVITIES)

    @property
    def struck_arcs(self) -> set[int]:
        """Arcs, in sorted order, that a disruption hinders."""
        found = {self.target[c] for c in self._struck() if self.channels[c].name == "arc"}
        return found.union(self.arcs_by_hand)

    @property
    def striking(self) -> bool:
        """Whether any disruption is in force."""
        return bool(self._struck() or self.nodes_by_hand or self.arcs_by_hand)

    def _struck(self) -> list[int]:
        return [c for c, entries in self.active.items() if not all(self.effects[e].by_plan for e in entries)]

    def cascaded_nodes(self) -> set[int]:
        """Nodes that have failed in a cascade and have not begun to recover."""
        reviewed = self.env.tick - self.model.instance.clock.ticks
        return {
            self.target[channel]
            for channel, entries in self.active.items()
            if any(entry in self.of_cascades and self.ends[entry] > reviewed for entry in entries)
        }

    def _apply(self, channel: int, level: float) -> None:
        if self.channels[channel].of != "bus":
            self.model.health.levels[self.kind[channel]][self.target[channel]] = level

    def target_name(self, channel: int) -> str:
        """Name of what a channel is about, for the event log."""
        what, target, instance = self.channels[channel], self.target[channel], self.model.instance
        network, books = instance.network, self.model.books
        if what.of == "arc":
            mode = network.mode(int(instance.lines.arc_order[target]))
            name = f"{network.item_name(books.arcs[target].supplier)} -> {network.item_name(books.arcs[target].buyer)}"
            name += f" by {mode}" if mode else ""
        elif what.of == "bus" and instance.power is not None:
            name = instance.power.grid.names[target]
        else:
            name = network.node_ids[target]
        return f"{name} ({what.words})" if what.words else name

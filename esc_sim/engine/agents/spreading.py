"""Cascades of failures as SimPy processes: something sets one off, each round reads the state that it finds."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import simpy
from numpy.typing import NDArray

from esc_sim.cascade.arrays import most_links, new_state
from esc_sim.cascade.cascade import Cascade
from esc_sim.cascade.scenario import scaled
from esc_sim.cascade.state import FRONTIER, State
from esc_sim.engine.agents.clock import DISRUPTION, Moment
from esc_sim.instance.spreading import Outbreak, Spreading

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel


class Cascades:
    """All cascades of a model: those of its timetable, and those that outages by hand set off.

    Attributes:
        repaired: nodes that were brought back by hand, in that order; a cascade reads those that are new to it.
        struck: nodes that are out of action by hand and do not spread; every round finds them down.
    """

    def __init__(self, model: SupplyChainModel, outbreaks: Iterable[Outbreak]) -> None:
        self.model = model
        self.repaired: list[int] = []
        self.struck: set[int] = set()
        self._resuming: dict[int, list[int]] = {}
        """Nodes put out by hand that a recovery plan lets resume, and the entries of each."""
        self._running = [self._begin(outbreak) for outbreak in outbreaks]

    def _begin(self, outbreak: Outbreak) -> Spread:
        assert self.model.instance.spreading is not None
        spread = Spread(self, self.model, self.model.instance.spreading, outbreak)
        self.model.env.process(spread.play())
        return spread

    @property
    def by_hand(self) -> bool:
        """Whether what is put out of action by hand spreads."""
        spreading = self.model.instance.spreading
        return spreading is not None and spreading.by_hand is not None

    def put_out(self, node: int) -> None:
        """Put a node out of action by hand, from now until :meth:`let_back`; that spreads.

        A node that the recovery plan names resumes as the plan says, and no cascade starts from it.
        """
        model, hazards, spreading = self.model, self.model.hazards, self.model.instance.spreading
        assert spreading is not None
        assert spreading.by_hand is not None
        now, end = model.env.tick, math.inf
        if node in spreading.restored:
            end = now + spreading.resume_after
        if end <= now:
            return
        known_after = hazards.known.delay_by_hand(node)
        entries = [
            hazards.add(channel, spreading.by_hand, end, known_after) for channel in spreading.channels[node].tolist()
        ]
        if end < math.inf:
            self._resuming[node] = entries
        else:
            hazards.nodes_by_hand[node] = 0.0
            together = [spread for spread in self._running if spread.start == now and not spread.begun]
            event = Outbreak(now, end, spreading.by_hand, known_after, np.empty(0, np.int32))
            if not together:
                together = [self._begin(replace(event, end=now))]
                self._running += together
            together[0].join(node, entries, event)

    def let_back(self, node: int) -> bool:
        """What was done to a node by hand is over; with the last who failed at that instant, so is the event."""
        left = [spread.leave(node) for spread in self._running]
        hazards, now = self.model.hazards, self.model.env.tick
        early = [entry for entry in self._resuming.pop(node, ()) if hazards.ends[entry] > now]
        for entry in early:
            hazards.finish(entry, now)
        return any(left) or bool(early)


class Spread:
    """One cascade of a running model.

    Attributes:
        start, end: from the first failure until the nodes that failed resume, in ticks.
        begun: whether its first nodes have failed.
    """

    def __init__(self, cascades: Cascades, model: SupplyChainModel, spreading: Spreading, outbreak: Outbreak) -> None:
        self.cascades = cascades
        self.model = model
        self.spreading = spreading
        self.start, self.end, self.begun = outbreak.start, outbreak.end, False
        self._outbreak = self._longest = outbreak
        self._by_hand: dict[int, list[int]] = {}
        """Nodes that are out by hand, and the entries of each."""
        self._entries: list[int] = []
        """Entries of the nodes that failed in the cascade."""

    def join(self, node: int, entries: list[int], event: Outbreak) -> None:
        """A node fails by hand at the start; the event now lasts until it is back.

        Args:
            node: the node.
            entries: numbers of its entries.
            event: what was done to it.
        """
        self._by_hand[node] = entries
        self._longest, self.end = event, event.end

    def leave(self, node: int) -> bool:
        """A node that is out by hand is back; returns whether it was."""
        entries, now = self._by_hand.pop(node, None), self.model.env.tick
        if entries is None:
            return False
        for entry in entries:
            self.model.hazards.finish(entry, now)
        if not self._by_hand:
            self._longest, self.end = self._outbreak, max(self._outbreak.end, now)
            for entry in self._entries:
                if self.model.hazards.ends[entry] > self.end:
                    self.model.hazards.finish(entry, self.end)
        return True

    def play(self) -> Generator[simpy.Event, None, None]:
        """Round by round, the nodes that fail stop all trade until the event is over."""
        model, spreading, env = self.model, self.spreading, self.model.env
        yield Moment(env, self.start, DISRUPTION)
        self.begun = True
        loads = Loads(model, spreading)
        cascade = loads.cascade
        state = new_state(cascade.net)
        cascade.start(state, np.array(sorted({*self._outbreak.failed.tolist(), *self._by_hand}), np.int32))
        self._read = len(self.cascades.repaired)
        for number in count(1):
            begin = self.start + number * spreading.delay
            if not state.count[FRONTIER] or begin >= min(self.end, model.instance.periods * model.instance.clock.ticks):
                return
            yield Moment(env, begin, DISRUPTION)
            if begin >= self.end:
                return
            state = self._found(state, cascade)
            front = state.frontier[: state.count[FRONTIER]].tolist()
            record = cascade.advance(state, spreading.seed, keep_load=False)
            self._fail(record.failed.tolist())
            if spreading.links_trade:
                model.links.follow(record, front, cascade.net, state)
            loads.read(state)

    def _fail(self, nodes: list[int]) -> None:
        model = self.model
        for node in nodes:
            model.log_event(model.instance.network.node_ids[node], "failed in the cascade", 0.0)
            for channel in self.spreading.channels[node].tolist():
                entry = model.hazards.add(channel, self._longest.effect, self.end, self._longest.known_after)
                model.hazards.of_cascades.add(entry)
                self._entries.append(entry)

    def _found(self, state: State, cascade: Cascade) -> State:
        """The state as this round finds it: who is out by hand is down; who was brought back lives, sheds nothing."""
        hazards, repaired = self.model.hazards, self.cascades.repaired
        dead = np.flatnonzero(state.alive == 0).tolist()
        if self.spreading.whole_network:
            new = set(repaired[self._read :])
            back = [node for node in dead if node in new and node not in self.cascades.struck]
            state.alive[list(self.cascades.struck)] = 0
        else:
            out = hazards.nodes_out()
            back = [node for node in dead if node not in out] if self.model.env.tick > self.start else []
            state.alive[list(out)] = 0
        self._read = len(repaired)
        if not back:
            return state
        state.alive[back] = 1
        state.load[back] = cascade.net.load0[back]
        front = state.frontier[: state.count[FRONTIER]]
        kept = front[~np.isin(front, back)]
        state.frontier[: len(kept)] = kept
        state.count[FRONTIER] = len(kept)
        # a node that lives again may be hit again: as many links more as a cascade can have
        more = most_links(cascade.net)
        longer = {
            name: np.concatenate([array := getattr(state, name), np.zeros(more, array.dtype)])
            for name in ("link_from", "link_to", "next_link", "offer")
        }
        return state._replace(**longer)


class Loads:
    """Loads of a cascade: of the network, or what passes the nodes of the running model.

    Attributes:
        cascade: the cascade with the loads that hold when it starts.
    """

    def __init__(self, model: SupplyChainModel, spreading: Spreading) -> None:
        self.model = model
        self.cascade = plain = spreading.cascade
        self._again = spreading.load == "current_throughput"
        if spreading.is_measured:
            self._seen, self._reviews = self._flows(), model.period
            scale, mean = plain.settings.load_scale, float(self._seen.max(axis=0).mean())
            self.cascade = plain.with_loads(scaled(self._seen.max(axis=0), scale))
            self._per_unit = scale * self._reviews / mean if mean > 0 else 0.0

    def _flows(self) -> NDArray[np.float64]:
        """float64[2, N], units shipped so far from each node, and to it."""
        books = self.model.books
        return np.array(
            [
                np.bincount(ends, weights=books.arc_total, minlength=books.node_count)
                for ends in ([arc.supplier_node for arc in books.arcs], [arc.buyer_node for arc in books.arcs])
            ]
        )

    def read(self, state: State) -> None:
        """Set the loads to what has passed the nodes per review since they were last read, if that is asked for."""
        reviews = self.model.period - (self._reviews if self._again else self.model.period)
        if reviews <= 0:
            return
        flows = self._flows()
        state.load[:] = (flows - self._seen).max(axis=0) * (self._per_unit / reviews)
        np.minimum(state.load, self.cascade.net.upper, out=state.load)
        self._seen, self._reviews = flows, self.model.period

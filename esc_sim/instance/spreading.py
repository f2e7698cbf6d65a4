"""Disruptions that spread: the underload cascade that an event sets off, and the timetable with it.

An event of a disruption marked ``cascade: true`` removes its nodes; those that a recovery plan restores resume, and
the cascade starts from the others. The nodes that fail in its round r stop all their trade from r delays after the
start until the event is over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from esc_sim.behaviours.switches import SHAPE_LINEAR, TRANSIT_HOLD
from esc_sim.cascade.arrays import new_state
from esc_sim.cascade.cascade import Cascade
from esc_sim.cascade.scenario import cascade_of
from esc_sim.disruptions.health import ACTIVITIES
from esc_sim.disruptions.registry import number_of
from esc_sim.instance.model import Channels, Instance
from esc_sim.network.model import Network
from esc_sim.sampling.clock import Clock
from esc_sim.sampling.streams import STRATA
from esc_sim.sampling.timetable import Effect, Timetable, timetable, timetables
from esc_sim.scenario.cascade import MEASURED, CascadeRules
from esc_sim.scenario.schema import Scenario

Nodes = NDArray[np.int32]
_REMEMBERED = 256
"""Cascades kept, by the nodes that they start from: the same event in another replication is the same cascade."""


@dataclass(frozen=True, eq=False)
class Spreading:
    """How disruptions of an instance spread.

    Attributes:
        cascade: the network with eigenvector loads and the settings.
        seed: of the random numbers of new links.
        delay: time of a round, in ticks.
        load: what loads are (``scenario.cascade.CascadeRules``).
        effects: the disruptions that spread, as indices of the instance's effects.
        channels: int64[N, 5] channel of each activity of each node.
        restored: int32[X] nodes that a recovery plan restores, ascending.
        resume_after: ticks from an event's start until the restored nodes resume.
        whole_network: a cascade knows of no other nodes that are down than its own.
        links_trade: new and strengthened relations carry orders.
        by_hand: index of the effect of nodes put out of action by hand; None: they do not spread.
    """

    cascade: Cascade
    seed: int
    delay: float
    load: str
    effects: frozenset[int]
    channels: NDArray[np.int64]
    restored: Nodes = field(default_factory=lambda: np.empty(0, np.int32))
    resume_after: float = 0.0
    whole_network: bool = True
    links_trade: bool = False
    by_hand: int | None = None
    _known: dict[bytes, tuple[Nodes, ...]] = field(default_factory=dict, repr=False)
    _parts: dict[tuple[bytes, int], int] = field(default_factory=dict, repr=False)

    @property
    def is_measured(self) -> bool:
        """Whether loads are goods that pass the nodes of the running model."""
        return self.load in MEASURED

    @property
    def agent_features(self) -> Iterator[str]:
        """What of it only the agent engine can do, in words."""
        if self.is_measured:
            yield f"the cascade takes its loads from the running model (cascade.load: {self.load})"
        if not self.whole_network:
            yield "each round of a cascade reads who is down (cascade.whole_network: false)"
        if self.links_trade:
            yield "links that a cascade makes carry orders (cascade.links_trade)"

    def rounds(self, failed: Nodes) -> tuple[Nodes, ...]:
        """Nodes that fail in each round of the cascade from the ``failed`` ones, ascending."""
        key = failed.tobytes()
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[key] = rounds_of(self.cascade, failed, self.seed)
        return found

    def part(self, failed: Nodes, seed: int) -> int:
        """RN (strict RN where searches count it) after the cascade from the ``failed`` nodes, on a seed of its own."""
        key = failed.tobytes(), seed
        if key not in self._parts:
            if len(self._parts) >= _REMEMBERED:
                self._parts.clear()
            after = self.cascade.run(failed, seed=seed)
            self._parts[key] = after.strict_rn if self.cascade.settings.strict else after.rn
        return self._parts[key]


@dataclass(frozen=True)
class Outbreak:
    """Events that begin at one instant and spread together.

    Attributes:
        start, end: from the first removal to the end of the longest of the events, in ticks.
        effect: index of the effect of that event; the nodes that fail in the cascade are booked on it.
        known_after: how long after a node has failed buyers learn of it, as of that event.
        failed: int32[F] removed nodes that are not restored, ascending.
    """

    start: float
    end: float
    effect: int
    known_after: float
    failed: Nodes


def rounds_of(cascade: Cascade, failed: Nodes, seed: int) -> tuple[Nodes, ...]:
    """Nodes that fail in each round of a cascade, ascending; the last round, in which none fails, is left out.

    Args:
        cascade: network and rules.
        failed: indices of the nodes that fail first, ascending.
        seed: of the draws of new links.
    """
    records = cascade.rounds(new_state(cascade.net), failed, seed, keep_load=False)
    return tuple(record.failed for record in records if len(record.failed))


def functional_parts(
    instance: Instance, plan: Nodes, seeds: Sequence[int], seed: int, replication: int, stratified: bool = False
) -> NDArray[np.int64]:
    """RN of the cascade model for the events of a replication, with a set of nodes restored and with none.

    It is the size of the largest functional part after the worst of the cascades that strike nodes of the set (of all,
    where the set is empty); all nodes without one. Every cascade is played to its end, off the clock: rounds after the
    event is over count, and restored nodes are in place from its start. Strict RN where searches count it.

    Args:
        instance: what is run without the plan, with disruptions that spread and loads that are not measured in the run.
        plan: indices of the nodes that are restored.
        seeds: Q cascade seeds.
        seed: seed of all random numbers.
        replication: number of the replication.
        stratified: disruptions are a Latin hypercube across batches of replications.

    Returns:
        (2, Q): with the set, and without.
    """
    spreading = instance.spreading
    assert spreading is not None
    _, outbreaks = events_of(instance, seed, replication, stratified)
    struck = [one.failed for one in outbreaks if not len(plan) or np.isin(one.failed, plan).any()]
    found = np.full((2, len(seeds)), spreading.cascade.network.n, np.int64)
    for nodes in struck:
        for row, failed in enumerate((np.setdiff1d(nodes, plan).astype(np.int32), nodes)):
            found[row] = np.minimum(found[row], [spreading.part(failed, cascade) for cascade in seeds])
    return found


def spreading_of(
    scenario: Scenario, network: Network, channels: Channels, effects: tuple[Effect, ...], clock: Clock
) -> tuple[Spreading | None, Channels, tuple[Effect, ...]]:
    """How failures spread, and the instance's channels and effects with those that this takes.

    Args:
        scenario: what may spread, and how.
        network: its network.
        channels: what its disruptions hit.
        effects: what they do.
        clock: of the scenario.

    Returns:
        None, and channels and effects as they are, where nothing spreads.
    """
    rules = scenario.cascade or CascadeRules()
    spread = frozenset(number for number, d in enumerate(scenario.disruptions) if d.cascade)
    if not (spread or rules.by_hand):
        return None, channels, effects
    index = {key: c for c, key in enumerate(zip(channels.kind.tolist(), channels.target.tolist(), strict=True))}
    of_node = [
        [index.setdefault((number_of(activity), node), len(index)) for activity in ACTIVITIES]
        for node in range(network.node_count)
    ]
    whole = np.array(list(index), np.int64).reshape(-1, 2)
    spreading = Spreading(
        cascade=cascade_of(scenario, network),
        seed=rules.seed,
        delay=clock.of(rules.delay),
        load=rules.load,
        effects=spread,
        channels=np.array(of_node, np.int64),
        whole_network=rules.whole_network,
        links_trade=rules.links_trade,
        by_hand=len(effects) if rules.by_hand else None,
    )
    more = (Effect(0.0, 0.0, SHAPE_LINEAR, TRANSIT_HOLD, 0.0),) if rules.by_hand else ()
    return spreading, Channels(whole[:, 0].copy(), whole[:, 1].copy()), (*effects, *more)


def events_of(
    instance: Instance, seed: int, replication: int, stratified: bool = False, strata: int = STRATA
) -> tuple[Timetable, tuple[Outbreak, ...]]:
    """The timetable without the cascades, restored nodes back in their places, and the outbreaks that start them.

    Args:
        instance: what is run.
        seed: seed of all random numbers.
        replication: number of the replication.
        stratified: draw disruptions as a Latin hypercube across batches of replications.
        strata: replications of a batch.

    Raises:
        InputError: a component fails and is repaired a thousand times a period.
    """
    return _outbreaks_in(
        instance, timetable(instance.triggers, seed, replication, instance.periods, stratified, strata)
    )


def _outbreaks_in(instance: Instance, table: Timetable) -> tuple[Timetable, tuple[Outbreak, ...]]:
    spreading = instance.spreading
    if spreading is None or not len(table):
        return table, ()
    spreads = np.isin(table.effect, sorted(spreading.effects))
    node = instance.channels.target[table.channel]
    restored = spreads & np.isin(node, spreading.restored)
    end = np.where(restored, np.minimum(table.end, table.start + spreading.resume_after), table.end)
    outbreaks = tuple(_outbreaks(table, np.flatnonzero(spreads), node, restored))
    kept = end > table.start
    return Timetable(
        table.channel[kept], table.start[kept], end[kept], table.effect[kept], table.known_after[kept]
    ), outbreaks


def timetables_of(
    instance: Instance, seed: int, replications: Sequence[int], stratified: bool = False, strata: int = STRATA
) -> tuple[Timetable, ...]:
    """What fails when in some replications, cascades included; where loads are throughput, without cascades.

    Args:
        instance: what is run.
        seed: seed of the run.
        replications: their numbers.
        stratified: draw events by probability as a Latin hypercube across batches of replications.
        strata: replications of a batch.

    Raises:
        InputError: a component fails and is repaired a thousand times a period.
    """
    tables = timetables(instance.triggers, seed, replications, instance.periods, stratified, strata)
    return tables if instance.spreading is None else tuple(_spread(instance, table) for table in tables)


def timetable_of(
    instance: Instance, seed: int, replication: int, stratified: bool = False, strata: int = STRATA
) -> Timetable:
    """What fails when in one replication (see :func:`timetables_of`).

    Args:
        instance: what is run.
        seed: seed of all random numbers.
        replication: number of the replication.
        stratified: draw disruptions as a Latin hypercube across batches of replications.
        strata: replications of a batch.

    Raises:
        InputError: a component fails and is repaired a thousand times a period.
    """
    return timetables_of(instance, seed, [replication], stratified, strata)[0]


def _spread(instance: Instance, table: Timetable) -> Timetable:
    """A timetable with the cascades that its events set off."""
    table, outbreaks = _outbreaks_in(instance, table)
    spreading = instance.spreading
    if spreading is None or spreading.is_measured or not outbreaks:
        return table
    parts = [table]
    for outbreak in outbreaks:
        for begin, nodes in waves(instance, outbreak, spreading.rounds(outbreak.failed)):
            channel = spreading.channels[nodes].ravel()
            size = len(channel)
            parts.append(
                Timetable(
                    channel,
                    np.full(size, begin),
                    np.full(size, outbreak.end),
                    np.full(size, outbreak.effect, np.int64),
                    np.full(size, outbreak.known_after),
                )
            )
    return joined(parts)


def waves(instance: Instance, outbreak: Outbreak, rounds: Sequence[Nodes]) -> Iterator[tuple[float, Nodes]]:
    """When which nodes of a timetable fail, as far as they do so before the event and the run are over.

    Args:
        instance: what is run.
        outbreak: the event that starts the cascade.
        rounds: nodes that fail in each round.
    """
    assert instance.spreading is not None
    for number, nodes in enumerate(rounds, start=1):
        begin = outbreak.start + number * instance.spreading.delay
        if begin >= min(outbreak.end, instance.periods * instance.clock.ticks):
            return
        yield begin, nodes


def joined(parts: Sequence[Timetable]) -> Timetable:
    """Timetables put together, in the order of every timetable."""
    names = [field.name for field in fields(Timetable)]
    return Timetable.in_order(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _outbreaks(
    table: Timetable, entries: NDArray[np.int64], node: NDArray[np.int64], restored: NDArray[np.bool_]
) -> Iterator[Outbreak]:
    starts = table.start[entries]
    for start in np.unique(starts):
        mine = entries[starts == start]
        failed = np.unique(node[mine[~restored[mine]]]).astype(np.int32)
        if len(failed):
            longest = mine[np.lexsort((table.effect[mine], -table.end[mine]))[0]]
            yield Outbreak(
                float(start),
                float(table.end[longest]),
                int(table.effect[longest]),
                float(table.known_after[longest]),
                failed,
            )

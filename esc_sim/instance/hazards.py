"""From a scenario's disruptions to channels (what can be hit), effects and triggers."""

from __future__ import annotations

import numpy as np

from esc_sim.behaviours import switches as codes
from esc_sim.disruptions.registry import CASES, number_of, touched_by
from esc_sim.instance.model import Channels
from esc_sim.network.model import Network
from esc_sim.sampling.clock import Clock
from esc_sim.sampling.timetable import Effect, JointLaw, Trigger, Triggers
from esc_sim.scenario.disruptions import Disruption
from esc_sim.scenario.joint import JointCase, JointDisruption
from esc_sim.scenario.laws import Constant, Law
from esc_sim.scenario.schema import Scenario

_SHAPES = {
    "linear": codes.SHAPE_LINEAR,
    "slow_start": codes.SHAPE_SLOW_START,
    "fast_start": codes.SHAPE_FAST_START,
}

Key = tuple[int, int]


def hazards_of(scenario: Scenario, network: Network, clock: Clock) -> tuple[Channels, tuple[Effect, ...], Triggers]:
    """Channels of an instance, effects, and what sets the disruptions off.

    Effects come one a disruption, then one for each level that a case of a joint disruption sets.
    """
    index: dict[Key, int] = {}
    effects: list[Effect] = []
    triggers: list[tuple[int, Trigger]] = []
    for number, disruption in enumerate(scenario.disruptions):
        kind = disruption.kind
        mode, detour = kind.in_transit(disruption)
        effects.append(
            Effect(
                low=kind.level(getattr(disruption, kind.key)),
                recovery=clock.of(disruption.recovery.duration),
                shape=_SHAPES[disruption.recovery.shape],
                mode=mode,
                detour=clock.of(detour),
            )
        )
        targets = [
            (name, tuple(index.setdefault(key, len(index)) for key in keys))
            for name, keys in _targets(disruption, scenario, network)
        ]
        stream = f"disruption/{disruption.name}"
        if disruption.together:
            targets = [("", tuple(c for _, group in targets for c in group))]
        known = _delay(disruption.known_after, scenario, clock)
        for name, group in targets:
            own = f"{stream}/{name}" if name else stream
            triggers.append((number, _trigger(disruption, clock, own, group, known)))
    joint = tuple(
        _joint_law(law, network, index, effects, _delay(law.known_after, scenario, clock))
        for law in scenario.joint_disruptions
    )
    kinds = np.array([kind for kind, _ in index], np.int64)
    channels = Channels(kinds, np.array([target for _, target in index], np.int64))
    numbers, found = tuple(n for n, _ in triggers), tuple(t for _, t in triggers)
    return channels, tuple(effects), Triggers(found, numbers, joint, clock, _delay(None, scenario, clock))


def _delay(own: float | Law | None, scenario: Scenario, clock: Clock) -> float | Law:
    """How long it takes to learn of an event: what its disruption says, else what the rules say."""
    return _time(scenario.rules.known_after if own is None else own, clock)


def _time(time: float | Law, clock: Clock) -> float | Law:
    """A time of the scenario in ticks, or the law that it is drawn from, in periods."""
    if isinstance(time, Constant):
        time = time.value
    return clock.of(time) if isinstance(time, float) else time


def _joint_law(
    law: JointDisruption, network: Network, index: dict[Key, int], effects: list[Effect], known_after: float | Law
) -> JointLaw:
    """A joint disruption's cases; their channels and effects are added to those of the instance."""
    first, channels, own = [0], [], []
    for case in law.cases:
        for key, level in _levels(law, case, network):
            channels.append(index.setdefault(key, len(index)))
            own.append(len(effects))
            effects.append(Effect(low=level, recovery=0.0, shape=codes.SHAPE_LINEAR, mode=codes.TRANSIT_HOLD, detour=0))
        first.append(len(own))
    cumulative = np.cumsum([case.probability for case in law.cases])
    return JointLaw(
        stream=f"joint/{law.name}",
        names=tuple(case.name for case in law.cases),
        cumulative=cumulative / cumulative[-1],
        each_period=law.drawn == "period",
        first=np.array(first, np.int64),
        channel=np.array(channels, np.int64),
        effect=np.array(own, np.int64),
        known_after=known_after,
    )


def _levels(law: JointDisruption, case: JointCase, network: Network) -> list[tuple[Key, float]]:
    """What a case sets: each channel with its level; what stays at 1 is left out."""
    node = network.node_index
    found = [
        ((number_of(channel), node[name]), kind.level(value))
        for kind, keys in CASES
        for name, value in getattr(case, keys.key).items()
        for channel in keys.touched(law)
    ]
    return [(key, level) for key, level in dict(found).items() if level != 1.0]


def _targets(disruption: Disruption, scenario: Scenario, network: Network) -> list[tuple[str, list[Key]]]:
    """Each target's name and what of it is hit; a target named twice is one."""
    names, regions, roles = set(disruption.nodes), set(disruption.regions), set(disruption.roles)
    default = scenario.products[0].id
    touched = {place: [number_of(channel) for channel in names] for place, names in touched_by(disruption).items()}
    found: dict[str, list[Key]] = {}
    for i, name in enumerate(network.node_ids):
        if name in names or network.regions[i] in regions or network.roles[i] in roles:
            found[name] = [(channel, i) for channel in touched.get("node", ())]
    buses = [bus.id for bus in scenario.power.buses] if scenario.power is not None else []
    for name in disruption.buses:
        found[name] = [(channel, buses.index(name)) for channel in touched.get("bus", ())]
    for wanted in disruption.arcs:
        hit = [
            i
            for i, arc in enumerate(scenario.arcs)
            if wanted.means(arc.buyer, arc.supplier, arc.product or default, arc.mode)
        ]
        found[wanted.path] = [(channel, i) for i in hit for channel in touched.get("arc", ())]
    for group, named in (("mode", disruption.modes), ("lane", disruption.lanes)):
        for name in named:
            hit = [i for i, arc in enumerate(scenario.arcs) if getattr(arc, group) == name]
            found[f"{group}/{name}"] = [(channel, i) for i in hit for channel in touched.get("arc", ())]
    return list(found.items())


def _trigger(
    disruption: Disruption, clock: Clock, stream: str, channels: tuple[int, ...], known_after: float | Law
) -> Trigger:
    dates = disruption.dates
    return Trigger(
        stream=stream,
        channels=channels,
        probability=disruption.probability,
        duration=_time(disruption.duration, clock),
        between=disruption.time_between_failures,
        repair=disruption.time_to_repair,
        dates=None if dates is None else tuple((clock.of(d.start), clock.of(d.duration)) for d in dates),
        known_after=known_after,
    )

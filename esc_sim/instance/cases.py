"""Other levels of what a joint disruption touches, case by case: how a plan's own capacities fare in each case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from esc_sim.behaviours import switches as codes
from esc_sim.instance.model import Channels, Instance
from esc_sim.sampling.timetable import Effect, JointLaw

Levels = Mapping[tuple[int, int], NDArray[np.float64]]
"""(channel kind, node or scenario arc) -> level in each case."""


def joint_law_of(instance: Instance, cases: tuple[str, ...]) -> JointLaw | None:
    """The instance's joint law that has these cases, in this order."""
    return next((law for law in instance.triggers.joint if law.names == cases), None)


def with_case_levels(instance: Instance, law: JointLaw, levels: Levels) -> Instance:
    """An instance whose joint law sets these levels, in place of what it says of the same channels.

    Args:
        instance: what to start from; it stays as it is.
        law: one of its joint laws, of K cases.
        levels: float64[K] of each channel that is to be changed.
    """
    index = {key: k for k, key in enumerate(zip(*_columns(instance.channels), strict=True))}
    effects = list(instance.effects)
    numbers: dict[tuple[float, bool], int] = {}
    changed = {index.setdefault(key, len(index)): values for key, values in levels.items()}
    channel: list[int] = []
    effect: list[int] = []
    first = [0]
    for case in range(len(law.names)):
        mine = range(int(law.first[case]), int(law.first[case + 1]))
        entries = [(int(law.channel[k]), int(law.effect[k])) for k in mine if int(law.channel[k]) not in changed]
        struck = {int(law.channel[k]) for k in mine}
        for place, values in changed.items():
            level, by_plan = float(values[case]), place not in struck
            if level != 1.0:
                if (level, by_plan) not in numbers:
                    numbers[level, by_plan] = len(effects)
                    effects.append(Effect(level, 0.0, codes.SHAPE_LINEAR, codes.TRANSIT_HOLD, 0.0, by_plan))
                entries.append((place, numbers[level, by_plan]))
        channel += [c for c, _ in entries]
        effect += [e for _, e in entries]
        first.append(len(channel))
    new = replace(
        law,
        first=np.array(first, np.int64),
        channel=np.array(channel, np.int64),
        effect=np.array(effect, np.int64),
    )
    joint = tuple(new if other is law else other for other in instance.triggers.joint)
    kinds, targets = (np.array(part, np.int64) for part in zip(*index, strict=True)) if index else ([], [])
    return replace(
        instance,
        channels=Channels(np.asarray(kinds, np.int64), np.asarray(targets, np.int64)),
        effects=tuple(effects),
        triggers=replace(instance.triggers, joint=joint),
    )


def _columns(channels: Channels) -> tuple[list[int], list[int]]:
    return channels.kind.tolist(), channels.target.tolist()

"""What the best coordinated answer would save: the timed program beside what the members do, run by run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np

from esc_sim.instance.struck import struck
from esc_sim.results.run import column
from esc_sim.stress.parts import Parts, Row
from esc_sim.stress.stressors import Key, Stressor
from esc_sim.stress.tasks import Plan
from esc_sim.stress.timed import TimedProgram
from esc_sim.stress.timed_network import Floats
from esc_sim.stress.timed_scenario import Window, timed_network, why_not_timed
from esc_sim.stress.timed_state import StartState, start_states

MOST_DECIDED: Final = 10_000_000
"""Numbers that all programs of a stress test may decide on together, which takes a few minutes of processor time."""


@dataclass(frozen=True)
class Coordination:
    """Losses of the best coordinated answer.

    Attributes:
        losses: float64[starts, R] by stressor: the twin's profit less the best profit, from the same state in the same
            window, what is left at the end counted at cost in both. None where there is no program.
        without: float64[starts, R], the same without an outage, never above 0: what the members leave undone anyway.
        reason: why there is none.
    """

    losses: dict[Key, Floats] | None
    without: Floats
    reason: str = ""

    def of(self, stressor: Stressor) -> float:
        """Mean loss of a stressor; nan where there is no program."""
        return math.nan if self.losses is None else float(self.losses[stressor.key].mean())

    @property
    def without_outage(self) -> float:
        """Mean loss without an outage; nan where there is no program."""
        return math.nan if self.losses is None else float(self.without.mean())


def coordination_of(plan: Plan, stressors: Sequence[Stressor], parts: Parts) -> Coordination:
    """Solve the timed program for every stressor, start date and replication.

    Args:
        plan: how outages are played.
        stressors: what is put out.
        parts: does the work.
    """
    instance = plan.twin.instance
    reason = why_not_timed(instance) or _too_large(plan, len(stressors))
    if reason:
        return Coordination(None, np.empty((0, 0)), reason)
    replications = plan.twin.replications
    states = [start_states(instance, plan.twin.seed, number, plan.starts) for number in replications]
    tasks = [
        _Task(plan, tuple(stressors), start, place, states[place][start])
        for start in plan.starts
        for place in range(len(states))
    ]
    losses = [row["losses"] for row in parts.solve(tasks, _Task.play, lambda row, task: task.is_in(row))]
    table = np.array(losses).reshape(len(plan.starts), len(states), len(stressors) + 1)
    return Coordination({one.key: table[..., k + 1] for k, one in enumerate(stressors)}, table[..., 0])


def _too_large(plan: Plan, stressors: int) -> str:
    """Why the programs would take too long, in words; empty where they would not."""
    network, instance = plan.twin.instance.network, plan.twin.instance
    width = 2 * network.item_count + network.arc_count + len(instance.making.recipes)
    windows = sum(instance.periods - start for start in plan.starts)
    decided = width * windows * len(plan.twin.replications) * stressors
    if decided <= MOST_DECIDED:
        return ""
    return (
        f"the timed programs would decide on {decided:.2g} numbers, more than {MOST_DECIDED:.0e}; take fewer "
        "replications or start dates, name a few stressors, or shorten the run"
    )


def is_coordination_row(row: Row) -> bool:
    """Whether a stored line is one of the losses at a start date in a replication."""
    return {"start", "place", "losses"} <= row.keys()


@dataclass(frozen=True)
class _Task:
    """One start date in one replication.

    Attributes:
        plan: how outages are played.
        stressors: what is put out.
        start: period in which they begin.
        place: of the replication.
        state: the twin's at the start.
    """

    plan: Plan
    stressors: tuple[Stressor, ...]
    start: int
    place: int
    state: StartState

    def play(self) -> Row:
        """Loss without an outage, then that of each stressor, in their order; a row fit for JSON."""
        return {"start": self.start, "place": self.place, "losses": self._losses()}

    def is_in(self, row: Row) -> bool:
        """Whether a row is that of this task."""
        found = (row.get("start"), row.get("place"), len(row.get("losses", ())))
        return found == (self.start, self.place, len(self.stressors) + 1)

    def _losses(self) -> list[float]:
        twin = self.plan.twin
        block = twin.blocks[self.place]
        earned = [*column(block.periods[0], "profit")[self.start :].tolist(), *(block.held[0] * twin.costs).tolist()]
        without = math.fsum(earned)
        window = Window(
            twin.instance, twin.seed, twin.replications[self.place], self.start, self.state, twin.costs
        )  # fmt: skip
        program = TimedProgram(timed_network(window))
        found = [without - program.best]
        for one in self.stressors:
            instance = reduce(struck, self.plan.outages(one, self.start, "scenario"), twin.instance)
            hit = Window(instance, window.seed, window.replication, self.start, self.state, twin.costs)
            found.append(without - program.earned(timed_network(hit)))
        return found

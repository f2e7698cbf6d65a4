"""Judging designs elsewhere: by processes of this machine, the workers of a cluster, or an executor.

Designs are handed out in tasks. What a design gets depends on it and its draws alone, so whoever judges it gives the
numbers of one process.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.instance.negotiation import check_reachable
from esc_sim.optimize.candidates import Code
from esc_sim.optimize.judge import Draws, Judge

if TYPE_CHECKING:
    from esc_sim.crews.crew import Crew, Hands
    from esc_sim.plans.plan import Plan
    from esc_sim.scenario.schema import Scenario

Floats = NDArray[np.float64]


@contextmanager
def judge_elsewhere(hands: Hands, scenario: Scenario, names: Sequence[str], local: Judge) -> Iterator[JudgeElsewhere]:
    """A judge whose work is done by others.

    Args:
        hands: who they are.
        scenario: with a section ``optimize``.
        names: measures.
        local: the judge of this process.

    Raises:
        InputError: Dask is not installed, nothing answers at the address within seconds, or the user's own code cannot
            be found by other processes.
    """
    if hands.leave_this_process or (hands.workers or 1) > 1:
        check_reachable(local.instance)
    with hands.crew(releases=not local.needs_agents) as crew:
        yield JudgeElsewhere(crew, scenario, names, local.space.changed, local.code)


class JudgeElsewhere:
    """Judges designs by a crew."""

    def __init__(
        self,
        crew: Crew,
        scenario: Scenario,
        names: Sequence[str],
        plan: Plan | None = None,
        code: Code | None = None,
    ) -> None:
        self._crew, self._judging = crew, _Judging(scenario, tuple(names), plan, code)

    def __call__(self, designs: Floats, draws: Sequence[Draws]) -> Floats:
        """Measures float64[n, M] of designs float64[n, D], each on its own draws."""
        return np.concatenate(self._each(designs, draws, alone=False))

    def by_replication(self, designs: Floats, draws: Sequence[Draws]) -> Floats:
        """Measures of each of R replications alone, float64[n, R, M]; all draws have R replications."""
        return np.concatenate(self._each(designs, draws, alone=True))

    def _each(self, designs: Floats, draws: Sequence[Draws], alone: bool) -> list[Floats]:
        tasks = [(design, one, alone) for design, one in zip(designs, draws, strict=True)]
        return list(self._crew(self._judging, tasks))


class _Judging:
    """Judges a design; who is handed it makes the judge once."""

    def __init__(self, scenario: Scenario, names: tuple[str, ...], plan: Plan | None, code: Code | None) -> None:
        self._recipe = scenario, names, plan, code

    def __reduce__(self) -> tuple[Any, ...]:
        """Without the judge."""
        return _Judging, self._recipe

    def __call__(self, task: tuple[Floats, Draws, bool]) -> Floats:
        """Measures float64[1, M], or of each replication alone float64[1, R, M]."""
        design, draws, alone = task
        judge = self._judge.by_replication if alone else self._judge
        return judge(design[np.newaxis], [draws])

    @cached_property
    def _judge(self) -> Judge:
        scenario, names, plan, code = self._recipe
        return Judge(scenario, names, workers=1, plan=plan, code=code)

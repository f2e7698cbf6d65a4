"""Outages played elsewhere: by other processes, the workers of a cluster, or an executor.

What a part gives depends on the job and on the part alone, so whoever plays it gives the numbers of one process. Who is
handed a job runs its twin once for itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from esc_sim.stress.job import Job
from esc_sim.stress.lever_trial import LeverTrial
from esc_sim.stress.parts import Crew, Player, Row

if TYPE_CHECKING:
    from esc_sim.crews.crew import Hands
    from esc_sim.stress.levers import Effect
    from esc_sim.stress.stressors import Stressor

    Levers = tuple[Mapping[str, Effect], tuple[Stressor, ...]]
    """What levers do, by name, and what is put out to try them."""


@contextmanager
def playing(hands: Hands, job: Job, allow_code: bool) -> Iterator[Crew]:
    """Who plays parts of a job.

    Args:
        hands: what the user has to do work with.
        job: what is tested.
        allow_code: may Python files that the scenario names be run.

    Raises:
        InputError: Dask is not installed, or nothing answers at the address within seconds.
    """
    releases = job.engine == "compiled"
    with hands.crew(releases=releases) as crew:

        def here(player: Player, tasks: Sequence[Any]) -> Iterator[Row]:
            return crew(player.play, tasks)

        def elsewhere(player: Player, tasks: Sequence[Any]) -> Iterator[Row]:
            levers = (player.effects, player.exposures) if isinstance(player, LeverTrial) else None
            return crew(_Playing(job, levers, allow_code), tasks)

        stays = not hands.leave_this_process and (releases or (hands.workers or 1) == 1)
        yield here if stays else elsewhere


class _Playing:
    """Plays a part; who is handed it makes the player once."""

    def __init__(self, job: Job, levers: Levers | None, allow_code: bool) -> None:
        self._recipe = job, levers, allow_code

    def __reduce__(self) -> tuple[Any, ...]:
        """Without the player."""
        return _Playing, self._recipe

    def __call__(self, task: Any) -> Row:
        """A row."""
        return self._player.play(task)

    @cached_property
    def _player(self) -> Player:
        job, levers, allow_code = self._recipe
        plan = job.plan(job.instance(allow_code))
        return plan if levers is None else LeverTrial(plan, job.scenario, *levers, allow_code)

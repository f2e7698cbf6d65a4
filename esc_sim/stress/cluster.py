"""Outages played by the workers of a Dask cluster.

What a part gives depends on the job and on the part alone, so a cluster, whatever happens to its workers, gives the
numbers of one process. Each worker runs the twin once for itself.
"""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from esc_sim.engine.cluster import connected, in_cluster
from esc_sim.stress.job import Job, served_instance
from esc_sim.stress.lever_trial import LeverTrial
from esc_sim.stress.parts import Crew, Player, Row


@contextmanager
def cluster_crew(address: str, job: Job) -> Iterator[Crew]:
    """The workers of a Dask scheduler.

    Args:
        address: of the scheduler, such as tcp://192.168.1.5:8786.
        job: what is tested.

    Raises:
        InputError: Dask is not installed, or nothing answers at the address within seconds.
    """
    with connected(address) as client:

        def crew(player: Player, tasks: Sequence[Any]) -> Iterator[Row]:
            levers = (player.effects, player.exposures) if isinstance(player, LeverTrial) else None
            # Dask would pickle it as well, but whole, and anew for each task. The text of a checked scenario would not
            # do: options are no longer in it.
            recipe = zlib.compress(pickle.dumps((job, levers)))
            return in_cluster(client, _played, [(recipe, task) for task in tasks])

        yield crew


def _played(recipe: bytes, task: Any) -> Row:
    """What a worker does."""
    return _player(recipe).play(task)


@lru_cache(maxsize=2)
def _player(recipe: bytes) -> Player:
    """Who plays the parts of a job, made once in each worker."""
    job: Job
    job, levers = pickle.loads(zlib.decompress(recipe))
    plan = job.plan(served_instance(job.scenario, allow_code=False))
    if levers is None:
        return plan
    effects, exposures = levers
    return LeverTrial(plan, job.scenario, effects, exposures, allow_code=False)

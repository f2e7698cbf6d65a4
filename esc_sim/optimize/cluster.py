"""Judging designs on a Dask cluster.

Designs are handed out in small tasks. What a design gets depends on it and its draws alone, so a cluster, whatever
happens to its workers, gives the numbers of one process.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.cluster import connected, in_cluster
from esc_sim.optimize.judge import Draws, Judge

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario

Floats = NDArray[np.float64]

_DESIGNS_PER_TASK: Final = 4


@contextmanager
def cluster_judge(address: str, scenario: Scenario, names: Sequence[str]) -> Iterator[ClusterJudge]:
    """A judge whose work is done by the workers of a Dask scheduler.

    Args:
        address: of the scheduler, such as tcp://192.168.1.5:8786.
        scenario: with a section ``optimize``.
        names: measures.

    Raises:
        InputError: Dask is not installed, or nothing answers at the address within seconds.
    """
    with connected(address) as client:
        yield ClusterJudge(client, scenario, names)


class ClusterJudge:
    """Judges designs on a cluster."""

    def __init__(self, client: Any, scenario: Scenario, names: Sequence[str]) -> None:
        self._client = client
        self._scenario = zlib.compress(scenario.model_dump_json(by_alias=True).encode())
        self._names = tuple(names)

    def __call__(self, designs: Floats, draws: Sequence[Draws]) -> Floats:
        """Measures float64[n, M] of designs float64[n, D], each on its own draws."""
        parts = [slice(first, first + _DESIGNS_PER_TASK) for first in range(0, len(designs), _DESIGNS_PER_TASK)]
        tasks = [(self._scenario, self._names, designs[part], tuple(draws[part])) for part in parts]
        return np.concatenate(list(in_cluster(self._client, _judged, tasks)))


def _judged(scenario: bytes, names: tuple[str, ...], designs: Floats, draws: tuple[Draws, ...]) -> Floats:
    """What a worker does."""
    return _judge_of(scenario, names)(designs, draws)


@lru_cache(maxsize=2)
def _judge_of(scenario: bytes, names: tuple[str, ...]) -> Judge:
    """The judge of a scenario, made once in each worker."""
    from esc_sim.scenario.schema import Scenario

    return Judge(Scenario.model_validate_json(zlib.decompress(scenario)), names, workers=1)

"""Judging designs on a Dask cluster.

The address is trusted: whoever runs the scheduler can run code here and on the workers. Use it on a network of your
own, or with TLS (``tls://``), see docs/guides/optimize.

Designs are handed out in small tasks; a task whose worker dies is given to another by the scheduler. What a design
gets depends on it and its draws alone, so a cluster, whatever happens to its workers, gives the numbers of one process.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import EscSimError, InputError
from esc_sim.optimize.judge import Draws, Judge

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario

Floats = NDArray[np.float64]

CONNECT_SECONDS: Final = 5
_DESIGNS_PER_TASK: Final = 4


class ClusterError(EscSimError):
    """The cluster failed in mid-run; the checkpoint is whole, so the search can be resumed."""


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
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise InputError("--dask needs the package dask[distributed]: pip install 'esc_sim[cluster]'") from None
    with _quiet():
        try:
            client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (TimeoutError, OSError, ValueError, TypeError) as error:
            reason = str(error).split("\n")[0] or type(error).__name__
            raise InputError(f"--dask {address}: no scheduler answers there ({reason})") from None
        try:
            try:
                client.wait_for_workers(1, timeout=CONNECT_SECONDS)
            except (TimeoutError, OSError):
                raise InputError(f"--dask {address}: the scheduler has no workers: start dask worker") from None
            yield ClusterJudge(client, scenario, names)
        finally:
            client.close(timeout=CONNECT_SECONDS)


class ClusterJudge:
    """Judges designs on a cluster."""

    def __init__(self, client: Any, scenario: Scenario, names: Sequence[str]) -> None:
        self._client = client
        # A task of its own: sent to each worker once, and made again by the scheduler where a worker is lost.
        self._work = client.submit(_Work, scenario, tuple(names), pure=False)

    def __call__(self, designs: Floats, draws: Sequence[Draws]) -> Floats:
        """Measures float64[n, M] of designs float64[n, D], each on its own draws."""
        parts = [slice(first, first + _DESIGNS_PER_TASK) for first in range(0, len(designs), _DESIGNS_PER_TASK)]
        # pure=False: Dask must not take equal designs, or those of an earlier run, for one task.
        futures = [
            self._client.submit(_judged, self._work, designs[part], tuple(draws[part]), pure=False) for part in parts
        ]
        try:
            return np.concatenate(self._client.gather(futures))
        except KeyboardInterrupt:
            self._client.cancel(futures)
            raise
        except ModuleNotFoundError as error:
            raise InputError(
                f"--dask: a worker has no package '{error.name}': install esc_sim on all workers"
            ) from None
        except EscSimError:
            raise
        except Exception as error:
            raise ClusterError(f"the cluster failed ({type(error).__name__}: {error}); go on with --resume") from error


class _Work:
    """What to judge, as it travels; each worker makes its judge of it once."""

    def __init__(self, scenario: Scenario, names: tuple[str, ...]) -> None:
        self.scenario, self.names = scenario, names

    @property
    def judge(self) -> Judge:
        if "_judge" not in self.__dict__:
            self._judge = Judge(self.scenario, self.names, workers=1)
        return self._judge

    def __getstate__(self) -> dict[str, Any]:
        return {"scenario": self.scenario, "names": self.names}


def _judged(work: _Work, designs: Floats, draws: tuple[Draws, ...]) -> Floats:
    return work.judge(designs, draws)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the log lines of connections that come and go: what matters becomes an error of ours."""
    logger = logging.getLogger("distributed")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)

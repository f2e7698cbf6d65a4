"""Judging designs on a Dask cluster.

The address is trusted: whoever runs the scheduler can run code here and on the workers. Use it on a network of your
own, or with TLS (``tls://``), see docs/guides/optimize.

Designs are handed out in small tasks; a task whose worker dies is given to another by the scheduler. What a design
gets depends on it and its draws alone, so a cluster, whatever happens to its workers, gives the numbers of one process.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import EscSimError, InputError
from esc_sim.optimize.judge import Draws, Judge

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario

Floats = NDArray[np.float64]

CONNECT_SECONDS: Final = 10
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
    _check_address(address)
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
            with suppress(TimeoutError, OSError):
                client.close(timeout=CONNECT_SECONDS)


def _check_address(address: str) -> None:
    """Refuse what is no address before a client is made, which would take its time and leave a traceback behind."""
    from distributed.comm.addressing import parse_address, parse_host_port
    from distributed.comm.registry import get_backend

    try:
        scheme, place = parse_address(address)
        get_backend(scheme)
        host, port = parse_host_port(place)
        if not host or not 0 < int(port) < 2**16:
            raise ValueError("no host or no port")
    except (ValueError, TypeError) as error:
        reason = str(error).split("\n")[0]
        raise InputError(
            f"--dask {address}: no scheduler answers there ({reason}); write an address such as tcp://192.168.1.5:8786"
        ) from None


class ClusterJudge:
    """Judges designs on a cluster."""

    def __init__(self, client: Any, scenario: Scenario, names: Sequence[str]) -> None:
        self._client = client
        # Every task carries the scenario, so that no worker needs anything of another one, which may be dead.
        self._scenario = zlib.compress(scenario.model_dump_json(by_alias=True).encode())
        self._names = tuple(names)

    def __call__(self, designs: Floats, draws: Sequence[Draws]) -> Floats:
        """Measures float64[n, M] of designs float64[n, D], each on its own draws."""
        parts = [slice(first, first + _DESIGNS_PER_TASK) for first in range(0, len(designs), _DESIGNS_PER_TASK)]
        # pure=False: Dask must not take equal designs, or those of an earlier run, for one task.
        futures = [
            self._client.submit(_judged, self._scenario, self._names, designs[part], tuple(draws[part]), pure=False)
            for part in parts
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


def _judged(scenario: bytes, names: tuple[str, ...], designs: Floats, draws: tuple[Draws, ...]) -> Floats:
    """What a worker does."""
    return _judge_of(scenario, names)(designs, draws)


@lru_cache(maxsize=2)
def _judge_of(scenario: bytes, names: tuple[str, ...]) -> Judge:
    """The judge of a scenario, made once in each worker."""
    from esc_sim.scenario.schema import Scenario

    return Judge(Scenario.model_validate_json(zlib.decompress(scenario)), names, workers=1)


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

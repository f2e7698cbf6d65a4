"""Work on a Dask cluster.

The address is trusted: whoever runs the scheduler can run code here and on the workers. Use it on a network of your
own, or with TLS (``tls://``), see docs/guides/many-machines.

A task whose worker dies is given to another by the scheduler. What all tasks have in common is handed to each worker
once, by the scheduler, so that no worker needs anything of another one, which may be dead.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

from esc_sim.crews.local import handed_out
from esc_sim.crews.recipe import recipe_of
from esc_sim.errors import EscSimError, InputError

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

CONNECT_SECONDS: Final = 10
_AHEAD: Final = 4
"""How often each thread of the cluster is handed work ahead."""
_TASK_SECONDS: Final = 2.0
"""Time for which it is, at least."""
_SECONDS_A_THREAD: Final = 0.08
"""Time for which it is, for each thread of the cluster: handing over takes about 4 ms, at most a twentieth of it."""
_HAND_OUT_TRIES: Final = 5


class ClusterError(EscSimError):
    """The cluster failed in mid-run; the checkpoint is whole, so the work can be resumed."""


LOCAL: Final = "local:"


@contextmanager
def connected(address: Any) -> Iterator[Any]:
    """A client of a Dask scheduler that has workers.

    Args:
        address: of the scheduler, such as tcp://192.168.1.5:8786; "local:N" for N processes of this machine, which end
            with the work; or a client, which is left as it is.

    Raises:
        InputError: Dask is not installed, or nothing answers at the address within seconds.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise InputError("--dask needs the package dask[distributed]: pip install 'esc_sim[cluster]'") from None
    if isinstance(address, Client):
        yield address
        return
    if not isinstance(address, str):
        raise InputError(f"--dask: an address or a client belongs here, not {type(address).__name__}")
    if address.startswith(LOCAL):
        with _quiet(), _local(address) as client:
            yield client
        return
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
            yield client
        finally:
            with suppress(TimeoutError, OSError):
                client.close(timeout=CONNECT_SECONDS)


@contextmanager
def _local(address: str) -> Iterator[Any]:
    """A cluster of processes of this machine."""
    from distributed import Client, LocalCluster

    number = address.removeprefix(LOCAL)
    if not number.isdecimal() or int(number) < 1:
        raise InputError(f"--dask {address}: write local:N with N processes, such as local:2")
    how = {"threads_per_worker": 1, "processes": True, "dashboard_address": ":0"}
    with LocalCluster(n_workers=int(number), **how) as cluster, Client(cluster, set_as_default=False) as client:
        yield client


class ClusterCrew:
    """The workers of a cluster, as a crew. What they were handed stays with them until the crew is dismissed.

    Args:
        client: of :func:`connected`.
        seconds: that a worker should be busy with what it is handed; default by the size of the cluster.
    """

    def __init__(self, client: Any, seconds: float | None = None) -> None:
        self._client, self._seconds = client, seconds
        self._handed: set[str] = set()

    def __call__(self, function: Callable[[Task], Outcome], tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Results in the order of the tasks, whatever happens to the workers.

        Args:
            function: what is done with a task; it and the tasks must be fit for pickling.
            tasks: the tasks.

        Raises:
            ClusterError: the cluster failed.
            InputError: a worker has not the packages that it needs.
        """
        from esc_sim.crews.dask_plugin import Handed, done_by_handed

        client, handed = self._client, Handed(recipe_of(function))
        try:
            if handed.name not in self._handed:
                self._hand_out(handed)
            threads = max(1, sum(client.nthreads().values()))
            usual = max(_TASK_SECONDS, _SECONDS_A_THREAD * threads)
            yield from handed_out(
                # pure=False: Dask must not take equal tasks, or those of an earlier run, for one.
                lambda some: client.submit(done_by_handed, handed.name, some, pure=False),
                tasks,
                _AHEAD * threads,
                usual if self._seconds is None else self._seconds,
            )
        except ModuleNotFoundError as error:
            raise InputError(
                f"--dask: a worker has no package '{error.name}': install esc_sim on all workers"
            ) from None
        except EscSimError:
            raise
        except Exception as error:
            raise ClusterError(f"the cluster failed ({type(error).__name__}: {error}); go on with --resume") from error

    def _hand_out(self, handed: Any) -> None:
        """Have the scheduler hand it to each worker once, also to those that come later or come back."""
        for tried in range(_HAND_OUT_TRIES):
            try:
                self._client.register_plugin(handed)
                break
            except OSError:  # a worker that died this moment breaks the scheduler's round; the next one is without it
                if tried == _HAND_OUT_TRIES - 1:
                    raise
                time.sleep(1.0)
        self._handed.add(handed.name)

    def dismiss(self) -> None:
        """Let the workers forget what they were handed."""
        for name in self._handed:
            with suppress(Exception):  # a cluster that is gone holds nothing
                self._client.unregister_worker_plugin(name)


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

"""Work on a Dask cluster.

The address is trusted: whoever runs the scheduler can run code here and on the workers. Use it on a network of your
own, or with TLS (``tls://``), see docs/guides/optimize.

A task whose worker dies is given to another by the scheduler. Tasks carry all that they need, so that no worker needs
anything of another one, which may be dead.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

from esc_sim.errors import EscSimError, InputError

Outcome = TypeVar("Outcome")

CONNECT_SECONDS: Final = 10
_AHEAD: Final = 4
"""Tasks for each thread of the cluster that are handed out at a time."""


class ClusterError(EscSimError):
    """The cluster failed in mid-run; the checkpoint is whole, so the work can be resumed."""


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """A client of a Dask scheduler that has workers.

    Args:
        address: of the scheduler, such as tcp://192.168.1.5:8786.

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
            yield client
        finally:
            with suppress(TimeoutError, OSError):
                client.close(timeout=CONNECT_SECONDS)


def in_cluster(client: Any, function: Callable[..., Outcome], tasks: Sequence[tuple[Any, ...]]) -> Iterator[Outcome]:
    """Results in the order of the tasks, whatever happens to the workers.

    Args:
        client: of :func:`connected`.
        function: what is done with a task, at the top of a module of esc_sim.
        tasks: its arguments.

    Raises:
        ClusterError: the cluster failed.
        InputError: a worker has not the packages that it needs.
    """
    left = iter(tasks)
    waiting: list[Any] = []
    try:
        while True:
            ahead = _AHEAD * max(1, sum(client.nthreads().values()))
            while len(waiting) < ahead and (task := next(left, None)) is not None:
                # pure=False: Dask must not take equal tasks, or those of an earlier run, for one.
                waiting.append(client.submit(function, *task, pure=False))
            if not waiting:
                return
            yield waiting.pop(0).result()
    except (KeyboardInterrupt, GeneratorExit):
        client.cancel(waiting)
        raise
    except ModuleNotFoundError as error:
        raise InputError(f"--dask: a worker has no package '{error.name}': install esc_sim on all workers") from None
    except EscSimError:
        raise
    except Exception as error:
        raise ClusterError(f"the cluster failed ({type(error).__name__}: {error}); go on with --resume") from error


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

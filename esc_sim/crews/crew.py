"""Chooses who does the work: by what it is, and by what the user has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from esc_sim.crews.local import default_workers, in_executor, in_processes, in_threads
from esc_sim.errors import InputError

WORK: Final = ("workers", "dask", "executor")
"""Options that say who does the work."""

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")


class Crew(Protocol):
    """Does independent tasks. What comes of them never depends on who does them, nor on how many do."""

    def __call__(self, function: Callable[[Task], Outcome], tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Results in the order of the tasks.

        Args:
            function: what is done with a task. Fit for pickling, with all that it holds, unless threads do it.
            tasks: the tasks.
        """
        ...


def alone(function: Callable[[Task], Outcome], tasks: Sequence[Task]) -> Iterator[Outcome]:
    """The crew of this thread."""
    return map(function, tasks)


@dataclass(frozen=True)
class Hands:
    """What the user has to do work with; at most one of them is given.

    Attributes:
        workers: of this machine; default all processors for threads, 1 for processes.
        dask: address of a Dask scheduler, "local:N" for N processes of this machine, or a client.
        executor: anything of the kind of ``concurrent.futures.Executor``, such as mpi4py's.
    """

    workers: int | None = None
    dask: Any = None
    executor: Executor | None = None

    @property
    def leave_this_process(self) -> bool:
        """Whether work goes to other processes in any case."""
        return self.dask is not None or self.executor is not None

    @contextmanager
    def crew(self, *, releases: bool) -> Iterator[Crew]:
        """Who does the work.

        Args:
            releases: whether the work releases the interpreter, as the compiled engine does: threads suffice then.

        Raises:
            InputError: nothing answers at the address.
        """
        if self.executor is not None:
            yield partial(in_executor, pool=self.executor)
        elif self.dask is not None:
            from esc_sim.crews.dask import ClusterCrew, connected

            with connected(self.dask) as client:
                crew = ClusterCrew(client)
                try:
                    yield crew
                finally:
                    crew.dismiss()
        elif releases:
            yield partial(in_threads, workers=self.workers or default_workers())
        else:
            yield partial(in_processes, workers=self.workers or 1)


def hands_of(options: Mapping[str, Any]) -> Hands:
    """What the options of a call give.

    Args:
        options: of :class:`esc_sim.Options`.

    Raises:
        InputError: they exclude each other, or are none.
    """
    given = [name for name in WORK if options.get(name) is not None]
    if len(given) > 1:
        raise InputError(f"{given[0]} and {given[1]} exclude each other: who does the work brings its own workers")
    workers, executor = options.get("workers"), options.get("executor")
    if workers is not None and workers < 1:
        raise InputError(f"workers: {workers} cannot work; give at least 1")
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise InputError(
            f"executor: {type(executor).__name__} cannot be handed work; give a concurrent.futures.Executor"
        )
    return Hands(workers, options.get("dask"), executor)

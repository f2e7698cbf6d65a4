"""Parts of a stress test: done side by side, handed back in their order, each kept as soon as it is finished.

What comes next may depend on what the parts before gave, as in a search. It never depends on who did them, nor on
whether they were done now or are read from a store. So what was interrupted goes on by being done again, and finds in
the store what it asks for, in the same order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from esc_sim.engine.workers import default_workers, in_processes, in_threads
from esc_sim.errors import InputError
from esc_sim.storage.lines import Lines

T = TypeVar("T")
Row = dict[str, Any]
"""What a part gives, fit for JSON."""
Progress = Callable[[int, int], None]
"""Told how many parts are finished, and of how many that are known so far."""


class Parts:
    """Does parts.

    Args:
        workers: threads, or processes of the agent engine; None: all processors, but one process. Never changes a
            number.
        engine: "compiled" or "agents": what simulates.
        progress: told of each finished part.
        store: keeps what is finished; None: nothing does.
    """

    def __init__(
        self,
        workers: int | None = None,
        *,
        engine: str = "compiled",
        progress: Progress | None = None,
        store: Lines | None = None,
    ) -> None:
        self._threads = workers or default_workers()
        self._processes = None if engine == "compiled" else workers or 1
        self._progress, self._store = progress, store
        self._stored = [] if store is None else list(store.rows)
        self._total = self._done = 0

    def simulate(
        self, tasks: Sequence[T], play: Callable[[T], Row], belongs: Callable[[Row, T], bool]
    ) -> Iterator[Row]:
        """Do parts in which something is simulated, but for those that are stored.

        Args:
            tasks: what is to be done, in its order.
            play: does one; it and the tasks must be fit for pickling.
            belongs: whether a stored row is that of a task.

        Raises:
            InputError: the store holds something else.
        """
        if self._processes is None:
            return self.solve(tasks, play, belongs)
        return self._all(tasks, play, belongs, in_processes, self._processes)

    def solve(self, tasks: Sequence[T], play: Callable[[T], Row], belongs: Callable[[Row, T], bool]) -> Iterator[Row]:
        """Do parts in threads, whatever the engine: linear programs, or few parts at a time, as those of a search.

        Args:
            tasks: what is to be done, in its order.
            play: does one.
            belongs: whether a stored row is that of a task.

        Raises:
            InputError: the store holds something else.
        """
        return self._all(tasks, play, belongs, in_threads, self._threads)

    def _all(
        self,
        tasks: Sequence[T],
        play: Callable[[T], Row],
        belongs: Callable[[Row, T], bool],
        spread: Callable[[Callable[[T], Row], Sequence[T], int], Iterator[Row]],
        workers: int,
    ) -> Iterator[Row]:
        self._total += len(tasks)
        stored, self._stored = self._stored[: len(tasks)], self._stored[len(tasks) :]
        for task, row in zip(tasks, stored, strict=False):
            if not belongs(row, task):
                raise InputError("the checkpoint holds a part out of its place: start anew with --force")
            self._done += 1
            yield row
        for row in spread(play, tasks[len(stored) :], workers):
            if self._store is not None:
                self._store.add(row)
            self._done += 1
            yield row
            if self._progress is not None:
                self._progress(self._done, self._total)


def as_stored(value: float) -> float | str:
    """A number as a row holds it: as a word where JSON does not know it; ``float`` reads both."""
    return value if math.isfinite(value) else str(value)

"""Parts of a stress test: done side by side, handed back in their order, each kept as soon as it is finished.

What comes next may depend on what the parts before gave, as in a search. It never depends on who did them, nor on
whether they were done now or are read from a store. So what was interrupted goes on by being done again, and finds in
the store what it asks for, in the same order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from esc_sim.crews.local import default_workers, in_threads
from esc_sim.errors import InputError
from esc_sim.storage.lines import Lines

T = TypeVar("T")
Row = dict[str, Any]
"""What a part gives, fit for JSON."""


class Player(Protocol):
    """Does parts of the work: outages, or levers against them."""

    def play(self, task: Any) -> Row:
        """Run a part; gives a row fit for JSON."""
        ...


Crew = Callable[[Player, Sequence[Any]], Iterator[Row]]
"""Has parts done by a player side by side; gives their rows in order."""

Progress = Callable[[int, int], None]
"""Told how many parts are finished, and of how many that are known so far."""


class Parts:
    """Does parts.

    Args:
        workers: threads; None: as many as there are processors. Never changes a number.
        crew: who simulates; None: these threads.
        progress: told of each finished part.
        store: keeps what is finished; None: nothing does.
    """

    def __init__(
        self,
        workers: int | None = None,
        *,
        crew: Crew | None = None,
        progress: Progress | None = None,
        store: Lines | None = None,
    ) -> None:
        self._threads, self._crew = workers or default_workers(), crew
        self._progress, self._store = progress, store
        self._stored = [] if store is None else list(store.rows)
        self._total = self._done = 0

    def simulate(self, tasks: Sequence[T], player: Player, belongs: Callable[[Row, T], bool]) -> Iterator[Row]:
        """Do parts by the crew, but for those that are stored.

        Args:
            tasks: what is to be done, in its order.
            player: does one.
            belongs: whether a stored row is that of a task.

        Raises:
            InputError: the store holds something else.
        """
        crew = self._crew
        if crew is None:
            return self.solve(tasks, player.play, belongs)
        return self._all(tasks, belongs, lambda left: crew(player, left))

    def solve(self, tasks: Sequence[T], play: Callable[[T], Row], belongs: Callable[[Row, T], bool]) -> Iterator[Row]:
        """Do parts in threads, whoever simulates: linear programs, or few parts at a time, as those of a search.

        Args:
            tasks: what is to be done, in its order.
            play: does one.
            belongs: whether a stored row is that of a task.

        Raises:
            InputError: the store holds something else.
        """
        return self._all(tasks, belongs, lambda left: in_threads(play, left, self._threads))

    def _all(
        self,
        tasks: Sequence[T],
        belongs: Callable[[Row, T], bool],
        do: Callable[[Sequence[T]], Iterator[Row]],
    ) -> Iterator[Row]:
        self._total += len(tasks)
        stored, self._stored = self._stored[: len(tasks)], self._stored[len(tasks) :]
        for task, row in zip(tasks, stored, strict=False):
            if not belongs(row, task):
                raise InputError("the checkpoint holds a part out of its place: start anew with --force")
            self._done += 1
            yield row
        for row in do(tasks[len(stored) :]):
            if self._store is not None:
                self._store.add(row)
            self._done += 1
            yield row
            if self._progress is not None:
                self._progress(self._done, self._total)


def as_stored(value: float) -> float | str:
    """A number as a row holds it: as a word where JSON does not know it; ``float`` reads both."""
    return value if math.isfinite(value) else str(value)

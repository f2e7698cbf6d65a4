"""Runs tasks side by side and hands back their results in order, whatever the number of workers."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from threading import Event, Thread
from typing import Any, TypeVar

from esc_sim.compile import hush
from esc_sim.crews.recipe import Done, Recipe, done, done_by, recipe_of
from esc_sim.errors import EscSimError

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

_TASK_SECONDS = 0.5
"""Time for which a process of this machine is handed work."""
_SIGNALS_SECONDS = 0.2
"""Time after which a signal is seen at the latest."""
_MAX_LOSSES = 5
"""Times that workers may die before the work is given up."""


class WorkersLostError(EscSimError):
    """Worker processes died again and again."""


def default_workers() -> int:
    """Number of processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_threads(function: Callable[[Task], Outcome], tasks: Sequence[Task], workers: int) -> Iterator[Outcome]:
    """Results in the order of the tasks; for work that releases the GIL. Ctrl-C waits for the running tasks only.

    Args:
        function: what is done with a task.
        tasks: the tasks.
        workers: threads; 1: none but this one.
    """
    if workers <= 1 or len(tasks) <= 1:
        yield from map(function, tasks)
        return
    pool, is_finished = ThreadPoolExecutor(workers), False
    try:
        # One at a time: handing over costs nothing here, and whoever presses Ctrl-C waits for the running tasks only.
        yield from handed_out(lambda some: pool.submit(done, function, some), tasks, 2 * workers, 0.0)
        is_finished = True
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        if not is_finished:
            hush()
            _wait_for(pool)
        pool.shutdown(wait=True)


def _wait_for(pool: ThreadPoolExecutor) -> None:
    """Wait for the running tasks; a signal that comes just before a wait does not end it, so waits are short."""
    ended = Event()

    def wait() -> None:
        pool.shutdown(wait=True)
        ended.set()

    Thread(target=wait, daemon=True).start()
    while not ended.wait(_SIGNALS_SECONDS):
        pass


def in_processes(function: Callable[[Task], Outcome], tasks: Sequence[Task], workers: int) -> Iterator[Outcome]:
    """Results in the order of the tasks; a task whose worker dies is given to another.

    Args:
        function: what is done with a task; it and the tasks must be fit for pickling.
        tasks: the tasks.
        workers: processes; 1: none but this one.

    Raises:
        WorkersLostError: workers died time and again.
    """
    if workers <= 1 or len(tasks) <= 1:
        yield from map(function, tasks)
        return
    left, losses, recipe = list(tasks), 0, recipe_of(function)
    while left:
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_keep, initargs=(recipe,))
        try:
            submit = _to(pool)
            for outcome in handed_out(submit, left, 2 * workers, _TASK_SECONDS):
                yield outcome
                left = left[1:]
        except BrokenProcessPool:
            losses += 1
            if losses >= _MAX_LOSSES:
                raise WorkersLostError(
                    f"worker processes died {losses} times: out of memory (use fewer workers), or a script "
                    'without `if __name__ == "__main__":` around its main part'
                ) from None
        finally:
            _end(pool, at_once=bool(left))


def _end(pool: ProcessPoolExecutor, *, at_once: bool) -> None:
    """End the workers; at once where nobody waits for what they are at, which may take minutes."""
    if at_once:
        for process in list((pool._processes or {}).values()):
            process.terminate()
    with suppress(BrokenProcessPool):
        pool.shutdown(wait=True, cancel_futures=True)


_kept: list[Recipe] = []
"""What this worker process was made for."""


def _keep(recipe: Recipe) -> None:
    """Begin as a worker: Ctrl-C, which a terminal sends to all, is left to who ends the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _kept[:] = [recipe]


def _done_by_kept(tasks: Sequence[Any]) -> Done:
    return done_by(_kept[0], tasks)


def _to(pool: Executor) -> Callable[[Sequence[Any]], Future[Done]]:
    return lambda tasks: pool.submit(_done_by_kept, tasks)


def in_executor(function: Callable[[Task], Outcome], tasks: Sequence[Task], pool: Executor) -> Iterator[Outcome]:
    """Results in the order of the tasks, from an executor of the user's own; it is left as it was.

    Args:
        function: what is done with a task; it and the tasks must be fit for what the executor demands of them.
        tasks: the tasks.
        pool: who does them.
    """
    recipe = recipe_of(function)
    ahead = 2 * (getattr(pool, "_max_workers", None) or default_workers())
    yield from handed_out(lambda some: pool.submit(done_by, recipe, some), tasks, ahead, _TASK_SECONDS)


def handed_out(
    submit: Callable[[Sequence[Task]], Future[Done]], tasks: Sequence[Task], ahead: int, seconds: float
) -> Iterator[Any]:
    """Outcomes in the order of the tasks, of which several go to a worker together where they are short.

    Args:
        submit: hands some tasks to a worker.
        tasks: all of them.
        ahead: how often to do so before an outcome is waited for, so that results do not pile up.
        seconds: that a worker should be busy with what it is handed, so that handing it over costs little beside; 0:
            one task at a time.
    """
    waiting: deque[Future[Done]] = deque()
    sent = finished = 0
    busy = 0.0
    try:
        while sent < len(tasks) or waiting:
            while sent < len(tasks) and len(waiting) < ahead:
                fit = 1 if busy <= 0.0 else int(seconds * finished / busy)
                size = max(1, min(fit, (len(tasks) - sent) // ahead))
                waiting.append(submit(tasks[sent : sent + size]))
                sent += size
            came = waiting.popleft().result()
            busy, finished = busy + came.seconds, finished + len(came.outcomes)
            yield from came.outcomes
    finally:
        for left in waiting:
            left.cancel()

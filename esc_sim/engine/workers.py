"""Runs tasks side by side and hands back their results in order, whatever the number of workers."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import TypeVar

from esc_sim.errors import EscSimError

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

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
    pool = ThreadPoolExecutor(workers)
    try:
        yield from _in_order(pool, function, list(tasks), 2 * workers)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


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
    left, losses = list(tasks), 0
    while left:
        pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
        try:
            for outcome in _in_order(pool, function, left, 2 * workers):
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
            with suppress(BrokenProcessPool):
                pool.shutdown(wait=True, cancel_futures=True)


def _in_order(pool: Executor, function: Callable[[Task], Outcome], tasks: list[Task], ahead: int) -> Iterator[Outcome]:
    """Submit a few tasks ahead, so that results waiting for their turn do not pile up."""
    waiting: list[Future[Outcome]] = []
    submitted = 0
    while submitted < len(tasks) or waiting:
        while submitted < len(tasks) and len(waiting) < ahead:
            waiting.append(pool.submit(function, tasks[submitted]))
            submitted += 1
        yield waiting.pop(0).result()

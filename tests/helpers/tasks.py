"""Tasks for worker processes; a module of its own, so that a worker need not load the whole framework."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def die_once(folder: Path, task: int) -> int:
    """Kill the own process at task 3, the first time it is tried."""
    mark = folder / "died"
    if task == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return task * task


def die(task: int) -> int:
    """Kill the own process."""
    os.kill(os.getpid(), signal.SIGKILL)
    return task


def refuse(task: int) -> int:
    """Fail at task 2."""
    if task == 2:
        raise ValueError("task 2 cannot be done")
    return task


def linger(folder: Path, task: int) -> int:
    """Do task 0 at once; the others take half a minute, and say that they have come to their end."""
    if task:
        time.sleep(30.0)
        (folder / "finished").touch()
    return task

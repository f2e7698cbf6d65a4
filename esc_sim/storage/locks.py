"""Locks on files and folders, which the system lets go when their process ends, however it ends."""

from __future__ import annotations

import os
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]


def locked(number: int, *, wait: bool = False) -> bool | None:
    """Lock an open file or folder.

    Args:
        number: its descriptor; the lock is let go when it is closed.
        wait: wait for another process that holds the lock.

    Returns:
        Whether it is locked now; None where the file system has no locks.
    """
    if fcntl is None:
        return None
    try:
        fcntl.flock(number, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def is_same(number: int, path: Path) -> bool:
    """Whether an open file or folder is still the one at ``path``."""
    try:
        there = os.stat(path, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(number), there)

"""Two folders change places: in one step where the system can, else in steps that can be taken back."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from pathlib import Path
from typing import Any, Final

from esc_sim.storage.names import aside_of

_HERE, _SWAP = -100, 2
"""Linux: AT_FDCWD, RENAME_EXCHANGE; macOS: its RENAME_SWAP has the same value."""
_CANNOT: Final = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM}


def exchange(new: Path, old: Path) -> None:
    """Let ``new`` and ``old``, beside one another, change places.

    Raises:
        OSError: the system refuses; both are where they were.
    """
    sys.audit("os.rename", str(new), str(old), -1, -1)
    if not in_one_step(new, old):
        in_steps(new, old)


def in_one_step(new: Path, old: Path) -> bool:
    """Whether system and file system could exchange them.

    Raises:
        OSError: they can, but refuse.
    """
    library: Any = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
    names = os.fsencode(new), os.fsencode(old)
    if hasattr(library, "renameat2"):
        failed = library.renameat2(_HERE, names[0], _HERE, names[1], _SWAP)
    elif hasattr(library, "renamex_np"):
        failed = library.renamex_np(*names, _SWAP)
    else:
        return False
    if not failed:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(old))


def in_steps(new: Path, old: Path) -> None:
    """The same in three renames; :func:`put_back` mends what a kill in between leaves.

    Raises:
        OSError: the system refuses; both are where they were.
    """
    aside = aside_of(old)
    os.rename(old, aside)
    try:
        os.rename(new, old)
    except BaseException:
        os.rename(aside, old)
        raise
    os.rename(aside, new)


def put_back(path: Path) -> None:
    """Mend what a process killed in :func:`in_steps` has left: its old folder returns, or goes where a new one is."""
    aside = aside_of(path)
    if not aside.is_dir():
        return
    if path.exists():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        os.rename(aside, path)

"""Names that files and folders have while they are not in place: hidden, beside their place, the same every time."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

CHECKPOINT: Final = "checkpoint"
_LONGEST_NAME: Final = 255
"""Bytes that nearly every file system allows in a name."""


def partial_of(path: Path) -> Path:
    """Where what shall be at ``path`` is put together."""
    return _hidden(path, "partial")


def aside_of(path: Path) -> Path:
    """Where what was at ``path`` lies while it is replaced in steps."""
    return _hidden(path, "replaced")


def real(path: Path) -> Path:
    """Where a path leads, links followed; links that lead in a circle stay, for the system to refuse."""
    return Path(os.path.realpath(path))


def checkpoint_beside(out: Path) -> Path:
    """Folder of the unfinished work whose results go to ``out``."""
    target = real(out)
    return target.with_name(_fitting(target.name, "", CHECKPOINT))


def _hidden(path: Path, word: str) -> Path:
    return path.with_name(_fitting(path.name, ".", word))


def _fitting(name: str, before: str, word: str) -> str:
    """A name with its addition; a hash in place of the name where the whole would be too long."""
    whole = f"{before}{name}.{word}"
    if len(os.fsencode(whole)) <= _LONGEST_NAME:
        return whole
    return f"{before}{hashlib.blake2b(os.fsencode(name), digest_size=16).hexdigest()}.{word}"

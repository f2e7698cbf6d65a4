"""Whether the engine's kernels are compiled on this machine already, and by whom they are being compiled.

numba compiles what its disk cache does not hold, without asking. Who wants to do something else meanwhile has to know
before. A mark therefore stands beside what is kept, in numba's own folder, so that both are cleared away together; it
says for which sources, numba and processor. A lock beside it lets one process at a time compile a kernel: the others
wait, and find it in the cache.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numba as nb
from llvmlite import binding

from esc_sim.compile import cache_folder
from esc_sim.storage.files import UnwritableError, has_room, write_text
from esc_sim.storage.locks import locked

_ROOM: Final = 5_000_000
"""Bytes that all kernels of the engine fit into."""


@dataclass(frozen=True)
class Keeping:
    """A kernel's place in numba's cache.

    Attributes:
        name: of the kernel, for files.
        folder: where numba keeps it; None where it can keep nothing.
        key: hash of all its sources.
    """

    name: str
    folder: Path | None
    key: int

    def is_kept(self) -> bool:
        """Whether the kernel is in the cache."""
        try:
            return self.folder is not None and self._mark(self.folder).read_text(encoding="utf-8") == self._for()
        except (OSError, ValueError):
            return False

    def can_keep(self) -> bool:
        """Whether there is a folder, with room for a kernel on its disk."""
        return self.folder is not None and has_room(self.folder, _ROOM)

    @contextmanager
    def compiling(self, *, wait: bool = True) -> Iterator[bool]:
        """Nobody else compiles the kernel within the block, where the file system has locks.

        Args:
            wait: for another process that is at it.

        Yields:
            Whether it is our turn: False where we do not wait and another process is at it.
        """
        with self._opened(f"{self.name}.lock") as number:
            yield number < 0 or locked(number, wait=wait) is not False

    @contextmanager
    def starting(self) -> Iterator[int | None]:
        """Nobody else starts a process that compiles the kernel within the block, nor while such a process lives that
        has been handed what is yielded: many commands at once start one.

        Yields:
            A descriptor for that process, -1 where there are no locks; None where another process has been started.
        """
        with self._opened(f"{self.name}.started") as number:
            ours = locked(number) if number >= 0 else None
            yield None if ours is False else number if ours else -1

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """No other process compiles ahead within the block, whichever kernel: two would slow down whoever works."""
        with self._opened("ahead.lock") as number:
            if number >= 0:
                locked(number, wait=True)
            yield

    @contextmanager
    def _opened(self, name: str) -> Iterator[int]:
        number = -1
        with suppress(OSError):  # nothing can be written there: nobody keeps anything either
            if self.folder is not None:
                number = os.open(self.folder / name, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            yield number
        finally:
            if number >= 0:
                os.close(number)

    def mark(self, kernel: Any) -> None:
        """Say that the kernel is in the cache, if numba has kept it."""
        if self.folder is not None and kernel.stats.cache_path is not None:
            with suppress(UnwritableError):
                write_text(self._mark(self.folder), self._for())

    def _mark(self, folder: Path) -> Path:
        return folder / f"{self.name}.kept"

    def _for(self) -> str:
        processor = binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()
        return " ".join([f"{self.key:x}", nb.__version__, str(sys.implementation.cache_tag), *processor])


def keeping_of(name: str, function: Any, key: int) -> Keeping:
    """Where a kernel is kept, see :class:`Keeping`.

    Args:
        name: of the kernel, for files.
        function: one of the file in which the kernel stands.
        key: hash of all its sources.
    """
    return Keeping(name, cache_folder(function), key)

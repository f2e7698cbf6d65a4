"""Long arrays, in memory while they are small and in temporary files when they are large, and how to go through them.

What lies in a file is read and written piece by piece, each of which is let go of: so no more than a piece need ever be
in memory.
"""

from __future__ import annotations

import math
import mmap
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.storage.files import translated

MEMORY_LIMIT: Final = 32 * 1024 * 1024
"""Bytes of an array, or of rows, kept in memory."""
PIECE: Final = 16 * 1024 * 1024
"""Bytes of what lies in a file that are looked at together."""
NO_ROOM: Final = "the rows of a long run cannot be written (see TMPDIR)"


def roomy(shape: tuple[int, ...], kind: Any = np.float64, make: Callable[..., NDArray[Any]] = np.empty) -> NDArray[Any]:
    """An array to be filled: in memory where it is small, in a temporary file that vanishes with it where it is large.

    Args:
        shape: of the array.
        kind: of its numbers.
        make: makes a small one, of anything or of zeros; a large one has zeros.

    Raises:
        UnwritableError: there is no room for temporary files.
    """
    size = math.prod(shape) * np.dtype(kind).itemsize
    if size <= MEMORY_LIMIT:
        return make(shape, kind)
    with translated(Path(tempfile.gettempdir()), NO_ROOM), tempfile.TemporaryFile(prefix="esc_sim-") as file:
        if hasattr(os, "posix_fallocate"):  # what is mapped and has no room on the disk ends the process
            os.posix_fallocate(file.fileno(), 0, size)
        else:
            file.truncate(size)
        return np.asarray(np.memmap(file, kind, "r+", shape=shape))


def let_go(numbers: NDArray[Any]) -> None:
    """Keep nothing in memory of an array that lies in a file; others stay as they are."""
    file = _file_of(numbers)
    if file is not None and hasattr(mmap, "MADV_DONTNEED"):
        file.madvise(mmap.MADV_DONTNEED)


def by_pieces(numbers: NDArray[Any]) -> Iterator[slice]:
    """Parts of a long array along its first axis, one after the other, of which none needs much memory."""
    step = max(1, PIECE // max(1, numbers[:1].nbytes))
    for start in range(0, len(numbers), step):
        yield slice(start, min(start + step, len(numbers)))


def add_to(total: NDArray[np.float64], more: NDArray[np.float64]) -> None:
    """Add an array to another of its shape, both perhaps in files.

    Args:
        total: written.
        more: of the same shape.
    """
    if not (lies_in_file(total) or lies_in_file(more)):
        total += more
        return
    for rows in by_pieces(total):
        total[rows] += in_memory(more[rows])
        let_go(total)


def mean_over_time(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the first axis of numbers that may lie in a file."""
    if not lies_in_file(numbers):
        return np.asarray(numbers.mean(axis=0))
    parts = [in_memory(numbers[rows]).sum(axis=0) for rows in by_pieces(numbers)]
    return np.asarray(np.sum(parts, axis=0) / len(numbers))


def divided(total: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """A sum over so many, divided by their number in its place; it may lie in a file."""
    for rows in by_pieces(total):
        total[rows] /= count
        let_go(total)
    return total


def _file_of(numbers: NDArray[Any]) -> mmap.mmap | None:
    """The file that an array lies in, where it is a part of what a spool wrote."""
    below: Any = numbers
    while isinstance(below, np.ndarray):
        below = below.base
    return below if isinstance(below, mmap.mmap) else None


def lies_in_file(numbers: NDArray[Any]) -> bool:
    """Whether an array is a part of what lies in a spool's file."""
    return _file_of(numbers) is not None


def in_memory(numbers: NDArray[Any]) -> NDArray[Any]:
    """A copy of a part of what lies in a spool's file, which is then no longer in memory; other arrays as they are."""
    if not lies_in_file(numbers):
        return numbers
    copied = np.array(numbers)
    let_go(numbers)
    return copied

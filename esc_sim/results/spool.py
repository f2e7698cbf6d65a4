"""Rows of numbers that come piece by piece: in memory while they are few, in a temporary file when they are many."""

from __future__ import annotations

import math
import mmap
import tempfile
import weakref
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.storage.files import translated

MEMORY_LIMIT = 32 * 1024 * 1024
"""Bytes kept in memory before rows go to a file."""
SUMS_LIMIT = 4 * 1024 * 1024
"""The same for what is small beside the rows, of which a run keeps several kinds."""


class Spool:
    """Collects rows of one shape, float64 or whatever kind they are.

    In the file, the numbers of each column (place of the last axis) lie together, since they are read column by
    column: so no more than a column need ever be in memory, see :func:`in_memory`.

    Args:
        shape: shape of a row.
        most: rows that may come; room that is not used costs nothing where files may have holes.
        limit: bytes kept in memory; beyond, a temporary file that vanishes with the process.
        kind: of the numbers.
    """

    def __init__(self, shape: tuple[int, ...], most: int, limit: int = MEMORY_LIMIT, kind: Any = np.float64) -> None:
        self.shape = shape
        self.kind = np.dtype(kind)
        self.most = most
        self.limit = limit
        self.count = 0
        self._pieces: list[NDArray[Any]] = []
        self._bytes = 0
        self._file: IO[bytes] | None = None

    def add(self, rows: NDArray[Any]) -> None:
        """Add n rows.

        Raises:
            ValueError: more rows than were to come.
            UnwritableError: there is no room for temporary files.
        """
        if self.count + len(rows) > self.most:
            raise ValueError(f"{self.count + len(rows)} rows, where at most {self.most} were to come")
        if self._file is None and self._bytes + rows.nbytes <= self.limit:
            self._pieces.append(rows)
            self._bytes += rows.nbytes
        else:
            with translated(Path(tempfile.gettempdir()), "the rows of a long run cannot be written (see TMPDIR)"):
                self._write_out(rows)
        self.count += len(rows)

    def _write_out(self, rows: NDArray[Any]) -> None:
        """Write rows to the file, at the first time those before them, too."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="esc_sim-")  # noqa: SIM115 - lives as long as the spool
            weakref.finalize(self, self._file.close)  # arrays that map it keep it on their own
            self._file.truncate(self.most * math.prod(self.shape) * self.kind.itemsize)
            first = 0
            for piece in self._pieces:
                self._write(piece, first)
                first += len(piece)
            self._pieces.clear()
        self._write(rows, self.count)
        self._file.flush()

    def _write(self, rows: NDArray[Any], first: int) -> None:
        assert self._file is not None
        for place in range(self.shape[-1]):
            column = np.ascontiguousarray(rows[..., place])
            size = column[:1].nbytes
            self._file.seek((place * self.most + first) * size)
            self._file.write(column.tobytes())

    def rows(self) -> NDArray[Any]:
        """All ``count`` rows so far; a read-only view of the file where there is one."""
        if self._file is None:
            if len(self._pieces) > 1:
                self._pieces = [np.concatenate(self._pieces)]
            return self._pieces[0] if self._pieces else np.empty((0, *self.shape), self.kind)
        whole = np.memmap(self._file, self.kind, "r", shape=(self.shape[-1], self.most, *self.shape[:-1]))
        return np.moveaxis(whole[:, : self.count], 0, -1)


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
    file = _file_of(numbers)
    if file is None:
        return numbers
    copied = np.array(numbers)
    if hasattr(mmap, "MADV_DONTNEED"):
        file.madvise(mmap.MADV_DONTNEED)
    return copied

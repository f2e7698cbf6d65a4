"""Rows of numbers that come piece by piece: in memory while they are few, in a temporary file when they are many."""

from __future__ import annotations

import math
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.results.roomy import MEMORY_LIMIT, NO_ROOM, PIECE, in_memory
from esc_sim.storage.files import translated

ROWS_LIMIT = 128 * 1024 * 1024
"""Bytes of a run's periods that are kept in memory: writing them to a file, column by column, takes longer than
drawing them."""
SUMS_LIMIT = 4 * 1024 * 1024
"""The same for what is small beside the rows, of which a run keeps several kinds."""


class Spool:
    """Collects rows of one shape, float64 or whatever kind they are.

    In the file, the numbers of each column (place of the last axis) lie together, since they are read column by
    column: so no more than a column need ever be in memory, see :mod:`esc_sim.results.roomy`.

    Args:
        shape: shape of a row.
        most: rows that may come; room that is not used costs nothing where files may have holes.
        limit: bytes kept in memory. Where all rows may take more, no more than MEMORY_LIMIT is kept until the rest go
            to a temporary file that vanishes with the process: a run may end long before so many have come.
        kind: of the numbers.
    """

    def __init__(self, shape: tuple[int, ...], most: int, limit: int = MEMORY_LIMIT, kind: Any = np.float64) -> None:
        self.shape = shape
        self.kind = np.dtype(kind)
        self.most = most
        self.count = 0
        self._file: IO[bytes] | None = None
        size = math.prod(shape) * self.kind.itemsize
        self._held = most if most * size <= limit else min(limit, MEMORY_LIMIT) // size
        self._whole: NDArray[Any] = np.empty((0, *shape), self.kind)

    def add(self, rows: NDArray[Any]) -> None:
        """Add n rows.

        Raises:
            ValueError: more rows than were to come.
            UnwritableError: there is no room for temporary files.
        """
        end = self.count + len(rows)
        if end > self.most:
            raise ValueError(f"{end} rows, where at most {self.most} were to come")
        if len(rows) == self.most and self._held == self.most:
            self._whole = rows
        elif self._file is None and end <= self._held:
            if not self.count:
                self._whole = np.empty((self._held, *self.shape), self.kind)
            self._whole[self.count : end] = rows
        else:
            with translated(Path(tempfile.gettempdir()), NO_ROOM):
                self._write_out(rows)
        self.count = end

    def _write_out(self, rows: NDArray[Any]) -> None:
        """Write rows to the file, at the first time those before them, too."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="esc_sim-")  # noqa: SIM115 - lives as long as the spool
            weakref.finalize(self, self._file.close)  # arrays that map it keep it on their own
            self._file.truncate(self.most * math.prod(self.shape) * self.kind.itemsize)
            if self.count:
                self._write(self._whole[: self.count], 0)
                self._whole = self._whole[:0].copy()
        self._write(rows, self.count)
        self._file.flush()

    def _write(self, rows: NDArray[Any], first: int) -> None:
        assert self._file is not None
        row = math.prod(self.shape[:-1])
        for some, inner in _places(rows):
            part = in_memory(rows[some, inner])
            start = row * (first + some.start) + math.prod(self.shape[1:-1]) * inner.start
            for place in range(self.shape[-1]):
                self._file.seek((place * self.most * row + start) * self.kind.itemsize)
                self._file.write(np.ascontiguousarray(part[..., place]).data)

    def rows(self) -> NDArray[Any]:
        """All ``count`` rows so far; a read-only view of the file where there is one."""
        if self._file is None:
            return self._whole if self.count == len(self._whole) else self._whole[: self.count]
        whole = np.memmap(self._file, self.kind, "r", shape=(self.shape[-1], self.most, *self.shape[:-1]))
        return np.moveaxis(whole[:, : self.count], 0, -1)


def _places(rows: NDArray[Any]) -> Iterator[tuple[slice, slice]]:
    """Parts of many numbers by their first two axes: all of them, or pieces of each row where that is much."""
    count, length = rows.shape[:2]
    if rows.nbytes <= PIECE or rows.ndim < 3:
        yield slice(0, count), slice(0, length)
        return
    step = max(1, PIECE // max(1, rows[:1, :1].nbytes))
    for k in range(count):
        for start in range(0, length, step):
            yield slice(k, k + 1), slice(start, min(start + step, length))

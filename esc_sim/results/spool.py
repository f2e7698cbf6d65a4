"""Rows of numbers that come piece by piece: in memory while they are few, in a temporary file when they are many."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from esc_sim.storage.files import translated

MEMORY_LIMIT = 256 * 1024 * 1024
"""Bytes kept in memory before rows go to a file."""


class Spool:
    """Collects float64 rows of one shape.

    Args:
        shape: shape of a row.
        limit: bytes kept in memory; beyond, a temporary file that vanishes with the process.
    """

    def __init__(self, shape: tuple[int, ...], limit: int = MEMORY_LIMIT) -> None:
        self.shape = shape
        self.limit = limit
        self.count = 0
        self._pieces: list[NDArray[np.float64]] = []
        self._bytes = 0
        self._file: IO[bytes] | None = None

    def add(self, rows: NDArray[np.float64]) -> None:
        """Add rows, float64 of n rows.

        Raises:
            UnwritableError: there is no room for temporary files.
        """
        self.count += len(rows)
        if self._file is None and self._bytes + rows.nbytes <= self.limit:
            self._pieces.append(rows)
            self._bytes += rows.nbytes
            return
        with translated(Path(tempfile.gettempdir()), "the rows of a long run cannot be written (see TMPDIR)"):
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="esc_sim-")  # noqa: SIM115 - lives as long as the arrays
                for piece in self._pieces:
                    self._file.write(piece.tobytes())
                self._pieces.clear()
            self._file.write(rows.tobytes())
            self._file.flush()

    def rows(self) -> NDArray[np.float64]:
        """All rows so far, float64 of ``count`` rows; a read-only view of the file where there is one."""
        if self._file is None:
            if len(self._pieces) > 1:
                self._pieces = [np.concatenate(self._pieces)]
            return self._pieces[0] if self._pieces else np.empty((0, *self.shape))
        return np.memmap(self._file, np.float64, "r", shape=(self.count, *self.shape))

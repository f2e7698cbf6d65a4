"""Finished parts of long work, kept on disk one by one as lines of JSON, so that what was interrupted can go on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from esc_sim.storage.files import append_line, translated
from esc_sim.storage.names import checkpoint_beside
from esc_sim.storage.unfinished import Unfinished

Row = dict[str, Any]


class Lines:
    """The rows of some work, in their order, in a folder ``OUT.checkpoint``."""

    def __init__(
        self,
        work: Unfinished,
        out: Path,
        content: dict[str, Any],
        *,
        resume: bool,
        force: bool,
        is_row: Callable[[Row], bool],
        most: int | None,
    ) -> None:
        """Begin, or read what there is.

        Args:
            work: the kind of work; its own file holds the rows.
            out: folder of the results to come.
            content: what the work is.
            resume: go on where there is a store.
            force: replace unfinished work.
            is_row: whether what a line holds is a row of this work.
            most: rows that there can be; None: nobody knows yet.

        Raises:
            InputError: there is unfinished work, another one, or a damaged one. Nothing is changed then.
        """
        self.folder = checkpoint_beside(out)
        self.rows: list[Row] = []
        self.notices: list[str] = []
        self._work = work
        self._path = self.folder / next(iter(work.own))
        if work.is_there(self.folder) and resume:
            self.notices = work.check(self.folder, content)
            self._read(is_row, most)
            return
        work.check_free(self.folder, force=force)
        work.begin(self.folder, content)

    def add(self, row: Row) -> None:
        """Keep the next row.

        Raises:
            UnwritableError: it cannot be written.
        """
        append_line(self._path, json.dumps(row, allow_nan=False))
        self.rows.append(row)

    def discard(self) -> None:
        """Remove the store."""
        self._work.discard(self.folder)

    def _read(self, is_row: Callable[[Row], bool], most: int | None) -> None:
        """Rows that were written whole; a last line cut off by a kill is taken away."""
        if not self._path.exists():
            return
        work, raw = self._work, self._path.read_bytes()
        whole = raw[: raw.rfind(b"\n") + 1]
        for number, line in enumerate(whole.splitlines()):
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise work.damaged(self._path, f"line {number + 1}: {error}") from None
            if not isinstance(row, dict) or not is_row(row):
                raise work.damaged(self._path, f"line {number + 1} is not a row of this {work.what}")
            self.rows.append(row)
        if most is not None and len(self.rows) > most:
            raise work.damaged(self._path, f"it holds {len(self.rows)} rows of {most} points")
        if len(whole) < len(raw):
            with translated(self._path):
                os.truncate(self._path, len(whole))

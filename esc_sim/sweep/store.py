"""Finished points of a sweep, kept on disk one by one, so that an interrupted sweep can go on."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

from esc_sim.results.manifest import work_versions
from esc_sim.storage.files import append_line, translated
from esc_sim.storage.names import checkpoint_beside
from esc_sim.storage.unfinished import Unfinished

ROWS_FILE: Final = "rows.jsonl"
SWEEP: Final = Unfinished("sweep", "sweep.json", (ROWS_FILE,), work_versions)


class Store:
    """The rows of a sweep, in the order of its points, as lines of JSON."""

    def __init__(self, out: Path, content: dict[str, Any], resume: bool, force: bool) -> None:
        """Begin, or read what there is.

        Args:
            out: folder of the results to come; the store is ``OUT.checkpoint`` beside it.
            content: what the sweep is.
            resume: go on where there is a store.
            force: replace an unfinished sweep.

        Raises:
            InputError: there is an unfinished sweep, another one, or a damaged one. Nothing is changed then.
        """
        self.folder = checkpoint_beside(out)
        self.rows: list[dict[str, Any]] = []
        self.notices: list[str] = []
        self._path = self.folder / ROWS_FILE
        if SWEEP.is_there(self.folder) and resume:
            self.notices = SWEEP.check(self.folder, content)
            self._read(int(content["points"]), {str(parameter["path"]) for parameter in content["parameters"]})
            return
        SWEEP.check_free(self.folder, force=force)
        SWEEP.begin(self.folder, content)

    def add(self, row: dict[str, Any]) -> None:
        """Keep the row of the next point.

        Raises:
            UnwritableError: it cannot be written.
        """
        append_line(self._path, json.dumps(row, allow_nan=False))
        self.rows.append(row)

    def discard(self) -> None:
        """Remove the store."""
        SWEEP.discard(self.folder)

    def _read(self, points: int, paths: set[str]) -> None:
        """Rows that were written whole; a last line cut off by a kill is taken away.

        All rows have the parameters; their key figures may differ, since a switch may take all disruptions away.
        """
        if not self._path.exists():
            return
        raw = self._path.read_bytes()
        whole = raw[: raw.rfind(b"\n") + 1]
        for number, line in enumerate(whole.splitlines()):
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise SWEEP.damaged(self._path, f"line {number + 1}: {error}") from None
            if not isinstance(row, dict) or not paths <= row.keys():
                raise SWEEP.damaged(self._path, f"line {number + 1} is not a row of this sweep")
            self.rows.append(row)
        if len(self.rows) > points:
            raise SWEEP.damaged(self._path, f"it holds {len(self.rows)} rows of {points} points")
        if len(whole) < len(raw):
            with translated(self._path):
                os.truncate(self._path, len(whole))

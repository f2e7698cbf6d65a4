"""Finished points of a sweep, kept on disk one by one, so that an interrupted sweep can go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from esc_sim.results.manifest import work_versions
from esc_sim.storage.lines import Lines
from esc_sim.storage.unfinished import Unfinished

ROWS_FILE: Final = "rows.jsonl"
SWEEP: Final = Unfinished("sweep", "sweep.json", (ROWS_FILE,), work_versions)


class Store(Lines):
    """The rows of a sweep, in the order of its points."""

    def __init__(self, out: Path, content: dict[str, Any], resume: bool, force: bool) -> None:
        """Begin, or read what there is.

        All rows have the parameters; their key figures may differ, since a switch may take all disruptions away.

        Args:
            out: folder of the results to come; the store is ``OUT.checkpoint`` beside it.
            content: what the sweep is.
            resume: go on where there is a store.
            force: replace an unfinished sweep.

        Raises:
            InputError: there is an unfinished sweep, another one, or a damaged one. Nothing is changed then.
        """

        def is_row(row: dict[str, Any]) -> bool:
            return {str(parameter["path"]) for parameter in content["parameters"]} <= row.keys()

        super().__init__(
            SWEEP,
            out,
            content,
            resume=resume,
            force=force,
            is_row=is_row,
            most=content.get("points"),
        )

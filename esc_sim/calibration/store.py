"""Simulated points of a calibration, kept on disk one by one, so that an interrupted calibration can go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.calibration.simulated import Asked, Row, Simulated
from esc_sim.crews.crew import Crew
from esc_sim.results.manifest import work_versions
from esc_sim.storage.lines import Lines
from esc_sim.storage.unfinished import Unfinished

Floats = NDArray[np.float64]

_POINTS_FILE: Final = "points.jsonl"
CALIBRATION: Final = Unfinished("calibration", "calibration.json", (_POINTS_FILE,), work_versions)


def _is_row(row: dict[str, Any]) -> bool:
    return {"place", "replications", "mean", "covariance"} <= row.keys()


def store_for(out: Path, content: dict[str, Any], *, resume: bool, force: bool) -> Lines:
    """The store of a calibration, see :class:`esc_sim.storage.lines.Lines`.

    Args:
        out: folder of the results to come; the store is ``OUT.checkpoint`` beside it.
        content: what the calibration is.
        resume: go on where there is a store.
        force: replace an unfinished calibration.

    Raises:
        InputError: there is an unfinished calibration, another one, or a damaged one. Nothing is changed then.
    """
    return Lines(CALIBRATION, out, content, resume=resume, force=force, is_row=_is_row, most=None)


class Points:
    """Points that were simulated, in the order in which they were asked for.

    What is asked for next depends on what the points before gave and on nothing else, so a calibration that goes on
    asks for the same points again and finds those of its store.
    """

    def __init__(
        self, simulated: Simulated, crew: Crew, store: Lines | None, told: Callable[[int], object] | None
    ) -> None:
        """Begin.

        Args:
            simulated: simulates a point.
            crew: who does it.
            store: keeps points, and has those of an interrupted calibration.
            told: hears how many replications are done.
        """
        self._simulated, self._crew, self._store, self._told = simulated, crew, store, told
        self._known = [] if store is None else list(store.rows)
        self.rows: list[Row] = []

    @property
    def replications(self) -> int:
        """Replications so far."""
        return sum(row["replications"] for row in self.rows)

    def play(self, places: Floats, replications: int) -> list[Row]:
        """Simulate points.

        Args:
            places: float64[n, K] in the unit cube.
            replications: of each.

        Raises:
            InputError: the store holds other points than are asked for.
        """
        wanted = [Asked(tuple(place.tolist()), replications) for place in places]
        first = len(self.rows)
        for asked, row in zip(wanted, self._known[first:], strict=False):
            self._check(asked, row)
            self._add(row)
        left = wanted[len(self.rows) - first :]
        if left:
            for row in self._crew(self._simulated, left):
                if self._store is not None:
                    self._store.add(row)
                self._add(row)
        return self.rows[first:]

    def _add(self, row: Row) -> None:
        self.rows.append(row)
        if self._told is not None:
            self._told(self.replications)

    def _check(self, asked: Asked, row: Row) -> None:
        if tuple(row["place"]) != asked.place or row["replications"] != asked.replications:
            assert self._store is not None
            raise CALIBRATION.damaged(self._store.folder, "its points are not those that this calibration asks for")


def means_of(rows: Sequence[Row]) -> Floats:
    """Mean moments of points, float64[n, M]."""
    return np.array([row["mean"] for row in rows])

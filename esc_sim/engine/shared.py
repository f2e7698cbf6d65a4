"""Rows of replications that whoever played them writes to a shared place, so that they need not pass the scheduler."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Final, TypeVar

from numpy.typing import NDArray

from esc_sim.storage.arrays import read_arrays, remove, try_writing, write_arrays

Outcome = TypeVar("Outcome")

_ROWS: Final = frozenset(
    {"periods", "items", "nodes", "tally", "service", "flows", "held", "observed", "health", "active"}
)
"""Fields of an outcome, its block and its twin that have a row for each replication."""


@dataclass(frozen=True)
class SharedPlace:
    """Where parts of a run lie, a Parquet file for some replications.

    Attributes:
        folder: that nobody else writes to, as fsspec knows it.
    """

    folder: str

    def put(self, outcome: Outcome, replications: range) -> Outcome:
        """Write the rows of an outcome of replications; what is left of it."""
        arrays: dict[str, NDArray[Any]] = {}
        left = _without_rows(outcome, len(replications), arrays)
        write_arrays(self._file(replications), arrays)
        return left

    def take(self, outcome: Outcome, replications: range) -> Outcome:
        """The outcome with its rows, whose file is then removed."""
        whole = _with_rows(outcome, read_arrays(self._file(replications)))
        remove(self._file(replications))
        return whole

    def _file(self, replications: range) -> str:
        return f"{self.folder}/{replications.start}-{replications.stop}.parquet"


@contextmanager
def shared_place(url: str) -> Iterator[SharedPlace]:
    """A folder of its own below a shared place; it vanishes with the work.

    Args:
        url: of a folder.

    Raises:
        InputError: it cannot be written to.
    """
    place = SharedPlace(f"{url.rstrip('/')}/esc_sim-{uuid.uuid4().hex[:12]}")
    try_writing(place.folder)
    try:
        yield place
    finally:
        remove(place.folder)


def _without_rows(found: Any, rows: int, arrays: dict[str, NDArray[Any]], before: str = "") -> Any:
    """A dataclass, and those within it, without their rows, which go to ``arrays`` by dotted name."""
    changes: dict[str, Any] = {}
    for field in fields(found):
        value, name = getattr(found, field.name), before + field.name
        if field.name in _ROWS and len(value) == rows:
            arrays[name], changes[field.name] = value, value[:0].copy()
        elif is_dataclass(value):
            changes[field.name] = _without_rows(value, rows, arrays, f"{name}.")
    return replace(found, **changes)


def _with_rows(found: Any, arrays: Mapping[str, NDArray[Any]], before: str = "") -> Any:
    changes: dict[str, Any] = {}
    for field in fields(found):
        value, name = getattr(found, field.name), before + field.name
        if name in arrays:
            changes[field.name] = arrays[name]
        elif is_dataclass(value):
            changes[field.name] = _with_rows(value, arrays, f"{name}.")
    return replace(found, **changes)

"""Periods of all replications as one array, whose columns are asked for by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.measures.measure import InParts
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.results.roomy import in_memory, lies_in_file

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

PART_BYTES: Final = 4 * 1024 * 1024
"""Memory of a column of a part of the periods that lie in a file."""

DISRUPTED = "disrupted"
UNDISRUPTED = "undisrupted"

_INDEX = {name: i for i, name in enumerate(PERIOD_COLUMNS)}


def column(values: Floats, name: str) -> Floats:
    """One of PERIOD_COLUMNS: values [R, T, K] -> [R, T]; a copy where the values lie in a file.

    Raises:
        KeyError: no such column.
    """
    picked: Floats = in_memory(values[..., _INDEX[name]])
    return picked


@dataclass(frozen=True)
class PeriodTable(InParts):
    """Periods [R, T, K] whose columns are asked for by name, as measures do."""

    array: Floats

    def __getitem__(self, name: str, /) -> Floats:
        """One of PERIOD_COLUMNS, [R, T].

        Raises:
            KeyError: no such column.
        """
        if name not in _INDEX:
            raise KeyError(f"no column of periods is called '{name}'; columns: {', '.join(PERIOD_COLUMNS)}")
        picked: Floats = self.array[..., _INDEX[name]]
        return in_memory(picked) if self._in_file else picked

    @cached_property
    def _in_file(self) -> bool:
        return lies_in_file(self.array)

    @property
    def lengths(self) -> tuple[int, ...]:
        """Replications of each part."""
        return tuple(min(self._step, len(self.array) - start) for start in self._starts)

    def parts(self) -> Sequence[PeriodTable]:
        """Some replications each, where the periods lie in a file: a column of a part takes little memory."""
        if not self._in_file:
            return (self,)
        return [PeriodTable(self.array[start : start + self._step]) for start in self._starts]

    @property
    def _step(self) -> int:
        whole = max(1, len(self.array))
        return max(1, PART_BYTES // self.array[:1, :, 0].nbytes) if self._in_file else whole

    @property
    def _starts(self) -> range:
        return range(0, max(1, len(self.array)), self._step)

    def __iter__(self) -> Iterator[str]:
        return iter(PERIOD_COLUMNS)

    def __len__(self) -> int:
        return len(PERIOD_COLUMNS)

"""Periods of all replications as one array, whose columns are asked for by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.results.spool import in_memory

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

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
class PeriodTable(Mapping[str, Floats]):
    """Periods [R, T, K] whose columns are asked for by name, as measures do."""

    array: Floats

    def __getitem__(self, name: str, /) -> Floats:
        """One of PERIOD_COLUMNS, [R, T].

        Raises:
            KeyError: no such column.
        """
        if name not in _INDEX:
            raise KeyError(f"no column of periods is called '{name}'; columns: {', '.join(PERIOD_COLUMNS)}")
        return column(self.array, name)

    def __iter__(self) -> Iterator[str]:
        return iter(PERIOD_COLUMNS)

    def __len__(self) -> int:
        return len(PERIOD_COLUMNS)

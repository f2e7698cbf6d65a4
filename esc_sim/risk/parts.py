"""Costs that are worked out part by part, so that no more than a part need be in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Parts:
    """A table [R, T] in parts, each of some replications.

    Attributes:
        lengths: replications of each part.
        periods: T.
        part: gives part number i, [lengths[i], T]; it is asked for time and again.
    """

    lengths: tuple[int, ...]
    periods: int
    part: Callable[[int], Floats]

    def __len__(self) -> int:
        """R."""
        return sum(self.lengths)

    @property
    def shape(self) -> tuple[int, int]:
        """(R, T)."""
        return len(self), self.periods

    def __iter__(self) -> Iterator[Floats]:
        """The parts, in order."""
        return map(self.part, range(len(self.lengths)))

    def __getitem__(self, rows: slice) -> Parts:
        """The replications from ``rows.start`` to ``rows.stop``."""
        start, end, _ = rows.indices(len(self))
        edges = list(pairwise(accumulate(self.lengths, initial=0)))
        cut = [(i, max(start, a) - a, min(end, b) - a) for i, (a, b) in enumerate(edges) if a < end and b > start]
        return Parts(
            tuple(b - a for _, a, b in cut), self.periods, lambda k: self.part(cut[k][0])[cut[k][1] : cut[k][2]]
        )


Table = Floats | Parts
"""Costs [R, T], large is bad."""


def parts_of(table: Table) -> Iterable[Floats]:
    """The parts of a table, in order; an array is one part."""
    return table if isinstance(table, Parts) else (table,)


def by_parts(of: Callable[[Floats], Floats], table: Table) -> Floats:
    """What a function gives for each replication, [R]."""
    return np.concatenate([of(part) for part in parts_of(table)])


def order_statistic(parts: Iterable[Floats], count: int, rank: int) -> float:
    """The value at a rank of the sorted samples, of which only those beyond it are kept.

    Args:
        parts: samples, in parts of any shape.
        count: how many samples there are.
        rank: 0-based.
    """
    above = 2 * rank >= count  # the shorter end is kept
    keep = count - rank if above else rank + 1
    kept = np.empty(0)
    for part in parts:
        found = part.ravel()
        if kept.size == keep:
            found = found[found > kept[0] if above else found < kept[-1]]
        kept = np.concatenate([kept, found]) if kept.size else found
        if kept.size >= keep:
            at = kept.size - keep if above else keep - 1
            kept = np.partition(kept, at)[slice(at, None) if above else slice(keep)]
    return float(kept[0 if above else -1])

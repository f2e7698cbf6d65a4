"""Sorting of a round's bids by their places."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.compiled.arrays import Indices, Ints, Work

_INSERTION_UP_TO = 32
_RADIX_BITS = 11


def sort_bids(work: Work, count: int, places: int) -> None:
    """Sort the round's bids: insertion for a few, radix sort for many.

    Args:
        work: scratch of the period: its ``bids`` are sorted.
        count: number of bids.
        places: one more than the largest of them can be.
    """
    if count <= _INSERTION_UP_TO:
        insertion_sort(work.bids, count)
        return
    shift = 0
    while (places - 1) >> shift > 0:
        _radix_pass(work.bids, work.sorted_bids, count, shift, work.buckets)
        for k in range(count):
            work.bids[k] = work.sorted_bids[k]
        shift += _RADIX_BITS


def insertion_sort(values: NDArray, count: int) -> None:
    """Sort the first ``count`` values in place; quick for few or nearly sorted ones."""
    for k in range(1, count):
        value = values[k]
        j = k
        while j > 0 and values[j - 1] > value:
            values[j] = values[j - 1]
            j -= 1
        values[j] = value


def _radix_pass(source: Indices, target: Indices, count: int, shift: int, buckets: Ints) -> None:
    """One stable counting sort by 11 bits."""
    mask = (1 << _RADIX_BITS) - 1
    buckets[:] = 0
    for k in range(count):
        buckets[((np.int64(source[k]) >> shift) & mask) + 1] += 1
    for k in range(mask):
        buckets[k + 1] += buckets[k]
    for k in range(count):
        digit = (np.int64(source[k]) >> shift) & mask
        target[buckets[digit]] = source[k]
        buckets[digit] += 1

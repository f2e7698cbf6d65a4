"""Cascades of many recovery sets, in blocks that a worker is handed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import pairwise
from queue import Empty, SimpleQueue
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.cascade.arrays import new_state
from esc_sim.cascade.graph import CascadeNetwork
from esc_sim.cascade.kernels import kernels
from esc_sim.cascade.state import Net, State
from esc_sim.crews.crew import Crew

_BLOCK_SECONDS: Final = 0.1
"""A call of the kernel lasts about that long, so that Ctrl-C works."""
_LEAST_BLOCKS: Final = 8
"""Sets are cut into at least so many blocks, so that none of a few workers stands idle for long."""


@dataclass(frozen=True)
class Measured:
    """What a worker needs to measure recovery sets.

    Attributes:
        network: n nodes.
        net: the arrays that the rules read.
        removed: (R,) indices of the removed nodes, ascending.
        seeds: Q cascade seeds.
        strict: also measure the strict RN.
    """

    network: CascadeNetwork
    net: Net
    removed: NDArray[np.int32]
    seeds: tuple[int, ...]
    strict: bool
    _states: SimpleQueue[State] = field(default_factory=SimpleQueue, repr=False, compare=False)

    def __call__(self, sets: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Measures of (S, R) sets: (S, Q, 4) RN, strict RN (-1 if not asked for), rounds, new links."""
        out = np.empty((len(sets), len(self.seeds), 4), dtype=np.int64)
        try:
            state = self._states.get_nowait()
        except Empty:
            state = new_state(self.net)
        seeds = np.array(self.seeds, dtype=np.int64)
        kernels().batch(self.net, state, self.removed, np.empty_like(self.removed), sets, seeds, self.strict, out)
        self._states.put(state)
        return out

    def of(self, sets: NDArray[np.uint8], crew: Crew) -> NDArray[np.int64]:
        """The same of many sets, in blocks that last a moment each."""
        began = time.perf_counter()
        first = self(sets[:1])
        fits = int(_BLOCK_SECONDS / max(time.perf_counter() - began, 1e-6))
        block = max(1, min(fits, len(sets) // _LEAST_BLOCKS))
        edges = [*range(1, len(sets), block), len(sets)]
        return np.concatenate([first, *crew(self, [sets[low:high] for low, high in pairwise(edges)])])

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process makes its own scratch.
        return Measured, (self.network, self.net, self.removed, self.seeds, self.strict)

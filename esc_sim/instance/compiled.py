"""Levels of channels written by compiled code: the same bits, many times as fast.

The compiled engine takes it up (:func:`take_up`); whoever runs before anything is compiled does without.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numba as nb
from numpy.typing import NDArray

from esc_sim.compile import cached_kernel, kernel_key, register_rule, register_rules
from esc_sim.instance import health
from esc_sim.instance.health import write_levels_by_python
from esc_sim.rules import disrupt, switches


@cache
def take_up() -> None:
    """Write levels by compiled code from now on."""
    register_rules(disrupt)
    register_rule(write_levels_by_python)
    key = kernel_key(disrupt, switches, health, __file__)
    f8, i8 = nb.float64[::1], nb.int64[::1]
    signature: Any = nb.void(i8, i8, i8, f8, f8, f8, f8, i8, nb.boolean[::1], nb.int64, nb.int64, nb.float64[:, :, ::1])

    @cached_kernel(signature)
    def write(
        replication: NDArray,
        channel: NDArray,
        effect: NDArray,
        start: NDArray,
        end: NDArray,
        low: NDArray,
        recovery: NDArray,
        shape: NDArray,
        is_factor: NDArray,
        ticks: int,
        first: int,
        blocks: NDArray,
    ) -> None:
        key  # noqa: B018 - makes the hash of all sources part of the cache's index
        write_levels_by_python(
            replication, channel, effect, start, end, low, recovery, shape, is_factor, ticks, first, blocks
        )

    health.write_levels = write

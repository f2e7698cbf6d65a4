"""Levels of channels written by compiled code: the same bits, many times as fast.

The compiled engine takes it up (:func:`take_up`); whoever runs before anything is compiled does without.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numba as nb

from esc_sim.behaviours import disrupt, switches
from esc_sim.compile import cached_kernel, kernel_key, register_rules
from esc_sim.instance import health


@cache
def take_up() -> None:
    """Write levels by compiled code from now on."""
    register_rules(disrupt)
    key = kernel_key(disrupt, switches, str(health.__file__))
    f8, i8 = nb.float64[::1], nb.int64[::1]
    signature: Any = nb.void(i8, i8, i8, f8, f8, f8, f8, i8, nb.boolean[::1], nb.int64, nb.int64, nb.float64[:, :, ::1])
    health.write_levels = cached_kernel(signature)(health.levels_loop(key))

"""The rules of the cascade, compiled: the same functions, called from a few kernels."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from esc_sim.cascade import lfsn, links, rules
from esc_sim.cascade import state as layout
from esc_sim.cascade.arrays import build_net, new_state
from esc_sim.cascade.graph import CascadeNetwork
from esc_sim.cascade.settings import CascadeSettings
from esc_sim.cascade.state import LINKS
from esc_sim.compile import cached_kernel, compiling, kernel_key, register_rules

RN, STRICT, ROUNDS, NEW_LINKS = 0, 1, 2, 3  # columns of a batch's measures


class Kernels(NamedTuple):
    """The compiled entry points.

    Attributes:
        start: (net, state, failed): set the state to the start of a cascade.
        advance: (net, state, seed): one round.
        measure: (net, state, out): RN and strict RN into out (2).
        batch: (net, state, removed, space, sets, seeds, strict, out): measures of (S, R) sets on Q seeds into out (S,
            Q, 4).
    """

    start: Any
    advance: Any
    measure: Any
    batch: Any


def kernels() -> Kernels:
    """The kernels, compiled once on a machine and loaded from numba's disk cache later."""
    return _build(kernel_key(rules, links, lfsn, layout, __file__))


@cache
def net_and_state_types() -> tuple[Any, Any]:
    """numba's types of `Net` and `State`, read off a network of two nodes."""
    from numba import typeof

    pair = CascadeNetwork.from_arrays(["supplier", "retailer"], [0], [1])
    net = build_net(pair, np.ones(2), CascadeSettings())
    return typeof(net), typeof(new_state(net))


@cache
def _build(key: int) -> Kernels:
    """Compile (or load from numba's disk cache) every kernel, once, for one explicit signature each."""
    from numba import types

    _register()
    net, state = net_and_state_types()
    nodes, sets = types.int32[::1], types.uint8[:, ::1]
    seed, seeds, out = types.int64, types.int64[::1], types.int64[:, :, ::1]

    with compiling("the cascade"):

        @cached_kernel(types.void(net, state, nodes))
        def start(net: Any, state: Any, failed: Any) -> None:
            key  # noqa: B018
            rules.start_cascade(net, state, failed)

        @cached_kernel(types.void(net, state, seed))
        def advance(net: Any, state: Any, seed: Any) -> None:
            key  # noqa: B018
            rules.cascade_round(net, state, seed)

        @cached_kernel(types.void(net, state, seeds))
        def measure(net: Any, state: Any, out: Any) -> None:
            key  # noqa: B018
            out[0] = lfsn.resilience(net, state)
            out[1] = lfsn.strict_resilience(net, state)

        @cached_kernel(types.void(net, state, nodes, nodes, sets, seeds, types.boolean, out))
        def batch(
            net: Any, state: Any, removed: Any, failed: Any, sets: Any, seeds: Any, strict: Any, out: Any
        ) -> None:
            key  # noqa: B018
            for s in range(len(sets)):
                down = 0
                for at in range(len(removed)):
                    if sets[s, at] == 0:
                        failed[down] = removed[at]
                        down += 1
                for q in range(len(seeds)):
                    rules.start_cascade(net, state, failed[:down])
                    out[s, q, ROUNDS] = rules.run_cascade(net, state, seeds[q])
                    out[s, q, NEW_LINKS] = state.count[LINKS]
                    out[s, q, RN] = lfsn.resilience(net, state)
                    out[s, q, STRICT] = lfsn.strict_resilience(net, state) if strict else -1

    return Kernels(start, advance, measure, batch)


@cache
def _register() -> None:
    """Let compiled code call the rules; the hash has a uint64 form of its own."""
    from numba import uint64
    from numba.extending import overload

    register_rules(rules, without=("u01",))
    register_rules(links)
    register_rules(lfsn)
    a, b, c = uint64(0x9E3779B97F4A7C15), uint64(0xBF58476D1CE4E5B9), uint64(0x94D049BB133111EB)
    s30, s27, s31, s11 = uint64(30), uint64(27), uint64(31), uint64(11)

    @overload(rules.u01)
    def _u01(seed: Any, i: Any, j: Any) -> Any:
        def compiled(seed: Any, i: Any, j: Any) -> Any:
            z = uint64(seed) * a + uint64(i) * b + uint64(j) * c
            z ^= z >> s30
            z *= b
            z ^= z >> s27
            z *= c
            z ^= z >> s31
            return (z >> s11) * 2.0**-53

        return compiled

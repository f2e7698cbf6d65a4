"""Reverse cascade: how many failures each removed node answers for, and recovery sets built from it.

A cascade is followed backwards, as errors are through a network in reverse-mode differentiation: a node that failed
counts itself and passes its value on to those whose shedding pushed it below its lower capacity. The value of a removed
node per unit of load then says where restoring pays. Own construction; it needs one cascade run and no model of it.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.cascade import rules
from esc_sim.cascade import state as layout
from esc_sim.cascade.cascade import Cascade, CascadeResult
from esc_sim.cascade.kernels import net_and_state_types
from esc_sim.compile import cached_kernel, kernel_key, register_rules
from esc_sim.recovery.problem import BoolArray, RecoveryProblem

STEPS = (3, 8)  # cascades per set built
POWERS = (0.5, 0.75, 1.0)  # value / load ** power decides the order
SHARED = 0.25  # probability that blame is shared instead of counted by need
NOISE = 0.3  # standard deviation of the logarithm of the values, so that sets differ


def failures_caused(cascade: Cascade, result: CascadeResult, shared: bool = False) -> NDArray[np.float64]:
    """Value of every node that failed or was removed: itself and its part of the failures that followed.

    Args:
        cascade: network and rules; n nodes.
        result: of `cascade.run`.
        shared: a failure's blame is split among those that shed on the node, in proportion to the load they took;
            otherwise each gets the part of the lacking load that it alone would make good, at most all of it.

    Returns:
        (n,) values; 0 for nodes that never failed.
    """
    value = np.zeros(cascade.network.n)
    _kernel(_key())(cascade.net, result.load, result.failed_round, result.rounds, shared, value)
    return value


def reverse_cascade_set(
    recovery: RecoveryProblem,
    rng: np.random.Generator,
    start: CascadeResult,
    plain: bool = False,
    first: int | None = None,
) -> BoolArray:
    """A recovery set built in steps: each step spends its part of the budget on the removed nodes of the highest value
    per load, then runs the cascade again with what has been restored so far.

    Args:
        recovery: loads and budget of the R removed nodes, and the cascade.
        rng: random numbers of the search.
        start: the cascade without recovery, for the first of the problem's seeds.
        plain: no noise, the middle of the parameters.
        first: place of a node that the set begins with.

    Returns:
        (R,) bool, within the budget.
    """
    steps = 5 if plain else int(rng.integers(STEPS[0], STEPS[1] + 1))
    power = 0.5 if plain else float(rng.choice(POWERS))
    shared = not plain and bool(rng.random() < SHARED)
    noise = np.zeros(recovery.size) if plain else NOISE * rng.standard_normal(recovery.size)
    load = np.maximum(recovery.load, np.finfo(float).tiny)
    chosen = np.zeros(recovery.size, dtype=bool)
    result = start
    if first is not None:
        chosen[first] = True
        if recovery.sets_left < 2:
            return chosen
        result = recovery.trial(chosen)
    spent = recovery.used(chosen)
    for step in range(1, steps + 1):
        value = failures_caused(recovery.cascade, result, shared)[recovery.nodes]
        with np.errstate(over="ignore"):
            score = value * np.exp(noise) / load**power
        add_in_order(
            chosen, np.argsort(-score, kind="stable"), recovery.load, spent + (recovery.budget - spent) * step / steps
        )
        if step < steps:
            if recovery.sets_left < 2:
                break
            result = recovery.trial(chosen)
    add_in_order(chosen, np.argsort(-score, kind="stable"), recovery.load, recovery.budget)
    return chosen


def add_in_order(chosen: BoolArray, order: NDArray[np.int64], load: NDArray[np.float64], budget: float) -> None:
    """Add to a set, in order, whatever still fits.

    Args:
        chosen: (R,) the set; written.
        order: places of nodes, the most wanted first.
        load: (R,) loads.
        budget: largest sum of the loads of the set.
    """
    used = float(load[chosen].sum())
    for at in order.tolist():
        if not chosen[at] and used + load[at] <= budget:
            chosen[at] = True
            used += load[at]


def pass_on(
    m: int, worth: float, lacking: float, shared: bool, begin: int, end: int, node: Any, share: Any, load: Any,
    failed_round: Any, value: Any,
) -> None:  # fmt: skip
    """Pass the worth of a failed node on to those of its partners node[begin:end] that failed before it.

    Args:
        m: the failed node.
        worth: its value.
        lacking: load that it lacked to stay above its lower bound.
        shared: split among the partners in proportion; otherwise each gets its own part, at most all.
        begin, end: range of its partners.
        node, share: partners and their shares, as compressed rows.
        load: (n,) load of each node when it failed.
        failed_round: (n,) round in which it failed, negative where it did not.
        value: (n,) values; written.
    """
    for at in range(begin, end):
        i = node[at]
        if 0 <= failed_round[i] < failed_round[m]:
            part = share[at] * load[i] / lacking
            value[i] += worth * (part if shared else min(1.0, part))


def shed_on(m: int, begin: int, end: int, node: Any, share: Any, load: Any, failed_round: Any) -> float:
    """Load that partners which failed before m shed on it.

    Args:
        m: the node.
        begin, end: range of its partners.
        node, share: partners and their shares, as compressed rows.
        load: (n,) load of each node when it failed.
        failed_round: (n,) round in which it failed, negative where it did not.
    """
    total = 0.0
    for at in range(begin, end):
        i = node[at]
        if 0 <= failed_round[i] < failed_round[m]:
            total += share[at] * load[i]
    return total


def reverse_cascade(net: Any, load: Any, failed_round: Any, rounds: int, shared: bool, value: Any) -> None:
    """Values of all nodes, the last round first.

    Args:
        net: the network.
        load: (n,) load of each node when it failed.
        failed_round: (n,) round in which it failed, negative where it did not.
        rounds: number of rounds.
        shared: split blame in proportion (see :func:`failures_caused`).
        value: (n,) zeros; written.
    """
    for r in range(rounds, -1, -1):
        for m in range(len(value)):
            if failed_round[m] != r:
                continue
            value[m] += 1.0
            if r == 0:
                continue
            lacking = net.lower[m] - load[m]
            if shared:
                lacking = shed_on(
                    m, net.in_start[m], net.in_start[m + 1], net.in_node, net.in_down, load, failed_round
                ) + shed_on(m, net.out_start[m], net.out_start[m + 1], net.out_node, net.out_up, load, failed_round)
            if lacking > 0.0:
                pass_on(
                    m, value[m], lacking, shared, net.in_start[m], net.in_start[m + 1], net.in_node, net.in_down,
                    load, failed_round, value,
                )  # fmt: skip
                pass_on(
                    m, value[m], lacking, shared, net.out_start[m], net.out_start[m + 1], net.out_node, net.out_up,
                    load, failed_round, value,
                )  # fmt: skip


@cache
def _key() -> int:
    return kernel_key(rules, layout, __file__)


@cache
def _kernel(key: int) -> Any:
    from numba import types

    register_rules(sys.modules[__name__], without=("failures_caused", "reverse_cascade_set", "add_in_order"))
    net, _ = net_and_state_types()
    floats = types.float64[::1]

    @cached_kernel(types.void(net, floats, types.int32[::1], types.int64, types.boolean, floats))
    def kernel(net: Any, load: Any, failed_round: Any, rounds: Any, shared: Any, value: Any) -> None:
        key  # noqa: B018
        reverse_cascade(net, load, failed_round, rounds, shared, value)

    return kernel

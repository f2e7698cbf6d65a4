"""Role-typed scale-free supply networks by preferential attachment.

The published recovery study has a scale-free network of 375 suppliers, 18 manufacturers, 16 wholesalers and 591
retailers (Li, Zhao, Wang, Mi, APEM 2024, section 3.1) but no generator; this one follows Barabasi and Albert (1999)
with roles: a newcomer trades only with nodes of another role, goods flowing down the order of the roles.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from esc_sim.compile import cached_kernel, kernel_key, register_rules
from esc_sim.errors import InputError

TIERS = ("supplier", "manufacturer", "wholesaler", "retailer")
PAPER_COUNTS = {"supplier": 375, "manufacturer": 18, "wholesaler": 16, "retailer": 591}
TRIES = 64  # draws of a partner that may repeat an earlier one before the draw is made among the others only


def role_typed_scale_free(
    counts: Mapping[str, int], m: int = 4, a: float = 6.0, seed: int = 1
) -> tuple[list[str], NDArray[np.int64]]:
    """Network in which newcomers of every role take m partners of other roles with probability ~ degree + a.

    One node of each role comes first, the others in random order; a newcomer that finds at most m admissible nodes
    takes all of them. The network is connected.

    Args:
        counts: nodes of each role, in the order of the flow of goods (earlier roles supply later ones). At least two
            roles with at least one node each.
        m: partners of a newcomer (at least 1).
        a: initial attractiveness (at least 0); the larger, the weaker the hubs. Values of 0 to 6 suit the
            paper's counts.
        seed: of the numpy Generator that draws the network.

    Returns:
        roles (one name a node; nodes 0..n-1 in the order of `counts`) and arcs, (A, 2) supplier and customer in
        ascending order.

    Raises:
        InputError: counts, m or a out of range.
    """
    problems = [f"counts.{role}: {k} is not an integer of at least 0" for role, k in counts.items() if k < 0]
    present = [role for role, k in counts.items() if k > 0]
    if len(present) < 2:
        problems.append("counts: at least two roles need nodes, because arcs join different roles only")
    if m < 1:
        problems.append(f"m: {m} is not an integer of at least 1")
    if not (np.isfinite(a) and a >= 0):
        problems.append(f"a: {a} is not a number of at least 0")
    if problems:
        raise InputError(problems)
    roles = [role for role in present for _ in range(counts[role])]
    sizes = np.array([counts[role] for role in present])
    tier = np.repeat(np.arange(len(present)), sizes)
    rng = np.random.default_rng(seed)
    order = _arrivals(tier, rng)
    space = new_growth(sizes, m)
    ends = space.arcs[: _kernel(kernel_key(__file__))(space, tier, order, m, float(a), rng)]
    swap = tier[ends[:, 0]] > tier[ends[:, 1]]
    ends[swap] = ends[swap][:, ::-1]
    return roles, ends[np.lexsort((ends[:, 1], ends[:, 0]))]


def _arrivals(tier: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """One node of each role first (in random order of roles), then the others in random order."""
    order = rng.permutation(len(tier))
    _, first = np.unique(tier[order], return_index=True)
    first.sort()
    return np.concatenate([order[first], np.delete(order, first)])


class Growth(NamedTuple):
    """Working space while a network grows: n nodes, t tiers.

    Attributes:
        begin: (t) where each tier begins in `member`.
        member: (n) nodes by tier and arrival, tier by tier.
        members, ends: (t) nodes and arc ends of a tier so far.
        degree: (n) arcs of a node so far.
        taken: (n) 1 for partners of the present newcomer.
        stub: (2 m n) every node once for every arc end it has.
        arcs: (m n, 2) newcomer and partner.
    """

    begin: Any
    member: Any
    members: Any
    ends: Any
    degree: Any
    taken: Any
    stub: Any
    arcs: Any


def new_growth(sizes: NDArray[np.int64], m: int) -> Growth:
    """Working space for tiers of these sizes."""
    n = int(sizes.sum())
    return Growth(
        begin=np.cumsum(sizes) - sizes,
        member=np.zeros(n, dtype=np.int64),
        members=np.zeros(len(sizes), dtype=np.int64),
        ends=np.zeros(len(sizes), dtype=np.int64),
        degree=np.zeros(n, dtype=np.int64),
        taken=np.zeros(n, dtype=np.uint8),
        stub=np.zeros(2 * m * n, dtype=np.int64),
        arcs=np.zeros((m * n, 2), dtype=np.int64),
    )


def other_member(space: Growth, own: int, u: float) -> int:
    """Node drawn evenly among those present of all tiers but `own`; u uniform in [0, 1).

    Args:
        space: the network so far.
        own: tier that is left out.
        u: uniform draw.
    """
    others = 0
    for t in range(len(space.members)):
        if t != own:
            others += space.members[t]
    place = int(u * others)
    for t in range(len(space.members)):
        if t != own:
            if place < space.members[t]:
                return space.member[space.begin[t] + place]
            place -= space.members[t]
    return -1


def untaken_member(space: Growth, own: int, a: float, u: float) -> int:
    """Node drawn in proportion to degree + a among those of other tiers that are not taken yet, by walking through
    all of them (used when draws keep repeating because one hub holds nearly all arcs).

    Args:
        space: the network so far.
        own: tier that is left out.
        a: attractiveness that is added to the degree.
        u: uniform draw in [0, 1).
    """
    total = 0.0
    chosen = -1
    for turn in range(2):
        reached = 0.0
        for t in range(len(space.members)):
            if t == own:
                continue
            for at in range(space.begin[t], space.begin[t] + space.members[t]):
                k = space.member[at]
                if space.taken[k] == 0:
                    reached += space.degree[k] + a
                    if turn == 1:
                        chosen = k
                        if reached > u * total:
                            return chosen
        total = reached
    return chosen


def attach(space: Growth, tier: Any, order: Any, m: int, a: float, rng: Any) -> int:
    """Let the nodes arrive in order; returns the number of arcs made. In the subset of Python that numba compiles.

    A draw in proportion to degree is an even draw from the stubs. An arc joins two tiers, so at most half of the stubs
    belong to the newcomer's own tier and are drawn in vain.

    Args:
        space: empty; written.
        tier: int[n], tier of each node.
        order: the nodes in the order in which they arrive.
        m: arcs that a newcomer makes, if there are as many nodes to join.
        a: attractiveness that is added to the degree.
        rng: numpy Generator.
    """
    stubs = 0
    made = 0
    for arrived in range(len(order)):
        node = order[arrived]
        own = tier[node]
        first = made
        others = arrived - space.members[own]
        tries = 0
        while made - first < min(m, others):
            by_degree = float(stubs - space.ends[own])
            if others <= m:  # takes all of them
                k = other_member(space, own, (made - first + 0.5) / others)
            elif tries > TRIES:
                k = untaken_member(space, own, a, rng.random())
            elif rng.random() * (by_degree + a * others) < by_degree:
                k = space.stub[int(rng.random() * stubs)]
                while tier[k] == own:
                    k = space.stub[int(rng.random() * stubs)]
            else:
                k = other_member(space, own, rng.random())
            tries += 1
            if space.taken[k] == 0:
                space.taken[k] = 1
                space.arcs[made, 0] = node
                space.arcs[made, 1] = k
                made += 1
                tries = 0
        for at in range(first, made):
            k = space.arcs[at, 1]
            space.taken[k] = 0
            space.degree[k] += 1
            space.ends[tier[k]] += 1
            space.stub[stubs] = k
            space.stub[stubs + 1] = node
            stubs += 2
        space.degree[node] = made - first
        space.ends[own] += made - first
        space.member[space.begin[own] + space.members[own]] = node
        space.members[own] += 1
    return made


@cache
def _kernel(key: int) -> Any:
    from numba import typeof, types

    register_rules(sys.modules[__name__], without=("role_typed_scale_free", "_arrivals", "new_growth"))
    space, rng = typeof(new_growth(np.array([1, 1]), 1)), typeof(np.random.default_rng(0))
    nodes = types.int64[::1]

    @cached_kernel(types.int64(space, nodes, nodes, types.int64, types.float64, rng))
    def kernel(space: Any, tier: Any, order: Any, m: Any, a: Any, rng: Any) -> Any:
        key  # noqa: B018
        return attach(space, tier, order, m, a, rng)

    return kernel

"""Competition lists: who can stand in for a failed node (Li, Zhao, Wang, Mi, sections 2.3 and 3.1)."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.cascade.graph import CascadeNetwork
from esc_sim.compile import cached_kernel, kernel_key, register_rules

Rivals = tuple[NDArray[np.int64], NDArray[np.uint32]]
"""Competitors in compressed rows: those of i are node[start[i]:start[i + 1]]."""
CHUNK = 20_000  # nodes a kernel call, so that Ctrl-C works


def competitors(network: CascadeNetwork, min_shared: int = 1, max_competitors: int = 20) -> Rivals:
    """Competitors of every node, in compressed rows.

    Two nodes of one role compete when they share at least `min_shared` customers or suppliers. Each node keeps its own
    list of at most `max_competitors`, most shared first (the larger of common customers and common suppliers), ties
    to the lower id. The lists are not made symmetrical.

    Args:
        network: n nodes.
        min_shared: at least 1.
        max_competitors: at least 0.

    Returns:
        start (n + 1,) int64 and node uint32: the competitors of i are node[start[i]:start[i + 1]].
    """
    n = network.n
    # Nobody has more competitors than others of its role; room for more would cost memory and time for nothing.
    max_competitors = min(max_competitors, int(np.bincount(network.role, minlength=1).max()) - 1)
    if max_competitors <= 0:
        return np.zeros(n + 1, dtype=np.int64), np.zeros(0, dtype=np.uint32)
    suppliers = _rows_by_role(network, network.in_start, network.in_node)
    customers = _rows_by_role(network, network.out_start, network.out_node)
    lists = np.empty((n, max_competitors), dtype=np.uint32)
    length = np.zeros(n, dtype=np.int64)
    count = np.zeros((2, n), dtype=np.int32)
    seen = np.empty(n, dtype=np.uint32)
    rank = np.empty(max_competitors, dtype=np.int32)
    kernel = _kernel(kernel_key(__file__))
    for low in range(0, n, CHUNK):
        kernel(
            network.role, len(network.role_names),
            network.out_start, network.out_node, *suppliers, network.in_start, network.in_node, *customers,
            min_shared, low, min(n, low + CHUNK), count, seen, rank, lists, length,
        )  # fmt: skip
    start = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(length, out=start[1:])
    place = np.arange(start[-1]) - np.repeat(start[:-1], length)
    return start, lists[np.repeat(np.arange(n), length), place]


def undirected(start: NDArray[np.int64], node: NDArray[np.uint32]) -> Rivals:
    """Competition as an undirected network: whoever is listed by another lists it, too, after its own in ascending id.

    Args:
        start, node: competitors of every node, in compressed rows.
    """
    n = len(start) - 1
    own = np.repeat(np.arange(n, dtype=np.int64), np.diff(start))
    key, back = own * n + node, node.astype(np.int64) * n + own
    added = np.setdiff1d(back, key)
    return _rows(np.concatenate([own, added // n]), np.concatenate([node, added % n]), n)


def competing_pairs(pairs: Iterable[tuple[int, int]], n: int) -> Rivals:
    """The competition network of (undirected) pairs of nodes, in compressed rows, ascending.

    Args:
        pairs: indices of two nodes each.
        n: number of nodes.
    """
    both = np.array([*pairs], dtype=np.int64).reshape(-1, 2)
    key = np.unique(np.concatenate([both[:, 0] * n + both[:, 1], both[:, 1] * n + both[:, 0]]))
    return _rows(key // n, key % n, n)


def _rows(first: NDArray[np.int64], second: NDArray[Any], n: int) -> Rivals:
    """Compressed rows of entries, those of a row in the order given."""
    order = np.argsort(first, kind="stable")
    start = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.bincount(first, minlength=n), out=start[1:])
    return start, second[order].astype(np.uint32)


def _rows_by_role(
    network: CascadeNetwork, start: NDArray[np.int64], node: NDArray[np.uint32]
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Rows regrouped by role within each row: the neighbours of v with role r stand at begin[v * roles + r]."""
    roles = len(network.role_names)
    key = np.repeat(np.arange(network.n, dtype=np.int64) * roles, np.diff(start)) + network.role[node]
    begin = np.zeros(network.n * roles + 1, dtype=np.int64)
    np.cumsum(np.bincount(key, minlength=network.n * roles), out=begin[1:])
    return begin, node[np.argsort(key, kind="stable")]


def count_shared(i: int, group: int, roles: int, start: Any, node: Any, begin: Any, member: Any, count: Any,
                 other: Any, seen: Any, found: int) -> int:  # fmt: skip
    """Count for every node of i's role the partners it shares with i; new ones are appended to `seen`.

    Args:
        i: the node whose competitors are sought.
        group: number of i's role.
        roles: number of roles.
        start, node: partners of each node, as compressed rows.
        begin, member: for each node and role the partners of that role, as compressed rows.
        count: (n,) partners on this side that each node shares with i; written.
        other: (n,) the same of the other side, customers or suppliers.
        seen: nodes met so far; written.
        found: number of them.
    """
    for at in range(start[i], start[i + 1]):
        row = node[at] * roles + group
        for to in range(begin[row], begin[row + 1]):
            k = member[to]
            if count[k] == 0 and other[k] == 0:
                seen[found] = k
                found += 1
            count[k] += 1
    return found


def keep_most_shared(k: int, shared: int, kept: int, rank: Any, row: Any) -> int:
    """Insert k into the list `row` of kept nodes, ordered by shared partners (in `rank`), then by id.

    Args:
        k: the node.
        shared: number of partners it shares.
        kept: length of the list so far.
        rank: shared partners of the kept nodes, descending; written.
        row: the kept nodes; written. Its length is the most that are kept.
    """
    size = len(row)
    if kept == size and (shared < rank[size - 1] or (shared == rank[size - 1] and k > row[size - 1])):
        return kept
    at = kept if kept < size else size - 1
    while at > 0 and (rank[at - 1] < shared or (rank[at - 1] == shared and row[at - 1] > k)):
        rank[at] = rank[at - 1]
        row[at] = row[at - 1]
        at -= 1
    rank[at] = shared
    row[at] = k
    return min(kept + 1, size)


@cache
def _kernel(key: int) -> Any:
    register_rules(sys.modules[__name__])
    rows = "int64[::1], uint32[::1], int64[::1], uint32[::1]"

    @cached_kernel(
        f"void(int32[::1], int64, {rows}, {rows}, int64, int64, int64, int32[:, ::1], uint32[::1], int32[::1], "
        "uint32[:, ::1], int64[::1])"
    )
    def kernel(
        role: Any, roles: Any, out_start: Any, out_node: Any, in_begin: Any, in_member: Any,
        in_start: Any, in_node: Any, out_begin: Any, out_member: Any,
        min_shared: Any, low: Any, high: Any, count: Any, seen: Any, rank: Any, lists: Any, length: Any,
    ) -> None:  # fmt: skip
        key  # noqa: B018
        for i in range(low, high):
            found = count_shared(
                i, role[i], roles, out_start, out_node, in_begin, in_member, count[0], count[1], seen, 0
            )
            found = count_shared(
                i, role[i], roles, in_start, in_node, out_begin, out_member, count[1], count[0], seen, found
            )
            kept = 0
            for at in range(found):
                k = seen[at]
                shared = max(count[0, k], count[1, k])
                if k != i and shared >= min_shared:
                    kept = keep_most_shared(k, shared, kept, rank, lists[i])
                count[0, k] = 0
                count[1, k] = 0
            length[i] = kept

    return kernel

"""Resilience of a network after a cascade: the largest functional sub-network (LFSN) and its strict form.

Li, Zhao, Wang, Mi, section 2.1, after Zhao, Kumar, Harrison, Yen (2011). Plain functions that numba compiles, too.
"""

from __future__ import annotations

from typing import Any

from esc_sim.cascade.state import LINKS, Net, State


def find_root(parent: Any, k: int) -> int:
    """Root of a node's component, halving the path."""
    while parent[k] != k:
        parent[k] = parent[parent[k]]
        k = parent[k]
    return k


def join(parent: Any, size: Any, i: int, j: int) -> None:
    """Unite two components, the smaller under the larger.

    Args:
        parent: int[n], parent of each node in its component's tree; written.
        size: int[n], nodes under each root; written.
        i, j: nodes whose components become one.
    """
    i = find_root(parent, i)
    j = find_root(parent, j)
    if i == j:
        return
    if size[i] < size[j]:
        i, j = j, i
    parent[j] = i
    size[i] += size[j]


def join_arcs(net: Net, state: State, member: Any) -> None:
    """Components of the nodes with member[k] == 1 over original arcs, in state.parent and state.size.

    Args:
        net: the network.
        state: its ``parent`` and ``size`` are written.
        member: (n,) 1 for the nodes that count.
    """
    parent, size, start, node = state.parent, state.size, net.out_start, net.out_node
    for k in range(len(member)):
        parent[k] = k
        size[k] = 1
    for i in range(len(member)):
        if member[i] == 1:
            for at in range(start[i], start[i + 1]):
                j = node[at]
                if member[j] == 1 and parent[j] != parent[i]:
                    join(parent, size, i, j)


def resilience(net: Net, state: State) -> int:
    """RN: nodes of the largest weakly connected component of alive nodes, new links included, with a supplier."""
    join_arcs(net, state, state.alive)
    for at in range(state.count[LINKS]):
        i = state.link_from[at]
        j = state.link_to[at]
        if state.alive[i] == 1 and state.alive[j] == 1:
            join(state.parent, state.size, i, j)
    largest = 0
    for k in range(len(net.load0)):
        if state.alive[k] == 1 and net.is_supplier[k] == 1:
            largest = max(largest, state.size[find_root(state.parent, k)])
    return largest


def strict_resilience(net: Net, state: State) -> int:
    """Strict RN: alive nodes that an alive supplier reaches along original arcs; the largest weakly connected
    component of these over original arcs. Working space: state.reached, and state.parent as the queue."""
    n = len(net.load0)
    waiting = 0
    for k in range(n):
        state.reached[k] = 0
        if state.alive[k] == 1 and net.is_supplier[k] == 1:
            state.reached[k] = 1
            state.parent[waiting] = k
            waiting += 1
    while waiting > 0:
        waiting -= 1
        i = state.parent[waiting]
        for at in range(net.out_start[i], net.out_start[i + 1]):
            j = net.out_node[at]
            if state.alive[j] == 1 and state.reached[j] == 0:
                state.reached[j] = 1
                state.parent[waiting] = j
                waiting += 1
    join_arcs(net, state, state.reached)
    largest = 0
    for k in range(n):
        if state.reached[k] == 1:
            largest = max(largest, state.size[find_root(state.parent, k)])
    return largest

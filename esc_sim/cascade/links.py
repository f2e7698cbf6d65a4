"""New links of the cascade: to whom a node turns that has lost a partner (Li, Zhao, Wang, Mi, section 2.3, point 3).

Plain functions that numba compiles, too.
"""

from __future__ import annotations

from typing import Any

from esc_sim.cascade.state import LINKS, Net, State


def has_partner(begin: int, end: int, node: Any, k: int) -> bool:
    """Whether k is one of the partners node[begin:end], which stand in ascending order.

    Args:
        begin, end: range of the partners.
        node: partners, as compressed rows.
        k: a node.
    """
    stop = end
    while begin < stop:
        middle = (begin + stop) // 2
        if node[middle] < k:
            begin = middle + 1
        else:
            stop = middle
    return begin < end and node[begin] == k


def is_partner(net: Net, state: State, j: int, k: int) -> bool:
    """Whether j and k have a relation, original or made in this cascade.

    Args:
        net: the network.
        state: with the links made so far.
        j, k: two nodes.
    """
    if has_partner(net.in_start[j], net.in_start[j + 1], net.in_node, k) or has_partner(
        net.out_start[j], net.out_start[j + 1], net.out_node, k
    ):
        return True
    at = state.first_link[j]
    while at > 0:
        if state.link_from[at - 1] == k:
            return True
        at = state.next_link[at - 1]
    at = state.first_link[k]
    while at > 0:
        if state.link_from[at - 1] == j:
            return True
        at = state.next_link[at - 1]
    return False


def best_rival(begin: int, end: int, rival: Any, spare: Any, barred: int) -> int:
    """Among the competitors rival[begin:end] the one with the largest positive spare (the first of equals), never
    `barred`; -1 if there is none.

    Args:
        begin, end: range of the competitors.
        rival: competitors, as compressed rows.
        spare: (n,) what each node can take over.
        barred: a node that must not be chosen.
    """
    best = -1
    largest = 0.0
    for at in range(begin, end):
        k = rival[at]
        if spare[k] > largest and k != barred:
            best = k
            largest = spare[k]
    return best


def best_stranger(net: Net, state: State, i: int, j: int) -> int:
    """Among the competitors of i that j has no relation with, the one with the largest positive spare; -1 if none.

    Args:
        net: the network.
        state: with spares and links.
        i: the node that failed.
        j: the node that looks for another partner.
    """
    best = -1
    largest = 0.0
    for at in range(net.rival_start[i], net.rival_start[i + 1]):
        k = net.rival_node[at]
        if state.spare[k] > largest and k != j and not is_partner(net, state, j, k):
            best = k
            largest = state.spare[k]
    return best


def link(state: State, k: int, j: int) -> None:
    """A new link from competitor k to node j.

    Args:
        state: written: the links and their count.
        k: the competitor.
        j: the node that seeks it.
    """
    made = state.count[LINKS]
    state.link_from[made] = k
    state.link_to[made] = j
    state.next_link[made] = state.first_link[j]
    state.first_link[j] = made + 1
    state.count[LINKS] = made + 1


def make_links(net: Net, state: State, i: int, j: int) -> None:
    """Node j, which lost partner i, links to the competitor of i with the most spare, or to all that have some.

    Args:
        net: the network.
        state: written: the links and their count.
        i: the node that failed.
        j: the node that looks for another partner.
    """
    if net.link_to_all:
        for at in range(net.rival_start[i], net.rival_start[i + 1]):
            k = net.rival_node[at]
            if k != j and state.spare[k] > 0.0 and (net.link_partners or not is_partner(net, state, j, k)):
                link(state, k, j)
        return
    k = state.best[i]
    if k >= 0 and not net.link_partners:
        k = best_stranger(net, state, i, j)
    elif k == j:  # a node is no partner of its own
        k = best_rival(net.rival_start[i], net.rival_start[i + 1], net.rival_node, state.spare, j)
    if k >= 0:
        link(state, k, j)

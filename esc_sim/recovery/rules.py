"""Rules of the underload cascade, as plain functions (Li, Zhao, Wang, Mi, APEM 2024, section 2.3).

Written in the subset of Python that numba compiles; `esc_sim.recovery.cascade` compiles these very functions, and the
event-driven simulation calls them as they are. They write only into the state they are handed.

Sides: SUPPLY (0) is the side of a node's suppliers, DEMAND (1) that of its customers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

SUPPLY = 0
DEMAND = 1

FRONTIER, AFFECTED, HITS, LINKS = 0, 1, 2, 3  # places in State.count

MASK = 0xFFFFFFFFFFFFFFFF


class Net(NamedTuple):
    """Everything about the network that does not change during a cascade.

    Arrays per node: load0, upper (alpha L0), lower (beta L0), weight (L0 ** tau), customers_weight and
    suppliers_weight (sums of weight over original customers and suppliers), is_supplier.
    Compressed rows: out_start/out_node (customers), in_start/in_node (suppliers), rival_start/rival_node (competitors).
    Shares per arc i -> j, aligned with both rows: `down` is j's share among the customers of i, `up` is i's share
    among the suppliers of j.
    """

    out_start: Any
    out_node: Any
    out_down: Any
    out_up: Any
    in_start: Any
    in_node: Any
    in_down: Any
    in_up: Any
    rival_start: Any
    rival_node: Any
    load0: Any
    upper: Any
    lower: Any
    weight: Any
    customers_weight: Any
    suppliers_weight: Any
    is_supplier: Any
    link_probability: float
    spare_above_initial: bool


class State(NamedTuple):
    """State of one cascade, and its working space (sizes: n nodes, A arcs).

    load (n), alive (n), spare (n), gain (n), lost (2, n) load lost on each side in this round, affected (n) and its
    mark (n), frontier (n), first (2, n) and last (2, n) hit of a node on each side, hit_by (A) and hit_next (A) chains
    of the failed partners of a node in ascending id, best (n) spare competitor of a node that failed in this round,
    link_from and link_to (A) new links, parent, size and reached (n) working space of components, count (4).
    Every arc hits at most once in a cascade (its first end to fail hits the other), hence at most A hits and links.
    """

    load: Any
    alive: Any
    spare: Any
    gain: Any
    lost: Any
    affected: Any
    mark: Any
    frontier: Any
    first: Any
    last: Any
    hit_by: Any
    hit_next: Any
    best: Any
    link_from: Any
    link_to: Any
    parent: Any
    size: Any
    reached: Any
    count: Any


def u01(seed: int, i: int, j: int) -> float:
    """Uniform number in [0, 1) of a seed and an ordered pair of nodes: the splitmix64 finaliser. It does not depend on
    the order of events, so every recovery set meets the same random numbers. (Compiled code has its own uint64 form.)
    """
    z = (seed * 0x9E3779B97F4A7C15 + i * 0xBF58476D1CE4E5B9 + j * 0x94D049BB133111EB) & MASK
    z ^= z >> 30
    z = (z * 0xBF58476D1CE4E5B9) & MASK
    z ^= z >> 27
    z = (z * 0x94D049BB133111EB) & MASK
    z ^= z >> 31
    return (z >> 11) * 2.0**-53


def loss(share: float, failed_load: float, load: float) -> float:
    """Load that a neighbour loses: min(delta_ij L_i, L_j)."""
    return min(share * failed_load, load)


def spare_capacity(upper: float, load: float, load0: float, above_initial: bool) -> float:
    """Load that an alive node can take over: alpha L0 - max(L, L0), or alpha L0 - L."""
    if above_initial and load < load0:
        return upper - load0
    return upper - load


def link_offer(weight: float, partners_weight: float, spare: float) -> float:
    """What a competitor offers over a new link: its spare times the share that the newcomer would have."""
    total = partners_weight + weight
    if total > 0.0:
        return weight / total * spare
    return 0.0


def start_cascade(net: Net, state: State, failed: Any) -> None:
    """Set the state to the instant after the failed nodes (ascending) went down."""
    n = len(net.load0)
    for k in range(n):
        state.load[k] = net.load0[k]
        state.alive[k] = 1
        state.gain[k] = 0.0
        state.mark[k] = 0
        for side in range(2):
            state.lost[side, k] = 0.0
            state.first[side, k] = -1
    for at in range(len(failed)):
        state.frontier[at] = failed[at]
        state.alive[failed[at]] = 0
    state.count[FRONTIER] = len(failed)
    state.count[AFFECTED] = 0
    state.count[HITS] = 0
    state.count[LINKS] = 0


def shed(state: State, i: int, start: Any, node: Any, share: Any, side: int) -> None:
    """Step a for one failed node and one of its sides: alive partners lose load (on their side `side`)."""
    failed_load = state.load[i]
    for at in range(start[i], start[i + 1]):
        j = node[at]
        if state.alive[j] == 0:
            continue
        if state.mark[j] == 0:
            state.mark[j] = 1
            state.affected[state.count[AFFECTED]] = j
            state.count[AFFECTED] += 1
        d = loss(share[at], failed_load, state.load[j])
        state.load[j] -= d
        state.lost[side, j] += d
        hit = state.count[HITS]
        state.count[HITS] += 1
        state.hit_by[hit] = i
        state.hit_next[hit] = -1
        if state.first[side, j] < 0:
            state.first[side, j] = hit
        else:
            state.hit_next[state.last[side, j]] = hit
        state.last[side, j] = hit


def best_rival(net: Net, state: State, i: int, barred: int) -> int:
    """The competitor of i with the largest positive spare (the first of equals), never `barred`; -1 if none."""
    best = -1
    largest = 0.0
    for at in range(net.rival_start[i], net.rival_start[i + 1]):
        k = net.rival_node[at]
        if state.spare[k] > largest and k != barred:
            best = k
            largest = state.spare[k]
    return best


def link_to_rivals(net: Net, state: State, j: int, side: int, partners_weight: Any, seed: int, total: float) -> float:
    """Step b, new links of j for the partners that failed on one side; returns the total with their offers added."""
    hit = state.first[side, j]
    while hit >= 0:
        i = state.hit_by[hit]
        hit = state.hit_next[hit]
        if state.best[i] >= 0 and u01(seed, i, j) < net.link_probability:
            k = state.best[i]
            if k == j:  # a node is no partner of its own
                k = best_rival(net, state, i, j)
            if k >= 0:
                total += link_offer(net.weight[j], partners_weight[k], state.spare[k])
                state.link_from[state.count[LINKS]] = k
                state.link_to[state.count[LINKS]] = j
                state.count[LINKS] += 1
    return total


def make_good(
    net: Net, state: State, j: int, side: int, start: Any, node: Any, share: Any, partners_weight: Any, seed: int
) -> None:
    """Step b for one affected node and one side: partners and new links offer spare, j gains at most what it lost.

    The order of the additions is part of the definition: partners in ascending id, then new links in ascending id of
    the failed partner; j's gain before its offerers'.
    """
    lost = state.lost[side, j]
    if lost <= 0.0:
        return
    total = 0.0
    for at in range(start[j], start[j + 1]):
        total += share[at] * state.spare[node[at]]  # the spare of a failed node is 0
    links = state.count[LINKS]
    total = link_to_rivals(net, state, j, side, partners_weight, seed, total)
    if total <= 0.0:
        return
    taken = min(lost, total)
    part = taken / total
    state.gain[j] += taken
    for at in range(start[j], start[j + 1]):
        k = node[at]
        state.gain[k] += share[at] * state.spare[k] * part
    for at in range(links, state.count[LINKS]):
        k = state.link_from[at]
        state.gain[k] += link_offer(net.weight[j], partners_weight[k], state.spare[k]) * part


def fail_affected(net: Net, state: State) -> None:
    """Step c: add the gains, cap the loads; affected nodes below their lower capacity are the next frontier."""
    failed = 0
    for k in range(len(net.load0)):
        load = min(state.load[k] + state.gain[k], net.upper[k])
        state.load[k] = load
        state.gain[k] = 0.0
        if state.mark[k] == 1 and load < net.lower[k]:
            state.alive[k] = 0
            state.frontier[failed] = k
            failed += 1
    state.count[FRONTIER] = failed


def cascade_round(net: Net, state: State, seed: int) -> None:
    """One round of the cascade, synchronous: shed (t + 1), make good (t + 2), fail.

    Afterwards count[FRONTIER] nodes of `frontier` have failed, and `affected[:count[AFFECTED]]` are the nodes that
    this round hit, in the order first hit.
    """
    for at in range(state.count[AFFECTED]):
        j = state.affected[at]
        state.mark[j] = 0
        for side in range(2):
            state.lost[side, j] = 0.0
            state.first[side, j] = -1
    state.count[AFFECTED] = 0
    state.count[HITS] = 0
    for at in range(state.count[FRONTIER]):
        i = state.frontier[at]
        shed(state, i, net.out_start, net.out_node, net.out_down, SUPPLY)
        shed(state, i, net.in_start, net.in_node, net.in_up, DEMAND)
    for k in range(len(net.load0)):
        if state.alive[k] == 1:
            state.spare[k] = spare_capacity(net.upper[k], state.load[k], net.load0[k], net.spare_above_initial)
        else:
            state.spare[k] = 0.0
    for at in range(state.count[FRONTIER]):
        i = state.frontier[at]
        state.best[i] = best_rival(net, state, i, -1)
    for at in range(state.count[AFFECTED]):
        j = state.affected[at]
        make_good(net, state, j, SUPPLY, net.in_start, net.in_node, net.in_down, net.customers_weight, seed)
        make_good(net, state, j, DEMAND, net.out_start, net.out_node, net.out_up, net.suppliers_weight, seed)
    fail_affected(net, state)


def run_cascade(net: Net, state: State, seed: int) -> int:
    """Rounds until nothing fails any more; returns their number (0 when nothing failed to begin with)."""
    rounds = 0
    while state.count[FRONTIER] > 0:
        cascade_round(net, state, seed)
        rounds += 1
    return rounds

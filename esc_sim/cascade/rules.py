"""Rules of the underload cascade, as plain functions (Li, Zhao, Wang, Mi, APEM 2024, section 2.3).

Written in the subset of Python that numba compiles; `esc_sim.cascade.cascade` compiles these very functions, and the
event-driven simulation calls them as they are. They write only into the state they are handed.

The supply side of a node is that of its suppliers, the demand side that of its customers.
"""

from __future__ import annotations

from typing import Any

from esc_sim.cascade.links import best_rival, make_links
from esc_sim.cascade.state import AFFECTED, FRONTIER, LINKS, Net, State

MASK = 0xFFFFFFFFFFFFFFFF


def u01(seed: int, i: int, j: int) -> float:
    """Uniform number in [0, 1) of a seed and an ordered pair of nodes: the splitmix64 finaliser. It does not depend on
    the order of events, so every recovery set meets the same random numbers. (Compiled code has its own uint64 form.)

    Args:
        seed: seed of the cascade.
        i, j: the pair: the node that failed, and the affected one that seeks a new link.
    """
    z = (int(seed) * 0x9E3779B97F4A7C15 + int(i) * 0xBF58476D1CE4E5B9 + int(j) * 0x94D049BB133111EB) & MASK
    z ^= z >> 30
    z = (z * 0xBF58476D1CE4E5B9) & MASK
    z ^= z >> 27
    z = (z * 0x94D049BB133111EB) & MASK
    z ^= z >> 31
    return (z >> 11) * 2.0**-53


def loss(share: float, failed_load: float, load: float) -> float:
    """Load that a neighbour loses: min(delta_ij L_i, L_j).

    Args:
        share: delta_ij, the neighbour's share of the failed node's load.
        failed_load: load L_i of the failed node.
        load: load L_j of the neighbour.
    """
    return min(share * failed_load, load)


def spare_capacity(upper: float, load: float, load0: float, above_initial: bool) -> float:
    """Load that an alive node can take over: alpha L0 - max(L, L0), or alpha L0 - L.

    Args:
        upper: alpha L0, the most that the node can carry.
        load: its load L now.
        load0: its initial load L0.
        above_initial: whether spare counts from L0 for a node below it.
    """
    if above_initial and load < load0:
        return upper - load0
    return upper - load


def link_offer(weight: float, partners_weight: float, spare: float) -> float:
    """What a competitor offers over a new link: its spare times the share that the newcomer would have.

    Args:
        weight: weight of the newcomer.
        partners_weight: sum of the weights of the competitor's partners so far.
        spare: what the competitor can take over.
    """
    total = partners_weight + weight
    if total > 0.0:
        return weight / total * spare
    return 0.0


def start_cascade(net: Net, state: State, failed: Any) -> None:
    """Set the state to the instant after the failed nodes (ascending) went down.

    Args:
        net: the network.
        state: set to that instant.
        failed: indices of the failed nodes, ascending.
    """
    load, alive, load0 = state.load, state.alive, net.load0
    for k in range(len(load)):
        load[k] = load0[k]
        alive[k] = 1
        state.first_link[k] = 0
    for at in range(len(failed)):
        state.frontier[at] = failed[at]
        alive[failed[at]] = 0
    state.count[FRONTIER] = len(failed)
    state.count[AFFECTED] = 0
    state.count[LINKS] = 0


def shed(
    begin: int, end: int, node: Any, share: Any, failed: int, failed_load: float,
    load: Any, alive: Any, mark: Any, lost: Any, affected: Any, chain: Any, hits: Any, found: int,
) -> int:  # fmt: skip
    """Step a for one failed node and one of its sides: its alive partners lose load, on their side facing it.

    Args:
        begin, end: the failed node's partners are node[begin:end], their shares share[begin:end].
        node, share: partners and their shares, as compressed rows.
        failed: the failed node.
        failed_load: its load.
        load: (n,) loads; written.
        alive: (n,) 1 for nodes that have not failed.
        mark: (n,) 1 for nodes hit so far; written.
        lost: (n,) load lost on the partners' side.
        affected, found: nodes hit so far.
        chain: (2, n) first and last hit of each partner on this side.
        hits: (A + 1, 2) failed node and next hit; hits[0, 0] counts them, hit 0 means none.

    Returns:
        number of affected nodes.
    """
    made = hits[0, 0]
    for at in range(begin, end):
        j = node[at]
        if alive[j] == 0:
            continue
        if mark[j] == 0:
            mark[j] = 1
            affected[found] = j
            found += 1
        d = loss(share[at], failed_load, load[j])
        load[j] -= d
        lost[j] += d
        made += 1
        hits[made, 0] = failed
        hits[made, 1] = 0
        if chain[0, j] == 0:
            chain[0, j] = made
        else:
            hits[chain[1, j], 1] = made
        chain[1, j] = made
    hits[0, 0] = made
    return found


def shed_all(net: Net, state: State) -> None:
    """Step a: every node of the frontier, ascending, sheds on its customers, then on its suppliers."""
    load, alive, mark, affected, hits = state.load, state.alive, state.mark, state.affected, state.hits
    lost_supply, lost_demand, chain_supply, chain_demand = (
        state.lost_supply, state.lost_demand, state.chain_supply, state.chain_demand,
    )  # fmt: skip
    out_start, out_node, out_down = net.out_start, net.out_node, net.out_down
    in_start, in_node, in_up = net.in_start, net.in_node, net.in_up
    found = 0
    hits[0, 0] = 0
    for at in range(state.count[FRONTIER]):
        i = state.frontier[at]
        found = shed(
            out_start[i], out_start[i + 1], out_node, out_down, i, load[i],
            load, alive, mark, lost_supply, affected, chain_supply, hits, found,
        )  # fmt: skip
        found = shed(
            in_start[i], in_start[i + 1], in_node, in_up, i, load[i],
            load, alive, mark, lost_demand, affected, chain_demand, hits, found,
        )  # fmt: skip
    state.count[AFFECTED] = found


def reserve(offer: float, k: int, left: Any, once: bool) -> float:
    """What a node offers; where its spare is granted once only, at most what others have left of it.

    Args:
        offer: its share of its spare.
        k: the node.
        left: (n,) spare that is not granted yet; written.
        once: whether spare is granted once only.
    """
    if once:
        offer = min(offer, max(left[k], 0.0))
        left[k] -= offer
    return offer


def offers(begin: int, end: int, node: Any, share: Any, spare: Any, left: Any, once: bool, offer: Any) -> float:
    """Step b: sum of what the partners node[begin:end] offer, share times spare (the spare of a failed one is 0).

    Args:
        begin, end: range of the partners.
        node, share: partners and their shares, as compressed rows.
        spare: (n,) what each node can take over.
        left: (n,) spare that is not granted yet; written.
        once: whether spare is granted once only.
        offer: the offers, in the order of the partners; written.
    """
    total = 0.0
    for at in range(begin, end):
        k = node[at]
        offer[at - begin] = reserve(share[at] * spare[k], k, left, once)
        total += offer[at - begin]
    return total


def grant(k: int, offer: float, part: float, gain: Any, left: Any, once: bool) -> None:
    """Step b: a node that offers gains the part of its offer that is used; the rest of it is left for others.

    Args:
        k: the node.
        offer: what it offered.
        part: part of the offers that is used, 0 to 1.
        gain: (n,) load gained in this round; written.
        left: (n,) spare that is not granted yet; written.
        once: whether spare is granted once only.
    """
    gain[k] += offer * part
    if once:
        left[k] += offer - offer * part


def make_good(
    net: Net, state: State, seed: int, j: int, lost: float, begin: int, end: int, node: Any, share: Any, hit: int,
    partners_weight: Any,
) -> None:  # fmt: skip
    """Step b for one affected node and one side: partners and new links offer spare, j gains at most what it lost.

    The order of the additions is part of the definition: partners in ascending id, then new links in ascending id of
    the failed partner; j's gain before its offerers'.

    Args:
        net: the network.
        state: written: gain, new links and their count.
        seed: of the draws of new links.
        j: the affected node.
        lost: load that j lost on this side.
        begin, end, node, share: j's partners on this side, and j's share among theirs.
        hit: first hit of j on this side; the chain leads through the partners that failed in this round.
        partners_weight: (n,) sum of the weights of a node's partners on the side that faces j.
    """
    spare, gain, hits, left, offer = state.spare, state.gain, state.hits, state.left, state.offer
    once = net.spare_once
    total = offers(begin, end, node, share, spare, left, once, offer)
    links, partners = state.count[LINKS], end - begin
    while hit > 0:
        i = hits[hit, 0]
        hit = hits[hit, 1]
        if u01(seed, i, j) < net.link_probability:
            make_links(net, state, i, j)
    for at in range(links, state.count[LINKS]):
        k = state.link_from[at]
        mine = reserve(link_offer(net.weight[j], partners_weight[k], spare[k]), k, left, once)
        offer[partners + at - links] = mine
        total += mine
    if total <= 0.0:
        return
    taken = min(lost, total)
    part = taken / total
    gain[j] += taken
    for at in range(partners):
        grant(node[begin + at], offer[at], part, gain, left, once)
    for at in range(links, state.count[LINKS]):
        grant(state.link_from[at], offer[partners + at - links], part, gain, left, once)


def make_all_good(net: Net, state: State, seed: int) -> None:
    """Step b: every affected node, in the order first hit, its supply side first; then its working space is cleared.

    Args:
        net: the network.
        state: written.
        seed: of the draws of new links.
    """
    lost_supply, lost_demand, chain_supply, chain_demand = (
        state.lost_supply, state.lost_demand, state.chain_supply, state.chain_demand,
    )  # fmt: skip
    for at in range(state.count[AFFECTED]):
        j = state.affected[at]
        if lost_supply[j] > 0.0:
            make_good(
                net, state, seed, j, lost_supply[j], net.in_start[j], net.in_start[j + 1], net.in_node, net.in_down,
                chain_supply[0, j], net.customers_weight,
            )  # fmt: skip
        if lost_demand[j] > 0.0:
            make_good(
                net, state, seed, j, lost_demand[j], net.out_start[j], net.out_start[j + 1], net.out_node, net.out_up,
                chain_demand[0, j], net.suppliers_weight,
            )  # fmt: skip
        lost_supply[j] = 0.0
        lost_demand[j] = 0.0
        chain_supply[0, j] = 0
        chain_demand[0, j] = 0


def measure_spare(net: Net, state: State) -> None:
    """Spares after step a (0 for failed nodes), and for every node that failed the competitor with the largest."""
    load, alive, spare, upper, load0 = state.load, state.alive, state.spare, net.upper, net.load0
    for k in range(len(load)):
        if alive[k] == 1:
            spare[k] = spare_capacity(upper[k], load[k], load0[k], net.spare_above_initial)
        else:
            spare[k] = 0.0
        state.left[k] = spare[k]
    for at in range(state.count[FRONTIER]):
        i = state.frontier[at]
        state.best[i] = best_rival(net.rival_start[i], net.rival_start[i + 1], net.rival_node, spare, -1)


def fail_affected(net: Net, state: State) -> None:
    """Step c: add the gains, cap the loads; affected nodes below their lower capacity are the next frontier."""
    load, gain, mark, upper, lower = state.load, state.gain, state.mark, net.upper, net.lower
    failed = 0
    for k in range(len(load)):
        new = min(load[k] + gain[k], upper[k])
        load[k] = new
        gain[k] = 0.0
        if mark[k] == 1:
            mark[k] = 0
            if new < lower[k]:
                state.alive[k] = 0
                state.frontier[failed] = k
                failed += 1
    state.count[FRONTIER] = failed


def cascade_round(net: Net, state: State, seed: int) -> None:
    """One round of the cascade, synchronous: shed (t + 1), make good (t + 2), fail.

    Afterwards frontier[:count[FRONTIER]] are the nodes that failed, ascending, and affected[:count[AFFECTED]] those
    that this round hit, in the order first hit.

    Args:
        net: the network.
        state: at the end of the round before; written.
        seed: of the draws of new links.
    """
    shed_all(net, state)
    measure_spare(net, state)
    make_all_good(net, state, seed)
    fail_affected(net, state)


def run_cascade(net: Net, state: State, seed: int) -> int:
    """Rounds until nothing fails any more; returns their number (0 when nothing failed to begin with).

    Args:
        net: the network.
        state: as :func:`start_cascade` leaves it; written.
        seed: of the draws of new links.
    """
    rounds = 0
    while state.count[FRONTIER] > 0:
        cascade_round(net, state, seed)
        rounds += 1
    return rounds

"""Underload cascade written a second time, as plainly as networkx allows, to check the compiled one against.

It follows the description of the model step by step with dictionaries and shares no code with esc_sim.recovery: the
graph, the competition lists, the random numbers and the components are all its own. Only initial loads may be handed
in, because eigenvectors agree to rounding only (`eigenvector_loads` here is checked to a tolerance).

Node ids are 0..n-1; every node has the attribute `role`; an edge i -> j says that i supplies j.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import networkx as nx

MASK = 2**64 - 1


@dataclass
class Parameters:
    alpha: float = 1.05
    beta: float = 0.86
    tau: float = 0.6
    link_probability: float = 0.5
    min_shared: int = 1
    max_competitors: int = 20
    spare_above_initial: bool = True
    undirected_competition: bool = False
    link_to: str = "best"
    link_partners: bool = True
    spare_once: bool = False


@dataclass
class Outcome:
    rn: int
    strict_rn: int
    rounds: int
    links: list[tuple[int, int]]
    alive: set[int]
    load: dict[int, float]
    failed_in: list[list[int]] = field(default_factory=list)
    affected_in: list[list[int]] = field(default_factory=list)
    granted: float = 0.0
    granted_beyond: float = 0.0


def eigenvector_loads(graph: nx.DiGraph, mean: float = 1.0) -> dict[int, float]:
    """Principal eigenvector of a connected network, scaled to a mean."""
    centrality = nx.eigenvector_centrality(graph.to_undirected(), max_iter=5000, tol=1e-13)
    total = sum(centrality.values())
    return {k: mean * centrality[k] * len(graph) / total for k in graph}


def uniform(seed: int, i: int, j: int) -> float:
    z = (seed * 0x9E3779B97F4A7C15 + i * 0xBF58476D1CE4E5B9 + j * 0x94D049BB133111EB) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    z ^= z >> 31
    return (z >> 11) / 2**53


def competition_lists(graph: nx.DiGraph, min_shared: int, cap: int) -> dict[int, list[int]]:
    lists: dict[int, list[int]] = {}
    for i in graph:
        customers: Counter[int] = Counter(k for c in graph.successors(i) for k in graph.predecessors(c))
        suppliers: Counter[int] = Counter(k for s in graph.predecessors(i) for k in graph.successors(s))
        shared = {
            k: max(customers[k], suppliers[k])
            for k in customers.keys() | suppliers.keys()
            if k != i and graph.nodes[k]["role"] == graph.nodes[i]["role"]
        }
        enough = [k for k, count in shared.items() if count >= min_shared]
        lists[i] = sorted(enough, key=lambda k: (-shared[k], k))[:cap]
    return lists


def largest_component(graph: nx.DiGraph | nx.Graph, nodes: set[int], need_supplier: bool) -> int:
    whole: nx.Graph[int] = nx.Graph(graph)
    part = whole.subgraph(nodes)
    sizes = [
        len(c)
        for c in nx.connected_components(part)
        if not need_supplier or any(graph.nodes[k]["role"] == "supplier" for k in c)
    ]
    return max(sizes, default=0)


def cascade(
    graph: nx.DiGraph,
    load0: dict[int, float],
    removed: set[int],
    recovered: set[int],
    seed: int,
    p: Parameters,
    rivals: dict[int, list[int]] | None = None,
) -> Outcome:
    rivals = rivals or competition_lists(graph, p.min_shared, p.max_competitors)
    if p.undirected_competition:
        rivals = {i: own + sorted(k for k in graph if i in rivals[k] and k not in own) for i, own in rivals.items()}
    customers = {k: sorted(graph.successors(k)) for k in graph}
    suppliers = {k: sorted(graph.predecessors(k)) for k in graph}
    w = {k: load0[k] ** p.tau for k in graph}
    sum_customers = {k: _sum(w[j] for j in customers[k]) for k in graph}
    sum_suppliers = {k: _sum(w[j] for j in suppliers[k]) for k in graph}
    upper = {k: p.alpha * load0[k] for k in graph}
    lower = {k: p.beta * load0[k] for k in graph}

    load = dict(load0)
    alive = set(graph) - (removed - recovered)
    frontier = sorted(removed - recovered)
    out = Outcome(0, 0, 0, [], alive, load)
    while frontier:
        out.rounds += 1
        # a. failed nodes shed on the nodes around them
        lost_supply: dict[int, float] = {}
        lost_demand: dict[int, float] = {}
        failed_suppliers: dict[int, list[int]] = {}
        failed_customers: dict[int, list[int]] = {}
        affected: dict[int, None] = {}
        for i in frontier:
            for j in customers[i]:
                if j in alive:
                    affected[j] = None
                    d = min(_ratio(w[j], sum_customers[i]) * load[i], load[j])
                    load[j] -= d
                    lost_supply[j] = lost_supply.get(j, 0.0) + d
                    failed_suppliers.setdefault(j, []).append(i)
            for j in suppliers[i]:
                if j in alive:
                    affected[j] = None
                    d = min(_ratio(w[j], sum_suppliers[i]) * load[i], load[j])
                    load[j] -= d
                    lost_demand[j] = lost_demand.get(j, 0.0) + d
                    failed_customers.setdefault(j, []).append(i)
        # b. partners strengthen, competitors of the failed step in
        if p.spare_above_initial:
            spare = {k: upper[k] - max(load[k], load0[k]) for k in alive}
        else:
            spare = {k: upper[k] - load[k] for k in alive}
        gain = dict.fromkeys(graph, 0.0)
        left = dict(spare)
        granted = dict.fromkeys(graph, 0.0)
        for j in affected:
            for lost, failed, partners, facing in (
                (lost_supply.get(j, 0.0), failed_suppliers.get(j, []), suppliers[j], sum_customers),
                (lost_demand.get(j, 0.0), failed_customers.get(j, []), customers[j], sum_suppliers),
            ):
                if lost <= 0:
                    continue
                offers: list[tuple[int, float]] = []
                for k in partners:
                    if k in alive:
                        _offer(offers, k, _ratio(w[j], facing[k]) * spare[k], left, p.spare_once)
                found = []
                for i in failed:
                    if uniform(seed, i, j) < p.link_probability:
                        candidates = [k for k in rivals[i] if k in alive and k != j and spare[k] > 0]
                        if not p.link_partners:
                            known = {*graph.successors(j), *graph.predecessors(j)}
                            known |= {a for a, b in out.links if b == j} | {b for a, b in out.links if a == j}
                            candidates = [k for k in candidates if k not in known]
                        if candidates and p.link_to == "best":
                            candidates = [max(candidates, key=lambda k: spare[k])]  # max takes the first of equals
                        out.links += [(k, j) for k in candidates]
                        found += candidates
                for k in found:
                    _offer(offers, k, _ratio(w[j], facing[k] + w[j]) * spare[k], left, p.spare_once)
                total = _sum(offer for _, offer in offers)
                if total > 0:
                    used = min(lost, total)
                    gain[j] += used
                    for k, offer in offers:
                        gain[k] += offer * (used / total)
                        granted[k] += offer * (used / total)
                        if p.spare_once:
                            left[k] += offer - offer * (used / total)
        out.granted_beyond += sum(max(0.0, granted[k] - spare[k]) for k in alive)
        out.granted += sum(granted.values())
        for k in alive:
            load[k] = min(load[k] + gain[k], upper[k])
        # c. too little load is failure
        frontier = sorted(j for j in affected if load[j] < lower[j])
        alive -= set(frontier)
        out.failed_in.append(frontier)
        out.affected_in.append(list(affected))

    linked: nx.Graph[int] = nx.Graph(graph)
    linked.add_edges_from(out.links)
    out.rn = largest_component(linked, alive, need_supplier=True)
    fed = {k for k in alive if graph.nodes[k]["role"] == "supplier"}
    living = graph.subgraph(alive)
    for k in list(fed):
        fed |= nx.descendants(living, k)
    out.strict_rn = largest_component(graph, fed, need_supplier=False)
    return out


def _offer(offers: list[tuple[int, float]], k: int, offer: float, left: dict[int, float], once: bool) -> None:
    """Add what k offers; where spare is granted once only, at most what is left of it, which is then kept for j."""
    if once:
        offer = min(offer, max(left[k], 0.0))
        left[k] -= offer
    offers.append((k, offer))


def _sum(values) -> float:  # type: ignore[no-untyped-def]
    """One after the other (the built-in sum compensates rounding from Python 3.12 on)."""
    total = 0.0
    for value in values:
        total += value
    return total


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0

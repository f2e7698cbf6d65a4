"""What a cascade reads and writes: the network with its capacities and shares, the state of one cascade."""

from __future__ import annotations

from typing import Any, NamedTuple

FRONTIER, AFFECTED, LINKS = 0, 1, 2  # places in State.count


class Net(NamedTuple):
    """Everything about the network that does not change during a cascade: n nodes, A arcs.

    Neighbours stand in compressed rows: those of i are node[start[i]:start[i + 1]]. Shares of an arc i -> j are aligned
    with both rows: `down` is j's share among the customers of i, `up` is i's share among the suppliers of j.

    Attributes:
        out_start, out_node: (n + 1) and (A), customers.
        out_down, out_up: (A) shares, in the order of the customers' rows.
        in_start, in_node: (n + 1) and (A), suppliers.
        in_down, in_up: (A) shares, in the order of the suppliers' rows.
        rival_start, rival_node: competitors.
        load0: (n) initial load L0.
        upper: (n) alpha L0.
        lower: (n) beta L0.
        weight: (n) L0 ** tau.
        customers_weight, suppliers_weight: (n) sums of weight over original customers and suppliers.
        is_supplier: (n) whether a node is a supplier.
        link_probability: probability that an affected node may ask a competitor of a failed partner.
        spare_above_initial: whether spare counts from L0 for a node below it.
        link_to_all: whether new links go to all competitors of a failed partner with spare, or to the best.
        link_partners: whether they may go to a node that there is a relation with already.
        spare_once: whether the spare of a node is granted at most once in a round.
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
    link_to_all: bool
    link_partners: bool
    spare_once: bool


class State(NamedTuple):
    """State of one cascade, and its working space; all zero before first use (n nodes, A arcs).

    Every arc hits at most once in a cascade (its first end to fail hits the other), hence at most A hits, and at most
    M = A links where they go to one competitor, or as many as the ends of the arcs have competitors.

    Attributes:
        load: (n).
        alive: (n) 1 for nodes that have not failed.
        frontier: (n) nodes that failed last.
        affected: (n) nodes hit in this round.
        link_from, link_to: (M) new links, competitor and node.
        first_link, next_link: (n) and (M) the last link of each node and the one before it, plus 1; 0 for none.
        count: how many of them (FRONTIER, AFFECTED, LINKS).
        gain: (n) load gained in the round; cleared after it.
        mark: (n) 1 for the affected; cleared after each round.
        lost_supply, lost_demand: (n) load lost on each side; cleared after each round.
        chain_supply, chain_demand: (2, n) first and last hit of a node on each side; cleared after each round.
        hits: (A + 1, 2) the failed node and the next hit of the chain, 0 for none; cleared after each round.
        spare: (n) what each node can take over; overwritten.
        left: (n) what is not granted of it yet; overwritten.
        offer: (A + M) what one node is offered; overwritten.
        best: (n) competitor with the largest spare of a node that failed; overwritten.
        parent, size, reached: (n) components; overwritten.
    """

    load: Any
    alive: Any
    frontier: Any
    affected: Any
    link_from: Any
    link_to: Any
    first_link: Any
    next_link: Any
    count: Any
    gain: Any
    mark: Any
    lost_supply: Any
    lost_demand: Any
    chain_supply: Any
    chain_demand: Any
    hits: Any
    spare: Any
    left: Any
    offer: Any
    best: Any
    parent: Any
    size: Any
    reached: Any

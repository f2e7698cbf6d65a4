"""The arrays that the rules read and write: `Net` of a network with loads and settings, `State` of a cascade."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from esc_sim.cascade.competition import Rivals, competitors, undirected
from esc_sim.cascade.graph import CascadeNetwork
from esc_sim.cascade.load import relation_weights
from esc_sim.cascade.settings import CascadeSettings
from esc_sim.cascade.state import Net, State


def build_net(
    network: CascadeNetwork, loads: NDArray[np.float64], settings: CascadeSettings, rivals: Rivals | None = None
) -> Net:
    """Capacities, shares and competition lists of a network with (n,) initial loads.

    Args:
        network: nodes, roles and arcs.
        loads: (n,) initial loads L0.
        settings: alpha, beta, tau and the rules of competition.
        rivals: competitors of every node; default by shared customers and suppliers.
    """
    weight = relation_weights(loads, settings.tau)
    source, target = network.source, network.out_node
    # bincount adds one by one in the order of the arcs, which is ascending on both sides
    customers_weight = np.bincount(source, weights=weight[target], minlength=network.n).astype(np.float64)
    suppliers_weight = np.bincount(target, weights=weight[source], minlength=network.n).astype(np.float64)
    down = _share(weight[target], customers_weight[source])
    up = _share(weight[source], suppliers_weight[target])
    if rivals is None:
        rivals = competitors(network, settings.min_shared, settings.max_competitors)
        rivals = undirected(*rivals) if settings.undirected_competition else rivals
    rival_start, rival_node = rivals
    return Net(
        out_start=network.out_start,
        out_node=network.out_node,
        out_down=down,
        out_up=up,
        in_start=network.in_start,
        in_node=network.in_node,
        in_down=down[network.in_arc],
        in_up=up[network.in_arc],
        rival_start=rival_start,
        rival_node=rival_node,
        load0=loads,
        upper=settings.alpha * loads,
        lower=settings.beta * loads,
        weight=weight,
        customers_weight=customers_weight,
        suppliers_weight=suppliers_weight,
        is_supplier=network.is_supplier,
        link_probability=float(settings.link_probability),
        spare_above_initial=bool(settings.spare_above_initial),
        link_to_all=settings.link_to == "all",
        link_partners=bool(settings.link_partners),
        spare_once=bool(settings.spare_once),
    )


def new_state(net: Net) -> State:
    """Working space for one cascade at a time."""
    n, arcs = len(net.load0), len(net.out_node)
    links = _most_links(net) if net.link_to_all else arcs
    return State(
        load=np.zeros(n),
        alive=np.zeros(n, dtype=np.uint8),
        frontier=np.zeros(n, dtype=np.int32),
        affected=np.zeros(n, dtype=np.int32),
        link_from=np.zeros(links, dtype=np.int32),
        link_to=np.zeros(links, dtype=np.int32),
        first_link=np.zeros(n, dtype=np.int32),
        next_link=np.zeros(links, dtype=np.int32),
        count=np.zeros(3, dtype=np.int64),
        gain=np.zeros(n),
        mark=np.zeros(n, dtype=np.uint8),
        lost_supply=np.zeros(n),
        lost_demand=np.zeros(n),
        chain_supply=np.zeros((2, n), dtype=np.int32),
        chain_demand=np.zeros((2, n), dtype=np.int32),
        hits=np.zeros((arcs + 1, 2), dtype=np.int32),
        spare=np.zeros(n),
        left=np.zeros(n),
        offer=np.zeros(arcs + links),
        best=np.zeros(n, dtype=np.int32),
        parent=np.zeros(n, dtype=np.int32),
        size=np.zeros(n, dtype=np.int32),
        reached=np.zeros(n, dtype=np.uint8),
    )


def _most_links(net: Net) -> int:
    """Links of a cascade in which each goes to all competitors of the end of an arc that fails first."""
    rivals = np.diff(net.rival_start)
    source = np.repeat(np.arange(len(net.load0)), np.diff(net.out_start))
    return int(np.maximum(rivals[source], rivals[net.out_node]).sum())


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares; 0 where the whole is 0 (partners without load)."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)

"""A stressor as a disruption of its scenario."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from esc_sim.network.model import Network
from esc_sim.stress.stressors import Stressor


def as_disruption(
    stressor: Stressor, network: Network, start: float, duration: float, health: float, stops: Sequence[str]
) -> dict[str, Any]:
    """A stressor as an entry of ``disruptions``.

    Args:
        stressor: what is out.
        network: its network.
        start, duration: when, in periods.
        health: share of capacity left.
        stops: what nodes that are out cannot do.
    """
    entry: dict[str, Any] = {"name": "stress", "health": health, "dates": [{"start": start, "duration": duration}]}
    if stressor.nodes:
        entry["stops"] = list(stops)
    return entry | named(network, stressor.nodes, stressor.arcs)


def named(network: Network, nodes: Sequence[int], arcs: Sequence[int]) -> dict[str, Any]:
    """Whom a disruption hits, as keys of an entry of ``disruptions``.

    Args:
        network: the network.
        nodes, arcs: indices of what is hit.
    """
    hit: dict[str, Any] = {"nodes": [network.node_ids[i] for i in nodes]} if nodes else {}
    found = [
        (
            network.node_ids[network.item_node[network.arc_buyer[arc]]],
            network.node_ids[network.item_node[network.arc_supplier[arc]]],
            network.products[network.item_product[network.arc_supplier[arc]]],
            network.mode(arc),
        )
        for arc in arcs
    ]
    if found:
        hit["arcs"] = [
            {"buyer": buyer, "supplier": supplier, "product": product} | ({"mode": mode} if mode else {})
            for buyer, supplier, product, mode in dict.fromkeys(found)
        ]
    return hit

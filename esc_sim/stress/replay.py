"""A stressor as a change of its scenario: what ``run --set`` replays."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from esc_sim.network.model import Network
from esc_sim.scenario.schema import Scenario
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
        )
        for arc in arcs
    ]
    if found:
        hit["arcs"] = [{"buyer": b, "supplier": s, "product": p} for b, s, p in dict.fromkeys(found)]
    return hit


def patch_of(scenario: Scenario, *disruptions: dict[str, Any]) -> str:
    """The change that adds disruptions to those of the scenario, as a 'path=value' text for ``--set``."""
    own = [d.model_dump(mode="json", by_alias=True, exclude_unset=True) for d in scenario.disruptions]
    return f"disruptions={json.dumps([*own, *renamed(scenario, disruptions)])}"


def renamed(scenario: Scenario, disruptions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Disruptions by names that nothing in the scenario has, nor another of them."""
    taken = {d.name for d in scenario.disruptions} | {d.name for d in scenario.joint_disruptions}
    found = []
    for disruption in disruptions:
        name = disruption["name"]
        while name in taken:
            name += "_"
        taken.add(name)
        found.append({**disruption, "name": name})
    return found

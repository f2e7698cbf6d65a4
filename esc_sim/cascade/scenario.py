"""The cascade of a scenario: its network as a cascade sees it, its settings, its initial loads."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.cascade.cascade import Cascade
from esc_sim.cascade.graph import CascadeNetwork
from esc_sim.cascade.settings import CascadeSettings
from esc_sim.network.model import Network
from esc_sim.scenario.cascade import CascadeRules
from esc_sim.scenario.schema import Scenario


def cascade_network(network: Network) -> CascadeNetwork:
    """Who supplies whom, whatever the product; nodes in the scenario's order.

    Raises:
        InputError: no node has the role "supplier".
    """
    item_node = network.item_node
    return CascadeNetwork.from_arrays(
        network.roles, item_node[network.arc_supplier], item_node[network.arc_buyer], network.node_ids
    )


def settings_of(rules: CascadeRules) -> CascadeSettings:
    """The settings that a scenario's section ``cascade`` holds."""
    return CascadeSettings(**{field.name: getattr(rules, field.name) for field in fields(CascadeSettings)})


def cascade_of(scenario: Scenario, network: Network) -> Cascade:
    """The cascade of a scenario: loads as its nodes state them, or else by the eigenvector.

    Args:
        scenario: the scenario; where it has no section ``cascade``, default parameters are used.
        network: its network.
    """
    rules = scenario.cascade or CascadeRules()
    loads = [node.load or 0.0 for node in scenario.nodes] if rules.load == "stated" else None
    return Cascade(cascade_network(network), settings_of(rules), loads)


def throughput_loads(flows: ArrayLike, network: Network, scale: float) -> NDArray[np.float64]:
    """Loads as goods that pass a node: the larger of what was shipped to it and from it, scaled to a mean.

    Args:
        flows: (A,) goods shipped on each arc, in the scenario's order.
        network: N nodes.
        scale: mean load; where nothing flowed all loads are 0, and nothing can fail for want of load.

    Returns:
        (N,) loads.
    """
    shipped = np.asarray(flows, dtype=np.float64)
    ends = (network.item_node[network.arc_supplier], network.item_node[network.arc_buyer])
    given, taken = (np.bincount(end, weights=shipped, minlength=network.node_count) for end in ends)
    return scaled(np.maximum(given, taken), scale)


def scaled(loads: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """(N,) loads of this mean; as they are where all of them are 0."""
    mean = float(loads.mean())
    return loads * (scale / mean) if mean > 0 else loads

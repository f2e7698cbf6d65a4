"""The cascade of a scenario: its network as a cascade sees it, its settings, its initial loads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.errors import InputError
from esc_sim.network.model import Network
from esc_sim.recovery.cascade import Cascade
from esc_sim.recovery.graph import CascadeNetwork
from esc_sim.recovery.settings import CascadeSettings
from esc_sim.scenario.cascade import CascadeRules

if TYPE_CHECKING:
    from esc_sim.engine.block import Block
    from esc_sim.instance.model import Instance


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


def cascade_of(network: Network, rules: CascadeRules) -> Cascade:
    """The cascade of a network with eigenvector loads."""
    return Cascade(cascade_network(network), settings_of(rules))


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
    loads = np.maximum(given, taken)
    mean = float(loads.mean())
    return loads * (scale / mean) if mean > 0 else loads


def measured_loads(instance: Instance, seed: int, scale: float) -> NDArray[np.float64]:
    """Throughput loads of an undisrupted run of one replication.

    Raises:
        InputError: nothing was shipped in that run.
    """
    from dataclasses import replace

    plain = replace(instance, spreading=None)
    run: Callable[..., Block]
    if plain.agent_features:
        from esc_sim.engine.agents.runner import run_replications as run
    else:
        from esc_sim.engine.compiled.runner import run_replications as run
    flows = run(plain, seed, [0], disrupted=False).arc_shipped
    if not flows.any():
        raise InputError("cascade.load: nothing is shipped in an undisrupted run, so there is no throughput to measure")
    return throughput_loads(flows, instance.network, scale)

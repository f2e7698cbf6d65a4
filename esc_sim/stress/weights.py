"""Weights of sites in a reverse test: by name, or from the chances of outages that the tables give."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from esc_sim.errors import InputError
from esc_sim.network.model import Network
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.unread import Reads

Weights = str | Mapping[str, float] | None
"""Of sites by name, as numbers or as text ("warehouse=2.3, shop=1"), others weigh 1; or ``CHANCES``; None: all 1."""

CHANCES: Final = "chances"
"""Minus the logarithm of the chance of an outage in a year: the lightest set is then the likeliest, if sites fail
independently of one another."""


def weights_from(weights: Weights, scenario: Scenario, sites: Sequence[int]) -> dict[str, float]:
    """What weights say, by name.

    Args:
        weights: as they were given.
        scenario: whose tables give chances.
        sites: nodes that may be out.

    Raises:
        InputError: a weight is no number, or no chance is known of a site.
    """
    if weights == CHANCES:
        return _from_chances(scenario, sites)
    if not isinstance(weights, str):
        return {} if weights is None else dict(weights)
    found: dict[str, float] = {}
    for part in (part.strip() for part in weights.split(",")):
        name, _, number = (piece.strip() for piece in part.rpartition("="))
        try:
            weight = float(number)
        except ValueError:
            raise InputError(f"--weights {part}: write site=weight, such as warehouse=2.3, or '{CHANCES}'") from None
        if name in found:
            raise InputError(f"--weights {part}: '{name}' is named twice")
        found[name] = weight
    return found


def _from_chances(scenario: Scenario, sites: Sequence[int]) -> dict[str, float]:
    nodes = [scenario.nodes[site] for site in sites]
    unknown = [node.id for node in nodes if node.outage_chance is None]
    if unknown:
        more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
        raise InputError(f"--weights {CHANCES}: no outage_chance is known of {', '.join(unknown[:5])}{more}")
    never = [node.id for node in nodes if node.outage_chance in (0.0, 1.0)]
    if never:
        raise InputError(f"--weights {CHANCES}: '{never[0]}': a chance that has a weight lies between 0 and 1")
    return {node.id: -math.log(node.outage_chance) for node in nodes if node.outage_chance is not None}


def weight_reads(reads: Reads, weights: Weights) -> Reads:
    """What a stress test reads, with chances of outages where they are weights."""
    if weights != CHANCES:
        return reads
    return lambda scenario: f"{reads(scenario)} {[node.outage_chance for node in scenario.nodes]}"


def weights_of(network: Network, sites: Sequence[int], weights: Mapping[str, float] | None) -> dict[int, float]:
    """Weight of each site, ascending by node.

    Args:
        network: the network.
        sites: nodes that may be out.
        weights: of some of them by name; of the others it is 1.

    Raises:
        InputError: there is no such node, or a weight is no number above 0.
    """
    given = {} if weights is None else dict(weights)
    for name, weight in given.items():
        if name not in network.node_index or not 0.0 < weight < float("inf"):
            raise InputError(f"weights: '{name}': {weight:g} is no weight above 0 of a node")
    return {i: given.get(network.node_ids[i], 1.0) for i in sorted(sites)}

"""Where the nodes of a network stand: on a map of the world, or on an abstract one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from esc_sim.geography.great_circle import great_circle_km
from esc_sim.geography.mercator import northing, unrolled
from esc_sim.scenario.schema import Scenario

__all__ = ["great_circle_km", "places_of"]

Floats = NDArray[np.float64]


def places_of(scenario: Scenario, node_index: Mapping[str, int]) -> tuple[Floats, Floats, bool]:
    """Places of the nodes, by their degrees where any node has them, else by ``x`` and ``y``.

    Args:
        scenario: N nodes.
        node_index: index of each node by its id.

    Returns:
        float64[N] from left to right, float64[N] from bottom to top, nan where none is given, and whether they are
        degrees on a map of the world.
    """
    nodes = scenario.nodes
    longitude = _numbers(node.longitude for node in nodes)
    if not np.isfinite(longitude).any():
        return _numbers(node.x for node in nodes), _numbers(node.y for node in nodes), False
    ends = np.array([(node_index[a.supplier], node_index[a.buyer]) for a in scenario.arcs], np.int64).reshape(-1, 2)
    return unrolled(longitude, ends), northing(_numbers(node.latitude for node in nodes)), True


def _numbers(values: Iterable[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], np.float64)

"""Where a figure puts the nodes of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from esc_sim.network.model import NO_LAYER, Network

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

TALL = 12
"""Nodes from which a column is ordered by its flows, and named beside its nodes."""
_SWEEPS = 24
_RING = 0.07
"""Radius of the ring in which nodes of one place on the earth stand, as a share of the map's extent."""
_CITY = 0.6
"""Degrees that a map extends at least, for that ring."""


def with_coordinates(network: Network) -> NDArray[np.bool_]:
    """bool[N], nodes whose place the scenario gives."""
    there: NDArray[np.bool_] = np.isfinite(network.x) & np.isfinite(network.y)
    return there


def by_coordinates(network: Network) -> bool:
    """Whether nodes are placed by coordinates: some have them, and the others go around these."""
    return bool(with_coordinates(network).any())


def by_layer(network: Network) -> bool:
    """Whether nodes are placed in columns, one a layer: every node has a layer, and none has coordinates."""
    return not by_coordinates(network) and has_layers(network)


def has_layers(network: Network) -> bool:
    """Whether every node has a layer."""
    return bool((network.layer != NO_LAYER).all())


def in_columns(network: Network, places: Floats) -> bool:
    """Whether each layer is a column, be it that its nodes are placed so or that their coordinates say so.

    Args:
        network: N nodes.
        places: float[N, 2].
    """
    layers = np.unique(network.layer)
    return has_layers(network) and all(np.ptp(places[network.layer == layer, 0]) == 0.0 for layer in layers)


def node_places(network: Network, ends: NDArray[np.int64], flow: Floats, layers_first: bool = False) -> Floats:
    """Place of every node, float64[N, 2].

    The scenario's coordinates, and nodes that have none among their partners by forces; where no node has any, columns
    by layer, sources on the left and customers on the right, else a force-directed layout (Fruchterman, Reingold 1991).
    The same at every call.

    Args:
        network: N nodes.
        ends: int64[pairs, 2], node pairs (supplier, buyer).
        flow: float64[pairs], what they ship; trading partners in tall columns are placed at like heights.
        layers_first: columns by layer also where nodes have coordinates.
    """
    if by_coordinates(network) and not (layers_first and has_layers(network)):
        return _around(network, ends)
    if has_layers(network):
        return _columns(network, ends, flow)
    return force_directed(network.node_count, ends)


def _columns(network: Network, ends: NDArray[np.int64], flow: Floats) -> Floats:
    """Index order from the top in short columns; in tall ones the order that crosses fewer flows."""
    places = np.zeros((network.node_count, 2))
    columns = [np.flatnonzero(network.layer == layer) for layer in sorted(set(network.layer.tolist()), reverse=True)]
    for x, members in enumerate(columns):
        places[members, 0] = x
        places[members, 1] = _spread(len(members))
    if max(len(members) for members in columns) <= TALL:
        return places
    for sweep in range(_SWEEPS):
        for members in columns if sweep % 2 == 0 else columns[::-1]:
            centre = _barycentre(places[:, 1], ends, flow)[members]
            places[members[np.argsort(centre, kind="stable")], 1] = _spread(len(members))[::-1]
    return places


def _spread(count: int) -> Floats:
    """Heights of a column's nodes from the top."""
    heights: Floats = 1.0 - (np.arange(count) + 0.5) / count
    return heights


def _barycentre(height: Floats, ends: NDArray[np.int64], flow: Floats) -> Floats:
    """Mean height of each node's partners, weighted by flow (Sugiyama, Tagawa, Toda 1981); its own without any."""
    count = len(height)
    weight = np.bincount(ends[:, 0], flow, count) + np.bincount(ends[:, 1], flow, count)
    total = np.bincount(ends[:, 0], flow * height[ends[:, 1]], count)
    total += np.bincount(ends[:, 1], flow * height[ends[:, 0]], count)
    return np.divide(total, weight, out=height.copy(), where=weight > 0)


def _around(network: Network, ends: NDArray[np.int64]) -> Floats:
    """Places as given, and the other nodes pulled by their partners and pushed by all."""
    given = with_coordinates(network)
    places = np.column_stack([network.x, network.y])
    if network.geographic:
        places[given] = _apart(places[given])
    if given.all():
        return places
    low, extent = places[given].min(axis=0), float(np.ptp(places[given], axis=0).max()) or 1.0
    fixed = {int(node): (places[node] - low) / extent for node in np.flatnonzero(given)}
    found = low + extent * force_directed(network.node_count, ends, fixed)
    found[given] = places[given]
    return found


def _apart(places: Floats) -> Floats:
    """Places of which those that are the same stand in a ring around it, float64[N, 2]."""
    found = places.copy()
    radius = _RING * max(_CITY, float(np.ptp(places, axis=0).max()))
    _, index, counts = np.unique(places, axis=0, return_inverse=True, return_counts=True)
    for one in np.flatnonzero(counts > 1):
        angle = 2.0 * np.pi * np.arange(counts[one]) / counts[one]
        found[index.ravel() == one] += radius * np.column_stack([np.cos(angle), np.sin(angle)])
    return found


def force_directed(count: int, ends: NDArray[np.int64], fixed: dict[int, Floats] | None = None) -> Floats:
    """Places by forces between partners, float64[N, 2].

    Args:
        count: number of nodes N.
        ends: int64[pairs, 2].
        fixed: nodes that stay where they are, within a box of size 1.
    """
    import networkx as nx

    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(range(count))
    graph.add_edges_from(ends.tolist())
    found = nx.spring_layout(graph, pos=fixed, fixed=list(fixed) if fixed else None, seed=1, iterations=80)
    return np.array([found[node] for node in range(count)]).reshape(-1, 2)


def head_columns(axis: Axes, network: Network, places: Floats) -> None:
    """Name each column by its role, or by its layer when roles are mixed.

    Args:
        axis: with the nodes drawn.
        network: N nodes, placed by layer.
        places: float[N, 2].
    """
    axis.autoscale_view()  # or the layout would measure the heads where the axis' first limits put them
    for layer in sorted(set(network.layer.tolist()), reverse=True):
        members = np.flatnonzero(network.layer == layer)
        roles = {network.roles[node] for node in members}
        head = roles.pop() if len(roles) == 1 else f"layer {layer}"
        if len(members) > 1:
            head = f"{head} ({len(members)})"
        axis.text(
            places[members[0], 0], 1.0, head, transform=axis.get_xaxis_transform(), ha="center", va="bottom",
            fontsize=8.0, fontweight="bold",
        )  # fmt: skip

"""Members of a network in groups: tiers, regions, or communities that trade mostly among themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from esc_sim.network.model import NO_LAYER, Network

GroupBy = Literal["tier", "region", "community"]

_SEED: Final = 1
ELSEWHERE: Final = "no region"


@dataclass(frozen=True)
class Grouping:
    """Each node in one group.

    Attributes:
        by: what makes the groups.
        names: of the groups, each once.
        of_node: int64[N], group of each node.
    """

    by: GroupBy
    names: tuple[str, ...]
    of_node: NDArray[np.int64]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """int64[G], members of each group."""
        return np.bincount(self.of_node, minlength=len(self.names)).astype(np.int64)


def possible_groupings(network: Network) -> list[GroupBy]:
    """What a network's members can be grouped by, that with the clearest map first; empty where nothing parts them."""
    regions = {region for region in network.regions if region is not None}
    found: list[GroupBy] = ["region"] if len(regions) > 1 else []
    if len(set(network.roles)) > 1 or len(set(network.layer.tolist())) > 1:
        found.append("tier")
    if network.arc_count:
        found.append("community")
    return found


def grouped(network: Network, by: GroupBy, ends: NDArray[np.int64]) -> Grouping:
    """Groups of a network's members.

    Regions stand in the order of their names; tiers are roles (layers where all nodes have one role), from those that
    mostly sell to those that mostly buy. Communities are those of Blondel et al. (2008), "Fast unfolding of communities
    in large networks", from a fixed seed, the largest first, each named after its member with most partners.

    Args:
        network: N nodes.
        by: what makes the groups.
        ends: int64[pairs, 2], (supplier, buyer) of the pairs of nodes that trade.
    """
    if by == "community":
        return _communities(network, ends)
    if by == "region":
        words = [region or ELSEWHERE for region in network.regions]
        names = sorted(set(words))
    else:
        words = list(network.roles)
        if len(set(words)) == 1:
            words = [f"layer {layer}" if layer != NO_LAYER else "no layer" for layer in network.layer.tolist()]
        names = _from_sources(network, words, ends)
    place = {name: number for number, name in enumerate(names)}
    return Grouping(by, tuple(names), np.array([place[word] for word in words], np.int64))


def _from_sources(network: Network, words: list[str], ends: NDArray[np.int64]) -> list[str]:
    """Words of nodes, from the highest layer down; without layers, by the share of sales in their trades."""
    names = list(dict.fromkeys(words))
    of_node = np.array([names.index(word) for word in words])
    if (network.layer != NO_LAYER).all():
        height = np.bincount(of_node, network.layer) / np.bincount(of_node)
    else:
        sells, buys = (np.bincount(of_node[side], minlength=len(names)) for side in ends.T)
        height = (sells - buys) / np.maximum(1, sells + buys)
    return [names[n] for n in np.argsort(-height, kind="stable")]


def _communities(network: Network, ends: NDArray[np.int64]) -> Grouping:
    import networkx as nx

    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(range(network.node_count))
    graph.add_edges_from(ends.tolist())
    found = [sorted(members) for members in nx.community.louvain_communities(graph, seed=_SEED)]
    found.sort(key=lambda members: (-len(members), members[0]))
    of_node, names = np.empty(network.node_count, np.int64), []
    for number, members in enumerate(found):
        of_node[members] = number
        names.append(f"around {network.node_ids[max(members, key=lambda n: (graph.degree[n], -n))]}")
    return Grouping("community", tuple(names), of_node)

"""Groups of a network's members: what they can be, that each member is in one, and in which order they stand."""

from __future__ import annotations

import networkx as nx
import numpy as np

from esc_sim.network.grouping import ELSEWHERE, Grouping, grouped, possible_groupings
from esc_sim.network.model import Network, network_of
from esc_sim.scenario.reader import load_scenario
from tests.page.conftest import ROOT


def _network(name: str) -> tuple[Network, np.ndarray]:
    network = network_of(load_scenario(ROOT / "scenarios" / name))
    ends = np.column_stack([network.item_node[network.arc_supplier], network.item_node[network.arc_buyer]])
    return network, ends.astype(np.int64)


def _members(network: Network, grouping: Grouping) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {name: set() for name in grouping.names}
    for node, group in zip(network.node_ids, grouping.of_node, strict=True):
        found[grouping.names[group]].add(node)
    return found


def test_regions_hold_their_members_and_those_without_one_stand_together() -> None:
    network, ends = _network("agro_food")
    groups = _members(network, grouped(network, "region", ends))
    assert list(groups) == sorted(groups)
    for name, members in groups.items():
        region = None if name == ELSEWHERE else name
        assert members == {n for n, of in zip(network.node_ids, network.regions, strict=True) if of == region}


def test_tiers_go_from_sources_to_customers() -> None:
    network, ends = _network("network_1000")  # without layers
    assert grouped(network, "tier", ends).names == ("supplier", "manufacturer", "wholesaler", "retailer")
    network, ends = _network("beer_game")  # with layers
    assert grouped(network, "tier", ends).names == ("source", "factory", "distributor", "wholesaler", "retailer")


def test_communities_trade_mostly_among_themselves_and_are_the_same_at_each_call() -> None:
    network, ends = _network("network_1000")
    first, again = (grouped(network, "community", ends) for _ in range(2))
    assert first.names == again.names
    np.testing.assert_array_equal(first.of_node, again.of_node)
    assert first.sizes.sum() == 1000
    assert (np.diff(first.sizes) <= 0).all()
    graph = nx.Graph(ends.tolist())
    parts = [set(np.flatnonzero(first.of_node == g).tolist()) for g in range(len(first.names))]
    regions = grouped(network, "region", ends)
    others = [set(np.flatnonzero(regions.of_node == g).tolist()) for g in range(len(regions.names))]
    assert nx.community.modularity(graph, parts) > 0.35 > 0.1 > nx.community.modularity(graph, others)
    for name, part in zip(first.names, parts, strict=True):
        centre = network.node_index[name.removeprefix("around ")]
        assert centre in part
        assert graph.degree[centre] == max(graph.degree[node] for node in part)


def test_what_parts_nothing_is_not_offered() -> None:
    assert possible_groupings(_network("network_1000")[0]) == ["region", "tier", "community"]
    assert possible_groupings(_network("oil_gas")[0]) == ["tier", "community"]

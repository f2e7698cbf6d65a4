"""Networks that the recovery tests share: the reference instance and generated ones."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path

import networkx as nx
import numpy as np

from esc_sim.cascade.cascade import Cascade
from esc_sim.cascade.graph import CascadeNetwork
from esc_sim.cascade.settings import CascadeSettings

REFERENCE = Path(__file__).parents[2] / "scenarios" / "cascade_1000"
LOAD_SCALE = 8.027318153342
ROLES = ("supplier", "manufacturer", "wholesaler", "retailer")


@cache
def reference() -> Cascade:
    with (REFERENCE / "nodes.csv").open() as file:
        nodes = list(csv.DictReader(file))
    with (REFERENCE / "arcs.csv").open() as file:
        arcs = [(row["supplier"], row["buyer"]) for row in csv.DictReader(file)]
    network = CascadeNetwork.from_ids([row["id"] for row in nodes], [row["role"] for row in nodes], arcs)
    return Cascade(network, CascadeSettings(load_scale=LOAD_SCALE))


@cache
def removal_order() -> tuple[int, ...]:
    return tuple(json.loads((REFERENCE / "removal_order.json").read_text()))


@cache
def removed_120() -> tuple[int, ...]:
    return tuple(json.loads((REFERENCE / "removed_120.json").read_text()))


def to_networkx(network: CascadeNetwork) -> nx.DiGraph:
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from((k, {"role": network.role_names[r]}) for k, r in enumerate(network.role.tolist()))
    graph.add_edges_from(zip(network.source.tolist(), network.out_node.tolist(), strict=True))
    return graph


def random_network(rng: np.random.Generator) -> CascadeNetwork:
    """Any directed graph without loops: arcs within a role, both directions, nodes alone, several components."""
    n = int(rng.integers(2, 45))
    roles = rng.choice(ROLES[: int(rng.integers(1, 5))], size=n)
    roles[rng.integers(n)] = "supplier"
    arcs = rng.integers(0, n, size=(int(n * rng.uniform(0.5, 5)), 2))
    arcs = arcs[arcs[:, 0] != arcs[:, 1]]
    return CascadeNetwork.from_arrays(roles, arcs[:, 0], arcs[:, 1])


def random_settings(rng: np.random.Generator) -> CascadeSettings:
    return CascadeSettings(
        alpha=float(rng.choice([1.0, 1.02, 1.05, 1.3, 2.0])),
        beta=float(rng.choice([0.0, 0.5, 0.8, 0.86, 0.95, 1.0])),
        tau=float(rng.choice([0.0, 0.3, 0.6, 1.0, 1.7])),
        link_probability=float(rng.choice([0.0, 0.3, 0.5, 1.0])),
        min_shared=int(rng.integers(1, 4)),
        max_competitors=int(rng.choice([0, 1, 3, 20])),
        load_scale=float(rng.choice([1.0, 8.0])),
        spare_above_initial=bool(rng.integers(2)),
        undirected_competition=bool(rng.integers(2)),
        link_to=str(rng.choice(["best", "all"])),
        link_partners=bool(rng.integers(2)),
        spare_once=bool(rng.integers(2)),
    )

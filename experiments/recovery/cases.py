"""The networks of the study: the reference instance, the small network, and fresh ones of the paper's counts."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from esc_sim.cascade.cascade import Cascade
from esc_sim.cascade.graph import CascadeNetwork
from esc_sim.cascade.settings import CascadeSettings
from esc_sim.network.scale_free import PAPER_COUNTS, role_typed_scale_free

SCENARIOS = Path(__file__).parents[2] / "scenarios"
REFERENCE_SETTINGS = CascadeSettings(load_scale=8.027318153342)
SMALL_SETTINGS = CascadeSettings(beta=0.7)
REFERENCE, SMALL = "reference", "small"


@dataclass(frozen=True)
class Case:
    """A network and a random order in which its nodes are removed."""

    name: str
    cascade: Cascade
    order: NDArray[np.int64]

    def removed(self, count: int) -> NDArray[np.int64]:
        """The first nodes of the order."""
        return self.order[:count]


def reference() -> Case:
    """scenarios/cascade_1000 with its removal order."""
    order = json.loads((SCENARIOS / "cascade_1000" / "removal_order.json").read_text(encoding="utf-8"))
    return Case(REFERENCE, Cascade(_network("cascade_1000"), REFERENCE_SETTINGS), np.array(order))


def reference_removed_120() -> NDArray[np.int64]:
    """The set of 120 removed nodes of scenarios/cascade_1000 (not a prefix of its order)."""
    return np.array(json.loads((SCENARIOS / "cascade_1000" / "removed_120.json").read_text(encoding="utf-8")))


def small() -> Case:
    """scenarios/cascade_37, nodes removed in a random order."""
    network = _network("cascade_37")
    return Case(SMALL, Cascade(network, SMALL_SETTINGS), np.random.default_rng(1).permutation(network.n))


def fresh(number: int) -> Case:
    """A network of the paper's counts drawn anew, with the reference's parameters."""
    roles, arcs = role_typed_scale_free(PAPER_COUNTS, seed=1000 + number)
    network = CascadeNetwork.from_arrays(roles, arcs[:, 0], arcs[:, 1])
    order = np.random.default_rng([2, number]).permutation(network.n)
    return Case(f"fresh {number}", Cascade(network, replace(REFERENCE_SETTINGS)), order)


def _network(name: str) -> CascadeNetwork:
    with (SCENARIOS / name / "nodes.csv").open(encoding="utf-8") as file:
        nodes = list(csv.DictReader(file))
    with (SCENARIOS / name / "arcs.csv").open(encoding="utf-8") as file:
        arcs = [(row["supplier"], row["buyer"]) for row in csv.DictReader(file)]
    return CascadeNetwork.from_ids([row["id"] for row in nodes], [row["role"] for row in nodes], arcs)

"""Instances shared by the retail tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from esc_sim.design.retail import Links, RetailInstance
from esc_sim.design.retail.generate import random_instance

WUHAN = Path(__file__).parents[3] / "scenarios" / "retail_wuhan" / "design"


def small(seed: int = 3, demand: float = 1.0) -> RetailInstance:
    """Three suppliers, two DCs, six stores, three areas, two scenarios; demand scaled (1.9 makes shortage pay)."""
    instance = random_instance(suppliers=3, dcs=2, stores=6, areas=3, seed=seed)
    return replace(instance, demand=demand * instance.demand)


def without_links(instance: RetailInstance, kind: str, keep: np.ndarray) -> RetailInstance:
    """The instance with only the kept candidate links of a kind (a mask)."""
    links = instance.links[kind]
    fewer = Links(links.tail[keep], links.head[keep], links.link_cost[keep], links.unit_cost[keep])
    return replace(instance, links={**instance.links, kind: fewer})

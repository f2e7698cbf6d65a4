"""Layers of a network in which goods never come back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any


def fill_layers(nodes: Iterable[dict[str, Any]], arcs: Iterable[Mapping[str, Any]]) -> None:
    """Number the nodes by the longest way to a customer, from 1; none where goods could go round in a circle.

    Args:
        nodes: with their ``id``.
        arcs: with ``buyer`` and ``supplier``.
    """
    by_id = {node["id"]: node for node in nodes}
    suppliers: dict[str, set[str]] = {name: set() for name in by_id}
    for arc in arcs:
        suppliers[arc["buyer"]].add(arc["supplier"])
    waits = Counter(supplier for those in suppliers.values() for supplier in those)
    depth = dict.fromkeys(by_id, 1)
    ready = [name for name in by_id if not waits[name]]
    for name in ready:  # grows while it is gone through
        for supplier in suppliers[name]:
            depth[supplier] = max(depth[supplier], depth[name] + 1)
            waits[supplier] -= 1
            if not waits[supplier]:
                ready.append(supplier)
    if len(ready) == len(by_id):
        for name, node in by_id.items():
            node["layer"] = depth[name]

"""Layers of a network from the customer up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def layers_of(arcs: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Layer of each site: 1 where no arc leaves, else one more than the highest layer it delivers to.

    Where goods go in a circle, the arc that would close it is left out.
    """
    buyers: dict[str, set[str]] = {}
    for arc in arcs:
        buyers.setdefault(arc["supplier"], set()).add(arc["buyer"])
        buyers.setdefault(arc["buyer"], set())
    found: dict[str, int] = {}
    for begin in buyers:
        open_, stack = {begin}, [(begin, iter(sorted(buyers[begin])))]
        while stack:
            site, below = stack[-1]
            following = next((one for one in below if one not in found and one not in open_), None)
            if following is not None:
                open_.add(following)
                stack.append((following, iter(sorted(buyers[following]))))
                continue
            stack.pop()
            open_.discard(site)
            found[site] = 1 + max((found[one] for one in buyers[site] if one in found), default=0)
    return found


def fill_layers(nodes: Iterable[dict[str, Any]], arcs: Iterable[Mapping[str, Any]]) -> None:
    """Number the nodes by their layers; none where goods could go round in a circle.

    Args:
        nodes: with their ``id``.
        arcs: with ``buyer`` and ``supplier``.
    """
    arcs = list(arcs)
    layers = layers_of(arcs)
    if all(layers[arc["supplier"]] > layers[arc["buyer"]] for arc in arcs):
        for node in nodes:
            node["layer"] = layers.get(node["id"], 1)

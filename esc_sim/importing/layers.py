"""Layers of sites from the customer up, so that every site hears what is ordered from it before it orders itself."""

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


def with_layers(data: dict[str, Any]) -> dict[str, Any]:
    """A scenario, as plain values, with layers; where arcs leap over some, with markets by product and layer."""
    layers = layers_of(data["arcs"])
    nodes = [node | ({"layer": layers[node["id"]]} if node["id"] in layers else {}) for node in data["nodes"]]
    found = data | {"nodes": nodes}
    if all(layers[arc["supplier"]] == layers[arc["buyer"]] + 1 for arc in data["arcs"]):
        return found
    arcs = [arc | {"market": f"{arc['product']} to layer {layers[arc['buyer']]}"} for arc in data["arcs"]]
    named = sorted({(layers[arc["buyer"]], arc["product"], arc["market"]) for arc in arcs})
    return found | {"arcs": arcs, "markets": [{"id": market} for _, _, market in named]}

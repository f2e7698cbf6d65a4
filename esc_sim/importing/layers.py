"""Layers and markets of a workbook's network: every site hears what is ordered from it before it orders itself."""

from __future__ import annotations

from typing import Any

from esc_sim.exchange.layers import layers_of


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

"""The network as arrays: nodes, products, items (a product held at a node), arcs, markets."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.network.geography import places_of
from esc_sim.scenario.items import items_of
from esc_sim.scenario.recipes import items_made, items_used
from esc_sim.scenario.schema import Arc, Scenario, StockData, StockLine

NO_LAYER = 0
LONGEST_LABEL = 24
"""Letters of a node's name up to which it labels the node in figures."""


@dataclass(frozen=True)
class Network:
    """Structure of a supply network; N nodes, I items, A arcs.

    Attributes:
        node_ids: N ids, in the scenario's order, which is the index order that breaks ties.
        roles: N role names.
        regions: N region names or None.
        layer: int32[N], 1 = nearest to the customer, 0 = none given.
        x, y: float64[N] coordinates, nan = none given; of nodes with latitude and longitude, on a map of the world.
        products: product names.
        item_node, item_product: int32[I]; items are sorted by node, then product.
        arc_buyer, arc_supplier: uint32[A] item indices, arcs in the scenario's order.
        arc_market: int32[A] index into ``markets``.
        markets: names, in the order in which they are negotiated.
        geographic: whether ``x`` and ``y`` come from latitude and longitude.
        arc_modes: A names that tell routes apart, or None; empty where no arc has one.
        arc_lanes: A names of lanes that arcs share, likewise.
        node_names: N names of nodes for labels, "" for none; empty where no node has one.
    """

    node_ids: tuple[str, ...]
    roles: tuple[str, ...]
    regions: tuple[str | None, ...]
    layer: NDArray[np.int32]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    products: tuple[str, ...]
    item_node: NDArray[np.int32]
    item_product: NDArray[np.int32]
    arc_buyer: NDArray[np.uint32]
    arc_supplier: NDArray[np.uint32]
    arc_market: NDArray[np.int32]
    markets: tuple[str, ...]
    geographic: bool = False
    arc_modes: tuple[str | None, ...] = ()
    arc_lanes: tuple[str | None, ...] = ()
    node_names: tuple[str, ...] = ()

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What figures call the nodes: by names that are short and unlike any other, else by ids."""
        often = Counter(self.node_names)
        return tuple(
            name if name and len(name) <= LONGEST_LABEL and often[name] == 1 else node
            for name, node in zip(self.node_names or self.node_ids, self.node_ids, strict=True)
        )

    @property
    def place_unknown(self) -> NDArray[np.bool_]:
        """bool[N], nodes without degrees on a map of the world."""
        return self.geographic & ~(np.isfinite(self.x) & np.isfinite(self.y))

    @property
    def node_count(self) -> int:
        """Number of nodes N."""
        return len(self.node_ids)

    @property
    def item_count(self) -> int:
        """Number of items I."""
        return len(self.item_node)

    @property
    def arc_count(self) -> int:
        """Number of arcs A."""
        return len(self.arc_buyer)

    @cached_property
    def node_index(self) -> dict[str, int]:
        """Index of a node by its id."""
        return {name: i for i, name in enumerate(self.node_ids)}

    @cached_property
    def item_index(self) -> dict[tuple[int, int], int]:
        """Index of an item by (node index, product index)."""
        return {(int(n), int(p)): i for i, (n, p) in enumerate(zip(self.item_node, self.item_product, strict=True))}

    def item_name(self, item: int) -> str:
        """Name of an item: the node's id, with the product where the network trades several."""
        node = self.node_ids[self.item_node[item]]
        return node if len(self.products) == 1 else f"{node}/{self.products[self.item_product[item]]}"

    def mode(self, arc: int) -> str | None:
        """The mode that tells an arc from others between the same two, or None."""
        return self.arc_modes[arc] if self.arc_modes else None

    def stream_name(self, item: int) -> str:
        """Name of an item in random streams: that of the scenario's first product is the node's id.

        Unlike :meth:`item_name` it stays when further products come in, and so do the item's random numbers.
        """
        node, product = self.node_ids[self.item_node[item]], int(self.item_product[item])
        return node if product == 0 else f"{node}/{self.products[product]}"

    @cached_property
    def structure_hash(self) -> str:
        """Hash of ids, products and arcs: what a plan made for this network must find again."""
        return hashlib.blake2b(json.dumps(self.to_dict(structure_only=True)).encode(), digest_size=16).hexdigest()

    def to_dict(self, structure_only: bool = False) -> dict[str, Any]:
        """Plain lists, fit for JSON.

        Args:
            structure_only: leave out what does not change who trades what with whom (roles, regions, places).
        """
        content: dict[str, Any] = {
            "node_ids": list(self.node_ids),
            "products": list(self.products),
            "item_node": self.item_node.tolist(),
            "item_product": self.item_product.tolist(),
            "arc_buyer": self.arc_buyer.tolist(),
            "arc_supplier": self.arc_supplier.tolist(),
        }
        content |= {"arc_modes": list(self.arc_modes)} if self.arc_modes else {}
        if structure_only:
            return content
        return content | {
            "roles": list(self.roles),
            "regions": list(self.regions),
            "layer": self.layer.tolist(),
            "x": [None if np.isnan(v) else float(v) for v in self.x],
            "y": [None if np.isnan(v) else float(v) for v in self.y],
            "arc_market": self.arc_market.tolist(),
            "markets": list(self.markets),
            **({"geographic": True} if self.geographic else {}),
            **({"arc_lanes": list(self.arc_lanes)} if self.arc_lanes else {}),
            **({"node_names": list(self.node_names)} if self.node_names else {}),
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Network:
        """Inverse of :meth:`to_dict` (whole form)."""
        return cls(
            node_ids=tuple(content["node_ids"]),
            roles=tuple(content["roles"]),
            regions=tuple(content["regions"]),
            layer=np.array(content["layer"], np.int32),
            x=np.array([np.nan if v is None else v for v in content["x"]], np.float64),
            y=np.array([np.nan if v is None else v for v in content["y"]], np.float64),
            products=tuple(content["products"]),
            item_node=np.array(content["item_node"], np.int32),
            item_product=np.array(content["item_product"], np.int32),
            arc_buyer=np.array(content["arc_buyer"], np.uint32),
            arc_supplier=np.array(content["arc_supplier"], np.uint32),
            arc_market=np.array(content["arc_market"], np.int32),
            markets=tuple(content["markets"]),
            geographic=bool(content.get("geographic", False)),
            arc_modes=tuple(content.get("arc_modes", ())),
            arc_lanes=tuple(content.get("arc_lanes", ())),
            node_names=tuple(content.get("node_names", ())),
        )


def stock_lines(scenario: Scenario) -> list[tuple[int, int, StockData]]:
    """All (node index, product index, data) of a scenario, sorted by node, then product.

    They are those that nodes and ``stocks`` state (``items_of``); beside these, an arc's ends hold the arc's product
    even where no line of their own says so, and a node what its recipes use and make, what it takes, and what its
    goods become when they expire.
    """
    product_index = {p.id: i for i, p in enumerate(scenario.products)}
    node_index = {n.id: i for i, n in enumerate(scenario.nodes)}
    found = {(node_index[n], product_index[p]): data for (n, p), (_, data) in items_of(scenario).items()}
    for arc in scenario.arcs:
        product = product_index[arc.product] if arc.product else 0
        for end in (arc.buyer, arc.supplier):
            key = node_index[end], product
            if key not in found:
                found[key] = StockLine(node=end, product=scenario.products[product].id)
    for node_id, made in sorted(items_made(scenario) | items_used(scenario)):
        key = node_index[node_id], product_index[made]
        found.setdefault(key, StockLine(node=node_id, product=made))
    return [(n, p, found[n, p]) for n, p in sorted(found)]


def network_of(scenario: Scenario) -> Network:
    """Arrays of the network of a scenario that has been checked."""
    lines = stock_lines(scenario)
    item_index = {(n, p): i for i, (n, p, _) in enumerate(lines)}
    node_index = {n.id: i for i, n in enumerate(scenario.nodes)}
    product_index = {p.id: i for i, p in enumerate(scenario.products)}
    product_of_arc = [product_index[a.product] if a.product else 0 for a in scenario.arcs]
    buyers = [item_index[node_index[a.buyer], p] for a, p in zip(scenario.arcs, product_of_arc, strict=True)]
    suppliers = [item_index[node_index[a.supplier], p] for a, p in zip(scenario.arcs, product_of_arc, strict=True)]
    layers = [node.layer or NO_LAYER for node in scenario.nodes]
    arc_market, markets = _markets(scenario, product_of_arc, scenario.arcs, layers, node_index)
    x, y, geographic = places_of(scenario, node_index)
    return Network(
        node_ids=tuple(n.id for n in scenario.nodes),
        roles=tuple(n.role for n in scenario.nodes),
        regions=tuple(n.region for n in scenario.nodes),
        layer=np.array(layers, np.int32),
        x=x,
        y=y,
        products=tuple(p.id for p in scenario.products),
        item_node=np.array([n for n, _, _ in lines], np.int32),
        item_product=np.array([p for _, p, _ in lines], np.int32),
        arc_buyer=np.array(buyers, np.uint32),
        arc_supplier=np.array(suppliers, np.uint32),
        arc_market=np.array(arc_market, np.int32),
        markets=tuple(markets),
        geographic=geographic,
        arc_modes=_if_any(a.mode for a in scenario.arcs),
        arc_lanes=_if_any(a.lane for a in scenario.arcs),
        node_names=tuple(n.name for n in scenario.nodes) if any(n.name for n in scenario.nodes) else (),
    )


def _if_any(names: Iterable[str | None]) -> tuple[str | None, ...]:
    """Names of arcs; none at all where no arc has one."""
    found = tuple(names)
    return found if any(found) else ()


def _markets(
    scenario: Scenario,
    product_of_arc: Sequence[int],
    arcs: Sequence[Arc],
    layers: Sequence[int],
    node_index: dict[str, int],
) -> tuple[list[int], list[str]]:
    """Market of each arc and the markets' names.

    The scenario's own list where it has one; else, for a product all of whose arcs join adjacent layers, one market
    per pair of layers from the customer up; else one market per product.
    """
    if scenario.markets:
        order = {m.id: i for i, m in enumerate(scenario.markets)}
        return [order[a.market or scenario.markets[0].id] for a in arcs], [m.id for m in scenario.markets]
    layered = [True] * len(scenario.products)
    for arc, product in zip(arcs, product_of_arc, strict=True):
        low, high = layers[node_index[arc.buyer]], layers[node_index[arc.supplier]]
        if low == NO_LAYER or high != low + 1:
            layered[product] = False
    keys = [
        (p, layers[node_index[a.buyer]] if layered[p] else NO_LAYER) for a, p in zip(arcs, product_of_arc, strict=True)
    ]
    ordered = sorted(set(keys))
    rank = {key: i for i, key in enumerate(ordered)}
    names = [
        scenario.products[p].id if low == NO_LAYER else f"{scenario.products[p].id}: layer {low + 1} to {low}"
        for p, low in ordered
    ]
    return [rank[key] for key in keys], names

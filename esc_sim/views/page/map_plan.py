"""Where the map puts the nodes of a network, and which pairs of them trade."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from esc_sim.geography.mercator import ROUND, pieces
from esc_sim.geography.outline import Window
from esc_sim.network.model import Network
from esc_sim.network.side_links import SideLinks
from esc_sim.views.earth import extent_of
from esc_sim.views.layout import has_layers, node_places, with_coordinates
from esc_sim.views.page.show import ShownRun

Places = Literal["coordinates", "coordinates, stretched", "layers", "forces"]

BOX: Final = (1000.0, 560.0)
"""Width and height of the map's own units."""
MARGIN: Final = 0.055
"""Room around the box on a map of the world, as a share of the whole in both directions, so that its shape stays."""
_NARROW: Final = 0.4
"""Share of the box's width (or height) below which a map of true proportions is narrow."""


def possible_places(network: Network) -> list[Places]:
    """Layouts that this network has; coordinates that would leave most of the box empty are stretched first."""
    found: list[Places] = []
    given = with_coordinates(network)
    if network.geographic:
        found.append("coordinates")
    elif given.any():
        extent = np.array([np.ptp(network.x[given]), np.ptp(network.y[given])]) / np.array(BOX)
        narrow = 0.0 < extent.min(initial=np.inf) < _NARROW * extent.max(initial=0.0)
        found += ["coordinates, stretched", "coordinates"] if narrow else ["coordinates"]
    if has_layers(network):
        found.append("layers")
    return found or ["forces"]


@dataclass(frozen=True)
class MapPlan:
    """Where everything stands; the same for every period of a run.

    Attributes:
        network: the network.
        arc_supplier, arc_buyer: int64[A] nodes of each arc, in the order of the books.
        side_links: ways of goods that nobody orders.
        places: layout.
    """

    network: Network
    arc_supplier: NDArray[np.int64]
    arc_buyer: NDArray[np.int64]
    side_links: SideLinks
    places: Places

    @classmethod
    def of(cls, run: ShownRun, places: Places) -> MapPlan:
        """The plan of a run's network."""
        books = run.model.books
        return cls(
            run.model.instance.network,
            np.array(books.of_arcs("supplier_node"), np.int64),
            np.array(books.of_arcs("buyer_node"), np.int64),
            run.side_links,
            places,
        )

    @cached_property
    def _pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        keys, pair_of_arc = np.unique(self.arc_supplier * self.network.node_count + self.arc_buyer, return_inverse=True)
        count = self.network.node_count
        return np.column_stack([keys // count, keys % count]).astype(np.int64), pair_of_arc.astype(np.int64)

    @property
    def ends(self) -> NDArray[np.int64]:
        """int64[P, 2], (supplier, buyer) of every pair of nodes that trades."""
        return self._pairs[0]

    @property
    def pair_of_arc(self) -> NDArray[np.int64]:
        """int64[A]."""
        return self._pairs[1]

    @property
    def all_ends(self) -> NDArray[np.int64]:
        """int64[., 2], ends of every pair that trades, and of every pair between which goods go without an order."""
        return np.concatenate([self.ends, self.side_links.ends])

    @cached_property
    def both_ways(self) -> NDArray[np.bool_]:
        """bool[P], pairs that also trade the other way round; their links are bent to lie apart."""
        count = self.network.node_count
        found: NDArray[np.bool_] = np.isin(
            self.ends[:, 0] * count + self.ends[:, 1], self.ends[:, 1] * count + self.ends[:, 0]
        )
        return found

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """float64[N, 2], place of every node in a box of 1000 by 560, from the lower left.

        Layers, forces and stretched coordinates fill the box; coordinates keep their proportions in its middle.
        """
        return self._in_box(self.raw_places(layers_first=self.places == "layers"))

    def raw_places(self, layers_first: bool) -> NDArray[np.float64]:
        """float64[N, 2], place of every node as the figures have it, in the scenario's units if it has coordinates."""
        own = np.unique(self.pair_of_arc[: self.network.arc_count])  # nobody moves when a cascade makes links
        ends = np.concatenate([self.ends[own], self.side_links.ends])
        return node_places(self.network, ends, np.ones(len(ends)), layers_first)

    @property
    def flat(self) -> bool:
        """Whether all nodes stand in one row."""
        return float(np.ptp(self.points[:, 1])) < 1.0

    def points_of(self, visible: NDArray[np.bool_]) -> NDArray[np.float64]:
        """float64[N, 2], places when only some nodes are shown: these fill the box; the others' mean nothing."""
        if visible.all() or self.on_earth:
            return self.points
        points = self.points.copy()
        if self.places == "layers":
            for x in np.unique(points[visible, 0]):
                column = np.flatnonzero(visible & (points[:, 0] == x))
                order = column[np.argsort(points[column, 1], kind="stable")]
                points[order, 1] = (np.arange(len(order)) + 0.5) / len(order)
        points[visible] = self._in_box(points[visible])
        return points

    @property
    def on_earth(self) -> bool:
        """Whether the map is one of the world."""
        return self.network.geographic and self.places == "coordinates"

    @cached_property
    def window(self) -> Window:
        """The part of the world that a map of it shows."""
        return extent_of(self.raw_places(layers_first=False))

    @property
    def whole_world(self) -> bool:
        """Whether a map of the world goes all the way around, so that ways may lead over its edge."""
        return self.on_earth and self.window.east - self.window.west >= ROUND

    @cached_property
    def crossing(self) -> NDArray[np.bool_]:
        """bool[P], pairs whose way leads over the edge of a map of the world."""
        if not self.whole_world:
            return np.zeros(len(self.ends), np.bool_)
        across = self.raw_places(layers_first=False)[self.ends, 0]
        return np.asarray(np.abs(across[:, 1] - across[:, 0]) > ROUND / 2.0)

    def lines_of(self, ends: NDArray[np.int64]) -> NDArray[np.float64]:
        """float64[., 2, 2], straight lines between nodes; two where a way leads over the edge of a map of the world.

        Args:
            ends: int64[L, 2], nodes.
        """
        if not self.whole_world:
            return self.points[ends]
        lines, _ = pieces(self.raw_places(layers_first=False), ends, self.window.west)
        return self.in_box(lines)

    def in_box(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Places of a map of the world, float64[..., 2], in the box."""
        low, scale, margin = self._earth_scale
        return np.asarray((places - low) * scale + margin)

    def on_map(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """A point of the box, float64[2], on the map of the world."""
        low, scale, margin = self._earth_scale
        return np.asarray((point - margin) / scale + low)

    @cached_property
    def _earth_scale(self) -> tuple[NDArray[np.float64], float, NDArray[np.float64]]:
        """Lower left corner of the map of the world, units of the box in a degree, and room beside it."""
        low = np.array([self.window.west, self.window.south])
        size = np.array([self.window.east, self.window.north]) - low
        scale = float((np.array(BOX) / size).min())
        return low, scale, (np.array(BOX) - size * scale) / 2.0

    def _in_box(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.on_earth:
            return self.in_box(raw)
        low, high = raw.min(axis=0), raw.max(axis=0)
        scale = np.array(BOX) / np.where(high > low, high - low, 1.0)
        if self.places == "coordinates":
            scale[:] = scale[high > low].min(initial=np.inf) if (high > low).any() else 1.0
        margin = (np.array(BOX) - (high - low) * scale) / 2.0
        points: NDArray[np.float64] = (raw - low) * scale + margin
        return points

    def heads(self) -> list[tuple[float, str]]:
        """Place and words of each column: its role, or its layer where roles are mixed; none without columns."""
        if self.places != "layers":
            return []
        found = []
        for layer in sorted(set(self.network.layer.tolist()), reverse=True):
            members = np.flatnonzero(self.network.layer == layer)
            roles = {self.network.roles[node] for node in members}
            words = roles.pop() if len(roles) == 1 else f"layer {layer}"
            found.append((float(self.points[members[0], 0]), f"{words} ({len(members)})"))
        return found

    def partners(self, node: int, steps: int) -> NDArray[np.bool_]:
        """bool[N], nodes at most ``steps`` trades (or gifts) away from a node, itself included."""
        near, ends = np.zeros(self.network.node_count, np.bool_), self.all_ends
        near[node] = True
        for _ in range(steps):
            touched = near[ends[:, 0]] | near[ends[:, 1]]
            near[ends[touched].ravel()] = True
        return near

"""Where the map puts groups of members, closed to a circle each or opened to their members, and what they trade."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.network.grouping import Grouping
from esc_sim.views.layout import by_coordinates, force_directed
from esc_sim.views.page.map_plan import BOX, MapPlan

_CLOSED: Final = 58.0
"""Radius of a closed group's place, in the box's units."""
_SPACING: Final = 15.0
"""Radius of an opened group's place is this times the root of the number of its members."""
_MOST: Final = 235.0
_ROOM: Final = 30.0
"""Room around an opened group for the words below its neighbours."""
_FULL: Final = 0.6
"""Share of the box that places may fill."""
_ROUNDS: Final = 300


@dataclass(frozen=True)
class GroupPlan:
    """Places of closed groups and of the members of opened ones.

    A *unit* is what is drawn as one: group g is unit g, node n of an opened group is unit G + n.

    Attributes:
        plan: of the whole network.
        grouping: its groups.
        opened: groups whose members are drawn.
    """

    plan: MapPlan
    grouping: Grouping
    opened: frozenset[int]

    @property
    def group_count(self) -> int:
        """Number of groups G."""
        return len(self.grouping.names)

    @cached_property
    def unit_of(self) -> NDArray[np.int64]:
        """int64[N], what each node is drawn as."""
        groups = self.grouping.of_node
        alone = np.isin(groups, list(self.opened))
        return np.where(alone, self.group_count + np.arange(len(groups)), groups).astype(np.int64)

    @cached_property
    def _links(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        count = self.group_count + self.plan.network.node_count
        units = self.unit_of[self.plan.ends]
        keys, link_of_pair = np.unique(units[:, 0] * count + units[:, 1], return_inverse=True)
        return np.column_stack([keys // count, keys % count]).astype(np.int64), link_of_pair.astype(np.int64)

    @property
    def ends(self) -> NDArray[np.int64]:
        """int64[L, 2], units between which goods go; those within a closed group have it at both ends."""
        return self._links[0]

    @property
    def link_of_pair(self) -> NDArray[np.int64]:
        """int64[P], link of each pair of nodes of the plan."""
        return self._links[1]

    @cached_property
    def radius(self) -> NDArray[np.float64]:
        """float64[G], of each group's place, in the box's units; all of them fit into the box."""
        closed = min(_CLOSED, 0.4 * float(np.sqrt(BOX[0] * BOX[1] / self.group_count)))
        found, opened = np.full(self.group_count, closed), sorted(self.opened)
        found[opened] = np.clip(_SPACING * np.sqrt(self.grouping.sizes[opened]), closed, _MOST)
        left = self.group_count - len(opened)
        if self.grouping.by == "tier":
            shrink = (BOX[0] - 2.0 * closed * left) / (2.0 * found[opened].sum()) if opened else 1.0
        else:
            area = _FULL * BOX[0] * BOX[1] - np.pi * closed**2 * left
            shrink = float(np.sqrt(max(0.0, area) / (np.pi * (found[opened] ** 2).sum()))) if opened else 1.0
        found[opened] = np.maximum(closed, found[opened] * min(1.0, shrink))
        return found

    @cached_property
    def centres(self) -> NDArray[np.float64]:
        """float64[G, 2], middle of each group's place in the box: tiers in a row, regions where they lie.

        Places that overlap are pushed apart, so that an opened group makes room for its members.
        """
        radius, box = self.radius, np.array(BOX)
        reach = radius + _ROOM * np.isin(np.arange(self.group_count), list(self.opened))
        places = np.clip(self._first_places, radius[:, None], box - radius[:, None])
        for _ in range(_ROUNDS):
            apart = places[:, None] - places[None]
            distance = np.sqrt((apart**2).sum(axis=2))
            np.fill_diagonal(distance, np.inf)
            over = np.maximum(0.0, reach[:, None] + reach[None] - distance)
            if not over.any():
                break
            push = apart / np.maximum(distance, 1e-9)[..., None] * (0.5 * over)[..., None]
            places = np.clip(places + push.sum(axis=1), radius[:, None], box - radius[:, None])
        return np.round(places, 1)

    @property
    def _first_places(self) -> NDArray[np.float64]:
        """float64[G, 2], before any makes room; no two of them the same."""
        network, groups, count = self.plan.network, self.grouping.of_node, self.group_count
        if self.grouping.by == "tier":
            gap = (BOX[0] - 2.0 * self.radius.sum()) / max(1, count - 1)
            across = np.cumsum(2.0 * self.radius + gap) - gap - self.radius
            return np.column_stack([across, np.full(count, BOX[1] / 2.0)])
        elif self.grouping.by == "region" and by_coordinates(network):
            sizes = self.grouping.sizes
            places = self.plan.raw_places(layers_first=False)
            found = np.column_stack([np.bincount(groups, axis, count) / sizes for axis in places.T])
        else:
            found = force_directed(count, groups[self.plan.ends])
        low, extent = found.min(axis=0), np.ptp(found, axis=0)
        margin = self.radius.min()
        scaled = np.divide(found - low, extent, out=np.full_like(found, 0.5), where=extent > 0.0)
        within = margin + scaled * (np.array(BOX) - 2.0 * margin)
        return within + 0.01 * np.column_stack([np.cos(np.arange(count)), np.sin(np.arange(count))])

    def members(self, group: int) -> NDArray[np.int64]:
        """Nodes of a group, those with most partners first."""
        nodes = np.flatnonzero(self.grouping.of_node == group)
        partners = np.bincount(self.plan.ends.ravel(), minlength=self.plan.network.node_count)
        return nodes[np.argsort(-partners[nodes], kind="stable")]

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """float64[G + N, 2], place of every unit; members in a spiral, those with most partners in the middle."""
        found = np.zeros((self.group_count + self.plan.network.node_count, 2))
        found[: self.group_count] = self.centres
        for group in self.opened:
            nodes = self.members(group)
            k = np.arange(len(nodes))
            turn = k * np.pi * (3.0 - np.sqrt(5.0))
            reach = 0.9 * self.radius[group] * np.sqrt((k + 0.5) / len(nodes))
            spiral = np.column_stack([reach * np.cos(turn), reach * np.sin(turn)])
            found[self.group_count + nodes] = self.centres[group] + spiral
        return np.round(found, 1)

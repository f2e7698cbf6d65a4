"""Lanes as arrays: capacities that several arcs share."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from esc_sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Lanes:
    """The K lanes of an instance.

    Attributes:
        names: K names.
        capacity: float64[K + 1], most units contracted on a lane's arcs in a period; infinite where nothing limits it,
            as for arcs without a lane, whose lane is K.
        of_arc: int64[A], lane of each arc, in the scenario's order.
    """

    names: tuple[str, ...]
    capacity: NDArray[np.float64]
    of_arc: NDArray[np.int64]

    @property
    def limits(self) -> bool:
        """Whether any lane can be full."""
        return bool((self.capacity < inf).any())

    def arcs(self, lane: int) -> list[int]:
        """The arcs over a lane, ascending, in the scenario's order."""
        return [int(arc) for arc in np.flatnonzero(self.of_arc == lane)]


def lanes_of(scenario: Scenario) -> Lanes:
    """The lanes of a checked scenario; capacities are on the grid of goods."""
    size = 2.0**scenario.rules.goods_quantum
    place = {lane.id: number for number, lane in enumerate(scenario.lanes)}
    capacity = [inf if lane.capacity is None else round(lane.capacity * size) / size for lane in scenario.lanes]
    of_arc = [place.get(arc.lane or "", len(place)) for arc in scenario.arcs]
    return Lanes(tuple(place), np.array([*capacity, inf]), np.array(of_arc, np.int64))

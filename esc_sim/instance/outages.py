"""Outages of arcs in one replication, arc by arc, as shipments need them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.behaviours.switches import TRANSIT_HOLD, TRANSIT_LOSE, TRANSIT_REROUTE
from esc_sim.instance.model import Instance
from esc_sim.sampling.timetable import Timetable


@dataclass(frozen=True)
class Outages:
    """Total outages (health 0) of arcs, grouped by sorted arc and sorted by start within an arc.

    Attributes:
        start: int64[A + 1] range of each arc's outages in the other arrays.
        begins, ends, detours: float64, ticks.
        modes: int64, what becomes of goods in transit (hold, reroute, lose).
    """

    start: NDArray[np.int64]
    begins: NDArray[np.float64]
    ends: NDArray[np.float64]
    modes: NDArray[np.int64]
    detours: NDArray[np.float64]

    @property
    def hold_time(self) -> float:
        """Upper bound on how long any shipment can be held, in ticks."""
        held = np.where(self.modes == TRANSIT_HOLD, self.ends - self.begins, 0.0)
        total = np.r_[0.0, np.cumsum(held)]
        return float((total[self.start[1:]] - total[self.start[:-1]]).max(initial=0.0))

    @property
    def longest_detour(self) -> float:
        """Longest extra time of a rerouted shipment, in ticks."""
        return float(self.detours[self.modes == TRANSIT_REROUTE].max(initial=0.0))

    @property
    def loses(self) -> bool:
        """Whether an outage can lose goods."""
        return bool((self.modes == TRANSIT_LOSE).any())


def arc_outages(instance: Instance, timetable: Timetable) -> Outages:
    """Outages of every arc under a timetable."""
    arc_count = instance.network.arc_count
    of_arcs = instance.channels.are("arc")[timetable.channel]
    low = np.array([e.low for e in instance.effects])
    picked = np.flatnonzero(of_arcs & (low[timetable.effect] <= 0.0 if len(low) else False))
    rank = np.empty(arc_count, np.int64)
    rank[instance.lines.arc_order] = np.arange(arc_count)
    arcs = rank[instance.channels.target[timetable.channel[picked]]]
    order = np.argsort(arcs, kind="stable")
    picked, arcs = picked[order], arcs[order]
    effects = timetable.effect[picked]
    return Outages(
        start=np.searchsorted(arcs, np.arange(arc_count + 1)).astype(np.int64),
        begins=timetable.start[picked],
        ends=timetable.end[picked],
        modes=np.array([instance.effects[e].mode for e in effects], np.int64),
        detours=np.array([instance.effects[e].detour for e in effects], np.float64),
    )

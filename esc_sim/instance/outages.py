"""Outages of arcs in one replication, arc by arc, as shipments need them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.instance.model import CHANNEL_TRANSPORT, Instance
from esc_sim.sampling.timetable import Timetable


@dataclass(frozen=True)
class Outages:
    """Total outages (health 0) of arcs, grouped by sorted arc and sorted by start within an arc.

    Attributes:
        start: int64[A + 1] range of each arc's outages in the other arrays.
        begins, ends, detours: float64; modes: int64 (hold, reroute, lose).
    """

    start: NDArray[np.int64]
    begins: NDArray[np.float64]
    ends: NDArray[np.float64]
    modes: NDArray[np.int64]
    detours: NDArray[np.float64]


def arc_outages(instance: Instance, timetable: Timetable) -> Outages:
    """Outages of every arc under a timetable."""
    arc_count = instance.network.arc_count
    kinds = instance.channels.kind[timetable.channel]
    low = np.array([e.low for e in instance.effects])
    picked = np.flatnonzero((kinds == CHANNEL_TRANSPORT) & (low[timetable.effect] <= 0.0 if len(low) else False))
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

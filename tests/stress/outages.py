"""Outages drawn for generated networks."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from esc_sim.disruptions.health import ACTIVITIES
from esc_sim.instance.model import Instance
from esc_sim.instance.struck import Outage


def drawn_outage(instance: Instance, data: st.DataObject) -> Outage:
    """One or no nodes and arcs that are out, or half out, from some period on."""
    network = instance.network
    start = data.draw(st.integers(0, instance.periods - 1))
    nodes = data.draw(st.lists(st.integers(0, network.node_count - 1), max_size=2, unique=True))
    arcs = (
        data.draw(st.lists(st.integers(0, network.arc_count - 1), max_size=2, unique=True)) if network.arc_count else []
    )
    return Outage(
        "stress",
        nodes,
        sorted(set(arcs)),
        ACTIVITIES,
        data.draw(st.sampled_from([0.0, 0.5])),
        start,
        data.draw(st.sampled_from([1.0, 2.5, 4.0])),
        data.draw(st.sampled_from([None, 0.0, 1.0, np.inf])),
    )

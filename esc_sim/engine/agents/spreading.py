"""A cascade of failures as a SimPy process: a disruption sets it off, each round takes its time."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np
import simpy

from esc_sim.cascade.scenario import throughput_loads
from esc_sim.engine.agents.clock import DISRUPTION, moment
from esc_sim.instance.spreading import Nodes, Outbreak, Spreading, rounds_of, waves

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel


def spread(model: SupplyChainModel, outbreak: Outbreak) -> Generator[simpy.Event, None, None]:
    """Play the cascade of an outbreak: round by round, the nodes that fail stop trading until the event is over."""
    spreading = model.instance.spreading
    assert spreading is not None
    yield moment(model.env, outbreak.start, DISRUPTION)
    for begin, nodes in waves(model.instance, outbreak, _rounds(model, spreading, outbreak.failed)):
        yield moment(model.env, begin, DISRUPTION)
        for node in nodes.tolist():
            model.log_event(model.instance.network.node_ids[node], "failed in the cascade", 0.0)
            for channel in spreading.channels[node].tolist():
                model.hazards.add(channel, outbreak.effect, outbreak.end, outbreak.known_after)


def _rounds(model: SupplyChainModel, spreading: Spreading, failed: Nodes) -> tuple[Nodes, ...]:
    if not spreading.by_throughput:
        return spreading.rounds(failed)
    plain, instance = spreading.cascade, model.instance
    flows = np.zeros(instance.network.arc_count)
    flows[instance.lines.arc_order] = model.books.arc_total
    loads = throughput_loads(flows, instance.network, plain.settings.load_scale)
    return rounds_of(plain.with_loads(loads), failed, spreading.seed)

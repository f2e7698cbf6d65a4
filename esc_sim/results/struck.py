"""Which nodes and arcs disruptions struck otherwise than in what nodes can ship, which results keep by period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from esc_sim.disruptions.registry import CASES, CHANNELS, number_of, touched_by
from esc_sim.results.period_table import Booleans
from esc_sim.scenario.meaning import targets_of

if TYPE_CHECKING:
    from esc_sim.results.run import RunResult
    from esc_sim.scenario.disruptions import Disruption

_KEPT = "ship"
"""The channel that results keep by period, as health."""


def struck_by(result: RunResult) -> tuple[Booleans, Booleans]:
    """Nodes whose demand, lead times, production, power or the like, and arcs of which anything was disrupted.

    Disruptions whose dates lie after the end, or that never came in any replication, struck nothing; which of several
    random ones came is not recorded, so that all count once any came.

    Returns:
        bool[N] and bool[A].
    """
    scenario, network, active = result.scenario, result.network, result.activity()
    came = active is None or bool(active.any())
    nodes, arcs = np.zeros(network.node_count, np.bool_), np.zeros(network.arc_count, np.bool_)

    def strikes(channels: tuple[str, ...]) -> bool:
        return any(came or not CHANNELS[number_of(name)].strikes for name in channels if name != _KEPT)

    for disruption in scenario.disruptions:
        touched = touched_by(disruption)
        if _can_come(disruption, result.period_count):
            if strikes(touched.get("node", ())):
                nodes[[network.node_index[name] for name in targets_of(scenario, disruption)]] = True
            if strikes(touched.get("bus", ())):
                nodes[_nodes_at(result, disruption)] = True
            if strikes(touched.get("arc", ())):
                arcs |= _arcs_of(result, disruption)
    for joint in scenario.joint_disruptions:
        for _, keys in CASES:
            if strikes(keys.touched(joint)):
                named = {name: value for case in joint.cases for name, value in getattr(case, keys.key).items()}
                nodes[[network.node_index[name] for name, value in named.items() if value != 1.0]] = True
    return nodes, arcs


def _nodes_at(result: RunResult, disruption: Disruption) -> list[int]:
    """Nodes at the buses that a disruption names: their power is out."""
    power = result.scenario.power
    buses = () if power is None else power.buses
    return [result.network.node_index[name] for bus in buses if bus.id in disruption.buses for name in bus.nodes]


def _arcs_of(result: RunResult, disruption: Disruption) -> Booleans:
    """The scenario's arcs that a disruption names, bool[A]."""
    default = result.scenario.products[0].id
    return np.array(
        [
            arc.mode in disruption.modes
            or arc.lane in disruption.lanes
            or any(d.means(arc.buyer, arc.supplier, arc.product or default, arc.mode) for d in disruption.arcs)
            for arc in result.scenario.arcs
        ],
        np.bool_,
    )


def _can_come(disruption: Disruption, periods: int) -> bool:
    """Whether any of its events may begin before the end."""
    if disruption.dates is not None:
        return any(date.start < periods for date in disruption.dates)
    return disruption.probability != 0.0

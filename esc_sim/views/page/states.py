"""The state of each node as the page shows it: by colour and by marker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.views.palette import BLACK, BLUE, GREEN, ORANGE, VERMILION


@dataclass(frozen=True)
class State:
    """A state with its look.

    Attributes:
        name: normal, disrupted, failed, failed in a cascade, or recovering.
        colour: of the Okabe-Ito palette.
        symbol: marker of the map, an ECharts symbol name or path.
        path: the same marker as an SVG path in a box of 16 by 16.
    """

    name: str
    colour: str
    symbol: str
    path: str


_CROSS = "M3 0 L8 5 L13 0 L16 3 L11 8 L16 13 L13 16 L8 11 L3 16 L0 13 L5 8 L0 3 Z"

NORMAL: Final = State("normal", BLUE, "circle", "M8 0 A8 8 0 1 0 8 16 A8 8 0 1 0 8 0 Z")
DISRUPTED: Final = State("disrupted", ORANGE, "rect", "M1 1 H15 V15 H1 Z")
FAILED: Final = State("failed", VERMILION, f"path://{_CROSS}", _CROSS)
CASCADED: Final = State("failed in a cascade", BLACK, "diamond", "M8 0 L16 8 L8 16 L0 8 Z")
RECOVERING: Final = State("recovering", GREEN, "triangle", "M8 0 L16 15 H0 Z")
STATES: Final = (NORMAL, DISRUPTED, FAILED, CASCADED, RECOVERING)


def node_states(model: SupplyChainModel) -> list[State]:
    """State of every node: what the last review found, and what has been done by hand since.

    A node is failed when it can ship nothing, failed in a cascade when the failures of others brought that about,
    disrupted when anything else hinders it, recovering when its disruptions are over but its health is not yet full.
    """
    health, hazards = model.health, model.hazards
    recovering, cascaded = hazards.recovering_nodes(), hazards.cascaded_nodes()
    struck, states = hazards.struck_nodes, []
    for node in range(len(model.members)):
        by_hand = hazards.nodes_by_hand.get(node, 1.0)
        if node not in struck or (health.is_whole(node) and by_hand >= 1.0):
            states.append(NORMAL)
        elif node in recovering:
            states.append(RECOVERING)
        elif node in cascaded:
            states.append(CASCADED)
        elif min(health.ship[node], by_hand) <= 0.0:
            states.append(FAILED)
        else:
            states.append(DISRUPTED)
    return states

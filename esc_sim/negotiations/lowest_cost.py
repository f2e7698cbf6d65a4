"""Lowest landed cost first (Chen, Wang, Zio): the protocol that both engines run."""

from __future__ import annotations

from typing import Final

from esc_sim.negotiations.protocol import NegotiationProtocol


class LowestCost(NegotiationProtocol):
    """Buyers ask the supplier whose goods cost them least, price and other cost together; ties by the lower index."""

    name = "lowest_cost"
    words = "the lowest landed cost"


PROTOCOL: Final = LowestCost

"""A negotiation protocol: buyers who take the price for a sign of quality ask the dearest supplier first."""

from __future__ import annotations

from typing import Final

from esc_sim.negotiations.protocol import Call, NegotiationProtocol, Offer


class Dearest(NegotiationProtocol):
    """The highest landed price first."""

    name = "dearest"
    words = "the highest landed price"

    def ask(self, call: Call) -> Offer:
        """The dearest of those that can sell."""
        return max(call.offers, key=lambda offer: offer.landed)


PROTOCOL: Final = Dearest

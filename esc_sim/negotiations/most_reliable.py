"""Most reliable first: buyers ask the supplier that sent most of what they lately asked it for."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from esc_sim.errors import InputError
from esc_sim.negotiations.protocol import Call, Deal, NegotiationProtocol, Offer


class MostReliable(NegotiationProtocol):
    """Suppliers by their fill rate in the past periods, as the buyer saw it; those that are alike by cost.

    The fill rate is what left over what was asked for. A supplier that was not asked in these periods counts as
    reliable, so that one that failed is tried again once that is forgotten.
    """

    name = "most_reliable"
    words = "the highest fill rate of the past 20 periods"

    def __init__(self, memory: int = 20) -> None:
        """Prepare.

        Args:
            memory: past periods that buyers look at.

        Raises:
            InputError: it is no number of periods.
        """
        if isinstance(memory, bool) or not isinstance(memory, int) or memory < 1:
            raise InputError(f"MostReliable: memory: {memory!r} is no number of periods; give at least 1")
        self.memory = memory
        self._past: dict[int, deque[tuple[int, float, float]]] = {}

    def fill_rate(self, offer: Offer) -> float:
        """Units that left over units asked for, in the past periods; 1 where nothing was asked for."""
        past = self._past.get(offer.arc, ())
        asked = sum(units for _, units, _ in past)
        return sum(units for _, _, units in past) / asked if asked > 0.0 else 1.0

    def ask(self, call: Call) -> Offer:
        """The most reliable of those that the buyer prefers alike."""
        return min(call.offers, key=lambda offer: (offer.preference, -self.fill_rate(offer), offer.landed))

    def close(self, period: int, deals: Sequence[Deal]) -> None:
        """Remember what was asked for and what left; forget what is too long ago."""
        for deal in deals:
            self._past.setdefault(deal.offer.arc, deque()).append((period, deal.asked, deal.shipped))
        for past in self._past.values():
            while past and past[0][0] <= period - self.memory:
                past.popleft()


PROTOCOL: Final = MostReliable

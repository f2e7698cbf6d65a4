"""Contract net with prices that are bid again: suppliers that would not win lower theirs, down to a floor.

The contract net protocol (Smith, 1980): a buyer announces its order, suppliers bid, the best bid is awarded. Here
losing bids may be improved in further rounds, so that the award goes for about the price that the second would take.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from esc_sim.errors import InputError
from esc_sim.negotiations.protocol import Call, NegotiationProtocol, Offer


class ContractNet(NegotiationProtocol):
    """Before buyers ask, suppliers outbid one another; then each buyer asks the lowest landed price first."""

    name = "contract_net"
    words = "the lowest landed price, after suppliers have outbid one another"

    def __init__(self, floor: float = 0.955, step: float = 0.005) -> None:
        """Prepare.

        Args:
            floor: lowest price that a supplier takes, as a share of its list price; the default is the lower bound that
                Chen, Wang, Zio set on prices.
            step: by how much a losing supplier lowers its price in a round, as a share of its list price.

        Raises:
            InputError: they are no shares.
        """
        for what, value in (("floor", floor), ("step", step)):
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 < value <= 1.0:
                raise InputError(f"ContractNet: {what}: {value!r} is no share of the list price above 0")
        self.floor, self.step = floor, step

    def open(self, calls: Sequence[Call]) -> None:
        """Every buyer's suppliers lower their prices in rounds, until no loser would go lower."""
        for call in calls:
            first = min(offer.preference for offer in call.offers)
            rivals = [offer for offer in call.offers if offer.preference == first]
            while self._lowered(rivals):
                pass

    def ask(self, call: Call) -> Offer:
        """The lowest landed price."""
        return min(call.offers, key=_standing)

    def _lowered(self, rivals: list[Offer]) -> bool:
        """One round: all but the one that would win now lower their prices; False when nobody does."""
        winner, lowered = min(rivals, key=_standing), False
        for offer in rivals:
            price = max(offer.price - self.step * offer.list_price, self.floor * offer.list_price)
            if offer is not winner and price < offer.price:
                offer.price, lowered = price, True
        return lowered


def _standing(offer: Offer) -> tuple[int, float]:
    return offer.preference, offer.landed


PROTOCOL: Final = ContractNet

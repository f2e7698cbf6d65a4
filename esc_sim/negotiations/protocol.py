"""How buyers and suppliers of a market come to contracts: what a protocol sees, and what it decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from esc_sim.errors import tell_failures


@dataclass(eq=False, slots=True)
class Offer:
    """What one supplier offers one buyer: an arc of the network. One object for the whole run.

    Attributes:
        arc: number of the arc, in the order in which the standard protocol asks.
        buyer, supplier, product: names; the product is the one that is sold.
        list_price: what the scenario, or a plan, asks for a unit.
        other_cost: further money per unit that the buyer pays.
        lead_time: review periods from supplier to buyer; 0 where it is drawn.
        preference: the buyer's rank of its supplier; lower first.
        price: asked for a unit in this period; a protocol may change it until the supplier accepts.
        limit: units that the supplier can still sell, as far as buyers know.
    """

    arc: int
    buyer: str
    supplier: str
    product: str
    list_price: float
    other_cost: float
    lead_time: float
    preference: int
    price: float
    limit: float = 0.0

    @property
    def landed(self) -> float:
        """What a unit costs the buyer (p + o)."""
        return self.price + self.other_cost


@dataclass(eq=False, slots=True)
class Call:
    """A buyer's order in a market, and who can fill it.

    Attributes:
        buyer, product: names.
        wanted: units that no supplier has accepted yet.
        offers: of the suppliers that can sell and were not asked yet in this period, the cheapest first.
    """

    buyer: str
    product: str
    wanted: float
    offers: list[Offer]


@dataclass(frozen=True, slots=True)
class Bid:
    """What a buyer asks a supplier for in a round.

    Attributes:
        offer: that it answers.
        asked: units.
    """

    offer: Offer
    asked: float


@dataclass(frozen=True, slots=True)
class Deal:
    """What became of an offer that was asked for in a period.

    Attributes:
        offer: the offer.
        asked: units that the buyer asked for.
        shipped: units that left.
    """

    offer: Offer
    asked: float
    shipped: float


class NegotiationProtocol:
    """A market, from the planned orders to contracts: rounds in which buyers ask and suppliers accept.

    In each round every buyer with something left to buy asks one supplier (:meth:`ask`) for a quantity (:meth:`bid`),
    then every supplier that was asked answers its bids (:meth:`accept`). A market ends when nobody has anybody left to
    ask. Each supplier is asked at most once by a buyer in a period. Whatever a protocol says, nobody gets more than it
    asks for, nor all of them more than there is, and amounts are rounded to the grid of goods.

    The methods here are those of the transaction model (Chen, Wang, Zio, eqs 2 and 3); a subclass changes what it
    wants otherwise. Each replication works on a copy of the object.

    Examples:
        >>> import esc_sim as esc
        >>> class Dearest(esc.NegotiationProtocol):
        ...     def ask(self, call):
        ...         return max(call.offers, key=lambda offer: offer.landed)
        >>> run = esc.simulate("scenarios/quickstart", replications=1, negotiation=Dearest)
        >>> run.notices[0]
        'run by the agent engine: markets negotiate by the class Dearest'
    """

    name: ClassVar[str] = ""
    """What a scenario writes after ``negotiation``; only for protocols of a registry."""
    words: ClassVar[str] = ""
    """Whom a buyer asks first, for messages and tables of the docs."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """What the methods of a class outside esc_sim raise is told with the class."""
        super().__init_subclass__(**kwargs)
        if not cls.__module__.startswith("esc_sim."):
            tell_failures(cls, lambda protocol: f"negotiation (class {type(protocol).__name__})")

    def open(self, calls: Sequence[Call]) -> None:
        """A market opens: all orders are planned, and nobody has asked yet. Here suppliers may change their prices.

        Args:
            calls: one for each buyer that wants something; all of its suppliers that can sell.
        """

    def ask(self, call: Call) -> Offer | None:
        """Whom a buyer asks next: one of ``call.offers``, of which there is at least one; None: nobody any more."""
        return call.offers[0]

    def bid(self, offer: Offer, wanted: float) -> float:
        """How many units a buyer asks a supplier for.

        Args:
            offer: of the supplier that it asks.
            wanted: all that it still wants, as far as the arc can carry it.
        """
        return wanted

    def accept(self, bids: Sequence[Bid], limit: float) -> Sequence[float] | None:
        """Units that a supplier accepts of each bid; None: as the scenario's rule of allocation says.

        Args:
            bids: of one round at one supplier, the highest price first.
            limit: what it can still sell, units.
        """
        return None

    def close(self, period: int, deals: Sequence[Deal]) -> None:
        """A review is over, and what was contracted has left, as far as it could.

        Args:
            period: number of the review, from 0.
            deals: one for each offer that was asked for in it.
        """

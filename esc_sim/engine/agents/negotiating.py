"""Markets that follow a negotiation protocol other than the standard one."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from typing import TYPE_CHECKING, Any, NoReturn

from esc_sim.allocations.registry import IN_TURN
from esc_sim.behaviours.accept import accepted_amount, granted
from esc_sim.behaviours.grid import to_grid
from esc_sim.engine.agents.checking import is_quantity
from esc_sim.engine.agents.markets import Markets
from esc_sim.errors import InputError
from esc_sim.negotiations.protocol import Bid, Call, Deal, NegotiationProtocol, Offer

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel


class NegotiatedMarkets(Markets):
    """Asks the protocol whom buyers ask, for how much, and what suppliers accept; keeps goods and money in order."""

    def __init__(self, model: SupplyChainModel, protocol: NegotiationProtocol) -> None:
        super().__init__(model)
        self.protocol = protocol
        self.in_turn = self.is_plain = False
        instance, books = model.instance, self.books
        network, order = instance.network, instance.lines.arc_order
        preference = instance.arcs.preference[order].tolist()
        self.offers = [
            Offer(
                arc=arc,
                buyer=network.node_ids[books.arcs[arc].buyer_node],
                supplier=network.node_ids[books.arcs[arc].supplier_node],
                product=network.products[network.item_product[books.arcs[arc].supplier]],
                list_price=price,
                other_cost=books.arcs[arc].unit_cost - price,
                lead_time=instance.clock.periods(books.lead_time[arc]),
                preference=preference[arc],
                price=price,
            )
            for arc, price in enumerate(row.price for row in books.arcs)
        ]
        self.calls: dict[int, Call] = {}
        self.bids: dict[int, float] = {}
        """Units that are asked for on arcs in this period."""
        self._listed: dict[int, tuple[float, float]] = {}
        """List price, and cost with it, of arcs whose price was negotiated in this period."""

    def hold(self, troubled: set[int], first: int) -> None:
        """Hold all markets, ship, and tell the protocol what became of it.

        Args:
            troubled: items that a disruption their buyers do not know of keeps from being shipped in full.
            first: number of contracts of the period that are shipped already.
        """
        sent = self.books.arc_total.copy()
        super().hold(troubled, first)
        deals = [
            Deal(self.offers[arc], asked, self.books.arc_total[arc] - sent[arc]) for arc, asked in self.bids.items()
        ]
        self.protocol.close(self.model.period, deals)
        for arc, (price, unit_cost) in self._listed.items():
            self.books.arcs[arc].price, self.books.arcs[arc].unit_cost = price, unit_cost
            self.offers[arc].price = price
        self._listed.clear()
        self.bids.clear()

    def begin(self, lines: list[int]) -> list[int]:
        """Lines that ask one supplier after the other; their suppliers may change prices before."""
        waiting = [line for line in super().begin(lines) if self.wanted[line].residual > 0.0]
        self.calls.clear()
        for line in waiting:
            offers = self._usable(
                self.offers[arc] for arc in range(self.books.line_start[line], self.books.line_start[line + 1])
            )
            if offers:
                item = self.books.line_item[line]
                self.calls[line] = Call(offers[0].buyer, offers[0].product, self.books.items[item].residual, offers)
        self.protocol.open([Call(c.buyer, c.product, c.wanted, c.offers.copy()) for c in self.calls.values()])
        for call in self.calls.values():
            self._agree(call.offers)
        return [line for line in waiting if line in self.calls]

    def _usable(self, offers: Iterable[Offer]) -> list[Offer]:
        """Offers whose suppliers can still sell, and whose arcs can carry something."""
        found = []
        for offer in offers:
            offer.limit = self.books.limits[self.books.arcs[offer.arc].supplier]
            if offer.limit > 0.0 and self.open_cap[offer.arc] > 0.0:
                found.append(offer)
        return found

    def _agree(self, offers: list[Offer]) -> None:
        """Prices that the protocol has changed hold in this period; transfers between members still cancel."""
        books = self.books
        for offer in offers:
            if offer.price != books.arcs[offer.arc].price:
                if not is_quantity(offer.price):
                    self._refuse(f"set the price of {offer.supplier} for {offer.buyer} to {offer.price!r}, not a price")
                self._listed.setdefault(offer.arc, (books.arcs[offer.arc].price, books.arcs[offer.arc].unit_cost))
                books.arcs[offer.arc].price, books.arcs[offer.arc].unit_cost = float(offer.price), float(offer.landed)

    def next_arc(self, line: int) -> int:
        """The arc on which a line's buyer asks next, by the protocol; -1 when it asks nobody any more."""
        books, call = self.books, self.calls[line]
        while True:
            call.offers = self._usable(call.offers)
            if not call.offers:
                return -1
            call.wanted = self.books.items[books.line_item[line]].residual
            offer = self.protocol.ask(call)
            if offer is None:
                return -1
            if not any(offer is one for one in call.offers):
                self._refuse(f"ask returned {offer!r}, which is none of the buyer's offers")
            call.offers = [one for one in call.offers if one is not offer]
            most = self.seller_of[books.arcs[offer.arc].buyer].asked_for(offer.arc)
            asked = self._amount("bid", self.protocol.bid(offer, most), most)
            self._agree([offer])
            if asked > 0.0:
                self.bids[offer.arc] = asked
                return offer.arc

    def bid_on(self, arc: int, most: float) -> float:
        """What the buyer of an arc asks for of the most that it could."""
        return min(self.bids.get(arc, most), most)

    def divided(self, asked: list[tuple[int, float]], limit: float) -> list[float]:
        """What the protocol, or the rule of allocation, gives to each of the bids of a round.

        Args:
            asked: (arc, units), the highest bid first.
            limit: what there is, units.
        """
        bids = [Bid(self.offers[arc], units) for arc, units in asked]
        said = self.protocol.accept(bids, limit)
        if said is None:
            return self._in_turn(asked, limit) if self.switches.allocation == IN_TURN else super().divided(asked, limit)
        if not isinstance(said, Sized):
            self._refuse(f"accept returned {said!r}, not the units of each bid")
        if len(said) != len(bids):
            self._refuse(f"accept returned {len(said)} amounts for {len(bids)} bids")
        found = []
        for bid, units in zip(bids, said, strict=True):
            part = granted(self._amount("accept", units, limit), bid.asked, limit, self.books.offset)
            found.append(part if part == bid.asked or self.switches.partial else 0.0)
            limit -= found[-1]
        return found

    def _in_turn(self, asked: list[tuple[int, float]], limit: float) -> list[float]:
        """Bids from the highest down, until the first that does not fit."""
        found = [0.0] * len(asked)
        for k, (_, units) in enumerate(asked):
            found[k] = accepted_amount(units, limit, self.switches.partial)
            limit -= found[k]
            if found[k] < units:
                break
        return found

    def bid_order(self, arc: int) -> tuple[int, int, float, int]:
        """Where a supplier answers a bid: by class and rank of the buyer, then from the highest price down."""
        return (*self.books.bid_class[arc], -self.books.arcs[arc].price, self.books.arcs[arc].buyer)

    def _amount(self, what: str, value: Any, most: float) -> float:
        """What a method of the protocol returned, on the grid and no more than there is."""
        if not is_quantity(value):
            self._refuse(f"{what} returned {value!r}, not a quantity of at least 0")
        return most if value >= most else to_grid(float(value), self.books.offset)

    def _refuse(self, text: str) -> NoReturn:
        raise InputError(f"negotiation (class {type(self.protocol).__name__}): {text}")

"""Lot tracing by proportional mixing: what every stock of a run is made of, by origin.

What leaves a stock has the make-up of the stock at that moment, as in a well-stirred tank; ages are not looked at.
Amounts are scaled, never subtracted: what goes is the mix times (what goes / what there was), what stays is the mix
times (what stays / what there was). Both are quotients of numbers on the grid of goods. So amounts by origin add up to
the books but for rounding in the last place, however small a rest becomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.results.lots import (
    CONSUMED,
    PROCESS,
    STOCK,
    TRANSIT,
    LotAmounts,
    Origin,
    origin_name,
    shares_of,
)

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel

Mix = NDArray[np.float64]
"""Units by origin, float64[2 I]: what arose as each item, then what each item began with."""


class Lots:
    """Contents of all stocks of a model by origin.

    The classes of ``engine.agents.traced`` tell what moves where. Whatever else adds to a stock (production, a harvest,
    a user's own agent) is an origin of its own, and whatever else takes from it counts as consumed: see :meth:`follow`.

    Attributes:
        held: units of each item that are accounted for, as in the books when it was last followed.
        mix: make-up of each item's stock.
        dock: make-up of what waits to be taken in.
        cargo: by identity of a parcel on its way, buyer's item and make-up of each of its shipments, in their order.
        standing: by arc closed by hand, make-up of the shipments that stand before its end.
        ring: make-up of what recipes will have made, by place in the books' ring and item.
        gone: what became of goods that are in no stock any more, by place in LOT_PLACES and item.
    """

    def __init__(self, model: SupplyChainModel) -> None:
        self.model = model
        self.network = model.instance.network
        self.size = self.network.item_count
        self.held = [item.stock for item in model.books.items]
        self.mix = [self.empty() for _ in range(self.size)]
        for item, amount in enumerate(self.held):
            self.mix[item][self.size + item] = amount
        self.dock: dict[int, Mix] = {}
        self.cargo: dict[int, list[tuple[int, Mix]]] = {}
        self.standing: dict[int, list[Mix]] = {}
        self.ring: dict[tuple[int, int], Mix] = {}
        self.gone: dict[tuple[int, int], Mix] = {}

    def empty(self) -> Mix:
        """Nothing, of all origins."""
        return np.zeros(2 * self.size)

    def follow(self, item: int, stock: float) -> None:
        """Account for what nobody told of: more in stock arose here, less was consumed."""
        change = stock - self.held[item]
        if change > 0.0:
            self.mix[item][item] += change
            self.held[item] = stock
        elif change < 0.0:
            self.end(CONSUMED, item, self.leave(item, -change))

    def follow_all(self, items: Iterable[int]) -> None:
        """:meth:`follow` the books of some items."""
        for item in items:
            self.follow(item, self.model.books.items[item].stock)

    def leave(self, item: int, amount: float) -> Mix:
        """Take an amount out of a stock, with the make-up of the stock."""
        held, mix = self.held[item], self.mix[item]
        if amount <= 0.0 or held <= 0.0:
            return self.empty()
        left = held - amount
        taken = mix * (amount / held)
        mix *= left / held
        self.held[item] = left
        return taken

    def join(self, item: int, mix: Mix, amount: float) -> None:
        """Put goods into a stock; ``amount`` is the sum of the mix.

        Args:
            item: the item whose stock it is.
            mix: units by origin.
            amount: units in all.
        """
        self.mix[item] += mix
        self.held[item] += amount

    def end(self, place: int, item: int, mix: Mix) -> None:
        """Goods of an item come to where they stay, such as SOLD.

        Args:
            place: where they stay, such as SOLD.
            item: the item that they were.
            mix: units by origin.
        """
        found = self.gone.get((place, item))
        if found is None:
            self.gone[place, item] = mix.copy()
        else:
            found += mix

    def land(self, item: int, mix: Mix) -> None:
        """Goods come to the dock of an item."""
        if item in self.dock:
            self.dock[item] += mix
        else:
            self.dock[item] = mix.copy()

    def take_in(self, item: int, waiting: float, left: float, gained: float) -> None:
        """Of what waits on a dock some is taken in.

        Args:
            item: whose dock.
            waiting: units that waited.
            left: units that still wait.
            gained: units by which the stock has grown, the yield included.
        """
        dock = self.dock.get(item)
        if dock is None or waiting <= left:
            return
        self.join(item, dock * (gained / waiting), gained)
        dock *= left / waiting

    def use(self, used: Mapping[int, float]) -> Mix | None:
        """Take a recipe's inputs out of their stocks.

        Returns:
            The make-up of one unit made of them, in proportion to the amounts used; None where nothing is used.
        """
        total, mix = 0.0, self.empty()
        for item, amount in used.items():
            taken = self.leave(item, amount)
            self.end(CONSUMED, item, taken)
            mix += taken
            total += amount
        return mix / total if total > 0.0 else None

    def arising(self, item: int, amount: float) -> Mix:
        """Goods that come from nothing that is followed."""
        mix = self.empty()
        mix[item] = amount
        return mix

    def put_by(self, slot: int, item: int, mix: Mix) -> None:
        """Goods will come out of a recipe with a lag, in the books' place ``slot``.

        Args:
            slot: place in the ring of what recipes will have made.
            item: what they make.
            mix: units by origin.
        """
        if (slot, item) in self.ring:
            self.ring[slot, item] += mix
        else:
            self.ring[slot, item] = mix.copy()

    def mature(self, slot: int, item: int, amount: float) -> None:
        """What was put by comes into stock.

        Args:
            slot: place in the ring of what recipes will have made.
            item: what they made.
            amount: units that come into stock.
        """
        mix = self.ring.pop((slot, item), None)
        if mix is not None:
            self.join(item, mix, amount)

    def _moving(self) -> Iterator[tuple[int, Mix]]:
        """Make-up of what is on its way or waits to be taken in, with the item that it goes to."""
        yield from self.dock.items()
        for shipments in self.cargo.values():
            yield from shipments
        for arc, mixes in self.standing.items():
            yield from ((self.model.books.arcs[arc].buyer, mix) for mix in mixes)

    def shares(self, node: str, product: str) -> dict[Origin, float]:
        """Share of each origin in what is on hand now, the largest first; empty where nothing is.

        Raises:
            InputError: no such node, or it does not hold the product.
        """
        network = self.network
        at, of = network.node_index.get(node, -1), product
        known = {network.products[network.item_product[i]]: i for i in range(self.size) if network.item_node[i] == at}
        if of not in known:
            held = f"; it holds {', '.join(known)}" if known else ""
            raise InputError(f"lots: there is no {of!r} at {node!r}{held}")
        item = known[of]
        self.follow(item, self.model.books.items[item].stock)
        mix = self.mix[item]
        return shares_of({origin_name(self.network, int(o)): float(mix[o]) for o in np.flatnonzero(mix)})

    def amounts(self) -> LotAmounts:
        """Where everything is that was ever in the network, or what became of it."""
        self.follow_all(range(self.size))
        found: LotAmounts = {}
        for item, mix in enumerate(self.mix):
            _add(found, STOCK, item, mix)
        for item, mix in self._moving():
            _add(found, TRANSIT, item, mix)
        for (_, item), mix in self.ring.items():
            _add(found, PROCESS, item, mix)
        for (place, item), mix in self.gone.items():
            _add(found, place, item, mix)
        return found


def _add(amounts: LotAmounts, place: int, item: int, mix: Mix) -> None:
    for origin in np.flatnonzero(mix).tolist():
        key = (place, item, origin)
        amounts[key] = amounts.get(key, 0.0) + float(mix[origin])

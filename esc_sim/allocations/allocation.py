"""What every rule of allocation says: in a scenario, and to both engines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from esc_sim.fields.sequences import Changing, Floats


class Claim(NamedTuple):
    """What a rule may know of a buyer at one of its suppliers; prices are no part of it, since they may move.

    Attributes:
        priority: of the arc from the supplier.
        listed: place of the buyer in the scenario, from 0.
        layer: of the buyer; 0 where the scenario gives none.
        role: of the buyer.
    """

    priority: int
    listed: int
    layer: int
    role: str


Place = Callable[[Claim], int]
Share = Callable[[Floats, int, int, float, float, Changing], None]


@dataclass(frozen=True)
class Allocation:
    """A rule of allocation.

    A supplier answers claims (bids of one round, or what it owes) by class, then by rank, then from the highest bid
    down, ties by the lower buyer. Without ``share`` each gets all it asks for, as far as there is. With it, a class
    that asks for more than there is has it divided; what it leaves is for the next class.

    Attributes:
        name: what a scenario writes after ``allocation``.
        words: whom a supplier serves first, for tables of the docs and messages: "the highest bid".
        customer_class: number of the buyer's class, lower first; None: all are alike.
        rank: place of the buyer in its class, before its bid; None: the bid decides.
        share: divides what there is among the claims of one class, as ``behaviours.sell.in_proportion`` does, which see
            for the arguments; in the subset of Python that both engines run. It is registered from the module in which
            it is defined, so helpers that it calls stand there too, or in ``esc_sim.behaviours``. Not used with
            ``partial: false``, where orders are met as a whole.
        by_age: does what is owed go by the period of its order, oldest first, before all the above?
        partial_only: does the rule make no sense with ``partial: false``?
    """

    name: str
    words: str
    customer_class: Place | None = None
    rank: Place | None = None
    share: Share | None = None
    by_age: bool = False
    partial_only: bool = False

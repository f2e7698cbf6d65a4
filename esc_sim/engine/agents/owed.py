"""Orders that suppliers owe: queues of parts with their ages, and who gets what of goods that are short."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from itertools import groupby

from esc_sim.rules.order import bid_quantity
from esc_sim.rules.sell import accepted_amount, fair_share

Group = list[tuple[int, float]]
"""(arc, amount) of parts that are of one age."""


class OwedParts:
    """What is owed on each arc, as parts with the time at which they were ordered, oldest first."""

    def __init__(self) -> None:
        self._parts: dict[int, deque[tuple[float, float]]] = {}

    def add(self, arc: int, amount: float, time: float) -> None:
        """The newest part of an arc; what was ordered at one time is one part."""
        queue = self._parts.setdefault(arc, deque())
        if queue and queue[-1][0] == time:
            amount += queue.pop()[1]
        queue.append((time, amount))

    def take(self, arc: int, amount: float) -> None:
        """So much of an arc has been delivered, the oldest parts first."""
        queue = self._parts.get(arc)
        while queue and amount > 0.0:
            time, part = queue.popleft()
            if part > amount:
                queue.appendleft((time, part - amount))
            amount -= part

    def of(self, arc: int) -> list[tuple[float, float]]:
        """Parts of an arc as (time, amount), oldest first."""
        return list(self._parts.get(arc, ()))

    def by_age(self, arcs: Iterable[int]) -> list[Group]:
        """Parts of arcs in groups of one age, oldest first; in a group arcs keep their order."""
        parts = [(time, arc, amount) for arc in arcs for time, amount in self._parts.get(arc, ())]
        parts.sort(key=lambda part: part[0])
        return [[(arc, amount) for _, arc, amount in group] for _, group in groupby(parts, key=lambda part: part[0])]


def allotted(
    groups: Iterable[Group],
    rooms: Mapping[int, float],
    limit: float,
    *,
    shared: bool,
    partial: bool,
    offset: float,
) -> tuple[dict[int, float], float]:
    """Who gets what of goods that may be short: one group after the other.

    Args:
        groups: what is asked for on each arc, in the order in which it is served.
        rooms: what each arc can carry.
        limit: what there is, units.
        shared: does a group that asks for more than there is share it in proportion, or go one after the other?
        partial: may part of an amount be given? If not, the first that does not fit keeps what there is.
        offset: of the grid of goods.

    Returns:
        Amount by arc, and what is left for others.
    """
    given: dict[int, float] = {}
    for group in groups:
        asked = [(arc, bid_quantity(amount, rooms[arc] - given.get(arc, 0.0))) for arc, amount in group]
        total = sum(quantity for _, quantity in asked)
        for arc, quantity in asked:
            if quantity <= 0.0:
                continue
            part = fair_share(quantity, limit, total, offset) if shared else quantity
            amount = accepted_amount(part, limit, partial)
            if amount > 0.0:
                given[arc] = given.get(arc, 0.0) + amount
            if amount < part:
                return given, 0.0
            limit -= amount
            total -= quantity
    return given, limit

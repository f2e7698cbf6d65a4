"""Orders that suppliers owe: queues of parts with their ages, and who gets what of goods that are short."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from esc_sim.allocations.dividing import divide
from esc_sim.allocations.registry import IN_TURN
from esc_sim.behaviours.accept import accepted_amount
from esc_sim.behaviours.respond import bid_quantity

if TYPE_CHECKING:
    from esc_sim.engine.agents.lanes import Lanes

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


def divided(asked: Group, limit: float, rule: int, classes: Sequence[int], offset: float) -> list[float]:
    """What a rule of allocation gives to each of several claims on goods that may be short.

    Args:
        asked: what is asked for on each arc, in the order of bids.
        limit: what there is, units.
        rule: number of the rule (``allocations.registry``).
        classes: of the customers on all arcs.
        offset: of the grid of goods.
    """
    given = [0.0] * len(asked)
    amounts, classes = [amount for _, amount in asked], [classes[arc] for arc, _ in asked]
    divide(rule, amounts, classes, 0, len(asked), limit, offset, given)
    return given


def allotted(
    groups: Iterable[Group],
    rooms: Mapping[int, float],
    limit: float,
    *,
    rule: int,
    classes: Sequence[int],
    partial: bool,
    offset: float,
    lanes: Lanes | None = None,
) -> tuple[dict[int, float], float]:
    """Who gets what of goods that may be short: one group after the other.

    Args:
        groups: what is asked for on each arc, in the order in which it is served.
        rooms: what each arc can carry.
        limit: what there is, units.
        rule: number of the rule by which a group that asks for more than there is divides it, or IN_TURN: one after the
            other.
        classes: of the customers on all arcs.
        partial: may part of an amount be given? If not, the first that does not fit keeps what there is.
        offset: of the grid of goods.
        lanes: what arcs can carry together; what is given takes from it. None: nothing limits that.

    Returns:
        Amount by arc, and what is left for others.
    """
    given: dict[int, float] = {}
    for group in groups:
        asked = [(arc, bid_quantity(amount, rooms[arc] - given.get(arc, 0.0))) for arc, amount in group]
        if lanes is not None:
            asked = [(arc, lanes.carried(arc, quantity)) for arc, quantity in asked]
        parts = [quantity for _, quantity in asked]
        if rule != IN_TURN:
            parts = divided(asked, limit, rule, classes, offset)
        for (arc, _), share in zip(asked, parts, strict=True):
            part = share if lanes is None else lanes.carried(arc, share)
            if part <= 0.0:
                continue
            amount = accepted_amount(part, limit, partial)
            if amount > 0.0:
                given[arc] = given.get(arc, 0.0) + amount
                if lanes is not None:
                    lanes.take(arc, amount)
            if amount < part:
                return given, 0.0
            limit -= amount
    return given, limit

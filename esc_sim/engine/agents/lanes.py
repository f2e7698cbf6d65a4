"""Lanes: what arcs can still carry together in a period."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from esc_sim.behaviours.respond import bid_quantity
from esc_sim.behaviours.sell import reduced_cap
from esc_sim.engine.agents.books import Books


class Lanes:
    """What the arcs of each lane can still carry together.

    Attributes:
        room: units, by lane; the last entry is that of arcs without a lane, which never fills.
        open_cap: by arc, what can be contracted on it in this period; 0 once its lane is full.
    """

    def __init__(self, books: Books) -> None:
        self._books = books
        self.room = books.lane_capacity.copy()
        self.open_cap = books.cap
        self._leaving: Sequence[float] | None = None

    def refresh(
        self, level: Callable[[int], float], carried: Mapping[int, float], leaving: Sequence[float] | None = None
    ) -> None:
        """Look at what lanes can carry now: each is as sound as the best of its arcs.

        Args:
            level: share of its capacity that an arc has left.
            carried: units that arcs have carried in this period.
            leaving: by arc, the share of a contract that takes room of its lane; None: all of it.
        """
        books, self._leaving = self._books, leaving
        for lane, arcs in enumerate(books.lane_arcs):
            most = reduced_cap(books.lane_capacity[lane], max(map(level, arcs), default=0.0), books.offset)
            self.room[lane] = most - sum(carried.get(arc, 0.0) for arc in arcs)

    def open(self, caps: list[float]) -> list[float]:
        """What can be contracted on each arc: what its cap says, and nothing where its lane carries nothing."""
        self.open_cap = caps.copy()
        for lane in range(len(self._books.lane_arcs)):
            self._close_if_full(lane)
        return self.open_cap

    def carried(self, arc: int, quantity: float) -> float:
        """As much of a quantity as the lane of an arc still carries."""
        room = self.room[self._books.lane[arc]]
        return bid_quantity(quantity, room if self._leaving is None else room / self._leaving[arc])

    def take(self, arc: int, amount: float) -> None:
        """So much is contracted on an arc; the arcs of a lane that is full are closed to all who ask later."""
        lane = self._books.lane[arc]
        self.room[lane] -= amount if self._leaving is None else amount * self._leaving[arc]
        self._close_if_full(lane)

    def _close_if_full(self, lane: int) -> None:
        if self.room[lane] <= 0.0:
            for arc in self._books.lane_arcs[lane]:
                self.open_cap[arc] = 0.0

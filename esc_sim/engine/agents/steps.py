"""One replication, played by the agents period by period with orders from outside."""

from __future__ import annotations

import numpy as np
import simpy
from numpy.typing import NDArray

from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.engine.steps import Floats
from esc_sim.instance.controlled import Controlled
from esc_sim.results.columns import TALLY_COLUMNS

_DEMAND = TALLY_COLUMNS.index("demand")


class _OrderedModel(SupplyChainModel):
    """A model whose tape is followed by the orders from outside."""

    orders: tuple[float, ...]
    """Of the coming period."""
    seen_items: list[int]
    """Items that are looked at."""
    seen: NDArray[np.float64]
    """What was on hand, on order, owed, and the health: at the end of the latest review, when both engines agree."""

    def _draw(self) -> list[float]:
        row = super()._draw()
        return [*row[:-1], *self.orders, row[-1]]

    def _review(self, event: simpy.Event | None) -> None:
        super()._review(event)
        self.look()

    def look(self) -> None:
        """Look at the items now."""
        books, items = self.books, self.seen_items
        self.seen = np.array(
            [
                [books.items[i].stock for i in items],
                [books.items[i].in_transit + books.items[i].awaits for i in items],
                [books.items[i].backlog + books.items[i].owes for i in items],
                [self.health.ship[self.books.items[i].node] for i in items],
            ]
        )


class AgentStepper:
    """See :class:`esc_sim.engine.steps.Stepper`; one replication."""

    def __init__(self, given: Controlled, seen: NDArray[np.int64], nodes: bool) -> None:
        """Nothing is played before :meth:`reset`.

        Args:
            given: what is played.
            seen: int64[V] items that are observed.
            nodes: keep what each node did.
        """
        self._given, self._seen, self._keep_nodes = given, seen.tolist(), nodes
        self.period = 0

    def reset(self, seed: int, first: int) -> None:
        """Begin a replication."""
        self._model = _OrderedModel(self._given.instance, seed=seed, replication=first, trace=self._keep_nodes)
        self._model.seen_items = self._seen
        self._model.look()
        self._asked = self._asked_before = self._model.recorder.tally[self._seen, _DEMAND]
        self.period = 0

    def step(self, orders: Floats) -> None:
        """Play a period with these orders, float64[1, M]."""
        self._model.orders = tuple(orders[0].tolist())
        self._model.step()
        if self._model.live is not None:  # then much happens after the review
            self._model.look()
        self.period += 1
        self._asked_before, self._asked = self._asked, self._model.recorder.tally[self._seen, _DEMAND]

    def observed(self) -> Floats:
        """float64[1, len(OBSERVED) * V]."""
        *goods, health = self._model.seen
        return np.concatenate((*goods, self._asked - self._asked_before, health))[None]  # exact: goods live on a grid

    def totals(self) -> Floats:
        """float64[1, len(PERIOD_COLUMNS)]."""
        return self._model.recorder.latest[None]

    def nodes(self) -> Floats:
        """float64[1, N, len(NODE_COLUMNS)]."""
        return self._model.recorder.latest_nodes[None]

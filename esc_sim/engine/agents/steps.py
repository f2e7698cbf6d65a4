"""One replication, played by the agents period by period with orders from outside."""

from __future__ import annotations

import numpy as np
import simpy
from numpy.typing import NDArray

from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.engine.steps import OBSERVED, Floats
from esc_sim.instance.controlled import Controlled
from esc_sim.results.columns import TALLY_COLUMNS

_DEMAND = TALLY_COLUMNS.index("demand")


class _OrderedModel(SupplyChainModel):
    """A model whose tape is followed by the orders from outside."""

    orders: tuple[float, ...]
    """Of the coming period."""
    seen_health: tuple[float, ...]
    """What each node could ship at the latest review."""

    def _draw(self) -> list[float]:
        row = super()._draw()
        return [*row[:-1], *self.orders, row[-1]]

    def _review(self, event: simpy.Event | None) -> None:
        super()._review(event)
        self.seen_health = tuple(self.health.ship)


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
        self._node_of: list[int] = given.instance.network.item_node[seen].tolist()
        self.period = 0

    def reset(self, seed: int, first: int) -> None:
        """Begin a replication."""
        self._model = _OrderedModel(self._given.instance, seed=seed, replication=first, trace=self._keep_nodes)
        self._model.seen_health = (1.0,) * self._model.books.node_count
        self._asked = self._asked_before = self._model.recorder.tally[self._seen, _DEMAND]
        self.period = 0

    def step(self, orders: Floats) -> None:
        """Play a period with these orders, float64[1, M]."""
        self._model.orders = tuple(orders[0].tolist())
        self._model.step()
        self.period += 1
        self._asked_before, self._asked = self._asked, self._model.recorder.tally[self._seen, _DEMAND]

    def observed(self) -> Floats:
        """float64[1, len(OBSERVED) * V]."""
        books, health = self._model.books, self._model.seen_health
        found = np.empty((len(OBSERVED), len(self._seen)))
        found[0] = [books.stock[i] for i in self._seen]
        found[1] = [books.in_transit[i] + books.awaits[i] for i in self._seen]
        found[2] = [books.backlog[i] + books.owes[i] for i in self._seen]
        found[3] = self._asked - self._asked_before  # exact: goods live on a grid
        found[4] = [health[node] for node in self._node_of]
        return found.reshape(1, -1)

    def totals(self) -> Floats:
        """float64[1, len(PERIOD_COLUMNS)]."""
        return self._model.recorder.latest[None]

    def nodes(self) -> Floats:
        """float64[1, N, len(NODE_COLUMNS)]."""
        return self._model.recorder.latest_nodes[None]

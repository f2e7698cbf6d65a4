"""Looks at a run from outside, event by event: is anybody served while an older order of the same supplier waits?"""

from __future__ import annotations

from collections import deque
from math import floor

from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.instance.model import Instance


class Fairness:
    """Keeps its own queue of every arc's orders that are owed, from what the books show before and after each event.

    Goods that leave on an arc meet its oldest orders first; what is owed more than before was ordered now. An order
    waits in vain if it is still owed after an event, its arc is whole and could carry more in this period, and in this
    event the same supplier sent out goods for an order placed later.

    Attributes:
        waits: times that an order was still owed after an event in which its supplier sent something.
        overtaken: what was found, as text.
    """

    def __init__(self, instance: Instance, seed: int) -> None:
        self.model = SupplyChainModel(instance, seed=seed)
        self.waits = 0
        self.overtaken: list[str] = []
        arcs = instance.network.arc_count
        self._queues: list[deque[tuple[float, float]]] = [deque() for _ in range(arcs)]
        self._owed, self._sent = [0.0] * arcs, [0.0] * arcs
        self._period, self._sent_before = 0, [0.0] * arcs
        self._step = self.model.env.step
        self.model.env.step = self._observed_step  # type: ignore[method-assign]

    def run(self) -> Fairness:
        """Play the whole run."""
        self.model.run()
        return self

    def _observed_step(self) -> None:
        self._step()
        now, books = self.model.env.now, self.model.books
        if floor(now) > self._period:
            self._period, self._sent_before = floor(now), self._sent.copy()
        if books.arc_total == self._sent and books.owed == self._owed:
            return
        youngest: dict[int, float] = {}
        for arc, queue in enumerate(self._queues):
            sent = books.arc_total[arc] - self._sent[arc]
            if sent > 0.0:
                supplier = self.model.books.arcs[arc].supplier
                last = self._deliver(queue, sent, now)
                youngest[supplier] = max(youngest.get(supplier, last), last)
            added = books.owed[arc] - sum(amount for _, amount in queue)
            assert added >= 0.0
            if added > 0.0:
                queue.append((now, added))
        self._owed, self._sent = books.owed.copy(), books.arc_total.copy()
        self._compare(youngest, now)

    def _deliver(self, queue: deque[tuple[float, float]], sent: float, now: float) -> float:
        """Take goods off a queue; returns when the youngest order that got any was placed."""
        last = now
        while sent > 0.0 and queue:
            last, amount = queue.popleft()
            if amount > sent:
                queue.appendleft((last, amount - sent))
            sent -= amount
        return now if sent > 0.0 else last

    def _compare(self, youngest: dict[int, float], now: float) -> None:
        books, health = self.model.books, self.model.health
        for arc, queue in enumerate(self._queues):
            supplier = books.arcs[arc].supplier
            if not queue or supplier not in youngest:
                continue
            self.waits += 1
            could_carry = books.cap[arc] - (self._sent[arc] - self._sent_before[arc])
            if queue[0][0] < youngest[supplier] and could_carry > 0.0 and health.arc[arc] >= 1.0:
                found = f"at {now} an order of {queue[0][0]} waits on arc {arc}"
                self.overtaken.append(f"{found}, and one of {youngest[supplier]} was filled")

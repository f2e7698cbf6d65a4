"""Customers who come at any time: when the next comes, and what it wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from esc_sim.behaviours.grid import to_grid
from esc_sim.instance.live import Customers
from esc_sim.sampling.inverse import values_of
from esc_sim.sampling.streams import stream_hashes, uniforms
from esc_sim.scenario.laws import Law

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel

_BLOCK = 256


class Draws:
    """Draws of one stream, one after the other."""

    def __init__(self, name: str, law: float | Law, seed: int, replication: int) -> None:
        self._law, self._seed, self._replication = law, seed, replication
        self._hash = stream_hashes([name])
        self._block: list[float] = []
        self._count = 0

    def next(self) -> float:
        """The next value."""
        if isinstance(self._law, float):
            return self._law
        place = self._count % _BLOCK
        if place == 0:
            drawn = uniforms(self._seed, self._hash, self._replication, self._count, _BLOCK)[:, 0]
            self._block = np.asarray(values_of(self._law, drawn)).tolist()
        self._count += 1
        return self._block[place]


class Stream:
    """Customers of one kind: when the next comes, and what it wants."""

    def __init__(self, customers: Customers, model: SupplyChainModel) -> None:
        key = (model.tape_seed, model.replication)
        self.item = customers.item
        self._between = Draws(f"{customers.stream}/between", customers.between, *key)
        self._size = Draws(f"{customers.stream}/size", customers.size, *key)
        self._offset, self._clock = model.books.offset, model.instance.clock
        self.due = self._interval() if customers.first is None else customers.first

    def _interval(self) -> float:
        return max(self._clock.of(self._between.next()), 1.0)

    def come(self) -> float:
        """What the customer wants who comes now; the next one follows after an interval."""
        self.due += self._interval()
        return to_grid(max(self._size.next(), 0.0), self._offset)

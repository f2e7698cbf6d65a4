"""The twin's very state when an outage begins: what stands where, is owed to customers, and is on its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.behaviours.disrupt import arrival_review
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.engine.agents.transport import Transport
from esc_sim.instance.model import Instance

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shipment:
    """Goods that have left before the start.

    Attributes:
        arc: in the order of lines.
        amount: units.
        period: in which they left.
        lead: their lead time, ticks, before anything holds them.
    """

    arc: int
    amount: float
    period: int
    lead: float


@dataclass(frozen=True)
class StartState:
    """The twin before a period.

    Attributes:
        stock, in_transit, backlog: float64[I], units; what waits on the dock is in transit.
        shipments: what has left and not arrived.
        ripening: (period, item, units) that recipes will have made.
    """

    stock: Floats
    in_transit: Floats
    backlog: Floats
    shipments: tuple[Shipment, ...]
    ripening: tuple[tuple[int, int, float], ...]


def start_states(instance: Instance, seed: int, replication: int, starts: Sequence[int]) -> dict[int, StartState]:
    """The twin's state before each of some periods, in one replication.

    Args:
        instance: without the outage.
        seed: of all random numbers.
        replication: its number.
        starts: the periods, ascending.
    """
    model = SupplyChainModel(instance, seed=seed, replication=replication)
    ledger = _Ledger(model)
    model.transport = ledger
    found = {}
    for start in starts:
        model.run(start - model.period)
        books = model.books
        found[start] = StartState(
            np.array(books.of_items("stock")),
            np.array(books.of_items("in_transit")),
            np.array(books.of_items("backlog")),
            ledger.on_the_way(start),
            tuple(_ripening(books.maturing, start)),
        )
    return found


def _ripening(ring: Sequence[Sequence[float]], start: int) -> list[tuple[int, int, float]]:
    """What the ring of recipes holds, by the period in which it comes."""
    return [
        (period, item, amount)
        for period in range(start, start + len(ring))
        for item, amount in enumerate(ring[period % len(ring)])
        if amount > 0.0
    ]


class _Ledger(Transport):
    """Transport that notes what leaves."""

    def __init__(self, model: SupplyChainModel) -> None:
        super().__init__(model)
        self._sent: list[tuple[int, Shipment]] = []

    def on_the_way(self, period: int) -> tuple[Shipment, ...]:
        """What arrives in a period or later."""
        self._sent = [(arrives, one) for arrives, one in self._sent if arrives >= period]
        return tuple(one for _, one in self._sent)

    def send(self, arc: int, amount: float, lead: float | None = None) -> float:
        """Take goods onto an arc now.

        Args:
            arc: arc, in the order of lines.
            amount: units.
            lead: lead time drawn for them, in ticks; by default that of this period.
        """
        due, period = super().send(arc, amount, lead), self.model.period
        arrives = arrival_review(period, due, self.model.instance.clock.ticks)
        self._sent.append((arrives, Shipment(arc, amount, period, self.lead_time(arc, lead))))
        return due

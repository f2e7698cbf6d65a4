"""Playing runs period by period, with orders from outside: what both engines offer, and what they show."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

OBSERVED: Final = ("on_hand", "on_order", "backorders", "demand", "health")
"""What is seen of an item at the end of a period: units in stock; units under way to it or owed by its suppliers; units
that it owes customers and buyers; units that these asked for in the period; what its node could ship, as a share."""


class Stepper(Protocol):
    """R replications that are played side by side."""

    period: int
    """Number of periods played."""

    def reset(self, seed: int, first: int) -> None:
        """Begin replications ``first`` to ``first + R`` of a seed."""
        ...

    def step(self, orders: Floats) -> None:
        """Play a period with these orders, float64[R, M] units."""
        ...

    def observed(self) -> Floats:
        """What is seen now, float64[R, len(OBSERVED) * V] of V items: the first quantity of all items, and so on."""
        ...

    def totals(self) -> Floats:
        """Totals of the latest period, float64[R, len(PERIOD_COLUMNS)]."""
        ...

    def nodes(self) -> Floats:
        """Nodes in the latest period, float64[R, N, len(NODE_COLUMNS)]; empty unless they are kept."""
        ...

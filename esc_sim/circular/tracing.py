"""Lot tracing by proportional mixing: what a stock is made of, by origin.

What leaves a stock has the make-up of the stock at that moment, as in a well-stirred tank. The shares are exact up to
rounding: amounts by origin always add up to the amount, so nothing is lost or invented.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.errors import InputError


class Lots:
    """Contents of a number of stocks by origin.

    Args:
        stocks: names of the stocks.
        origins: names of the origins.
    """

    def __init__(self, stocks: Sequence[str], origins: Sequence[str]) -> None:
        self.stocks, self.origins = tuple(stocks), tuple(origins)
        self.amount = np.zeros((len(self.stocks), len(self.origins)))

    def _at(self, stock: str) -> int:
        if stock not in self.stocks:
            raise InputError(f"tracing: there is no stock {stock!r}; stocks are {', '.join(self.stocks)}")
        return self.stocks.index(stock)

    def share(self, stock: str) -> NDArray[np.float64]:
        """Make-up of a stock by origin; zeros where it is empty."""
        row = self.amount[self._at(stock)]
        total = row.sum()
        return row / total if total > 0.0 else np.zeros_like(row)

    def put(self, stock: str, contents: ArrayLike) -> None:
        """Add amounts by origin, each at least 0."""
        added = np.asarray(contents, dtype=float)
        if added.shape != (len(self.origins),) or (added < 0.0).any():
            raise InputError(f"tracing: {stock!r} takes {len(self.origins)} amounts of at least 0")
        self.amount[self._at(stock)] += added

    def take(self, stock: str, amount: float) -> NDArray[np.float64]:
        """Take an amount with the make-up of the stock.

        Raises:
            InputError: more than is there.
        """
        at = self._at(stock)
        total = float(self.amount[at].sum())
        if amount > total * (1.0 + 1e-9) + 1e-12 or amount < 0.0:
            raise InputError(f"tracing: {amount:g} taken from {stock!r}, which holds {total:g}")
        taken = self.amount[at] * min(1.0, amount / total) if total > 0.0 else np.zeros(len(self.origins))
        self.amount[at] = np.maximum(0.0, self.amount[at] - taken)
        return np.asarray(taken)

    def move(self, start: str, end: str, amount: float, arrives: float = 1.0) -> NDArray[np.float64]:
        """Move an amount from one stock to another, of which a share arrives; returns what was lost, by origin."""
        taken = self.take(start, amount)
        self.put(end, arrives * taken)
        return np.asarray(taken - arrives * taken)

"""What a run settles beside its trade: costs that fall due at the start, and on what is left at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.results.columns import NODE_COLUMNS, PERIOD_COLUMNS
from esc_sim.sampling.timetable import JointLaw, cases_drawn

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

NO_CASE = -1
"""In place of a case's number where nothing goes wrong."""


@dataclass(frozen=True)
class Settlement:
    """Costs beside trade, of N nodes with one item each; K cases, one of which is drawn for a replication.

    Attributes:
        law: draws the case.
        fixed: float64[N] money at the start.
        damage: float64[N, K] money a period later, by case.
        stock_price: float64[N] money per unit on hand at the start.
        holding, loss: float64[N] money per unit on hand at the end: for keeping it, and what its sale does not bring.
        penalty: float64[N] money per unit that customers wait for at the end.
    """

    law: JointLaw
    fixed: FloatArray
    damage: FloatArray
    stock_price: FloatArray
    holding: FloatArray
    loss: FloatArray
    penalty: FloatArray

    def cases(self, seed: int, replications: list[int], batch: int) -> IntArray:
        """Number of the case of each replication, int64[R].

        Args:
            seed: seed of the run.
            replications: their numbers.
            batch: replications that form a Latin hypercube together; 1 for independent ones.
        """
        return np.array([cases_drawn(self.law, seed, r, 1, batch)[0] for r in replications], np.int64)

    def due(
        self, period: int, periods: int, cases: IntArray, start: FloatArray, stock: FloatArray, backlog: FloatArray
    ) -> Iterator[tuple[str, FloatArray]]:
        """What falls due in a period: column of the results, and money of each node, float64[R, N].

        Args:
            period: number of the period.
            periods: length of the run.
            cases: int64[R] number of the case, or ``NO_CASE``.
            start: float64[N] on hand at the start.
            stock, backlog: float64[R, N] on hand, and what customers wait for, at the end of the period.
        """
        if period == 0:
            yield "fixed_cost", np.broadcast_to(self.fixed + self.stock_price * start, stock.shape)
        if period == min(1, periods - 1):
            yield "fixed_cost", np.where(cases[:, None] == NO_CASE, 0.0, self.damage.T[cases])
        if period == periods - 1:
            yield "storage", self.holding * stock
            yield "disposal_cost", self.loss * stock
            yield "shortage_cost", self.penalty * backlog


def book(due: Iterable[tuple[str, FloatArray]], periods: FloatArray, nodes: FloatArray) -> None:
    """Add what falls due to what a period has cost already.

    Args:
        due: columns of the results, and money of each node, float64[R, N].
        periods: float64[R, len(PERIOD_COLUMNS)] of one period, changed in place.
        nodes: float64[R, N, len(NODE_COLUMNS)] of the same; R = 0 where they are not kept.
    """
    for column, money in due:
        _add(periods, PERIOD_COLUMNS, column, np.add.accumulate(money, axis=1)[:, -1])  # in the order of the nodes
        if len(nodes):
            _add(nodes, NODE_COLUMNS, column, money)


def _add(table: FloatArray, columns: tuple[str, ...], column: str, money: FloatArray) -> None:
    for name, sign in ((column, 1.0), ("cost", 1.0), ("profit", -1.0)):
        if name in columns:
            table[..., columns.index(name)] += sign * money

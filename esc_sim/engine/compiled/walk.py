"""Replications of an instance on the way: their state, and what they have given so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.block import Block
from esc_sim.engine.compiled.arrays import Chance, Floats
from esc_sim.engine.compiled.build import lengthened, net_of, states_of, work_for
from esc_sim.engine.compiled.chance import Fate
from esc_sim.engine.compiled.kernel import kernel_for
from esc_sim.engine.compiled.plugins import failed_view
from esc_sim.engine.compiled.states import copied
from esc_sim.engine.outputs import (
    ITEM_ROW,
    NODE_ROW,
    PERIOD_ROW,
    UNWRITTEN,
    as_numbers,
    blank_rows,
    blank_table,
    summed_numbers,
    written_numbers,
    written_table,
)
from esc_sim.errors import InputError
from esc_sim.instance.model import Instance
from esc_sim.instance.settlement import book
from esc_sim.results.roomy import let_go, roomy

_BLOCK_VALUES = 2_000_000
"""Values of the tape, or of parts that are owed, that a block of periods may have (16 MB)."""


class Walk:
    """Some replications, walked through block by block of periods.

    Attributes:
        fate: what goes wrong in them.
        state: after the periods walked so far.
        stock: float64[T, I] stock summed over replications; empty where it was not asked for.
    """

    def __init__(
        self, instance: Instance, replications: Sequence[int], fate: Fate, *, stock: bool, trace: bool
    ) -> None:
        """Stand before the first period.

        Args:
            instance: what is run.
            replications: numbers of the R replications.
            fate: what goes wrong in them.
            stock: sum the stock of every item and period.
            trace: keep every item and node.
        """
        network, total, count = instance.network, instance.periods, len(replications)
        self.fate, self.state = fate, states_of(instance, count, fate.slots, fate.losing)
        self._instance, self._net, self._work = instance, net_of(instance), work_for(instance)
        self._periods = blank_rows((count, total), PERIOD_ROW)
        self.stock = roomy((total if stock else 0, network.item_count), make=np.zeros)
        self._items = blank_rows((count if trace else 0, total, network.item_count), ITEM_ROW)
        self._nodes = blank_rows((count if trace else 0, total, network.node_count), NODE_ROW)
        self._traced = trace * (network.item_count * ITEM_ROW.itemsize + network.node_count * NODE_ROW.itemsize)
        self._observed = blank_table((count, total, len(instance.observed)))
        self._work.observed[...] = UNWRITTEN  # each replication overwrites what the one before has shown
        self._more_shipped = np.zeros(self.state.arc_total.shape)
        self._more_service = np.full(as_numbers(self.state.service).shape, -0.0)  # leaves sums without any unwritten

    def step(self, columns: int) -> int:
        """Number of periods that a block may have.

        Args:
            columns: numbers that are drawn for each replication and period.
        """
        count, total = self._periods.shape
        width = max(1, count * columns, count * self.state.since.shape[1], count * self._traced // 16)
        return max(1, min(total, _BLOCK_VALUES // width))

    def play(self, chance: Chance, rows: slice) -> None:
        """Walk through the next periods.

        Args:
            chance: what chance brings to them.
            rows: the periods.

        Raises:
            InputError: a user's function gave no quantity.
        """
        wholes = self._periods, self._items, self._nodes, self._observed
        in_place = len(self._periods) == 1 or rows == slice(0, self._periods.shape[1])
        parts = [whole[:, rows] if in_place else _block_like(whole, rows) for whole in wholes]
        out, items, nodes, shown = parts
        self.state = lengthened(self.state, rows.start, rows.stop)
        arguments = (self._net, self.state, chance, self._work, rows.start, out, self.stock[rows], items, nodes, shown)
        kernel_for(*arguments)(*arguments)
        if self._work.failure[0] != 0.0:
            refuse(self._instance, self._work.failure)
        for whole, part in zip(wholes, parts, strict=True):
            if not in_place:
                whole[:, rows] = part
            let_go(whole)
        let_go(self.stock)

    def take_over(self, other: Walk, rows: slice) -> None:
        """Take the periods that another walk through as many replications has gone through as one's own."""
        self._periods[:, rows] = other._periods[:, rows]
        self.stock[rows] = other.stock[rows]
        for stock in (self.stock, other.stock):
            let_go(stock)

    def depart_from(self, other: Walk) -> None:
        """Go one's own way from the state of another walk."""
        state = copied(other.state)
        self.state = state._replace(arc_total=state.arc_total + self._more_shipped)
        as_numbers(self.state.service)[...] += self._more_service

    def join(self, other: Walk) -> None:
        """Stop where the other walk has come to the same state; the sums of the two so far may differ."""
        self._more_shipped = self.state.arc_total - other.state.arc_total
        self._more_service = as_numbers(self.state.service) - as_numbers(other.state.service)

    def settle(self) -> None:
        """Book what a plan makes fall due beside trade, after the last period."""
        instance = self._instance
        settlement = instance.settlement
        if settlement is None:
            return
        periods, nodes, goods = as_numbers(self._periods), as_numbers(self._nodes), self.state.goods
        for period in sorted({0, min(1, instance.periods - 1), instance.periods - 1}):
            known = self.fate.cases, instance.items.initial_stock, goods["stock"], goods["backlog"]
            due = settlement.due(period, instance.periods, *known)
            book(due, periods[:, period], nodes[:, period])

    @property
    def periods(self) -> Floats:
        """float64[R, T, len(PERIOD_COLUMNS)]."""
        return written_numbers(self._periods, "periods")

    @property
    def arc_shipped(self) -> Floats:
        """float64[A] units shipped per arc (scenario order), all replications and periods together."""
        lines = self._instance.lines
        shipped = np.empty(self._instance.network.arc_count)
        shipped[lines.arc_order[lines.by_pos]] = self.state.arc_total.sum(axis=0)
        return shipped

    @property
    def service(self) -> Floats:
        """float64[R, C, len(SERVICE_COLUMNS)] sums per item with final demand."""
        return summed_numbers(self.state.service, "the service of customers")

    def block(self) -> Block:
        """What the replications gave, after the last period."""
        state = self.state
        return Block(
            self.periods,
            self.arc_shipped,
            self.stock,
            written_numbers(self._items, "items"),
            written_numbers(self._nodes, "nodes"),
            summed_numbers(state.tally, "the tally"),
            self.service,
            summed_numbers(state.flows, "flows"),
            self.fate.timetables,
            state.goods["stock"] + state.goods["in_transit"] + state.items["in_process"],
            written_table(self._observed, [number.name for number in self._instance.observed], "what features show"),
        )


def _block_like(whole: NDArray[Any], rows: slice) -> NDArray[Any]:
    """An array for a block of periods, to be copied into the whole: the kernel takes contiguous arrays only."""
    shape = (whole.shape[0], rows.stop - rows.start, *whole.shape[2:])
    return np.empty(shape) if whole.dtype.names is None else blank_rows(shape, whole.dtype)


def refuse(instance: Instance, failure: Floats) -> NoReturn:
    """Ask a user's function once more, as plain Python, whose failure names its file and line."""
    item = int(failure[1])
    plugin, network = instance.plugins[item], instance.network
    view = failed_view(failure, network.node_ids[network.item_node[item]], network.products[network.item_product[item]])
    plugin.ask(plugin.make(), view)
    raise InputError(f"'{plugin.name}' gave no quantity for '{view.node}'")

"""Replications side by side, played period by period with orders from outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.compiled.arrays import Chance, State
from esc_sim.engine.compiled.build import lengthened, net_of, states_of, work_for
from esc_sim.engine.compiled.chance import Fate, chance_of, drawn_columns, fate_of
from esc_sim.engine.compiled.kernel import kernel_for
from esc_sim.engine.compiled.walk import refuse
from esc_sim.engine.outputs import (
    ITEM_ROW,
    NODE_ROW,
    PERIOD_ROW,
    TALLY_ROW,
    UNWRITTEN,
    as_numbers,
    blank_rows,
    blank_table,
)
from esc_sim.engine.steps import Floats
from esc_sim.errors import InputError
from esc_sim.instance.controlled import Controlled
from esc_sim.instance.rows import GOODS, ITEM

_BLOCK_VALUES: Final = 2_000_000
"""Values that are drawn at a time (16 MB)."""
_BY_PERIOD: Final = ("draws", "health", "known", "day_plan")
"""What of chance has a row for each period."""


class CompiledStepper:
    """See :class:`esc_sim.engine.steps.Stepper`."""

    def __init__(self, given: Controlled, count: int, seen: NDArray[np.int64], nodes: bool) -> None:
        """Nothing is played before :meth:`reset`.

        Args:
            given: what is played.
            count: replications R.
            seen: int64[V] items that are observed.
            nodes: keep what each node did.

        Raises:
            InputError: the instance needs the agent engine.
        """
        self._instance = instance = given.instance
        if instance.agent_features:
            raise InputError(f"the compiled engine cannot run this: {'; '.join(instance.agent_features)}")
        network, self._count, self._seen = instance.network, count, seen
        self._orders = slice(len(instance.columns.names), len(instance.columns.names) + len(given.items))
        self._net, self._work = net_of(instance), work_for(instance)
        self._work.observed[...] = UNWRITTEN
        totals = blank_rows((count, 1), PERIOD_ROW)
        kept = count if nodes else 0
        of_nodes = blank_rows((kept, 1, network.node_count), NODE_ROW)
        of_items = blank_rows((kept, 1, network.item_count), ITEM_ROW)
        no_stock, shown = np.zeros((0, network.item_count)), blank_table((count, 1, len(instance.observed)))
        self._written = (totals, no_stock, of_items, of_nodes, shown)
        self._totals, self._nodes = as_numbers(totals)[:, 0], as_numbers(of_nodes)[:, 0]
        of_all, rows = network.item_count, np.arange(count)[:, None]
        self._goods = rows * of_all * _width(GOODS) + _places(GOODS, ("stock", "in_transit", "backlog"), seen)
        self._owed = rows * of_all * _width(ITEM) + _places(ITEM, ("awaits", "owes"), seen)
        self._asked = rows * of_all * _width(TALLY_ROW) + _places(TALLY_ROW, ("demand",), seen)
        self._seen_health = np.ones((count, len(seen)))
        ship = np.flatnonzero(instance.channels.are("ship"))
        channel = np.full(network.node_count, -1)
        channel[instance.channels.target[ship]] = ship
        channel = channel[network.item_node[seen]]
        self._ailing = np.flatnonzero(channel >= 0)
        self._channel = channel[channel >= 0]
        self.period = 0

    def reset(self, seed: int, first: int) -> None:
        """Begin replications ``first`` to ``first + R`` of a seed."""
        instance, count = self._instance, self._count
        self.period, self._seed, self._replications = 0, seed, range(first, first + count)
        self._fate: Fate = fate_of(instance, seed, self._replications, True)
        state = states_of(instance, count, self._fate.slots, self._fate.losing)
        self._state: State = lengthened(state, 0, instance.periods)
        self._goods_now, self._owed_now, self._asked_now = (
            rows.view(np.float64, np.ndarray).reshape(-1) for rows in (state.goods, state.items, state.tally)
        )
        self._demand = state.tally["demand"]
        self._demand[...] = 0.0
        self._seen_health[...] = 1.0
        self._draw()

    def _draw(self) -> None:
        """Draw what comes in a block of periods, and choose the kernel that takes it."""
        instance, width = self._instance, self._count * (drawn_columns(self._instance) + 1)
        length = max(1, min(instance.periods - self.period, _BLOCK_VALUES // width))
        self._begins, self._ends = self.period, self.period + length
        block = chance_of(instance, self._fate, self._seed, self._replications, slice(self._begins, self._ends))
        now = {name: getattr(block, name)[:, :1].copy() for name in _BY_PERIOD}
        now["draws"] = np.zeros((self._count, 1, self._orders.stop))
        self._now: Chance = block._replace(**now)
        self._rows = [(getattr(block, n), now[n]) for n in _BY_PERIOD if getattr(block, n).size]
        self._given, self._health = now["draws"][:, 0, self._orders], now["health"][:, 0]
        self._kernel = _entry(self._net, self._state, self._now, self._work, 0, *self._written)

    def step(self, orders: Floats) -> None:
        """Play a period with these orders, float64[R, M]."""
        if self.period == self._ends:
            self._draw()
        row = self.period - self._begins
        for block, now in self._rows:
            now[:, 0, : block.shape[2]] = block[:, row]
        self._given[...] = orders
        self._demand[...] = 0.0
        self._kernel(self._net, self._state, self._now, self._work, self.period, *self._written)
        self.period += 1
        if self._work.failure[0] != 0.0:
            refuse(self._instance, self._work.failure)

    def observed(self) -> Floats:
        """float64[R, 5 V]."""
        goods, asked = self._goods_now.take(self._goods), self._asked_now.take(self._asked)
        if self._net.owing != 0:
            goods[:, len(self._seen) :] += self._owed_now.take(self._owed)
        if len(self._ailing) and self.period > 0:
            self._seen_health[:, self._ailing] = self._health.take(self._channel, axis=1)
        return np.concatenate((goods, asked, self._seen_health), axis=1)

    def totals(self) -> Floats:
        """float64[R, len(PERIOD_COLUMNS)]; written over by the next step."""
        return self._totals

    def nodes(self) -> Floats:
        """float64[R, N, len(NODE_COLUMNS)]; written over by the next step."""
        return self._nodes


def _width(row: np.dtype[np.void]) -> int:
    """Numbers that a row takes the room of."""
    return row.itemsize // 8


def _places(row: np.dtype[np.void], fields: tuple[str, ...], items: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where these fields of items stand in a replication's rows, field by field."""
    assert row.fields is not None
    return np.concatenate([items * _width(row) + row.fields[field][1] // 8 for field in fields])


def _entry(*arguments: Any) -> Callable[..., None]:
    """What the kernel for these arguments is behind numba's dispatcher, which takes most of the time of a short call.

    It does not look at types: it must be given arrays of the same element types and layouts again.
    """
    kernel: Any = kernel_for(*arguments)
    (compiled,) = kernel.overloads.values()
    entry: Callable[..., None] = compiled.entry_point
    return entry

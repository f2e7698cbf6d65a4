"""The compiled engine's loops run as the Python that they are written in, so that a test can change their text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from esc_sim.engine.compiled import kernel
from esc_sim.engine.compiled.arrays import Chance, Net, State, Work

_OF_MAKING = ("inputs", "outputs", "givers", "takers", "leftovers")


class _Row(np.record):
    """A record whose fields come before NumPy's own methods: a row's ``item`` is its field."""

    def __getattribute__(self, name: str) -> Any:
        names = np.void.__getattribute__(self, "dtype").names
        return self[name] if names and name in names else super().__getattribute__(name)


def plain_kernel(*arguments: Any, period_of: Callable[..., None] | None = None) -> Callable[..., None]:
    """Stands in for ``kernel.kernel_for``: the same loop, not compiled.

    Args:
        arguments: those of the kernel, which are not looked at.
        period_of: what is done in a period; default the engine's own.
    """
    loop = kernel.block_loop(0, False, period_of or kernel.run_period, kernel.replication_of)

    def run(net: Net, state: State, chance: Chance, work: Work, *others: Any) -> None:
        farming = net.farming._replace(fertilisers=_rows(net.farming.fertilisers))
        making = net.making._replace(**{name: _rows(getattr(net.making, name)) for name in _OF_MAKING})
        net = net._replace(sources=_rows(net.sources), orders=_rows(net.orders), farming=farming, making=making)
        state = state._replace(perishables=_rows(state.perishables))
        work = work._replace(customers=_rows(work.customers), offers=_rows(work.offers))
        loop(net, state, chance, work, *others)

    return run


def _rows(table: Any) -> Any:
    return table.view(np.ndarray).view(np.dtype((_Row, table.dtype)))

"""Days in a row: the gas store goes on from one to the next, batteries end where they began."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from esc_sim.energy.dispatch import Dispatch, Dispatcher
from esc_sim.energy.microgrid import Day, FloatArray, Microgrid


def gas_value(grid: Microgrid, tomorrow: Day) -> FloatArray:
    """What gas left at midnight is worth: float64[K], eta x mean of tomorrow's export prices - c, EUR per MWh of gas.

    The power that it would give tomorrow can at least be sold to the grid. Never below zero: gas need not be burnt.
    The engine's running cost c is per MWh of power, hence eta c per MWh of gas.
    """
    mean = float(tomorrow.price_export.mean())
    return np.array([max(0.0, chp.eta * (mean - chp.var_cost)) for chp in grid.chps])


def roll(
    dispatcher: Dispatcher, days: Sequence[Day], gas0: ArrayLike = 0.0, *, coordinated: bool = True
) -> Iterator[Dispatch]:
    """Dispatch one day after the other.

    Args:
        dispatcher: the design.
        days: the days in order; the last one values its gas with its own export prices.
        gas0: float64[K], gas in store at the first midnight, MWh.
        coordinated: one program for all buses, or one a bus that trades with the grid alone.

    Yields:
        The dispatch of each day; its gas at the last step is the next day's gas at midnight.
    """
    store = np.broadcast_to(gas0, len(dispatcher.grid.chps)).astype(float)
    for number, day in enumerate(days):
        tomorrow = days[min(number + 1, len(days) - 1)]
        run = dispatcher.solve(day, store, gas_value(dispatcher.grid, tomorrow), coordinated=coordinated)
        store = run.gas[:, -1]
        yield run

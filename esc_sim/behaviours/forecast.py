"""Forecasts of demand from what was asked for so far."""

from __future__ import annotations

from esc_sim.behaviours.grid import to_grid
from esc_sim.fields.sequences import Floats


def moving_average(history: Floats, first: int, window: int, seen: int, initial: float) -> float:
    """Mean of the latest observations.

    Args:
        history: rings of observations; this item's has ``window`` places from ``first`` on.
        first, window: its ring.
        seen: number of observations made; before the first the forecast is ``initial``.
        initial: forecast before any observation.
    """
    count = seen
    if count > window:
        count = window
    if count == 0:
        return initial
    total = 0.0
    for k in range(first, first + count):
        total += history[k]
    return total / count


def smoothed(forecast: float, observed: float, weight: float) -> float:
    """Exponential smoothing: the forecast moves by ``weight`` of its error.

    Args:
        forecast: units per period.
        observed: demand of the period, units.
        weight: share of the error, 0 to 1.
    """
    return forecast + weight * (observed - forecast)


def covering_level(forecast: float, cover: float, buffer: float, offset: float) -> float:
    """Order-up-to level that covers ``cover`` periods of forecast demand, and a buffer.

    Args:
        forecast: units per period.
        cover: number of periods.
        buffer: units.
        offset: of the grid of goods.
    """
    return to_grid(cover * forecast + buffer, offset)

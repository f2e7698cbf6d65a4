"""Past demand as input: reading and checking the samples from which the sets are built."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.errors import InputError
from esc_sim.scenario.reader import read_text
from esc_sim.scenario.series import read_series
from esc_sim.scenario.tables import MAX_BYTES

FloatArray = NDArray[np.float64]


def read_samples(path: str | Path, buyers: tuple[str, ...] | None = None) -> tuple[FloatArray, tuple[str, ...]]:
    """Read past demand: one column a buyer, one row a period; a column of dates may stand beside them.

    Args:
        path: CSV file.
        buyers: the buyers whose columns are wanted, in this order; by default all columns of the file.

    Returns:
        Samples of shape (periods, buyers), and the buyers.

    Raises:
        InputError: gaps, uneven dates, cells that are no numbers, negative demand, fewer than two rows, a buyer without
            a column.
    """
    path = Path(path)
    table = read_series(read_text(path, MAX_BYTES, path.name, "leave old periods out"), path.name, buyers)
    names = tuple(table.values) if buyers is None else buyers
    lengths = {name: len(table.values[name]) for name in names}
    longest, shortest = max(lengths, key=lambda name: lengths[name]), min(lengths, key=lambda name: lengths[name])
    if lengths[shortest] < lengths[longest]:
        raise InputError(
            f"{path.name}: column '{shortest}' has {lengths[shortest]} periods, column '{longest}' "
            f"{lengths[longest]}: give all buyers the same periods"
        )
    return check_samples(np.array([table.values[name] for name in names]).T, path.name), names


def check_samples(samples: ArrayLike, name: str = "demand samples") -> FloatArray:
    """Samples as an array of shape (periods, buyers).

    Raises:
        InputError: not a table of finite numbers, or fewer than two rows.
    """
    values = np.asarray(samples, dtype=float)
    if values.ndim != 2 or values.shape[1] == 0:
        raise InputError(f"{name}: a table with one column a buyer and one row a period is needed")
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        raise InputError(f"{name}: row {row + 1}, column {column + 1} is not a finite number")
    if values.shape[0] < 2:
        raise InputError(f"{name}: {values.shape[0]} row of demand; at least 2 are needed, some 100 to say anything")
    return values


def check_theta(theta: float) -> float:
    """The set's regularisation parameter: the share of samples that may lie outside.

    Raises:
        InputError: not strictly between 0 and 1.
    """
    if not 0.0 < theta < 1.0:
        raise InputError(
            f"theta is {theta:g}; it must lie strictly between 0 and 1 (0.05 leaves 5 % of samples outside)"
        )
    return float(theta)

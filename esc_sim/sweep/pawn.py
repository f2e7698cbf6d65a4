"""PAWN: how far a key figure's distribution moves when one parameter is held in a part of its range.

The points are cut into slices by the values of a parameter; the Kolmogorov-Smirnov distance between the key figure in a
slice and at all points, median over the slices, is the index. Slices of few points lie apart by chance alone: a dummy,
a parameter without any influence that is sliced alike, shows how far.

Sources:
    Pianosi, Wagener (2018), Environmental Modelling & Software 108, 197-207 (PAWN from a generic sample).
    Khorashadi Zadeh et al. (2017), Environmental Modelling & Software 91, 210-222 (dummy parameter).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.sweep.parameters import Parameter

Slices = NDArray[np.intp]

LEAST_POINTS: Final = 32
"""Points below which slices are too small to tell anything."""
_LEAST_IN_SLICE: Final = 16
_MOST_SLICES: Final = 10
_DUMMIES: Final = 19
"""An index beyond those of 19 dummies is one that chance alone gives in 5 % of cases."""


def check_pawn(pawn: bool, design: str, points: int) -> None:
    """Refuse PAWN of a sweep that cannot give it.

    Args:
        pawn: whether it is asked for.
        design: of the sweep.
        points: of the sweep.

    Raises:
        InputError: its points do not fill the space, or are too few.
    """
    if pawn and design in ("indices", "morris"):
        raise InputError(f"--pawn: the points of --design {design} do not fill the space; take sobol or latin")
    if pawn and points < LEAST_POINTS:
        raise InputError(f"--pawn: {points} points are too few; give {LEAST_POINTS} or more (--points)")


def slices_of(parameter: Parameter, values: pd.Series) -> Slices:
    """Which slice each point is in, intp[n]: by value where these are few, else as many points in each.

    Args:
        parameter: by whose values.
        values: it has at the points, as they stand in the table.
    """
    codes = pd.factorize(values, sort=parameter.is_number)[0]
    most = min(_MOST_SLICES, max(4, len(values) // _LEAST_IN_SLICE))
    if not parameter.is_number or codes.max() < most:
        return codes
    found = np.empty(len(values), np.intp)
    for k, members in enumerate(np.array_split(np.argsort(codes, kind="stable"), most)):
        found[members] = k
    return found


def pawn_indices(
    paths: Sequence[str], slices: Sequence[Slices], values: NDArray[np.float64], seed: int
) -> pd.DataFrame:
    """PAWN indices of one key figure.

    Args:
        paths: names of the parameters.
        slices: of each parameter, as of :func:`slices_of`.
        values: float64[n], the key figure at the points.
        seed: of the dummies.

    Returns:
        One row a parameter: parameter, median and maximum over its slices of the Kolmogorov-Smirnov distance, and
        noise, the largest median of 19 dummies that are sliced alike; nan where the key figure does not vary.
    """
    columns = ("median", "maximum", "noise")
    if not np.isfinite(values).all() or np.ptp(values) == 0.0:
        return pd.DataFrame({"parameter": list(paths), **{name: np.full(len(paths), np.nan) for name in columns}})
    order = np.sort(values)
    ranks = np.searchsorted(order, values)  # of equals the same
    generator = np.random.default_rng(seed)
    rows = []
    for own in slices:
        distances = _distances(own, ranks)
        dummies = [float(np.median(_distances(generator.permutation(own), ranks))) for _ in range(_DUMMIES)]
        rows.append((float(np.median(distances)), float(distances.max()), max(dummies)))
    return pd.DataFrame(rows, columns=list(columns)).assign(parameter=list(paths))[["parameter", *columns]]


def _distances(slices: Slices, ranks: NDArray[np.intp]) -> NDArray[np.float64]:
    """Kolmogorov-Smirnov distance of each slice to all points, float64[slices]."""
    count = len(ranks)
    counts = np.zeros((slices.max() + 1, count))
    np.add.at(counts, (slices, ranks), 1.0)
    whole = np.cumsum(counts.sum(axis=0)) / count
    return np.asarray(np.abs(np.cumsum(counts, axis=1) / counts.sum(axis=1, keepdims=True) - whole).max(axis=1))

"""Profiles: how close the moments come to what was observed when one parameter is held at a value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from esc_sim.calibration.free import Floats, Free
from esc_sim.calibration.search import Found
from esc_sim.calibration.surrogate import closest

LEVELS: Final = 21
"""Values of a profile, at least, evenly between the bounds; the estimate and those around it come on top."""
CHI_95: Final = 3.841458820694124
"""Quantile of the chi-square law with one degree of freedom, below which 95 % of a profile's distance lie."""
_AROUND: Final = tuple(np.linspace(-4.0, 4.0, 17))
"""Standard errors around the estimate at which a profile is looked at as well."""


def profiles(found: Found, free: Sequence[Free]) -> pd.DataFrame:
    """The profile of each parameter on the surrogate: the least distance, all others being free.

    Distances are divided by what the weights lack to the best ones, so that the chi-square law holds near the estimate.

    Args:
        found: by the search.
        free: K parameters.

    Returns:
        One row a value: parameter, value, distance (0 at the estimate), and the values of the others.
    """
    rows = []
    for k, one in enumerate(free):
        levels = _levels(found, k)
        least = float(found.criterion(found.surrogate(found.estimate.place[np.newaxis]))[0])
        for direction in (levels[levels >= found.estimate.place[k]], levels[levels < found.estimate.place[k]][::-1]):
            place = found.estimate.place
            for level in direction:
                start = np.where(np.arange(len(free)) == k, level, place)
                scaled = np.where(np.arange(len(free)) == k, level, found.estimate.place)
                place = closest(found.surrogate, found.criterion, [start, scaled], fixed=k)
                away = float(found.criterion(found.surrogate(place[np.newaxis]))[0]) - least
                distance = away / float(found.estimate.stretch[k])
                others = {f"value of {other.path}": other.at(float(at)) for other, at in zip(free, place, strict=True)}
                rows.append({"parameter": one.path, "value": one.at(float(level)), "distance": distance, **others})
    table = pd.DataFrame(rows)
    order = {one.path: k for k, one in enumerate(free)}
    return table.sort_values(["parameter", "value"], key=lambda c: c.map(order) if c.name == "parameter" else c,
                             kind="stable", ignore_index=True)  # fmt: skip


def _levels(found: Found, k: int) -> Floats:
    place, error = float(found.estimate.place[k]), float(found.estimate.errors[k])
    around = [place + step * error for step in _AROUND] if np.isfinite(error) else [place]
    whole = np.concatenate([np.linspace(0.0, 1.0, LEVELS), np.clip(around, 0.0, 1.0)])
    return np.unique(whole)

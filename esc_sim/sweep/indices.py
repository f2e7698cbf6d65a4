"""Sobol indices: which share of a key figure's variance each parameter explains, alone and with all others.

SALib (extra ``sensitivity``) makes the design and the estimates.

Sources:
    Sobol (2001), Mathematics and Computers in Simulation 55(1-3), 271-280.
    Saltelli et al. (2010), Computer Physics Communications 181(2), 259-270.
    Herman, Usher (2017), "SALib", Journal of Open Source Software 2(9), 97.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from esc_sim.errors import InputError

RESAMPLES = 200
"""Of the bootstrap that gives intervals."""


def saltelli_places(dimensions: int, count: int, seed: int) -> NDArray[np.float64]:
    """Saltelli's design in the unit cube, float64[count * (D + 2), D].

    Args:
        dimensions: number D of parameters.
        count: base number of points.
        seed: seed of the scrambling.

    Raises:
        InputError: SALib is not installed.
    """
    sample = salib("sample.sobol", "--design indices")
    places = sample.sample(unit_cube(dimensions), count, calc_second_order=False, seed=short_seed(seed))
    return np.asarray(places, np.float64)


def sobol_indices(paths: Sequence[str], values: NDArray[np.float64], seed: int) -> pd.DataFrame:
    """First-order and total indices of one key figure at the points of :func:`saltelli_places`.

    Args:
        paths: names of the parameters.
        values: float64[count * (D + 2)].
        seed: of the bootstrap that gives the intervals.

    Returns:
        One row a parameter: parameter, first, first_half_width, total, total_half_width (95 %); nan where the key
        figure does not vary.

    Raises:
        InputError: SALib is not installed.
    """
    analyze = salib("analyze.sobol", "--design indices")
    if not np.isfinite(values).all() or np.ptp(values) == 0.0:
        nothing = np.full(len(paths), np.nan)
        found = {"S1": nothing, "S1_conf": nothing, "ST": nothing, "ST_conf": nothing}
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of indices near 0
            found = analyze.analyze(
                unit_cube(len(paths)), values, calc_second_order=False, num_resamples=RESAMPLES, seed=short_seed(seed)
            )
    return pd.DataFrame(
        {
            "parameter": list(paths),
            "first": found["S1"],
            "first_half_width": found["S1_conf"],
            "total": found["ST"],
            "total_half_width": found["ST_conf"],
        }
    )


def unit_cube(dimensions: int) -> dict[str, Any]:
    """A space of D parameters from 0 to 1, as SALib describes it."""
    names = [f"x{k}" for k in range(dimensions)]
    return {"num_vars": dimensions, "names": names, "bounds": [[0.0, 1.0]] * dimensions}


def short_seed(seed: int) -> int:
    """SALib takes 32-bit seeds."""
    return int(np.random.SeedSequence(seed).generate_state(1)[0])


def salib(module: str, for_what: str) -> Any:
    """A module of SALib.

    Args:
        module: "sample.sobol" and the like.
        for_what: option that needs it.

    Raises:
        InputError: SALib is not installed.
    """
    try:
        return import_module(f"SALib.{module}")
    except ModuleNotFoundError:
        raise InputError(f"{for_what} needs the package SALib: pip install 'esc_sim[sensitivity]'") from None

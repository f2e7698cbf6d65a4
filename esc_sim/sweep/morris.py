"""Elementary effects: which parameters matter at all, from few points, by the method of Morris.

A trajectory goes through the space one parameter at a time; each step gives one elementary effect, the change of a key
figure over the share of the parameter's range that the step takes. The mean of their sizes, mu*, says how much a
parameter matters; their standard deviation, sigma, how far that depends on where the others stand.

SALib (extra ``sensitivity``) makes the trajectories.

Sources:
    Morris (1991), Technometrics 33(2), 161-174.
    Campolongo, Cariboni, Saltelli (2007), Environmental Modelling & Software 22(10), 1509-1518 (mu*).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from esc_sim.sweep.indices import RESAMPLES, salib, short_seed, unit_cube
from esc_sim.sweep.parameters import Parameter


def morris_places(dimensions: int, count: int, seed: int) -> NDArray[np.float64]:
    """Trajectories through a grid of four levels in the unit cube, float64[count * (D + 1), D].

    Args:
        dimensions: number D of parameters.
        count: trajectories.
        seed: of where they begin and which way they go.

    Raises:
        InputError: SALib is not installed.
    """
    sample = salib("sample.morris", "--design morris")
    return np.asarray(sample.sample(unit_cube(dimensions), count, seed=short_seed(seed)), np.float64)


def steps_of(parameters: Sequence[Parameter], points: Sequence[Sequence[Any]]) -> NDArray[np.float64]:
    """How far each step of the trajectories goes, float64[R, D, D]: trajectory, step, parameter.

    As a share of a parameter's range, with its sign; another value of a list of words is the whole range.

    Args:
        parameters: what varies.
        points: all points, one trajectory after the other.
    """
    count = len(parameters)
    places = np.empty((len(points), count))
    words = np.array([not parameter.is_number for parameter in parameters])
    for k, parameter in enumerate(parameters):
        values = [point[k] for point in points]
        if words[k]:
            places[:, k] = [[*map(str, parameter.values)].index(str(value)) for value in values]
        else:
            low, high = parameter.ends
            places[:, k] = (np.array(values, np.float64) - low) / (high - low)
    steps = np.diff(places.reshape(-1, count + 1, count), axis=1)
    return np.where(words, np.sign(steps), steps)


def elementary_effects(
    paths: Sequence[str], steps: NDArray[np.float64], values: NDArray[np.float64], seed: int
) -> pd.DataFrame:
    """Elementary effects of one key figure.

    Args:
        paths: names of the parameters.
        steps: as of :func:`steps_of`.
        values: float64[R * (D + 1)], in the order of the points.
        seed: of the bootstrap over trajectories that gives the intervals.

    Returns:
        One row a parameter: parameter, mu (mean effect), mu_star (mean of its size), sigma (standard deviation), the
        last two with half widths of 95 % intervals; in units of the key figure for the whole range of the parameter;
        nan where the key figure does not vary or there is one trajectory only.
    """
    trajectories, count = len(steps), len(paths)
    columns = ("mu", "mu_star", "mu_star_half_width", "sigma", "sigma_half_width")
    if trajectories < 2 or not np.isfinite(values).all() or np.ptp(values) == 0.0:
        return pd.DataFrame({"parameter": list(paths), **{name: np.full(count, np.nan) for name in columns}})
    changes = np.diff(values.reshape(trajectories, count + 1), axis=1)[..., None]
    effects = np.divide(changes, steps, out=np.zeros_like(steps), where=steps != 0.0).sum(axis=1)
    drawn = np.random.default_rng(seed).integers(trajectories, size=(RESAMPLES, trajectories))
    again = effects[drawn]
    half = [1.96 * found.std(axis=0, ddof=1) for found in (np.abs(again).mean(axis=1), again.std(axis=1, ddof=1))]
    found = (effects.mean(axis=0), np.abs(effects).mean(axis=0), half[0], effects.std(axis=0, ddof=1), half[1])
    return pd.DataFrame({"parameter": list(paths), **dict(zip(columns, found, strict=True))})

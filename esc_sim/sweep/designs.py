"""Which points a sweep visits.

Sources:
    McKay, Beckman, Conover (1979), Technometrics 21(2), 239-245 (Latin hypercube).
    Sobol (1967), USSR Computational Mathematics and Mathematical Physics 7(4), 86-112 (low-discrepancy sequence).
    Saltelli et al. (2010), Computer Physics Communications 181(2), 259-270 (design for first-order and total indices).
    Morris (1991), Technometrics 33(2), 161-174 (trajectories for elementary effects).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np

from esc_sim.errors import InputError
from esc_sim.sweep.parameters import Parameter

Design = Literal["grid", "latin", "sobol", "indices", "morris"]
DESIGNS: Final = ("grid", "latin", "sobol", "indices", "morris")
MOST_POINTS: Final = 1_000_000

Point = tuple[Any, ...]
"""One value for each parameter."""


def points_of(parameters: Sequence[Parameter], design: str, count: int | None, seed: int) -> list[Point]:
    """The points, in the order in which they are visited.

    Args:
        parameters: what varies.
        design: "grid" (all combinations), "latin" (Latin hypercube), "sobol" (Sobol sequence, scrambled), "indices"
            (Saltelli's design for Sobol indices: count * (parameters + 2) points), "morris" (count trajectories for
            elementary effects: count * (parameters + 1) points).
        count: points, not for a grid (of "indices" the base, of "morris" trajectories); powers of two for "sobol" and
            "indices".
        seed: of the random placement.

    Raises:
        InputError: no parameter, one given twice, a number of points that does not fit the design.
    """
    paths = [parameter.path for parameter in parameters]
    if not paths:
        raise InputError("nothing varies: name parameters with --vary PATH=VALUES")
    twice = [path for path in paths if paths.count(path) > 1]
    if twice:
        raise InputError(f"--vary {twice[0]}: the parameter is given twice")
    if design not in DESIGNS:
        raise InputError(f"design: there is no {design!r}; take one of {', '.join(DESIGNS)}")
    if design == "grid":
        if count is not None:
            raise InputError("--points: a grid has as many points as its values combine to; leave it out")
        levels = [parameter.levels() for parameter in parameters]
        _check_count(math.prod(map(len, levels)))
        return list(itertools.product(*levels))
    count = (16 if design == "morris" else 64) if count is None else count
    if design in ("sobol", "indices") and (count < 2 or count & (count - 1)):
        raise InputError(f"--points: {design} needs a power of two, such as {1 << max(1, (count - 1).bit_length())}")
    if design == "morris" and count < 2:
        raise InputError("--points: morris needs at least 2 trajectories")
    _check_count(count * {"indices": len(paths) + 2, "morris": len(paths) + 1}.get(design, 1))
    places = _places(design, len(paths), count, seed)
    return [tuple(p.value_at(float(u)) for p, u in zip(parameters, row, strict=True)) for row in places]


def _places(design: str, dimensions: int, count: int, seed: int) -> np.ndarray:
    """Places in the unit cube, float64[n, D]."""
    from scipy.stats import qmc

    if design == "latin":
        return np.asarray(qmc.LatinHypercube(dimensions, rng=np.random.default_rng(seed)).random(count))
    if design == "sobol":
        sampler = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(seed))
        return np.asarray(sampler.random(count))
    if design == "morris":
        from esc_sim.sweep.morris import morris_places

        return morris_places(dimensions, count, seed)
    from esc_sim.sweep.indices import saltelli_places

    return saltelli_places(dimensions, count, seed)


def _check_count(count: int) -> None:
    if not 1 <= count <= MOST_POINTS:
        raise InputError(f"a sweep of {count:,} points is beyond the limit of {MOST_POINTS:,}")

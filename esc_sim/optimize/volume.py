"""Hypervolume of a front: how much of the space of objectives it dominates, up to a reference point.

Source: Zitzler, Thiele (1999), "Multiobjective evolutionary algorithms: a comparative case study and the strength
Pareto approach", IEEE Transactions on Evolutionary Computation 3(4), 257-271.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pymoo.indicators.hv import HV

from esc_sim.errors import InputError

if TYPE_CHECKING:
    from esc_sim.scenario.optimization import Optimization

Floats = NDArray[np.float64]

_MARGIN = 0.1


def reference_point(section: Optimization, signs: Floats, first: Floats) -> Floats:
    """Reference point as costs, float64[M].

    Args:
        section: gives values of some objectives, or none.
        signs: -1 for objectives to be maximized, else 1.
        first: float64[P, M], costs of the first generation; what is not given lies a tenth of their range beyond the
            worst of them. Designs that could not be measured are left out.

    Raises:
        InputError: none of them could be measured.
    """
    known = first[np.isfinite(first).all(axis=1)]
    if not len(known):
        raise InputError(
            "no design of the first generation gives a number for every measure: ask for more --replications"
        )
    worst, best = known.max(axis=0), known.min(axis=0)
    point = worst + _MARGIN * np.where(worst > best, worst - best, np.maximum(np.abs(worst), 1.0))
    given = {value.measure: value.value for value in section.reference}
    for column, name in enumerate(section.objectives):
        if name in given:
            point[column] = signs[column] * given[name]
    return point


def hypervolume(costs: Floats, reference: Floats) -> float:
    """Volume, in the product of the objectives' units, that costs float64[n, M] dominate up to the reference point.

    Points that are not better than the reference in every objective add nothing.
    """
    inside = costs[(costs < reference).all(axis=1)]
    if costs.shape[1] == 1:
        return float((reference - inside).max(initial=0.0))
    return float(HV(ref_point=reference)(inside)) if len(inside) else 0.0

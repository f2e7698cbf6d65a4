"""Which parameters matter: Sobol indices, elementary effects and PAWN of every key figure of a sweep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from esc_sim.sweep.indices import sobol_indices
from esc_sim.sweep.kpis import kpis_of
from esc_sim.sweep.morris import elementary_effects, steps_of
from esc_sim.sweep.parameters import Parameter
from esc_sim.sweep.pawn import pawn_indices, slices_of


def sensitivity_of(
    design: str, pawn: bool, parameters: Sequence[Parameter], points: Sequence[Sequence[Any]], table: pd.DataFrame,
    seed: int,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Tables of a finished sweep by name: indices, morris, pawn, as far as its design or the user asks for them.

    Args:
        design: of the points.
        pawn: whether PAWN is asked for.
        parameters: what varied.
        points: the points.
        table: of the sweep.
        seed: of the bootstrap and of the dummies.
    """
    paths = [parameter.path for parameter in parameters]
    measures: dict[str, Callable[[NDArray[np.float64], int], pd.DataFrame]] = {}
    if design == "indices":
        measures["indices"] = partial(sobol_indices, paths)
    if design == "morris":
        measures["morris"] = partial(elementary_effects, paths, steps_of(parameters, points))
    if pawn:
        measures["pawn"] = partial(pawn_indices, paths, [slices_of(one, table[one.path]) for one in parameters])
    found = {}
    for name, measure in measures.items():
        parts = []
        for kpi in kpis_of(table):
            part = measure(table[f"{kpi}.mean"].to_numpy(np.float64), seed)
            part.insert(0, "kpi", kpi)
            parts.append(part)
        found[name] = pd.concat(parts, ignore_index=True)
    return found

"""Which figures a retail design comes with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from esc_sim.design.retail.data import FACILITY_ROLES, Coverage
from esc_sim.design.retail.solution import RetailPlan
from esc_sim.findings.drawings import Drawing
from esc_sim.findings.plots import Draw, Figures, worth_drawing

_DRAWING: Final = "esc_sim.design.retail.drawing"
_MAP: Final = "esc_sim.design.retail.map_drawing:retail_map"

MODEL_WORDS: Final = {"stochastic": "nominal demand", "box-ball": "box-and-ball set", "budget": "budget set"}
"""Models in words, for legends."""
READING_WORDS: Final = {"joint": "deviations of all areas", "own": "an area's own deviation"}
"""Readings of a demand row in words."""


def figures(
    design: RetailPlan,
    plain: RetailPlan,
    curve: Mapping[float, RetailPlan],
    strategies: Mapping[Coverage, RetailPlan],
) -> Figures:
    """Name -> what draws the figure: the map, and cost against eps and coverage where they were asked for.

    Args:
        design: the design; the map needs coordinates of every node.
        plain: the stochastic design.
        curve: designs by eps, empty if there are none.
        strategies: designs by coverage, the base strategy first, empty if there are none.
    """
    i = design.instance

    placed = all(np.isfinite(i.role(role).x).all() for role in (*FACILITY_ROLES, "area"))
    found: dict[str, Draw] = {"map": Drawing(_MAP, (design,))} if placed else {}
    if curve:
        label, costs = (
            f"{MODEL_WORDS[design.model]}, {READING_WORDS[design.reading]}",
            [float(p.cost) for p in curve.values()],
        )
        lines = [(label, list(curve), costs), (MODEL_WORDS["stochastic"], [design.eps], [float(plain.cost)])]
        given = (i.name, lines, i.money, i.notice)
        found["cost_against_eps"] = Drawing(f"{_DRAWING}:cost_of_eps", given)
    if len(strategies) > 1:
        base, first = next(iter(strategies.items()))
        more = {str(c): p.cost - first.cost for c, p in strategies.items() if c != base}
        options = {"footer": i.notice}
        found["coverage"] = Drawing(
            f"{_DRAWING}:coverage_bars", ({MODEL_WORDS[design.model]: more}, str(base), i.money), options
        )
    why = {
        "map": "the map needs the place of every node and area",
        "cost_against_eps": "the cost over the violation probability is worked out with --front",
        "coverage": "the cost of more coverage is worked out with --switches",
    }
    return worth_drawing(found, {name: reason for name, reason in why.items() if name not in found})

"""Which figures a retail design comes with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from esc_sim.design.retail.data import FACILITY_ROLES, Coverage
from esc_sim.design.retail.solution import RetailPlan

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def figures(
    design: RetailPlan,
    plain: RetailPlan,
    curve: Mapping[float, RetailPlan],
    strategies: Mapping[Coverage, RetailPlan],
) -> dict[str, Callable[[], Figure]]:
    """Name -> function that draws the figure: the map, and cost against eps and coverage where they were asked for.

    Args:
        design: the design; the map needs coordinates of every node.
        plain: the stochastic design.
        curve: designs by eps, empty if there are none.
        strategies: designs by coverage, the base strategy first, empty if there are none.
    """
    i = design.instance

    def network() -> Figure:
        from esc_sim.design.retail.drawing import retail_map

        return retail_map(design)

    def against_eps() -> Figure:
        from esc_sim.design.retail.drawing import EpsSeries, cost_against_eps

        robust = EpsSeries(f"{design.model}, {design.reading} reading", list(curve), [p.cost for p in curve.values()])
        lines = [robust, EpsSeries("stochastic", [design.eps], [plain.cost])]
        return cost_against_eps({i.name: lines}, i.money, footer=i.notice)

    def coverage() -> Figure:
        from esc_sim.design.retail.drawing import coverage_bars

        base, first = next(iter(strategies.items()))
        costs = {str(c): p.cost - first.cost for c, p in strategies.items() if c != base}
        return coverage_bars({design.model: costs}, str(base), i.money, footer=i.notice)

    placed = all(np.isfinite(i.role(role).x).all() for role in (*FACILITY_ROLES, "area"))
    found: dict[str, Callable[[], Figure]] = {"map": network} if placed else {}
    if curve:
        found["cost_against_eps"] = against_eps
    if len(strategies) > 1:
        found["coverage"] = coverage
    return found

"""Which figures a sourcing design comes with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from esc_sim.design.sourcing.demand import design_demand
from esc_sim.design.sourcing.front import FrontPoint
from esc_sim.design.sourcing.solve import SourcingDesign
from esc_sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from esc_sim.design.sourcing.command import SourcingCase

THETAS = (0.01, 0.05, 0.2)


def figures(
    scenario: Scenario, case: SourcingCase, design: SourcingDesign, front: Sequence[FrontPoint]
) -> dict[str, Callable[[], Figure]]:
    """Name -> function that draws the figure: procurement, the demand set, and the front where there is one.

    Args:
        scenario: the scenario, for titles and the line on its data.
        case: data, past demand and options.
        design: the design.
        front: points of cost against excess probability; empty: no such figure.
    """
    footer = f"Data: {scenario.data.status}" + (f" ({scenario.data.note})" if scenario.data.note else "")
    title = scenario.title or scenario.name

    def procurement() -> Figure:
        from esc_sim.design.sourcing.drawing import procurement

        return procurement({f"demand {design.demand.kind}": design}, f"Procurement: {title}", footer)

    def demand_set() -> Figure:
        from esc_sim.design.sourcing.drawing import demand_sets

        kind = case.section.demand
        found = {}
        for theta in sorted({*THETAS, case.section.theta}):
            made = design_demand(kind, case.past, theta).uncertainty
            if made is not None and not isinstance(made, tuple):
                found[f"{kind}, theta {theta:g}"] = made
        names = (case.instance.buyers[0], case.instance.buyers[1])
        return demand_sets(case.past, found, (0, 1), names, f"Past demand and its set: {title}", footer)

    def front_figure() -> Figure:
        from esc_sim.design.sourcing.drawing import cost_epf_front

        points = {f"demand {design.demand.kind}": [(p.epf, p.design.objective) for p in front]}
        return cost_epf_front(points, scenario.units.money, f"Cost against excess probability: {title}", footer)

    found: dict[str, Callable[[], Figure]] = {"procurement": procurement}
    if case.section.demand != "deterministic" and len(case.instance.buyers) > 1:
        found["demand_set"] = demand_set
    if front:
        found["front"] = front_figure
    return found

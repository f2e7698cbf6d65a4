"""Which figures a sourcing design comes with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from esc_sim.design.sourcing.front import FrontPoint
from esc_sim.design.sourcing.solve import SourcingDesign
from esc_sim.findings.drawings import Drawing
from esc_sim.findings.plots import Draw, Figures, worth_drawing
from esc_sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from esc_sim.design.sourcing.command import SourcingCase

_DRAWING: Final = "esc_sim.design.sourcing.drawing"
DEMAND_WORDS: Final = {
    "deterministic": "known demand",
    "ddro-marginal": "set from data, each buyer by itself",
    "ddro-joint": "set from data, all buyers together",
    "bro": "budgeted set",
    "box": "box set",
    "box-ball": "box-and-ball set",
}
"""Kinds of demand in words, for legends."""
THETAS = (0.01, 0.05, 0.2)


def figures(scenario: Scenario, case: SourcingCase, design: SourcingDesign, front: Sequence[FrontPoint]) -> Figures:
    """Name -> what draws the figure: procurement, the demand set, and the front where there is one.

    Args:
        scenario: the scenario, for titles and the line on its data.
        case: data, past demand and options.
        design: the design.
        front: points of cost against excess probability; empty: no such figure.
    """
    footer = f"Data: {scenario.data.status}" + (f" ({scenario.data.note})" if scenario.data.note else "")
    title, unit = scenario.title or scenario.name, f"{scenario.units.goods} per {scenario.units.period}"
    section, label = case.section, DEMAND_WORDS[design.demand.kind]
    found: dict[str, Draw] = {
        "procurement": Drawing(f"{_DRAWING}:procurement", ({label: design}, f"Procurement: {title}", footer, unit))
    }
    if section.demand != "deterministic" and len(case.instance.buyers) > 1:
        names, words = case.instance.buyers[:2], f"Past demand and its set: {title}"
        thetas, about = sorted({*THETAS, section.theta}), f"{DEMAND_WORDS[section.demand].capitalize()}  |  {footer}"
        found["demand_set"] = Drawing(
            f"{_DRAWING}:sets_of_past", (section.demand, case.past, thetas, tuple(names), words, about, unit)
        )
    if front:
        points = {label: [(p.epf, p.design.objective) for p in front]}
        words = f"Cost against excess probability: {title}"
        found["front"] = Drawing(f"{_DRAWING}:cost_epf_front", (points, scenario.units.money, words, footer))
    why = {"demand_set": "a set in the plane of two buyers needs uncertain demand and two buyers"}
    why["front"] = "the front of cost against risk is made with --front"
    return worth_drawing(found, {name: reason for name, reason in why.items() if name not in found})

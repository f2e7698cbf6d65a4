"""The section ``design.dispatch``: outages that days are planned for, and what may be sized at which cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from esc_sim.fields.parts import Amount, Number, Part
from esc_sim.scenario.messages import Problem

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario

KINDS: Final = {"solar": "buses", "batteries": "batteries", "engines": "engines", "lines": "lines"}
"""What may be sized, and the list of the section ``power`` that it is of."""


class UnitCost(Part):
    """What a unit costs whose size is chosen."""

    cost: Amount = Field(description="money for a MW, of batteries for a MWh")
    life: Annotated[int, Field(ge=1, le=200)] = Field(default=20, description="years over which it is paid for")
    most: Amount | None = Field(default=None, description="largest size of each unit; default no limit")


class DispatchSection(Part):
    """Dispatch of the section ``power``: days with outages, and sizes of solar power, batteries, engines and lines."""

    outages: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=0, description="years whose outages are drawn and planned for; 0: days without outage only"
    )
    discount_rate: Annotated[Number, Field(gt=-1, le=10)] = Field(
        default=0.07, description="real, a year; what is built is paid for in equal yearly amounts"
    )
    solar: UnitCost | None = Field(default=None, description="size the solar power of every bus")
    batteries: UnitCost | None = Field(default=None, description="size every battery that power lists")
    engines: UnitCost | None = Field(default=None, description="size every engine that power lists")
    lines: UnitCost | None = Field(default=None, description="size every line that power lists")

    @property
    def sized(self) -> dict[str, UnitCost]:
        """What is sized, by kind."""
        return {kind: unit for kind in KINDS if (unit := getattr(self, kind)) is not None}


def dispatch_problems(scenario: Scenario) -> Iterator[Problem]:
    """What in the section ``design.dispatch`` cannot mean anything."""
    section = None if scenario.design is None else scenario.design.dispatch
    if section is None:
        return
    if scenario.power is None:
        yield Problem(("design", "dispatch"), "the scenario has no microgrids: give it a section 'power'")
        return
    for kind in section.sized:
        if not getattr(scenario.power, KINDS[kind]):
            text = f"power lists no {KINDS[kind]} to size: list them there, with size 0 where none stand yet"
            yield Problem(("design", "dispatch", kind), text)

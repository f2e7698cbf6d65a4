"""What is invested in a scenario, and what it is set against: the part ``appraisal``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from esc_sim.fields.parts import Amount, Identifier, Number, Part, Share
from esc_sim.scenario.messages import Problem

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario

Years = Annotated[int, Field(ge=1, le=200)]


class Investment(Part):
    """What is built at the start, and built again when its life is over.

    Examples:
        >>> Investment(id="batteries", cost=900_000, life=12, replacement=0.6).in_year(12)
        540000.0
    """

    id: Identifier = Field(description="name of what is built")
    cost: Amount = Field(description="money, paid at the start")
    life: Years | None = Field(default=None, description="years until it is replaced; default: lasts the horizon")
    replacement: Share = Field(default=1.0, description="share of the cost that a replacement takes")

    def in_year(self, year: int) -> float:
        """Money that its replacement takes at the end of a year of the horizon, which is not the last."""
        due = self.life is not None and year % self.life == 0
        return self.cost * self.replacement if due else 0.0


class AppraisalSection(Part):
    """Investments and the variant without them: a run then says what they are worth.

    Examples:
        >>> solar = Investment(id="solar", cost=1.2e6)
        >>> AppraisalSection(against="as_it_is", investments=[solar]).capital
        1200000.0
    """

    against: Identifier = Field(description="variant that yearly profit is compared with, on the same random numbers")
    discount_rate: Annotated[Number, Field(gt=-1, le=10)] = Field(default=0.07, description="real, a year")
    horizon: Years = Field(default=20, description="years; those beyond the run are as its years are on average")
    grant: Share = Field(default=0.0, description="share of the cost at the start that is granted")
    investments: list[Investment] = Field(
        default=[], description="what is built; a variant in which all are left out by `when` is not appraised"
    )

    @property
    def capital(self) -> float:
        """Money paid at the start, before any grant."""
        return sum(one.cost for one in self.investments)

    def replaced(self, year: int) -> float:
        """Money for replacements at the end of a year, counted from 1; none at the end of the horizon."""
        return sum(one.in_year(year) for one in self.investments) if year < self.horizon else 0.0


def appraisal_problems(scenario: Scenario) -> Iterator[Problem]:
    """What in the section ``appraisal`` cannot mean anything."""
    section = scenario.appraisal
    if section is None:
        return
    if section.against not in scenario.variants:
        known = ", ".join(scenario.variants) or "none"
        yield Problem(("appraisal", "against"), f"there is no variant '{section.against}'; variants are {known}")
    names = [one.id for one in section.investments]
    for number, name in enumerate(names):
        if name in names[:number]:
            yield Problem(("appraisal", "investments", number, "id"), f"'{name}' is given twice")

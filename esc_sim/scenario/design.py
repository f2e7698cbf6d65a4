"""The section ``design`` of a scenario: a key for each kind of design, its model in a module of its own."""

from __future__ import annotations

from pydantic import Field, model_validator

from esc_sim.fields.parts import Part
from esc_sim.scenario.design_retail import RetailSection
from esc_sim.scenario.design_sourcing import SourcingSection


class Design(Part):
    """What `esc-sim design` decides; each key is a kind of design and names its data, variant and limits."""

    sourcing: SourcingSection | None = Field(None, description="suppliers, reserves and efforts under disruption")

    retail: RetailSection | None = Field(None, description="sites, levels, links and stock under ambiguous demand")

    @model_validator(mode="after")
    def _something(self) -> Design:
        if not self.kinds:
            raise ValueError(f"names no kind of design: one of {', '.join(type(self).model_fields)}")
        return self

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of design that the scenario gives data for."""
        return tuple(name for name in type(self).model_fields if getattr(self, name) is not None)

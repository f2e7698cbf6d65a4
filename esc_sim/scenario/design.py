"""The section ``design`` of a scenario: a key for each kind of design, its model in a module of its own.

Installed packages add keys by entry points (group ``esc_sim.scenario.design``), and by others what designs
(``esc_sim.design.kinds``): scenarios are read without that.
"""

from __future__ import annotations

from inspect import getdoc
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field, create_model, model_validator

from esc_sim.entries import named
from esc_sim.fields.parts import Part
from esc_sim.scenario.design_dispatch import DispatchSection
from esc_sim.scenario.design_retail import RetailSection
from esc_sim.scenario.design_safety_stock import SafetyStockSection
from esc_sim.scenario.design_sourcing import SourcingSection

GROUP: Final = "esc_sim.scenario.design"


class _OwnDesigns(Part):
    """What `esc-sim design` decides; each key is a kind of design and names its data, variant and limits."""

    sourcing: SourcingSection | None = Field(
        default=None, description="suppliers, reserves and efforts under disruption"
    )

    retail: RetailSection | None = Field(
        default=None, description="sites, levels, links and stock under ambiguous demand"
    )

    safety_stock: SafetyStockSection | None = Field(
        default=None, description="where to hold how much safety stock, by guaranteed service"
    )

    dispatch: DispatchSection | None = Field(default=None, description="days and sizes of the microgrids of `power`")

    @model_validator(mode="after")
    def _something(self) -> _OwnDesigns:
        if not self.kinds:
            raise ValueError(f"names no kind of design: one of {', '.join(type(self).model_fields)}")
        return self

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of design that the scenario gives data for."""
        return tuple(name for name in type(self).model_fields if getattr(self, name) is not None)


def _packaged() -> dict[str, Any]:
    """Keys that installed packages add, as pydantic takes them.

    Raises:
        ImportError: a name is taken.
    """
    found: dict[str, Any] = {}
    for name, point in named(GROUP, _OwnDesigns.model_fields, "section of designs").items():
        model: type[Part] = point.load()
        words = (getdoc(model) or "").partition("\n")[0].rstrip(".")
        found[name] = (model | None, Field(default=None, description=words[:1].lower() + words[1:]))
    return found


if TYPE_CHECKING:

    class Design(_OwnDesigns):
        """The house's own kinds and those of installed packages."""
else:
    Design = create_model(
        "Design", __base__=_OwnDesigns, __doc__=_OwnDesigns.__doc__, __module__=__name__, **_packaged()
    )

"""The key ``design.base_stock`` of a scenario."""

from __future__ import annotations

from pydantic import Field

from esc_sim.fields.parts import Identifier, Part


class BaseStockSection(Part):
    """Base stocks of shops by the critical ratio of the newsvendor."""

    nodes: list[Identifier] = Field(min_length=1, description="shops whose base stock is chosen")

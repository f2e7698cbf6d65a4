"""What a feature shows of itself in every period, as results name it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Observed:
    """A number that a feature shows of itself in every period, such as the soil carbon of a field.

    Attributes:
        kind: what is shown; numbers of one kind belong in one chart.
        entity: of what.
        unit: of the number.
        nodes: ids of the nodes in whose book it is shown; empty: it belongs to none.
    """

    kind: str
    entity: str
    unit: str
    nodes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name of its column: kind/entity."""
        return f"{self.kind}/{self.entity}"


def in_words(name: str) -> str:
    """A code name for reading: "farm north bus" for farm_north_bus."""
    return name.replace("_", " ").strip()

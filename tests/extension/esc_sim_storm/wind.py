"""Wind: what gusts leave of a plant, by its fragility curve."""

from __future__ import annotations

from pydantic import Field

from esc_sim.disruptions.kind import Hit, Kind, Touched
from esc_sim.fields.parts import Amount


class WindKeys(Hit):
    """How hard it blows."""

    wind: Amount | None = Field(default=None, title="Gusts", description="speed of the strongest gusts, m/s")


def left(wind: float) -> float:
    """Share of capacity left: all up to 25 m/s, nothing from 45 m/s on."""
    return min(1.0, max(0.0, (45.0 - wind) / 20.0))


def touched(disruption: WindKeys) -> Touched:
    """What the nodes hit ship and produce."""
    return {"node": ("ship", "produce")}


KIND = Kind(name="wind", channels=(), keys=WindKeys, key="wind", touched=touched, level=left)

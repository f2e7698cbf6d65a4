"""Where the nodes of a network stand on the earth."""

from __future__ import annotations

from esc_sim.geography.great_circle import great_circle_km

__all__ = ["great_circle_km"]

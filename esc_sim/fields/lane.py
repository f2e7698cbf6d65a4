"""A lane: what several arcs carry together."""

from __future__ import annotations

from esc_sim.fields.rows import fixed, key, of_period, row


@row
class Lane:
    """Arcs that share a capacity."""

    first: int = key("where its arcs begin in the list of arcs by lane")
    end: int = key("where they end")
    capacity: float = fixed("most that its arcs contract together; health scales it", "units per period")
    room: float = of_period("left of it")

"""The network as a whole: what is summed as it happens in a period."""

from __future__ import annotations

from esc_sim.fields.rows import of_period, row


@row
class NetworkSums:
    """Sums of the current period that belong to no item or node."""

    emissions: float = of_period("of production and transport", "")
    making_emissions: float = of_period("of recipes", "")
    lost: float = of_period("lost on the way")
    contracted_from_closed: float = of_period("contracted with suppliers, or on arcs, that are out")
    energy: float = of_period("used by recipes", "energy")

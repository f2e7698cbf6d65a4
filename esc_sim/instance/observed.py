"""What features show of themselves in every period."""

from __future__ import annotations

from collections.abc import Sequence

from esc_sim.instance.farming import Farming
from esc_sim.instance.power import Power
from esc_sim.results.observed import Observed
from esc_sim.scenario.schema import Units

OF_A_FIELD = (
    "soil carbon",
    "organic nitrogen",
    "synthetic nitrogen applied",
    "organic nitrogen applied",
    "harvest",
    "nitrogen lost",
)
"""In the order in which ``behaviours.farming.show_field`` writes them."""


def observed_of(farming: Farming, power: Power | None, nodes: Sequence[str], units: Units) -> tuple[Observed, ...]:
    """Names and units of the numbers, feature by feature; ``nodes``: ids of the network's nodes.

    Args:
        farming: the fields.
        power: the microgrids, or None.
        nodes: ids of the network's nodes.
        units: names of the units.
    """
    names = dict.fromkeys(OF_A_FIELD, "kg") | {"soil carbon": "t/ha", "harvest": units.goods}
    fields = zip(farming.fields.names, farming.fields.node.tolist(), strict=True)
    of_fields = [Observed(kind, f, names[kind], (nodes[node],)) for f, node in fields for kind in OF_A_FIELD]
    return (*of_fields, *(power.observed if power is not None else ()))

"""What features show of themselves in every period."""

from __future__ import annotations

from collections.abc import Sequence

from esc_sim.fields.rows import quantities
from esc_sim.fields.written import FieldPeriod
from esc_sim.instance.farming import Farming
from esc_sim.instance.power import Power
from esc_sim.results.observed import Observed, in_words
from esc_sim.scenario.schema import Units


def observed_of(farming: Farming, power: Power | None, nodes: Sequence[str], units: Units) -> tuple[Observed, ...]:
    """Names and units of the numbers, feature by feature; ``nodes``: ids of the network's nodes.

    Args:
        farming: the fields, which are shown first.
        power: the microgrids, or None.
        nodes: ids of the network's nodes.
        units: names of the units.
    """
    kinds = [(in_words(one.name), units.goods if one.unit == "units" else one.unit) for one in quantities(FieldPeriod)]
    fields = zip(farming.names, farming.fields["node"].tolist(), strict=True)
    of_fields = [Observed(kind, name, unit, (nodes[node],)) for name, node in fields for kind, unit in kinds]
    return (*of_fields, *(power.observed if power is not None else ()))

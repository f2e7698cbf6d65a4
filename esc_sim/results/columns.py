"""Names of what a run records, in the order of the arrays' last axis; declared in ``fields.written``."""

from __future__ import annotations

from typing import Final

from esc_sim.fields.rows import names
from esc_sim.fields.written import FieldPeriod, Flow, ItemPeriod, NodePeriod, Period, Service, Tally

PERIOD_COLUMNS: Final = names(Period)
"""Totals of the network per review period, money and goods."""
ITEM_COLUMNS: Final = names(ItemPeriod)
"""Per (node, product) and period."""
NODE_COLUMNS: Final = names(NodePeriod)
"""Per node and period."""
FIELD_COLUMNS: Final = names(FieldPeriod)
"""Per field and period."""
FLOW_COLUMNS: Final = names(Flow)
"""Sums over all periods, per (node, product)."""
TALLY_COLUMNS: Final = names(Tally)
"""Sums over the periods after the warm-up, per (node, product)."""
SERVICE_COLUMNS: Final = names(Service)
"""Sums over the periods after the warm-up, per item with final demand."""

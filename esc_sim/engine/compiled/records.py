"""Rows of the tables that the compiled phases read and write most.

What is used together stands together. A kernel with an array for every quantity has more pointers than a processor has
registers, and fetches one from memory before nearly every number; a row is found once, by one pointer.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.outputs import row_type
from esc_sim.results.columns import (
    FLOW_COLUMNS,
    ITEM_COLUMNS,
    NODE_COLUMNS,
    PERIOD_COLUMNS,
    SERVICE_COLUMNS,
    TALLY_COLUMNS,
)

Records = NDArray[Any]
"""A structured array whose rows have the fields of one of the types below as attributes."""

NO_ROW: Final = 2**32 - 1
"""No item, or the column of an amount that does not vary (-1 as uint32)."""


def _row(indices: str, numbers: str) -> np.dtype[np.void]:
    return np.dtype([(name, "u4") for name in indices.split()] + [(name, "f8") for name in numbers.split()], align=True)


ITEM: Final = _row("node", "safety target capacity holding_cost yield_factor emissions")
"""What does not change of an item."""

ORDERS: Final = _row("item node column", "loc scale target")
"""An item whose orders are drawn: their law and column of the tape, the stock they aim at."""

SOURCE: Final = _row("item node column", "loc scale")
"""An item that is produced: the law of its production and its column of the tape."""

CUSTOMERS: Final = _row("item node column", "loc scale price shortage_cost")
"""An item with final demand: the law of demand and its column, retail price, cost of a unit not served."""

ARC: Final = _row("supplier buyer supplier_node buyer_node line_arc delay", "cap price unit_cost emissions")
"""An arc: items and nodes at its ends, its place in the order of lines (``line_arc``), reviews from shipping to arrival
where the lead time is fixed and nothing holds the goods up, what a unit brings, costs and emits."""

ITEM_STATE: Final = _row(
    "", "stock dock backlog in_transit residual received produced ordered served shipped contracted"
)  # fmt: skip
"""What an item carries from period to period, up to ``in_transit``, and its goods in the current period; ``residual``
is what its orders still ask for. A contract reads and writes the last two of its buyer, wherever that stands in memory:
they are neighbours, so that both are fetched at once."""

NODE_PERIOD: Final = _row("", "retail internal procurement storage penalty shortage fixed")
"""Money of a node in the current period: retail and internal income, procurement, storage, penalty, shortage cost,
fixed costs of orders."""

LANE: Final = _row("first end", "capacity room")
"""A lane: where its arcs stand in ``Net.lane_arcs``, units a period, and what is left of them in the current one."""

PERIOD_OUT: Final = row_type(PERIOD_COLUMNS)
ITEM_OUT: Final = row_type(ITEM_COLUMNS)
NODE_OUT: Final = row_type(NODE_COLUMNS)
"""What is written of a period, an item and a node."""

TALLY: Final = row_type(TALLY_COLUMNS)
FLOWS: Final = row_type(FLOW_COLUMNS)
SERVICE: Final = row_type(SERVICE_COLUMNS)
"""Sums of an item, and of the service of its customers."""


def records(length: int | tuple[int, ...], row: np.dtype[np.void], **fields: Any) -> Records:
    """A table of zeros, of which some fields are given.

    Args:
        length: number of rows, or the table's shape.
        row: type of a row.
        fields: values of some of its fields, broadcast to the shape.
    """
    table = np.zeros(length, row)
    for name, values in fields.items():
        table[name] = values
    return table.view(np.recarray)

"""Names of what a run records, in the order of the arrays' last axis."""

from __future__ import annotations

from typing import Final

PERIOD_COLUMNS: Final = (
    "cost",
    "profit",
    "retail_income",
    "internal_income",
    "procurement",
    "storage",
    "penalty",
    "shortage_cost",
    "fixed_cost",
    "demand",
    "served",
    "backlog",
    "ordered",
    "contracted",
    "shipped",
    "produced",
    "received",
    "lost",
    "stock",
    "in_transit",
    "emissions",
    "disposal_cost",
    "recipe_cost",
    "expired",
    "consumed",
    "given",
    "disposed",
    "energy",
    "contracted_from_closed",
)
"""Totals of the network per review period (money and goods); contracted_from_closed: the part of what was contracted
whose supplier could not ship, or whose arc could not carry, anything at that review."""

ITEM_COLUMNS: Final = (
    "stock",
    "in_transit",
    "ordered",
    "contracted",
    "shipped",
    "received",
    "produced",
    "served",
    "backlog",
    "in_process",
    "consumed",
    "expired",
    "given",
    "taken",
    "disposed",
)
"""Per (node, product) and period; produced: by sources and recipes, and what expired goods became."""

FLOW_COLUMNS: Final = (
    "gained",
    "produced",
    "taken",
    "served",
    "shipped",
    "consumed",
    "expired",
    "given",
    "disposed",
)
"""Sums over all periods, per (node, product): the first three come into stock (gained: received times yield), the
others leave it."""

NODE_COLUMNS: Final = ("health", "income", "procurement", "storage", "penalty", "cost", "profit")
"""Per node and period; health is what the node can ship, as a share."""

TALLY_COLUMNS: Final = (
    "demand",
    "demand_squared",
    "filled",
    "ordered",
    "ordered_squared",
    "orders",
    "stock",
    "short",
)
"""Sums over the periods after the warm-up, per (node, product): what customers and buyers asked for and its square,
what of it was met at once, what the item itself ordered and its square, number of orders placed, stock,
number of periods in which not all that was asked for was met at once."""

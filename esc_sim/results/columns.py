"""Names of what a run records, in the order of the arrays' last axis.

A new column is a name here and the line of each engine that writes it by that name (``engine.compiled.phases``,
``engine.agents.record``); a column that an engine does not write is an error of the first run.
"""

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
    "filled",
    "lost_demand",
    "backlog",
    "overdue",
    "met",
    "ready",
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
"""Totals of the network per review period (money and goods). ``demand``, ``served`` and the like are of final demand;
``filled``: the part of the period's demand that was met at once; ``lost_demand``: the part that was lost; ``backlog``:
what customers wait for at the end of the period; ``overdue``: the part of it that was asked for after the warm-up. Two
are shares of the items with final demand: ``met``, those whose whole demand was met at once; ``ready``, those of whose
demand nothing was lost and nothing waits at the end of the period. ``contracted_from_closed``: the part of what was
contracted whose supplier could not ship, or whose arc could not carry, anything at that review."""

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

SERVICE_COLUMNS: Final = ("demand", "filled", "lost", "backlog", "met", "ready", "overdue")
"""Sums over the periods after the warm-up, per item with final demand: what its customers asked for, what of it was met
at once, what was lost, what they waited for at the ends of periods, numbers of periods in which all was met at once and
at whose end nothing was lost or waited for; and what of the demand waited at the end of the run."""

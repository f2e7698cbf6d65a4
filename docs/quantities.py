"""Writes the page of quantities from the rows that declare them: held and written; docs/conf.py calls it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from esc_sim.fields import arc, farm, item, lane, law, making, network, node, policy, written  # noqa: E402
from esc_sim.fields.rows import Quantity, quantities  # noqa: E402

HELD: Final = (
    item.Item,
    law.Law,
    law.Customers,
    node.Node,
    arc.Arc,
    lane.Lane,
    policy.OrderPolicy,
    network.NetworkSums,
    farm.Field,
    farm.Soil,
    farm.Fertiliser,
    farm.Offer,
    farm.Link,
    making.Recipe,
    making.RecipePart,
    making.Perishable,
    making.Giver,
    making.Taker,
    making.Leftover,
)
WRITTEN: Final = (
    written.Period,
    written.ItemPeriod,
    written.NodePeriod,
    written.FieldPeriod,
    written.Tally,
    written.Service,
    written.Flow,
)
WHOSE: Final = {"given": "given", "state": "carried along", "period": "of the period", "total": ""}

HEAD: Final = """(rows-and-quantities)=
# Quantities

Each quantity is declared once, in `esc_sim/fields`; behaviours, both engines, result columns and this page read the
same names. *Given* quantities come from the scenario or a plan, others are *carried along* from period to period, or
*of the period* and cleared when the next one opens.
"""


def page() -> str:
    """The page, in Markdown."""
    parts = [HEAD, "## What models hold\n"]
    parts += [_section(kind, whose=True) for kind in HELD]
    parts += ["## What is written\n"]
    parts += [_section(kind, whose=False) for kind in WRITTEN]
    return "\n".join(parts)


def _section(kind: type[Any], *, whose: bool) -> str:
    assert kind.__doc__ is not None
    head = ["Name", "Meaning", "Unit", "Whose"] if whose else ["Name", "Meaning", "Unit"]
    lines = [_line(head), _line(["---"] * len(head))]
    lines += [_line(_cells(one)[: len(head)]) for one in quantities(kind)]
    return "\n".join([f"### {kind.__name__}\n", f"{kind.__doc__.strip().splitlines()[0]}\n", *lines, ""])


def _cells(one: Quantity) -> list[str]:
    return [f"`{one.name}`", one.meaning.replace("|", "\\|"), "" if one.is_key else one.unit, WHOSE[one.whose]]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"

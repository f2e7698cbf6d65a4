"""Links that cascades have made and that carry orders (``cascade.links_trade``): what was shipped over each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from esc_sim.counted import counted
from esc_sim.storage.tables import write_table
from esc_sim.written import number

if TYPE_CHECKING:
    from esc_sim.network.model import Network

LINKS: Final = "links.csv"

_MOST: Final = 5
"""Links that a summary names."""

LinkAmounts = dict[tuple[int, int], tuple[float, int]]
"""Units shipped, and number of replications in which the link was made, by items of supplier and buyer."""


class LinkRow(NamedTuple):
    """A link between two nodes.

    Attributes:
        supplier, buyer, product: who sells what to whom.
        shipped: mean units a period over periods and replications, as of the scenario's arcs.
        replications: in how many of them the link was made.
    """

    supplier: str
    buyer: str
    product: str
    shipped: float
    replications: int


def add_links(total: LinkAmounts, more: Mapping[tuple[int, int], tuple[float, int]]) -> None:
    """Add what other replications gave."""
    for ends, (shipped, runs) in more.items():
        before, earlier = total.get(ends, (0.0, 0))
        total[ends] = before + shipped, earlier + runs


def link_rows(network: Network, amounts: LinkAmounts, periods: int) -> tuple[LinkRow, ...]:
    """Links by supplier and buyer, in the order of the nodes.

    Args:
        network: nodes, products and items.
        amounts: summed over all replications.
        periods: of all replications together.
    """
    node, product = network.item_node, network.item_product
    return tuple(
        LinkRow(
            network.node_ids[node[supplier]],
            network.node_ids[node[buyer]],
            network.products[product[supplier]],
            shipped / periods,
            runs,
        )
        for (supplier, buyer), (shipped, runs) in sorted(amounts.items())
    )


def joined_links(parts: Iterable[tuple[Iterable[LinkRow], int]]) -> tuple[LinkRow, ...]:
    """Links of runs of one scenario, each with its number of replications, put together."""
    found: dict[tuple[str, str, str], tuple[float, int]] = {}
    count = 0
    for rows, replications in parts:
        count += replications
        for row in rows:
            shipped, runs = found.get(row[:3], (0.0, 0))
            found[row[:3]] = shipped + row.shipped * replications, runs + row.replications
    return tuple(LinkRow(*names, shipped / count, runs) for names, (shipped, runs) in found.items())


def links_block(rows: Iterable[LinkRow]) -> dict[str, Any]:
    """Entry of summary.json: how many links were made, how many carried goods and how much, and the largest."""
    found = sorted(rows, key=lambda row: -row.shipped)
    used = [row for row in found if row.shipped > 0.0]
    return {
        "made": len(found),
        "used": len(used),
        "shipped": sum(row.shipped for row in used),
        "largest": [row._asdict() for row in used[:_MOST]],
    }


def links_line(summary: Mapping[str, Any]) -> str:
    """What cascades' links carried, in a sentence; empty where a summary has none."""
    if "links" not in summary:
        return ""
    block, units = summary["links"], summary["units"]
    made = f"Cascades made {counted(block['made'], 'link')}"
    if not block["used"]:
        return f"{made}; no goods went over {'it' if block['made'] == 1 else 'them'}."
    unit, most = f"{units['goods']} a {units['period']}", block["largest"][0]
    return (
        f"{made}; {block['used']} of them carried goods, {number(block['shipped'])} {unit} together, most from "
        f"{most['supplier']} to {most['buyer']} ({number(most['shipped'])})."
    )


def write_links(rows: Iterable[LinkRow], path: Path) -> None:
    """Write links.csv, a row for each link."""
    write_table(path, LinkRow._fields, rows)

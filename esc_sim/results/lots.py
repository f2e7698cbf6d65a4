"""Where goods came from: amounts by origin of what was sold, used, lost and is left, as a table and in short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from esc_sim.errors import InputError
from esc_sim.storage.tables import write_table

if TYPE_CHECKING:
    from esc_sim.network.model import Network

LOTS: Final = "lots.csv"
LOT_PLACES: Final = ("stock", "transit", "process", "sold", "consumed", "expired", "disposed", "lost")
"""Where goods are at the end of a run (on hand, under way or waiting to be taken in, in recipes with a lag), or what
became of them. What was consumed or expired lives on in what it became, if it became anything."""
STOCK, TRANSIT, PROCESS, SOLD, CONSUMED, EXPIRED, DISPOSED, LOST = range(len(LOT_PLACES))
START: Final = "start at "
"""Before the name of a node: the origin of its starting stock."""
LOT_COLUMNS: Final = ("where", "node", "product", "origin_node", "origin_product", "amount")

LotAmounts = dict[tuple[int, int, int], float]
"""Units by (place in LOT_PLACES, item, origin). Origin o < I is what arose as item o, I + o its starting stock."""
Origin = tuple[str, str]
"""Name of an origin: node, or "start at " and a node; product."""

_DUST = 1e-15
_LEAST_SHARE = 1e-3


def origin_name(network: Network, origin: int) -> Origin:
    """Name of an origin by its number."""
    item = origin % network.item_count
    node = network.node_ids[network.item_node[item]]
    return (node if origin == item else START + node), network.products[network.item_product[item]]


@dataclass(frozen=True)
class LotTable:
    """Amounts by origin, means over replications of the whole run, warm-up included.

    Attributes:
        network: of the run.
        amounts: units a replication, by place, item and origin.
    """

    network: Network
    amounts: Mapping[tuple[int, int, int], float]

    @classmethod
    def mean(cls, network: Network, amounts: LotAmounts, replications: int) -> LotTable:
        """The table of amounts that were summed over replications.

        Args:
            network: nodes, products and items.
            amounts: units by origin, place and item, summed.
            replications: over how many.
        """
        return cls(network, {key: amount / replications for key, amount in amounts.items()})

    def rows(self) -> Iterator[tuple[str, str, str, str, str, float]]:
        """LOT_COLUMNS row by row, without amounts that are less than 10^-15 of what is there."""
        network, total = self.network, self.totals()
        for (place, item, origin), amount in sorted(self.amounts.items()):
            if amount > _DUST * total[place, item]:
                node, product = network.item_node[item], network.item_product[item]
                names = LOT_PLACES[place], network.node_ids[node], network.products[product]
                yield (*names, *origin_name(network, origin), amount)

    def totals(self) -> dict[tuple[int, int], float]:
        """Units a replication by place and item, all origins together."""
        found: dict[tuple[int, int], float] = {}
        for (place, item, _), amount in sorted(self.amounts.items()):
            found[place, item] = found.get((place, item), 0.0) + amount
        return found

    def shares(self, where: str = "sold", node: str | None = None, product: str | None = None) -> dict[Origin, float]:
        """Share of each origin in what is somewhere, the largest first; empty where nothing is.

        Args:
            where: one of LOT_PLACES.
            node, product: look at these only.

        Raises:
            InputError: no such place.
        """
        if where not in LOT_PLACES:
            raise InputError(f"lots: there is no {where!r}; places are {', '.join(LOT_PLACES)}")
        found: dict[Origin, float] = {}
        for place, at, of, *origin, amount in self.rows():
            if place == where and node in (None, at) and product in (None, of):
                name = (origin[0], origin[1])
                found[name] = found.get(name, 0.0) + amount
        return shares_of(found)


def add_amounts(total: LotAmounts, more: Mapping[tuple[int, int, int], float]) -> None:
    """Add amounts to others, in their order."""
    for key, amount in more.items():
        total[key] = total.get(key, 0.0) + amount


def shares_of(amounts: Mapping[Any, float]) -> dict[Any, float]:
    """Amounts as shares of their sum, the largest first; empty where the sum is 0."""
    total = sum(amounts.values())
    if total <= 0.0:
        return {}
    return {name: amount / total for name, amount in sorted(amounts.items(), key=lambda entry: -entry[1])}


def lots_summary(table: LotTable) -> dict[str, Any]:
    """Entry of summary.json: shares of final sales by the node where goods arose; under 0.1 % together as rest."""
    by_node: dict[str, float] = {}
    for (node, _), share in table.shares("sold").items():
        by_node[node] = by_node.get(node, 0.0) + share
    shares = shares_of(by_node)
    large = {node: share for node, share in shares.items() if share >= _LEAST_SHARE}
    rest = sum(share for node, share in shares.items() if node not in large)
    return {"final_sales": [{"origin": node, "share": share} for node, share in large.items()], "rest": rest}


def write_lots(table: LotTable, path: Path) -> None:
    """Write lots.csv, one row for each place, item and origin."""
    write_table(path, LOT_COLUMNS, table.rows())

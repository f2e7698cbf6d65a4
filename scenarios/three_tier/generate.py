"""Write the tables of this scenario from the published network: ``python -m scenarios.three_tier.generate [FOLDER]``.

The network says what each site makes and of what, its stock, capacity, demand and the profit of a finished unit; that
is all that the linear programs ask for. How members order is ours: they keep materials for a period at full capacity.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
_DATA: Final[Mapping[str, Any]] = json.loads((HERE / "network.json").read_text(encoding="utf-8"))
NETWORK: Final[Mapping[str, Any]] = _DATA["network"]
RECOVERY: Final = {site: found["time_to_recover"] for site, found in _DATA["expected"].items()}
"""Weeks that an outage of a supplier lasts."""
TIERS: Final = ("tier1", "tier2", "tier3")
Rows = list[list[object]]


def product_of(site: str) -> str:
    """What a site makes; each plant has a product of its own."""
    return str(NETWORK["supplier_material_type"].get(site, f"car_{site.removeprefix('T1_')}"))


def nodes() -> Rows:
    """Rows of nodes.csv; sub-suppliers make something of nothing."""
    rows: Rows = [
        ["id", "role", "layer", "x", "y", "product", "initial_stock", "target_stock", "demand.mean", "demand.price",
         "production.mean", "time_to_recover"],
    ]  # fmt: skip
    for layer, tier in enumerate(TIERS, start=1):
        count = len(NETWORK[tier])
        for place, site in enumerate(NETWORK[tier]):
            stock, made = NETWORK["s"][site], NETWORK["c"][site] if tier == "tier3" else ""
            y = 20 - 20 * (place + 0.5) / count
            rows.append(
                [site, tier, layer, 3 - layer, y, product_of(site), stock, stock, NETWORK["d"].get(site, ""),
                 NETWORK["f"].get(site, ""), made, RECOVERY.get(site, "")],
            )  # fmt: skip
    return rows


def recipes() -> Rows:
    """Rows of recipes.csv."""
    rows: Rows = [["node", "id", "inputs", "outputs", "capacity"]]
    for site, needs in NETWORK["r"].items():
        inputs = " + ".join(f"{units} {material}" for material, units in sorted(needs.items()))
        rows.append([site, f"making_{site}", inputs, f"1 {product_of(site)}", NETWORK["c"][site]])
    return rows


def stocks() -> Rows:
    """Rows of stocks.csv: materials, none in stock at first."""
    rows: Rows = [["node", "product", "initial_stock", "order.policy", "order.order_up_to"]]
    for site, needs in NETWORK["r"].items():
        rows += [
            [site, material, 0, "base_stock", units * NETWORK["c"][site]] for material, units in sorted(needs.items())
        ]
    return rows


def arcs() -> Rows:
    """Rows of arcs.csv."""
    return [["buyer", "supplier", "product"], *([b, s, product_of(s)] for s, b in sorted(NETWORK["edges"]))]


def products() -> Rows:
    """Rows of products.csv."""
    names = {product_of(site) for tier in TIERS for site in NETWORK[tier]}
    rows: Rows = [["id"]]
    rows += [[name] for name in sorted(names)]
    return rows


def main(folder: Path = HERE) -> None:
    """Write the tables."""
    for table in (nodes, recipes, stocks, arcs, products):
        with (folder / f"{table.__name__}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(table())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)

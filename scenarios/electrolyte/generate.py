"""Write the network and the law of failures of this scenario from the tables of the design.

``python -m scenarios.electrolyte.generate [FOLDER]``; prices, capacities, failures and spot prices are those of the
design, so that a plan can be simulated under the law that it was made for. The design's tables were drawn before, and
selected among 60,000 draws by how the paper's costs and selections come out (PROVENANCE.md).
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from esc_sim.design.sourcing import SourcingInstance, read_tables

HERE = Path(__file__).parent
SPOT = "spot"
SPOT_PRICE = 22600.0
"""Spot price, CNY per unit, that the cases' factors refer to; about their mean."""
PLENTY = 200000.0
"""Units that backups and the spot market could supply in a contract period: more than anybody asks for."""
DEMAND_MEAN, DEMAND_SD = 1500.0, 100.0


def nodes(i: SourcingInstance) -> list[list[object]]:
    """Rows of nodes.csv."""
    header: list[object] = [
        "id",
        "role",
        "layer",
        "target_stock",
        "demand.mean",
        "demand.sd",
        "order.mean",
        "production.mean",
    ]
    rows: list[list[object]] = [header]
    rows += [[a, "buyer", 1, "", DEMAND_MEAN, DEMAND_SD, DEMAND_MEAN, ""] for a in i.buyers]
    for name, made, role in [
        *((m, float(c), "primary") for m, c in zip(i.primaries, i.capacity, strict=True)),
        *((b, PLENTY, "backup") for b in i.backups),
        (SPOT, PLENTY, "spot"),
    ]:
        rows.append([name, role, 2, made, "", "", "", made])
    return rows


def arcs(i: SourcingInstance) -> list[list[object]]:
    """Rows of arcs.csv: primaries are asked first, then backups, then the spot market."""
    rows: list[list[object]] = [["buyer", "supplier", "price", "preference"]]
    first = i.backup_price if i.backup_price.ndim == 2 else i.backup_price[0]
    for a, buyer in enumerate(i.buyers):
        rows += [[buyer, m, float(i.primary_price[k, a]), 0] for k, m in enumerate(i.primaries)]
        rows += [[buyer, b, float(first[k, a]), 1] for k, b in enumerate(i.backups)]
        rows.append([buyer, SPOT, SPOT_PRICE, 2])
    return rows


def failures(i: SourcingInstance) -> list[list[object]]:
    """Rows of failures.csv: a failed primary keeps its residual capacity; no effort is made.

    Backup prices that move with the case become factors on those of the first.
    """
    moves = i.backup_price.ndim == 3
    dear = [f"price.{b}" for b in i.backups] if moves else []
    rows: list[list[object]] = [["case", "probability", *(f"health.{m}" for m in i.primaries), f"price.{SPOT}", *dear]]
    for k, name in enumerate(i.scenarios):
        health = [float(n) if down else 1.0 for n, down in zip(i.residual[k], i.disrupted[k], strict=True)]
        factors = (i.backup_price[k, :, 0] / i.backup_price[0, :, 0]).tolist() if moves else []
        rows.append([name, float(i.probability[k]), *health, float(i.spot_price[k]) / SPOT_PRICE, *factors])
    return rows


def write(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """Write one table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def main(folder: Path, tables: Path = HERE) -> None:
    """Write the three tables into a folder, from the design's tables in another (or the same)."""
    instance = read_tables(tables, max_recovery_time=0.8).instance
    write(folder / "nodes.csv", nodes(instance))
    write(folder / "arcs.csv", arcs(instance))
    write(folder / "failures.csv", failures(instance))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)

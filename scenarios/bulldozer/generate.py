"""Writes the tables of this scenario from stages.csv: python scenarios/bulldozer/generate.py."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from math import sqrt
from pathlib import Path

HERE = Path(__file__).resolve().parent
MEAN, SD, FACTOR = 5.0, 3.0, 1.645
"""Of the demand of a day, and the safety factor."""
RATE, DAYS = 0.3, 365
"""Holding cost a year, as a share of a unit's cost, and the days of a year; totals of a year do not depend on them."""
SOURCE = "supplies"
COVERED = {"Case": 15, "Frame_Assembly": 19, "Case&Frame": 1, "Fans": 2, "Pin_Assembly": 14, "Final_Assembly": 32}
"""Days that the stages with stock cover in the optimum, as `esc-sim design` finds it; all others cover none."""


def ident(stage: str) -> str:
    """A stage's id."""
    return stage.lower().replace("&", "_and_")


def write(name: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table beside this file."""
    with (HERE / f"{name}.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    """Nodes, products, recipes, materials and arcs."""
    with (HERE / "stages.csv").open(encoding="utf-8") as stream:
        stages = {row["stage"]: row for row in csv.DictReader(stream)}
    inputs = {name: row["supplied_by"].split() for name, row in stages.items()}
    buyer = {part: name for name, parts in inputs.items() for part in parts}
    nodes, recipes, stocks, arcs, products = [], [], [], [], []
    height = 0.0

    def visit(name: str, depth: int) -> tuple[float, float, float]:
        """Cost of a unit, height on the map, base stock; suppliers first."""
        nonlocal height
        parts = [visit(part, depth + 1) for part in inputs[name]]
        row, key, days = stages[name], ident(name), int(stages[name]["processing_time"])
        cost = float(row["cost_added"]) + sum(part[0] for part in parts)
        y = sum(part[1] for part in parts) / len(parts) if parts else height
        height += 0.0 if parts else 1.0
        covered = COVERED.get(name, 0)
        base = MEAN * covered + FACTOR * SD * sqrt(covered)
        below, up = buyer.get(name), base
        while below is not None:
            up += MEAN * COVERED.get(below, 0) + FACTOR * SD * sqrt(COVERED.get(below, 0))
            below = buyer.get(below)
        order = ["base_stock", up, "true"]
        final = name == "Final_Assembly"
        leaf = order if not parts else ["", "", ""]
        nodes.append(
            [
                key,
                name.replace("_", " ").replace("&", " & "),
                "assembly" if parts else "part",
                depth,
                10 - 2 * depth,
                y,
                key,
                base,
                RATE * cost / DAYS,
                *(["gamma", MEAN, SD, cost, 19 * RATE * cost / DAYS] if final else [""] * 5),
                *leaf,
            ]
        )
        products.append([key])
        if parts:
            made = " + ".join(f"1 {ident(part)}" for part in inputs[name])
            recipes.append([key, f"make_{key}", made, f"1 {key}", float(row["cost_added"])])
        else:
            arcs.append([key, SOURCE, key, float(row["cost_added"]), days])
            stocks.append([SOURCE, key, 500, 500, 500, "", "", ""])
        for part, (price, _, _) in zip(inputs[name], parts, strict=True):
            stocks.append([key, ident(part), "", "", "", *order])
            arcs.append([key, ident(part), ident(part), price, days])
        return cost, y, base

    visit("Final_Assembly", 1)
    nodes.append([SOURCE, "Supplies", "source", 6, -3, height / 2, *[""] * 11])
    law = [f"demand.law.{key}" for key in ("law", "mean", "sd")]
    order = [f"order.{key}" for key in ("policy", "order_up_to", "echelon")]
    own = ["id", "name", "role", "layer", "x", "y", "product", "initial_stock", "holding_cost"]
    write("nodes", [*own, *law, "demand.price", "demand.shortage_cost", *order], nodes)
    write("products", ["id"], products)
    write("recipes", ["node", "id", "inputs", "outputs", "cost"], recipes)
    write("stocks", ["node", "product", "initial_stock", "target_stock", "production.mean", *order], stocks)
    write("arcs", ["buyer", "supplier", "product", "price", "lead_time"], arcs)


if __name__ == "__main__":
    main()

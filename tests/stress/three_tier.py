"""The three-tier network of data/three_tier_35.json and what it must give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from esc_sim.stress.aggregate_network import AggregateNetwork, from_tables

DATA: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "three_tier_35.json").read_text(encoding="utf-8"))
EXPECTED: dict[str, dict[str, float]] = DATA["expected"]


def three_tier(**more: dict[str, float]) -> AggregateNetwork:
    """The network; ``more`` takes the place of its numbers (stock, capacity, demand, margin) by maker."""
    given = DATA["network"]
    numbers = {"stock": given["s"], "capacity": given["c"], "demand": given["d"], "margin": given["f"]} | more
    return from_tables(given["edges"], given["supplier_material_type"], given["r"], numbers)

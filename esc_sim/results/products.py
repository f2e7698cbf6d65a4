"""The balance of every product over a run: what came into stock, what left it, and that nothing vanished."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from esc_sim.network.model import stock_lines
from esc_sim.results.columns import FLOW_COLUMNS
from esc_sim.results.roomy import in_memory
from esc_sim.results.run import RunResult
from esc_sim.storage.tables import write_table

COMING_IN: Final = ("gained", "produced", "taken")
BALANCE_COLUMNS: Final = ("initial_stock", *FLOW_COLUMNS, "end_stock", "gap")
"""Units a replication, all members together; gap = initial_stock + what comes in - what leaves - end_stock."""


def product_balance(result: RunResult) -> dict[str, dict[str, float]]:
    """For each product BALANCE_COLUMNS, means over replications of sums over the whole run; empty where not kept.

    Goods live on a grid, so the sums are exact and ``gap`` is 0 but for the rounding of means and starting stocks.
    """
    flows = result.flows
    if flows is None or not flows.shape[1]:
        return {}
    network, size = result.network, 2.0**result.scenario.rules.goods_quantum
    start = np.round(np.array([line.initial_stock for _, _, line in stock_lines(result.scenario)]) * size) / size
    end = result.item_stock[-1]
    mean = np.stack([in_memory(flows[..., k]).mean(axis=0) for k in range(flows.shape[-1])], axis=-1)
    signs = np.array([1.0 if name in COMING_IN else -1.0 for name in FLOW_COLUMNS])
    found = {}
    for p, product in enumerate(network.products):
        own = network.item_product == p
        moved = mean[own].sum(axis=0)
        gap = float(start[own].sum() + (moved * signs).sum() - end[own].sum())
        scale = max(1.0, float(np.abs(moved).sum()))
        gap = 0.0 if abs(gap) < 1e-9 * scale else gap
        values = (float(start[own].sum()), *moved.tolist(), float(end[own].sum()), gap)
        found[product] = dict(zip(BALANCE_COLUMNS, values, strict=True))
    return found


def write_products(balance: dict[str, dict[str, float]], path: Path) -> None:
    """Write the balance as products.csv, a row for each product."""
    rows = ([product, *(values[name] for name in BALANCE_COLUMNS)] for product, values in balance.items())
    write_table(path, ["product", *BALANCE_COLUMNS], rows)

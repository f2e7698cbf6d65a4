"""Sums of every replication and item: what the tables of tiers and products rest on, so that a run can go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from esc_sim.errors import InputError
from esc_sim.network.model import Network
from esc_sim.results.columns import FLOW_COLUMNS, TALLY_COLUMNS
from esc_sim.results.parquet import numbers_of, reading
from esc_sim.results.run import Floats, RunResult

SUMS: Final = "sums.parquet"
_FIXED: Final = ("replication", "node", "product")


def has_sums(summary: dict[str, Any]) -> bool:
    """Whether a run with this summary keeps sums of items."""
    return "tiers" in summary or "products" in summary


def write_sums(result: RunResult, path: Path) -> None:
    """Write sums.parquet: replication, node, product, and TALLY_COLUMNS and FLOW_COLUMNS as far as they were kept."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    network, count = result.network, result.replications
    parts = {TALLY_COLUMNS: result.tally, FLOW_COLUMNS: result.flows}
    columns: dict[str, Any] = {
        "replication": np.repeat(np.arange(count, dtype=np.int32), network.item_count),
        "node": np.tile(np.array(network.node_ids, object)[network.item_node], count),
        "product": np.tile(np.array(network.products, object)[network.item_product], count),
    }
    for names, values in parts.items():
        if values is not None and values.shape[1]:
            columns |= {name: values[..., k].ravel() for k, name in enumerate(names)}
    pq.write_table(pa.table(columns), path, compression="zstd", use_dictionary=["node", "product"])


def read_sums(path: Path, replications: int, network: Network) -> tuple[Floats | None, Floats | None]:
    """What :func:`write_sums` wrote: tally and flows, None where they were not kept.

    Args:
        path: the file.
        replications: R of the run.
        network: its network of I items.

    Returns:
        float64[R, I, len(TALLY_COLUMNS)] and float64[R, I, len(FLOW_COLUMNS)].

    Raises:
        InputError: missing, truncated or foreign file.
    """
    import pyarrow.parquet as pq

    with reading(path):
        table = pq.read_table(path)
    kept = [names for names in (TALLY_COLUMNS, FLOW_COLUMNS) if names[0] in table.column_names]
    if table.num_rows != replications * network.item_count or set(table.column_names) != set(_FIXED).union(*kept):
        raise InputError(f"{path}: does not hold the sums of {replications} replications; run again")

    def part(names: tuple[str, ...]) -> Floats | None:
        if names not in kept:
            return None
        return numbers_of(path, table, names).reshape(replications, network.item_count, len(names))

    return part(TALLY_COLUMNS), part(FLOW_COLUMNS)

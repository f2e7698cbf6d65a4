"""Sums of every replication and item: what tables of tiers, customers and products rest on, so that a run can go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.network.model import Network
from esc_sim.results.arrow import numbers, words
from esc_sim.results.columns import FLOW_COLUMNS, SERVICE_COLUMNS, TALLY_COLUMNS
from esc_sim.results.parquet import numbers_of, reading, write_tables
from esc_sim.results.roomy import in_memory
from esc_sim.results.run import Floats, Result

if TYPE_CHECKING:
    import pyarrow as pa

SUMS: Final = "sums.parquet"
_FIXED: Final = ("replication", "node", "product")
_SERVICE: Final = tuple(f"customers_{name}" for name in SERVICE_COLUMNS)
_TWIN_SERVICE: Final = tuple(f"twin_{name}" for name in _SERVICE)
_KINDS: Final = (TALLY_COLUMNS, FLOW_COLUMNS, _SERVICE, _TWIN_SERVICE)
_ROWS_PER_PIECE: Final = 100_000


@dataclass(frozen=True)
class Sums:
    """Sums of R replications of a network of I items, C of them with final demand; None what was not kept.

    Attributes:
        tally: float64[R, I, len(TALLY_COLUMNS)].
        flows: float64[R, I, len(FLOW_COLUMNS)].
        customers: int64[C], the items with final demand.
        service: float64[R, C, len(SERVICE_COLUMNS)].
        twin_service: the same of the twin.
    """

    tally: Floats | None = None
    flows: Floats | None = None
    customers: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    service: Floats | None = None
    twin_service: Floats | None = None

    @classmethod
    def of(cls, result: Result) -> Sums:
        """Those of a run."""
        return cls(result.tally, result.flows, result.customers, result.service, result.twin_service)


def has_sums(summary: dict[str, Any]) -> bool:
    """Whether a run with this summary keeps sums of items."""
    return any(part in summary for part in ("tiers", "products", "service"))


def write_sums(result: Result, path: Path) -> None:
    """Write sums.parquet: replication, node, product, and the columns of :class:`Sums` as far as they were kept.

    Columns of customers have no number (nan) where an item has no final demand.
    """
    write_tables(path, _pieces(result), use_dictionary=["node", "product"])


def _pieces(result: Result) -> Iterator[pa.Table]:
    """Rows of some replications after the other."""
    import pyarrow as pa

    network, count = result.network, result.replications
    step = max(1, _ROWS_PER_PIECE // max(1, network.item_count))
    for first in range(0, count, step):
        rows = slice(first, min(first + step, count))
        size = rows.stop - first
        columns: dict[str, Any] = {
            "replication": numbers(np.repeat(np.arange(first, rows.stop, dtype=np.int32), network.item_count)),
            "node": words(np.tile(network.item_node, size), network.node_ids).dictionary_decode(),
            "product": words(np.tile(network.item_product, size), network.products).dictionary_decode(),
        }
        sums = (result.tally, result.flows, result.service, result.twin_service)
        for names, values in zip(_KINDS, sums, strict=True):
            if values is not None and values.shape[1]:
                kept = in_memory(values[rows])
                if names in (_SERVICE, _TWIN_SERVICE):
                    of_customers, kept = kept, np.full((size, network.item_count, len(names)), np.nan)
                    kept[:, result.customers] = of_customers
                columns |= {name: numbers(kept[..., k]) for k, name in enumerate(names)}
        yield pa.table(columns)


def read_sums(path: Path, replications: int, network: Network) -> Sums:
    """What :func:`write_sums` wrote.

    Args:
        path: the file.
        replications: R of the run.
        network: its network.

    Raises:
        InputError: missing, truncated or foreign file.
    """
    import pyarrow.parquet as pq

    with reading(path):
        table = pq.read_table(path)
    kept = [names for names in _KINDS if names[0] in table.column_names]
    if table.num_rows != replications * network.item_count or set(table.column_names) != set(_FIXED).union(*kept):
        raise InputError(f"{path}: does not hold the sums of {replications} replications; run again")

    def part(names: tuple[str, ...]) -> Floats | None:
        if names not in kept:
            return None
        return numbers_of(path, table, names).reshape(replications, network.item_count, len(names))

    service, twin = part(_SERVICE), part(_TWIN_SERVICE)
    if service is None:
        return Sums(part(TALLY_COLUMNS), part(FLOW_COLUMNS))
    customers = np.flatnonzero(np.isfinite(service[0, :, 0]))
    beside = None if twin is None else twin[:, customers]
    return Sums(part(TALLY_COLUMNS), part(FLOW_COLUMNS), customers, service[:, customers], beside)

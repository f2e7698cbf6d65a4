"""Write a run to a folder: summary, manifest, Parquet tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from esc_sim.results.arrow import flags, numbers, words
from esc_sim.results.columns import ITEM_COLUMNS, NODE_COLUMNS, PERIOD_COLUMNS
from esc_sim.results.customer_demand import CUSTOMER_TABLE, customer_demand, write_demand
from esc_sim.results.dates import period_columns
from esc_sim.results.links import LINKS, write_links
from esc_sim.results.lots import LOTS, write_lots
from esc_sim.results.manifest import RUN_FORMAT, build_manifest
from esc_sim.results.parquet import write_tables
from esc_sim.results.products import write_products
from esc_sim.results.roomy import in_memory
from esc_sim.results.run import UNDISRUPTED, Booleans, Floats, Result, RunResult
from esc_sim.results.states import STATES, write_states
from esc_sim.results.summary import build_summary
from esc_sim.results.sums import SUMS, has_sums, write_sums
from esc_sim.scenario.calendar import Calendar, calendar_of
from esc_sim.storage.files import write_json
from esc_sim.storage.place import Fill, claimed

if TYPE_CHECKING:
    import pyarrow as pa

    from esc_sim.network.model import Network

ROWS_PER_GROUP: Final = 100_000


def write_run(
    result: RunResult,
    folder: Path,
    *,
    force: bool = False,
    draw: Callable[[Path], object] | None = None,
    drawn: Collection[str] = (),
) -> dict[str, Any]:
    """Write a run; the folder appears only when everything in it is written.

    Args:
        result: the run.
        folder: where to; must not exist, be empty, or, with ``force``, be a folder of an earlier run.
        force: replace an earlier run.
        draw: called with the folder being written, to add figures.
        drawn: names of figure files that may be replaced, see :class:`esc_sim.storage.place.Place`.

    Returns:
        The summary that was written.

    Raises:
        InputError: the folder must not be written to.
    """
    summary = build_summary(result)
    with claimed(folder, kind=RUN_FORMAT, force=force, drawn=drawn) as place:
        place.save(run_files(result, summary, draw))
    return summary


def run_files(result: RunResult, summary: dict[str, Any], draw: Callable[[Path], object] | None = None) -> Fill:
    """What writes a run into a folder.

    Args:
        result: the run.
        summary: its summary.
        draw: called with the folder, to add figures.
    """

    def fill(folder: Path) -> dict[str, Any]:
        write_json(folder / "summary.json", summary)
        write_json(folder / "network.json", network_content(result))
        write_tables(folder / "periods.parquet", period_tables(result))
        write_tables(folder / "items.parquet", item_tables(result))
        write_tables(folder / "arcs.parquet", arc_tables(result))
        if "demand" in summary:
            write_demand(customer_demand(result), folder / CUSTOMER_TABLE)
        if "products" in summary:
            write_products(summary["products"], folder / "products.csv")
        if has_sums(summary):
            write_sums(result, folder / SUMS)
        if "states" in summary:
            write_states(result, folder / STATES)
        if result.links:
            write_links(result.links, folder / LINKS)
        if result.lots is not None:
            write_lots(result.lots, folder / LOTS)
        if result.traces is not None:
            _write_traces(result, folder)
        if draw is not None:
            draw(folder)
        return build_manifest(result)

    return fill


def network_content(result: RunResult) -> dict[str, Any]:
    """Content of network.json: structure and labels, all that figures need of the scenario."""
    about = result.about
    return {
        "name": result.scenario.name,
        "title": about.title,
        "units": about.units.model_dump(),
        "data": about.data.model_dump(),
        "safety_stock": about.safety_stock.tolist(),
        "target_stock": [None if np.isnan(level) else level for level in about.target_stock.tolist()],
        "network": result.network.to_dict(),
        "side_links": about.side_ends.tolist(),
        "links": [
            [*ends, units] for ends, units in zip(about.link_ends.tolist(), about.link_shipped.tolist(), strict=True)
        ],
        "struck_nodes": about.struck_nodes.tolist(),
        "struck_arcs": about.struck_arcs.tolist(),
    }


def _runs(result: Result) -> list[tuple[str, Floats, Booleans | None]]:
    """(label, values, disruption in force) of the run and its twin."""
    found = [(result.label, result.values, result.activity())]
    if result.twin is not None:
        found.append((UNDISRUPTED, result.twin, np.zeros(result.twin.shape[:2], dtype=bool)))
    return found


def period_tables(result: Result) -> Iterator[pa.Table]:
    """Rows of periods.parquet, piece by piece."""
    import pyarrow as pa

    labels = [label for label, _, _ in _runs(result)]
    periods, calendar = result.period_count, result.calendar
    step = max(1, ROWS_PER_GROUP // periods)
    for code, (_, values, active) in enumerate(_runs(result)):
        for start in range(0, len(values), step):
            block = values[start : start + step]
            rows = block.shape[0] * periods
            struck = None if active is None else in_memory(active[start : start + step])
            columns = {
                "run": words(np.full(rows, code), labels),
                "replication": numbers(np.repeat(np.arange(start, start + len(block), dtype=np.int32), periods)),
                **period_columns(np.tile(np.arange(periods), len(block)), calendar),
                "disruption_active": pa.nulls(rows, pa.bool_()) if struck is None else flags(struck),
            }
            columns |= {name: numbers(in_memory(block[..., k])) for k, name in enumerate(PERIOD_COLUMNS)}
            yield pa.table(columns)


def item_tables(result: Result) -> Iterator[pa.Table]:
    """Rows of items.parquet, piece by piece."""
    import pyarrow as pa

    network = result.network
    runs = [(result.label, result.item_stock, result.item_health)]
    if result.twin_item_stock is not None:
        runs.append((UNDISRUPTED, result.twin_item_stock, np.broadcast_to(1.0, result.item_health.shape)))
    labels = [label for label, _, _ in runs]
    step = max(1, ROWS_PER_GROUP // max(1, network.item_count))
    for code, (_, stock, health) in enumerate(runs):
        for start in range(0, len(stock), step):
            block = in_memory(stock[start : start + step])
            count, items = block.shape
            share = in_memory(health[start : start + step])[:, network.item_node]
            yield pa.table(
                {
                    "run": words(np.full(block.size, code), labels),
                    **period_columns(np.repeat(np.arange(start, start + count), items), result.calendar),
                    "node": words(np.tile(network.item_node, count), network.node_ids),
                    "product": words(np.tile(network.item_product, count), network.products),
                    "stock": numbers(block),
                    "health": numbers(share),
                }
            )


def arc_tables(result: Result) -> Iterator[pa.Table]:
    """Rows of arcs.parquet, run by run."""
    import pyarrow as pa

    network = result.network
    runs = [(result.label, result.arc_shipped)]
    if result.twin_arc_shipped is not None:
        runs.append((UNDISRUPTED, result.twin_arc_shipped))
    labels = [label for label, _ in runs]
    for code, (_, shipped) in enumerate(runs):
        yield pa.table(
            {
                "run": words(np.full(len(shipped), code), labels),
                "buyer": words(network.item_node[network.arc_buyer], network.node_ids),
                "supplier": words(network.item_node[network.arc_supplier], network.node_ids),
                "product": words(network.item_product[network.arc_buyer], network.products),
            }
            | _mode_column(network)
            | {"shipped": numbers(np.asarray(shipped, dtype=np.float64))}
        )


def _mode_column(network: Network) -> dict[str, Any]:
    """The column ``mode`` of a network whose routes have modes; "" of those that have none."""
    names = sorted({mode or "" for mode in network.arc_modes})
    return {"mode": words(np.array([names.index(mode or "") for mode in network.arc_modes]), names)} if names else {}


def _write_traces(result: RunResult, folder: Path) -> None:
    """nodes.parquet (per node) and node_items.parquet (per node and product): every replication and period."""
    traces, network = result.traces, result.network
    assert traces is not None
    nodes = np.arange(network.node_count)
    dates = calendar_of(result.scenario)
    _write_trace(folder / "nodes.parquet", traces.nodes, {"node": (nodes, network.node_ids)}, NODE_COLUMNS, dates)
    names = {"node": (network.item_node, network.node_ids), "product": (network.item_product, network.products)}
    _write_trace(folder / "node_items.parquet", traces.items, names, ITEM_COLUMNS, dates)


def _write_trace(
    path: Path,
    values: Floats,
    names: dict[str, tuple[np.ndarray, tuple[str, ...]]],
    columns: tuple[str, ...],
    calendar: Calendar | None,
) -> None:
    replications, periods, members, _ = values.shape
    step = max(1, ROWS_PER_GROUP // max(1, members))

    def tables() -> Iterator[pa.Table]:
        import pyarrow as pa

        for replication in range(replications):
            for start in range(0, periods, step):
                block = in_memory(values[replication, start : start + step])
                count = len(block)
                rows: dict[str, Any] = {
                    "replication": numbers(np.full(count * members, replication, dtype=np.int32)),
                    **period_columns(np.repeat(np.arange(start, start + count), members), calendar),
                }
                rows |= {name: words(np.tile(codes, count), known) for name, (codes, known) in names.items()}
                rows |= {name: numbers(block[..., k]) for k, name in enumerate(columns)}
                yield pa.table(rows)

    write_tables(path, tables())

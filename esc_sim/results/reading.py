"""Read a run back from its folder, and hold it in the form that figures draw from.

Nothing here can execute what it reads: JSON and Parquet only.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.network.model import Network
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.results.dates import summary_calendar
from esc_sim.results.manifest import FORMAT_VERSION, RUN_FORMAT
from esc_sim.results.observed import Observed
from esc_sim.results.parquet import reading
from esc_sim.results.run import UNDISRUPTED, Booleans, Floats, RunResult, column
from esc_sim.results.states import STATES, read_states
from esc_sim.results.summary import build_summary
from esc_sim.results.sums import SUMS, Sums, has_sums, read_sums
from esc_sim.results.writing import network_content
from esc_sim.scenario.calendar import Calendar
from esc_sim.scenario.schema import DataStatus, Units
from esc_sim.storage.manifest import MANIFEST, check_file, read_manifest

Content = TypeVar("Content")


@dataclass(frozen=True)
class StoredRun:
    """A run as figures and tables need it, read from a folder or straight from a :class:`RunResult`.

    Arrays have the shapes of those of RunResult.

    Attributes:
        title: of the scenario.
        label: "disrupted", or "undisrupted" when the scenario has no disruption.
        units: names of the units.
        data: where the numbers come from.
        network: nodes, arcs, products and markets.
        safety_stock, target_stock: float64[I], units; nan = none.
        summary: content of summary.json.
        values, twin: period columns of the run and of its undisrupted twin.
        disruption_active: whether any disruption is in force.
        arc_shipped, twin_arc_shipped: mean shipped per period.
        item_stock, twin_item_stock: mean stock at the end of each period.
        node_health: mean share of capacity that each node can ship (``item_health`` of RunResult).
        side_ends: int64[., 2], pairs of nodes (giver, taker) between which goods go without an order.
        observed, observations: names and values of what features show of themselves.
        sums: sums of items and customers, as far as they were kept.
    """

    title: str
    label: str
    units: Units
    data: DataStatus
    network: Network
    safety_stock: Floats
    target_stock: Floats
    summary: dict[str, Any]
    values: Floats
    twin: Floats | None
    disruption_active: Booleans | None
    arc_shipped: Floats
    twin_arc_shipped: Floats | None
    item_stock: Floats
    twin_item_stock: Floats | None
    node_health: Floats
    side_ends: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    observed: tuple[Observed, ...] = ()
    observations: Floats | None = None
    sums: Sums = field(default_factory=Sums)

    def column(self, name: str) -> Floats:
        """One period column of the run as configured, [R, T]."""
        return column(self.values, name)

    def twin_column(self, name: str) -> Floats | None:
        """One period column of the undisrupted twin, [R, T], or None without a twin."""
        return None if self.twin is None else column(self.twin, name)

    @cached_property
    def node_stock(self) -> Floats:
        """float64[T, N], stock of a node summed over its products, mean over replications."""
        total = np.zeros((self.network.node_count, len(self.item_stock)))
        np.add.at(total, self.network.item_node, self.item_stock.T)
        return total.T

    @property
    def replications(self) -> int:
        """Number of replications."""
        return int(self.values.shape[0])

    @property
    def periods(self) -> int:
        """Review periods per replication."""
        return int(self.values.shape[1])

    @property
    def calendar(self) -> Calendar | None:
        """Dates of the periods; None where the scenario gave none."""
        return summary_calendar(self.summary)


def stored_run(result: RunResult, summary: dict[str, Any] | None = None) -> StoredRun:
    """The form for figures, without a detour over files.

    Args:
        result: a run.
        summary: its summary when it has been built already.
    """
    return _assemble(
        network_content(result),
        build_summary(result) if summary is None else summary,
        label=result.label,
        values=result.values,
        twin=result.twin,
        disruption_active=result.activity(),
        arc_shipped=result.arc_shipped,
        twin_arc_shipped=result.twin_arc_shipped,
        item_stock=result.item_stock,
        twin_item_stock=result.twin_item_stock,
        node_health=result.item_health,
        observed=tuple(result.observed),
        observations=result.observations,
        sums=Sums.of(result),
    )


def read_run(folder: str | Path) -> StoredRun:
    """Read a folder that ``esc-sim run --out`` wrote.

    Raises:
        InputError: no such folder, no run, a file missing, truncated, or not belonging to this run.
    """
    path = Path(folder)
    manifest = manifest_of(path, RUN_FORMAT, "run", "esc-sim run")
    summary = _read_json(path / "summary.json")
    content = _read_json(path / "network.json")
    label, has_twin = str(manifest.get("run")), bool(manifest.get("has_twin"))
    labels = [label, UNDISRUPTED] if has_twin else [label]
    shape = _shape(path, manifest)
    network = _parsed(path / "network.json", lambda: checked_network(Network.from_dict(content["network"])))
    if network.structure_hash != manifest.get("structure_hash"):
        raise InputError(f"{path / 'network.json'}: is not the network that this run was made on")
    values, active = _read_periods(path / "periods.parquet", labels, shape)
    stock, health = _read_items(path / "items.parquet", labels, shape[1], network)
    shipped = _read_columns(path / "arcs.parquet", ["run", "shipped"], labels, network.arc_count)["shipped"]
    arcs = shipped.reshape(len(labels), network.arc_count)
    observed, observations = _parsed(path / "summary.json", lambda: _read_states(path, summary, shape))
    sums = read_sums(path / SUMS, shape[0], network) if has_sums(summary) else Sums()

    def assemble() -> StoredRun:
        return _assemble(
            content,
            summary,
            label=label,
            values=values[0],
            twin=values[1] if has_twin else None,
            disruption_active=active,
            arc_shipped=arcs[0],
            twin_arc_shipped=arcs[1] if has_twin else None,
            item_stock=stock[0],
            twin_item_stock=stock[1] if has_twin else None,
            node_health=health,
            observed=observed,
            observations=observations,
            sums=sums,
        )

    return _parsed(path / "network.json", assemble)


def _read_states(
    path: Path, summary: dict[str, Any], shape: tuple[int, int]
) -> tuple[tuple[Observed, ...], Floats | None]:
    """What features show of themselves; nothing where the run has no such features."""
    return read_states(path / STATES, summary["states"], shape) if "states" in summary else ((), None)


def _assemble(content: dict[str, Any], summary: dict[str, Any], **arrays: Any) -> StoredRun:
    network = Network.from_dict(content["network"])
    target = [np.nan if value is None else value for value in content["target_stock"]]
    return StoredRun(
        title=str(content["title"]),
        units=Units.model_validate(content["units"]),
        data=DataStatus.model_validate(content["data"]),
        network=network,
        safety_stock=_sized(content["safety_stock"], network.item_count),
        target_stock=_sized(target, network.item_count),
        summary=summary,
        side_ends=_pairs(content.get("side_links", []), network.node_count),
        **arrays,
    )


def _pairs(values: list[Any], nodes: int) -> NDArray[np.int64]:
    array = np.array(values, dtype=np.int64).reshape(-1, 2)
    if array.size and not (int(array.min()) >= 0 and int(array.max()) < nodes):
        raise ValueError("an index points nowhere")
    return array


def _sized(values: list[Any], count: int) -> Floats:
    array = np.array(values, dtype=np.float64)
    if array.shape != (count,):
        raise ValueError(f"{array.size} stock levels for {count} items")
    return array


def manifest_of(folder: Path, kind: str, what: str, command: str) -> dict[str, Any]:
    """The manifest of results of one kind.

    Args:
        folder: of the results.
        kind: their format.
        what: they are, in words.
        command: that writes them.

    Raises:
        InputError: no such folder, something else in it, or another version of the format.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: is no folder; name one that '{command} --out' wrote")
    manifest = read_manifest(folder)
    if manifest is None or manifest.get("format") != kind:
        raise InputError(f"{folder}: is no {what} ({MANIFEST} is missing or of something else); run '{command}' first")
    found = manifest.get("format_version")
    if found != FORMAT_VERSION:
        raise InputError(f"{folder / MANIFEST}: has format version {found!r}; this esc_sim reads {FORMAT_VERSION}")
    return manifest


def _shape(path: Path, manifest: dict[str, Any]) -> tuple[int, int]:
    """(replications, periods) as the manifest states them."""
    sizes = manifest.get("replications"), manifest.get("periods")
    if not all(isinstance(size, int) and not isinstance(size, bool) and size > 0 for size in sizes):
        raise InputError(f"{path / MANIFEST}: replications and periods are not whole numbers above 0")
    return sizes[0], sizes[1]  # type: ignore[return-value]


def _read_json(path: Path) -> dict[str, Any]:
    check_file(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: cannot be read as JSON ({error}); run again") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: is not what esc_sim writes; run again")
    return content


def _parsed(path: Path, make: Callable[[], Content]) -> Content:
    """What ``make`` returns; content of another shape than esc_sim writes becomes one clear message."""
    try:
        return make()
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, AttributeError) as error:
        what = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path}: is not what esc_sim writes ({what}); run again") from None


def checked_network(network: Network) -> Network:
    """Refuse indices that point nowhere, before a figure trips over them."""
    nodes, items, products = network.node_count, network.item_count, len(network.products)
    fits = (
        {len(network.roles), len(network.regions), len(network.layer), len(network.x), len(network.y)} == {nodes}
        and len(network.item_product) == items
        and len(network.arc_supplier) == len(network.arc_market) == network.arc_count
    )
    if not fits:
        raise ValueError("lists of unequal length")
    names = (*network.node_ids, *network.roles, *network.products, *network.markets)
    if not all(isinstance(name, str) for name in names):
        raise ValueError("a name is no text")
    for indices, limit in (
        (network.item_node, nodes),
        (network.item_product, products),
        (network.arc_buyer, items),
        (network.arc_supplier, items),
    ):
        if indices.size and not (int(indices.min()) >= 0 and int(indices.max()) < limit):
            raise ValueError("an index points nowhere")
    return network


def _read_columns(path: Path, names: list[str], labels: list[str], rows: int) -> dict[str, np.ndarray]:
    """Columns of a Parquet file that holds ``rows`` rows for each label, in the labels' order.

    Raises:
        InputError: missing, truncated or foreign file.
    """
    import pyarrow.parquet as pq

    with reading(path), pq.ParquetFile(path) as file:
        missing = [name for name in names if name not in file.schema_arrow.names]
        if missing:
            raise InputError(f"{path}: has no column {', '.join(missing)}; it is not what esc_sim writes")
        found = file.metadata.num_rows
        if found != rows * len(labels):
            raise InputError(f"{path}: has {found} rows where the run has {rows * len(labels)}; run again")
        table = file.read(columns=names)
    if rows and [table["run"][i * rows].as_py() for i in range(len(labels))] != labels:
        raise InputError(f"{path}: holds other runs than {' and '.join(labels)}; it is not what esc_sim writes")
    return {name: table[name].to_numpy() for name in names if name != "run"}


def _numbers(path: Path, name: str, values: np.ndarray) -> Floats:
    if values.dtype.kind not in "fiu":
        raise InputError(f"{path}: column {name} does not hold numbers; it is not what esc_sim writes")
    return values.astype(np.float64, copy=False)


def _read_periods(path: Path, labels: list[str], shape: tuple[int, int]) -> tuple[Floats, Booleans | None]:
    """Values [runs, R, T, K], and whether a disruption is in force [R, T]."""
    names = ["run", "replication", "period", "disruption_active", *PERIOD_COLUMNS]
    columns = _read_columns(path, names, labels, shape[0] * shape[1])
    order = np.tile(np.arange(shape[0] * shape[1]), len(labels))
    if not np.array_equal(columns["replication"] * np.int64(shape[1]) + columns["period"], order):
        raise InputError(f"{path}: is not in the order of replications and periods; it is not what esc_sim writes")
    table = np.stack([_numbers(path, name, columns[name]) for name in PERIOD_COLUMNS], axis=-1)
    flags = columns["disruption_active"][: shape[0] * shape[1]]
    active = flags.astype(bool).reshape(shape) if flags.dtype == bool or None not in flags.tolist() else None
    return table.reshape(len(labels), *shape, len(PERIOD_COLUMNS)), active


def _read_items(path: Path, labels: list[str], periods: int, network: Network) -> tuple[Floats, Floats]:
    """Stock [runs, T, I], and health [T, N] of the run as configured."""
    columns = _read_columns(path, ["run", "stock", "health"], labels, periods * network.item_count)
    shape = (len(labels), periods, network.item_count)
    stock = _numbers(path, "stock", columns["stock"]).reshape(shape)
    of_items = _numbers(path, "health", columns["health"]).reshape(shape)[0]
    health = np.ones((periods, network.node_count))
    health[:, network.item_node] = of_items
    return stock, health

"""Read a run back from its folder.

Nothing here can execute what it reads: JSON and Parquet only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.findings.stored import copied, report_of_folder
from esc_sim.network.model import Network
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.results.manifest import FORMAT_VERSION, engines_of
from esc_sim.results.observed import Observed
from esc_sim.results.parquet import reading
from esc_sim.results.roomy import by_pieces, in_memory, let_go, roomy
from esc_sim.results.run import RUN_FORMAT, UNDISRUPTED, About, Booleans, Floats, Result
from esc_sim.results.states import STATES, read_states
from esc_sim.results.sums import SUMS, Sums, has_sums, read_sums
from esc_sim.sampling.streams import STRATA
from esc_sim.scenario.schema import DataStatus, Units
from esc_sim.storage.manifest import MANIFEST, check_file, read_manifest
from esc_sim.storage.place import Fill

Content = TypeVar("Content")


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class StoredRun(Result):
    """A run read back from its folder.

    Attributes:
        read: what the folder says of the scenario.
        folder: where it was read.
    """

    read: About
    folder: Path

    @property
    def about(self) -> About:
        """What tables and figures need to know of the scenario."""
        return self.read

    def folder_files(self) -> Fill:
        """What writes it into another folder: its files as they are."""
        return copied(self.folder)

    def report(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Write one HTML file that tells all of it, by default report.html in its folder."""
        return report_of_folder(self.folder, path)


def read_run(folder: str | Path) -> StoredRun:
    """Read a folder that ``esc-sim run --out`` wrote.

    Raises:
        InputError: no such folder, no run, a file missing, truncated, or not belonging to this run.
    """
    path = Path(folder)
    manifest = manifest_of(path, RUN_FORMAT, "run", "esc-sim run")
    summary = json_of(path / "summary.json")
    content = json_of(path / "network.json")
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
            network,
            path,
            manifest,
            values=values[0],
            twin=values[1] if has_twin else None,
            disruption_active=active,
            arc_shipped=arcs[0],
            twin_arc_shipped=arcs[1] if has_twin else None,
            item_stock=stock[0],
            twin_item_stock=stock[1] if has_twin else None,
            item_health=health,
            observed=observed,
            observations=observations,
            tally=sums.tally,
            customers=sums.customers,
            service=sums.service,
            twin_service=sums.twin_service,
            flows=sums.flows,
        )

    return _parsed(path / "network.json", assemble)


def _read_states(
    path: Path, summary: dict[str, Any], shape: tuple[int, int]
) -> tuple[tuple[Observed, ...], Floats | None]:
    """What features show of themselves; nothing where the run has no such features."""
    return read_states(path / STATES, summary["states"], shape) if "states" in summary else ((), None)


def _assemble(
    content: dict[str, Any],
    summary: dict[str, Any],
    network: Network,
    folder: Path,
    manifest: dict[str, Any],
    **arrays: Any,
) -> StoredRun:
    target = [np.nan if value is None else value for value in content["target_stock"]]
    links = content.get("links", [])
    about = About(
        title=str(content["title"]),
        label=str(manifest.get("run")),
        units=Units.model_validate(content["units"]),
        data=DataStatus.model_validate(content["data"]),
        safety_stock=_sized(content["safety_stock"], network.item_count),
        target_stock=_sized(target, network.item_count),
        side_ends=_indices(content.get("side_links", []), network.node_count).reshape(-1, 2),
        link_ends=_indices([link[:2] for link in links], network.node_count).reshape(-1, 2),
        link_shipped=_sized([link[2] for link in links], len(links)),
        struck_nodes=_indices(content.get("struck_nodes", []), network.node_count),
        struck_arcs=_indices(content.get("struck_arcs", []), network.arc_count),
        summary=summary,
    )
    return StoredRun(
        read=about,
        folder=folder,
        network=network,
        engine=str(manifest.get("engine")),
        engines=engines_of(manifest),
        seed=int(manifest["seed"]),
        plan=manifest.get("plan"),
        plan_hash=manifest.get("plan_hash"),
        command=str(manifest.get("command")),
        notices=[str(notice) for notice in manifest.get("notices", [])],
        batch=STRATA if manifest.get("stratified") else 1,
        **arrays,
    )


def _indices(values: list[Any], count: int) -> NDArray[np.int64]:
    array = np.array(values, dtype=np.int64)
    if array.size and not (int(array.min()) >= 0 and int(array.max()) < count):
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


def json_of(path: Path) -> dict[str, Any]:
    """Content of a JSON file that holds an object.

    Raises:
        InputError: it is missing, damaged, or something else.
    """
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
    groups = [group for _, group in _row_groups(path, names, labels, rows)]
    return {name: np.concatenate([group[name] for group in groups]) for name in names if name != "run"}


def _row_groups(
    path: Path, names: list[str], labels: list[str], rows: int
) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
    """The same piece by piece: the number of a piece's first row, and its columns; one without rows where none has.

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
        first = 0
        for k in range(file.num_row_groups):
            table = file.read_row_group(k, columns=names)
            for place, label in enumerate(labels if rows else []):
                row = place * rows - first
                if 0 <= row < table.num_rows and table["run"][row].as_py() != label:
                    words = " and ".join(labels)
                    raise InputError(f"{path}: holds other runs than {words}; it is not what esc_sim writes")
            yield first, {name: table[name].to_numpy() for name in names if name != "run"}
            first += table.num_rows
        if not file.num_row_groups:
            yield 0, {name: file.read(columns=[name])[name].to_numpy() for name in names if name != "run"}


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
    rows = periods * network.item_count
    stock, of_items = (roomy((len(labels), periods, network.item_count)) for _ in range(2))
    for first, group in _row_groups(path, ["run", "stock", "health"], labels, rows):
        for name, whole in (("stock", stock), ("health", of_items)):
            numbers = _numbers(path, name, group[name])
            whole.reshape(-1)[first : first + len(numbers)] = numbers
            let_go(whole)
    health = roomy((periods, network.node_count))
    for some in by_pieces(of_items[0]):
        part = np.ones((some.stop - some.start, network.node_count))
        part[:, network.item_node] = in_memory(of_items[0, some])
        health[some] = part
        let_go(health)
    return stock, health

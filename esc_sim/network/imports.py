"""Networks from other programs: edge lists (delimited text), GraphML, GEXF and GeoJSON.

Arcs run from supplier to customer. XML is read with defusedxml: a document type definition, an entity or an outside
reference is refused, so that an expansion bomb never unfolds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from esc_sim.errors import InputError
from esc_sim.network.geojson_files import read_geojson
from esc_sim.network.graph_files import read_graph
from esc_sim.scenario.cells import number_of, rows_of
from esc_sim.scenario.reader import read_text
from esc_sim.scenario.tables import MAX_BYTES

SOURCE = ("source", "from", "supplier")
TARGET = ("target", "to", "buyer", "customer")
VOLUME = ("volume", "flow", "weight", "quantity")
EDGE_LISTS = (".csv", ".tsv", ".txt")
GRAPHS = (".graphml", ".gexf")
MAPS = (".geojson", ".json")
MOST_VOLUME = 1e8  # goods on an arc in a period
_UNIT = re.compile(r"\s*(\([^()]*\)|\[[^\[\]]*\])$")
SHOWN = 20  # problems listed; the message says how many more there are


@dataclass(frozen=True)
class ImportedNetwork:
    """A network as another program wrote it.

    Attributes:
        ids: names of the nodes.
        roles: role of each node.
        arcs: (supplier, customer) pairs of names.
        volumes: goods that each arc carries in a period; empty where the file does not say.
        roles_by_flow: roles come from the direction of flow (:func:`roles_in_flow`).
        places: degrees north and east of nodes, where the file says them.
        volume_column: the column of an edge list that holds the volumes, as written there.
        unread: columns of an edge list that are not read.
    """

    ids: tuple[str, ...]
    roles: tuple[str, ...]
    arcs: tuple[tuple[str, str], ...]
    volumes: tuple[float, ...] = ()
    roles_by_flow: bool = False
    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    volume_column: str = ""
    unread: tuple[str, ...] = ()


def read_network(path: str | Path, nodes: str | Path | None = None) -> ImportedNetwork:
    """Read a network by the ending of its file: .csv, .tsv or .txt (edge list), .graphml or .gexf, .geojson or .json.

    Args:
        path: the file with the arcs.
        nodes: for edge lists, the table with the columns `id` and `role`; without it, roles come from the direction of
            flow.

    Raises:
        InputError: unknown ending, unreadable or unsafe file, loops, unknown ids, missing roles.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind in EDGE_LISTS:
        return read_edge_list(path, nodes)
    if kind in GRAPHS:
        return read_xml(path)
    if kind in MAPS:
        return read_map(path)
    known = ", ".join((*EDGE_LISTS, *GRAPHS))
    raise InputError(f"{path.name}: cannot import '{kind}' files; use {known} or .geojson")


def read_edge_list(arcs: str | Path, nodes: str | Path | None = None) -> ImportedNetwork:
    """Read an edge list and its nodes.

    Args:
        arcs: a table with one of the columns source/from/supplier and one of target/to/buyer/customer, and if wanted
            one of volume/flow/weight/quantity. A unit in brackets may follow the name. Lines of one pair are added
            together.
        nodes: a table with the columns `id` and `role`; without it, roles come from the direction of flow.

    Raises:
        InputError: every problem with its line: a missing column or value, a node given twice, an unknown id, a loop.
    """
    arc_file = Path(arcs)
    problems: list[str] = []
    stated = None if nodes is None else _stated_roles(Path(nodes), problems)
    header, rows = _table(arc_file, SOURCE, TARGET)
    source, target = _column(rows, SOURCE), _column(rows, TARGET)
    pairs = [(f"{arc_file.name}:{line}", row[source], row[target]) for line, row in rows]
    roles = roles_in_flow((a, b) for _, a, b in pairs) if stated is None else stated
    problems += _arc_problems(roles, pairs)
    columns = [name for name in header if _plain(name) in VOLUME]
    volumes = _volumes(arc_file.name, columns, rows, problems)
    if not problems and stated is None and "supplier" not in roles.values():
        problems.append(
            f"{arc_file.name}: every node buys from another, so none is a supplier by the direction of flow: give a "
            "nodes table (id, role) with it"
        )
    _raise(problems)
    carried: dict[tuple[str, str], float] = {}
    for (_, a, b), volume in zip(pairs, volumes or [0.0] * len(pairs), strict=True):
        carried[a, b] = carried.get((a, b), 0.0) + volume
    read = {source, target, *VOLUME}
    return ImportedNetwork(
        tuple(roles), tuple(roles.values()), tuple(carried), tuple(carried.values()) if volumes else (), stated is None,
        volume_column=columns[0] if columns else "", unread=tuple(name for name in header if _plain(name) not in read),
    )  # fmt: skip


def roles_in_flow(arcs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Roles by the direction of flow, by node in the order of first appearance.

    Who buys from nobody is a supplier, who sells to nobody a retailer, who does both a manufacturer.

    Args:
        arcs: (supplier, customer) pairs of names.

    Examples:
        >>> roles_in_flow([("mine", "mill"), ("mill", "shop")])
        {'mine': 'supplier', 'mill': 'manufacturer', 'shop': 'retailer'}
    """
    sells: dict[str, bool] = {}
    buys: set[str] = set()
    for supplier, customer in arcs:
        sells[supplier] = True
        sells.setdefault(customer, False)
        buys.add(customer)
    return {
        node: "supplier" if node not in buys else "manufacturer" if does else "retailer" for node, does in sells.items()
    }


def _stated_roles(file: Path, problems: list[str]) -> dict[str, str]:
    """Roles as a table of nodes states them; what is wrong with it is added to the problems."""
    roles: dict[str, str] = {}
    for line, row in _table(file, ("id",), ("role",))[1]:
        if not row["id"]:
            problems.append(f"{file.name}:{line}: the node has no id")
        elif row["id"] in roles:
            problems.append(f"{file.name}:{line}: node '{row['id']}' is given twice")
        elif not row["role"]:
            problems.append(f"{file.name}:{line}: node '{row['id']}' has no role")
        roles.setdefault(row["id"], row["role"])
    return roles


def _volumes(name: str, columns: list[str], rows: list[tuple[int, dict[str, str]]], problems: list[str]) -> list[float]:
    """Volumes of an edge list, one a row; none where it has no column of them."""
    if not columns:
        return []
    if len(columns) > 1:
        problems.append(f"{name}: the columns {' and '.join(map(repr, columns))} both say volumes: keep one")
    found = []
    for line, row in rows:
        cell = row[_plain(columns[0])]
        value = number_of(cell)
        if value is None or not 0 <= value <= MOST_VOLUME:
            problems.append(
                f"{name}:{line}: column '{columns[0]}': a number from 0 to {MOST_VOLUME:g} belongs here, not '{cell}'"
            )
        found.append(value or 0.0)
    if not any(found) and not problems:
        problems.append(f"{name}: column '{columns[0]}': all volumes are 0")
    return found


def read_xml(path: str | Path) -> ImportedNetwork:
    """Read a directed GraphML or GEXF network whose nodes have the attribute `role`, of their own or by default.

    Raises:
        InputError: unsafe or broken XML, an undirected network, loops, unknown ids, missing roles.
    """
    path = Path(path)
    graph = read_graph(path)
    nodes = [node for node in graph.nodes if not node.group]
    groups = {node.id for node in graph.nodes if node.group}
    counts = Counter(node.id for node in graph.nodes)
    problems = [f"{path.name}: node '{node}' is given twice" for node, count in counts.items() if count > 1]
    problems += [f"{path.name}: node '{node.id}' has no attribute 'role'" for node in nodes if not node.role]
    roles = {node.id: node.role for node in nodes}
    for arc in graph.arcs:
        for end, name in zip(("source", "target"), arc, strict=True):
            if name in groups:
                problems.append(
                    f"{path.name}: an arc's {end} '{name}' is a group of nodes: lead the arc to one of them"
                )
            elif name not in roles:
                problems.append(f"{path.name}: an arc's {end} '{name}' is no node of the file")
    _raise(problems)
    pairs = [(path.name, str(a), str(b)) for a, b in graph.arcs]
    _raise(_arc_problems(roles, pairs))
    return ImportedNetwork(tuple(roles), tuple(roles.values()), tuple(dict.fromkeys((a, b) for _, a, b in pairs)))


def read_map(path: str | Path) -> ImportedNetwork:
    """Read a GeoJSON network: points are nodes, lines lead from suppliers to customers.

    Raises:
        InputError: no GeoJSON, points without names, lines whose ends cannot be told, loops, unknown ids.
    """
    path = Path(path)
    found = read_geojson(path, SOURCE, TARGET)
    _raise([*found.problems, *_arc_problems(found.roles, found.arcs)])
    arcs = tuple(dict.fromkeys((a, b) for _, a, b in found.arcs))
    return ImportedNetwork(tuple(found.roles), tuple(found.roles.values()), arcs, places=found.places)


def _plain(name: str) -> str:
    """A column's name in lower case, without a unit in brackets behind it."""
    return _UNIT.sub("", name.strip().lower())


def _table(path: Path, *wanted: Sequence[str]) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """The header of a delimited file, and its rows with their line numbers, by plain names of columns, values stripped.

    Args:
        path: the file.
        wanted: for each column that is needed, the names that it may have.
    """

    def is_header(cells: Sequence[str]) -> bool:
        names = {_plain(cell) for cell in cells}
        return all(names.intersection(group) for group in wanted)

    rows = rows_of(read_text(path, MAX_BYTES, path.name, "no edge list"), path.name, is_header)
    if len(rows) < 2:
        raise InputError(f"{path.name}: no rows below the header")
    header = [_plain(name) for name in rows[0][1]]
    for names in wanted:
        found = [name for name in header if name in names]
        if len(found) != 1:
            text = " or ".join(f"'{name}'" for name in names)
            raise InputError(f"{path.name}:{rows[0][0]}: {'no' if not found else 'more than one'} column {text}")
    width = len(header)
    wide = [line for line, cells in rows[1:] if any(cells[width:])]
    _raise([f"{path.name}:{line}: more cells than the {width} that the header names" for line in wide])
    given = [name for name in rows[0][1] if name]
    return given, [(line, dict(zip_longest(header, cells[:width], fillvalue=""))) for line, cells in rows[1:]]


def _column(rows: list[tuple[int, dict[str, str]]], names: Sequence[str]) -> str:
    return next(name for name in names if name in rows[0][1])


def _arc_problems(roles: dict[str, str], pairs: list[tuple[str, str, str]]) -> list[str]:
    problems = []
    for where, source, target in pairs:
        unknown = [name for name in (source, target) if name not in roles]
        if unknown or not (source and target):
            name = unknown[0] if unknown else ""
            problems.append(f"{where}: arc '{source}' -> '{target}': no node '{name}'")
        elif source == target:
            problems.append(f"{where}: arc from '{source}' to itself; take the loop out")
    return problems


def _raise(problems: list[str]) -> None:
    if len(problems) > SHOWN:
        problems = [*problems[:SHOWN], f"... and {len(problems) - SHOWN} more"]
    if problems:
        raise InputError(problems)

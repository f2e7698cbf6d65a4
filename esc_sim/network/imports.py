"""Networks from other programs: edge lists (CSV), GraphML and GEXF.

Arcs run from supplier to customer. XML is checked with defusedxml before networkx reads it: a document type
definition, an entity or an outside reference is refused, so that an expansion bomb never unfolds.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from esc_sim.errors import InputError

SOURCE = ("source", "from", "supplier")
TARGET = ("target", "to", "buyer", "customer")
SHOWN = 20  # problems listed; the message says how many more there are


@dataclass(frozen=True)
class ImportedNetwork:
    """Nodes with roles, and arcs (supplier, customer) between them, all by name."""

    ids: tuple[str, ...]
    roles: tuple[str, ...]
    arcs: tuple[tuple[str, str], ...]


def read_network(path: str | Path, nodes: str | Path | None = None) -> ImportedNetwork:
    """Read a network by the ending of its file: .csv (edge list), .graphml or .gexf.

    Args:
        path: the file with the arcs.
        nodes: for edge lists, the table with the columns `id` and `role`.

    Raises:
        InputError: unknown ending, unreadable or unsafe file, loops, unknown ids, missing roles.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind == ".csv":
        if nodes is None:
            raise InputError(f"{path.name}: an edge list says nothing of roles; give a nodes table (id, role) with it")
        return read_edge_list(path, nodes)
    if kind in (".graphml", ".gexf"):
        return read_xml(path)
    raise InputError(f"{path.name}: cannot import '{kind}' files; use .csv, .graphml or .gexf")


def read_edge_list(arcs: str | Path, nodes: str | Path) -> ImportedNetwork:
    """Read an edge list and its nodes.

    Args:
        arcs: CSV with one of the columns source/from/supplier and one of target/to/buyer/customer.
        nodes: CSV with the columns `id` and `role`.

    Raises:
        InputError: every problem with its line: a missing column or value, a node given twice, an unknown id, a loop.
    """
    node_file, arc_file = Path(nodes), Path(arcs)
    rows = _table(node_file)
    name, role = _column(node_file, rows, ("id",)), _column(node_file, rows, ("role",))
    problems: list[str] = []
    roles: dict[str, str] = {}
    for line, row in rows:
        if not row[name]:
            problems.append(f"{node_file.name}:{line}: the node has no id")
        elif row[name] in roles:
            problems.append(f"{node_file.name}:{line}: node '{row[name]}' is given twice")
        elif not row[role]:
            problems.append(f"{node_file.name}:{line}: node '{row[name]}' has no role")
        roles.setdefault(row[name], row[role])
    rows = _table(arc_file)
    source, target = _column(arc_file, rows, SOURCE), _column(arc_file, rows, TARGET)
    pairs = [(f"{arc_file.name}:{line}", row[source], row[target]) for line, row in rows]
    problems += _arc_problems(roles, pairs)
    _raise(problems)
    return ImportedNetwork(tuple(roles), tuple(roles.values()), tuple((a, b) for _, a, b in pairs))


def read_xml(path: str | Path) -> ImportedNetwork:
    """Read a directed GraphML or GEXF network whose nodes have the attribute `role`.

    Raises:
        InputError: unsafe or broken XML, an undirected network, loops, unknown ids, missing roles.
    """
    path = Path(path)
    _check_xml(path)
    graph = _networkx_graph(path)
    if not graph.is_directed():
        raise InputError(f"{path.name}: the network is undirected; arcs must run from supplier to customer")
    roles = {str(node): _role(data) for node, data in graph.nodes(data=True)}
    problems = [f"{path.name}: node '{node}' has no attribute 'role'" for node, role in roles.items() if not role]
    pairs = [(path.name, str(a), str(b)) for a, b in graph.edges()]
    problems += _arc_problems(roles, pairs)
    _raise(problems)
    return ImportedNetwork(tuple(roles), tuple(roles.values()), tuple((a, b) for _, a, b in pairs))


def _check_xml(path: Path) -> None:
    """Refuse what networkx should not see: unsafe or broken XML, and nodes or arcs that it would silently invent."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import parse

    try:
        with path.open("rb") as file:
            elements = list(parse(file, forbid_dtd=True).iter())
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read ({error.strerror})") from error
    except DefusedXmlException as error:
        raise InputError(
            f"{path.name}: unsafe XML refused: document types, entities and outside references are not allowed "
            f"({type(error).__name__})"
        ) from error
    except (ParseError, UnicodeDecodeError, LookupError) as error:
        raise InputError(f"{path.name}: not well-formed XML: {error}") from error
    tagged = [(element.tag.rpartition("}")[2], element) for element in elements]
    ids = Counter(element.get("id", "") for tag, element in tagged if tag == "node")
    problems = [f"{path.name}: node '{node}' is given twice" for node, count in ids.items() if count > 1]
    for tag, element in tagged:
        if tag == "edge":
            for end in ("source", "target"):
                if element.get(end) not in ids:
                    problems.append(f"{path.name}: an arc's {end} '{element.get(end)}' is no node of the file")
    _raise(problems)


def _networkx_graph(path: Path) -> Any:
    import networkx as nx

    try:
        if path.suffix.lower() == ".gexf":
            return nx.read_gexf(path, node_type=str)
        return nx.read_graphml(path, node_type=str)
    except (nx.NetworkXException, KeyError, ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{path.name}: not a {path.suffix[1:]} network that can be read: {error}") from error


def _role(data: dict[str, Any]) -> str:
    return next((str(value).strip() for key, value in data.items() if key.lower() == "role"), "")


def _table(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Rows of a CSV file with their line numbers; column names in lower case, values stripped."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or []]
            rows = [
                (reader.line_num, {key: (value or "").strip() for key, value in row.items() if key is not None})
                for row in reader
            ]
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read ({error.strerror})") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: not a CSV table in UTF-8: {error}") from error
    if not rows:
        raise InputError(f"{path.name}: no rows below the header")
    return rows


def _column(path: Path, rows: list[tuple[int, dict[str, str]]], names: tuple[str, ...]) -> str:
    found = [name for name in names if name in rows[0][1]]
    if len(found) != 1:
        wanted = " or ".join(f"'{name}'" for name in names)
        raise InputError(f"{path.name}:1: {'no' if not found else 'more than one'} column {wanted}")
    return found[0]


def _arc_problems(roles: dict[str, str], pairs: list[tuple[str, str, str]]) -> list[str]:
    problems = []
    for where, source, target in pairs:
        unknown = [name for name in (source, target) if name not in roles]
        if unknown:
            problems.append(f"{where}: arc '{source}' -> '{target}': no node '{unknown[0]}'")
        elif source == target:
            problems.append(f"{where}: arc from '{source}' to itself; take the loop out")
    return problems


def _raise(problems: list[str]) -> None:
    if len(problems) > SHOWN:
        problems = [*problems[:SHOWN], f"... and {len(problems) - SHOWN} more"]
    if problems:
        raise InputError(problems)

"""Nodes and arcs of GraphML and GEXF files. A node that holds nodes (a group of yEd) is a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from esc_sim.errors import InputError
from esc_sim.safe_xml import XML_ERRORS, xml_trouble

ROLE = "role"


@dataclass(frozen=True)
class GraphNode:
    """A node of a graph file.

    Attributes:
        id: its name.
        role: its role; empty where the file gives none, and for a group.
        group: whether it is a group of nodes.
    """

    id: str
    role: str
    group: bool


@dataclass(frozen=True)
class GraphFile:
    """What a file says: its nodes, and the (source, target) of its arcs."""

    nodes: list[GraphNode]
    arcs: list[tuple[str | None, str | None]]


def read_graph(path: Path) -> GraphFile:
    """Read a directed GraphML or GEXF file.

    Raises:
        InputError: unsafe or broken XML, another format, an undirected network, an arc with more than two ends.
    """
    kind = path.suffix[1:].lower()
    root = _parsed(path)
    if _tag(root) != kind:
        raise InputError(f"{path.name}: not a {kind} network: its first element is <{_tag(root)}>")
    if any(_tag(element) == "hyperedge" for element in root.iter()):
        raise InputError(f"{path.name}: hyperedges are not read: an arc runs from one supplier to one customer")
    nodes = list((_graphml_nodes if kind == "graphml" else _gexf_nodes)(root))
    arcs = []
    for edge, directed in _edges(root, kind):
        if not directed:
            raise InputError(f"{path.name}: the network is undirected; arcs must run from supplier to customer")
        arcs.append((edge.get("source"), edge.get("target")))
    return GraphFile(nodes, arcs)


def _parsed(path: Path) -> Element:
    from defusedxml.ElementTree import parse

    try:
        with path.open("rb") as file:
            root: Element | None = parse(file, forbid_dtd=True).getroot()
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read ({error.strerror})") from error
    except XML_ERRORS as error:
        raise InputError(f"{path.name}: {xml_trouble(error)}") from error
    assert root is not None  # what was parsed has a first element
    return root


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: Element, *tags: str) -> Iterator[Element]:
    """Elements at the end of a path of tags, whatever their namespaces."""
    for child in element:
        if _tag(child) == tags[0]:
            if len(tags) == 1:
                yield child
            else:
                yield from _children(child, *tags[1:])


def _elements(root: Element, tag: str) -> Iterator[Element]:
    return (element for element in root.iter() if _tag(element) == tag)


def _text(element: Element | None) -> str:
    return "" if element is None else "".join(element.itertext()).strip()


def _declared(declarations: Iterator[Element], name: str) -> dict[str, str]:
    """Keys of the attribute `role`, each with the value that holds where a node gives none.

    Args:
        declarations: elements that declare attributes of nodes.
        name: the XML attribute that has the declared name.
    """
    return {
        element.get("id", ""): _text(next(_children(element, "default"), None))
        for element in declarations
        if element.get(name, "").strip().lower() == ROLE
    }


def _role(given: Iterator[tuple[str | None, str]], defaults: dict[str, str]) -> str:
    """The role among a node's (key, value); empty where there is none."""
    return next((value for key, value in given if key in defaults and value), "")


def _graphml_nodes(root: Element) -> Iterator[GraphNode]:
    of_nodes = (key for key in _elements(root, "key") if key.get("for") in ("node", "all", None))
    defaults = _declared(of_nodes, "attr.name")

    def own_role(node: Element) -> str:
        return _role(((data.get("key"), _text(data)) for data in _children(node, "data")), defaults)

    yield from _nested(root, ("graph", "node"), own_role, defaults)


def _gexf_nodes(root: Element) -> Iterator[GraphNode]:
    groups = (group for group in _elements(root, "attributes") if group.get("class") == "node")
    defaults = _declared((one for group in groups for one in _children(group, "attribute")), "title")

    def own_role(node: Element) -> str:
        values = _children(node, "attvalues", "attvalue")
        return _role(((one.get("for", one.get("id")), one.get("value", "").strip()) for one in values), defaults)

    for graph in _children(root, "graph"):
        yield from _nested(graph, ("nodes", "node"), own_role, defaults)


def _nested(
    root: Element, way: tuple[str, str], own_role: Callable[[Element], str], defaults: dict[str, str]
) -> Iterator[GraphNode]:
    """The nodes in an element and in its nodes, in the order of the file.

    A node's role is its own, else that of the group that it is in, else the default of the file; that of a group is
    left empty.
    """
    listed = list(_elements(root, "node"))
    parents = {node.get("id"): own_role(node) for node in listed}
    holders = {node.get("pid") for node in listed} - {None}  # of GEXF
    default = next(filter(None, defaults.values()), "")
    waiting = [(node, "") for node in _children(root, *way)][::-1]
    while waiting:
        node, inherited = waiting.pop()
        role = own_role(node) or parents.get(node.get("pid"), "") or inherited
        inner = list(_children(node, *way))
        group = bool(inner) or node.get("id") in holders
        yield GraphNode(node.get("id", ""), "" if group else role or default, group)
        waiting += [(one, role) for one in reversed(inner)]


def _edges(root: Element, kind: str) -> Iterator[tuple[Element, bool]]:
    """Every edge, and whether it has a direction."""
    attribute, default, directed = (
        ("directed", "edgedefault", ("true", "directed"))
        if kind == "graphml"
        else ("type", "defaultedgetype", ("directed",))
    )
    for graph in _elements(root, "graph"):
        edges: Any = _children(graph, "edge") if kind == "graphml" else _children(graph, "edges", "edge")
        for edge in edges:
            yield edge, edge.get(attribute, graph.get(default, "undirected")) in directed
